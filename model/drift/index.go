package drift

import (
	"cmp"
	"math"
	"slices"

	"pcapmill/model/drift/stat"
)

// mostZ bounds what one feature adds: beyond, z says that the baseline hardly varied,
// not that more has changed.
const mostZ = 20

// leastBaseline is the warm-up: with fewer windows median and deviation are so uncertain
// that a host which did not change looks medium more often than once in a thousand.
const leastBaseline = 12

// leastKnown is the share of all weights that must be known for there to be an index.
const leastKnown = 0.5

// Deviation is how far a feature of one window lies from the host's baseline.
type Deviation struct {
	Feature Feature
	Value   float64 // of the window, in the feature's unit
	Center  float64 // of the baseline: median, in the feature's unit
	Z       float64 // by mean and standard deviation
	RobustZ float64 // by median and 1.4826 MAD
	Share   float64 // of the index, which is made of RobustZ
}

// Index is the drift index of one host's window.
type Index struct {
	Value      float64
	Known      float64 // share of the weights whose features are known
	Deviations []Deviation
}

// Deviate compares a window's value with those of the baseline's windows; false where
// the baseline has fewer than 12. Z is of what Feature.scaled makes of values.
func Deviate(f Feature, baseline []float64, value float64) (Deviation, bool) {
	if len(baseline) < leastBaseline {
		return Deviation{}, false
	}
	scaled := make([]float64, len(baseline))
	for i, b := range baseline {
		scaled[i] = f.scaled(b)
	}
	classic, _ := stat.Classic(scaled)
	robust, _ := stat.Robust(scaled)
	x := f.scaled(value)
	return Deviation{
		Feature: f, Value: value, Center: f.unscaled(robust.Center),
		Z: classic.Z(x, f.floor()), RobustZ: robust.Z(x, f.floor()),
	}, true
}

// IndexOf is the weighted mean of |RobustZ|, each at most 20. weights are those of all
// features that the index is made of; where features that are known have less than half
// of the weight there is none, and the second result is false. The deviations come back
// with their shares, largest first.
func IndexOf(deviations []Deviation, weights Weights) (Index, bool) {
	x := Index{Deviations: slices.Clone(deviations)}
	var all, known, sum float64
	for _, w := range weights {
		all += w.Weight
	}
	for i := range x.Deviations {
		d := &x.Deviations[i]
		w := weights.of(d.Feature.Name)
		known += w
		d.Share = w * min(mostZ, math.Abs(d.RobustZ))
		sum += d.Share
	}
	if known == 0 || known < leastKnown*all {
		return Index{}, false
	}
	for i := range x.Deviations {
		if sum > 0 {
			x.Deviations[i].Share /= sum
		}
	}
	slices.SortStableFunc(x.Deviations, func(a, b Deviation) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Feature.Name, b.Feature.Name))
	})
	x.Value, x.Known = sum/known, known/all
	return x, true
}
