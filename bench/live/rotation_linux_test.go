package live

import (
	"syscall"
	"testing"
)

// At a rotation no frame is lost and none is written twice.
func TestRotationsLoseNothing(t *testing.T) {
	r := newRig(t)
	const each = 100
	segments := rounds(60, 1000)
	p, frames := r.capture("--rotate", "100p"), NewSequence(10, 300)
	n := each * segments
	for i := range 10 {
		r.burst(n/10, frames)
		if i%3 == 0 {
			p.Signal(syscall.SIGUSR1) // ends the segment at hand, wherever it is
		}
	}
	r.arrived()
	r.stop(p)
	recorded := r.recorded()
	c := recorded.Counted()
	if c.Drops != 0 || len(recorded.Gaps) != 0 {
		t.Errorf("%d frames were dropped, %d gaps: the machine is too busy for this test", c.Drops, len(recorded.Gaps))
	}
	if len(recorded.Segments) < segments {
		t.Errorf("%d segments of at most %d frames for %d", len(recorded.Segments), each, n)
	}
	for _, s := range recorded.Segments {
		if s.Packets > each {
			t.Errorf("segment %d has %d packets", s.Number, s.Packets)
		}
	}
	if err := recorded.Whole(r.seg); err != nil {
		t.Error(err)
	}
	tally, others, err := TallyOf(recorded.Paths(r.seg)...)
	if err != nil || others != 0 || tally.Unruly != 0 {
		t.Errorf("%v, %d other frames, %d out of order", err, others, tally.Unruly)
	}
	if err := tally.Complete(uint64(n)); err != nil {
		t.Error(err)
	}
	t.Logf("%d rotations, %d frames, each there once", len(recorded.Segments), n)
}
