package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
)

// endsSoon runs an analysis that must end by itself, soon.
func endsSoon(t testing.TB, o *Options) (Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	report, err := Analyse(ctx, *o)
	if ctx.Err() != nil {
		t.Fatal("it does not end")
	}
	return report, err
}

// TestTornLedgerOfSegments: what a capture left that was killed while it wrote a record keeps nobody
// waiting.
func TestTornLedgerOfSegments(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	s.end()
	path := filepath.Join(s.dir, event.LedgerName)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-20); err != nil {
		t.Fatal(err)
	}
	o := s.options()
	report, err := endsSoon(t, o)
	if err != nil || report.Exit != job.ExitOK || report.Segments != 1 || !report.Open {
		t.Fatal(report, err)
	}
	log, err := ledger.Open(path) // the next capture cuts it off
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s.log = log
	s.end()
	if report, err := endsSoon(t, o); err != nil || report.Open || report.Segments != 0 {
		t.Error(report, err)
	}
	verified(t, o.Job.Out)
}

// TestNoLedgerOfSegments: a folder that nobody captures into is refused, unless it may still come.
func TestNoLedgerOfSegments(t *testing.T) {
	o := newSeg(t).options()
	o.Segments = t.TempDir()
	report, err := endsSoon(t, o)
	if report.Exit != job.ExitRejected || err == nil || !strings.Contains(err.Error(), event.LedgerName) {
		t.Error(report.Exit, err)
	}
	drain := make(chan struct{})
	close(drain)
	o.Drain = drain
	if report, err := endsSoon(t, o); err != nil || report.Exit != job.ExitOK {
		t.Error(report.Exit, err)
	}
}

