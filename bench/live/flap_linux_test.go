package live

import (
	"syscall"
	"testing"
	"time"

	"pcapmill/cmd/capture/event"
)

// away is a stretch of time in which the interface was surely down, or gone.
type away struct{ from, to time.Time }

// An interface that goes down and comes back is captured from as if nothing had been. Gaps say
// when it was down for longer than it takes to look.
func TestInterfaceGoesDownAndUp(t *testing.T) {
	r := newRig(t)
	p, frames := r.capture("--rotate", "1000p"), NewSequence(5, 200)
	var times []away
	const long = 1200 * time.Millisecond // an interface without frames is looked at each second
	for i := range rounds(6, 50) {
		pause := time.Duration(5+i%4*60) * time.Millisecond
		if i%10 == 0 {
			pause = long
		}
		r.burst(100, frames)
		r.arrived()
		r.ip("link set vb down")
		from := time.Now()
		time.Sleep(pause)
		if pause == long {
			times = append(times, away{from, time.Now()})
		}
		r.ip("link set vb up")
		r.world.carry(t)
	}
	r.burst(100, frames)
	r.arrived()
	r.told(p, times)
	r.stop(p)
	recorded := r.recorded()
	tally, _, err := TallyOf(recorded.Paths(r.seg)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := tally.Complete(frames.Sent()); err != nil {
		t.Error(err)
	}
	t.Logf("%d times down and up, %d frames, %d gaps", rounds(6, 50), frames.Sent(), len(recorded.Gaps))
}

// The same with one that is removed and made anew.
func TestInterfaceIsRemovedAndMadeAnew(t *testing.T) {
	r := newRig(t)
	p, frames := r.capture("--rotate", "1000p"), NewSequence(5, 200)
	for range rounds(2, 10) {
		r.burst(100, frames)
		r.arrived()
		r.ip("link del va")
		gone := time.Now()
		if err := r.world.Pair("va", "vb"); err != nil {
			t.Fatal(err)
		}
		r.world.carry(t)
		r.send = r.world.sender(t)
		r.told(p, []away{{gone, gone}})
	}
	r.burst(100, frames)
	r.arrived()
	r.stop(p)
	recorded := r.recorded()
	tally, _, err := TallyOf(recorded.Paths(r.seg)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := tally.Complete(frames.Sent()); err != nil {
		t.Error(err)
	}
}

func (r *rig) ip(words string) {
	r.t.Helper()
	if err := r.world.IP(words); err != nil {
		r.t.Fatal(err)
	}
}

// told waits until gaps of the ledger cover all of these times. They are written with the
// segment at hand, which is made to end for that.
func (r *rig) told(p *Process, times []away) {
	r.t.Helper()
	var asked time.Time
	defer func() {
		if r.t.Failed() {
			r.explain(times)
		}
	}()
	r.until("gaps that tell of the interface", p, func() bool {
		if time.Since(asked) > 500*time.Millisecond {
			asked = time.Now()
			p.Signal(syscall.SIGUSR1)
		}
		gaps := r.recorded().Gaps
		for _, a := range times {
			if !covered(gaps, a) {
				return false
			}
		}
		return true
	})
}

func (r *rig) explain(times []away) {
	r.t.Helper()
	clock := func(ns int64) string { return time.Unix(0, ns).UTC().Format("05.000000") }
	for _, a := range times {
		r.t.Logf("away from %s to %s", clock(a.from.UnixNano()), clock(a.to.UnixNano()))
	}
	for _, g := range r.recorded().Gaps {
		if g.EndNs != nil {
			r.t.Logf("gap %s from %s to %s: %s", g.Why, clock(g.StartNs), clock(*g.EndNs), g.Detail)
		}
	}
}

// covered reports whether gaps tell of a stretch of time: one, or several of which each begins
// where the one before ended, as a segment that ends meanwhile cuts a gap in two.
func covered(gaps []event.Gap, a away) bool {
	from, to := int64(0), int64(0)
	for _, g := range gaps {
		if g.Why != event.InterfaceDown || g.EndNs == nil {
			continue
		}
		if g.StartNs != to {
			from = g.StartNs
		}
		if to = *g.EndNs; from <= a.from.UnixNano() && to >= a.to.UnixNano() {
			return true
		}
	}
	return false
}
