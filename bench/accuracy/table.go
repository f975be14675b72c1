package accuracy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Table is a stages.Sink that keeps every row in memory and hashes the batches
// as they come.
type Table struct {
	batch.Batch
	sum   hash.Hash
	index map[string]int
}

// NewTable returns an empty Table.
func NewTable() *Table { return &Table{sum: sha256.New()} }

// Write implements stages.Sink.
func (t *Table) Write(b *batch.Batch) error {
	if t.Schema == nil {
		t.Schema, t.Vectors = b.Schema, make([]batch.Vector, len(b.Vectors))
		t.index = map[string]int{}
		for i := range b.Schema.Columns {
			t.index[b.Schema.Columns[i].Name] = i
		}
	}
	if b.Rows == 0 {
		return nil
	}
	for i := range b.Vectors {
		if err := checkVector(&b.Schema.Columns[i], &b.Vectors[i], b.Rows); err != nil {
			return fmt.Errorf("column %s: %w", b.Schema.Columns[i].Name, err)
		}
		t.hash(&b.Vectors[i])
		appendVector(&t.Vectors[i], &b.Vectors[i])
	}
	t.Rows += b.Rows
	return nil
}

// Hash returns the digest of all batches: every value, null and batch boundary.
func (t *Table) Hash() string { return hex.EncodeToString(t.sum.Sum(nil)) }

func (t *Table) hash(v *batch.Vector) {
	var buf []byte
	for _, n := range []int{len(v.Int64), len(v.Int32), len(v.Float64), len(v.Codes), len(v.Bytes), len(v.Offsets), len(v.Valid)} {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(n))
	}
	for _, x := range v.Int64 {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(x))
	}
	for _, s := range [][]int32{v.Int32, v.Codes, v.Offsets} {
		for _, x := range s {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(x))
		}
	}
	for _, x := range v.Float64 {
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(x))
	}
	buf = append(append(buf, v.Bytes...), v.Valid...)
	for _, s := range v.Dict {
		buf = append(append(buf, s...), 0)
	}
	t.sum.Write(buf)
}

// appendVector appends a copy of w to v. Offsets are those of the joined bytes or
// elements.
func appendVector(v, w *batch.Vector) {
	base := int32(len(v.Bytes))
	if len(w.Int64)+len(w.Int32)+len(w.Codes) > 0 || len(v.Int64)+len(v.Int32)+len(v.Codes) > 0 {
		base = int32(len(v.Int64) + len(v.Int32) + len(v.Codes))
	}
	for i, o := range w.Offsets {
		if i > 0 || len(v.Offsets) == 0 {
			v.Offsets = append(v.Offsets, base+o)
		}
	}
	v.Int64 = append(v.Int64, w.Int64...)
	v.Int32 = append(v.Int32, w.Int32...)
	v.Float64 = append(v.Float64, w.Float64...)
	shift := joinDict(v, w.Dict)
	for _, code := range w.Codes {
		v.Codes = append(v.Codes, code+shift)
	}
	v.Bytes = append(v.Bytes, w.Bytes...)
	v.Valid = append(v.Valid, w.Valid...)
}

// joinDict makes the words of another batch the vector's too and returns how far
// their codes move.
func joinDict(v *batch.Vector, words []string) int32 {
	shift := len(v.Dict)
	if len(words) >= shift && slices.Equal(words[:shift], v.Dict) { // an enumeration, or the first batch
		v.Dict = words
		return 0
	}
	v.Dict = append(slices.Clip(v.Dict), words...)
	return int32(shift)
}

// checkVector reports a vector that breaks the promises of batch.Vector or
// column.Column: lengths, offsets, nulls and numbers.
func checkVector(c *column.Column, v *batch.Vector, rows int) error {
	if c.Optional() != (len(v.Valid) != 0) || len(v.Valid) != 0 && len(v.Valid) != rows {
		return fmt.Errorf("%d validity bytes for %d rows, optional %v", len(v.Valid), rows, c.Optional())
	}
	elements := rows
	isList := c.Type == column.ListInt32 || c.Type == column.ListInt64 || c.Type == column.ListString
	if isList || (c.Type == column.String || c.Type == column.Text || c.Type == column.Binary) && v.Dict == nil {
		n, err := checkOffsets(v, rows)
		if err != nil {
			return err
		}
		elements = n
	}
	got := map[column.Type]int{
		column.Int64: len(v.Int64), column.Timestamp: len(v.Int64), column.ListInt64: len(v.Int64),
		column.Int32: len(v.Int32), column.ListInt32: len(v.Int32), column.Double: len(v.Float64),
		column.String: len(v.Bytes), column.Text: len(v.Bytes), column.Binary: len(v.Bytes), column.ListString: len(v.Codes),
	}[c.Type]
	if v.Dict != nil {
		got = len(v.Codes)
	}
	if got != elements {
		return fmt.Errorf("%d elements, want %d", got, elements)
	}
	return checkValues(v)
}

