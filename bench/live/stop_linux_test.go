package live

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
)

// SIGTERM ends both parts within ten seconds, with packets still coming and segments still
// waiting, and all that is there is consistent.
func TestSIGTERM(t *testing.T) {
	r := newRig(t)
	for i := range rounds(2, 10) {
		r.anew(string(rune('a' + i)))
		stop := r.keepSending(30_000)
		capture, analysis := r.capture("--rotate", "2000p"), r.analyse("-q")
		time.Sleep(time.Duration(300+700*i%1500) * time.Millisecond)
		took := [2]time.Duration{r.stop(capture), r.stop(analysis)}
		stop()
		recorded := r.recorded()
		if err := recorded.Whole(r.seg); err != nil || recorded.Ended != 1 {
			t.Errorf("%d ends, %v", recorded.Ended, err)
		}
		for _, dir := range []string{r.seg, r.out} {
			if report, err := ledger.Verify(filepath.Join(dir, event.LedgerName)); err != nil || report.Torn > 0 {
				t.Errorf("%s: %+v, %v", dir, report, err)
			}
		}
		if _, err := WholeTables(r.out); err != nil {
			t.Error(err)
		}
		r.ended(r.launch("verify", r.out))
		t.Logf("capture %v, analysis %v", took[0].Round(time.Millisecond), took[1].Round(time.Millisecond))
	}
}

// Whoever kills live itself still gets the segment at hand: capture, which the system tells of that
// once for each thread of live, ends it in order.
func TestSupervisorIsKilled(t *testing.T) {
	for range rounds(1, 20) {
		r := newRig(t)
		frames := NewSequence(5, 200)
		p := r.launch("live", "-i", "vb", "-o", r.out, "--segments", r.seg, "--rotate", "1h")
		r.until("a session", p, func() bool { return r.recorded().Sessions > 0 })
		r.burst(100, frames)
		r.arrived()
		p.Kill()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		err := Until(ctx, "the end of capture", func() bool { return r.recorded().Ended == 1 })
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		recorded := r.recorded()
		if err := recorded.Whole(r.seg); err != nil {
			t.Error(err)
		}
		tally, _, err := TallyOf(recorded.Paths(r.seg)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := tally.Complete(frames.Sent()); err != nil {
			t.Error(err)
		}
	}
}
