package capture_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/live"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/ledger"
)

// noon is 2026-11-29 12:00:00 UTC.
const noon = int64(1_795_953_600_000_000_000)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a folder of segments, a clock and what was said.
type world struct {
	t     testing.TB
	dir   string
	clock *replay.Clock
	cfg   capture.Config
	said  *lines
}

// lines collects messages.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorld(t testing.TB, wall int64) *world {
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "seg"), clock: replay.NewClock(wall), said: &lines{}}
	w.cfg = capture.DefaultConfig(w.dir)
	w.cfg.Clock, w.cfg.Log = w.clock, slog.New(slog.NewTextHandler(w.said, nil))
	w.cfg.RetryEvery = 5 * time.Millisecond
	w.cfg.Tool.Version = "test"
	return w
}

// source replays frames on the world's clock.
func (w *world) source(frames []replay.Frame) *replay.Source {
	return &replay.Source{Frames: frames, Clock: w.clock, About: live.Info{Interface: "fake0", Link: 1, SnapLen: 1 << 18}}
}

// run captures all of a source.
func (w *world) run(src capture.Source) capture.Report {
	w.t.Helper()
	report, err := w.try(context.Background(), src)
	must(w.t, err)
	return report
}

func (w *world) try(ctx context.Context, src capture.Source) (capture.Report, error) {
	w.t.Helper()
	f, err := capture.Open(w.cfg)
	must(w.t, err)
	defer f.Close()
	return f.Run(ctx, src)
}

// records returns the ledger.
func (w *world) records() []ledger.Record {
	w.t.Helper()
	var all []ledger.Record
	_, err := ledger.Scan(filepath.Join(w.dir, event.LedgerName), ledger.Position{}, func(r ledger.Record) error {
		all = append(all, r)
		return nil
	})
	must(w.t, err)
	return all
}

// each decodes the records of an event.
func each[T any](w *world, name string) []T {
	w.t.Helper()
	var all []T
	for _, r := range w.records() {
		if r.Event == name {
			var e T
			must(w.t, r.Decode(&e))
			all = append(all, e)
		}
	}
	return all
}

func (w *world) segments() []event.Segment { return each[event.Segment](w, event.SegmentEvent) }
func (w *world) gaps() []event.Gap         { return each[event.Gap](w, event.GapEvent) }

// contents reads a segment and checks it against its record.
func (w *world) contents(s event.Segment) segment.Contents {
	w.t.Helper()
	path := filepath.Join(w.dir, s.Name)
	data, err := os.ReadFile(path)
	must(w.t, err)
	sum := sha256.Sum256(data)
	if hex.EncodeToString(sum[:]) != s.SHA256 || int64(len(data)) != s.Bytes {
		w.t.Errorf("%s is not what the ledger says", s.Name)
	}
	open := func() (io.ReadCloser, error) { return os.Open(path) }
	var c segment.Contents
	if strings.HasSuffix(s.Name, ".zst") {
		c, err = segment.WalkZstd(open)
	} else {
		c, err = segment.Walk(bytes.NewReader(data))
	}
	must(w.t, err)
	if c.Bytes != s.Bytes || c.Rest != "" {
		w.t.Errorf("%s is whole up to %d of %d: %s", s.Name, c.Bytes, s.Bytes, c.Rest)
	}
	if c.Tally.Packets != s.Packets || c.Tally.CapturedBytes != s.CapturedBytes || c.Tally.WireBytes != s.WireBytes {
		w.t.Errorf("%s holds %+v, its record says %+v", s.Name, c.Tally, s)
	}
	return c
}

// numbers reads the frames of all segments in the folder, in order.
func (w *world) numbers() []int {
	w.t.Helper()
	var all []int
	for _, s := range w.segments() {
		in, err := os.Open(filepath.Join(w.dir, s.Name))
		if os.IsNotExist(err) {
			continue
		}
		must(w.t, err)
		plain, err := decompress.Open(in, decompress.DefaultConfig())
		must(w.t, err)
		frames, _, err := replay.Read(plain)
		must(w.t, err)
		in.Close()
		for _, f := range frames {
			n, err := replay.Number(f.Data)
			must(w.t, err)
			all = append(all, n)
		}
	}
	return all
}

// wantNumbers checks that all numbers from 0 to n-1 are there once, in order.
func (w *world) wantNumbers(n int) {
	w.t.Helper()
	got := w.numbers()
	if len(got) != n {
		w.t.Errorf("%d frames in the segments, want %d", len(got), n)
	}
	for i, k := range got {
		if i != k {
			w.t.Fatalf("frame %d where %d was due", k, i)
		}
	}
}

// files lists the folder but for ledger and lock.
func (w *world) files() []string {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	must(w.t, err)
	var names []string
	for _, e := range entries {
		if e.Name() != event.LedgerName {
			names = append(names, e.Name())
		}
	}
	return names
}
