package stat

import (
	"gonum.org/v1/gonum/stat"
)

// Line is the least squares line through points, with the p-value of a slope as far from
// 0; false with fewer than four points.
func Line(x, y []float64) (slope, intercept, p float64, ok bool) {
	if len(x) < 4 {
		return 0, 0, 1, false
	}
	intercept, slope = stat.LinearRegression(x, y, nil, false)
	mean, rest, spread := stat.Mean(x, nil), 0.0, 0.0
	for i := range x {
		e := y[i] - intercept - slope*x[i]
		rest += e * e
		spread += (x[i] - mean) * (x[i] - mean)
	}
	if spread == 0 {
		return 0, 0, 1, false
	}
	df := float64(len(x) - 2)
	return slope, intercept, TwoSided(studentised(slope, rest/df/spread, slope*slope+rest), df), true
}
