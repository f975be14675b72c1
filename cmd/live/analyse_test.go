package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/outputs/verify"
)

// demo returns the generated capture in pieces of so many packets.
func demo(t testing.TB, packets int) [][]byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo.pcapng")
	if err := job.WriteDemo(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	return cut(t, path, packets)
}

// verified asks that nothing is wrong with a folder.
func verified(t testing.TB, out string) verify.Report {
	t.Helper()
	r, err := verify.Folder(context.Background(), out, verify.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Error("verify: ", f)
	}
	return r
}

// TestTablesAreThoseOfARun: rows of a live folder are those of `run` over the segments, in order.
func TestTablesAreThoseOfARun(t *testing.T) {
	s := newSeg(t)
	for _, data := range demo(t, 300) {
		s.add(data)
	}
	s.end()
	o := s.options()
	report := analysed(t, o)
	out, run := offline(t, o, s.paths())
	sameTables(t, o.Job.Out, out)
	if report.Exit != run.Exit || report.Segments != s.number || report.Open || report.Packets != run.Accounting.Read.Packets {
		t.Errorf("%+v, and offline exit %d, %d packets", report, run.Exit, run.Accounting.Read.Packets)
	}
	if report.PlanID != run.PlanID {
		t.Error("the plan is another")
	}
	verified(t, o.Job.Out)
	m, _ := wholeOf(t, o.Job.Out)
	if m.RunID != run.RunID || len(m.Inputs) != int(s.number) || m.Live.Open {
		t.Errorf("run_id %s and %s, %d inputs, %+v", m.RunID, run.RunID, len(m.Inputs), m.Live)
	}
	again := analysed(t, o)
	if again.Segments != 0 || again.Through != s.number {
		t.Errorf("started again at the end: %+v", again)
	}
}

func wholeOf(t testing.TB, out string) (*manifest.Manifest, []livefolder.Span) {
	t.Helper()
	m := manifesttest.Read(t, out)
	found, err := livefolder.Whole(out, m)
	if err != nil || len(found.Wrong) > 0 {
		t.Fatal(found.Wrong, err)
	}
	return m, found.Spans
}

// TestManyCaptures is the same of captures of all kinds, with few packets a segment.
func TestManyCaptures(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures")
	var captures []string
	for _, pattern := range []string{"flows/*", "dns/*", "protocols/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		captures = append(captures, found...)
	}
	every := 13
	if sharedtest.Accept() {
		every = 1
	}
	tried := 0
	for i := 0; i < len(captures); i += every {
		info, err := os.Stat(captures[i])
		if err != nil || info.IsDir() || info.Size() > 1<<20 || !strings.Contains(filepath.Ext(captures[i]), "cap") {
			continue
		}
		tried++
		t.Run(filepath.Base(captures[i]), func(t *testing.T) {
			t.Parallel()
			s := newSeg(t)
			pieces := cut(t, captures[i], 3)
			if len(pieces) > 40 {
				pieces = cut(t, captures[i], 500)
			}
			for _, data := range pieces {
				s.add(data)
			}
			s.end()
			o := s.options()
			analysed(t, o)
			out, _ := offline(t, o, s.paths())
			sameTables(t, o.Job.Out, out)
			verified(t, o.Job.Out)
		})
	}
	if tried < 10 {
		t.Errorf("only %d captures were there", tried)
	}
}

// TestGrows: what was analysed is there while capture goes on, and a process that ends between is
// continued.
func TestGrows(t *testing.T) {
	pieces := demo(t, 500)
	s := newSeg(t)
	o := s.options()
	for i, data := range pieces {
		s.add(data)
		report := analysed(t, o)
		if report.Segments != 1 || report.Redone != 0 || !report.Open {
			t.Fatalf("segment %d: %+v", i+1, report)
		}
		verified(t, o.Job.Out)
		if m, _ := wholeOf(t, o.Job.Out); len(m.Inputs) != i+1 || !m.Live.Open {
			t.Fatalf("segment %d: %d inputs, %+v", i+1, len(m.Inputs), m.Live)
		}
	}
	s.end()
	analysed(t, o)
	out, _ := offline(t, o, s.paths())
	sameTables(t, o.Job.Out, out)
	verified(t, o.Job.Out)
}

// TestTwoSessions: each is a run of its own, but that captures are numbered through.
func TestTwoSessions(t *testing.T) {
	pieces := demo(t, 700)
	s := newSeg(t)
	for _, data := range pieces {
		s.add(data)
	}
	s.end()
	o := s.options()
	analysed(t, o)
	half := s.number
	s.begin()
	for _, data := range pieces {
		s.add(data)
	}
	s.end()
	analysed(t, o)
	verified(t, o.Job.Out)
	first, _ := offline(t, o, s.paths()[:half])
	o.Job.Stages.FirstInput = int(half)
	second, again := offline(t, o, s.paths()[half:])
	if m, _ := wholeOf(t, o.Job.Out); m.PlanID != again.PlanID {
		t.Error("the number of the first capture is of the plan")
	}
	for _, table := range []string{"flows", "dns", "slots", "hosts", "errors"} {
		want := rowsOf(t, filepath.Join(first, table)) + rowsOf(t, filepath.Join(second, table))
		if got := rowsOf(t, filepath.Join(o.Job.Out, table)); got != want {
			t.Errorf("%s: %s", table, firstDifference(got, want))
		}
	}
}

