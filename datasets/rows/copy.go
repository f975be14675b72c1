package rows

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Copier collects rows of other batches in one of its own.
type Copier struct {
	To    *batch.Batch
	codes []map[string]int32 // of the words of list columns
}

// NewCopier returns one whose batch has the schema's columns.
func NewCopier(schema *column.Schema) *Copier {
	return &Copier{batch.New(schema), make([]map[string]int32, len(schema.Columns))}
}

// Reset empties the batch.
func (c *Copier) Reset() {
	c.To.Reset()
	for i, known := range c.codes {
		clear(known)
		c.To.Vectors[i].Dict = nil
	}
}

// Add appends rows of b, whose first columns are those of the Copier's batch.
func (c *Copier) Add(b *batch.Batch, rows []int32) {
	for i := range c.To.Vectors {
		c.Column(i, &b.Vectors[i], rows)
	}
	c.To.Rows += len(rows)
}

// Column appends rows of a vector to one column. The caller does the same for all columns,
// and then counts the rows in To.Rows.
func (c *Copier) Column(i int, src *batch.Vector, rows []int32) {
	dst, t := &c.To.Vectors[i], c.To.Schema.Columns[i].Type
	switch {
	case t == column.ListString:
		c.words(i, src, rows)
	case where(t) == fixed:
		numbers(t, dst, src, rows)
	case where(t) == listed:
		lists(t, dst, src, rows)
	default:
		texts(dst, src, rows)
	}
	c.valid(dst, src, rows)
}

// Nulls appends rows without a value to one column, as Column does.
func (c *Copier) Nulls(i, n int) {
	dst := &c.To.Vectors[i]
	for len(dst.Valid) < c.To.Rows {
		dst.Valid = append(dst.Valid, 1)
	}
	dst.Valid = append(dst.Valid, make([]byte, n)...)
	switch t := c.To.Schema.Columns[i].Type; {
	case t == column.Int32:
		dst.Int32 = append(dst.Int32, make([]int32, n)...)
	case t == column.Double:
		dst.Float64 = append(dst.Float64, make([]float64, n)...)
	case where(t) == fixed:
		dst.Int64 = append(dst.Int64, make([]int64, n)...)
	default:
		begin(dst)
		for range n {
			dst.Offsets = append(dst.Offsets, dst.Offsets[len(dst.Offsets)-1])
		}
	}
}

// layout is where the values of a type lie.
type layout uint8

const (
	fixed layout = iota
	worded
	listed
)

func where(t column.Type) layout {
	switch t {
	case column.Int64, column.Timestamp, column.Int32, column.Double:
		return fixed
	case column.ListInt64, column.ListInt32, column.ListString:
		return listed
	}
	return worded
}

func numbers(t column.Type, dst, src *batch.Vector, rows []int32) {
	switch t {
	case column.Int32:
		dst.Int32 = gather(dst.Int32, src.Int32, rows)
	case column.Double:
		dst.Float64 = gather(dst.Float64, src.Float64, rows)
	default:
		dst.Int64 = gather(dst.Int64, src.Int64, rows)
	}
}

func gather[T any](dst, src []T, rows []int32) []T {
	for _, r := range rows {
		dst = append(dst, src[r])
	}
	return dst
}

func texts(dst, src *batch.Vector, rows []int32) {
	begin(dst)
	for _, r := range rows {
		switch {
		case src.Null(int(r)):
		case src.Dict != nil:
			dst.Bytes = append(dst.Bytes, src.Dict[src.Codes[r]]...)
		default:
			dst.Bytes = append(dst.Bytes, src.Bytes[src.Offsets[r]:src.Offsets[r+1]]...)
		}
		dst.Offsets = append(dst.Offsets, int32(len(dst.Bytes)))
	}
}

func begin(dst *batch.Vector) {
	if len(dst.Offsets) == 0 {
		dst.Offsets = append(dst.Offsets, 0)
	}
}

func lists(t column.Type, dst, src *batch.Vector, rows []int32) {
	begin(dst)
	for _, r := range rows {
		low, high := src.Offsets[r], src.Offsets[r+1]
		n := 0
		if t == column.ListInt32 {
			dst.Int32 = append(dst.Int32, src.Int32[low:high]...)
			n = len(dst.Int32)
		} else {
			dst.Int64 = append(dst.Int64, src.Int64[low:high]...)
			n = len(dst.Int64)
		}
		dst.Offsets = append(dst.Offsets, int32(n))
	}
}

// words appends lists of words.
func (c *Copier) words(i int, src *batch.Vector, rows []int32) {
	dst := &c.To.Vectors[i]
	begin(dst)
	if c.codes[i] == nil {
		c.codes[i] = map[string]int32{}
	}
	if dst.Dict == nil {
		dst.Dict = []string{}
	}
	for _, r := range rows {
		for _, code := range src.Codes[src.Offsets[r]:src.Offsets[r+1]] {
			dst.Codes = append(dst.Codes, c.code(i, src.Dict[code]))
		}
		dst.Offsets = append(dst.Offsets, int32(len(dst.Codes)))
	}
}

func (c *Copier) code(i int, word string) int32 {
	own, known := c.codes[i][word]
	if !known {
		dst := &c.To.Vectors[i]
		own = int32(len(dst.Dict))
		c.codes[i][word] = own
		dst.Dict = append(dst.Dict, word)
	}
	return own
}

// valid appends which values are none.
func (c *Copier) valid(dst, src *batch.Vector, rows []int32) {
	if len(src.Valid) == 0 && len(dst.Valid) == 0 {
		return
	}
	for len(dst.Valid) < c.To.Rows {
		dst.Valid = append(dst.Valid, 1)
	}
	for _, r := range rows {
		valid := byte(1)
		if src.Null(int(r)) {
			valid = 0
		}
		dst.Valid = append(dst.Valid, valid)
	}
}
