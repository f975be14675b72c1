package fit

import (
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Check reports whether every value of b that a writer of the schema will touch is
// there; the error is ErrBatch.
func Check(schema *column.Schema, b *batch.Batch) error {
	if b.Schema == nil {
		return fmt.Errorf("%w: it has no schema", ErrBatch)
	}
	if b.Schema != schema && b.Schema.Hash() != schema.Hash() {
		return fmt.Errorf("%w: rows of table %s version %d for table %s version %d",
			ErrBatch, b.Schema.Table, b.Schema.Version, schema.Table, schema.Version)
	}
	if len(b.Vectors) != len(schema.Columns) {
		return fmt.Errorf("%w: table %s: %d vectors for %d columns", ErrBatch, schema.Table, len(b.Vectors), len(schema.Columns))
	}
	for i := range b.Vectors {
		c := &schema.Columns[i]
		why := checkVector(c.Type, &b.Vectors[i], b.Rows)
		if why == "" && !c.Optional() {
			why = checkRequired(&b.Vectors[i], b.Rows)
		}
		if why != "" {
			return fmt.Errorf("%w: table %s: column %s: %s", ErrBatch, schema.Table, c.Name, why)
		}
	}
	return nil
}

// checkVector returns what is wrong with a vector, or "".
func checkVector(typ column.Type, v *batch.Vector, rows int) string {
	if len(v.Valid) != 0 && len(v.Valid) != rows {
		return fmt.Sprintf("%d validity bytes for %d rows", len(v.Valid), rows)
	}
	switch typ {
	case column.Int64, column.Timestamp:
		return checkLen(len(v.Int64), rows)
	case column.Int32:
		return checkLen(len(v.Int32), rows)
	case column.Double:
		return checkLen(len(v.Float64), rows)
	case column.String, column.Text, column.Binary:
		return checkText(v, rows)
	case column.ListInt64:
		return checkOffsets(v.Offsets, rows, len(v.Int64))
	case column.ListInt32:
		return checkOffsets(v.Offsets, rows, len(v.Int32))
	case column.ListString:
		if why := checkOffsets(v.Offsets, rows, len(v.Codes)); why != "" {
			return why
		}
		return checkCodes(v.Codes, len(v.Dict), nil)
	}
	return "unknown type"
}

// checkRequired looks for nulls where the column allows none.
func checkRequired(v *batch.Vector, rows int) string {
	if len(v.Valid) == 0 {
		return ""
	}
	for i := range rows {
		if v.Null(i) {
			return fmt.Sprintf("row %d is null, and the column never is", i)
		}
	}
	return ""
}

func checkLen(have, rows int) string {
	if have != rows {
		return fmt.Sprintf("%d values for %d rows", have, rows)
	}
	return ""
}

func checkText(v *batch.Vector, rows int) string {
	if v.Dict == nil {
		return checkOffsets(v.Offsets, rows, len(v.Bytes))
	}
	if why := checkLen(len(v.Codes), rows); why != "" {
		return why
	}
	return checkCodes(v.Codes, len(v.Dict), v.Valid)
}

func checkOffsets(offsets []int32, rows, end int) string {
	if rows == 0 {
		return ""
	}
	if len(offsets) != rows+1 {
		return fmt.Sprintf("%d offsets for %d rows", len(offsets), rows)
	}
	last := int32(0)
	for i, o := range offsets {
		if o < last {
			return fmt.Sprintf("offset %d falls from %d to %d", i, last, o)
		}
		last = o
	}
	if int(last) > end {
		return fmt.Sprintf("offset %d is past the %d elements", last, end)
	}
	return ""
}

// checkCodes looks at the codes of the rows that are not null.
func checkCodes(codes []int32, words int, valid []byte) string {
	for i, c := range codes {
		if uint32(c) >= uint32(words) && (len(valid) == 0 || valid[i] != 0) {
			return fmt.Sprintf("row %d has code %d of %d words", i, c, words)
		}
	}
	return ""
}
