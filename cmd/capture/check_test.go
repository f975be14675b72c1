package capture_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
)

// audited looks at a folder and returns what was found, a line each.
func (w *world) audited() (*capture.Audit, string) {
	w.t.Helper()
	a, err := capture.Check(context.Background(), w.dir)
	must(w.t, err)
	return a, strings.Join(a.Findings, "\n")
}

// TestCheck: a folder as capture left it is sound, and each kind of damage is found.
func TestCheck(t *testing.T) {
	for _, zstd := range []bool{false, true} {
		w := newWorld(t, noon)
		w.cfg.Rotate.Packets, w.cfg.Zstd = 100, zstd
		for range 2 {
			w.run(w.source(replay.Numbered(350, 60, packet.Nanos(noon), time.Millisecond)))
		}
		if a, found := w.audited(); found != "" || a.Sessions != 2 || a.Segments != 8 || a.Packets != 700 || !capture.IsFolder(w.dir) {
			t.Fatalf("%+v", a)
		}
		path := func(n int64) string { return filepath.Join(w.dir, event.SegmentName(n, zstd)) }
		data, err := os.ReadFile(path(3))
		must(t, err)
		data[len(data)/2] ^= 1
		must(t, os.WriteFile(path(3), data, 0o600))
		must(t, os.Truncate(path(4), 100))
		must(t, os.Remove(path(5)))
		must(t, os.WriteFile(path(20), data, 0o600))
		_, found := w.audited()
		for _, want := range []string{"0003.pcapng", "SHA-256", "0004.pcapng", "100 bytes, recorded", "0005.pcapng", "missing", "0020.pcapng", "no record of it"} {
			if !strings.Contains(found, want) {
				t.Errorf("%s is not in\n%s", want, found)
			}
		}
		if n := strings.Count(found, "\n") + 1; n != 4 {
			t.Errorf("%d findings:\n%s", n, found)
		}
		ledger := filepath.Join(w.dir, event.LedgerName)
		data, err = os.ReadFile(ledger)
		must(t, err)
		must(t, os.WriteFile(ledger, []byte(strings.Replace(string(data), `"packets":100`, `"packets":101`, 1)), 0o600))
		if _, found := w.audited(); !strings.Contains(found, "is damaged: line") {
			t.Error(found)
		}
	}
	if capture.IsFolder(t.TempDir()) {
		t.Error("an empty folder is one of segments")
	}
}

// TestCheckOfARemovedSegment: that it is missing is all that is wrong, before a later session notices, and when
// its ledger says so.
func TestCheckOfARemovedSegment(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate.Packets = 100
	w.run(w.source(replay.Numbered(350, 60, packet.Nanos(noon), time.Millisecond)))
	must(t, os.Remove(filepath.Join(w.dir, event.SegmentName(2, false))))
	want := event.SegmentName(2, false) + ": missing"
	if _, found := w.audited(); found != want {
		t.Errorf("before: %s", found)
	}
	w.run(w.source(nil))
	if a, found := w.audited(); found != want || a.Lost != 1 || a.Segments != 4 {
		t.Errorf("%s: %+v", found, a)
	}
}

// TestTidy: what is released when no capture runs is deleted all the same, but what is flagged.
func TestTidy(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate.Packets = 100
	w.run(w.source(replay.Numbered(350, 60, packet.Nanos(noon), time.Millisecond)))
	w.cfg.ReleasedBy = release(w, livefolder.Release{Through: 4, Flagged: []int64{2}})
	w.cfg.Retain.Released = true
	f, err := capture.Open(w.cfg)
	must(t, err)
	if n := f.Tidy(); n != 3 {
		t.Errorf("%d deleted", n)
	}
	must(t, f.Close())
	if files := w.files(); len(files) != 1 || files[0] != event.SegmentName(2, false) {
		t.Errorf("left: %v", files)
	}
	if a, found := w.audited(); found != "" || a.Deleted != 3 || a.Segments != 1 {
		t.Errorf("%+v", a)
	}
}

// TestReleasesOfOtherSegments: a folder of segments that was removed begins anew with number 1. What the
// analysis had released of the old ones it has not seen of these.
func TestReleasesOfOtherSegments(t *testing.T) {
	old, w := newWorld(t, noon), newWorld(t, noon)
	for _, w := range []*world{old, w} {
		w.cfg.Rotate.Packets = 100
	}
	old.run(old.source(replay.Numbered(350, 60, packet.Nanos(noon), time.Millisecond)))
	_, at, err := ledger.Read(filepath.Join(old.dir, event.LedgerName), ledger.Position{})
	must(t, err)
	out := release(old)
	log, err := ledger.Open(filepath.Join(out, livefolder.LedgerName))
	must(t, err)
	must(t, log.Append(livefolder.CommitEvent, livefolder.Commit{Number: 4, AtEnd: true, At: at}))
	must(t, log.Append(livefolder.ReleaseEvent, livefolder.Release{Through: 4}))
	must(t, log.Close())
	for _, w := range []*world{w, old} {
		w.cfg.ReleasedBy, w.cfg.Retain.Released = out, true
		w.run(w.source(replay.Numbered(700, 60, packet.Nanos(noon), time.Millisecond)))
	}
	if n := len(w.files()); n != 7 || !strings.Contains(w.said.String(), "of other segments") {
		t.Errorf("%d segments are left, said %s", n, w.said)
	}
	if n := len(old.files()); n != 7 || strings.Contains(old.said.String(), "of other segments") {
		t.Errorf("%d of the old ones are left, said %s", n, old.said)
	}
}
