package sketch

import (
	"fmt"
	"math"
	"slices"
)

// Histogram counts values in bins with fixed edges: a bin for zero, and for either sign
// 2^Precision bins for each octave from 2^-30 to 2^64, with one more at each end for
// magnitudes that are clamped. The edges are dyadic and the same for every Histogram of a
// Precision, and nest in those of a lower one.
//
// It holds the bins that are not empty, in order: 10 bytes each, of at most 6,021 at Fine.
// An Add looks its bin up by bisection and allocates only as their number grows.
type Histogram struct {
	n, invalid uint64
	bins       []int16 // ascending
	counts     []uint64
	precision  Precision
}

// NewHistogram returns an empty Histogram. It panics for a Precision above Highest, which
// is the caller's mistake: of bytes that say so, Decode makes an error. The zero Histogram
// has whole octaves for bins.
func NewHistogram(p Precision) Histogram {
	if p > Highest {
		panic(fmt.Sprintf("sketch: precision %d", p))
	}
	return Histogram{precision: p}
}

// Add counts a value. NaN is counted apart (Invalid).
func (h *Histogram) Add(x float64) {
	if math.IsNaN(x) {
		h.invalid = plus(h.invalid, 1)
		return
	}
	if h.n >= MaxCount {
		return
	}
	h.n++
	bin := h.precision.Bin(x)
	at, found := h.find(bin)
	if !found {
		h.bins = slices.Insert(h.bins, at, bin)
		h.counts = slices.Insert(h.counts, at, 0)
	}
	h.counts[at]++
}

// find returns the place of a bin, or where it belongs. slices.BinarySearch would make an
// Add a fifth slower.
func (h *Histogram) find(bin int16) (at int, found bool) {
	low, high := 0, len(h.bins)
	for low < high {
		if mid := int(uint(low+high) >> 1); h.bins[mid] < bin {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(h.bins) && h.bins[low] == bin
}

// Merge adds the counts of another. On an error nothing is changed.
func (h *Histogram) Merge(o *Histogram) error {
	switch {
	case h.precision != o.precision:
		return ErrMismatch
	case h.n+o.n > MaxCount:
		return ErrFull
	}
	h.n += o.n
	h.invalid = plus(h.invalid, o.invalid)
	h.weave(o)
	return nil
}

// weave merges the bins from the last one on, in the memory of h where it suffices.
func (h *Histogram) weave(o *Histogram) {
	i, j := len(h.bins)-1, len(o.bins)-1
	at := i + h.lacks(o)
	h.bins = slices.Grow(h.bins, at-i)[:at+1]
	h.counts = slices.Grow(h.counts, at-i)[:at+1]
	for ; j >= 0; at-- {
		switch {
		case i < 0 || h.bins[i] < o.bins[j]:
			h.bins[at], h.counts[at] = o.bins[j], o.counts[j]
			j--
		case h.bins[i] > o.bins[j]:
			h.bins[at], h.counts[at] = h.bins[i], h.counts[i]
			i--
		default:
			h.bins[at], h.counts[at] = h.bins[i], h.counts[i]+o.counts[j]
			i, j = i-1, j-1
		}
	}
}

// lacks returns how many bins of another are empty here.
func (h *Histogram) lacks(o *Histogram) int {
	n, i := 0, 0
	for _, bin := range o.bins {
		for i < len(h.bins) && h.bins[i] < bin {
			i++
		}
		if i == len(h.bins) || h.bins[i] != bin {
			n++
		}
	}
	return n
}

// Coarsen returns what a Histogram of a lower precision would be of the same values, so
// that windows can be fine and baselines small. A higher one is ErrMismatch.
func (h *Histogram) Coarsen(to Precision) (Histogram, error) {
	if to > h.precision {
		return Histogram{}, ErrMismatch
	}
	c := Histogram{n: h.n, invalid: h.invalid, precision: to}
	for i, bin := range h.bins {
		coarse := h.precision.coarser(bin, to)
		if last := len(c.bins) - 1; last >= 0 && c.bins[last] == coarse {
			c.counts[last] += h.counts[i]
			continue
		}
		c.bins, c.counts = append(c.bins, coarse), append(c.counts, h.counts[i])
	}
	return c, nil
}

// Reset makes it empty and keeps its memory.
func (h *Histogram) Reset() {
	h.n, h.invalid, h.bins, h.counts = 0, 0, h.bins[:0], h.counts[:0]
}

// Count returns the number of values, without NaN.
func (h *Histogram) Count() uint64 { return h.n }

// Invalid returns how many were NaN.
func (h *Histogram) Invalid() uint64 { return h.invalid }

// Precision returns that of the bins.
func (h *Histogram) Precision() Precision { return h.precision }

// Bins calls yield with what is known of the values of each bin that is not empty, and
// their number, the least values first.
func (h *Histogram) Bins(yield func(value Bounded, count uint64) bool) {
	for i, n := range h.counts {
		if !yield(h.value(i), n) {
			return
		}
	}
}

// Quantile returns the ⌈q·n⌉-th smallest of n values, the smallest for q = 0, unknown of
// no values and for q outside [0, 1]. Its Value has a relative error of at most
// RelativeError where the value is not clamped, and none for 0; Low and High are the edges
// of its bin.
func (h *Histogram) Quantile(q float64) (value Bounded, ok bool) {
	if h.n == 0 || !(q >= 0 && q <= 1) {
		return Bounded{}, false
	}
	return h.value(h.atRank(rank(q, h.n))), true
}

// rank returns ⌈q·n⌉, at least 1.
func rank(q float64, n uint64) uint64 {
	return min(max(uint64(math.Ceil(q*float64(n))), 1), n)
}

// atRank returns the place of the bin that holds the rank-th smallest value.
func (h *Histogram) atRank(rank uint64) int {
	at := 0
	for upTo := h.counts[0]; upTo < rank; upTo += h.counts[at] {
		at++
	}
	return at
}

// value returns what is known of the values in the bin at a place.
func (h *Histogram) value(at int) Bounded {
	bin := h.bins[at]
	low, high := h.precision.edges(bin)
	return Bounded{Value: h.precision.middle(bin), Low: low, High: high}
}
