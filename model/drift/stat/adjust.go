package stat

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns adjusted p-values, in the order of p: rejecting those ≤ q
// keeps the false discovery rate ≤ q where the tests are independent or positively
// dependent (Benjamini and Hochberg, JRSS B 57, 1995).
func BenjaminiHochberg(p []float64) []float64 { return stepUp(p, 1) }

// BenjaminiYekutieli does so under any dependence, as between features made of the same
// packets, at the price of a factor 1 + 1/2 + … + 1/n (Annals of Statistics 29, 2001).
func BenjaminiYekutieli(p []float64) []float64 {
	sum := 0.0
	for i := range p {
		sum += 1 / float64(i+1)
	}
	return stepUp(p, sum)
}

// stepUp is min over j ≥ rank of factor · n/j · p(j), at most 1.
func stepUp(p []float64, factor float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted, least := make([]float64, len(p)), 1.0
	for rank := len(p); rank > 0; rank-- {
		at := order[rank-1]
		least = min(least, factor*float64(len(p))/float64(rank)*p[at])
		adjusted[at] = least
	}
	return adjusted
}
