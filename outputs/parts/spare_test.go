package parts_test

import (
	"errors"
	"fmt"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/sinktest"
)

// folder starts the parts of one commit.
type folder struct {
	in     *publish.Growing
	commit int
}

func (f folder) Part(n int, ext string) (*publish.File, error) {
	return f.in.Create(fmt.Sprintf("part-%d-%d.%s", f.commit, n, ext), false)
}

// TestSpareEncodersLeaveNoTrace: parts of one table after the other, of several parts, aborted in
// between, and of text, are the same with spare encoders and without.
func TestSpareEncodersLeaveNoTrace(t *testing.T) {
	for _, format := range []string{parts.Parquet, parts.JSONL} {
		plain, spared := commits(t, format, nil), commits(t, format, new(parts.Spare))
		if len(plain) != len(spared) || len(plain) < 8 {
			t.Fatalf("%s: %d and %d parts", format, len(plain), len(spared))
		}
		for i := range plain {
			if plain[i] != spared[i] {
				t.Errorf("%s: %+v is %+v with spare encoders", format, plain[i], spared[i])
			}
		}
	}
}

// TestPartsThatCanBeRead: row groups of few rows make parts of fewer than were asked for.
func TestPartsThatCanBeRead(t *testing.T) {
	in, err := publish.OpenGrowing(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	c := parts.Config{Format: parts.Parquet, Parquet: parquetfile.DefaultConfig()}
	c.Parquet.RowGroupRows = 1
	schema := &column.Schema{Table: "t", Version: 1, Columns: []column.Column{{Name: "x", Type: column.Int64, Doc: "d"}}}
	w := parts.New(folder{in, 1}, schema, c)
	b := batch.New(schema)
	b.Rows = 1 << 15
	b.Vectors[0].Int64 = make([]int64, b.Rows)
	if err := errors.Join(w.Write(b), w.Close()); err != nil {
		t.Fatal(err)
	}
	if all := w.Parts(); len(all) != 2 || all[0].Rows != c.Parquet.MostRows(1) || all[1].Rows != int64(b.Rows)-all[0].Rows {
		t.Errorf("parts %+v", all)
	}
}

func commits(t *testing.T, format string, spare *parts.Spare) (all []manifest.Part) {
	t.Helper()
	in, err := publish.OpenGrowing(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	c := parts.Config{Format: format, Parquet: parquetfile.DefaultConfig(), Spare: spare}
	c.Parquet.PartRows, c.Parquet.PageRows = 70, 16
	for n, rows := range []int{100, 0, 3, 200, 1, 70} {
		w := parts.New(folder{in, n}, sinktest.Schema(), c)
		for _, b := range sinktest.Batches(w.Schema(), sinktest.RandomRows(rows, uint64(n)), 32) {
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
		}
		if n == 2 {
			w.Abort() // its encoder is not whole
			continue
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		all = append(all, w.Parts()...)
		if n == 3 && spare != nil {
			spare.Drop()
		}
	}
	return all
}