// TestDamagedLedgerOfSegments: what was done before the damage is kept, and goes on once the ledger is
// mended, to the same tables.
func TestDamagedLedgerOfSegments(t *testing.T) {
	s := newSeg(t)
	for _, data := range demo(t, 300) {
		s.add(data)
	}
	s.end()
	whole := s.options()
	analysed(t, whole)
	path := filepath.Join(s.dir, event.LedgerName)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(sound, []byte("\n"))
	lines[5] = bytes.Replace(lines[5], []byte(`"prev":`), []byte(`"prew":`), 1)
	for _, checkpoints := range []bool{true, false} {
		if err := os.WriteFile(path, bytes.Join(lines, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		o := s.options()
		o.Job.Out = filepath.Join(t.TempDir(), "out")
		for range 2 {
			report, err := endsSoon(t, o)
			var damage *ledger.Damage
			if report.Exit != job.ExitRejected || !errors.As(err, &damage) || damage.Line != 6 || report.Through != 4 {
				t.Fatal(report, err)
			}
			if !checkpoints {
				if err := os.RemoveAll(filepath.Join(o.Job.Out, "checkpoints")); err != nil {
					t.Fatal(err)
				}
			}
		}
		verified(t, o.Job.Out)
		if err := os.WriteFile(path, sound, 0o600); err != nil {
			t.Fatal(err)
		}
		if report, err := endsSoon(t, o); err != nil || report.Exit != job.ExitOK {
			t.Fatal(report, err)
		}
		verified(t, o.Job.Out)
		sameFiles(t, filesOf(t, o.Job.Out), filesOf(t, whole.Job.Out))
	}
}

// TestHostileLedgerOfSegments: numbers and texts that no capture writes make no folder that cannot be
// read.
func TestHostileLedgerOfSegments(t *testing.T) {
	long := strings.Repeat("\x1b", 300<<10)
	for name, c := range map[string]struct {
		change  func(e *event.Segment)
		refused bool // the ledger, not the segment
	}{
		"huge number":     {func(e *event.Segment) { e.Number = 1e18 }, true},
		"number 0":        {func(e *event.Segment) { e.Number = 0 }, true},
		"negative number": {func(e *event.Segment) { e.Number = math.MinInt64 }, true},
		"long hash":       {func(e *event.Segment) { e.SHA256 = long }, false},
		"long name":       {func(e *event.Segment) { e.Name = long }, false},
		"name elsewhere":  {func(e *event.Segment) { e.Name = "../../etc/shadow" }, false},
		"no packets":      {func(e *event.Segment) { e.Packets, e.Bytes = math.MinInt64, 1 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeg(t)
			pieces := demo(t, 2000)
			s.add(pieces[0])
			e := *s.add(pieces[1])
			e.Number++
			c.change(&e)
			s.record(event.SegmentEvent, &e)
			s.record(event.GapEvent, event.Gap{StartNs: math.MinInt64, Drops: new(int64(-5)), Why: event.Why(long), Detail: long})
			s.record(event.EndEvent, event.End{Session: s.session, Why: long})
			o := s.options()
			report, err := endsSoon(t, o)
			if report.Exit != job.ExitRejected || (err != nil) != c.refused || report.Drops < 0 {
				t.Error(report, err)
			}
			if err != nil && !strings.Contains(err.Error(), event.LedgerName) {
				t.Errorf("%v: where?", err)
			}
			verified(t, o.Job.Out)
			if again, err := endsSoon(t, o); (err != nil) != c.refused || again.Segments != 0 {
				t.Error("again: ", again, err)
			}
		})
	}
}

// TestForeignRecord: a record of another shape is said with its place.
func TestForeignRecord(t *testing.T) {
	for _, name := range []string{event.SegmentEvent, event.GapEvent, event.LostEvent, event.EndEvent} {
		s := newSeg(t)
		s.record(name, json.RawMessage(`["a"]`))
		report, err := endsSoon(t, s.options())
		if report.Exit != job.ExitRejected || err == nil || !strings.Contains(err.Error(), event.LedgerName) || !strings.Contains(err.Error(), "record 2") {
			t.Error(report.Exit, err)
		}
	}
}

// TestChangedWhileRead: a file that is written to between its hash and its end is noticed.
func TestChangedWhileRead(t *testing.T) {
	s := newSeg(t)
	data := demo(t, 1000)[0]
	e := s.add(data)
	a := &analysis{o: s.options()}
	in, refused := a.input(context.Background(), e)
	if refused != nil || in.changed() {
		t.Fatal(refused)
	}
	if err := os.WriteFile(s.path(1), data, 0o600); err != nil {
		t.Fatal(err)
	}
	later := in.info.ModTime().Add(time.Millisecond)
	if err := os.Chtimes(s.path(1), later, later); err != nil {
		t.Fatal(err)
	}
	if !in.changed() {
		t.Error("written to, and not noticed")
	}
	if in, refused = a.input(context.Background(), e); refused != nil || in.changed() {
		t.Fatal(refused)
	}
	if err := os.Rename(s.path(1), s.path(2)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(1), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if !in.changed() {
		t.Error("another file, and not noticed")
	}
	if err := os.Remove(s.path(1)); err != nil {
		t.Fatal(err)
	}
	if in.changed() {
		t.Error("deleted while it was read, as where --retain free= forces it: it is no other for that")
	}
}

// TestFoldersOfTwoKinds: tables are not written among segments, nor segments among tables, whose ledgers have
// one name.
func TestFoldersOfTwoKinds(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	s.end()
	o := s.options()
	analysed(t, o)
	for _, test := range []struct {
		dir string
		try func(dir string) error
	}{
		{s.dir, func(dir string) error {
			o := *o
			o.Job.Out = dir
			report, err := Analyse(context.Background(), o)
			if report.Exit != job.ExitOutput {
				t.Errorf("exit code %d", report.Exit)
			}
			return err
		}},
		{o.Job.Out, func(dir string) error {
			f, err := capture.Open(capture.DefaultConfig(dir))
			if err == nil {
				f.Close()
			}
			return err
		}},
	} {
		path := filepath.Join(test.dir, event.LedgerName)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := test.try(test.dir); err == nil || !strings.Contains(err.Error(), "a folder of their own") {
			t.Errorf("%s: %v", test.dir, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s: its ledger was written to: %v", test.dir, err)
		}
	}
	verified(t, o.Job.Out)
}

// TestHashingIsCounted: a service manager is told that a long segment is being hashed.
func TestHashingIsCounted(t *testing.T) {
	s := newSeg(t)
	data := demo(t, 5000)[0]
	s.add(data)
	s.end()
	o := s.options()
	o.Hashed = new(atomic.Int64)
	if report := analysed(t, o); report.Segments != 1 || o.Hashed.Load() != int64(len(data)) {
		t.Errorf("%d bytes of %d", o.Hashed.Load(), len(data))
	}
}

// TestManyCheckpoints: a long session without its checkpoints is done again from its begin, and the log does not say
// of each of them that it cannot be restored.
func TestManyCheckpoints(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	o := s.options()
	analysed(t, o)
	rows := rowsOf(t, filepath.Join(o.Job.Out, "flows"))
	if err := os.RemoveAll(filepath.Join(o.Job.Out, livefolder.CheckpointFolder)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.Job.Out, livefolder.LedgerName)
	h, err := readHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if err := log.Append(livefolder.CheckpointEvent, h.checkpoints[0]); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&said, nil))
	if report := analysed(t, o); report.Redone != 1 || rowsOf(t, filepath.Join(o.Job.Out, "flows")) != rows {
		t.Errorf("%+v", report)
	}
	if n := strings.Count(said.String(), "cannot be restored"); n == 0 || n > 20 {
		t.Errorf("it is said %d times", n)
	}
}
