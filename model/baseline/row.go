package baseline

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
)

// Row is a window of a host, as a table has it.
type Row struct {
	Start  int64      // of the window, ns since the epoch
	Host   netip.Addr // IPv4 in IPv6 is taken as IPv4, a zone is left out
	Tags   []Key      // protocols and labels whose segments have the window; no order, kept by nobody
	Values []float64  // of the table's features, in their order; finite where known
	Known  []bool     // which are; nil: all
	Counts []Count    // keys that came
}

// Count is how often a key of a category came in a window.
type Count struct {
	Category int // index in Config.Categories
	Key      string
	N        uint64 // 1 to MaxPerWindow
}

// MaxPerWindow is how often a key may come in a window, and MaxKeysPerWindow how many
// counts a window may have.
const (
	MaxPerWindow     = 1 << 28
	MaxKeysPerWindow = 1 << 16
)

const (
	nanosPerHour = 3600_000_000_000
	nanosPerDay  = hoursPerDay * nanosPerHour
)

// Day is a date in UTC, as days since 1970-01-01.
type Day int32

// The days of instants that a Row can have, and their number.
const (
	firstDay Day = math.MinInt64/nanosPerDay - 1
	lastDay  Day = math.MaxInt64 / nanosPerDay
	mostDays     = int(lastDay-firstDay) + 1
)

// DayOf returns the day of an instant in ns since the epoch.
func DayOf(ns int64) Day {
	day := ns / nanosPerDay
	if ns%nanosPerDay < 0 {
		day--
	}
	return Day(day)
}

// weekday returns 0 for Monday.
func (d Day) weekday() int { return int((int64(d)%7 + 7 + 3) % 7) } // day 0 was a Thursday

// pending is a Row that waits to be taken into its block.
type pending struct {
	hour   uint8
	values []float64 // NaN where unknown, in here alone
	counts []Count
}

// size is about what a pending row takes of memory.
func (p *pending) size() int {
	n := 64 + 8*len(p.values)
	for i := range p.counts {
		n += 40 + len(p.counts[i].Key)
	}
	return n
}

// check reports what a row cannot have.
func (l *layout) check(r *Row) error {
	switch {
	case !r.Host.IsValid():
		return fmt.Errorf("%w: no host", ErrRow)
	case len(r.Values) != len(l.features) || r.Known != nil && len(r.Known) != len(r.Values):
		return fmt.Errorf("%w: %d values for %d features", ErrRow, len(r.Values), len(l.features))
	case len(r.Counts) > MaxKeysPerWindow:
		return fmt.Errorf("%w: %d counts of keys", ErrRow, len(r.Counts))
	}
	for i, x := range r.Values {
		if r.known(i) && (math.IsNaN(x) || math.IsInf(x, 0)) {
			return fmt.Errorf("%w: %s is %v", ErrRow, l.features[i].Name, x)
		}
	}
	for _, c := range r.Counts {
		if c.Category < 0 || c.Category >= len(l.config.Categories) || c.N < 1 || c.N > MaxPerWindow {
			return fmt.Errorf("%w: category %d, %d times", ErrRow, c.Category, c.N)
		}
	}
	return nil
}

func (r *Row) known(i int) bool { return r.Known == nil || r.Known[i] }

// wait copies what a block takes of a row.
func (r *Row) wait() pending {
	in := r.Start - int64(DayOf(r.Start))*nanosPerDay
	p := pending{hour: uint8(in / nanosPerHour), values: make([]float64, len(r.Values))}
	for i, x := range r.Values {
		if p.values[i] = x; !r.known(i) {
			p.values[i] = math.NaN()
		}
	}
	p.counts = slices.Clone(r.Counts)
	return p
}
