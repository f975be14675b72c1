package stat

import "math"

// How much windows that follow one another resemble each other decides how long a block
// must be. The model is an autoregression of first order, x(t) = φ x(t−1) + noise: one
// number, which 20 windows can estimate. Longer memory, such as a daily course, is the
// baseline's seasonal slots' to remove.

// memoryMost bounds φ: above, no number of windows at hand tells a level from a drift.
const memoryMost = 0.95

// caution is how many times the variance of its estimate, (1−φ²)/n, is added to φ. A
// wrong φ makes large statistics more frequent in proportion to that variance: hardly for
// hundreds of windows, much for twenty.
const caution = 5

// memory estimates φ from the window means of both sides, each around its own mean. The
// estimate of a series of n is (1+3φ)/n too small on average (Kendall, Biometrika 41,
// 1954), which is given back, and some caution on top. Below 0 it is 0, which makes the
// tests cautious.
func memory(baseline, current []Point) float64 {
	var cross, square, pairs float64
	for _, side := range [][]Point{baseline, current} {
		c, s, n := lagged(byBlock(side, 1), windowsOf(side))
		cross, square, pairs = cross+c, square+s, pairs+n
	}
	if pairs < 4 || square == 0 {
		return 0
	}
	phi := cross / square
	phi = min(memoryMost, max(0, phi+2*(1+3*phi)/(pairs+2)))
	return min(memoryMost, phi+caution*(1-phi*phi)/pairs)
}

// windowsOf lists the windows of sorted points.
func windowsOf(points []Point) []int64 {
	at := starts(points, 1)
	windows := make([]int64, len(at))
	for i, from := range at {
		windows[i] = points[from].Window
	}
	return windows
}

// lagged sums products of neighbouring windows' means and the squares that belong to
// them, both around the mean of all.
func lagged(units []unit, windows []int64) (cross, square, pairs float64) {
	mean := 0.0
	for _, u := range units {
		mean += u.mean() / float64(len(units))
	}
	for i := 1; i < len(units); i++ {
		if windows[i] != windows[i-1]+1 {
			continue
		}
		a, b := units[i-1].mean()-mean, units[i].mean()-mean
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
