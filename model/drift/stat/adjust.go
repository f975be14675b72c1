package stat

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns adjusted p-values, in the order of p: rejecting those ≤ q
// keeps the false discovery rate ≤ q where the tests are independent or positively
// dependent (Benjamini and Hochberg, JRSS B 57, 1995). more is how many further tests are
// judged together with them whose p-values are larger than all that are given.
//
// Under any dependence it holds for p-values multiplied by Harmonic of their number.
func BenjaminiHochberg(p []float64, more int) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted, least := make([]float64, len(p)), 1.0
	for rank := len(p); rank > 0; rank-- {
		at := order[rank-1]
		least = min(least, float64(len(p)+more)/float64(rank)*p[at])
		adjusted[at] = least
	}
	return adjusted
}

// Harmonic is 1 + 1/2 + … + 1/n, the price of any dependence among n p-values (Benjamini
// and Yekutieli, Annals of Statistics 29, 2001).
func Harmonic(n int) (sum float64) {
	for i := range n {
		sum += 1 / float64(i+1)
	}
	return sum
}
