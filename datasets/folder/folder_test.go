package folder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/datasets/folder"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/verify"
)

func schema() *column.Schema {
	return &column.Schema{Table: "data", Version: 1, Columns: []column.Column{{Name: "n", Type: column.Int64, Doc: "A number."}}}
}

func spec(kind string, sources ...folder.Source) folder.Spec {
	c := parquetfile.DefaultConfig()
	c.PartRows = 4
	return folder.Spec{Kind: kind, Options: map[string]string{"seed": "1"}, Sources: sources, Tool: manifest.Tool{Name: "pcapmill", Version: "test"}, Parquet: c}
}

func write(t *testing.T, w *folder.Writer, values ...int64) {
	t.Helper()
	b := batch.New(schema())
	b.Vectors[0].Int64, b.Rows = values, len(values)
	if err := errors.Join(w.Write(b), w.Close()); err != nil {
		t.Fatal(err)
	}
}

// made writes a folder with a table in two partitions, a copy of it as CSV and a file.
func made(t *testing.T, dir string, s folder.Spec) {
	t.Helper()
	f, err := folder.Create(dir, s)
	if err != nil || f == nil {
		t.Fatalf("%v, %v", f, err)
	}
	for i, split := range []string{"train", "test"} {
		w, err := f.Table(schema(), "split", split)
		if err != nil {
			t.Fatal(err)
		}
		write(t, w, []int64{1, 2, 3, 4, 5}[:5-2*i]...)
	}
	w, err := f.TableAs(schema(), "csv", parts.CSV, "", "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 1, 2, 3)
	if err := f.File("notes.txt", func(w io.Writer) error { _, err := io.WriteString(w, "note\n"); return err }); err != nil {
		t.Fatal(err)
	}
	if n := len(f.Files()); n != 5 { // 2 parts of train, test, csv, notes
		t.Errorf("%d files", n)
	}
	if !f.Check("rows", 8, 8) {
		t.Error("a check that holds does not")
	}
	if err := f.Finish([]string{"a note"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Abort(); err != nil { // does nothing
		t.Fatal(err)
	}
}

// TestFolder writes a folder and one that is made of it, and reads both as others do.
func TestFolder(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	made(t, first, spec("labels", folder.FileSource("rules", "r.yaml", "rules", strings.Repeat("ab", 32), 7)))
	o, err := folder.Open(first)
	if err != nil {
		t.Fatal(err)
	}
	made(t, second, spec("dataset", o.Source("labels"), o.Source("tables")))
	o2, err := folder.Open(second)
	if err != nil {
		t.Fatal(err)
	}
	if o2.Kind() != "dataset" || !slices.Equal(o2.StepSums(), []string{o.SHA256}) || len(o2.Manifest.Sources) != 2 {
		t.Errorf("%s, steps %v, %+v", o2.Kind(), o2.StepSums(), o2.Manifest.Sources)
	}
	if steps, err := o2.Steps(); err != nil || len(steps) != 1 || steps[0].Kind != "labels" || steps[0].Sources[0].Path != "r.yaml" {
		t.Errorf("%v, %v", steps, err)
	}
	if got := o2.Partitions("data"); !slices.Equal(got, []string{"split=test", "split=train"}) {
		t.Error(got)
	}
	for path, want := range map[string]string{
		o2.Path("data", ""):            "[1 2 3 1 2 3 4 5]",
		o2.Path("data", "split=train"): "[1 2 3 4 5]",
	} {
		if got := values(t, path); got != want {
			t.Errorf("%s has %s", path, got)
		}
	}
	for _, dir := range []string{first, second} {
		report, err := verify.Folder(context.Background(), dir, verify.DefaultConfig())
		if err != nil || !report.OK() || len(report.Unchecked) > 0 || len(report.Others) > 0 {
			t.Errorf("%v, %v, %v, %v", err, report.Findings, report.Unchecked, report.Others)
		}
	}
}

func values(t *testing.T, path string) string {
	t.Helper()
	var all []int64
	err := tables.Read(context.Background(), path, func(*column.Schema) ([]string, error) { return []string{"n"}, nil },
		func(b *batch.Batch) error { all = append(all, b.Vectors[0].Int64[:b.Rows]...); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all)
}

// TestSameBytes: the bytes are those of the plan, which other options or sources change.
func TestSameBytes(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	made(t, a, spec("labels"))
	made(t, b, spec("labels"))
	read := func(d string) string { data, _ := os.ReadFile(filepath.Join(d, manifest.Name)); return string(data) }
	if read(a) != read(b) {
		t.Error("two manifests of one plan")
	}
	if f, err := folder.Create(a, spec("labels")); f != nil || err != nil {
		t.Errorf("%v, %v where there is nothing to do", f, err)
	}
	other := spec("labels")
	other.Options = map[string]string{"seed": "2"}
	if _, err := folder.Create(a, other); !errors.Is(err, publish.ErrOther) {
		t.Error(err)
	}
	if _, err := folder.Create(a, spec("labels", folder.FileSource("rules", "r", "rules", strings.Repeat("00", 32), 1))); !errors.Is(err, publish.ErrOther) {
		t.Error(err)
	}
	other.Force = true
	made(t, a, other)
	same := spec("labels")
	same.Force = true
	made(t, b, same)
}

// TestAbort leaves nothing, and a partition of other columns is refused.
func TestAbort(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f, err := folder.Create(dir, spec("labels"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.Table(schema(), "split", "train")
	if err != nil {
		t.Fatal(err)
	}
	b := batch.New(schema())
	b.Vectors[0].Int64, b.Rows = []int64{1, 2, 3, 4, 5}, 5
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	wide := schema()
	wide.Columns = append(wide.Columns, column.Column{Name: "m", Type: column.Int64, Doc: "Another."})
	if _, err := f.Table(wide, "split", "test"); err == nil {
		t.Error("other columns are taken")
	}
	for _, bad := range [][2]string{{"split", "../x"}, {"a/b", "c"}, {"split", ""}, {"split", "a=b"}, {"split", "train"}} {
		if _, err := f.Table(schema(), bad[0], bad[1]); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestForce replaces a folder once there is something to write, and not before.
func TestForce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	made(t, dir, spec("labels"))
	for _, seed := range []string{"1", "2"} { // of the same plan, and of another
		s := spec("labels")
		s.Options["seed"], s.Force = seed, true
		f, err := folder.Create(dir, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Abort(); err != nil {
			t.Fatal(err)
		}
		if o, err := folder.Open(dir); err != nil || o.Manifest.Options["seed"] != "1" {
			t.Fatalf("seed %s, of which nothing was written: %v, %v", seed, o, err)
		}
	}
	s := spec("labels")
	s.Options["seed"], s.Force = "2", true
	made(t, dir, s)
	if o, err := folder.Open(dir); err != nil || o.Manifest.Options["seed"] != "2" {
		t.Errorf("%v, %v", o, err)
	}
}

// TestOpenRefuses what is not a finished folder, and steps that are not those listed.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := folder.Open(dir); !errors.Is(err, folder.ErrFolder) {
		t.Error(err)
	}
	if _, err := folder.Open(filepath.Join(dir, "none")); !errors.Is(err, folder.ErrFolder) {
		t.Error(err)
	}
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	made(t, first, spec("labels"))
	o, err := folder.Open(first)
	if err != nil {
		t.Fatal(err)
	}
	made(t, second, spec("dataset", o.Source("labels")))
	other, err := os.ReadFile(filepath.Join(second, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "step-01-labels.json"), other, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Open(second); !errors.Is(err, folder.ErrFolder) {
		t.Errorf("%v for a step that is another", err)
	}
}

// TestElsewhere: what a folder is made of decides its plan, not where that lay; and other names of
// captures, which rules can ask for, are other sources.
func TestElsewhere(t *testing.T) {
	dir := t.TempDir()
	plans := map[string]bool{}
	for _, name := range []string{"a", "b"} {
		first, second := filepath.Join(dir, name, "first"), filepath.Join(dir, name, "second")
		made(t, first, spec("labels", folder.FileSource("rules", name+".yaml", "rules", strings.Repeat("ab", 32), 7)))
		o, err := folder.Open(first)
		if err != nil {
			t.Fatal(err)
		}
		again := spec("dataset", o.Source("labels"))
		again.Again = []string{"dataset", "build"}
		made(t, second, again)
		o, err = folder.Open(second)
		if err != nil || !slices.Equal(o.Manifest.Again, again.Again) {
			t.Fatal(err)
		}
		plans[o.Manifest.PlanID] = true
	}
	if len(plans) != 1 {
		t.Errorf("%d plans", len(plans))
	}
}

// TestLists: elements come back as they were, but for empty ones, and what others wrote is read too.
func TestLists(t *testing.T) {
	for _, c := range []struct {
		list   []string
		option string
	}{
		{nil, ""},
		{[]string{"a", "b"}, "a,b"},
		{[]string{"a,b"}, `a\,b`},
		{[]string{`a\`, "b"}, `a\\,b`},
		{[]string{`\`, ",", " c"}, `\\,\,, c`},
	} {
		if got := folder.JoinList(c.list); got != c.option {
			t.Errorf("%q is %s, want %s", c.list, got, c.option)
		}
		if got := folder.SplitList(c.option); !slices.Equal(got, c.list) {
			t.Errorf("%s is %q, want %q", c.option, got, c.list)
		}
	}
	for option, want := range map[string][]string{`a\b`: {`a\b`}, `a\`: {`a\`}, ",a,,b,": {"a", "b"}} {
		if got := folder.SplitList(option); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", option, got, want)
		}
	}
}
