package datasets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/pack"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/verify"
)

var tool = manifest.Tool{Name: "pcapmill", Version: "1.2.3", Revision: "0123abcd"}

// runOf turns captures into tables.
func runOf(ctx context.Context, captures []job.Named, out string) error {
	o := job.DefaultOptions()
	o.Named, o.Out, o.Tool, o.Again = captures, out, tool, []string{"run", "--active=30m0s"}
	o.Stages.Records, o.Stages.Windows = nil, nil
	_, err := job.Run(ctx, o, job.IO{})
	return err
}

// datasetOf makes a dataset of flows: of TCP, and not; rows of odd ports are test.
func datasetOf(ctx context.Context, run, out, seed string) error {
	tablesOf, err := folder.Open(run)
	if err != nil {
		return err
	}
	f, err := folder.Create(out, folder.Spec{
		Kind: build.Kind, Options: map[string]string{"seed": seed}, Sources: []folder.Source{tablesOf.Source("tables")},
		Tool: tool, Again: []string{"dataset", "split", "--seed=" + seed}, Parquet: parquetfile.DefaultConfig(),
	})
	if err != nil {
		return err
	}
	flow := func(name string, role column.Role, t column.Type) column.Column {
		return column.Column{Name: name, Type: t, Role: role, Doc: "As of the flow."}
	}
	label := column.Column{Name: "label", Type: column.String, Role: column.Label, Doc: "Whether it is TCP."}
	data := &column.Schema{Table: "data", Version: 1, Columns: []column.Column{flow("fwd_packets", column.Feature, column.Int64), flow("duration_ns", column.Feature, column.Int64), label}}
	keys := &column.Schema{Table: "keys", Version: 1, Columns: []column.Column{flow("start_ns", column.Time, column.Int64), flow("conn_id", column.Identity, column.Int64), flow("src_ip", column.LeakProne, column.String), label}}
	names := []string{"fwd_packets", "duration_ns", "start_ns", "conn_id", "src_ip", "protocol"}
	rows := map[string][2]*batch.Batch{"test": {batch.New(data), batch.New(keys)}, "train": {batch.New(data), batch.New(keys)}}
	n := 0
	err = tables.Read(ctx, tablesOf.Path("flows", ""), func(*column.Schema) ([]string, error) { return names, nil }, func(b *batch.Batch) error {
		for i := range b.Rows {
			split, word := "train", "udp"
			if n++; n%3 == 0 {
				split = "test"
			}
			if b.Vectors[5].Int32[i] == 6 {
				word = "tcp"
			}
			d, k := rows[split][0], rows[split][1]
			for c := range 2 {
				d.Vectors[c].Int64, k.Vectors[c].Int64 = append(d.Vectors[c].Int64, b.Vectors[c].Int64[i]), append(k.Vectors[c].Int64, b.Vectors[c+2].Int64[i])
			}
			k.Vectors[2].AppendText([]byte(b.Vectors[4].String(i)))
			d.Vectors[2].AppendText([]byte(word))
			k.Vectors[3].AppendText([]byte(word))
			d.Rows, k.Rows = d.Rows+1, k.Rows+1
		}
		return nil
	})
	for _, split := range []string{"test", "train"} {
		for _, b := range rows[split] {
			w, wrong := f.Table(b.Schema, "split", split)
			if err == nil {
				err = wrong
			}
			if err == nil {
				err = errors.Join(w.Write(b), w.Close())
			}
		}
	}
	if err == nil {
		err = f.Finish(nil)
	}
	return errors.Join(err, f.Abort())
}

func export(dataset, meta, out string) *datasets.Export {
	return &datasets.Export{
		Dataset: dataset, Out: out, Meta: meta, CSV: true, Arrow: true, Keys: true, Tool: tool, Again: []string{"dataset", "export", "--csv=true", "--arrow=true", "--keys=true"},
	}
}

// made is a package with all that came before it.
type made struct{ dir, captures, run, dataset, out string }

