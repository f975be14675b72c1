package parquetfile

import (
	"errors"
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// checkBatch verifies that every vector has the length that the batch's rows and
// the column's type ask for, and that offsets stay inside the values, so that
// nothing behind it can be cut unevenly or read out of range.
func checkBatch(s *column.Schema, b *batch.Batch) error {
	if b.Rows < 0 || len(b.Vectors) != len(s.Columns) {
		return fmt.Errorf("%w: %d vectors of %d rows for table %s of %d columns", ErrBatch, len(b.Vectors), b.Rows, s.Table, len(s.Columns))
	}
	if b.Rows == 0 {
		return nil
	}
	for i := range s.Columns {
		if err := checkVector(s.Columns[i].Type, &b.Vectors[i], b.Rows); err != nil {
			return fmt.Errorf("%w: table %s: column %s: %w", ErrBatch, s.Table, s.Columns[i].Name, err)
		}
	}
	return nil
}

func checkVector(t column.Type, v *batch.Vector, rows int) error {
	if n := len(v.Valid); n != 0 && n != rows {
		return fmt.Errorf("%d valid bytes for %d rows", n, rows)
	}
	have, want := elements(t, v), rows
	switch {
	case isList(t):
		if err := checkOffsets(v.Offsets, rows, have); err != nil {
			return err
		}
		want = int(v.Offsets[rows])
		if t == column.ListString && want > 0 && v.Dict == nil {
			return errors.New("a list of strings without a dictionary")
		}
	case (t == column.String || t == column.Text || t == column.Binary) && v.Dict == nil:
		return checkOffsets(v.Offsets, rows, len(v.Bytes))
	}
	if have < want || !isList(t) && have != want {
		return fmt.Errorf("%d values for %d", have, want)
	}
	return nil
}

// elements returns the length of the vector's value slice.
func elements(t column.Type, v *batch.Vector) int {
	switch t {
	case column.Int64, column.Timestamp, column.ListInt64:
		return len(v.Int64)
	case column.Int32, column.ListInt32:
		return len(v.Int32)
	case column.Double:
		return len(v.Float64)
	default:
		return len(v.Codes)
	}
}

// checkOffsets verifies rows+1 offsets that never fall and stay within n.
func checkOffsets(offsets []int32, rows, n int) error {
	if len(offsets) != rows+1 {
		return fmt.Errorf("%d offsets for %d rows", len(offsets), rows)
	}
	last := offsets[0]
	if last < 0 {
		return fmt.Errorf("offset %d is negative", last)
	}
	for i, o := range offsets {
		if o < last {
			return fmt.Errorf("offset %d of row %d is less than the one before", o, i)
		}
		last = o
	}
	if int(last) > n {
		return fmt.Errorf("offset %d is past the %d values", last, n)
	}
	return nil
}
