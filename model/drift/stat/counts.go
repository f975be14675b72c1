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
// 1/8. So distances are made nearly normal (the cube root of one that grows by the
// square, after Wilson and Hilferty, PNAS 17, 1931) and the new one is compared with the
// prediction interval of Student's law.
func Prediction(seen float64, apart []float64, order float64) (Result, bool) {
	n := float64(len(apart))
	if len(apart) < leastParts {
		return Result{}, false
	}
	power := 2 / (3 * order)
	roots, sum := make([]float64, len(apart)), 0.0
	for i, a := range apart {
		roots[i], sum = math.Pow(a, power), sum+a
	}
	mean, sd := stat.MeanStdDev(roots, nil)
	root := math.Pow(seen, power)
	r := Result{Statistic: seen, DF: n - 1, P: 1, Units: len(apart), Expected: sum / n}
	if root <= mean {
		return r, true
	}
	t := (root - mean) / math.Sqrt(max(sd*sd, root*root*1e-12)*(1+1/n))
	r.P = distuv.StudentsT{Sigma: 1, Nu: r.DF}.Survival(t)
	return r, true
}
