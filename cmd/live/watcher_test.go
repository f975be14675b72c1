package live

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/watch"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// childKill is at which call of Options.State a child kills itself, childEvery how much work is
// between its checkpoints, and childRules what it looks for.
const childKill, childEvery, childRules = "TEST_KILL", "TEST_EVERY", "TEST_RULES"

// talkers are rules of which each row of some tables is an alert, and of which one counts.
const talkers = `
version: 1
rules:
  - id: test-flow
    title: A flow
    severity: low
    table: flows
    where: fwd_packets > 3
    dedup: {period: 0s}
  - id: test-question
    title: A question
    severity: medium
    table: dns
    where: query_name != ""
    dedup: {period: 0s}
  - id: test-many
    title: Many flows
    severity: high
    table: flows
    window: 1m
    group_by: [src_ip]
    aggregate: count
    threshold: "> 2"
    dedup: {period: 0s}
`

func rulesFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(talkers), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// watched has an analysis look for what a file of rules says.
func watched(o *Options, rules string) (*watch.Watch, error) {
	if err := os.MkdirAll(o.Job.Out, 0o700); err != nil {
		return nil, err
	}
	c := watch.DefaultConfig()
	c.Out, c.Rules, c.Life = o.Job.Out, []string{rules}, o.Job.Stages.Timeouts.Life()
	w, err := watch.New(context.Background(), c)
	o.Watch = w
	return w, err
}

// child runs an analysis with rules in a process of its own, which kills itself where at is not 0.
func child(t *testing.T, s *seg, out, rules string, at int, every time.Duration) (killed bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), childSegments+"="+s.dir, childOut+"="+out, childRules+"="+rules,
		childKill+"="+fmt.Sprint(at), childEvery+"="+every.String())
	said, err := c.CombinedOutput()
	if err != nil && c.ProcessState.ExitCode() != -1 {
		t.Fatalf("%v: %s", err, said)
	}
	return err != nil
}

func alertsOf(t *testing.T, out string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, watch.AlertsName))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestKilledAtEachCommit: an analysis that is killed when a commit is on disk, and its alerts are
// not, leaves to the next one a file of alerts that is then as if nothing had happened.
func TestKilledAtEachCommit(t *testing.T) {
	s := newSeg(t)
	pieces := demo(t, 600)
	for range 2 {
		for _, data := range pieces {
			s.add(data)
		}
		s.end()
		s.begin()
	}
	s.end()
	rules := rulesFile(t)
	whole := filepath.Join(t.TempDir(), "whole")
	if child(t, s, whole, rules, 0, time.Hour) {
		t.Fatal("it was killed")
	}
	want, files := alertsOf(t, whole), filesOf(t, whole)
	if n := strings.Count(want, "\n"); n < 20 || !strings.Contains(want, "test-many") || !strings.Contains(want, "test-question") {
		t.Fatalf("%d alerts", n)
	}
	step := 2 // between kills, of which both kinds of analysis have others
	if sharedtest.Accept() {
		step = 1
	}
	for i, every := range []time.Duration{time.Nanosecond, time.Hour} {
		killed := true
		for at := 1 + i*(step-1); killed; at += step {
			out := filepath.Join(t.TempDir(), "out")
			killed = child(t, s, out, rules, at, every)
			if child(t, s, out, rules, 0, every) {
				t.Fatal("it was killed")
			}
			if got := alertsOf(t, out); got != want {
				t.Errorf("killed at %d, checkpoints every %v: %s", at, every, firstDifference(got, want))
			}
			sameFiles(t, filesOf(t, out), files)
		}
	}
}

