package stat_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/features/sketch"
	"pcapmill/model/drift/stat"
	"pcapmill/model/drift/stat/stattest"
)

// TestChiSquare by hand: 15 are expected in each of the four cells, which miss it by 5.
func TestChiSquare(t *testing.T) {
	r, ok := stat.ChiSquare([]int64{10, 20}, []int64{20, 10}, 1)
	if !ok || r.DF != 1 {
		t.Fatal(r, ok)
	}
	stattest.Near(t, "chi-square", r.Statistic, 20.0/3, 1e-12)
	stattest.Near(t, "p", r.P, 0.009823, 5e-7)
	half, _ := stat.ChiSquare([]int64{10, 20}, []int64{20, 10}, 2)
	stattest.Near(t, "halved", half.Statistic, 10.0/3, 1e-12)
}

// TestChiSquarePools: with 100 on each side a category needs 10 of both. 1+2, 3+0 and
// 0+4 become one; two categories that were never seen are none.
func TestChiSquarePools(t *testing.T) {
	r, ok := stat.ChiSquare([]int64{60, 1, 0, 3, 36, 0, 0}, []int64{50, 2, 0, 0, 44, 4, 0}, 1)
	if !ok || r.DF != 2 {
		t.Fatal(r, ok)
	}
	stattest.Near(t, "chi-square", r.Statistic, 100.0/110+64.0/80+4.0/10, 1e-12)
	// Two of these come to 12, and the others are as rare as they were.
	if r, ok := stat.ChiSquare([]int64{100, 3, 3, 3, 3, 3}, []int64{100, 3, 3, 3, 3, 3}, 1); !ok || r.DF != 1 {
		t.Error("rare categories beside the pool:", r, ok)
	}
	for _, one := range [][]int64{{5}, {0, 9}, {}, {0, 0}} {
		if r, ok := stat.ChiSquare(one, one, 1); ok {
			t.Error("one category cannot differ:", one, r)
		}
	}
	if _, ok := stat.ChiSquare([]int64{0, 0}, []int64{7, 8}, 1); ok {
		t.Error("an empty side has no shares")
	}
}

// TestAdjust with the 15 p-values of Benjamini and Hochberg's own example, of which the
// first four are rejected at 0.05.
func TestAdjust(t *testing.T) {
	p := []float64{0.3240, 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	want := []float64{0.486, 0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714, 0.06385714, 0.0645, 0.0765, 0.58118182, 0.714875, 0.75323077, 0.81321429, 1}
	h := 3.318228993228993 // 1 + 1/2 + … + 1/15
	got := stat.BenjaminiHochberg(p, 0)
	for i := range p {
		stattest.Near(t, "adjusted", got[i], want[i], 1e-8)
	}
	stattest.Near(t, "the price of dependence", stat.Harmonic(15), h, 1e-12)
	for i, x := range stat.BenjaminiHochberg(p[:5], 10) { // the rest is larger, and counts
		stattest.Near(t, "among more", x, []float64{0.972, 0.0015, 0.003, 0.0095, 0.035625}[i], 1e-8)
	}
	if len(stat.BenjaminiHochberg(nil, 0)) != 0 {
		t.Error("none of none")
	}
}

// TestAdjustRejectsByDefinition: adjusted p-values ≤ q are exactly the k smallest with
// the largest k for which p(k) ≤ k q / n.
func TestAdjustRejectsByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 40).Draw(t, "p")
		const q = 0.2
		sorted, most := slices.Sorted(slices.Values(p)), 0
		for k := range sorted {
			if sorted[k]*float64(len(p))/float64(k+1) <= q {
				most = k + 1
			}
		}
		for i, a := range stat.BenjaminiHochberg(p, 0) {
			if rejected := most > 0 && p[i] <= sorted[most-1]; rejected != (a <= q) {
				t.Fatalf("p %v of %v: adjusted %v", p[i], p, a)
			}
		}
	})
}

// TestTwoSided against Student's own table (Biometrika 6, 1908, and every handbook since).
func TestTwoSided(t *testing.T) {
	for df, t975 := range map[float64]float64{1: 12.7062, 2: 4.3027, 7: 2.3646, 19: 2.0930, 30: 2.0423} {
		stattest.Near(t, "p", stat.TwoSided(t975, df), 0.05, 5e-6)
		stattest.Near(t, "p of the other side", stat.TwoSided(-t975, df), 0.05, 5e-6)
	}
	if p := stat.TwoSided(1e6, 50); p != 1e-12 {
		t.Error("no law is trusted with", p)
	}
}

// TestPSI by hand, with half a count more in each bin, and as features/sketch has it.
func TestPSI(t *testing.T) {
	stattest.Near(t, "PSI", stat.PSI([]float64{49.5, 49.5}, []float64{24.5, 74.5}), 0.25*math.Log(3), 1e-12)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "bins")
		counts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 50).Draw(t, "n")) }), n, n)
		b, c := counts.Draw(t, "baseline"), counts.Draw(t, "current")
		b[0]++ // no side is empty
		c[n-1]++
		if x, y := stat.PSI(b, c), stat.PSI(c, b); x < 0 || math.Abs(x-y) > 1e-9 || stat.PSI(b, b) > 1e-9 {
			t.Fatalf("%v one way, %v the other", x, y)
		}
		psi, err := sketch.PSICounts(whole(b), whole(c))
		if x := stat.PSI(b, c); math.Abs(x-psi) > 1e-9*max(1, psi) || err != nil {
			t.Fatalf("PSI is %v, features/sketch has %v, %v", x, psi, err)
		}
	})
}

func whole(counts []float64) []uint64 {
	w := make([]uint64, len(counts))
	for i, n := range counts {
		w[i] = uint64(n)
	}
	return w
}

func shares(counts []float64) []float64 {
	sum, s := 0.0, slices.Clone(counts)
	for _, n := range counts {
		sum += n
	}
	for i := range s {
		s[i] /= sum
	}
	return s
}
