//go:build !nounsafe

package live_test

import (
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pcapmill/ingest/live"
)

// TestLossIsCounted sends numbered frames as fast as it can to readers of all speeds: what was
// sent is what was read and what the kernel says it dropped, to the frame, and what was
// read is in order, without a frame twice.
func TestLossIsCounted(t *testing.T) {
	world(t)
	send := sendOn(t, "va")
	const n = 60_000
	most := 0.0
	for round := range rounds(3, 20) {
		for _, part := range []int{0, 1, 2, 3} {
			cfg := config("vb")
			cfg.BlockBytes, cfg.Blocks, cfg.SnapLen = 64<<10, 2<<(2*(3-part)), 128
			// The reader takes so long for a block; it never stops the kernel.
			lost := lossOf(t, cfg, send, n, time.Duration(part*part*(1+round%4))*2*time.Millisecond)
			most = max(most, lost)
		}
	}
	if most < 0.5 {
		t.Errorf("no round lost more than %.0f %%: the test shows nothing", 100*most)
	}
	t.Logf("up to %.1f %% lost, all counted", 100*most)
}

func lossOf(t *testing.T, cfg live.Config, send *sender, n int, slow time.Duration) float64 {
	t.Helper()
	c := open(t, cfg)
	before, err := c.Stats()
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Bool
	done := make(chan []uint64)
	go func() { done <- numbers(t, c, &sent, slow) }()
	frame := udpFrame(0, 120, 1)
	for i := range n {
		binary.BigEndian.PutUint64(frame[seqAt:], uint64(i))
		send.send(frame)
	}
	sent.Store(true)
	got := <-done
	for i := 1; i < len(got); i++ {
		if got[i] <= got[i-1] {
			t.Fatalf("frame %d after frame %d", got[i], got[i-1])
		}
	}
	s, err := c.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if arrived := s.InterfacePackets - before.InterfacePackets; arrived != int64(n) {
		t.Fatalf("%d frames sent, %d arrived at the interface", n, arrived)
	}
	if int64(len(got)) != s.Read || s.Read+s.Drops != int64(n) || s.Packets != int64(n) || s.Malformed != 0 {
		t.Errorf("sent %d, got %d, counted %+v", n, len(got), s)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	return float64(s.Drops) / float64(n)
}

// numbers reads until everything has been sent and nothing comes any more.
func numbers(t *testing.T, c *live.Capture, sent *atomic.Bool, slow time.Duration) (all []uint64) {
	for {
		last := sent.Load()
		b, err := c.Next(context.Background(), 100*time.Millisecond)
		if err != nil {
			if !errors.Is(err, live.ErrClosed) {
				t.Error(err)
			}
			return all
		}
		if b == nil {
			if last {
				return all
			}
			continue
		}
		for i := range b.Frames {
			all = append(all, binary.BigEndian.Uint64(b.Frames[i].Data[seqAt:]))
		}
		if slow > 0 && !last {
			time.Sleep(slow)
		}
		b.Release()
	}
}
