package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// KolmogorovSmirnov compares two distributions by the largest difference D of their
// distribution functions, and takes all values for independent. rankError is what D may
// be too large by where the distributions are known from sketches, and is taken off
// before D is judged; 0 for exact values. The p-value is the asymptotic one with
// Stephens' correction (JRSS B 32, 1970); ties make it larger than it is.
func KolmogorovSmirnov(baseline, current []float64, rankError float64) (Result, bool) {
	if len(baseline) < 5 || len(current) < 5 {
		return Result{}, false
	}
	a, b := slices.Clone(baseline), slices.Clone(current)
	slices.Sort(a)
	slices.Sort(b)
	return KSOf(stat.KolmogorovSmirnov(a, nil, b, nil), rankError, float64(len(a)), float64(len(b))), true
}

// KSOf judges a D that is known, of n and m values. Where values are not independent, n
// and m are the numbers of independent ones that they are worth.
func KSOf(d, rankError, n, m float64) Result {
	root := math.Sqrt(n * m / (n + m))
	lambda := (root + 0.12 + 0.11/root) * max(0, d-rankError)
	return Result{Statistic: d, P: kolmogorov(lambda), Units: int(n + m)}
}

// kolmogorov is the probability that the supremum of a Brownian bridge exceeds lambda:
// 2 Σ (−1)^(k−1) exp(−2k²λ²), and below 1 the form that converges there. gonum has none.
func kolmogorov(lambda float64) float64 {
	if lambda < 0.2 {
		return 1 // within 1e-12
	}
	sum := 0.0
	if lambda < 1 {
		for k := 1.0; k < 20; k += 2 {
			sum += math.Exp(-k * k * math.Pi * math.Pi / (8 * lambda * lambda))
		}
		return 1 - math.Sqrt(2*math.Pi)/lambda*sum
	}
	for k := 1.0; k < 10; k++ {
		sum -= math.Pow(-1, k) * math.Exp(-2*k*k*lambda*lambda)
	}
	return min(1, 2*sum)
}
