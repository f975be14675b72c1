package batch

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"pcapmill/features/column"
)

// Record wraps the Batch as an Arrow record. Values, codes, offsets and text are
// the Batch's own memory, so the record is good only until the Batch is Reset or
// appended to; validity bitmaps and dictionaries are built with mem. The caller
// releases the record.
//
//	Int64, Int32, Double   the same
//	Timestamp              timestamp[us, tz=UTC]
//	String, Text           utf8, or dictionary<int32, utf8> where the vector has a Dict
//	Binary                 binary, or a dictionary of it
//	List…                  list of non-null elements of those
//
// Field metadata holds unit, role and doc. A vector that does not fit the
// number of rows is an error.
func (b *Batch) Record(mem memory.Allocator) (arrow.Record, error) {
	if len(b.Vectors) != len(b.Schema.Columns) {
		return nil, fmt.Errorf("%d vectors for %d columns", len(b.Vectors), len(b.Schema.Columns))
	}
	fields := make([]arrow.Field, len(b.Vectors))
	columns := make([]arrow.Array, 0, len(b.Vectors))
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for i := range b.Vectors {
		c := &b.Schema.Columns[i]
		data, err := b.Vectors[i].data(c, b.Rows, mem)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		columns = append(columns, array.MakeFromData(data))
		fields[i] = arrow.Field{Name: c.Name, Type: data.DataType(), Nullable: c.Optional(), Metadata: fieldMetadata(c)}
		data.Release()
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, int64(b.Rows)), nil
}

func fieldMetadata(c *column.Column) arrow.Metadata {
	return arrow.NewMetadata([]string{"unit", "role", "doc"}, []string{string(c.Unit), c.Role.String(), c.Doc})
}

// data wraps a vector of so many rows.
func (v *Vector) data(c *column.Column, rows int, mem memory.Allocator) (arrow.ArrayData, error) {
	if n := len(v.Valid); n != 0 && n != rows {
		return nil, fmt.Errorf("%d valid bytes for %d rows", n, rows)
	}
	valid, nulls := validity(v.Valid, mem)
	if valid != nil {
		defer valid.Release()
	}
	switch c.Type {
	case column.ListInt64, column.ListInt32, column.ListString:
		return v.lists(c.Type, rows, valid, nulls, mem)
	}
	return v.flat(c.Type, rows, valid, nulls, mem)
}

// validity packs the valid bytes into Arrow's bitmap; nil if all are valid.
func validity(valid []byte, mem memory.Allocator) (*memory.Buffer, int) {
	nulls := 0
	for _, b := range valid {
		nulls += 1 - int(b)
	}
	if nulls == 0 {
		return nil, 0
	}
	bitmap := memory.NewResizableBuffer(mem)
	bitmap.Resize(int(bitutil.BytesForBits(int64(len(valid)))))
	bits := bitmap.Bytes()
	clear(bits)
	for i, b := range valid {
		bits[i/8] |= b << (i % 8)
	}
	return bitmap, nulls
}

// flat wraps n values that are not lists.
func (v *Vector) flat(t column.Type, n int, valid *memory.Buffer, nulls int, mem memory.Allocator) (arrow.ArrayData, error) {
	switch t {
	case column.Int64:
		return fixed(arrow.PrimitiveTypes.Int64, n, len(v.Int64), arrow.Int64Traits.CastToBytes(v.Int64), valid, nulls)
	case column.Timestamp:
		return fixed(arrow.FixedWidthTypes.Timestamp_us, n, len(v.Int64), arrow.Int64Traits.CastToBytes(v.Int64), valid, nulls)
	case column.Int32:
		return fixed(arrow.PrimitiveTypes.Int32, n, len(v.Int32), arrow.Int32Traits.CastToBytes(v.Int32), valid, nulls)
	case column.Double:
		return fixed(arrow.PrimitiveTypes.Float64, n, len(v.Float64), arrow.Float64Traits.CastToBytes(v.Float64), valid, nulls)
	}
	text := arrow.BinaryDataType(arrow.BinaryTypes.String)
	if t == column.Binary {
		text = arrow.BinaryTypes.Binary
	}
	if v.Dict != nil {
		return v.words(text, n, valid, nulls, mem)
	}
	if err := checkOffsets(v.Offsets, n, len(v.Bytes)); err != nil {
		return nil, err
	}
	buffers := []*memory.Buffer{valid, wrap(arrow.Int32Traits.CastToBytes(v.Offsets)), wrap(v.Bytes)}
	return array.NewData(text, n, buffers, nil, nulls, 0), nil
}

