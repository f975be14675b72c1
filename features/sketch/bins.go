package sketch

import "math"

// Precision says how fine the bins of a Histogram are: each octave [2^e, 2^(e+1)) is cut
// into 2^Precision bins of equal width.
type Precision uint8

// Precisions, with the bound of a quantile's relative error.
const (
	Coarse  Precision = 2 // 11.1 %
	Fine    Precision = 5 // 1.54 %
	Highest Precision = 7 // 0.39 %
)

// RelativeError returns the bound of a quantile's relative error, 1/(2^(Precision+1)+1).
func (p Precision) RelativeError() float64 { return 1 / float64(uint(2)<<p+1) }

// Magnitudes below 2^lowest and from 2^highest on are clamped.
const (
	lowest  = -30 // 9.3e-10
	highest = 64  // 1.8e19: every 64-bit number is below
)

// Bins have numbers in the order of their values: 0 is zero itself, 1 the magnitudes
// below 2^lowest, 2 and following those in between, last those from 2^highest on;
// negative values have the negative number of their magnitude's.
const (
	tiny  = 1
	first = 2
)

func (p Precision) last() int16 { return first + (highest-lowest)<<p }

// Bin returns the number of the bin that holds a value, which is no NaN.
func (p Precision) Bin(x float64) int16 {
	b := math.Float64bits(x)
	i := p.magnitudeBin(b &^ (1 << 63))
	if b>>63 == 1 {
		return -i
	}
	return i
}

// magnitudeBin returns the bin of a positive float64 or 0, given as its bits, of which
// the exponent and the upper ones of the fraction are the bin: no logarithm, so that
// every platform has the same edges.
func (p Precision) magnitudeBin(b uint64) int16 {
	const bias, fraction = 1023, 52
	switch {
	case b >= (bias+highest)<<fraction:
		return p.last()
	case b >= (bias+lowest)<<fraction:
		return first + int16(b>>(fraction-p)-(bias+lowest)<<p)
	case b > 0:
		return tiny
	}
	return 0
}

// edges returns the least and the greatest value that a bin may hold, where one of the
// two may only be approached.
func (p Precision) edges(i int16) (low, high float64) {
	if i < 0 {
		low, high = p.edges(-i)
		return -high, -low
	}
	switch i {
	case 0:
		return 0, 0
	case tiny:
		return 0, math.Ldexp(1, lowest)
	case p.last():
		return math.Ldexp(1, highest), math.Inf(1)
	}
	return p.edge(i), p.edge(i + 1)
}

// edge returns the lower edge of a bin from first on.
func (p Precision) edge(i int16) float64 {
	at := int(i) - first
	in := float64(at & (1<<p - 1))
	return math.Ldexp(1+in/float64(uint(1)<<p), lowest+at>>p)
}

// middle returns the value that stands for a bin: the harmonic mean of its edges, whose
// relative error at either edge is the same; half of the edge for magnitudes that are
// too small, and the edge for those that are too large.
func (p Precision) middle(i int16) float64 {
	if i < 0 {
		return -p.middle(-i)
	}
	low, high := p.edges(i)
	switch i {
	case 0, tiny:
		return high / 2
	case p.last():
		return low
	}
	return 2 * (low / (low + high)) * high
}

// coarser returns the bin that holds a bin at a lower precision.
func (p Precision) coarser(i int16, to Precision) int16 {
	switch {
	case i < 0:
		return -p.coarser(-i, to)
	case i < first:
		return i
	}
	return first + (i-first)>>(p-to)
}
