package watch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/cmd/baselines"
	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/cmd/watch"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
	"pcapmill/model/rules"
	"pcapmill/model/windows"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// world is generated hours of one network: a baseline of some, and the tables of others, each
// as if a segment had given them.
type world struct {
	baseline string
	datasets []string // of hours, each a run of its own
	firsts   []int64  // of their packets
	lasts    []int64
}

var theWorld = sync.OnceValues(func() (*world, error) {
	dir, err := os.MkdirTemp("", "watch-test-")
	if err != nil {
		return nil, err
	}
	folder = dir
	return makeWorld(dir)
})

// folder of the world, which TestMain removes.
var folder string

func TestMain(m *testing.M) {
	code := m.Run()
	if folder != "" {
		os.RemoveAll(folder)
	}
	os.Exit(code)
}

const learnt = 14

func makeWorld(dir string) (*world, error) {
	config := traffic.DefaultNetworkConfig()
	config.Clients = 8
	n, err := traffic.NewNetwork(config)
	if err != nil {
		return nil, err
	}
	w := &world{baseline: filepath.Join(dir, "usual.baseline")}
	var usual []string
	for i := range learnt {
		out, _, err := hour(dir, n, 8+i, "none")
		if err != nil {
			return nil, err
		}
		usual = append(usual, out)
	}
	build := baselines.Build{Out: w.baseline, Tables: usual, Keys: -1, Covered: 0.9}
	if _, err := build.Run(context.Background()); err != nil {
		return nil, err
	}
	for i, change := range []string{"none", "sizes:4", "none", "service", "rate:4", "none", "hosts"} {
		out, m, err := hour(dir, n, 8+learnt+i, change)
		if err != nil {
			return nil, err
		}
		w.datasets = append(w.datasets, out)
		w.firsts, w.lasts = append(w.firsts, *m.Inputs[0].FirstNs), append(w.lasts, *m.Inputs[0].LastNs)
	}
	return w, nil
}

// hour makes the tables of an hour.
func hour(dir string, n *traffic.Network, index int, change string) (string, *manifest.Manifest, error) {
	c, err := traffic.ParseChange(change)
	if err != nil {
		return "", nil, err
	}
	capture := filepath.Join(dir, fmt.Sprintf("hour-%d.pcap", index))
	f, err := os.Create(capture)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	to, err := traffic.NewCapture(f, "pcap")
	if err != nil {
		return "", nil, err
	}
	if _, err := n.Hour(to, 1, index, c); err != nil {
		return "", nil, err
	}
	if err := to.Close(); err != nil {
		return "", nil, err
	}
	return tablesOf(capture, filepath.Join(dir, fmt.Sprintf("tables-%d", index)))
}

// tablesOf makes the tables of a capture.
func tablesOf(capture, out string) (string, *manifest.Manifest, error) {
	o := job.DefaultOptions()
	o.Args, o.Out = []string{capture}, out
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		return "", nil, err
	}
	data, err := os.Open(filepath.Join(o.Out, manifest.Name))
	if err != nil {
		return "", nil, err
	}
	defer data.Close()
	m, err := manifest.Read(data)
	return o.Out, m, err
}

// session is a folder that segments give tables to.
type session struct {
	world   *world
	out     string
	commits []watch.Commit
}

// newSession puts the hours' tables where analysis puts those of segments.
func newSession(t *testing.T) *session {
	t.Helper()
	w, err := theWorld()
	if err != nil {
		t.Fatal(err)
	}
	return sessionOf(t, w)
}

func sessionOf(t *testing.T, w *world) *session {
	t.Helper()
	s := &session{world: w, out: t.TempDir()}
	for i, dataset := range w.datasets {
		c := watch.Commit{Segment: int64(i + 1), First: w.firsts[i], Last: w.lasts[i], Clock: w.lasts[i]}
		for _, table := range []string{"flows", "hosts", "pairs", "dns", "tls", "http"} {
			from := filepath.Join(dataset, table, "part-00000.parquet")
			data, err := os.ReadFile(from)
			if err != nil {
				continue
			}
			p := watch.Part{Table: table, Path: fmt.Sprintf("%s/date=2026-03-02/segment-%010d.parquet", table, i+1), Rows: 1}
			to := filepath.Join(s.out, filepath.FromSlash(p.Path))
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, data, 0o600); err != nil {
				t.Fatal(err)
			}
			c.Parts = append(c.Parts, p)
		}
		c.Lacks.Packets = 1000
		s.commits = append(s.commits, c)
	}
	return s
}

