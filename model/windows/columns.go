package windows

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// The columns that say which window a row is of.
const (
	startColumn = iota
	lengthColumn
	captureColumn
	partColumn
	frameColumns
)

var frameNames = [frameColumns]string{"window_start_ns", "window_ns", "capture_id", "part_no"}

var frameTypes = [frameColumns]column.Type{column.Int64, column.Int64, column.Int32, column.Int32}

// maxWindow is the longest window, and mostStart the last instant at which one can begin.
const (
	maxWindow = int64(366 * 24 * time.Hour)
	mostStart = math.MaxInt64 - maxWindow
)

// wanted is a column that a table must have, of one of these types.
type wanted struct {
	name  string
	types []column.Type
}

// needed checks that a table has the name and the columns that it must have, those of the
// frame among them.
func needed(s *column.Schema, table string, others ...wanted) error {
	if s.Table != table {
		return fmt.Errorf("%w: it is a table %s, and %s is needed", ErrTable, text.Escape(s.Table), table)
	}
	all := slices.Clone(others)
	for i, name := range frameNames {
		all = append(all, wanted{name, []column.Type{frameTypes[i]}})
	}
	for _, w := range all {
		at := s.Index(w.name)
		if at < 0 {
			return fmt.Errorf("%w: it has no column %s", ErrTable, w.name)
		}
		if t := s.Columns[at].Type; !slices.Contains(w.types, t) {
			return fmt.Errorf("%w: its column %s is %s", ErrTable, w.name, t)
		}
	}
	return nil
}

// addressColumn is one of addresses as text.
func addressColumn(name string) wanted {
	return wanted{name, []column.Type{column.String, column.Text}}
}

// frame says which window a row is of.
type frame struct {
	place
	length int64 // ns
	part   int32
}

// aligned reports whether a window begins at a multiple of its length: of windows that
// overlap, those do that lie side by side.
func (f *frame) aligned() bool { return f.start%f.length == 0 }

// frameAt reads that of row i of a batch whose first columns are frameNames.
func frameAt(b *batch.Batch, i int) (frame, error) {
	start, length, part := &b.Vectors[startColumn], &b.Vectors[lengthColumn], &b.Vectors[partColumn]
	if start.Null(i) || length.Null(i) || part.Null(i) {
		return frame{}, fmt.Errorf("%w: a row without window", ErrTable)
	}
	f := frame{place: place{-1, start.Int64[i]}, length: length.Int64[i], part: part.Int32[i]}
	if c := &b.Vectors[captureColumn]; !c.Null(i) {
		f.capture = c.Int32[i]
	}
	switch {
	case f.length <= 0 || f.length > maxWindow:
		return frame{}, fmt.Errorf("%w: window_ns is %d", ErrTable, f.length)
	case f.start > mostStart || f.start < -mostStart:
		return frame{}, fmt.Errorf("%w: window_start_ns is %d", ErrTable, f.start)
	case f.part < 0 || f.capture < -1:
		return frame{}, fmt.Errorf("%w: part_no is %d, capture_id %d", ErrTable, f.part, f.capture)
	}
	return f, nil
}

// maxAddress bounds the text of an address.
const maxAddress = 64

// addressAt reads the address in row i of a column.
func addressAt(v *batch.Vector, i int, name string) (netip.Addr, error) {
	if v.Null(i) {
		return netip.Addr{}, fmt.Errorf("%w: %s is null", ErrTable, name)
	}
	s := v.String(i)
	if len(s) > maxAddress {
		return netip.Addr{}, fmt.Errorf("%w: %s has %d bytes", ErrTable, name, len(s))
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%w: %s %s is no address", ErrTable, name, text.Escape(s))
	}
	return a, nil
}
