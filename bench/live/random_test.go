package live

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/outputs/verify"
)

// Rows of a live folder are those of `run` over its segments, whatever the segments, the
// options, and the places where analysis was stopped or killed. A round that fails can be done
// alone with PCAPMILL_ROUND.
func TestRandomSessions(t *testing.T) {
	first, rounds := roundsToDo(12, 600)
	s := stocks(t)
	for n := range rounds {
		t.Run(fmt.Sprint(first+n), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(13, uint64(first+n)))
			newTrial(t, rng, &s).run()
		})
	}
}

// trial is one live folder and what it must be.
type trial struct {
	t    *testing.T
	rng  *rand.Rand
	dir  string
	log  *ledger.Log
	opts live.Options

	sessions [][]file
	number   int64
	paths    [][]string // of the segments of each session
	out      string
	cases    int // kills so far

	refused   float64     // share of the segments that are missing or damaged
	report    live.Report // of the last process
	processes int
}

func newTrial(t *testing.T, rng *rand.Rand, s *stock) *trial {
	t.Helper()
	var any seen
	r := emptyTrial(t, rng)
	for range 1 + rng.IntN(5)/3 {
		one, how := s.capture(rng), newCutting(rng)
		if r.sessions = append(r.sessions, how.segments(t, rng, s, &one)); len(any.list) == 0 {
			any = one
		}
	}
	r.choose(&any)
	r.refused = among(rng, 0, 0, 0, 0.05)
	r.open()
	return r
}

// rounds is how often something is done: less in ordinary tests.
func rounds(ordinary, accept int) int {
	if sharedtest.Accept() {
		return accept
	}
	return ordinary
}

// roundsToDo says which rounds are done: so many, or the one that PCAPMILL_ROUND names.
func roundsToDo(ordinary, accept int) (first, n int) {
	if one, err := strconv.Atoi(os.Getenv("PCAPMILL_ROUND")); err == nil {
		return one, 1
	}
	return 0, rounds(ordinary, accept)
}

// open makes the folder of segments and its ledger.
func (r *trial) open() {
	r.t.Helper()
	if err := os.Mkdir(r.opts.Segments, 0o700); err != nil {
		r.t.Fatal(err)
	}
	log, err := ledger.Open(filepath.Join(r.opts.Segments, event.LedgerName))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { log.Close() })
	r.log = log
}

// emptyTrial is one without segments.
func emptyTrial(t *testing.T, rng *rand.Rand) *trial {
	r := &trial{t: t, rng: rng, dir: t.TempDir(), opts: live.DefaultOptions()}
	r.opts.Segments, r.out = filepath.Join(r.dir, "segments"), filepath.Join(r.dir, "out")
	return r
}

// choose draws the options of an analysis.
func (r *trial) choose(of *seen) {
	r.opts.Job = randomOptions(r.rng, of)
	r.opts.Job.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	if r.rng.IntN(2) == 0 {
		r.opts.Every = 1 // a checkpoint behind each segment
	}
}

// run publishes segment by segment, analyses now and then, and compares.
func (r *trial) run() {
	r.t.Helper()
	restarts := among(r.rng, 0, 0.1, 0.5)
	failed := false
	for n, files := range r.sessions {
		r.paths = append(r.paths, nil)
		r.record(event.SessionEvent, event.Session{ID: fmt.Sprint(n), StartNs: eras[0]})
		for _, f := range files {
			r.publish(n, f)
			if !failed && r.rng.Float64() < restarts {
				failed = r.analyse()
			}
		}
		r.record(event.EndEvent, event.End{Session: fmt.Sprint(n), Why: "duration"})
	}
	for range 8 { // each may be killed
		if failed {
			break
		}
		failed = r.analyse()
	}
	r.compare(failed)
}

func (r *trial) record(name string, body any) {
	r.t.Helper()
	if err := r.log.Append(name, body); err != nil {
		r.t.Fatal(err)
	}
}

