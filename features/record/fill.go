package record

import (
	"encoding/binary"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Filler takes the rows of one table into its batch, column by column.
type Filler struct {
	batch  *batch.Batch
	layout layout
	known  []uint64      // bits of the rows being added
	dicts  []*dictionary // per list of text
}

// NewFiller returns a Filler with an empty batch.
func NewFiller(schema *column.Schema) *Filler {
	f := &Filler{batch: batch.New(schema), layout: newLayout(schema), dicts: make([]*dictionary, len(schema.Columns))}
	f.known = make([]uint64, f.layout.bits/8)
	for i := range schema.Columns {
		if schema.Columns[i].Type == column.ListString {
			f.dicts[i] = &dictionary{codes: map[string]int32{}}
		}
	}
	return f
}

// Schema returns the table's columns.
func (f *Filler) Schema() *column.Schema { return f.batch.Schema }

// Rows returns how many rows the batch has.
func (f *Filler) Rows() int { return f.batch.Rows }

// Batch returns the batch, which is good until the next Add or Reset.
func (f *Filler) Batch() *batch.Batch {
	for i := range f.batch.Vectors {
		f.pad(i)
	}
	return f.batch
}

// Reset empties the batch.
func (f *Filler) Reset() {
	f.batch.Reset()
	for i, d := range f.dicts {
		if d != nil {
			f.batch.Vectors[i].Dict = nil
			d.reset()
		}
	}
}

// Add appends rows to the batch. A column without any value is left out until one comes.
func (f *Filler) Add(rows [][]byte) {
	clear(f.known)
	f.layout.marks(f.known, rows)
	for i := range f.batch.Vectors {
		if f.known[i/64]>>(i%64)&1 == 1 {
			f.pad(i)
			f.take(i, rows)
		}
	}
	f.batch.Rows += len(rows)
}

// pad adds rows without a value to a vector that lacks them.
func (f *Filler) pad(i int) {
	v, c := &f.batch.Vectors[i], &f.batch.Schema.Columns[i]
	n := f.batch.Rows
	switch c.Type {
	case column.Int32:
		n -= len(v.Int32)
		v.Int32 = append(v.Int32, make([]int32, n)...)
	case column.Int64, column.Timestamp:
		n -= len(v.Int64)
		v.Int64 = append(v.Int64, make([]int64, n)...)
	default:
		if len(v.Offsets) == 0 {
			v.Offsets = append(v.Offsets, 0)
		}
		n -= len(v.Offsets) - 1
		v.Offsets = repeat(v.Offsets, n)
	}
	if c.Optional() {
		v.Valid = append(v.Valid, make([]byte, n)...)
	}
}

// repeat appends the last offset n times.
func repeat(offsets []int32, n int) []int32 {
	last := offsets[len(offsets)-1]
	for range n {
		offsets = append(offsets, last)
	}
	return offsets
}

// take appends a column's values of the rows.
func (f *Filler) take(i int, rows [][]byte) {
	v, c, s := &f.batch.Vectors[i], &f.batch.Schema.Columns[i], f.layout.slots[i]
	switch c.Type {
	case column.Int32:
		v.Int32 = takeSmalls(v.Int32, rows, s.at)
	case column.Int64, column.Timestamp:
		v.Int64 = takeLongs(v.Int64, rows, s.at)
	case column.ListInt32:
		f.smallLists(v, rows, s)
	case column.ListInt64:
		f.longLists(v, rows, s)
	case column.ListString:
		f.wordLists(v, rows, s, f.dicts[i])
	default:
		f.texts(v, rows, s)
	}
	if c.Optional() {
		v.Valid = takeBits(v.Valid, rows, i)
	}
}

func takeSmalls(dst []int32, rows [][]byte, at int) []int32 {
	n := len(dst)
	dst = slices.Grow(dst, len(rows))[:n+len(rows)]
	for i, row := range rows {
		dst[n+i] = int32(binary.LittleEndian.Uint32(row[at:]))
	}
	return dst
}

func takeLongs(dst []int64, rows [][]byte, at int) []int64 {
	n := len(dst)
	dst = slices.Grow(dst, len(rows))[:n+len(rows)]
	for i, row := range rows {
		dst[n+i] = int64(binary.LittleEndian.Uint64(row[at:]))
	}
	return dst
}

func takeBits(dst []byte, rows [][]byte, column int) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(rows))[:n+len(rows)]
	for i, row := range rows {
		dst[n+i] = has(row, column)
	}
	return dst
}

func (f *Filler) texts(v *batch.Vector, rows [][]byte, s slot) {
	text, offsets := v.Bytes, slices.Grow(v.Offsets, len(rows))
	for _, row := range rows {
		text = append(text, f.layout.span(row, s)...)
		offsets = append(offsets, int32(len(text)))
	}
	v.Bytes, v.Offsets = text, offsets
}

func (f *Filler) smallLists(v *batch.Vector, rows [][]byte, s slot) {
	values, offsets := v.Int32, slices.Grow(v.Offsets, len(rows))
	for _, row := range rows {
		for b := f.layout.span(row, s); len(b) >= 4; b = b[4:] {
			values = append(values, int32(binary.LittleEndian.Uint32(b)))
		}
		offsets = append(offsets, int32(len(values)))
	}
	v.Int32, v.Offsets = values, offsets
}

func (f *Filler) longLists(v *batch.Vector, rows [][]byte, s slot) {
	values, offsets := v.Int64, slices.Grow(v.Offsets, len(rows))
	for _, row := range rows {
		for b := f.layout.span(row, s); len(b) >= 8; b = b[8:] {
			values = append(values, int64(binary.LittleEndian.Uint64(b)))
		}
		offsets = append(offsets, int32(len(values)))
	}
	v.Int64, v.Offsets = values, offsets
}

func (f *Filler) wordLists(v *batch.Vector, rows [][]byte, s slot, d *dictionary) {
	codes, offsets := v.Codes, slices.Grow(v.Offsets, len(rows))
	for _, row := range rows {
		for b := f.layout.span(row, s); len(b) > 0; {
			end := 4 + binary.LittleEndian.Uint32(b)
			codes = append(codes, d.code(b[4:end]))
			b = b[end:]
		}
		offsets = append(offsets, int32(len(codes)))
	}
	v.Codes, v.Offsets, v.Dict = codes, offsets, d.words
}
