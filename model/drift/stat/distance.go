package stat

import "math"

// Distance of two histograms over the same bins.
type Distance struct {
	Name  string
	Order float64 // it grows by the square (2) of the difference of the shares, or with it (1)
	Law   Law
	Of    func(baseline, current []float64) float64
}

// Law is what a distance is distributed like where nothing changed, up to scale.
type Law int

// Laws.
const (
	SumOfSquares Law = iota // chi-square, or its root: bins differ each for itself
	HalfNormal              // neighbouring bins add up: one direction leads
)

// Distances, as features/sketch has them for whole counts. These are of weights, which
// need not be whole, and are worked out some thousand times for a p-value. None is NaN or
// Inf for any counts.
var (
	PSI = Distance{"psi", 2, SumOfSquares, psi}          // population stability index
	JS  = Distance{"js", 1, SumOfSquares, jensenShannon} // Jensen-Shannon distance, in [0, 1]
	KS  = Distance{"ks", 1, HalfNormal, ks}              // largest difference of the distribution functions
)

// W1 is the Wasserstein distance of order 1: what must be moved how far, where bin i lies
// at at[i], ascending. It has the unit of at.
func W1(at []float64) Distance {
	return Distance{"w1", 1, HalfNormal, func(baseline, current []float64) float64 {
		sum, below := 0.0, 0.0
		nb, nc := total(baseline), total(current)
		if nb == 0 || nc == 0 {
			return 0
		}
		for i := range len(at) - 1 {
			below += current[i]/nc - baseline[i]/nb
			sum += math.Abs(below) * (at[i+1] - at[i])
		}
		return sum
	}}
}

// psi is Σ (c − b) ln(c/b) over the shares of bins. Half a count is added to every bin
// of both sides, so that an empty bin weighs by what could have been in it, not by a
// share out of the air.
func psi(baseline, current []float64) float64 {
	const half = 0.5
	extra := half * float64(len(baseline))
	nb, nc, sum := total(baseline)+extra, total(current)+extra, 0.0
	for i := range baseline {
		b, c := (baseline[i]+half)/nb, (current[i]+half)/nc
		sum += (c - b) * math.Log(c/b)
	}
	return sum
}

// jensenShannon is the root of the divergence to base 2, 0 where a side is empty.
func jensenShannon(baseline, current []float64) float64 {
	nb, nc, sum := total(baseline), total(current), 0.0
	if nb == 0 || nc == 0 {
		return 0
	}
	for i := range baseline {
		b, c := baseline[i]/nb, current[i]/nc
		m := (b + c) / 2
		if b > 0 {
			sum += b / 2 * math.Log2(b/m)
		}
		if c > 0 {
			sum += c / 2 * math.Log2(c/m)
		}
	}
	return math.Sqrt(max(0, sum))
}

func ks(baseline, current []float64) float64 {
	most, below := 0.0, 0.0
	nb, nc := total(baseline), total(current)
	if nb == 0 || nc == 0 {
		return 0
	}
	for i := range baseline {
		below += current[i]/nc - baseline[i]/nb
		most = max(most, math.Abs(below))
	}
	return most
}