func fixed(t arrow.DataType, n, have int, values []byte, valid *memory.Buffer, nulls int) (arrow.ArrayData, error) {
	if have != n {
		return nil, fmt.Errorf("%d values for %d", have, n)
	}
	return array.NewData(t, n, []*memory.Buffer{valid, wrap(values)}, nil, nulls, 0), nil
}

func wrap(b []byte) *memory.Buffer { return memory.NewBufferBytes(b) }

// words wraps n codes and builds their dictionary of text or bytes.
func (v *Vector) words(t arrow.BinaryDataType, n int, valid *memory.Buffer, nulls int, mem memory.Allocator) (arrow.ArrayData, error) {
	if len(v.Codes) != n {
		return nil, fmt.Errorf("%d codes for %d", len(v.Codes), n)
	}
	for i, code := range v.Codes {
		if uint(code) >= uint(len(v.Dict)) && !v.Null(i) {
			return nil, fmt.Errorf("code %d of %d words", code, len(v.Dict))
		}
	}
	builder := array.NewBinaryBuilder(mem, t)
	defer builder.Release()
	builder.AppendStringValues(v.Dict, nil)
	dict := builder.NewArray()
	defer dict.Release()
	coded := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: t}
	buffers := []*memory.Buffer{valid, wrap(arrow.Int32Traits.CastToBytes(v.Codes))}
	return array.NewDataWithDictionary(coded, n, buffers, nulls, 0, dict.Data().(*array.Data)), nil
}

// lists wraps rows lists and the elements they share.
func (v *Vector) lists(t column.Type, rows int, valid *memory.Buffer, nulls int, mem memory.Allocator) (arrow.ArrayData, error) {
	element, have := column.Int64, len(v.Int64)
	switch t {
	case column.ListInt32:
		element, have = column.Int32, len(v.Int32)
	case column.ListString:
		element, have = column.String, len(v.Codes)
	}
	if err := checkOffsets(v.Offsets, rows, have); err != nil {
		return nil, err
	}
	elements := Vector{Int64: v.Int64, Int32: v.Int32, Codes: v.Codes, Dict: v.Dict}
	if element == column.String && v.Dict == nil {
		elements.Dict = []string{} // empty lists only
	}
	child, err := elements.flat(element, have, nil, 0, mem)
	if err != nil {
		return nil, err
	}
	defer child.Release()
	buffers := []*memory.Buffer{valid, wrap(arrow.Int32Traits.CastToBytes(v.Offsets))}
	list := arrow.ListOfNonNullable(child.DataType())
	return array.NewData(list, rows, buffers, []arrow.ArrayData{child}, nulls, 0), nil
}

// checkOffsets verifies rows+1 offsets that never fall and stay within n.
func checkOffsets(offsets []int32, rows, n int) error {
	if rows == 0 && len(offsets) == 0 {
		return nil
	}
	if len(offsets) != rows+1 {
		return fmt.Errorf("%d offsets for %d rows", len(offsets), rows)
	}
	last := int32(0)
	for _, o := range offsets {
		if o < last {
			return fmt.Errorf("offset %d after %d", o, last)
		}
		last = o
	}
	if int(last) > n {
		return fmt.Errorf("offset %d is past the %d values", last, n)
	}
	return nil
}
