package leak

import "math"

// fisherTail is the probability that of a+c hits, divided among n and m at random, n has a or
// more: Fisher's exact test, one-sided. Terms of the hypergeometric law are summed from the
// least on where they still count.
func fisherTail(a, n, c, m int64) float64 {
	hits, most := a+c, min(a+c, n)
	if a <= max(0, hits-m) {
		return 1
	}
	term := math.Exp(choose(n, a) + choose(m, hits-a) - choose(n+m, hits))
	sum := 0.0
	for k := a; k <= most && (term > 1e-18*sum || sum == 0); k++ {
		sum += term
		term *= float64(n-k) * float64(hits-k) / (float64(k+1) * float64(m-hits+k+1))
		if term == 0 {
			break
		}
	}
	return min(sum, 1)
}

// choose is the logarithm of n over k.
func choose(n, k int64) float64 {
	return logFactorial(n) - logFactorial(k) - logFactorial(n-k)
}

func logFactorial(n int64) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}
