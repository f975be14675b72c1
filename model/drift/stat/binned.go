package stat

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Cuts returns at most bins−1 ascending bounds that divide values into bins of about the
// same number: bin i holds what is above cut i−1 and at most cut i. Equal values fall
// into one bin, so there may be fewer.
func Cuts(values []float64, bins int) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	var cuts []float64
	for i := 1; i < bins && len(sorted) > 0; i++ {
		cut := sorted[(len(sorted)*i-1)/bins]
		if cut < sorted[len(sorted)-1] && (len(cuts) == 0 || cut > cuts[len(cuts)-1]) {
			cuts = append(cuts, cut)
		}
	}
	return cuts
}

// Binned makes a histogram of the value of each point.
func Binned(points []Point, cuts []float64) []Counts {
	counts := make([]Counts, len(points))
	bins := make([]float64, len(points)*(len(cuts)+1)) // of all, at once
	for i, p := range points {
		counts[i] = Counts{p.Host, p.Window, bins[i*(len(cuts)+1):][:len(cuts)+1]}
		at, _ := slices.BinarySearch(cuts, p.Value)
		counts[i].Bins[at]++
	}
	return counts
}

// DistanceByHost judges the distance of the distributions of values with hosts as units,
// as ByHost does means. The bins should be cut from the values of both sides: cut from
// one, they would fit it better than any rearrangement.
func DistanceByHost(baseline, current []Point, cuts []float64, dist Distance, d Draws) (Result, bool) {
	s := sharing(InOrder(baseline), InOrder(current))
	unitsB, unitsC := CountsByHost(Binned(s.baseline, cuts)), CountsByHost(Binned(s.current, cuts))
	if s.own {
		if resolvesFlips(len(unitsB)) {
			unitsB, unitsC = evened(unitsB, unitsC)
			return SwapCounts(joinedCounts(unitsB), joinedCounts(unitsC), dist, d), true
		}
		return Result{}, false
	}
	return PermuteCounts(joinedCounts(unitsB), joinedCounts(unitsC), dist, 1, d)
}

// SwapCounts judges the distance of histograms of the same hosts, baseline[i] and
// current[i], by swapping the sides of each host at random. Both sides of a host count the same, as if of the harmonic mean of their
// numbers: swapped as they are, sides of different size would become alike, and distances
// smaller than what was seen. Where no draw came near, the law of what was drawn says how
// unlikely it is.
func SwapCounts(baseline, current [][]float64, dist Distance, d Draws) Result {
	baseline, current = evened(baseline, current)
	b, c := sumOf(baseline), sumOf(current)
	r := Result{Statistic: dist.Of(b, c), Units: len(baseline)}
	drawn := roots{power: 2 / (3 * dist.Order)}
	r.P, r.Expected = d.pValue(r.Statistic, func(rng *rand.Rand) float64 {
		clear(b)
		clear(c)
		for i := range baseline {
			x, y := b, c
			if rng.Uint64()&1 == 0 {
				x, y = c, b
			}
			addTo(x, baseline[i])
			addTo(y, current[i])
		}
		x := dist.Of(b, c)
		drawn.add(x)
		return x
	})
	r.P = d.beyond(r.P, drawn.beyond(r.Statistic))
	return r
}

// roots are drawn distances, made nearly normal: the cube root of a sum of squares (Wilson
// and Hilferty, PNAS 17, 1931).
type roots struct{ power, n, sum, squares float64 }

func (r *roots) add(x float64) {
	y := math.Pow(x, r.power)
	r.n++
	r.sum += y
	r.squares += y * y
}

// beyond is the share of that normal distribution above x.
func (r *roots) beyond(x float64) float64 {
	mean := r.sum / r.n
	sd := math.Sqrt(max(r.squares/r.n-mean*mean, 1e-18))
	return distuv.UnitNormal.Survival((math.Pow(x, r.power) - mean) / sd)
}

// evened scales both histograms of each host to the harmonic mean of their numbers,
// which a difference of their shares is as uncertain as.
func evened(baseline, current [][]float64) (b, c [][]float64) {
	b, c = make([][]float64, len(baseline)), make([][]float64, len(current))
	for i := range baseline {
		nb, nc := total(baseline[i]), total(current[i])
		if nb == 0 || nc == 0 { // nothing to compare
			b[i], c[i] = make([]float64, len(baseline[i])), make([]float64, len(current[i]))
			continue
		}
		mean := 2 * nb * nc / (nb + nc)
		b[i], c[i] = times(baseline[i], mean/nb), times(current[i], mean/nc)
	}
	return b, c
}

func times(bins []float64, factor float64) []float64 {
	product := make([]float64, len(bins))
	for i, n := range bins {
		product[i] = n * factor
	}
	return product
}

// DistanceByWindow judges it with blocks of consecutive windows as units, as ByWindow
// does means, and bins cut as for DistanceByHost.
func DistanceByWindow(baseline, current []Point, cuts []float64, dist Distance, d Draws) (Result, bool) {
	s := sharing(InOrder(baseline), InOrder(current))
	baseline, current = s.baseline, s.current
	block, share, ok := blocks(baseline, current)
	if !ok {
		return Result{}, false
	}
	r, ok := PermuteCounts(countsByBlock(baseline, cuts, block), countsByBlock(current, cuts, block), dist, share, d)
	r.Block, r.Windows = block, shorter(baseline, current)
	return r, ok
}

// countsByBlock joins the histograms of each block of sorted points.
func countsByBlock(points []Point, cuts []float64, block int) [][]float64 {
	at := append(starts(points, block), len(points))
	counts, units := Binned(points, cuts), make([][]float64, len(at)-1)
	for i := range units {
		units[i] = make([]float64, len(cuts)+1)
		for _, c := range counts[at[i]:at[i+1]] {
			addTo(units[i], c.Bins)
		}
	}
	return units
}
