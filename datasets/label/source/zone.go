package source

import (
	"fmt"
	"math"
	"time"
)

// nanos returns an instant as int64 nanoseconds, which end in the years 1677 and 2262.
func nanos(t time.Time) (int64, error) {
	if s := t.Unix(); s <= math.MinInt64/1_000_000_000 || s >= math.MaxInt64/1_000_000_000 {
		return 0, fmt.Errorf("the year %d cannot be written in nanoseconds", t.Year())
	}
	return t.UnixNano(), nil
}

// inZone reads the date and the clock of wall, whatever zone it says, in the zone that Options
// name. ErrZone: they name none. Where clocks were put back the earlier of two instants is taken,
// and a note counts that.
func (r *reading) inZone(wall time.Time) (int64, error) {
	zone := r.opts.Zone
	if zone == nil {
		return 0, ErrZone
	}
	r.source.Zone = zone.String()
	t := earliest(wall, zone)
	if doubtful(wall, t, zone) {
		r.twice++
	}
	return nanos(t)
}

// earliest is the first instant at which clocks in a zone showed what wall shows.
func earliest(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	if before, ok := otherOffset(t, -1); ok {
		if other := t.Add(before); sameClock(other, t) && other.Before(t) {
			return other
		}
	}
	return t
}

// doubtful reports that clocks showed wall twice, or skipped it.
func doubtful(wall, t time.Time, zone *time.Location) bool {
	if t.Hour() != wall.Hour() || t.Minute() != wall.Minute() {
		return true
	}
	after, ok := otherOffset(t, 1)
	return ok && sameClock(t.Add(after), t)
}

// otherOffset returns how far an instant must move to show the same clock with the offset that
// counts a day before (-1) or after (1); false where that is the same offset.
func otherOffset(t time.Time, days int) (time.Duration, bool) {
	_, here := t.Zone()
	_, there := t.AddDate(0, 0, days).Zone()
	return time.Duration(here-there) * time.Second, here != there
}

func sameClock(a, b time.Time) bool {
	return a.Hour() == b.Hour() && a.Minute() == b.Minute() && a.Day() == b.Day()
}
