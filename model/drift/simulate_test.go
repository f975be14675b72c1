package drift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"pcapmill/model/drift"
	"pcapmill/model/drift/stat"
)

// world is how simulated windows depend on one another. Values have mean 0 and standard
// deviation 1, of which a share belongs to the host.
type world struct {
	name    string
	hosts   int     // a side, with windows/hosts windows each
	windows int     // a side, of all hosts
	fewer   int     // so many times fewer on the current side; 0: as many
	same    bool    // the hosts of both sides are the same
	memory  float64 // of a host from window to window, φ of an autoregression
	ofHost  float64 // share of the variance that is the host's own
	skewed  bool    // lognormal, of the same correlations, not of standard deviation 1
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

// sides draws both sides of one feature. The current side follows the baseline in time.
func (w world) sides(rng *rand.Rand, to change) (baseline, current []stat.Point) {
	each := w.windows / w.hosts
	for h := range w.hosts {
		own, state := rng.NormFloat64(), rng.NormFloat64()
		for t := range each + each/max(1, w.fewer) {
			if t == each && !w.same {
				own, state = rng.NormFloat64(), rng.NormFloat64()
			}
			x := math.Sqrt(w.ofHost)*own + math.Sqrt(1-w.ofHost)*state
			state = w.memory*state + math.Sqrt(1-w.memory*w.memory)*rng.NormFloat64()
			p := stat.Point{Host: "host" + strconv.Itoa(h), Window: int64(t), Value: x}
			if t < each {
				p.Value = w.shape(x)
				baseline = append(baseline, p)
				continue
			}
			if !w.same {
				p.Host = "other" + strconv.Itoa(h)
			}
			p.Value = w.shape(to(rng, x))
			current = append(current, p)
		}
	}
	return baseline, current
}

func (w world) shape(x float64) float64 {
	if w.skewed {
		return math.Exp(x)
	}
	return x
}

// tally is what came of many comparisons of 50 features each.
type tally struct {
	rounds             int
	anyFalse, anyEarly int     // rounds with a false finding; with one but for the size that matters
	falseShare         float64 // sum over rounds of false among all findings
	changed, found     int
}

const features = 50

// simulate compares the sides of 50 features so often, changed of which changed.
func simulate(w world, rounds, changed int, to change, c drift.Config) tally {
	sum := tally{rounds: rounds}
	for round := range rounds {
		rng := newRand(uint64(round))
		findings := make([]drift.Finding, features)
		for i := range findings {
			do := unchanged
			if i < changed {
				do = to
			}
			b, k := w.sides(rng, do)
			f := drift.Feature{Name: fmt.Sprintf("f%d", i), Step: 0.01}
			findings[i] = drift.Compare(strconv.Itoa(round), f, b, k, c)
		}
		drift.Decide(findings, c)
		sum.count(findings, changed, c)
	}
	return sum
}

func (s *tally) count(findings []drift.Finding, changed int, c drift.Config) {
	wrong, early, right := 0, 0, 0
	for i, x := range findings {
		switch {
		case i >= changed && x.Outcome == drift.Drift:
			wrong++
			early++
		case i >= changed && x.Outcome == drift.TooSmall:
			early++
		case i < changed && x.Outcome == drift.Drift:
			right++
		}
	}
	if wrong > 0 {
		s.anyFalse++
		s.falseShare += float64(wrong) / float64(wrong+right)
	}
	if early > 0 {
		s.anyEarly++
	}
	s.changed += changed
	s.found += right
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