// publish adds a segment, as capture does.
func (r *trial) publish(session int, f file) {
	r.t.Helper()
	r.number++
	e := event.Segment{
		Number: r.number, Name: event.SegmentName(r.number, f.zstd), Session: fmt.Sprint(session), Bytes: int64(len(f.data)), SHA256: fmt.Sprintf("%x", sha256.Sum256(f.data)),
		OpenedNs: int64(eras[0]) + r.number*20e9, ClosedNs: int64(eras[0]) + (r.number+1)*20e9, Reason: event.ByPackets,
	}
	path := filepath.Join(r.opts.Segments, e.Name)
	if err := os.WriteFile(path, f.data, 0o600); err != nil {
		r.t.Fatal(err)
	}
	if r.rng.Float64() < r.refused {
		path = r.spoil(path, f.data)
	}
	r.paths[session] = append(r.paths[session], path)
	r.record(event.SegmentEvent, &e)
}

// spoil makes a segment one that analysis leaves out, and returns a file that run leaves out.
func (r *trial) spoil(path string, data []byte) string {
	r.t.Helper()
	var err error
	if r.rng.IntN(2) == 0 {
		err = os.Remove(path)
	} else {
		changed := slices.Clone(data)
		changed[r.rng.IntN(len(changed))] ^= 1
		err = os.WriteFile(path, changed, 0o600)
	}
	instead := filepath.Join(r.dir, filepath.Base(path))
	if err = errors.Join(err, os.WriteFile(instead, nil, 0o600)); err != nil {
		r.t.Fatal(err)
	}
	return instead
}

// analyse analyses what is there. It may be killed on the way: then it is the folder of a
// moment before that goes on. failed: no analysis can do more.
func (r *trial) analyse() (failed bool) {
	r.t.Helper()
	o, kill, calls, copied := r.opts, r.rng.IntN(12), 0, ""
	o.Job.Out = r.out
	if r.rng.IntN(6) == 0 {
		o.State = func(*live.State) {
			if calls++; calls == kill {
				r.cases++
				copied = filepath.Join(r.dir, fmt.Sprint("out", r.cases))
				copyFolder(r.t, r.out, copied)
			}
		}
	}
	report, err := live.Analyse(r.t.Context(), o)
	r.report, r.processes = report, r.processes+1
	if err != nil {
		var known *job.Error
		if errors.As(err, &known) && known.Exit == job.ExitUsage {
			return true
		}
		r.t.Error(report.Exit, err) // it may be another goroutine than the test's
		return true
	}
	if copied != "" {
		r.out = copied
	}
	return false
}

// compare compares the folder with runs over the segments of each session.
func (r *trial) compare(failed bool) {
	r.t.Helper()
	var want []string
	var sum manifest.Accounting
	var inputs []manifest.Input
	exit := job.ExitOK
	for i, first := 0, 0; i < len(r.paths); i++ {
		j := r.opts.Job
		j.Args, j.Out = r.paths[i], filepath.Join(r.dir, fmt.Sprint("offline", i))
		j.Stages.FirstInput, j.Stages.Workers = first, 1+r.rng.IntN(4)
		first += len(r.paths[i])
		report, err := job.Run(r.t.Context(), j, job.IO{})
		if err != nil {
			if failed {
				return
			}
			r.t.Fatalf("offline: %v", err)
		}
		exit = max(exit, report.Exit)
		m := manifesttest.Read(r.t, j.Out)
		sum.Plus(&m.Accounting)
		inputs = append(inputs, m.Inputs...)
		want = append(want, j.Out)
	}
	if failed {
		r.t.Fatal("live fails, and run does not")
	}
	if r.opts.Job.Format == job.FormatParquet {
		rows, err := CompareAll(r.t.Context(), r.out, want)
		if err != nil {
			r.t.Errorf("behind %d rows: %v", rows, err)
		}
	} else {
		r.compareLines(want)
	}
	m := manifesttest.Read(r.t, r.out)
	if found, err := livefolder.Whole(r.out, m); err != nil || len(found.Wrong) > 0 {
		r.t.Error(found.Wrong, err)
	}
	sameInputs(r.t, m.Inputs, inputs)
	if r.processes == 1 && r.report.Exit != exit {
		r.t.Errorf("exit code %d and not %d", r.report.Exit, exit)
	}
	got := m.Accounting
	if more, less := got.Minus(&sum), sum.Minus(&got); !reflect.DeepEqual(more, less) { // of nothing alone, both are the same
		r.t.Errorf("the accounting is\n%+v\nand not\n%+v", got, sum)
	}
	for _, dir := range append(want, r.out) {
		report, err := verify.Folder(r.t.Context(), dir, verify.DefaultConfig())
		if err != nil {
			r.t.Fatal(err)
		}
		for _, f := range report.Findings {
			r.t.Errorf("verify %s: %s", filepath.Base(dir), f)
		}
	}
}

