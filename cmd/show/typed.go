package show

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// bindNumber makes a comparison with a number or an instant.
func (c *condition) bindNumber(col *column.Column) error {
	ok := ordered(c.op)
	switch col.Type {
	case column.Int64, column.Timestamp:
		want, err := wholeNumber(c.value, col)
		if err != nil {
			return err
		}
		c.test = func(v *batch.Vector, row int) bool { return ok(cmp.Compare(v.Int64[row], want)) }
	case column.Int32:
		want, err := wholeNumber(c.value, col)
		if err != nil {
			return err
		}
		c.test = func(v *batch.Vector, row int) bool { return ok(cmp.Compare(int64(v.Int32[row]), want)) }
	case column.Double:
		want, err := strconv.ParseFloat(c.value, 64)
		if err != nil || math.IsNaN(want) {
			return fmt.Errorf("%q is no number", c.value)
		}
		c.test = func(v *batch.Vector, row int) bool { return ok(cmp.Compare(v.Float64[row], want)) }
	default:
		return fmt.Errorf("lists only know contains, = null and != null")
	}
	return nil
}

// wholeNumber reads an integer, and what else the column's unit allows: instants
// for columns of time, durations for those in ns.
func wholeNumber(s string, col *column.Column) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	switch {
	case col.Type == column.Timestamp || col.Unit == column.EpochNano:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return 0, fmt.Errorf("%q is no instant: want RFC 3339 with a zone, such as 2026-03-02T09:00:00Z", s)
		}
		if col.Type == column.Timestamp {
			return t.UnixMicro(), nil
		}
		return t.UnixNano(), nil
	case col.Unit == column.Nanos:
		if d, err := time.ParseDuration(s); err == nil {
			return int64(d), nil
		}
		return 0, fmt.Errorf("%q is neither a number of ns nor a duration such as 1.5s", s)
	}
	return 0, fmt.Errorf("%q is no whole number", s)
}

// bindContains makes a test for a part of a text or an element of a list.
func (c *condition) bindContains(t column.Type) error {
	value := c.value
	switch t {
	case column.String, column.Text, column.Binary:
		c.test = func(v *batch.Vector, row int) bool { return strings.Contains(stringAt(t, v, row), value) }
		return nil
	case column.ListString:
		c.test = func(v *batch.Vector, row int) bool {
			return slices.ContainsFunc(v.Codes[v.Offsets[row]:v.Offsets[row+1]], func(code int32) bool { return v.Dict[code] == value })
		}
		return nil
	case column.ListInt64, column.ListInt32:
		want, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no whole number", value)
		}
		c.test = func(v *batch.Vector, row int) bool {
			from, to := v.Offsets[row], v.Offsets[row+1]
			if t == column.ListInt64 {
				return slices.Contains(v.Int64[from:to], want)
			}
			return slices.ContainsFunc(v.Int32[from:to], func(x int32) bool { return int64(x) == want })
		}
		return nil
	}
	return fmt.Errorf("contains is for text and lists")
}
