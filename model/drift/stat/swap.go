package stat

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// SwapCounts judges the PSI of histograms of the same hosts, baseline[i] and current[i],
// of which there is at least one, by swapping the sides of each host at random. Both sides
// of a host count the same, as if of the harmonic mean of their numbers: swapped as they
// are, sides of different size would become alike, and distances smaller than what was
// seen. Where no draw came near, the law of what was drawn says how unlikely it is.
func SwapCounts(baseline, current [][]float64, d Draws) Result {
	baseline, current = evened(baseline, current)
	b, c := sumOf(baseline), sumOf(current)
	r := Result{Statistic: PSI(b, c), Units: len(baseline)}
	var drawn roots
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
		x := PSI(b, c)
		drawn.add(x)
		return x
	})
	r.P = d.beyond(r.P, drawn.beyond(r.Statistic))
	return r
}

// roots are drawn distances, made nearly normal: the cube root of a sum of squares (Wilson
// and Hilferty, PNAS 17, 1931).
type roots struct{ n, sum, squares float64 }

func (r *roots) add(x float64) {
	y := math.Cbrt(x)
	r.n++
	r.sum += y
	r.squares += y * y
}

// beyond is the share of that normal distribution above x.
func (r *roots) beyond(x float64) float64 {
	mean := r.sum / r.n
	sd := math.Sqrt(max(r.squares/r.n-mean*mean, 1e-18))
	return distuv.UnitNormal.Survival((math.Cbrt(x) - mean) / sd)
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

// PSI is the population stability index Σ (c − b) ln(c/b) over the shares of bins, as
// features/sketch has it for whole counts; these are weights. Half a count is added to
// every bin of both sides, so that an empty bin weighs by what could have been in it, not
// by a share out of the air. It is neither NaN nor Inf.
func PSI(baseline, current []float64) float64 {
	const half = 0.5
	extra := half * float64(len(baseline))
	nb, nc, sum := total(baseline)+extra, total(current)+extra, 0.0
	for i := range baseline {
		b, c := (baseline[i]+half)/nb, (current[i]+half)/nc
		sum += (c - b) * math.Log(c/b)
	}
	return sum
}
