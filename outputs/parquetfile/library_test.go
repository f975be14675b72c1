package parquetfile_test

import (
	"testing"

	"github.com/parquet-go/parquet-go"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// BenchmarkLibrary writes the table of BenchmarkTable with parquet-go's own
// writer, column by column through []Value: what ADR 1 compares with.
func BenchmarkLibrary(b *testing.B) {
	s, batches := benchBatches(benchColumns())
	group := parquet.Group{}
	for i := range s.Columns {
		group[s.Columns[i].Name] = libraryNode(&s.Columns[i])
	}
	schema := parquet.NewSchema(s.Table, group)
	var out countingWriter
	b.ReportAllocs()
	for b.Loop() {
		out = countingWriter{}
		libraryWrite(b, &out, schema, s, batches)
	}
	cells := float64(benchRows * len(s.Columns))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/cells, "ns/cell")
	b.ReportMetric(float64(out.n)/cells, "B/cell")
}

func libraryNode(c *column.Column) parquet.Node {
	var n parquet.Node
	switch c.Type {
	case column.Int64:
		n = parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.DeltaBinaryPacked)
	case column.Int32:
		n = parquet.Encoded(parquet.Leaf(parquet.Int32Type), &parquet.DeltaBinaryPacked)
	case column.Double:
		n = parquet.Leaf(parquet.DoubleType)
	case column.ListInt32:
		return parquet.List(parquet.Encoded(parquet.Leaf(parquet.Int32Type), &parquet.DeltaBinaryPacked))
	case column.Text:
		n = parquet.String()
	default:
		n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	}
	if c.Optional() {
		n = parquet.Optional(n)
	}
	return n
}

func libraryWrite(b *testing.B, out *countingWriter, schema *parquet.Schema, s *column.Schema, batches []*batch.Batch) {
	w := parquet.NewWriter(out, schema, parquet.Compression(&parquet.Zstd))
	writers := w.ColumnWriters()
	var values []parquet.Value
	rows := 0
	for _, batch := range batches {
		for i := range s.Columns {
			path := []string{s.Columns[i].Name}
			if s.Columns[i].Type == column.ListInt32 {
				path = append(path, "list", "element")
			}
			leaf, _ := schema.Lookup(path...)
			values = libraryValues(values[:0], &s.Columns[i], &batch.Vectors[i], batch.Rows, leaf.ColumnIndex)
			if _, err := writers[leaf.ColumnIndex].WriteRowValues(values); err != nil {
				b.Fatal(err)
			}
		}
		if rows += batch.Rows; rows >= 1<<16 {
			if err := w.Flush(); err != nil {
				b.Fatal(err)
			}
			rows = 0
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

func libraryValues(values []parquet.Value, c *column.Column, v *batch.Vector, rows, at int) []parquet.Value {
	for row := range rows {
		var x parquet.Value
		switch c.Type {
		case column.Int64:
			x = parquet.Int64Value(v.Int64[row])
		case column.Int32:
			x = parquet.Int32Value(v.Int32[row])
		case column.Double:
			x = parquet.DoubleValue(v.Float64[row])
		case column.ListInt32:
			lo, hi := v.Offsets[row], v.Offsets[row+1]
			if lo == hi {
				values = append(values, parquet.NullValue().Level(0, 0, at))
			}
			for i := lo; i < hi; i++ {
				values = append(values, parquet.Int32Value(v.Int32[i]).Level(int(min(1, i-lo)), 1, at))
			}
			continue
		default:
			if v.Dict != nil {
				x = parquet.ByteArrayValue([]byte(v.Dict[v.Codes[row]]))
			} else {
				x = parquet.ByteArrayValue(v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
			}
		}
		switch {
		case v.Null(row):
			x = parquet.NullValue().Level(0, 0, at)
		case c.Optional():
			x = x.Level(0, 1, at)
		default:
			x = x.Level(0, 0, at)
		}
		values = append(values, x)
	}
	return values
}
