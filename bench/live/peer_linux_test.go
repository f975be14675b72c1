package live

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
)

// Capture beside tcpdump -w, on the same frames: which rate each takes without a drop, and
// what a packet costs each. The rates rise until one drops frames or the sender is at its
// end. What a packet costs is told: capture also hashes what it writes.
func TestCaptureBesideTcpdump(t *testing.T) {
	r := newRig(t)
	rates := []float64{50_000}
	if sharedtest.Accept() {
		rates = []float64{50_000, 100_000, 200_000, 300_000, 400_000, 600_000, 0}
	}
	var ours, theirs taken // their best is the number of a rate, from 1
	for i, rate := range rates {
		n := int(min(rate, 300_000)) * rounds(1, 3)
		if rate == 0 {
			n = 1_000_000
		}
		r.anew(fmt.Sprint(i))
		a, b := r.ourTurn(n, rate), r.tcpdumpsTurn(n, rate)
		ours.add(a, i+1)
		theirs.add(b, i+1)
		t.Logf("%8.0f frames/s: capture %s; tcpdump %s", rate, a, b)
	}
	ratio := float64(ours.best) / float64(max(theirs.best, 1))
	t.Logf("the highest rate without a drop is number %d and %d of %d; processor time of a frame %.0f and %.0f ns",
		ours.best, theirs.best, len(rates), ours.cost(), theirs.cost())
	if sharedtest.Accept() && ratio < 1 {
		t.Errorf("tcpdump takes more")
	}
}

// taken is what a turn, or several, came to.
type taken struct {
	frames, drops int64
	cpu           time.Duration
	best          int // number of the last turn without a drop, where none before had one
	perSecond     float64
}

func (a *taken) add(b taken, turn int) {
	a.frames += b.frames
	a.drops += b.drops
	a.cpu += b.cpu
	if b.drops == 0 && a.best == turn-1 {
		a.best = turn
	}
}

func (a *taken) cost() float64 { return float64(a.cpu.Nanoseconds()) / float64(max(a.frames, 1)) }

func (a taken) String() string {
	return fmt.Sprintf("%d frames at %.0f/s, %d dropped, %.0f ns each", a.frames, a.perSecond, a.drops, a.cost())
}

// turn sends frames and returns how many a second.
func (r *rig) turn(n int, rate float64) float64 {
	r.t.Helper()
	frames, begin := NewSequence(20, 500), time.Now()
	before := r.send.Sent
	if err := r.send.Burst(r.t.Context(), n, rate, frames.Next); err != nil {
		r.t.Fatal(err)
	}
	return float64(r.send.Sent-before) / time.Since(begin).Seconds()
}

func (r *rig) ourTurn(n int, rate float64) taken {
	r.t.Helper()
	p := r.capture("--rotate", "10m", "--no-promisc")
	began := r.cpu(p)
	speed := r.turn(n, rate)
	r.arrived()
	r.stop(p)
	recorded := r.recorded()
	c := recorded.Counted()
	return taken{frames: c.Packets, drops: c.Drops, cpu: p.CPU() - began, perSecond: speed}
}

// cpu is what a process took to start.
func (r *rig) cpu(p *Process) time.Duration {
	r.t.Helper()
	cpu, err := CPUOf(p.PID())
	if err != nil {
		r.t.Fatal(err)
	}
	return cpu
}

var tcpdumpSays = regexp.MustCompile(`(\d+) packets (captured|dropped by kernel)`)

func (r *rig) tcpdumpsTurn(n int, rate float64) taken {
	r.t.Helper()
	file := filepath.Join(r.dir, "tcpdump.pcap")
	p := r.world.tcpdump(r.t, file)
	began := r.cpu(p)
	speed := r.turn(n, rate)
	r.arrived()
	written(r.t, file)
	if _, _, err := p.Stop(10 * time.Second); err != nil {
		r.t.Fatal(err)
	}
	a := taken{cpu: p.CPU() - began, perSecond: speed}
	for _, found := range tcpdumpSays.FindAllStringSubmatch(p.Said(), -1) {
		count, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			r.t.Fatal(err)
		}
		if strings.HasPrefix(found[2], "captured") {
			a.frames = count
		} else {
			a.drops = count
		}
	}
	return a
}

// Analysis of segments beside run over them: both start with all segments there.
func TestAnalysisBesideRun(t *testing.T) {
	r := newRig(t)
	path := filepath.Join(r.dir, "generated.pcap")
	minutes := rounds(2, 30)
	generate(t, path, time.Duration(minutes)*time.Minute, int64(minutes)*20_000)
	p := r.capture("--rotate", fmt.Sprintf("%dp", minutes*20_000/8))
	if err := r.send.Replay(t.Context(), path, 50_000); err != nil {
		t.Fatal(err)
	}
	r.arrived()
	r.stop(p)
	recorded := r.recorded()
	var shares []float64
	for i := range rounds(1, 5) {
		live := r.timed("live", "analyse", "-q", r.seg, "-o", filepath.Join(r.dir, fmt.Sprint("live", i)))
		offline := r.timed(append([]string{"run", "-q", "-o", filepath.Join(r.dir, fmt.Sprint("run", i))}, recorded.Paths(r.seg)...)...)
		shares = append(shares, offline.Seconds()/live.Seconds())
		t.Logf("%d frames: live analyse %v, run %v: %.0f %% of offline throughput", recorded.Counted().Packets, live.Round(time.Millisecond), offline.Round(time.Millisecond), 100*shares[i])
	}
	slices.Sort(shares)
	if median := shares[len(shares)/2]; sharedtest.Accept() && median < 0.8 {
		t.Errorf("%.0f %% of offline throughput, by the median", 100*median)
	}
}

func (r *rig) timed(args ...string) time.Duration {
	r.t.Helper()
	begin := time.Now()
	r.ended(r.launch(args...))
	return time.Since(begin)
}