// TestSecondSessionIsCheckpointed: where a session is done again from its first segment, the end of
// the one before is not among what is waited for.
func TestSecondSessionIsCheckpointed(t *testing.T) {
	s := newSeg(t)
	pieces := demo(t, 1000)
	s.add(pieces[0])
	s.end()
	s.begin()
	for _, data := range pieces {
		s.add(data)
	}
	out, rules := filepath.Join(t.TempDir(), "out"), rulesFile(t)
	if !child(t, s, out, rules, 4, time.Hour) { // at the begin, two commits, and one of the second session
		t.Fatal("it was not killed")
	}
	child(t, s, out, rules, 0, time.Hour)
	h, err := readHistory(filepath.Join(out, livefolder.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(h.checkpoints); n != 1 || h.checkpoints[0].Number != s.number || h.sums.sessions != 2 {
		t.Errorf("%d checkpoints, %d sessions", n, h.sums.sessions)
	}
}

// TestBrokenSessionIsLookedAt: of a session that cannot be continued, no commit is done again, and
// the watch looks at all of them.
func TestBrokenSessionIsLookedAt(t *testing.T) {
	s := newSeg(t)
	pieces := demo(t, 600)
	for _, data := range pieces[:3] {
		s.add(data)
	}
	whole, out, rules := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "out"), rulesFile(t)
	child(t, s, whole, rules, 0, time.Hour)
	child(t, s, out, rules, 4, time.Hour) // behind the commit of the third, before its alerts
	before := strings.Count(alertsOf(t, out), "\n")
	if err := os.Remove(s.path(1)); err != nil {
		t.Fatal(err)
	}
	child(t, s, out, rules, 0, time.Hour)
	if got, want := alertsOf(t, out), alertsOf(t, whole); got != want {
		t.Errorf("%d alerts before: %s", before, firstDifference(got, want))
	}
	var broke int
	_, err := livefolder.Visit(filepath.Join(out, livefolder.LedgerName), ledger.Position{}, &livefolder.Visitor{Gap: func(*livefolder.Gap) error {
		broke++
		return nil
	}})
	if err != nil || broke != 1 {
		t.Errorf("%d sessions broke off, %v", broke, err)
	}
}

// TestCovered: what a segment is of in the manifest goes from where the one before it ended, on idle
// links too, but not over a time in which nothing was captured.
func TestCovered(t *testing.T) {
	s := newSeg(t)
	pieces := demo(t, 600)
	for _, data := range pieces[:4] {
		s.add(data)
	}
	o := s.options()
	analysed(t, o)
	m, _ := wholeOf(t, o.Job.Out)
	for i := range m.Inputs {
		in := &m.Inputs[i]
		first, last, known := in.Covers()
		if !known || first > *in.FirstNs || last < *in.LastNs || i > 0 && first > *m.Inputs[i-1].LastNs {
			t.Errorf("input %d of %d to %d covers %d to %d", i, *in.FirstNs, *in.LastNs, first, last)
		}
	}
}

// TestNotCoveredWhileDown: an interface that is down when a segment ends is no idle link.
func TestNotCoveredWhileDown(t *testing.T) {
	s := newSeg(t)
	o := s.options()
	at := func(second int64) *int64 {
		ns := day + second*int64(time.Second)
		return &ns
	}
	s.add(talk(t, day, upTo(0, 10)...))
	s.record(event.GapEvent, event.Gap{StartNs: *at(15), EndNs: at(60), Why: event.InterfaceDown})
	s.add(talk(t, day, 10, 11, 12, -59))
	s.record(event.GapEvent, event.Gap{StartNs: *at(60), EndNs: at(120), Why: event.InterfaceDown})
	s.add(talk(t, day, -119))
	s.record(event.GapEvent, event.Gap{StartNs: *at(120), EndNs: at(130), Why: event.InterfaceDown})
	s.add(talk(t, day, 131, 132, -180))
	s.end()
	analysed(t, o)
	m, _ := wholeOf(t, o.Job.Out)
	want := []manifest.Covered{{FromNs: *at(0), ToNs: *at(9)}, {FromNs: *at(10), ToNs: *at(15)}, {}, {FromNs: *at(131), ToNs: *at(180)}}
	for i, in := range m.Inputs {
		var got manifest.Covered
		if in.Covered != nil {
			got = *in.Covered
		}
		if got != want[i] {
			t.Errorf("segment %d covers %+v, want %+v", i+1, got, want[i])
		}
	}
}

// looked analyses a session with rules.
func looked(t *testing.T, s *seg, o *Options) {
	t.Helper()
	w, err := watched(o, rulesFile(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	analysed(t, o)
}

// flaggedIn returns the segments that the records of a ledger flag, a list of each.
func flaggedIn(t *testing.T, out string) (checkpoints, releases [][]int64) {
	t.Helper()
	_, err := livefolder.Visit(filepath.Join(out, livefolder.LedgerName), ledger.Position{}, &livefolder.Visitor{
		Checkpoint: func(c *livefolder.Checkpoint, _ *ledger.Record) error {
			checkpoints = append(checkpoints, c.Flagged)
			return nil
		},
		Release: func(r *livefolder.Release) error {
			releases = append(releases, r.Flagged)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return checkpoints, releases
}

// TestFlaggedIsBounded: what each checkpoint says of flagged segments does not grow where nobody asks for
// them, and has each once.
func TestFlaggedIsBounded(t *testing.T) {
	pieces := demo(t, 600)
	for _, keep := range []Keep{KeepNone, KeepAll, KeepFlagged} {
		s := newSeg(t)
		o := s.options()
		o.Keep, o.Every = keep, time.Nanosecond // a checkpoint behind each
		for _, data := range pieces {
			s.add(data)
		}
		looked(t, s, o)
		checkpoints, _ := flaggedIn(t, o.Job.Out)
		if int64(len(checkpoints)) != s.number {
			t.Errorf("%s: %d checkpoints of %d segments", keep, len(checkpoints), s.number)
		}
		for i, flagged := range checkpoints {
			if keep == KeepNone && len(flagged) > 0 || len(flagged) > i+1 {
				t.Errorf("%s: checkpoint %d flags %v", keep, i+1, flagged)
			}
		}
		if last := checkpoints[len(checkpoints)-1]; keep != KeepNone && len(last) == 0 {
			t.Errorf("%s: nothing is flagged", keep)
		}
	}
}

// TestFlaggedAtTheEnd: where a process dies between a session's end and the release behind it, the next
// release keeps what was flagged.
func TestFlaggedAtTheEnd(t *testing.T) {
	pieces := demo(t, 600)
	s := newSeg(t)
	o := s.options()
	o.Keep = KeepFlagged
	session := func() {
		for _, data := range pieces {
			s.add(data)
		}
		s.end()
		looked(t, s, o)
	}
	session()
	_, releases := flaggedIn(t, o.Job.Out)
	if len(releases) != 1 || len(releases[0]) == 0 {
		t.Fatalf("%v", releases)
	}
	want := releases[0]
	path := filepath.Join(o.Job.Out, livefolder.LedgerName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	last := lines[len(lines)-2] // behind it is nothing
	if !bytes.Contains(last, []byte(livefolder.ReleaseEvent)) {
		t.Fatalf("%s", last)
	}
	if err := os.Truncate(path, int64(len(data)-len(last))); err != nil {
		t.Fatal(err)
	}
	s.begin()
	session()
	if _, releases = flaggedIn(t, o.Job.Out); len(releases) != 1 || len(releases[0]) <= len(want) || !slices.Equal(releases[0][:len(want)], want) {
		t.Errorf("%v, and not %v at first", releases, want)
	}
}

// TestNothingToReadAgain: where neither rules nor a baseline are asked, nobody is told that they were
// read again.
func TestNothingToReadAgain(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 600)[0])
	o, reload := s.options(), make(chan struct{}, 1)
	c := watch.DefaultConfig()
	c.Out = o.Job.Out
	var err error
	if o.Watch, err = watch.New(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer o.Watch.Close()
	var said bytes.Buffer
	reload <- struct{}{}
	o.Reload, o.Log = reload, slog.New(slog.NewTextHandler(&said, nil))
	analysed(t, o)
	if got := said.String(); !strings.Contains(got, "nothing to read again") || strings.Contains(got, "were read again") {
		t.Error(got)
	}
	if n := o.Watch.Totals().Reloads; n != 0 {
		t.Errorf("%d reloads", n)
	}
}

// TestLacking: what a commit may lack is what its record says, and the kernel's drops are unknown where
// nobody counted them.
func TestLacking(t *testing.T) {
	c := livefolder.Commit{Evicted: 3, TCPBytes: 4, TCPGaps: 5, Drops: 6}
	c.Accounting.PacketsRead = 100
	for i, outcome := range []string{"in_flow", "malformed_l2", "malformed_l3", "malformed_l4", "non_ip"} {
		c.Accounting.Packets = append(c.Accounting.Packets, manifest.Count{Outcome: outcome, N: int64(1) << i})
	}
	for outcome, damaged := range map[string]bool{
		"": false, manifest.Complete: false, manifest.CompleteWithNotes: false, manifest.Partial: true, manifest.Limit: true, manifest.Rejected: true,
	} {
		c.Input = &manifest.Input{Outcome: outcome}
		if outcome == "" { // a session's last rows are of no segment
			c.Input = nil
		}
		l := lacking(&c)
		if l.Dropped == nil || *l.Dropped != 6 {
			t.Errorf("%s: dropped is %v", outcome, l.Dropped)
		}
		l.Dropped = nil
		if want := (watch.Lacks{Packets: 100, Malformed: 2 + 4 + 8, EvictedFlows: 3, StreamBytes: 4, GapBytes: 5, Damaged: damaged}); l != want {
			t.Errorf("%s: %+v, want %+v", outcome, l, want)
		}
	}
	c.Uncounted = true
	if l := lacking(&c); l.Dropped != nil {
		t.Errorf("uncounted, but %d", *l.Dropped)
	}
}
