//go:build !nounsafe

package live

import (
	"testing"
	"time"

	"pcapmill/ingest/packet"
)

// TestFramesBoundAGap: frames of before an outage was noticed were received before it; a later
// one says that it was over, also where the interface is down again by the time of the next look.
func TestFramesBoundAGap(t *testing.T) {
	c := &Capture{lastGood: 100}
	c.down("was set down")
	c.noticed = 200
	r := &ring{}
	c.seen(r, []Frame{{Time: 110}, {Time: 150}}, 1000)
	if c.gap == nil || c.gap.Start != 150 {
		t.Fatalf("gap %+v, want one from 150", c.gap)
	}
	c.seen(r, []Frame{{Time: 160}, {Time: 700}, {Time: 710}}, 1000)
	if c.gap != nil || len(c.events) != 1 || c.events[0].Start != 160 || c.events[0].End != 700 {
		t.Fatalf("gap %+v, events %+v: want one event, 160 to 700", c.gap, c.events)
	}
	if !c.trouble {
		t.Error("nobody looks whether the interface is down again")
	}
	c.down("was set down")
	if c.gap.Start != 710 {
		t.Errorf("the next gap begins at %d, want 710", c.gap.Start)
	}
}

// TestClockSetBack: what was promised by a clock that was ahead is not said of frames that come by the new time.
func TestClockSetBack(t *testing.T) {
	const ahead = 10 * time.Minute
	now := time.Now()
	c := &Capture{cfg: Config{Interface: Any}, watched: now.Add(-watchUp), clock: clockWatch{base: now, apart: ahead}}
	old := &ring{caught: now.Add(ahead).UnixNano()}
	c.old, c.promised, c.lastGood = []*ring{old}, old.caught-packet.Nanos(settle), old.caught
	c.down("was set down")
	c.noticed = old.caught
	if err := c.watch(now); err != nil {
		t.Fatal(err)
	}
	latest := now.Add(-watchUp).UnixNano()
	if old.caught != latest || c.promised != latest-packet.Nanos(settle) || len(c.events) != 1 || c.events[0].Kind != EventClockStep {
		t.Errorf("%v and %v ahead, events %+v", time.Duration(old.caught-now.UnixNano()), time.Duration(c.promised-now.UnixNano()), c.events)
	}
	c.seen(&ring{}, []Frame{{Time: now.UnixNano()}}, 1000)
	if n := len(c.events); n != 2 || c.events[1].Start != latest || c.events[1].End != now.UnixNano() {
		t.Errorf("the interface was down in %+v, want from %d to %d", c.events[n-1], latest, now.UnixNano())
	}
}
