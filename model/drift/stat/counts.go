package stat

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Counts is the histogram of one host in one window. All have the same bins.
type Counts struct {
	Host   string
	Window int64
	Bins   []float64
}

// PermuteCounts judges the distance of two sets of histograms by moving units between
// the sides at random: what windows of one distribution, grouped as these are, differ by.
// It is the empirical null of single windows. share is what units see of the variance, 1
// where they are independent.
func PermuteCounts(baseline, current [][]float64, dist Distance, share float64, d Draws) (Result, bool) {
	if !resolvesSplit(len(baseline)+len(current), len(current)) {
		return Result{}, false
	}
	all := append(append([][]float64{}, baseline...), current...)
	both := sumOf(all)
	b, c := make([]float64, len(both)), sumOf(current)
	distance := func() float64 {
		for i := range b {
			b[i] = both[i] - c[i]
		}
		return dist.Of(b, c)
	}
	r := Result{Units: len(all)}
	r.Statistic = distance()
	order := newPicks(len(all))
	r.P, r.Expected = d.pValue(r.Statistic*math.Pow(share, dist.Order/2), func(rng *rand.Rand) float64 {
		clear(c)
		for _, i := range order.choose(rng, len(current)) {
			addTo(c, all[i])
		}
		return distance()
	})
	r.Expected /= math.Pow(share, dist.Order/2)
	return r, true
}

// sumOf adds histograms of the same bins, at least one.
func sumOf(all [][]float64) []float64 {
	sum := make([]float64, len(all[0]))
	for _, bins := range all {
		addTo(sum, bins)
	}
	return sum
}

// total is the sum of bins, or of other numbers.
func total(bins []float64) float64 {
	sum := 0.0
	for _, n := range bins {
		sum += n
	}
	return sum
}

func addTo(sum, bins []float64) {
	for i, n := range bins {
		sum[i] += n
	}
}

// CountsByHost joins the histograms of each host, hosts in ascending order.
func CountsByHost(counts []Counts) (units [][]float64) {
	sorted := slices.Clone(counts)
	slices.SortStableFunc(sorted, func(a, b Counts) int { return cmp.Compare(a.Host, b.Host) })
	for i, c := range sorted {
		if i == 0 || c.Host != sorted[i-1].Host {
			units = append(units, make([]float64, len(c.Bins)))
		}
		addTo(units[len(units)-1], c.Bins)
	}
	return units
}

// Apart returns the distance of each part of the baseline from all its other parts: what
// parts of the baseline differ by.
func Apart(parts [][]float64, dist Distance) []float64 {
	if len(parts) < 2 {
		return nil
	}
	all := sumOf(parts)
	distances, others := make([]float64, len(parts)), make([]float64, len(all))
	for i, part := range parts {
		for j := range others {
			others[j] = all[j] - part[j]
		}
		distances[i] = dist.Of(others, part)
	}
	return distances
}

// leastParts is how many parts a baseline must have to know what they differ by.
const leastParts = 4

// Prediction judges the distance of the current side, as large as one part, from the
// baseline by those that the baseline's parts have from one another (Apart). It is the
// empirical null where few parts are known, such as days: with 7 of them no rank is below
// 1/8, so it is not the rank that counts but the distance's law, with the scale that the
// parts have.
func Prediction(seen float64, apart []float64, dist Distance) (Result, bool) {
	if len(apart) < leastParts {
		return Result{}, false
	}
	n := float64(len(apart))
	r := Result{Statistic: seen, DF: n - 1, P: 1, Units: len(apart), Expected: total(apart) / n}
	if seen > 0 && dist.Law == HalfNormal {
		r.P = beyondHalfNormal(seen, apart)
	}
	if seen > 0 && dist.Law == SumOfSquares {
		r.P = beyondSquares(seen, apart, 2/(3*dist.Order))
	}
	return r, true
}

// leastSpread of the parts, in what was seen: p-values stay above 0 where all are alike.
const leastSpread = 1e-6

// beyondHalfNormal takes distances for the sizes of differences that are normal: their
// root mean square is the standard deviation, and Student's law has the new one. A
// distance that more than one direction adds to varies less, so that the p-value is the
// larger.
func beyondHalfNormal(seen float64, apart []float64) float64 {
	squares := 0.0
	for _, a := range apart {
		squares += (a / seen) * (a / seen)
	}
	n := float64(len(apart))
	// A part lies √(1 + 1/(n−1)) of its own deviation from the n−1 others, the new one
	// √(1 + 1/n) from all n.
	variance := squares / n * (1 + 1/n) / (1 + 1/(n-1))
	return TwoSided(1/math.Sqrt(max(variance, leastSpread*leastSpread)), n-1)
}

// beyondSquares makes distances nearly normal (the cube root of a sum of squares, after
// Wilson and Hilferty, PNAS 17, 1931), and compares the new one with the prediction
// interval of Student's law.
func beyondSquares(seen float64, apart []float64, power float64) float64 {
	roots := make([]float64, len(apart))
	for i, a := range apart {
		roots[i] = math.Pow(a/seen, power)
	}
	mean, sd := stat.MeanStdDev(roots, nil)
	n := float64(len(apart))
	t := (1 - mean) / (max(sd, leastSpread) * math.Sqrt(1+1/n))
	return distuv.StudentsT{Sigma: 1, Nu: n - 1}.Survival(t)
}