func makePackage(t *testing.T) made {
	t.Helper()
	dir := t.TempDir()
	m := made{dir, filepath.Join(dir, "captures"), filepath.Join(dir, "run"), filepath.Join(dir, "dataset"), filepath.Join(dir, "package")}
	meta := filepath.Join(dir, "about.yaml")
	if err := errors.Join(os.Mkdir(m.captures, 0o700), os.WriteFile(meta, []byte("title: Two protocols\nauthors: [{name: A Lab}]\nlicense: CC0-1.0\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(m.captures, "first day.pcapng")
	ctx := context.Background()
	if err := job.WriteDemo(ctx, capture); err != nil {
		t.Fatal(err)
	}
	if err := runOf(ctx, []job.Named{{Path: capture, Name: "old/place/first day.pcapng"}}, m.run); err != nil {
		t.Fatal(err)
	}
	if err := datasetOf(ctx, m.run, m.dataset, "1"); err != nil {
		t.Fatal(err)
	}
	done, err := export(m.dataset, meta, m.out).Run(ctx)
	if err != nil || done.Nothing || done.Rows != 470 {
		t.Fatalf("%+v, %v", done, err)
	}
	return m
}

// TestExport makes a package that is whole in the eyes of verify and of sha256sum, once.
func TestExport(t *testing.T) {
	m := makePackage(t)
	report, err := verify.Folder(context.Background(), m.out, verify.DefaultConfig())
	if err != nil || !report.OK() || len(report.Unchecked) > 0 || len(report.Others) > 0 {
		t.Errorf("%v, %v, %v, %v", err, report.Findings, report.Unchecked, report.Others)
	}
	for _, name := range []string{
		"README.md", "croissant.json", "CITATION.cff", "report.html", "columns.md", "dictionary.json", "recipe.json", "meta.yaml",
		"data/split=train/part-00000.parquet", "keys/split=test/part-00000.parquet", "csv/split=train/part-00000.csv", "arrow/split=test/part-00000.arrow",
		"step-01-run.json", "step-02-dataset.json",
	} {
		if _, err := os.Stat(filepath.Join(m.out, name)); err != nil {
			t.Error(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(m.out, datasets.RecipeName))
	if err != nil {
		t.Fatal(err)
	}
	recipe, err := pack.ParseRecipe(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range recipe.Steps[len(recipe.Steps)-1].Tables { // data, keys, and copies of data
		if table.Rows != 470 {
			t.Errorf("the recipe says that %s has %d rows", table.Name, table.Rows)
		}
	}
	if done, err := export(m.dataset, filepath.Join(m.dir, "about.yaml"), m.out).Run(context.Background()); err != nil || !done.Nothing {
		t.Errorf("again: %+v, %v", done, err)
	}
	sums := exec.Command("sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS")
	sums.Dir = m.out
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("no sha256sum here")
	} else if said, err := sums.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// TestWordsChangeNoTable: other words of people make another package, of the same tables; these are
// the dataset's.
func TestWordsChangeNoTable(t *testing.T) {
	m := makePackage(t)
	other := filepath.Join(m.dir, "other")
	e := export(m.dataset, "", other)
	e.Title, e.CSV = "Other words", false
	if done, err := e.Run(context.Background()); err != nil || done.Nothing {
		t.Fatalf("%+v, %v", done, err)
	}
	var plans []string
	for i, dir := range []string{m.dataset, m.out, other} {
		o, err := folder.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, o.Manifest.PlanID)
		for _, name := range []string{"data/split=train", "data/split=test", "keys/split=train", "arrow/split=test"} {
			if i == 0 && strings.HasPrefix(name, "arrow") {
				continue
			}
			like := m.dataset
			if strings.HasPrefix(name, "arrow") {
				like = m.out
			}
			if a, b := partOf(t, like, name), partOf(t, dir, name); !bytes.Equal(a, b) {
				t.Errorf("%s of %s has other bytes", name, dir)
			}
		}
	}
	if slices.Sort(plans); len(slices.Compact(plans)) != 3 {
		t.Errorf("plans %v", plans)
	}
	if report, err := verify.Folder(context.Background(), other, verify.DefaultConfig()); err != nil || !report.OK() {
		t.Errorf("%v, %v", err, report.Findings)
	}
}

// TestLicenseInstead: a licence that is named instead of the one in the file is not linked to that one's text.
func TestLicenseInstead(t *testing.T) {
	m := makePackage(t)
	meta := filepath.Join(m.dir, "licensed.yaml")
	if err := os.WriteFile(meta, []byte("license: Ours alone\nlicense_url: https://example.org/ours\nauthors: [{name: A Lab}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for license, url := range map[string]string{"": "https://example.org/ours", "Ours alone": "https://example.org/ours", "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/"} {
		e := export(m.dataset, meta, filepath.Join(m.dir, "licensed "+license))
		e.License = license
		if _, err := e.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(e.Out, "croissant.json"))
		if err != nil || !bytes.Contains(data, []byte(`"license": "`+url+`"`)) {
			t.Errorf("%q: %v, no %s", license, err, url)
		}
	}
	card, err := datasets.Card(context.Background(), filepath.Join(m.dir, "licensed CC0-1.0"), "", false)
	if err != nil || !bytes.Contains(card, []byte("\nlicense: cc0-1.0\n")) {
		t.Errorf("%v: its card says\n%.200s", err, card)
	}
}

// partOf returns the bytes of the only part in a folder.
func partOf(t *testing.T, dir, name string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(name), "part-00000.*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExportWithoutKeys: addresses that are in keys alone are in nothing that is said of the dataset.
func TestExportWithoutKeys(t *testing.T) {
	m := makePackage(t)
	address := regexp.MustCompile(`"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+: [0-9]+ rows? in train`)
	for _, keys := range []bool{true, false} {
		e := export(m.dataset, "", filepath.Join(m.dir, fmt.Sprint("keys ", keys)))
		e.Keys, e.Check = keys, true
		if _, err := e.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(e.Out, "leakage.json"))
		if err != nil || address.Match(data) != keys {
			t.Errorf("keys %v: %v\n%s", keys, err, data)
		}
	}
}

// TestExportRefuses what is no dataset.
func TestExportRefuses(t *testing.T) {
	m := makePackage(t)
	for dir, want := range map[string]error{m.run: pack.ErrDataset, m.out: pack.ErrDataset, m.captures: folder.ErrFolder} {
		if _, err := export(dir, "", filepath.Join(m.dir, "x")).Run(context.Background()); !errors.Is(err, want) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	bad := filepath.Join(m.dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("titel: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := export(m.dataset, bad, filepath.Join(m.dir, "x")).Run(context.Background()); !errors.Is(err, pack.ErrMeta) || !strings.Contains(err.Error(), "line 1") {
		t.Error(err)
	}
}

// TestCard is the same page for a package as the package has, but for what only there is known.
func TestCard(t *testing.T) {
	m := makePackage(t)
	for _, dir := range []string{m.dataset, m.out} {
		card, err := datasets.Card(context.Background(), dir, "", false)
		if err != nil || !bytes.Contains(card, []byte("| tcp | ")) {
			t.Errorf("%v:\n%s", err, card)
		}
	}
	nameless := filepath.Join(m.dir, "nameless")
	if _, err := export(m.dataset, "", nameless).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(nameless, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{m.dataset, nameless} { // nobody names the dataset: it has one name all the same
		card, err := datasets.Card(context.Background(), dir, "", false)
		if title := titleOf(card); err != nil || title == "" || title != titleOf(readme) {
			t.Errorf("%s: %v, %q and not %q", dir, err, title, titleOf(readme))
		}
	}
	e := export(m.dataset, "", filepath.Join(m.dir, "checked"))
	e.Check = true
	if _, err := e.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	card, err := datasets.Card(context.Background(), e.Out, "", false)
	readme, err2 := os.ReadFile(filepath.Join(e.Out, datasets.CardName))
	if err = errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Check for leaks", "Limits", "Use"} {
		if got, want := section(card, name), section(readme, name); got != want || got == "" {
			t.Errorf("the card has\n%s\nand the package's\n%s", got, want)
		}
	}
	if !bytes.Contains(card, []byte("\nrecipe_sha256: ")) {
		t.Errorf("no recipe in\n%.500s", card)
	}
}

// titleOf is the first heading of a card.
func titleOf(card []byte) string {
	_, rest, _ := strings.Cut(string(card), "\n# ")
	title, _, _ := strings.Cut(rest, "\n")
	return title
}

// section returns what a page has under a heading.
func section(page []byte, name string) string {
	_, rest, _ := strings.Cut(string(page), "\n## "+name+"\n")
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// TestCardOfStrangers: what a package says of itself is what its manifest lists, and no link leads elsewhere.
func TestCardOfStrangers(t *testing.T) {
	m := makePackage(t)
	meta, elsewhere := filepath.Join(m.out, datasets.MetaName), filepath.Join(m.dir, "elsewhere")
	if err := errors.Join(os.Rename(meta, elsewhere), os.Symlink(elsewhere, meta)); err != nil {
		t.Skip(err)
	}
	if _, err := datasets.Card(context.Background(), m.out, "", false); !errors.Is(err, pack.ErrDataset) {
		t.Errorf("a link: %v", err)
	}
	if err := errors.Join(os.Remove(meta), os.WriteFile(meta, []byte("title: Other words\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := datasets.Card(context.Background(), m.out, "", false); !errors.Is(err, pack.ErrDataset) {
		t.Errorf("other bytes: %v", err)
	}
	e := export(m.dataset, "", filepath.Join(m.dir, "checked"))
	e.Check = true
	_, err := e.Run(context.Background())
	if err = errors.Join(err, os.WriteFile(filepath.Join(e.Out, "leakage.json"), []byte("{}\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := datasets.Card(context.Background(), e.Out, "", false); !errors.Is(err, pack.ErrDataset) {
		t.Errorf("other leakage.json: %v", err)
	}
}

// do does the steps of makePackage again; seed is that of the dataset.
func do(seed string) func(context.Context, *datasets.Task) error {
	return func(ctx context.Context, t *datasets.Task) error {
		switch words := strings.Join(t.Step.Words(), " "); words {
		case "run":
			return runOf(ctx, []job.Named{{Path: t.Paths[0], Name: t.Step.Inputs[0].Name}}, t.Out)
		case "dataset split":
			return datasetOf(ctx, t.Paths[0], t.Out, seed)
		case "dataset export":
			_, err := export(t.Paths[0], t.Paths[1], t.Out).Run(ctx)
			return err
		default:
			return fmt.Errorf("step %s", words)
		}
	}
}

func (m *made) rebuild(t *testing.T, change func(*datasets.Rebuild)) (*datasets.Rebuilt, []string, error) {
	t.Helper()
	var said []string
	r := datasets.Rebuild{
		Card: filepath.Join(m.out, "README.md"), From: []string{m.captures}, Out: filepath.Join(t.TempDir(), "again"), Tool: tool, Do: do("1"), Check: func(*pack.Step) error { return nil },
		Say: func(line string) { said = append(said, line) },
	}
	change(&r)
	done, err := r.Run(context.Background())
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(r.Out), ".pcapmill-rebuild-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return done, said, err
}

// TestRebuild makes the package again, from the capture under another name elsewhere: the same bytes.
func TestRebuild(t *testing.T) {
	m := makePackage(t)
	if err := os.Rename(filepath.Join(m.captures, "first day.pcapng"), filepath.Join(m.captures, "renamed")); err != nil {
		t.Fatal(err)
	}
	done, said, err := m.rebuild(t, func(*datasets.Rebuild) {})
	if err != nil || done.Difference != "" || done.Files < 15 || done.Steps != 3 || done.Other != "" {
		t.Errorf("%+v, %v, %v", done, said, err)
	}
	done, said, err = m.rebuild(t, func(r *datasets.Rebuild) { r.Do = do("2") })
	if err != nil || !strings.Contains(done.Difference, "table data of step 02-dataset has other bytes") {
		t.Errorf("another seed: %+v, %v, %v", done, said, err)
	}
	done, said, err = m.rebuild(t, func(r *datasets.Rebuild) { r.Tool.Version = "9" })
	if err != nil || done.Other == "" || len(said) == 0 || !strings.Contains(said[0], "made by pcapmill 1.2.3") {
		t.Errorf("another tool: %+v, %v, %v", done, said, err)
	}
}

// TestRebuildOfStrangers follows no link out of the package, and checks all steps before the first;
// a folder that the user names may be a link.
func TestRebuildOfStrangers(t *testing.T) {
	m := makePackage(t)
	none := errors.New("not this one")
	_, _, err := m.rebuild(t, func(r *datasets.Rebuild) {
		r.Check = func(s *pack.Step) error {
			if s.Kind == pack.Kind {
				return none
			}
			return nil
		}
		r.Do = func(context.Context, *datasets.Task) error { t.Error("a step is done"); return none }
	})
	if !errors.Is(err, none) {
		t.Error(err)
	}
	linked := filepath.Join(m.dir, "linked")
	if err := os.Symlink(m.captures, linked); err != nil {
		t.Skip(err)
	}
	if done, _, err := m.rebuild(t, func(r *datasets.Rebuild) { r.From = []string{linked} }); err != nil || done.Difference != "" {
		t.Errorf("%+v, %v", done, err)
	}
	for _, name := range []string{"recipe.json", "README.md"} {
		path := filepath.Join(m.out, name)
		if err := errors.Join(os.Rename(path, filepath.Join(m.dir, name)), os.Symlink(filepath.Join(m.dir, name), path)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.rebuild(t, func(*datasets.Rebuild) {}); !errors.Is(err, datasets.ErrCard) || !strings.Contains(err.Error(), "is no regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRebuildRefuses what is missing or was changed.
func TestRebuildRefuses(t *testing.T) {
	m := makePackage(t)
	_, _, err := m.rebuild(t, func(r *datasets.Rebuild) { r.From = []string{m.run} })
	var missing *datasets.Missing
	if !errors.As(err, &missing) || len(missing.Files) != 1 || !strings.Contains(err.Error(), "first day.pcapng") || !strings.Contains(err.Error(), missing.Files[0].SHA256) {
		t.Errorf("without the capture: %v", err)
	}
	if _, _, err := m.rebuild(t, func(r *datasets.Rebuild) { r.Out = m.dir }); !errors.Is(err, datasets.ErrThere) {
		t.Errorf("onto a folder: %v", err)
	}
	if _, _, err := m.rebuild(t, func(r *datasets.Rebuild) { r.Card = filepath.Join(m.out, "columns.md") }); !errors.Is(err, datasets.ErrCard) {
		t.Errorf("another page: %v", err)
	}
	path := filepath.Join(m.out, "recipe.json")
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, slices.Concat(data, []byte("\n")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.rebuild(t, func(*datasets.Rebuild) {}); !errors.Is(err, datasets.ErrCard) {
		t.Errorf("another recipe: %v", err)
	}
}
