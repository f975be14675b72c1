package record

import (
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/fit"
)

// filled decodes rows of one table and holds that they are as its schema says.
func filled(t *testing.T, schema *column.Schema, rows *Rows) *batch.Batch {
	t.Helper()
	f := NewFiller(schema)
	for i := range rows.Entries {
		f.Add(rows.Row(&rows.Entries[i]))
	}
	if err := fit.Check(schema, f.Batch); err != nil {
		t.Fatal(err)
	}
	return f.Batch
}

// wantTexts compares columns of text, row by row; null is a word.
func wantTexts(t *testing.T, b *batch.Batch, columns map[string][]string) {
	t.Helper()
	for name, want := range columns {
		v := &b.Vectors[b.Schema.Index(name)]
		for row, text := range want {
			got := "null"
			if !v.Null(row) {
				got = v.String(row)
			}
			if got != text {
				t.Errorf("%s of row %d: %s, want %s", name, row, got, text)
			}
		}
	}
}
