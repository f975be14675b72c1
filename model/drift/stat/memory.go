package stat

import "math"

// How much windows that follow one another resemble each other decides how long a block
// must be. The model is an autoregression of first order, x(t) = φ x(t−1) + noise: one
// number, which 20 windows can estimate. Longer memory, such as a daily course, is the
// baseline's seasonal slots' to remove.

// memoryMost bounds φ: above, no number of windows at hand tells a level from a drift.
const memoryMost = 0.95

// caution is how many times the variance of its estimate, (1−φ²)/n of one series, is added
// to φ. A wrong φ makes large statistics more frequent in proportion to that variance:
// hardly for hundreds of windows, much for twenty.
const caution = 5

// Memory is φ of a series: an estimate and its variance. The zero Memory is that of a series
// too short to tell, whose windows are taken for independent.
type Memory struct{ phi, variance float64 }

// cautious is the estimate with some caution on top. Below 0 it is 0, which makes the tests
// cautious.
func (m Memory) cautious() float64 {
	return min(memoryMost, min(memoryMost, max(0, m.phi))+caution*m.variance)
}

// estimated is φ of one series, from so many pairs of neighbours; without pairs it is none.
type estimated struct{ phi, pairs float64 }

// variance of the estimate, were φ the truth.
func (e estimated) variance(phi float64) float64 {
	if e.pairs == 0 {
		return 0
	}
	phi = min(memoryMost, max(0, phi))
	return (1 - phi*phi) / e.pairs
}

// estimate φ from the window means of both sides, each around its own mean. The estimate of a
// series of n is (1+3φ)/n too small on average (Kendall, Biometrika 41, 1954), which is given
// back.
func estimate(sides ...[]residual) estimated {
	var cross, square, pairs float64
	for _, side := range sides {
		c, s, n := lagged(side)
		cross, square, pairs = cross+c, square+s, pairs+n
	}
	if pairs < leastPairs || square == 0 {
		return estimated{}
	}
	phi := cross / square
	return estimated{phi + 2*(1+3*phi)/(pairs+2), pairs}
}

// leastPairs of neighbours tell something of φ.
const leastPairs = 4

// residual is how far the mean of a window lies from that of its side.
type residual struct {
	window int64
	value  float64
}

// residuals of sorted points.
func residuals(points []Point) []residual {
	at, units := starts(points, 1), byBlock(points, 1)
	mean := 0.0
	for _, u := range units {
		mean += u.mean() / float64(len(units))
	}
	all := make([]residual, len(units))
	for i, u := range units {
		all[i] = residual{points[at[i]].Window, u.mean() - mean}
	}
	return all
}

// lagged sums products of neighbouring windows and the squares that belong to them.
func lagged(side []residual) (cross, square, pairs float64) {
	for i := 1; i < len(side); i++ {
		if side[i].window != side[i-1].window+1 {
			continue
		}
		a, b := side[i-1].value, side[i].value
		cross += a * b
		square += (a*a + b*b) / 2
		pairs++
	}
	return cross, square, pairs
}

// blockWanted is the length at which blocks taken for independent miss about a sixth
// of the variance of the mean.
func blockWanted(phi float64) int {
	return max(1, int(math.Ceil(12*phi/(1-phi*phi))))
}

// blockShare is what blocks of length b, taken for independent, see of the variance of
// the mean: 1 − 2φ(1−φᵇ) / (b(1−φ²)). Statistics are made smaller by it.
func blockShare(phi float64, b int) float64 {
	return 1 - 2*phi*(1-math.Pow(phi, float64(b)))/(float64(b)*(1-phi*phi))
}