// TestMissingAndDamagedSegments are counted, listed, and leave the others alone.
func TestMissingAndDamagedSegments(t *testing.T) {
	s := newSeg(t)
	var lost int64
	for i, data := range demo(t, 400) {
		e := s.add(data)
		switch i {
		case 1:
			if err := os.Remove(s.path(e.Number)); err != nil {
				t.Fatal(err)
			}
			lost++
		case 3:
			data[len(data)/2] ^= 1
			if err := os.WriteFile(s.path(e.Number), data, 0o600); err != nil {
				t.Fatal(err)
			}
			lost++
		}
	}
	drops := int64(7)
	s.record(event.GapEvent, event.Gap{StartNs: day, EndNs: nil, Drops: &drops, Why: event.Killed, Detail: "a \x1b line"})
	s.record(event.LostEvent, event.Lost{Number: s.number + 1, Why: "torn"})
	s.end()
	o := s.options()
	report := analysed(t, o)
	if report.Exit != job.ExitRejected || report.Rejected != lost || report.Drops < drops {
		t.Errorf("%+v", report)
	}
	var rest []string
	for i, path := range s.paths() {
		if i != 1 && i != 3 {
			rest = append(rest, path)
		}
	}
	rows := rowsOf(t, filepath.Join(o.Job.Out, GapsTable))
	for _, want := range []string{whyMissing, whyDamaged, whyLost, `"killed"`, `"drops":7`, `\\x1b`} {
		if !strings.Contains(rows, want) {
			t.Errorf("no row with %s in\n%s", want, rows)
		}
	}
	verified(t, o.Job.Out)
	out, _ := offline(t, o, rest)
	got, want := rowsOf(t, filepath.Join(o.Job.Out, "slots")), rowsOf(t, filepath.Join(out, "slots"))
	if strings.Count(got, "\n") != strings.Count(want, "\n") {
		t.Errorf("slots: %s", firstDifference(got, want))
	}
}

// TestFailOnLoss: what the interface calls dropped has a row, and is not known to be missing.
func TestFailOnLoss(t *testing.T) {
	for _, test := range []struct{ kernel, face, drops, exit int64 }{{0, 0, 0, job.ExitOK}, {0, 9, 0, job.ExitOK}, {2, 9, 2, job.ExitPartial}} {
		s := newSeg(t)
		s.add(talk(t, day, 0, 1), func(e *event.Segment) { e.KernelDrops, e.InterfaceDrops = &test.kernel, &test.face })
		s.end()
		o := s.options()
		o.FailLoss = true
		if report := analysed(t, o); report.Drops != test.drops || report.Exit != int(test.exit) {
			t.Errorf("%+v: %+v", test, report)
		}
		if rows := rowsOf(t, filepath.Join(o.Job.Out, GapsTable)); strings.Contains(rows, whyFace) != (test.face > 0) {
			t.Errorf("%+v: %s", test, rows)
		}
	}
}

// TestOtherOptionsAreRefused: a folder goes on as it was begun.
func TestOtherOptionsAreRefused(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	o := s.options()
	analysed(t, o)
	o.Job.Stages.Tick *= 2
	report, err := Analyse(context.Background(), *o)
	if !errors.Is(err, livefolder.ErrOther) || report.Exit != job.ExitUsage {
		t.Error(report.Exit, err)
	}
	o = s.options()
	o.Job.Stages.Merge = true
	if report, err := Analyse(context.Background(), *o); err == nil || report.Exit != job.ExitUsage {
		t.Error(report.Exit, err)
	}
	o = s.options()
	if err := os.MkdirAll(filepath.Join(o.Job.Out, "mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	if report, err := Analyse(context.Background(), *o); err == nil || report.Exit != job.ExitOutput {
		t.Error(report.Exit, err)
	}
}

// TestLabelsOfTwoSessions: a rule about a capture's name means that segment, in each session.
func TestLabelsOfTwoSessions(t *testing.T) {
	s := newSeg(t)
	pieces := demo(t, 700)
	for range 2 {
		for _, data := range pieces {
			s.add(data)
		}
		s.end()
		s.begin()
	}
	o := s.options()
	analysed(t, o)
	first, all := len(pieces), strings.Split(rowsOf(t, filepath.Join(o.Job.Out, flowsTable)), "\n")
	for _, number := range []int{1, first, first + 1, 2 * first} {
		want := 0
		for _, row := range all {
			if strings.Contains(row, fmt.Sprintf(`"capture_id":%d,`, number-1)) {
				want++
			}
		}
		l := labels.Label{
			Tables: o.Job.Out, Out: filepath.Join(t.TempDir(), "labels"), Match: match.DefaultConfig(), Attempt: labels.AttemptSuffix,
			Source: source.Options{AlertLabel: source.LabelCategory, FromName: []string{fmt.Sprintf("segment-%010d*=here", number)}},
		}
		done, err := l.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		for _, n := range done.Report.Labels {
			if n.Label == "here" {
				got = n.Flows
			}
		}
		if got != int64(want) || want == 0 {
			t.Errorf("segment %d: %d flows are labelled, %d began in it", number, got, want)
		}
	}
}

// TestRemovedBehindAnalysis: that the file of a segment is gone, which a later capture notices, is no loss where
// it was analysed, or where its own record said already that it is missing.
func TestRemovedBehindAnalysis(t *testing.T) {
	pieces := demo(t, 1000)
	s := newSeg(t)
	o := s.options()
	s.add(pieces[0])
	s.add(pieces[1])
	analysed(t, o)
	for n := range s.number {
		s.record(event.LostEvent, event.Lost{Number: n + 1, Why: "its file is gone"})
	}
	s.number++
	s.record(event.LostEvent, event.Lost{Number: s.number, Why: "nothing of it is there"})
	s.add(pieces[2])
	s.end()
	analysed(t, o)
	rows := rowsOf(t, filepath.Join(o.Job.Out, GapsTable))
	if n := strings.Count(rows, whyLost); n != 1 || !strings.Contains(rows, `"segment":3`) {
		t.Errorf("%d segments are lost: %s", n, rows)
	}
}
