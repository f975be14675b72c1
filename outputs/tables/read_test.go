package tables_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
)

// numbered writes a table of so many parts with three rows each, numbered from 0 on.
func numbered(t *testing.T, parts int) string {
	t.Helper()
	schema := &column.Schema{Table: "numbers", Version: 1, Columns: []column.Column{
		{Name: "at", Type: column.Int64, Doc: "d"}, {Name: "name", Type: column.String, Doc: "d"},
	}}
	dir := filepath.Join(t.TempDir(), "numbers")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		b := batch.New(schema)
		for row := range 3 {
			b.Vectors[0].Int64 = append(b.Vectors[0].Int64, int64(3*i+row))
			b.Vectors[1].AppendText(fmt.Append(nil, 3*i+row))
			b.Rows++
		}
		var out bytes.Buffer
		w, err := parquetfile.NewFile(&out, schema, parquetfile.DefaultConfig(), nil)
		if err == nil {
			err = errors.Join(w.Write(b), w.Close())
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("part-%05d.parquet", i)), out.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func nothing(*batch.Batch) error { return nil }

// TestRead hands over all parts' rows of the picked columns, and errors as they are.
func TestRead(t *testing.T) {
	dir := numbered(t, 3)
	pick := func(*column.Schema) ([]string, error) { return []string{"name", "at"}, nil }
	next := int64(0)
	err := tables.Read(context.Background(), dir, pick, func(b *batch.Batch) error {
		for i := range b.Rows {
			if got := b.Vectors[1].Int64[i]; got != next || b.Vectors[0].String(i) != fmt.Sprint(next) {
				t.Errorf("row %d: %d, %s", next, got, b.Vectors[0].String(i))
			}
			next++
		}
		return nil
	})
	if err != nil || next != 9 {
		t.Errorf("%d rows, %v", next, err)
	}
	own := errors.New("own")
	if err := tables.Read(context.Background(), dir, pick, func(*batch.Batch) error { return own }); err != own {
		t.Errorf("take's error becomes %v", err)
	}
	if err := tables.Read(context.Background(), dir, func(*column.Schema) ([]string, error) { return nil, own }, nothing); err != own {
		t.Errorf("pick's error becomes %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := tables.Read(ctx, dir, pick, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "part-99999.parquet"), []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := tables.Read(context.Background(), dir, pick, nothing); !errors.Is(err, tables.ErrTable) {
		t.Errorf("a damaged part: %v", err)
	}
}

// TestEachPart has every part in its order, with what is known before its rows are read.
func TestEachPart(t *testing.T) {
	dir := numbered(t, 2)
	var seen []string
	plan := func(s *column.Schema) error { seen = append(seen, s.Table); return nil }
	err := tables.EachPart(dir, plan, func(p *tables.Part) error {
		seen = append(seen, fmt.Sprint(filepath.Base(p.Path()), " ", p.NumRows(), " ", len(p.Schema().Columns)))
		return nil
	})
	if want := "[numbers part-00000.parquet 3 2 part-00001.parquet 3 2]"; err != nil || fmt.Sprint(seen) != want {
		t.Errorf("%v, %v; want %s", seen, err, want)
	}
}

// TestManyParts: their numbers grow a digit.
func TestManyParts(t *testing.T) {
	dir := t.TempDir()
	want := []string{"a.parquet", "part-00000.parquet", "part-09999.parquet", "part-99999.parquet", "part-100000.parquet", "part-100001.parquet", "partial.parquet", "z.parquet"}
	for _, name := range want {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := tables.Files(dir)
	var got []string
	for _, f := range files {
		got = append(got, filepath.Base(f))
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestPartitions: the folders of a table's partitions are read one after the other, by name;
// anything else beside them makes the folder none.
func TestPartitions(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"date=2026-11-02/split=b", "date=2026-11-02/split=a", "date=2026-11-01"} {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(numbered(t, i+1), to); err != nil {
			t.Fatal(err)
		}
	}
	files, err := tables.Files(dir)
	var got []string
	for _, f := range files {
		name, _ := filepath.Rel(dir, f)
		got = append(got, filepath.ToSlash(name))
	}
	want := []string{
		"date=2026-11-01/part-00000.parquet", "date=2026-11-01/part-00001.parquet", "date=2026-11-01/part-00002.parquet",
		"date=2026-11-02/split=a/part-00000.parquet", "date=2026-11-02/split=a/part-00001.parquet", "date=2026-11-02/split=b/part-00000.parquet",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, other := range []string{"flows", "=x"} {
		if err := os.Mkdir(filepath.Join(dir, other), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := tables.Files(dir); !errors.Is(err, tables.ErrTable) {
			t.Errorf("beside %s: %v", other, err)
		}
		if err := os.Remove(filepath.Join(dir, other)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "date=2026-11-03", "a=b", "c=d", "e=f"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := tables.Files(dir); !errors.Is(err, tables.ErrTable) {
		t.Errorf("folders without end: %v", err)
	}
}
