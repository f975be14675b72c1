package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/cmd/baselines"
	"pcapmill/cmd/datasets"
	"pcapmill/cmd/drifts"
	"pcapmill/cmd/labels"
	"pcapmill/cmd/prints"
	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/model/rules"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/verify"
)

// farm is a live folder and the segments that it can still grow by.
type farm struct {
	*seg
	o      *Options
	coming [][]byte
	grown  int      // segments that were committed since
	copies bool     // whether the folder is copied before each of them
	states []string // these copies
}

// newFarm is a live folder of so many segments of the demo capture, with windows of ten seconds.
func newFarm(t testing.TB, segments int) *farm {
	t.Helper()
	pieces := demo(t, 250)
	f := &farm{seg: newSeg(t), coming: pieces[segments:]}
	f.o = f.seg.options()
	f.o.Job.Stages.Window = 10 * time.Second
	short := &f.o.Job.Stages.Timeouts // so that windows are over soon
	short.TCPIdle, short.TCPClosed, short.UDPIdle, short.OtherIdle, short.Active = time.Second, time.Second, time.Second, time.Second, 5*time.Second
	f.o.Every = time.Nanosecond // each commit rewrites the manifest
	for _, data := range pieces[:segments] {
		f.add(data)
	}
	analysed(t, f.o)
	return f
}

// grow commits a segment by a real analysis, while there are some.
func (f *farm) grow() {
	if len(f.coming) == 0 {
		return
	}
	if f.copies {
		f.states = append(f.states, f.frozen())
	}
	f.add(f.coming[0])
	f.coming = f.coming[1:]
	f.grown++
	analysed(f.t, f.o)
}

func (f *farm) out() string { return f.o.Job.Out }

// frozen copies the folder as it is.
func (f *farm) frozen() string {
	f.t.Helper()
	dir := filepath.Join(f.t.TempDir(), filepath.Base(f.out()))
	if err := os.CopyFS(dir, os.DirFS(f.out())); err != nil {
		f.t.Fatal(err)
	}
	return dir
}

// growing is a context by which the folder grows by a segment whenever a reader asks it.
type growing struct {
	context.Context
	farm *farm
	mu   *sync.Mutex
}

func (f *farm) growing() growing { return growing{f.t.Context(), f, new(sync.Mutex)} }

func (g growing) grow() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.farm.grow()
}

func (g growing) Done() <-chan struct{} {
	g.grow()
	return g.Context.Done()
}

func (g growing) Err() error {
	g.grow()
	return g.Context.Err()
}

// whileGrowing asks that what a reader makes of a folder that grows meanwhile is what it makes of a
// copy of one state, to which two segments were added at least before the reader was done.
func (f *farm) whileGrowing(read func(ctx context.Context, dir string) (string, error)) {
	f.t.Helper()
	f.copies = true
	got, err := read(f.growing(), f.out())
	if err != nil {
		f.t.Fatalf("while it grows: %v", err)
	}
	difference := ""
	for i, state := range f.states[:max(0, len(f.states)-1)] {
		want, err := read(f.t.Context(), state)
		if err != nil {
			f.t.Fatal(err)
		}
		if got == want {
			return
		}
		difference += fmt.Sprintf("\n%d segments later: %s", i, firstDifference(got, want))
	}
	f.t.Errorf("it grew by %d segments, and what was read is of no state:%s", f.grown, difference)
}

// tablesOf says what a folder of tables holds, and of what it was made.
func tablesOf(t testing.TB, dir string) string {
	t.Helper()
	o, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"run " + o.Manifest.RunID}
	for _, table := range o.Manifest.Tables {
		for _, p := range table.Parts {
			all = append(all, fmt.Sprint(p.Path, " ", p.Rows, " ", p.SHA256))
		}
	}
	return strings.Join(all, "\n")
}

// labelRules say something of flows and of windows, and ask a column.
const labelRules = `
version: 1
zone: UTC
rules:
  - {id: lookups, label: lookup, category: benign, dst_ports: 53, protocol: udp}
  - {id: rest, label: rest, category: benign, priority: -5}
`

