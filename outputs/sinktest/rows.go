package sinktest

import (
	"fmt"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// A Row has one value per column: nil for null, int64 for integers and
// timestamps (µs), float64, string (of text and of bytes), []int64 or []string.
type Row = []any

// Batches returns the rows cut into batches of at most size rows.
func Batches(schema *column.Schema, rows []Row, size int) []*batch.Batch {
	var out []*batch.Batch
	for part := range slices.Chunk(rows, size) {
		b := batch.New(schema)
		Fill(b, part)
		out = append(out, b)
	}
	return out
}

// Fill appends rows to b. Columns of type String whose name ends in _enum are
// dictionary vectors, as are lists of strings; other text is held as bytes.
func Fill(b *batch.Batch, rows []Row) {
	for i := range b.Schema.Columns {
		v := &b.Vectors[i]
		for _, row := range rows {
			appendValue(v, &b.Schema.Columns[i], row[i])
		}
	}
	b.Rows += len(rows)
}

func appendValue(v *batch.Vector, c *column.Column, value any) {
	if c.Optional() {
		valid := byte(1)
		if value == nil {
			valid = 0
		}
		v.Valid = append(v.Valid, valid)
	} else if value == nil {
		panic(fmt.Sprintf("sinktest: null in required column %s", c.Name))
	}
	switch c.Type {
	case column.Int64, column.Timestamp:
		n, _ := value.(int64)
		v.Int64 = append(v.Int64, n)
	case column.Int32:
		n, _ := value.(int64)
		v.Int32 = append(v.Int32, int32(n))
	case column.Double:
		f, _ := value.(float64)
		v.Float64 = append(v.Float64, f)
	case column.String, column.Text, column.Binary:
		s, _ := value.(string)
		appendText(v, c, s)
	default:
		appendList(v, c.Type, value)
	}
}

func appendText(v *batch.Vector, c *column.Column, s string) {
	if !isEnum(c) {
		v.AppendText([]byte(s))
		return
	}
	v.Dict = words
	v.Codes = append(v.Codes, int32(max(slices.Index(words, s), 0)))
}

func appendList(v *batch.Vector, typ column.Type, value any) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	ints, _ := value.([]int64)
	strs, _ := value.([]string)
	switch typ {
	case column.ListInt64:
		v.Int64 = append(v.Int64, ints...)
		v.Offsets = append(v.Offsets, int32(len(v.Int64)))
	case column.ListInt32:
		for _, n := range ints {
			v.Int32 = append(v.Int32, int32(n))
		}
		v.Offsets = append(v.Offsets, int32(len(v.Int32)))
	case column.ListString:
		v.Dict = words
		for _, s := range strs {
			v.Codes = append(v.Codes, int32(slices.Index(words, s)))
		}
		v.Offsets = append(v.Offsets, int32(len(v.Codes)))
	}
}

func isEnum(c *column.Column) bool {
	const suffix = "_enum"
	return c.Type == column.String && len(c.Name) > len(suffix) && c.Name[len(c.Name)-len(suffix):] == suffix
}

// RowsOf returns the rows of a batch: the inverse of Fill.
func RowsOf(b *batch.Batch) []Row {
	rows := make([]Row, b.Rows)
	for i := range rows {
		rows[i] = make(Row, len(b.Vectors))
		for c := range b.Vectors {
			if v := &b.Vectors[c]; !v.Null(i) {
				rows[i][c] = valueOf(v, b.Schema.Columns[c].Type, i)
			}
		}
	}
	return rows
}

func valueOf(v *batch.Vector, typ column.Type, i int) any {
	switch typ {
	case column.Int64, column.Timestamp:
		return v.Int64[i]
	case column.Int32:
		return int64(v.Int32[i])
	case column.Double:
		return v.Float64[i]
	case column.String, column.Text, column.Binary:
		return v.String(i)
	}
	from, to := v.Offsets[i], v.Offsets[i+1]
	switch typ {
	case column.ListInt64:
		return append([]int64{}, v.Int64[from:to]...)
	case column.ListInt32:
		ints := []int64{}
		for _, n := range v.Int32[from:to] {
			ints = append(ints, int64(n))
		}
		return ints
	}
	words := []string{}
	for _, code := range v.Codes[from:to] {
		words = append(words, v.Dict[code])
	}
	return words
}
