package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"pcapmill/bench/sharedtest"
	"pcapmill/model/drift/stat"
	"pcapmill/model/drift/stat/stattest"
)

// Windows hold 30 values each in ten bins. The shares of a window's bins vary from window
// to window, so that its values are more alike than those of different windows, with an
// intraclass correlation of 0.1: 200 windows are worth 1,540 values, not 6,000.
const (
	valuesEach  = 30
	intraclass  = 0.1
	bins        = 10
	windowsEach = 200
)

// histograms draws windows whose bins have the shares on average (Dirichlet, multinomial).
func histograms(rng *rand.Rand, n int, shares []float64) [][]float64 {
	windows := make([][]float64, n)
	for w := range windows {
		own, sum := make([]float64, len(shares)), 0.0
		for i, s := range shares {
			own[i] = distuv.Gamma{Alpha: s * (1 - intraclass) / intraclass, Beta: 1, Src: rng}.Rand()
			sum += own[i]
		}
		windows[w] = make([]float64, len(shares))
		for range valuesEach {
			at, x := 0, rng.Float64()*sum
			for x -= own[0]; x > 0 && at < len(own)-1; x -= own[at] {
				at++
			}
			windows[w][at]++
		}
	}
	return windows
}

func equalShares() []float64 {
	s := make([]float64, bins)
	for i := range s {
		s[i] = 1.0 / bins
	}
	return s
}

// quarterShares are those of a normal distribution that moved by 0.5128 over the deciles
// of one that did not: PSI 0.25.
func quarterShares() []float64 {
	s, below := make([]float64, bins), 0.0
	for i := range s {
		above := 1.0
		if i < bins-1 {
			above = distuv.UnitNormal.CDF(distuv.UnitNormal.Quantile(float64(i+1)/bins) - 0.5128)
		}
		s[i], below = above-below, above
	}
	return s
}

func TestTheseSharesAreAQuarter(t *testing.T) {
	psi := 0.0
	for _, s := range quarterShares() {
		psi += (s - 1.0/bins) * math.Log(s*bins)
	}
	stattest.Near(t, "PSI", psi, 0.25, 1e-3)
}

// TestDistancesOfWindows: histograms of windows that are clusters of values, judged by
// what windows differ by. 50 features, of which none or one changed. A chi-square test
// that takes the values for independent is wrong nearly always.
func TestDistancesOfWindows(t *testing.T) {
	const features, q = 50, 0.05
	n := stattest.Rounds(3, 1000)
	for _, dist := range []stat.Distance{stat.PSI, stat.JS, stat.KS, stat.W1([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})} {
		t.Run(dist.Name, func(t *testing.T) {
			t.Parallel()
			wrong, found, naive := 0, 0, 0
			for round := range n {
				rng := rand.New(rand.NewPCG(uint64(round), 2))
				p, chi := make([]float64, features), make([]float64, features)
				for i := range p {
					b, c := histograms(rng, windowsEach, equalShares()), histograms(rng, windowsEach, equalShares())
					d := stat.DefaultDraws()
					d.Seed = uint64(round*features + i)
					r, _ := stat.PermuteCounts(b, c, dist, 1, d)
					independent, _ := stat.ChiSquare(totals(b), totals(c), 1)
					p[i], chi[i] = r.P, independent.P
				}
				wrong += any(stat.BenjaminiHochberg(p, 0), q)
				naive += any(stat.BenjaminiHochberg(chi, 0), q)
				// The same features, but that the first one changed.
				d := stat.DefaultDraws()
				d.Seed = uint64(round)
				r, _ := stat.PermuteCounts(histograms(rng, windowsEach, equalShares()), histograms(rng, windowsEach, quarterShares()), dist, 1, d)
				if p[0] = r.P; stat.BenjaminiHochberg(p, 0)[0] <= q {
					found++
				}
			}
			t.Logf("false discovery rate %s, power at PSI 0.25 %s, chi-square of single values %s", stattest.Share(wrong, n), stattest.Share(found, n), stattest.Share(naive, n))
			if !stattest.Plausible(wrong, n, q) || sharedtest.Accept() && float64(wrong) > q*1.2*float64(n) {
				t.Errorf("false findings in %d of %d rounds", wrong, n)
			}
			if float64(found) < 0.9*float64(n) {
				t.Errorf("found in %d of %d rounds", found, n)
			}
		})
	}
}

func totals(windows [][]float64) []int64 {
	sum := make([]int64, bins)
	for _, w := range windows {
		for i, n := range w {
			sum[i] += int64(n)
		}
	}
	return sum
}

// any is 1 where an adjusted p-value is at most q.
func any(adjusted []float64, q float64) int {
	for _, p := range adjusted {
		if p <= q {
			return 1
		}
	}
	return 0
}

// TestPredictionOfDays: days of 24 windows, judged by what 7, 14 and 30 days of the
// baseline differ by from one another.
func TestPredictionOfDays(t *testing.T) {
	n := stattest.Rounds(100, 5000)
	for _, days := range []int{7, 14, 30} {
		for _, dist := range []stat.Distance{stat.PSI, stat.JS, stat.KS, stat.W1([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})} {
			rng := rand.New(rand.NewPCG(uint64(days), 3))
			at05, at001, found, changes := 0, 0, 0, 0
			for round := range n {
				parts := make([][]float64, days)
				for i := range parts {
					parts[i] = day(rng, equalShares())
				}
				apart, all := stat.Apart(parts, dist), sum(parts)
				r, _ := stat.Prediction(dist.Of(all, day(rng, equalShares())), apart, dist)
				at05 += one(r.P <= 0.05)
				at001 += one(r.P <= 0.001)
				if round%10 == 0 {
					r, _ = stat.Prediction(dist.Of(all, day(rng, quarterShares())), apart, dist)
					changes++
					found += one(r.P <= 0.001)
				}
			}
			t.Logf("%2d days, %-3s: of unchanged days below 0.05 %s, below 0.001 %s; of those at PSI 0.25 below 0.001 %s", days, dist.Name, stattest.Share(at05, n), stattest.Share(at001, n), stattest.Share(found, changes))
			if !stattest.Plausible(at05, n, 0.06) || !stattest.Plausible(at001, n, 0.002) {
				t.Errorf("%d days, %s: too often", days, dist.Name)
			}
		}
	}
}

func day(rng *rand.Rand, shares []float64) []float64 { return sum(histograms(rng, 24, shares)) }

func sum(all [][]float64) []float64 {
	s := make([]float64, bins)
	for _, x := range all {
		for i, n := range x {
			s[i] += n
		}
	}
	return s
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
