package record

import (
	"encoding/binary"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Filler decodes the rows of one table into its batch.
type Filler struct {
	Batch *batch.Batch
	kinds []kind             // per column
	codes []map[string]int32 // per list of text, by its words in this batch
}

// kind is what decoding a column's value needs to know.
type kind struct {
	typ      column.Type
	optional bool
}

// NewFiller returns a Filler with an empty batch.
func NewFiller(schema *column.Schema) *Filler {
	f := &Filler{Batch: batch.New(schema), codes: make([]map[string]int32, len(schema.Columns))}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		f.kinds = append(f.kinds, kind{c.Type, c.Optional()})
	}
	return f
}

// Add decodes one row behind those of the batch.
func (f *Filler) Add(row []byte) {
	for i := range f.Batch.Vectors {
		v, k := &f.Batch.Vectors[i], f.kinds[i]
		switch k.typ {
		case column.Int64, column.Timestamp, column.Int32:
			row = fillNumber(v, k, row)
		case column.ListInt32, column.ListInt64, column.ListString:
			row = f.list(v, i, row)
		default:
			row = fillText(v, k, row)
		}
	}
	f.Batch.Rows++
}

// Reset empties the batch.
func (f *Filler) Reset() {
	f.Batch.Reset()
	for i := range f.codes {
		f.Batch.Vectors[i].Dict = nil
		clear(f.codes[i])
	}
}

// takeKnown takes the byte in front of a value and notes in Valid what it says.
func takeKnown(v *batch.Vector, k kind, row []byte) (bool, []byte) {
	if k.optional {
		v.Valid = append(v.Valid, row[0])
	}
	return row[0] == present, row[1:]
}

func fillNumber(v *batch.Vector, k kind, row []byte) []byte {
	known, row := takeKnown(v, k, row)
	value := int64(0)
	if known {
		value, row = takeNumber(row)
	}
	if k.typ == column.Int32 {
		v.Int32 = append(v.Int32, int32(value))
	} else {
		v.Int64 = append(v.Int64, value)
	}
	return row
}

// takeNumber decodes a number. Most are of one byte.
func takeNumber(row []byte) (value int64, rest []byte) {
	if b := row[0]; b < 0x80 {
		return int64(b>>1) ^ -int64(b&1), row[1:]
	}
	value, n := binary.Varint(row)
	return value, row[n:]
}

func fillText(v *batch.Vector, k kind, row []byte) []byte {
	known, row := takeKnown(v, k, row)
	var value []byte
	if known {
		value, row = takeText(row)
	}
	v.AppendText(value)
	return row
}

func takeText(row []byte) (text, rest []byte) {
	if n := int(row[0]); n < 0x80 {
		return row[1 : 1+n], row[1+n:]
	}
	length, n := binary.Uvarint(row)
	return row[n : n+int(length)], row[n+int(length):]
}

// list decodes a list: values until the 0 behind them.
func (f *Filler) list(v *batch.Vector, column int, row []byte) []byte {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	for row[0] == present {
		row = f.element(v, column, row[1:])
	}
	v.Offsets = append(v.Offsets, int32(max(len(v.Int64), len(v.Int32), len(v.Codes))))
	return row[1:]
}

func (f *Filler) element(v *batch.Vector, at int, row []byte) []byte {
	if f.kinds[at].typ == column.ListString {
		word, rest := takeText(row)
		v.Codes = append(v.Codes, f.code(v, at, word))
		return rest
	}
	value, row := takeNumber(row)
	if f.kinds[at].typ == column.ListInt32 {
		v.Int32 = append(v.Int32, int32(value))
	} else {
		v.Int64 = append(v.Int64, value)
	}
	return row
}

// code returns the number of a word in the column's dictionary of this batch.
func (f *Filler) code(v *batch.Vector, at int, word []byte) int32 {
	if f.codes[at] == nil {
		f.codes[at] = map[string]int32{}
	}
	code, known := f.codes[at][string(word)]
	if !known {
		code = int32(len(v.Dict))
		v.Dict = append(v.Dict, string(word))
		f.codes[at][v.Dict[code]] = code
	}
	return code
}
