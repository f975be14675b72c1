package fingerprint

import (
	"math"
	"math/bits"
)

// wide is an unsigned integer of 128 bits.
type wide struct{ hi, lo uint64 }

// plus returns w+x, and false where that has more than 127 bits.
func (w wide) plus(x wide) (wide, bool) {
	lo, c := bits.Add64(w.lo, x.lo, 0)
	hi, c := bits.Add64(w.hi, x.hi, c)
	return wide{hi, lo}, c == 0 && hi <= math.MaxInt64
}

// less returns w-x, 0 where that is negative.
func (w wide) less(x wide) wide {
	lo, b := bits.Sub64(w.lo, x.lo, 0)
	hi, b := bits.Sub64(w.hi, x.hi, b)
	if b != 0 {
		return wide{}
	}
	return wide{hi, lo}
}

func (w wide) float() float64 { return float64(w.hi)*0x1p64 + float64(w.lo) }

// wideOf rounds a number in [0, 2^127] to an integer.
func wideOf(x float64) wide {
	x = math.RoundToEven(x)
	hi := math.Floor(x * 0x1p-64)
	return wide{uint64(hi), uint64(x - hi*0x1p64)} // exact: hi holds leading bits of x
}

// square returns x²/n without its fraction.
func square(x, n uint64) wide {
	hi, lo := bits.Mul64(x, x)
	first, rest := hi/n, hi%n
	second, _ := bits.Div64(rest, lo, n)
	return wide{first, second}
}

// gaps joins the gaps between packets of several windows: their number, sum and squares,
// as if all of them had been looked at together.
//
//	mean = Σ nᵢmᵢ / N
//	variance = (Σ nᵢsᵢ² + Σ nᵢmᵢ² − N·mean²) / N
//
// nᵢmᵢ is the time from the first to the last packet, in whole ns, which rounding gives
// back. So only Σ nᵢsᵢ² has a rounding, of each sᵢ, and what is left of the others is
// exact to 1 ns² a window: what beats like a clock keeps a deviation of 0.
type gaps struct {
	n, sum  uint64
	within  wide // Σ nᵢsᵢ²
	between wide // Σ nᵢmᵢ²
}

// plus returns g and the gaps of a row, which has as many as packets but one; false where
// they are too many to sum.
func (g gaps) plus(packets uint64, mean, std Value) (gaps, bool) {
	if packets < 2 || !mean.Known {
		return g, true
	}
	n := packets - 1
	sum := uint64(math.RoundToEven(mean.X * float64(n)))
	var fits, fit bool
	g.n += n
	g.sum += sum
	g.between, fits = g.between.plus(square(sum, n))
	if std.Known {
		g.within, fit = g.within.plus(wideOf(float64(std.X*std.X) * float64(n)))
		fits = fits && fit
	}
	return g, fits && g.sum <= math.MaxInt64 && g.n <= math.MaxInt64
}

func (g *gaps) mean() Value { return ratio(g.sum, g.n) }

// std is unknown below two gaps.
func (g *gaps) std() Value {
	if g.n < 2 {
		return Value{}
	}
	total, _ := g.between.less(square(g.sum, g.n)).plus(g.within) // both have 127 bits
	return known(math.Sqrt(total.float() / float64(g.n)))
}

// cv is unknown where std is, and where all gaps are 0.
func (g *gaps) cv() Value {
	mean, std := g.mean(), g.std()
	if !std.Known || mean.X == 0 {
		return Value{}
	}
	return known(std.X / mean.X)
}
