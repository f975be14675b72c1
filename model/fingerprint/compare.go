package fingerprint

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// leastCommon is the share of the features known on either side that both must know.
const leastCommon = 0.5

// Options say how to compare.
type Options struct {
	Metric    Metric
	Threshold Value // unknown: Metric.DefaultThreshold
	Scale     Scale // nil: the fixed one
}

// Delta is what one feature says.
type Delta struct {
	Feature        *Feature
	Source, Target Value
	Percent        Value // from source to target; unknown where source is 0 or either is unknown
	Scaled         Value // target less source as metrics see it; unknown where the feature is in none
}

// Comparison is what two fingerprints have in common.
type Comparison struct {
	Metric    Metric
	Value     Value // unknown where Why says so
	Threshold float64
	Match     bool // false where Value is unknown
	Why       string
	Compared  int     // features known on both sides, and by the scale: those the metric is of
	OneSided  int     // known on one side only: in no metric
	Deltas    []Delta // of all features known on either side, the largest |Scaled| first
}

// Compare compares two fingerprints. A feature that one side does not know is in no
// metric, rather than 0; where those are more than half of what either knows, there is
// no verdict. The error is ErrMixed: amounts a window are of its length.
func Compare(source, target *Fingerprint, o Options) (*Comparison, error) {
	if source.WindowNanos != target.WindowNanos {
		return nil, fmt.Errorf("%w: %d and %d ns", ErrMixed, source.WindowNanos, target.WindowNanos)
	}
	c := &Comparison{Metric: o.Metric}
	var a, b []float64
	for i := range features {
		d := deltaOf(&features[i], source.Vector[i], target.Vector[i])
		x, y := features[i].scaled(d.Source, o.Scale), features[i].scaled(d.Target, o.Scale)
		switch {
		case x.Known && y.Known:
			a, b = append(a, x.X), append(b, y.X)
			d.Scaled = known(y.X - x.X)
		case d.Source.Known != d.Target.Known:
			c.OneSided++
		case !d.Source.Known:
			continue
		}
		c.Deltas = append(c.Deltas, d)
	}
	slices.SortStableFunc(c.Deltas, byWeight)
	c.decide(a, b, o)
	return c, nil
}

func (c *Comparison) decide(a, b []float64, o Options) {
	c.Compared = len(a)
	c.Threshold = o.Metric.DefaultThreshold(len(a), o.Scale)
	if o.Threshold.Known {
		c.Threshold = o.Threshold.X
	}
	if float64(c.Compared) < leastCommon*float64(len(c.Deltas)) || c.Compared == 0 {
		c.Why = fmt.Sprintf("only %d of %d features can be compared", c.Compared, len(c.Deltas))
		return
	}
	if c.Value = o.Metric.Of(a, b); !c.Value.Known {
		c.Why = "a side deviates from what is usual in no feature, or in all alike"
		return
	}
	c.Match = o.Metric.Match(c.Value.X, c.Threshold)
}

func deltaOf(f *Feature, source, target Value) Delta {
	d := Delta{Feature: f, Source: source, Target: target}
	if !source.Known || !target.Known || source.X == 0 {
		return d
	}
	if percent := 100 * ((target.X - source.X) / source.X); !math.IsInf(percent, 0) {
		d.Percent = known(percent)
	}
	return d
}

// byWeight puts what differs most first, and what cannot be compared last.
func byWeight(a, b Delta) int {
	if a.Scaled.Known != b.Scaled.Known {
		if a.Scaled.Known {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(math.Abs(b.Scaled.X), math.Abs(a.Scaled.X)), cmp.Compare(a.Feature.Name, b.Feature.Name))
}
