package sketch

import "math"

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