func (s *session) config() watch.Config {
	c := watch.DefaultConfig()
	c.Out, c.Baseline, c.Covered, c.Life = s.out, s.world.baseline, 0.9, 10*time.Minute
	c.From = drift.Low
	return c
}

func open(t *testing.T, c watch.Config) *watch.Watch {
	t.Helper()
	w, err := watch.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestNewWritesNothing: a folder that cannot be taken must stay as it was, and one that is empty
// must stay so, or analysis takes it for another's.
func TestNewWritesNothing(t *testing.T) {
	c := watch.DefaultConfig()
	c.Out, c.Shipped = t.TempDir(), true
	w := open(t, c)
	defer w.Close()
	if names, err := os.ReadDir(c.Out); err != nil || len(names) > 0 {
		t.Fatal(names, err)
	}
	if _, err := w.Committed(t.Context(), watch.Commit{Segment: 1}); !errors.Is(err, watch.ErrOrder) {
		t.Fatalf("a commit before Resume: %v", err)
	}
}

// begin is open of a first process.
func begin(t *testing.T, c watch.Config) *watch.Watch {
	t.Helper()
	w := open(t, c)
	if seen, err := w.Resume(t.Context(), livefolder.Mark{}); err != nil || seen.Number != 0 {
		t.Fatal(seen, err)
	}
	return w
}

// all takes all commits and the end, and returns what was found by commit.
func (s *session) all(t *testing.T, c watch.Config) (all []watch.Found) {
	t.Helper()
	w := begin(t, c)
	defer w.Close()
	for _, commit := range s.commits {
		f, err := w.Committed(t.Context(), commit)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
		if checkpointed(commit) {
			w.Checkpointed(behind(commit.Segment))
		}
	}
	f, err := w.Finish(t.Context(), s.end())
	if err != nil {
		t.Fatal(err)
	}
	return append(all, f)
}

// behind is the place of a segment among the commits.
func behind(segment int64) livefolder.Mark { return livefolder.Mark{Number: segment} }

// checkpointed reports whether a checkpoint behind a commit was written.
func checkpointed(c watch.Commit) bool { return c.Segment%3 == 2 }

func (s *session) end() watch.Commit {
	last := s.commits[len(s.commits)-1]
	return watch.Commit{Segment: last.Segment, First: last.Last, Last: last.Last, Clock: last.Clock}
}

// lines of the file of alerts.
func (s *session) lines(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.out, watch.AlertsName))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// offline judges one window as drift does with --from and --to.
func offline(t *testing.T, base, dataset string, start, length int64) *drift.Report {
	t.Helper()
	b, err := baseline.Open(base, baseline.DefaultFileBytes)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	o, notes, err := drifts.Reading(b, 0.9, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.From, o.To = start, start+length
	now, err := windows.Open(t.Context(), []string{dataset}, o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := drifts.Judge(t.Context(), b, now, drift.DefaultConfig(), notes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asJSON(t *testing.T, r *drift.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestVerdictsAreThoseOfDrift: the reports of all stretches, one by one, are those that drift
// makes of the same windows offline, byte by byte; of single windows, and of hours.
func TestVerdictsAreThoseOfDrift(t *testing.T) {
	s := newSession(t)
	for stretch, windows := range map[time.Duration]int{10 * time.Minute: 6 * len(s.commits), 20 * time.Minute: 3 * len(s.commits), 0: len(s.commits)} {
		judged, drifted := s.likeDrift(t, stretch)
		if judged != windows || drifted < 3 || stretch == 0 && drifted == judged {
			t.Errorf("stretch %v: %d of %d judged, %d drifted", stretch, judged, windows, drifted)
		}
		s.clear(t)
	}
}

// likeDrift takes all commits, and holds each report to that of drift. It returns how many there
// were, and how many of them are medium or worse.
func (s *session) likeDrift(t *testing.T, stretch time.Duration) (judged, drifted int) {
	t.Helper()
	c := s.config()
	c.Together = stretch
	for _, found := range s.all(t, c) {
		for _, window := range found.Windows {
			at := slices.IndexFunc(s.world.firsts, func(first int64) bool { return first/3600e9 == window.Start/3600e9 })
			if at < 0 || window.Report == nil {
				t.Fatalf("no hour of %+v", window)
			}
			judged++
			want := asJSON(t, offline(t, s.world.baseline, s.world.datasets[at], window.Start, window.Length))
			if got := asJSON(t, window.Report); got != want {
				t.Errorf("stretch %v of %s: live\n%s\noffline\n%s", stretch, time.Unix(0, window.Start).UTC(), got, want)
			}
			if window.Severity >= drift.Medium {
				drifted++
			}
		}
	}
	return judged, drifted
}

// verdicts are the last ones on stretches, by their begin.
func verdicts(t *testing.T, all []watch.Found) map[int64]string {
	t.Helper()
	m := map[int64]string{}
	for _, found := range all {
		for _, w := range found.Windows {
			if w.Report != nil {
				m[w.Start] = asJSON(t, w.Report)
			}
		}
	}
	return m
}

// take is Committed of some of the commits, in a process of its own that goes on behind the last one.
func (s *session) take(t *testing.T, c watch.Config, from, to int, end bool) (all []watch.Found) {
	t.Helper()
	w := open(t, c)
	defer w.Close()
	through := livefolder.Mark{}
	if from > 0 {
		through = livefolder.Mark{Number: s.commits[from-1].Segment, AtEnd: end}
	}
	if seen, err := w.Resume(t.Context(), through); err != nil || seen != through {
		t.Fatal(seen, err)
	}
	for _, commit := range s.commits[from:to] {
		found, err := w.Committed(t.Context(), commit)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found)
	}
	last := s.commits[to-1]
	found, err := w.Finish(t.Context(), watch.Commit{Segment: last.Segment, First: last.Last, Last: last.Last, Clock: last.Clock})
	if err != nil {
		t.Fatal(err)
	}
	return append(all, found)
}

// TestSessionsWithinAStretch: where a session ends in the middle of a stretch and another one begins,
// all of it is judged when it is over, and segments that were released are not flagged.
func TestSessionsWithinAStretch(t *testing.T) {
	s := newSession(t)
	c := s.config()
	c.Together = 4 * time.Hour
	want := verdicts(t, s.take(t, c, 0, len(s.commits), false))
	for ended := 1; ended < len(s.commits); ended++ {
		s.clear(t)
		before := s.take(t, c, 0, ended, false)
		after := s.take(t, c, ended, len(s.commits), true)
		got := verdicts(t, slices.Concat(before, after))
		for start, report := range want {
			if got[start] != report {
				t.Errorf("ended behind %d: the stretch of %s is\n%.300s\nand not\n%.300s", ended, time.Unix(0, start).UTC(), got[start], report)
			}
		}
		for _, found := range after {
			if len(found.Flagged) > 0 && found.Flagged[0] <= int64(ended) {
				t.Errorf("ended behind %d: %v are flagged", ended, found.Flagged)
			}
			if strings.Contains(strings.Join(found.Notes, ""), "further rows") {
				t.Errorf("ended behind %d: %q", ended, found.Notes)
			}
		}
	}
}

// TestBaselineThatComesLater: what a process without a baseline looked at counts in the verdicts of
// the next one, which has one, on stretches that are open.
func TestBaselineThatComesLater(t *testing.T) {
	s := newSession(t)
	both := s.withRules(t)
	both.Baseline, both.Together = s.world.baseline, 4*time.Hour
	only := both
	only.Baseline = ""
	want := verdicts(t, s.take(t, both, 0, len(s.commits), false))
	for first := 1; first < len(s.commits); first++ {
		s.clear(t)
		w := begin(t, only)
		for _, commit := range s.commits[:first] {
			if _, err := w.Committed(t.Context(), commit); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for start, got := range verdicts(t, s.take(t, both, first, len(s.commits), false)) {
			if got != want[start] {
				t.Errorf("from commit %d on: the stretch of %s is\n%.300s\nand not\n%.300s", first, time.Unix(0, start).UTC(), got, want[start])
			}
		}
	}
}

// TestCraftedHours: the shared captures of hours that follow one another are judged live as they
// are offline, and those that are changed are found.
func TestCraftedHours(t *testing.T) {
	captures, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "captures", "drift", "crafted", "w*.pcap.gz"))
	if err != nil || len(captures) != 10 {
		t.Fatalf("%d captures: %v", len(captures), err)
	}
	dir := t.TempDir()
	w := &world{baseline: filepath.Join(dir, "usual.baseline")}
	var usual []string
	for i, capture := range captures { // by name, which is by time
		out, m, err := tablesOf(capture, filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			usual = append(usual, out)
			continue
		}
		w.datasets = append(w.datasets, out)
		w.firsts, w.lasts = append(w.firsts, *m.Inputs[0].FirstNs), append(w.lasts, *m.Inputs[0].LastNs)
	}
	build := baselines.Build{Out: w.baseline, Tables: usual, Keys: -1, Covered: 0.9}
	if _, err := build.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if judged, drifted := sessionOf(t, w).likeDrift(t, 0); judged != 7 || drifted != 6 {
		t.Errorf("%d of 7 hours judged, %d of 6 changed ones found", judged, drifted)
	}
}

// TestWindowsWaitForTheirFlows: a window is judged when Life has passed behind its end, and
// not before.
func TestWindowsWaitForTheirFlows(t *testing.T) {
	s := newSession(t)
	for i, found := range s.all(t, s.config()) {
		for _, window := range found.Windows {
			if i < len(s.commits) && window.Start+window.Length+int64(10*time.Minute) > s.commits[i].Clock {
				t.Errorf("commit %d judges a window that ends %v before its clock", i, time.Duration(s.commits[i].Clock-window.Start-window.Length))
			}
		}
	}
}

// TestFlaggedSegments: those that cover a window with alerts are named, before they are decided.
func TestFlaggedSegments(t *testing.T) {
	s := newSession(t)
	decided, flagged := int64(0), map[int64]bool{}
	for i, found := range s.all(t, s.config()) {
		for _, n := range found.Flagged {
			if n <= decided {
				t.Errorf("commit %d flags segment %d, and up to %d are decided", i, n, decided)
			}
			flagged[n] = true
		}
		if found.Decided < decided {
			t.Errorf("decided goes back from %d to %d", decided, found.Decided)
		}
		decided = found.Decided
	}
	if decided != int64(len(s.commits)) || !flagged[2] {
		t.Errorf("decided up to %d, flagged %v", decided, flagged)
	}
}

// ruleFile has rules without repeats, so that each event is an alert offline as well.
const ruleFile = `
version: 1
rules:
  - id: many-names
    title: Many names
    severity: high
    table: dns
    window: 10m
    group_by: [src_ip]
    aggregate: distinct(query_name)
    threshold: ">= 3"
    dedup: {period: 0s}
  - id: any-tls
    title: Any hello
    table: tls
    where: dst_port = 443
    dedup: {by: [src_ip, dst_ip], period: 0s}
  - id: flows-of-host
    title: Flows of a host
    table: flows
    window: 30m
    group_by: [src_ip]
    aggregate: count
    threshold: "> 20"
    dedup: {period: 0s}
`

func (s *session) withRules(t *testing.T) watch.Config {
	t.Helper()
	c := s.config()
	file := filepath.Join(t.TempDir(), "site.yaml")
	if err := os.WriteFile(file, []byte(ruleFile), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Baseline, c.Rules = "", []string{file}
	return c
}

// TestRulesAreThoseOfRun: the ids of rules' alerts are those that rules run gives.
func TestRulesAreThoseOfRun(t *testing.T) {
	s := newSession(t)
	s.all(t, s.withRules(t))
	s.likeRun(t)
}

// TestClockThatWasAhead: a capture may begin on an idle link, and its clock be set right before the first packet
// comes. What the segment before that said of the time keeps no rule from its rows, and no segment from its release.
func TestClockThatWasAhead(t *testing.T) {
	s := newSession(t)
	ahead := watch.Commit{Segment: 1, Clock: s.commits[0].First + int64(10*365*24*time.Hour)}
	for i := range s.commits {
		s.commits[i].Segment++
	}
	s.commits = append([]watch.Commit{ahead}, s.commits...)
	all := s.all(t, s.withRules(t))
	if n := all[len(s.commits)-1].Decided; n < 2 {
		t.Errorf("decided up to %d", n)
	}
	s.likeRun(t)
}

// likeRun compares the alerts with those that rules run has of the tables.
func (s *session) likeRun(t *testing.T) {
	t.Helper()
	c := s.withRules(t)
	all, err := rules.Load(c.Rules[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := rules.Run(t.Context(), all, nil, rules.DefaultConfig(), []string{s.out})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	by := map[string]int{}
	for i := range r.Alerts {
		want[r.Alerts[i].ID]++
		by[r.Alerts[i].Rule.ID]++
	}
	got := map[string]int{}
	for line := range strings.Lines(s.lines(t)) {
		got[idOf(t, line)]++
	}
	for id, n := range got {
		if n != 1 || want[id] == 0 {
			t.Errorf("%s is there %d times, offline %d times", id, n, want[id])
		}
	}
	if len(got) != len(want) || len(by) != 3 {
		t.Errorf("%d alerts, offline %d: %v", len(got), len(want), by)
	}
}

func idOf(t *testing.T, line string) string {
	t.Helper()
	var o struct{ Event struct{ ID string } }
	if err := json.Unmarshal([]byte(line), &o); err != nil || o.Event.ID == "" {
		t.Fatalf("%v: %s", err, line)
	}
	return o.Event.ID
}

// TestRedoneCommitsSayNothingTwice: a process that dies behind any commit, or while it writes
// the alerts of one, leaves a file to which its successor adds what is missing: the file is
// then as if nothing had happened.
func TestRedoneCommitsSayNothingTwice(t *testing.T) {
	s := newSession(t)
	c := s.withRules(t)
	c.Baseline = s.world.baseline
	s.all(t, c)
	want := s.lines(t)
	for died := 1; died <= len(s.commits); died++ {
		for torn, back := range map[float64]int{0: 0, 0.4: 1, 1: 0} { // back: the last checkpoint is damaged
			s.clear(t)
			s.die(t, c, died, torn)
			w := open(t, c)
			through := []int64{0, 0}
			for _, commit := range s.commits[:died] {
				if checkpointed(commit) {
					through = append(through, commit.Segment)
				}
			}
			seen, err := w.Resume(t.Context(), behind(through[len(through)-1-back]))
			if err != nil {
				t.Fatal(err)
			}
			for _, commit := range s.commits[seen.Number:] {
				if _, err := w.Committed(t.Context(), commit); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Finish(t.Context(), s.end()); err != nil {
				t.Fatal(err)
			}
			w.Close()
			if got := s.lines(t); got != want {
				t.Errorf("died behind %d with %v of its lines: %d bytes of alerts, want %d", died, torn, len(got), len(want))
			}
		}
	}
}

// die takes commits, and leaves of the last one's alerts a share, and no state.
func (s *session) die(t *testing.T, c watch.Config, commits int, share float64) {
	t.Helper()
	w := begin(t, c)
	state, alerts := filepath.Join(s.out, "watch.json"), filepath.Join(s.out, watch.AlertsName)
	var before []byte
	var size int64
	for i := range commits {
		before, _ = os.ReadFile(state)
		if info, err := os.Stat(alerts); err == nil {
			size = info.Size()
		}
		if _, err := w.Committed(t.Context(), s.commits[i]); err != nil {
			t.Fatal(err)
		}
		if checkpointed(s.commits[i]) {
			w.Checkpointed(behind(s.commits[i].Segment))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(alerts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(alerts, size+int64(share*float64(info.Size()-size))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(state, before, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *session) clear(t *testing.T) {
	t.Helper()
	for _, name := range []string{"watch.json", watch.AlertsName} {
		if err := os.Remove(filepath.Join(s.out, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReload: a damaged baseline is refused and the old one goes on; a good one is taken.
func TestReload(t *testing.T) {
	s := newSession(t)
	c := s.config()
	good, err := os.ReadFile(c.Baseline)
	if err != nil {
		t.Fatal(err)
	}
	c.Baseline = filepath.Join(t.TempDir(), "own.baseline")
	replace := func(data []byte) {
		if err := os.WriteFile(c.Baseline+".new", data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(c.Baseline+".new", c.Baseline); err != nil {
			t.Fatal(err)
		}
	}
	replace(good)
	w := begin(t, c)
	defer w.Close()
	bad := bytes.Clone(good)
	bad[len(bad)/2] ^= 1
	replace(bad)
	if err := w.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "the ones before stay") {
		t.Errorf("a damaged baseline: %v", err)
	}
	judged := 0
	for i, commit := range s.commits {
		if i == 3 {
			replace(good)
			if err := w.Reload(t.Context()); err != nil {
				t.Error(err)
			}
		}
		found, err := w.Committed(t.Context(), commit)
		if err != nil {
			t.Fatal(err)
		}
		judged += len(found.Windows)
	}
	if judged < len(s.commits)-2 {
		t.Errorf("%d windows judged", judged)
	}
}

// TestDamagedPart: what cannot be read is a note, and the session goes on.
func TestDamagedPart(t *testing.T) {
	s := newSession(t)
	c := s.withRules(t)
	c.Baseline = s.world.baseline
	for _, p := range s.commits[2].Parts {
		if err := os.WriteFile(filepath.Join(s.out, p.Path), []byte("PAR1 no more"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := s.all(t, c)
	if len(found[2].Notes) == 0 {
		t.Error("nothing is said of damaged parts")
	}
	judged := 0
	for _, f := range found {
		for _, window := range f.Windows {
			if judged++; s.commits[2].First/3600e9 == window.Start/3600e9 {
				t.Errorf("the window of %d is judged, of which no row can be read", window.Start)
			}
		}
	}
	if judged != len(s.commits)-1 {
		t.Errorf("%d windows judged of %d", judged, len(s.commits))
	}
}

// TestDamagedState: whatever is in the state file, a Watch opens, and says so.
func TestDamagedState(t *testing.T) {
	s := newSession(t)
	s.all(t, s.config())
	state := filepath.Join(s.out, "watch.json")
	good, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty": nil, "torn": good[:len(good)/2], "version": bytes.Replace(good, []byte(`"version":1`), []byte(`"version":9`), 1),
		"outside": []byte(`{"version":1,"last":9,"commits":[{"segment":3,"parts":[{"table":"hosts","path":"../x","rows":1}]}]}`),
		"null":    []byte(`{"version":1,"last":9,"commits":[null]}`),
		"order":   []byte(`{"version":1,"last":9,"commits":[{"segment":3},{"segment":2}]}`),
	} {
		if err := os.WriteFile(state, data, 0o600); err != nil {
			t.Fatal(err)
		}
		w := open(t, s.config())
		if from, err := w.Resume(t.Context(), livefolder.Mark{}); err != nil || from.Number != 0 {
			t.Errorf("%s: %v %v", name, from, err)
		}
		found, err := w.Committed(t.Context(), s.commits[0])
		if err != nil || len(found.Notes) == 0 || !strings.Contains(found.Notes[0], "watch.json") {
			t.Errorf("%s: %v %q", name, err, found.Notes)
		}
		w.Close()
	}
}

// TestIdle: without anything to look for nothing is written.
func TestIdle(t *testing.T) {
	c := watch.DefaultConfig()
	c.Out = t.TempDir()
	w := open(t, c)
	found, err := w.Committed(t.Context(), watch.Commit{Segment: 7})
	if err != nil || found.Decided != 7 {
		t.Errorf("%+v %v", found, err)
	}
	if entries, err := os.ReadDir(c.Out); err != nil || len(entries) > 0 {
		t.Errorf("%v %v", entries, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

var _ io.Closer = (*watch.Watch)(nil)