// compareLines compares tables that are text.
func (r *trial) compareLines(want []string) {
	r.t.Helper()
	tables, err := os.ReadDir(want[0])
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range tables {
		if !e.IsDir() {
			continue
		}
		var lines []string
		for _, dir := range want {
			lines = append(lines, linesIn(r.t, dir, e.Name())...)
		}
		got := linesIn(r.t, r.out, e.Name())
		for i := range max(len(got), len(lines)) {
			if i >= len(got) || i >= len(lines) || got[i] != lines[i] {
				r.t.Errorf("%s: %d lines and not %d; another is line %d", e.Name(), len(got), len(lines), i)
				break
			}
		}
	}
}

// linesIn are the lines of all files of a table, in their order.
func linesIn(t *testing.T, dir, table string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, table, "*.jsonl"))
	if livefolder.Is(dir) {
		var view livefolder.View
		if view, err = livefolder.See(dir); err == nil {
			files, err = view.Files(table, "")
		}
	}
	for _, file := range files {
		data, wrong := os.ReadFile(file)
		err = errors.Join(err, wrong)
		all = append(all, slices.Collect(strings.Lines(string(data)))...)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

// sameInputs compares what manifests say of the segments. What is found out of packets that wait
// is said of a later segment, or of the end.
func sameInputs(t *testing.T, got, want []manifest.Input) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d inputs and not %d", len(got), len(want))
	}
	var sums [2][4]int64
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Outcome == manifest.Rejected && w.Outcome == manifest.Rejected {
			continue // where it is missing, the reason is another
		}
		for side, in := range []*manifest.Input{g, w} {
			for k, n := range []int64{in.Backward, in.Reordered, in.Late, in.Duplicates} {
				sums[side][k] += n
			}
		}
		same := *g
		if len(g.Interfaces) == 0 {
			same.Interfaces = w.Interfaces
		}
		same.Path, same.Outcome, same.Accounting, same.Covered, same.Notes, same.Inner = w.Path, w.Outcome, w.Accounting, w.Covered, w.Notes, w.Inner
		same.Backward, same.Reordered, same.Late, same.ClockSteps, same.Duplicates = w.Backward, w.Reordered, w.Late, w.ClockSteps, w.Duplicates
		read := func(in *manifest.Input) bool {
			return in.Outcome == manifest.Complete || in.Outcome == manifest.CompleteWithNotes
		}
		if !reflect.DeepEqual(&same, w) || read(g) != read(w) || !read(g) && g.Outcome != w.Outcome {
			t.Errorf("input %d is\n%s and not\n%s", i, asJSON(g), asJSON(w))
		}
	}
	for k := range sums[0] {
		if sums[0][k] > sums[1][k] {
			t.Errorf("sums over inputs are %v and not %v", sums[0], sums[1])
		}
	}
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	return fmt.Sprintf("%s%v", b, err)
}

// copyFolder copies all that is in a folder.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.Mkdir(filepath.Join(to, name), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o600)
	})
	if err != nil {
		t.Error(err)
	}
}
