package drift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
)

// world is how simulated windows depend on one another. Values have mean 0 and standard
// deviation 1, of which a share belongs to the host.
type world struct {
	name   string
	hosts  int
	before int // windows of a host in the baseline, and now
	now    int
	memory float64 // of a host from window to window, φ of an autoregression
	ofHost float64 // share of the variance that is the host's own
	skewed bool    // lognormal, of the same correlations
	alike  float64 // correlation of the features of a host
	heavy  bool    // noise of Student's law with three degrees of freedom
	mixed  bool    // but for one feature in ten, none remembers
}

// change turns a current value into that of a feature that changed.
type change func(*rand.Rand, float64) float64

func unchanged(_ *rand.Rand, x float64) float64 { return x }

func shifted(by float64) change { return func(_ *rand.Rand, x float64) float64 { return x + by } }

func scaled(by float64) change { return func(_ *rand.Rand, x float64) float64 { return x * by } }

// replaced puts values around 2 in the place of a share.
func replaced(share float64) change {
	return func(rng *rand.Rand, x float64) float64 {
		if rng.Float64() < share {
			return 2 + 0.3*rng.NormFloat64()
		}
		return x
	}
}

const simulated = 50 // features

// columns of a simulation, none of which has a part in the drift index or the totals.
func (w world) columns() *rows {
	names := make([]string, simulated)
	for i := range names {
		names[i] = fmt.Sprintf("f%02d", i)
	}
	if w.skewed {
		return tableOf(column.PerSecond, names...)
	}
	return tableOf(column.Ratio, names...)
}

// sides draws both. The current windows follow those of the baseline in time.
func (w world) sides(rng *rand.Rand, changed int, to change) (before, now *rows) {
	table := w.columns()
	var b, k []baseline.Row
	for h := range w.hosts {
		var common []float64
		if w.alike > 0 {
			common = w.course(rng, w.memory)
		}
		series := make([][]float64, simulated)
		for f := range series {
			do := unchanged
			if f < changed {
				do = to
			}
			series[f] = w.series(rng, f, common, do)
		}
		for t := range w.before + w.now {
			r := baseline.Row{Start: monday + int64(t)*window, Host: address(h), Values: make([]float64, simulated)}
			for f := range series {
				r.Values[f] = series[f][t]
			}
			if t < w.before {
				b = append(b, r)
			} else {
				k = append(k, r)
			}
		}
	}
	return table.with(b), table.with(k)
}

// series is one feature of one host over both sides. It has a part in what is common to the
// features of the host.
func (w world) series(rng *rand.Rand, feature int, common []float64, to change) []float64 {
	memory := w.memory
	if w.mixed && feature%10 != 0 {
		memory = 0
	}
	values := w.course(rng, memory)
	for t, x := range values {
		if w.alike > 0 {
			x = math.Sqrt(w.alike)*common[t] + math.Sqrt(1-w.alike)*x
		}
		if t >= w.before {
			x = to(rng, x)
		}
		if w.skewed {
			x = math.Exp(x)
		}
		values[t] = x
	}
	return values
}

// course of a host's values, around its own level.
func (w world) course(rng *rand.Rand, memory float64) []float64 {
	own, state := rng.NormFloat64(), rng.NormFloat64()
	values := make([]float64, w.before+w.now)
	for t := range values {
		values[t] = math.Sqrt(w.ofHost)*own + math.Sqrt(1-w.ofHost)*state
		state = memory*state + math.Sqrt(1-memory*memory)*w.noise(rng)
	}
	return values
}

// noise of mean 0 and standard deviation 1.
func (w world) noise(rng *rand.Rand) float64 {
	if !w.heavy {
		return rng.NormFloat64()
	}
	chi := 0.0
	for range 3 {
		x := rng.NormFloat64()
		chi += x * x
	}
	return rng.NormFloat64() / math.Sqrt(chi) // t / √3, √3 being its standard deviation
}

// outcome of many comparisons of 50 features each.
type outcome struct {
	rounds, anyFalse int // those with a false item
	anySmall         int // those with one, but for the size that matters
	byLayer          map[drift.Layer]int
	falseShare       float64 // sum over rounds of false among all items
	changed, found   int
}

// simulate judges so many rounds of the world.
func simulate(t testing.TB, w world, rounds, changed int, to change) outcome {
	sum := outcome{rounds: rounds, byLayer: map[drift.Layer]int{}}
	var lock sync.Mutex
	var wait sync.WaitGroup
	for part := range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for round := part; round < rounds; round += runtime.GOMAXPROCS(0) {
				before, now := w.sides(rand.New(rand.NewPCG(uint64(round), 1)), changed, to)
				r := judged(t, learned(t, before), now)
				lock.Lock()
				sum.count(r, changed)
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	return sum
}

// count takes a report in. A feature that changed is found where an item of the network or
// of a host names it.
func (s *outcome) count(r *drift.Report, changed int) {
	found := map[string]bool{}
	layers := map[drift.Layer]bool{}
	wrong := 0
	for _, x := range r.Items {
		var f int
		if n, _ := fmt.Sscanf(x.Subject, "f%d", &f); n == 1 && f < changed {
			found[x.Subject] = true
			continue
		}
		wrong++
		layers[x.Layer] = true
	}
	if wrong > 0 {
		s.anyFalse++
		s.falseShare += float64(wrong) / float64(len(r.Items))
	}
	if wrong > 0 || changed == 0 && r.Judged.TooSmall > 0 {
		s.anySmall++
	}
	for l := range layers {
		s.byLayer[l]++
	}
	s.changed += changed
	s.found += len(found)
}
