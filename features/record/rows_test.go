package record

import (
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/fit"
)

// filled takes the rows of the first table and holds that they are as its schema says.
func filled(t *testing.T, schema *column.Schema, rows *Rows) *batch.Batch {
	t.Helper()
	return filledOf(t, schema, rows, 0)
}

// filledOf takes the rows of one table.
func filledOf(t *testing.T, schema *column.Schema, rows *Rows, table int) *batch.Batch {
	t.Helper()
	f := NewFiller(schema)
	f.Add(rowsOf(rows, table))
	if err := fit.Check(schema, f.Batch()); err != nil {
		t.Fatal(err)
	}
	return f.Batch()
}

// rowsOf lists the rows of one table.
func rowsOf(rows *Rows, table int) (list [][]byte) {
	entries := rows.Of(table)
	for i := range entries {
		list = append(list, rows.Row(&entries[i]))
	}
	return list
}

// costs adds up what the rows come to.
func costs(rows *Rows) (n int) {
	for _, entries := range rows.entries {
		for _, e := range entries {
			n += e.Cost
		}
	}
	return n
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
