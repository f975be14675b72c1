package sketch

import (
	"cmp"
	"math"
	"slices"
)

// Std returns the standard deviation (with n) of the values, unknown of none. Value takes
// all values of a bin as its middle; the bounds follow from the root of their mean squared
// distance to it. Where Moments were kept, theirs is exact.
func (h *Histogram) Std() (std Bounded, ok bool) {
	if h.n == 0 {
		return Bounded{}, false
	}
	var mean, squares, moved float64
	n := float64(h.n)
	for i := range h.bins {
		mean += h.value(i).Value * (float64(h.counts[i]) / n)
	}
	for i := range h.bins {
		v, share := h.value(i), float64(h.counts[i])/n
		squares += (v.Value - mean) * (v.Value - mean) * share
		moved += v.Error() * v.Error() * share
	}
	value, moves := math.Sqrt(squares), math.Sqrt(moved)
	return Bounded{Value: value, Low: max(value-moves, 0), High: value + moves}, true
}

// MAD returns the median distance of the values from their median, unknown of no values;
// medians are the ⌈n/2⌉-th smallest. 1.4826 times it estimates the standard deviation of a
// normal distribution. It is 0 where more than half of the values are 0.
func (h *Histogram) MAD() (mad Bounded, ok bool) {
	median, ok := h.Quantile(0.5)
	if !ok {
		return Bounded{}, false
	}
	away := make([]distanced, len(h.bins))
	for i := range h.bins {
		away[i] = distanced{h.value(i).from(median), h.counts[i]}
	}
	half := rank(0.5, h.n)
	return Bounded{
		Value: medianOf(away, half, func(b *Bounded) float64 { return b.Value }),
		Low:   medianOf(away, half, func(b *Bounded) float64 { return b.Low }),
		High:  medianOf(away, half, func(b *Bounded) float64 { return b.High }),
	}, true
}

// distanced are values of a bin by their distance from another.
type distanced struct {
	distance Bounded
	count    uint64
}

// from returns the distance of two values.
func (b Bounded) from(o Bounded) Bounded {
	return Bounded{
		Value: math.Abs(b.Value - o.Value),
		Low:   max(b.Low-o.High, o.Low-b.High, 0),
		High:  max(b.High-o.Low, o.High-b.Low),
	}
}

// medianOf returns the half-th smallest distance, taken as one of the three of each.
func medianOf(away []distanced, half uint64, of func(*Bounded) float64) float64 {
	slices.SortFunc(away, func(a, b distanced) int { return cmp.Compare(of(&a.distance), of(&b.distance)) })
	at := 0
	for upTo := away[0].count; upTo < half; upTo += away[at].count {
		at++
	}
	return of(&away[at].distance)
}
