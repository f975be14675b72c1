// Package stattest holds what tests of statistics compare with: numbers within a bound,
// and how often something happened in many rounds of chance.
package stattest

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"pcapmill/bench/sharedtest"
)

// Near fails the test where got is further than within from want.
func Near(t testing.TB, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

// Rounds is so many in a quick test, or all.
func Rounds(quick, all int) int {
	if sharedtest.Accept() {
		return all
	}
	return quick
}

// Share writes k of n with its exact 95 % interval (Clopper and Pearson 1934).
func Share(k, n int) string {
	lo, hi := 0.0, 1.0
	if k > 0 {
		lo = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(0.025)
	}
	if k < n {
		hi = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(0.975)
	}
	return fmt.Sprintf("%.4f [%.4f, %.4f] (%d of %d)", float64(k)/float64(n), lo, hi, k, n)
}

// Plausible says whether k of n may come of a probability of at most p, but for a chance
// of one in 10,000.
func Plausible(k, n int, p float64) bool {
	return distuv.Binomial{N: float64(n), P: p}.CDF(float64(k-1)) <= 1-1e-4
}
