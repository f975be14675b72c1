package live

import (
	"fmt"
	"syscall"
	"testing"

	"pcapmill/cmd/capture/event"
)

// Frames that are lost for lack of room are counted to the last one: sent = read + dropped.
// A capture that is stopped in the middle loses all that its ring has no room for, so the
// share that is sent meanwhile is the share that is lost.
func TestWhatIsSentIsReadOrCounted(t *testing.T) {
	r := newRig(t)
	n := rounds(4, 20)
	least, most := 1.0, 0.0
	for i := range n {
		r.anew(fmt.Sprint(i))
		lost := r.loss(0.99*float64(i)/float64(n-1), 50_000)
		least, most = min(least, lost), max(most, lost)
	}
	t.Logf("%d rounds from %.1f to %.1f %% lost, each frame accounted for", n, 100*least, 100*most)
	if most < 0.9 {
		t.Errorf("no round lost more than %.0f %%: the test shows nothing", 100*most)
	}
}

// loss sends frames, a share of them while capture stands still, and returns which share
// was lost.
func (r *rig) loss(share float64, n int) float64 {
	r.t.Helper()
	before, err := r.world.Counts("vb")
	if err != nil {
		r.t.Fatal(err)
	}
	ring := []string{"--snaplen", "1KiB", "--block-bytes", "64KiB", "--blocks", "8", "--rotate", "5000p"}
	if share == 0 {
		ring = []string{"--rotate", "5000p"}
	}
	p, frames := r.capture(ring...), NewSequence(20, 200)
	lossy := int(share * float64(n))
	r.burst((n-lossy)/2, frames)
	p.Signal(syscall.SIGSTOP)
	if err := r.send.Burst(r.t.Context(), lossy, 0, frames.Next); err != nil {
		r.t.Fatal(err)
	}
	p.Signal(syscall.SIGCONT)
	r.burst(n-lossy-(n-lossy)/2, frames)
	sent := int64(r.arrived() - before.Received)
	r.stop(p)
	recorded := r.recorded()
	c := recorded.Counted()
	unread := recorded.Told(event.Unread)
	if c.Unknown != 0 || c.Kernel != sent || c.Packets+c.Drops+unread != sent {
		r.t.Errorf("%d sent, %d by the kernel's count, %d read + %d dropped + %d unread, %d segments without counts", sent, c.Kernel, c.Packets, c.Drops, unread, c.Unknown)
	}
	if told := recorded.Told(event.RingFull); told != c.Drops {
		r.t.Errorf("%d dropped, of which gaps tell %d", c.Drops, told)
	}
	tally, others, err := TallyOf(recorded.Paths(r.seg)...)
	if err != nil || int64(tally.Count) != c.Packets || tally.Doubled+uint64(others) != 0 {
		r.t.Errorf("%d packets by the ledger, %d in the segments, %d doubled, %d others, %v", c.Packets, tally.Count, tally.Doubled, others, err)
	}
	return float64(c.Drops) / float64(sent)
}

// burst sends numbered frames at a rate that a healthy capture keeps up with on a busy machine.
func (r *rig) burst(n int, frames *Sequence) {
	r.t.Helper()
	if err := r.send.Burst(r.t.Context(), n, 30_000, frames.Next); err != nil {
		r.t.Fatal(err)
	}
}
