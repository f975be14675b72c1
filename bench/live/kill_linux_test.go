package live

import (
	"context"
	"sync"
	"testing"
	"time"
)

// Either part is killed again and again while packets come. Whatever has a name is whole, at
// most one segment of each killed session is lost, the ledger says which, and the tables at
// the end are those of an undisturbed run.
func TestKills(t *testing.T) {
	r := newRig(t)
	kills, rng := rounds(8, 100), random(t) // 50 of either
	stop := r.keepSending(6000)
	capture, analysis := r.capture("--rotate", "1500p"), r.analyse("-q", "--follow", "--checkpoint-every", "100ms")
	captures := 0
	for i := range kills {
		time.Sleep(time.Duration(50+rng.IntN(450)) * time.Millisecond)
		if i%2 == 0 {
			capture.Kill()
			captures++
			capture = r.capture("--rotate", "1500p")
		} else {
			analysis.Kill()
			if _, err := WholeTables(r.out); err != nil {
				t.Fatalf("after kill %d: %v", i, err)
			}
			analysis = r.analyse("-q", "--follow", "--checkpoint-every", "100ms")
		}
		recorded := r.recorded()
		if err := recorded.Whole(r.seg); err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
	}
	frames := stop()
	r.arrived()
	r.stop(capture)
	analysis.Kill()
	r.ended(r.analyse("-q"))
	r.checkKills(captures, frames)
}

// keepSending sends numbered frames until the function that it returns is called, which
// returns them.
func (r *rig) keepSending(rate float64) (stop func() *Sequence) {
	ctx, cancel := context.WithCancel(r.t.Context())
	frames := NewSequence(50, 400)
	var done sync.WaitGroup
	done.Go(func() {
		if err := r.send.Burst(ctx, 1<<40, rate, frames.Next); err != nil && ctx.Err() == nil {
			r.t.Error(err)
		}
	})
	end := sync.OnceFunc(func() {
		cancel()
		done.Wait()
	})
	r.t.Cleanup(end)
	return func() *Sequence {
		end()
		return frames
	}
}

func (r *rig) checkKills(kills int, frames *Sequence) {
	r.t.Helper()
	recorded := r.recorded()
	if recorded.Sessions != kills+1 || recorded.Ended != 1 || len(recorded.Lost) > kills {
		r.t.Errorf("%d kills: %d sessions, %d ends, %d lost segments", kills, recorded.Sessions, recorded.Ended, len(recorded.Lost))
	}
	if err := recorded.Whole(r.seg); err != nil {
		r.t.Error(err)
	}
	commits, err := WholeTables(r.out)
	if err != nil || commits != len(recorded.Segments) {
		r.t.Errorf("%d segments, %d commits, %v", len(recorded.Segments), commits, err)
	}
	tally, _, err := TallyOf(recorded.Paths(r.seg)...)
	if err != nil || tally.Doubled+tally.Unruly != 0 {
		r.t.Errorf("%v, %d doubled, %d out of order", err, tally.Doubled, tally.Unruly)
	}
	rows := r.offline()
	r.t.Logf("%d kills of capture: %d segments, %d lost, %d of %d frames, %d rows", kills, len(recorded.Segments), len(recorded.Lost), tally.Count, frames.Sent(), rows)
}
