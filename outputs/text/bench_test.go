package text_test

import (
	"io"
	"testing"

	"pcapmill/features/column"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/text"
)

func benchmark(b *testing.B, open func(*column.Schema) (sinktest.Writer, error)) {
	const rows = 1000
	schema := sinktest.Schema()
	in := sinktest.Batches(schema, sinktest.RandomRows(rows, 1), rows)[0]
	w, err := open(schema)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows*len(schema.Columns)), "ns/cell")
}

func BenchmarkCSV(b *testing.B) {
	benchmark(b, func(s *column.Schema) (sinktest.Writer, error) { return text.NewCSV(io.Discard, s, text.DefaultCSV()) })
}

func BenchmarkJSONL(b *testing.B) {
	benchmark(b, func(s *column.Schema) (sinktest.Writer, error) { return text.NewJSONL(io.Discard, s), nil })
}
