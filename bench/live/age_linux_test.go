package live

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// mostSteps is how much more may be alive than in a cycle before that is like it.
const mostSteps = 3 << 20 // bytes

// TestSessionAges holds that what a session keeps open does not grow: it is given the traffic
// of a soak as fast as it goes, hours of packet time in minutes, and what is alive in its
// heap is measured between cycles, which noise does not reach. At the end it holds what one
// does that is restored from what it saves: what is alive is what is open.
func TestSessionAges(t *testing.T) {
	cycles, frames, most, told := 6, int64(300), 100, 1<<14
	if sharedtest.Accept() {
		cycles, frames, most, told = 40, 20_000, mostOfOne, 1<<18
	}
	dir := t.TempDir()
	calm := filepath.Join(dir, "calm.pcap")
	generate(t, calm, time.Minute, frames)
	fierce := hostileCaptures(t, dir)
	cfg := stages.DefaultConfig()
	cfg.Window = time.Minute
	plan, err := stages.PlanMemory(1<<30, 64<<20, &cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	cfg.MaxFlows = plan.MaxFlows()
	a := &aging{t: t, cfg: cfg, now: 1795996800_000000000}
	empty := alive()
	if a.session, err = stages.NewSession(cfg); err != nil {
		t.Fatal(err)
	}
	a.feed(repeat(answersOf(calm, fierce, most), told))
	var late []sample
	for cycle := range cycles {
		a.cycle(calm, fierce, most)
		a.session.Trim()
		s := sample{at: time.Duration(cycle) * stormCycle, phase: cycle % likeCycles, usage: Usage{RSS: alive() - empty}}
		t.Logf("cycle %d: %.2f MiB", cycle, float64(s.usage.RSS)/(1<<20))
		if s.at >= warming {
			late = append(late, s)
		}
	}
	if slope := slopeOf(late, rss); slope > mostSlope {
		t.Errorf("%+.2f MiB an hour", slope/(1<<20))
	}
	least := map[int]int64{}
	for _, s := range late { // what grows once, and no more, has no slope
		if first, known := least[s.phase]; !known || s.usage.RSS < first {
			least[s.phase] = s.usage.RSS
		}
		if more := s.usage.RSS - least[s.phase]; more > mostSteps {
			t.Errorf("%v: %.2f MiB more than in a cycle before that is like it", s.at, float64(more)/(1<<20))
		}
	}
	a.compare(empty)
}

// aging is a session whose rows nobody wants.
type aging struct {
	t       *testing.T
	cfg     stages.Config
	session *stages.Session
	now     packet.Nanos
}

// cycle feeds the segments of a cycle that begins with the next minute of its grid.
func (a *aging) cycle(calm string, fierce []string, most int) {
	a.t.Helper()
	a.now += int64(stormCycle) - a.now%int64(stormCycle)
	var frames [][]byte
	for phase := range stormPhases {
		frames = append(frames, firstFrames(calm, math.MaxInt)...)
		for i := phase; i < len(fierce); i += stormPhases {
			frames = append(frames, firstFrames(fierce[i], most)...)
		}
		if phase%phasesOfSegment == phasesOfSegment-1 {
			a.feed(frames)
			frames = nil
		}
	}
}

// feed gives it frames at the rate of a soak.
func (a *aging) feed(frames [][]byte) {
	a.t.Helper()
	in := accuracy.Packets{Block: 1000} // packets of a block, as a file has
	for _, frame := range frames {
		in.List = append(in.List, accuracy.Whole(a.now, frame))
		a.now += int64(time.Second) / stormRate
	}
	r, err := a.session.Feed(a.t.Context(), []stages.Input{&in}, unwanted{}, new(stages.Progress))
	if err != nil {
		a.t.Fatal(err)
	}
	for _, c := range r.Failed() {
		a.t.Errorf("%s: %s", c.Name, c.Detail)
	}
}

// compare measures what is alive of the session, and then of one that is restored from it.
func (a *aging) compare(empty int64) {
	a.t.Helper()
	path := filepath.Join(a.t.TempDir(), "saved")
	f, err := os.Create(path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read below
	if err := a.session.Save(f); err != nil {
		a.t.Fatal(err)
	}
	grown := alive() - empty
	a.session = nil
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		a.t.Fatal(err)
	}
	before := alive()
	if a.session, err = stages.RestoreSession(a.cfg, f); err != nil {
		a.t.Fatal(err)
	}
	restored := alive() - before
	a.t.Logf("%.2f MiB are alive, %.2f MiB when restored", float64(grown)/(1<<20), float64(restored)/(1<<20))
	if grown > restored+restored/20+2<<20 {
		a.t.Errorf("%d bytes are alive, but %d when restored", grown, restored)
	}
	runtime.KeepAlive(a.session)
}

// alive returns the bytes in the heap that are not garbage.
func alive() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools held is gone behind the second
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// unwanted takes rows and forgets them.
type unwanted struct{}

func (unwanted) Open(*column.Schema) (stages.Sink, error)  { return unwanted{}, nil }
func (unwanted) Capture(string) (stages.PacketSink, error) { return nil, nil }
func (unwanted) Write(*batch.Batch) error                  { return nil }
