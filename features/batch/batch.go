package batch

import (
	"slices"

	"pcapmill/features/column"
)

// Vector is one column of a Batch. Which fields are in use follows from the
// column's type:
//
//	Int64, Timestamp   Int64
//	Int32              Int32
//	Double             Float64
//	String, Text,      Codes into Dict where Dict is set, else Bytes cut by Offsets
//	Binary
//	List…              Offsets (rows+1) into the element vector, which is Int64,
//	                   Int32, or Codes into Dict
//
// Valid has one byte a row, 1 for a value and 0 for null; nil means that no row
// is null. A null row's value slot is present and zero. Vectors of one batch may
// share a Valid: nobody but who fills the batch may write to it.
type Vector struct {
	Int64   []int64
	Int32   []int32
	Float64 []float64
	Codes   []int32  // indexes into Dict
	Dict    []string // words, of an enumeration or of this batch alone; shared, read-only
	Bytes   []byte   // concatenated strings, or bytes of Binary
	Offsets []int32  // string i is Bytes[Offsets[i]:Offsets[i+1]]
	Valid   []byte
}

// Batch is a number of rows of one table. It belongs to one goroutine at a time.
type Batch struct {
	Schema  *column.Schema
	Rows    int
	Vectors []Vector // one per column of Schema
}

// New returns an empty Batch for the schema.
func New(schema *column.Schema) *Batch {
	return &Batch{Schema: schema, Vectors: make([]Vector, len(schema.Columns))}
}

// Reserve makes room for the fixed-size values of n rows, not for their Valid,
// which vectors may share.
func (b *Batch) Reserve(n int) {
	for i := range b.Vectors {
		v, c := &b.Vectors[i], &b.Schema.Columns[i]
		switch c.Type {
		case column.Int64, column.Timestamp:
			v.Int64 = slices.Grow(v.Int64, n)
		case column.Int32:
			v.Int32 = slices.Grow(v.Int32, n)
		case column.Double:
			v.Float64 = slices.Grow(v.Float64, n)
		default:
			v.Offsets = slices.Grow(v.Offsets, n+1)
		}
	}
}

// Reset empties the Batch, keeping memory.
func (b *Batch) Reset() {
	b.Rows = 0
	for i := range b.Vectors {
		b.Vectors[i].reset()
	}
}

func (v *Vector) reset() {
	v.Int64 = v.Int64[:0]
	v.Int32 = v.Int32[:0]
	v.Float64 = v.Float64[:0]
	v.Codes = v.Codes[:0]
	v.Bytes = v.Bytes[:0]
	v.Offsets = v.Offsets[:0]
	v.Valid = v.Valid[:0]
}

// Bytes returns about how much memory the values take.
func (b *Batch) Bytes() int {
	n := 0
	for i := range b.Vectors {
		v := &b.Vectors[i]
		n += 8*(len(v.Int64)+len(v.Float64)) + 4*(len(v.Int32)+len(v.Codes)+len(v.Offsets)) + len(v.Bytes) + len(v.Valid)
		for _, word := range v.Dict {
			n += len(word)
		}
	}
	return n
}

// Null reports whether row i is null.
func (v *Vector) Null(i int) bool { return len(v.Valid) != 0 && v.Valid[i] == 0 }

// String returns row i of a String, Text or Binary vector. The result of a Bytes vector
// is a copy.
func (v *Vector) String(i int) string {
	if v.Dict != nil {
		return v.Dict[v.Codes[i]]
	}
	return string(v.Bytes[v.Offsets[i]:v.Offsets[i+1]])
}

// AppendText appends one string to a Bytes vector.
func (v *Vector) AppendText(s []byte) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Bytes = append(v.Bytes, s...)
	v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
}
