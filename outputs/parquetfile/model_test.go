package parquetfile_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// table is the tests' plain model of a table: cells[c][r] is nil for null, else
// int64, int32, float64, string or a slice of those.
type table struct {
	schema *column.Schema
	rows   int
	cells  [][]any
	dicts  [][]string // per column; nil: strings are handed over as bytes
}

// batchOf builds a Batch of rows [lo, hi).
func (t *table) batchOf(lo, hi int) *batch.Batch {
	b := batch.New(t.schema)
	b.Rows = hi - lo
	for c := range t.schema.Columns {
		for _, cell := range t.cells[c][lo:hi] {
			appendCell(&b.Vectors[c], &t.schema.Columns[c], cell, t.dicts[c])
		}
	}
	return b
}

func appendCell(v *batch.Vector, c *column.Column, cell any, dict []string) {
	if c.Optional() {
		valid := byte(1)
		if cell == nil {
			valid = 0
		}
		v.Valid = append(v.Valid, valid)
	}
	list := c.Type >= column.ListInt64
	switch x := cell.(type) {
	case nil:
		appendZero(v, c.Type, dict)
	case int64:
		v.Int64 = append(v.Int64, x)
	case int32:
		v.Int32 = append(v.Int32, x)
	case float64:
		v.Float64 = append(v.Float64, x)
	case string:
		if dict == nil {
			v.AppendText([]byte(x))
			return
		}
		v.Dict, v.Codes = dict, append(v.Codes, int32(slices.Index(dict, x)))
	case []int64:
		v.Int64 = append(v.Int64, x...)
	case []int32:
		v.Int32 = append(v.Int32, x...)
	case []string:
		for _, s := range x {
			v.Dict, v.Codes = dict, append(v.Codes, int32(slices.Index(dict, s)))
		}
	}
	if list {
		if len(v.Offsets) == 0 {
			v.Offsets = append(v.Offsets, 0)
		}
		v.Offsets = append(v.Offsets, int32(max(len(v.Int64), len(v.Int32), len(v.Codes))))
	}
}

func appendZero(v *batch.Vector, t column.Type, dict []string) {
	switch t {
	case column.Int64, column.Timestamp:
		v.Int64 = append(v.Int64, 0)
	case column.Int32:
		v.Int32 = append(v.Int32, 0)
	case column.Double:
		v.Float64 = append(v.Float64, 0)
	case column.String, column.Text, column.Binary:
		if dict == nil {
			v.AppendText(nil)
			return
		}
		v.Dict, v.Codes = dict, append(v.Codes, 0)
	}
}

// cellOf is the inverse of appendCell.
func cellOf(v *batch.Vector, t column.Type, row int) any {
	if v.Null(row) {
		return nil
	}
	switch t {
	case column.Int64, column.Timestamp:
		return v.Int64[row]
	case column.Int32:
		return v.Int32[row]
	case column.Double:
		return v.Float64[row]
	case column.String, column.Text, column.Binary:
		return v.String(row)
	}
	lo, hi := v.Offsets[row], v.Offsets[row+1]
	switch t {
	case column.ListInt64:
		return append([]int64{}, v.Int64[lo:hi]...)
	case column.ListInt32:
		return append([]int32{}, v.Int32[lo:hi]...)
	}
	words := []string{}
	for _, code := range v.Codes[lo:hi] {
		words = append(words, v.Dict[code])
	}
	return words
}

