package stat

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Welch is the t-test of two means with unequal variances, its degrees of freedom after
// Welch and Satterthwaite (Biometrika 34, 1947). It takes all values for independent.
//
// Where neither side varies, different means get the p-value of the exact permutation
// test, 2/C(n+m, n), bounded to 1e-12, and the t that belongs to it.
func Welch(baseline, current []float64) (Result, bool) {
	n, m := float64(len(baseline)), float64(len(current))
	if n < 2 || m < 2 {
		return Result{}, false
	}
	mb, vb := stat.MeanVariance(baseline, nil)
	mc, vc := stat.MeanVariance(current, nil)
	eb, ec := vb/n, vc/m
	r := Result{Units: len(baseline) + len(current), DF: n + m - 2, P: 1}
	if eb+ec == 0 {
		return constant(r, mc-mb, len(baseline)), true
	}
	r.Statistic = (mc - mb) / math.Sqrt(eb+ec)
	// In shares of the variance, which neither underflow nor overflow.
	wb, wc := eb/(eb+ec), ec/(eb+ec)
	r.DF = 1 / (wb*wb/(n-1) + wc*wc/(m-1))
	r.P = TwoSided(r.Statistic, r.DF)
	return r, true
}

// constant completes the result for two sides of one value each.
func constant(r Result, difference float64, n int) Result {
	if difference == 0 {
		return r
	}
	r.P = min(1, max(surest, 2*math.Exp(-logChoose(r.Units, n))))
	t := distuv.StudentsT{Sigma: 1, Nu: r.DF}.Quantile(1 - r.P/2)
	r.Statistic = math.Copysign(t, difference)
	return r
}
