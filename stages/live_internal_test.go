package stages

import (
	"context"
	"math"
	"testing"

	"pcapmill/ingest/packet"
)

// TestProgressCountsOpenFlows while a run goes on and after it.
func TestProgressCountsOpenFlows(t *testing.T) {
	cfg := DefaultConfig()
	progress := new(Progress)
	b := walked(t, &cfg)
	out := make(chan chunk)
	s := newShard(0, &cfg, false)
	s.wires = &wires{chunks: out, progress: progress}
	b.Lists = b.Lists[:1]
	s.table.packets(b, b.Lists[0])
	s.clock = b.Clock
	go func() {
		defer close(out)
		if err := s.advance(context.Background(), false); err != nil {
			t.Error(err)
		}
		if got := progress.Live.Load(); got != 64 {
			t.Errorf("%d flows are open, want 64", got)
		}
		if err := s.advance(context.Background(), true); err != nil {
			t.Error(err)
		}
	}()
	for range out {
	}
	if got := progress.Live.Load(); got != 0 {
		t.Errorf("%d flows are open after the end", got)
	}
}

// TestNoTimeIsFilteredUnasked: --to leaves its own instant out, but where it is
// not given the last instant there is goes the way of every odd time.
func TestNoTimeIsFilteredUnasked(t *testing.T) {
	for _, test := range []struct {
		to, at packet.Nanos
		want   int
	}{{math.MaxInt64, math.MaxInt64, 1}, {math.MaxInt64, 5, 1}, {5, 5, 0}, {5, math.MaxInt64, 0}} {
		cfg := DefaultConfig()
		cfg.To = test.to
		f := newFeeder(&cfg, nil)
		f.Inputs = make([]InputSummary, 1)
		l := newLoop(1, 1)
		b := &packet.Block{Lists: make([][]packet.Ref, 1), Interfaces: l.Interfaces()}
		if err := l.Fill(b); err != nil {
			t.Fatal(err)
		}
		b.Records = b.Records[:1]
		b.Records[0].Time = test.at
		if err := f.walk(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		if got := len(b.Lists[0]); got != test.want {
			t.Errorf("to %d, packet at %d: %d packets kept, want %d", test.to, test.at, got, test.want)
		}
	}
}
