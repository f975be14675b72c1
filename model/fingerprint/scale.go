package fingerprint

import (
	"math"

	"pcapmill/features/sketch"
)

// Spread is how Feature.Transform of a feature is distributed.
type Spread struct{ Mean, Std float64 }

// Scale says what is usual, so that features of any unit can be compared. A baseline
// implements it for a host, or for all.
type Scale interface {
	// Spread returns that of the named feature, false where it is not known, as where
	// less than two values were seen.
	Spread(feature string) (Spread, bool)
}

const (
	// leastStd bounds the standard deviation from below, as a share of the feature's fixed
	// scale: no baseline is so still that a fiftieth of what hosts differ by is a deviation.
	leastStd = 0.02
	// mostScaled bounds what one feature counts.
	mostScaled = 10
)

// scaled returns what metrics see of a value.
//
//	with a Scale      (T(x) − mean) / std, within ±10
//	without one       (T(x) − T(Usual)) / (T(High) − T(Low)), of x within Low and High
//
// T is Transform. A feature that the Scale does not know is unknown.
func (f *Feature) scaled(v Value, s Scale) Value {
	if !v.Known {
		return Value{}
	}
	low, high := f.Transform(f.Low), f.Transform(f.High)
	x := f.Transform(v.X)
	if s == nil {
		return known((max(low, min(high, x)) - f.Transform(f.Usual)) / (high - low))
	}
	spread, ok := s.Spread(f.Name)
	if !ok || math.IsNaN(spread.Mean) || math.IsInf(spread.Mean, 0) || !(spread.Std >= 0) {
		return Value{}
	}
	return known(within((x-spread.Mean)/max(spread.Std, leastStd*(high-low)), mostScaled))
}

func within(x, bound float64) float64 { return max(-bound, min(bound, x)) }

// Observed is the Scale of fingerprints at hand: of the windows of one host, or of the
// hosts of one network.
type Observed struct{ moments []sketch.Moments }

// Observe returns that of these fingerprints, in whatever order.
func Observe(all []*Fingerprint) *Observed {
	o := &Observed{make([]sketch.Moments, len(features))}
	for i := range features {
		o.moments[i] = sketch.NewMoments(30)
		for _, f := range all {
			if v := f.Vector[i]; v.Known {
				o.moments[i].Add(features[i].Transform(v.X))
			}
		}
	}
	return o
}

// Spread implements Scale. A single value has no standard deviation, and is no scale.
func (o *Observed) Spread(feature string) (Spread, bool) {
	i := position(feature)
	if i < 0 {
		return Spread{}, false
	}
	std, ok := o.moments[i].Std()
	mean, _ := o.moments[i].Mean()
	return Spread{mean, std}, ok
}
