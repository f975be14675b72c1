package capture_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	bench "pcapmill/bench/live"
	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/filter"
	"pcapmill/ingest/live"
)

// cable makes a network namespace with the pair va, vb, both of which carry frames.
func cable(t *testing.T) *bench.World {
	t.Helper()
	w, err := bench.NewWorld()
	if errors.Is(err, bench.ErrNoWorld) {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(w.Close)
	if err := w.Pair("va", "vb"); errors.Is(err, bench.ErrNoWorld) {
		t.Skip(err)
	} else {
		must(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, errors.Join(w.Carry(ctx, "va"), w.Carry(ctx, "vb")))
	return w
}

// sendAll sends frames and waits until all of them have been read or counted as dropped.
func sendAll(ctx context.Context, send *bench.Sender, src *live.Capture, frames []replay.Frame) error {
	for _, f := range frames {
		if err := send.Send(f.Data); err != nil {
			return err
		}
	}
	return bench.Until(ctx, "all frames to be read", func() bool {
		s, err := src.Stats()
		return err != nil || s.Read+s.Drops >= int64(len(frames))
	})
}

// TestRingLosesNothing sends numbered frames over a real interface while segments end by
// packets and time: all that were sent are in the segments once or counted as dropped.
func TestRingLosesNothing(t *testing.T) {
	const n = 20_000
	net := cable(t)
	w := newWorld(t, noon)
	w.cfg.Clock = capture.SystemClock()
	w.cfg.Rotate = capture.Rotate{Packets: 97, Every: 200 * time.Millisecond}
	ring := live.DefaultConfig("va")
	parsed, err := filter.Parse("ether proto 0x88b5")
	must(t, err)
	ring.Filter = parsed
	folder, err := capture.Open(w.cfg)
	must(t, err)
	defer folder.Close()
	var src *live.Capture
	err = net.Do(func() (err error) {
		src, err = live.Open(ring)
		return err
	})
	if errors.Is(err, live.ErrUnsupported) {
		t.Skip(err) // a build without unsafe
	}
	must(t, err)
	defer src.Close()
	send, err := net.Sender("vb")
	must(t, err)
	defer send.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sent := make(chan error, 1)
	go func() {
		sent <- sendAll(ctx, send, src, replay.Numbered(n, 100, 0, 0))
		cancel()
	}()
	report, err := folder.Run(ctx, src)
	must(t, err)
	must(t, <-sent)
	if report.Packets+report.KernelDrops+report.Unread != n || report.KernelPackets != n {
		t.Errorf("%d sent: %+v", n, report)
	}
	if report.Missing() == 0 {
		w.wantNumbers(n)
	}
	if report.Segments < report.Packets/97 {
		t.Errorf("%d segments", report.Segments)
	}
	if report.Unread != 0 {
		t.Errorf("%d packets were left in a ring that had been read", report.Unread)
	}
	for _, s := range w.segments()[:5] {
		w.contents(s)
		data, err := os.ReadFile(filepath.Join(w.dir, s.Name))
		must(t, err)
		if n := bytes.Count(data, []byte{2, 0, 4, 0, 0x11, 0, 0, 0, 0, 0, 0, 0}); s.Packets > 0 && int64(n) != s.Packets { // epb_flags: inbound, for others
			t.Errorf("%s: %d packets of %d have flags", s.Name, n, s.Packets)
		}
	}
}
