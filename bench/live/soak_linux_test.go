package live

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Limits of a soak, from its first quarter on, or from its first half hour.
const (
	mostSlope    = 1 << 20 // bytes of memory an hour
	warming      = 30 * time.Minute
	mostSpread   = 8 // descriptors, goroutines
	soakVariable = "PCAPMILL_SOAK"
	keepVariable = "PCAPMILL_SOAK_KEEP"
)

// sample is what a process holds at an instant.
type sample struct {
	at    time.Duration // since the beginning
	phase int           // of the traffic, which comes again and again
	usage Usage

	goroutines, objects, unused, other int64 // of the runtime: bytes of the heap, and beside it; -1: not known
}

// TestSoak runs live mode on mixed traffic with hostile captures in between for as long as
// $PCAPMILL_SOAK says (2h): memory, descriptors and goroutines do not grow. In ordinary
// tests it runs a few seconds, to see that it runs.
func TestSoak(t *testing.T) {
	length, frames, told := 4*time.Second, int64(1000), 1000
	if text := os.Getenv(soakVariable); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", soakVariable, err)
		}
		frames, told = 20_000, 1<<18 // of which about half say something that is kept
	}
	r := newRig(t)
	w := storm{rig: r, calm: filepath.Join(r.dir, "calm.pcap"), fierce: hostileCaptures(t, r.dir), told: told, metrics: "127.0.0.1:9469"}
	generate(t, w.calm, time.Minute, frames)
	// Segments end with the traffic, by signals, and so are the same in each cycle.
	p := r.capture("--rotate", "10m,512MiB", "--retain", "32MiB", "--released-by", r.out)
	options := []string{"-q", "--follow", "--memory", "1GiB", "--window", "1m", "--metrics", w.metrics, "--checkpoint-every", min(length/20, time.Minute).String()}
	if os.Getenv(keepVariable) != "" {
		options = append(options, "--pprof") // remembers the stack of each allocation that it samples: half a MiB an hour
	}
	a := r.analyse(options...)
	w.capture, w.analysis = p, a
	w.blow(length)
	r.stop(p)
	r.stop(a)
	r.ended(r.launch("verify", r.out))
	for i, name := range []string{"capture", "analysis"} {
		judge(t, name, length, w.samples[i])
	}
	t.Logf("%v, %d frames, %d segments", length, r.send.Sent, len(r.recorded().Segments))
}

// judge compares what a process held with the limits.
func judge(t *testing.T, name string, length time.Duration, samples []sample) {
	t.Helper()
	after := min(warming, length/4)
	var late []sample
	for _, s := range samples {
		if s.at >= after {
			late = append(late, s)
		}
	}
	logCycles(t, name, samples)
	slope := slopeOf(late, rss)
	spread := func(of func(sample) int) int {
		all := make([]int, 0, len(late))
		for _, s := range late {
			all = append(all, of(s))
		}
		slices.Sort(all)
		return all[len(all)*9/10] - all[len(all)/10]
	}
	descriptors := spread(func(s sample) int { return s.usage.Descriptors })
	routines := spread(func(s sample) int { return int(s.goroutines) })
	last := late[len(late)-1]
	t.Logf("%s: %d samples, %.1f MiB at the end, %+.2f MiB/h, anonymous %+.2f MiB/h, descriptors %d (spread %d), threads %d, goroutines %d (spread %d)", name, len(late),
		float64(last.usage.RSS)/(1<<20), slope/(1<<20), slopeOf(late, anonymous)/(1<<20), last.usage.Descriptors, descriptors, last.usage.Threads, last.goroutines, routines)
	if length < time.Hour {
		return // nothing can be said of a slope
	}
	if slope > mostSlope || descriptors > mostSpread || routines > mostSpread {
		t.Errorf("%s grows", name)
	}
}

func rss(s sample) int64       { return s.usage.RSS }
func anonymous(s sample) int64 { return s.usage.Anonymous }
func objects(s sample) int64   { return s.objects }
func unused(s sample) int64    { return s.unused }
func other(s sample) int64     { return s.other }

// logCycles says what a process held in each cycle, in the middle: pages of the program come as
// it does something for the first time, all else is anonymous. Of that are objects of the heap and room between them.
func logCycles(t *testing.T, name string, samples []sample) {
	t.Helper()
	for cycle := range slices.Chunk(samples, stormPhases) {
		middle := func(of func(sample) int64) float64 {
			all := make([]int64, 0, len(cycle))
			for _, s := range cycle {
				all = append(all, of(s))
			}
			slices.Sort(all)
			return float64(all[len(all)/2]) / (1 << 20)
		}
		line := fmt.Sprintf("%s: minute %.0f: %.1f MiB, %.1f MiB anonymous", name, cycle[0].at.Minutes(), middle(rss), middle(anonymous))
		if cycle[0].objects >= 0 {
			line += fmt.Sprintf(", %.1f MiB of objects, %.1f MiB unused, %.1f MiB of the runtime", middle(objects), middle(unused), middle(other))
		}
		t.Log(line)
	}
}

// slopeOf is the slope of memory in bytes an hour, by Theil and Sen in the form for seasons of
// Hirsch, Slack and Smith (Water Resources Research 18, 1982): the median of the slopes between
// all pairs of one phase of the traffic. Neither single peaks move it nor that some phases
// open more flows than others.
func slopeOf(samples []sample, of func(sample) int64) float64 {
	var slopes []float64
	for i, a := range samples {
		for _, b := range samples[i+1:] {
			if hours := (b.at - a.at).Hours(); hours > 0 && a.phase == b.phase {
				slopes = append(slopes, float64(of(b)-of(a))/hours)
			}
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	slices.Sort(slopes)
	return slopes[len(slopes)/2]
}

func TestSlopeOf(t *testing.T) {
	var samples []sample
	for i := range 100 {
		phase := i % 7
		s := sample{at: time.Duration(i) * time.Minute, phase: phase, usage: Usage{RSS: 1<<30 + int64(i)*1000 + int64(phase)<<24}}
		if i%10 == 3 {
			s.usage.RSS += 500 << 20 // a collection that was late
		}
		samples = append(samples, s)
	}
	if got := slopeOf(samples, rss); got < 59_000 || got > 61_000 {
		t.Errorf("%.0f bytes an hour, not 60,000", got)
	}
	if slopeOf(nil, rss) != 0 {
		t.Error("nothing has a slope")
	}
}