// labelling labels a folder, with all that reads tables again.
func labelling(t testing.TB, dir string) *labels.Label {
	t.Helper()
	path := filepath.Join(t.TempDir(), "labels.yaml")
	alert := `{"timestamp":"2026-03-02T09:00:30.000000+0000","event_type":"alert","src_ip":"203.0.113.66","src_port":33000,"dest_ip":"192.0.2.20","dest_port":1,"proto":"TCP","alert":{"signature":"s","category":"c","severity":1}}`
	events := filepath.Join(t.TempDir(), "eve.json")
	for name, data := range map[string]string{path: labelRules, events: alert + "\n"} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &labels.Label{
		Tables: dir, Rules: []string{path, events}, Out: filepath.Join(t.TempDir(), "labels"), Match: match.DefaultConfig(), Attempt: labels.AttemptSuffix,
		Source: source.Options{AlertLabel: source.LabelCategory, Zone: time.UTC}, To: []string{labels.ToRecords, labels.ToWindows},
		Tool: manifest.Tool{Name: "pcapmill", Version: "test"},
	}
}

// TestLabelWhileGrowing: labels are of the rows that there were when the folder was opened.
func TestLabelWhileGrowing(t *testing.T) {
	newFarm(t, 4).whileGrowing(func(ctx context.Context, dir string) (string, error) {
		l := labelling(t, dir)
		if _, err := l.Run(ctx); err != nil {
			return "", err
		}
		return tablesOf(t, l.Out), nil
	})
}

// building makes a dataset of a folder and labels of it.
func building(t testing.TB, table, dir string, labels ...string) *datasets.Build {
	t.Helper()
	c := build.DefaultConfig()
	c.Table, c.MinClass = table, 1
	return &datasets.Build{Tables: []string{dir}, Labels: labels, Out: filepath.Join(t.TempDir(), "dataset"), Config: c, Tool: manifest.Tool{Name: "pcapmill", Version: "test"}}
}

// TestDatasetOfGrownTables: labels that were made before the folder grew, and while it grows on, give
// the dataset that they give with the folder as it was.
func TestDatasetOfGrownTables(t *testing.T) {
	for _, table := range []string{"flows", "hosts", "dns"} {
		f := newFarm(t, 4)
		l := labelling(t, f.out())
		if _, err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		still := f.frozen()
		make := func(ctx context.Context, dir string) string {
			b := building(t, table, dir, l.Out)
			if _, err := b.Run(ctx); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			return tablesOf(t, b.Out)
		}
		want := make(t.Context(), still)
		f.o.Job.Again = []string{"run"} // the manifest's other facts may change too
		f.grow()
		if got := make(f.growing(), f.out()); got != want || f.grown < 3 {
			t.Errorf("%s, %d segments later: %s", table, f.grown, firstDifference(got, want))
		}
		f.end()
		analysed(t, f.o)
		if got := make(t.Context(), f.out()); got != want {
			t.Errorf("%s, at the end: %s", table, firstDifference(got, want))
		}
	}
}

// TestDatasetOfOtherTables: labels of other tables, or of two states, are refused in one line.
func TestDatasetOfOtherTables(t *testing.T) {
	f, other := newFarm(t, 1), newFarm(t, 2)
	first, second, foreign := labelling(t, f.out()), labelling(t, f.out()), labelling(t, other.out())
	for _, l := range []*labels.Label{first, foreign, second} {
		if _, err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.grow()
	}
	both := building(t, "flows", f.out(), first.Out, second.Out)
	if _, err := both.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "has two labellings") {
		t.Error(err)
	}
	strange := building(t, "flows", f.out(), foreign.Out)
	if _, err := strange.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "label it again") {
		t.Error(err)
	}
	twice := building(t, "flows", f.out(), first.Out)
	twice.Tables = append(twice.Tables, f.frozen())
	if _, err := twice.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "is the same run as") {
		t.Error(err)
	}
}

// learned is the baseline of a folder, which it writes.
func learned(ctx context.Context, path, dir string) (string, error) {
	b := &baselines.Build{Out: path, Tables: []string{dir}, Keys: -1, Covered: 0.9, Force: true}
	if _, err := b.Run(ctx); err != nil {
		return "", err
	}
	data, err := os.ReadFile(b.Out)
	return string(data), err
}