// write writes the table in batches that end at the cuts.
func (t *table) write(tb rapid.TB, cfg parquetfile.Config, cuts []int, meta map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	f, err := parquetfile.NewFile(&out, t.schema, cfg, meta)
	if err != nil {
		tb.Fatal(err)
	}
	lo := 0
	for _, hi := range append(slices.Clone(cuts), t.rows) {
		if err := f.Write(t.batchOf(lo, hi)); err != nil {
			tb.Fatal(err)
		}
		lo = hi
	}
	if f.Rows() != int64(t.rows) {
		tb.Fatalf("Rows is %d after %d rows", f.Rows(), t.rows)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// read reads a file back with our own reader.
func read(data []byte, columns []string) (*table, error) {
	r, err := parquetfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	t := &table{schema: r.Schema()}
	err = r.Read(context.Background(), columns, func(b *batch.Batch) error {
		if t.cells == nil {
			t.cells = make([][]any, len(b.Vectors))
		}
		t.schema = b.Schema
		t.rows += b.Rows
		for c := range b.Vectors {
			for row := range b.Rows {
				t.cells[c] = append(t.cells[c], cellOf(&b.Vectors[c], b.Schema.Columns[c].Type, row))
			}
		}
		return nil
	})
	return t, err
}

// readOther reads a file back with parquet-go's reader, an implementation that
// shares nothing with our writer but the encoders of integers and runs.
func readOther(tb rapid.TB, data []byte) *table {
	tb.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	t := &table{rows: int(f.NumRows()), cells: make([][]any, len(f.Root().Columns()))}
	for _, group := range f.RowGroups() {
		for c, chunk := range group.ColumnChunks() {
			node := f.Root().Columns()[c]
			before := len(t.cells[c])
			t.cells[c] = appendChunk(tb, t.cells[c], node, chunk)
			if got := len(t.cells[c]) - before; got != int(group.NumRows()) {
				tb.Fatalf("column %s: %d rows in a group of %d", node.Name(), got, group.NumRows())
			}
		}
	}
	return t
}

func appendChunk(tb rapid.TB, cells []any, node *parquet.Column, chunk parquet.ColumnChunk) []any {
	pages := chunk.Pages()
	defer func() { _ = pages.Close() }()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return cells
		}
		if err != nil {
			tb.Fatal(err)
		}
		values := make([]parquet.Value, page.NumValues())
		if n, err := page.Values().ReadValues(values); n != len(values) {
			tb.Fatalf("column %s: %d of %d values: %v", node.Name(), n, len(values), err)
		}
		for _, v := range values {
			cells = appendOther(cells, node, v)
		}
	}
}

func appendOther(cells []any, node *parquet.Column, v parquet.Value) []any {
	if node.Leaf() {
		if v.IsNull() {
			return append(cells, nil)
		}
		return append(cells, otherValue(v))
	}
	element := node.Columns()[0].Columns()[0]
	var list reflect.Value
	if v.RepetitionLevel() == 0 {
		if node.Optional() && v.DefinitionLevel() == 0 {
			return append(cells, nil)
		}
		switch element.Type().Kind() {
		case parquet.Int64:
			cells = append(cells, []int64{})
		case parquet.Int32:
			cells = append(cells, []int32{})
		default:
			cells = append(cells, []string{})
		}
	}
	if !v.IsNull() {
		list = reflect.ValueOf(cells[len(cells)-1])
		cells[len(cells)-1] = reflect.Append(list, reflect.ValueOf(otherValue(v))).Interface()
	}
	return cells
}

func otherValue(v parquet.Value) any {
	switch v.Kind() {
	case parquet.Int64:
		return v.Int64()
	case parquet.Int32:
		return v.Int32()
	case parquet.Double:
		return v.Double()
	}
	return string(v.ByteArray())
}

// sameCells compares bit by bit: -0 is not 0.
func sameCells(want, got *table) error {
	if want.rows != got.rows {
		return fmt.Errorf("%d rows, want %d", got.rows, want.rows)
	}
	if want.rows == 0 {
		return nil
	}
	for c := range want.cells {
		for r, w := range want.cells[c] {
			g := got.cells[c][r]
			if x, ok := w.(float64); ok {
				y, ok := g.(float64)
				if !ok || math.Float64bits(x) != math.Float64bits(y) {
					return fmt.Errorf("%s row %d: %v, want %v", want.schema.Columns[c].Name, r, g, w)
				}
				continue
			}
			if !reflect.DeepEqual(w, g) {
				return fmt.Errorf("%s row %d: %v, want %v", want.schema.Columns[c].Name, r, g, w)
			}
		}
	}
	return nil
}

var _ testing.TB // rapid.TB is a subset of it