func checkOffsets(v *batch.Vector, rows int) (end int, err error) {
	if len(v.Offsets) != rows+1 || v.Offsets[0] != 0 {
		return 0, fmt.Errorf("%d offsets for %d rows", len(v.Offsets), rows)
	}
	for i := range rows {
		if v.Offsets[i] > v.Offsets[i+1] {
			return 0, fmt.Errorf("offset %d falls", i)
		}
		if v.Null(i) && v.Offsets[i] != v.Offsets[i+1] {
			return 0, fmt.Errorf("row %d is null but not empty", i)
		}
	}
	return int(v.Offsets[rows]), nil
}

func checkValues(v *batch.Vector) error {
	for i, x := range v.Float64 {
		if math.IsNaN(x) || math.IsInf(x, 0) || v.Null(i) && x != 0 {
			return fmt.Errorf("row %d: value %v, null %v", i, x, v.Null(i))
		}
	}
	for i, x := range v.Codes {
		if !v.Null(i) && (x < 0 || int(x) >= len(v.Dict)) {
			return fmt.Errorf("row %d: code %d of %d words", i, x, len(v.Dict))
		}
	}
	for i, ok := range v.Valid {
		if ok > 1 || ok == 0 && len(v.Offsets) == 0 && (len(v.Int64) > i && v.Int64[i] != 0 || len(v.Int32) > i && v.Int32[i] != 0) {
			return fmt.Errorf("row %d is null but not zero", i)
		}
	}
	return nil
}

func (t *Table) vector(name string) *batch.Vector {
	i, ok := t.index[name]
	if !ok {
		panic("no column " + name)
	}
	return &t.Vectors[i]
}

// Null reports whether a value is null.
func (t *Table) Null(name string, row int) bool { return t.vector(name).Null(row) }

// Int returns an integer or timestamp; 0 where it is null.
func (t *Table) Int(name string, row int) int64 {
	if v := t.vector(name); len(v.Int64) > 0 {
		return v.Int64[row]
	}
	return int64(t.vector(name).Int32[row])
}

// Float returns a double; 0 where it is null.
func (t *Table) Float(name string, row int) float64 { return t.vector(name).Float64[row] }

// Text returns a string; "" where it is null.
func (t *Table) Text(name string, row int) string { return t.vector(name).String(row) }

// List returns the elements of an integer list; nil where it is null.
func (t *Table) List(name string, row int) []int64 {
	v := t.vector(name)
	var list []int64
	for i := v.Offsets[row]; i < v.Offsets[row+1]; i++ {
		if len(v.Int64) > 0 {
			list = append(list, v.Int64[i])
		} else {
			list = append(list, int64(v.Int32[i]))
		}
	}
	return list
}

// Show returns a value of any type as text, "null" where there is none.
func (t *Table) Show(name string, row int) string {
	if t.Null(name, row) {
		return "null"
	}
	switch t.Schema.Columns[t.index[name]].Type {
	case column.Double:
		return fmt.Sprint(t.Float(name, row))
	case column.String, column.Text, column.Binary:
		return t.Text(name, row)
	case column.ListInt32, column.ListInt64:
		return fmt.Sprint(t.List(name, row))
	case column.ListString:
		return fmt.Sprintf("%q", t.Texts(name, row))
	}
	return fmt.Sprint(t.Int(name, row))
}

// Texts returns a list of texts.
func (t *Table) Texts(name string, row int) []string {
	v := t.vector(name)
	var list []string
	for i := v.Offsets[row]; i < v.Offsets[row+1]; i++ {
		list = append(list, v.Dict[v.Codes[i]])
	}
	return list
}