// baseline is one of the folder as it is.
func (f *farm) baseline() string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "office.baseline")
	if _, err := learned(f.t.Context(), path, f.out()); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// judged is the drift of a folder from a baseline.
func judged(ctx context.Context, base, dir string) (string, error) {
	j := &drifts.Tables{Baseline: base, Paths: []string{dir}, Covered: 0.9}
	r, err := j.Judge(ctx)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(r)
	return strings.ReplaceAll(string(data), dir, "DIR"), err
}

// TestBaselineWhileGrowing: windows and pairs are those of one state.
func TestBaselineWhileGrowing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.baseline")
	newFarm(t, 4).whileGrowing(func(ctx context.Context, dir string) (string, error) { return learned(ctx, path, dir) })
}

// TestDriftWhileGrowing is the same of drift.
func TestDriftWhileGrowing(t *testing.T) {
	f := newFarm(t, 4)
	base := f.baseline()
	f.whileGrowing(func(ctx context.Context, dir string) (string, error) { return judged(ctx, base, dir) })
}

// TestRulesWhileGrowing: all tables that rules ask are of one state.
func TestRulesWhileGrowing(t *testing.T) {
	all, err := rules.LoadAll([]string{rulesFile(t)}, true)
	if err != nil {
		t.Fatal(err)
	}
	newFarm(t, 4).whileGrowing(func(ctx context.Context, dir string) (string, error) {
		r, err := rules.Run(ctx, all, nil, rules.DefaultConfig(), []string{dir})
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = rules.WriteJSONL(&out, r)
		return out.String(), err
	})
}

// TestFingerprintsWhileGrowing: what a command loads twice is the same.
func TestFingerprintsWhileGrowing(t *testing.T) {
	newFarm(t, 4).whileGrowing(func(ctx context.Context, dir string) (string, error) {
		view, host := tables.NewView(), netip.MustParseAddr("192.0.2.53")
		all, err := prints.Load(ctx, view, []string{dir})
		if err != nil {
			return "", err
		}
		windows, err := prints.LoadWindows(ctx, view, []string{dir}, host)
		if err != nil || len(all) == 0 || len(windows) == 0 {
			return "", fmt.Errorf("%d hosts, %d windows, %w", len(all), len(windows), err)
		}
		data, err := json.Marshal([]any{all, windows})
		return string(data), err
	})
}

// TestVerifyWhileGrowing: what comes while a folder is looked at is no finding, though its last
// session had ended.
func TestVerifyWhileGrowing(t *testing.T) {
	f := newFarm(t, 4)
	f.end()
	analysed(t, f.o)
	f.begin()
	f.whileGrowing(func(ctx context.Context, dir string) (string, error) {
		c := verify.DefaultConfig()
		c.AnyMode = true // copies do not keep theirs
		r, err := verify.Folder(ctx, dir, c)
		for _, one := range r.Findings {
			t.Error(one)
		}
		return fmt.Sprint(r.Tables, r.Parts, r.Rows, r.Bytes, r.Unchecked), err
	})
}

// TestStatesStay: nothing that a reader may have in view is changed or removed by analysis: not when
// it goes on, starts again, does segments again as its last state is gone, or begins anew without any.
func TestStatesStay(t *testing.T) {
	f := newFarm(t, 2)
	checkpoints := func() []string {
		all, err := filepath.Glob(filepath.Join(f.out(), livefolder.CheckpointFolder, "*"))
		if err != nil || len(all) == 0 {
			t.Fatal(all, err)
		}
		return all
	}
	for _, harm := range []func(){
		func() {}, func() { damage(t, checkpoints()[len(checkpoints())-1]) },
		func() {
			for _, path := range append(checkpoints(), f.path(1)) {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		before := filesOf(t, f.out())
		harm()
		f.grow()
		after := filesOf(t, f.out())
		maps.DeleteFunc(after, func(path, _ string) bool { return before[path] == "" })
		sameFiles(t, after, before)
	}
	verified(t, f.out())
}
