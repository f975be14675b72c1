package fingerprint

import "math"

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
