package stat_test

import (
	"math"
	"slices"
	"testing"

	gonum "gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"pcapmill/features/sketch"
	"pcapmill/model/drift/stat"
	"pcapmill/model/drift/stat/stattest"
)

// Hours of sleep gained by two drugs (Student, Biometrika 6, 1908), which every handbook
// of R tests: t = 1.8608, df = 17.776, p = 0.07939.
var (
	drug1 = []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2}
	drug2 = []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
)

func TestWelchOfStudentsSleep(t *testing.T) {
	r, ok := stat.Welch(drug1, drug2)
	if !ok || r.Units != 20 {
		t.Fatal(r, ok)
	}
	stattest.Near(t, "t", r.Statistic, 1.8608, 5e-5)
	stattest.Near(t, "df", r.DF, 17.776, 5e-4)
	stattest.Near(t, "p", r.P, 0.07939, 5e-6)
}

// TestWelchWithoutVariance: three and four equal values that differ are one of the 35
// ways to deal them, and another one is as extreme.
func TestWelchWithoutVariance(t *testing.T) {
	r, _ := stat.Welch([]float64{1, 1, 1}, []float64{2, 2, 2, 2})
	stattest.Near(t, "p", r.P, 2.0/35, 1e-12)
	if r.Statistic <= 0 || math.IsInf(r.Statistic, 0) {
		t.Error("t is", r.Statistic)
	}
	if r, _ = stat.Welch([]float64{1, 1}, []float64{1, 1}); r.P != 1 || r.Statistic != 0 {
		t.Error("nothing differs:", r)
	}
	if _, ok := stat.Welch([]float64{1}, drug2); ok {
		t.Error("one value has no variance")
	}
}

// TestRobust by hand. 1 2 3 4 100: median 3, deviations 0 1 1 2 97, MAD 1. 0 0 0 0 5: MAD
// 0, mean deviation 1.
func TestRobust(t *testing.T) {
	for _, test := range []struct {
		values         []float64
		center, spread float64
	}{
		{[]float64{100, 4, 1, 3, 2}, 3, 1.4826},
		{[]float64{1, 2, 3, 6}, 2.5, 1.4826}, // deviations 0.5 0.5 1.5 3.5
		{[]float64{0, 5, 0, 0, 0}, 0, 1.2533},
		{[]float64{7, 7, 7}, 7, 0},
	} {
		l, ok := stat.Robust(test.values)
		if !ok || l.Center != test.center {
			t.Error(test.values, "lie around", l.Center)
		}
		stattest.Near(t, "spread", l.Spread, test.spread, 1e-12)
	}
	if _, ok := stat.Robust([]float64{1}); ok {
		t.Error("one value does not spread")
	}
	if z := (stat.Level{Center: 7}).Z(8, 0.5); z != 2 {
		t.Error("above the floor by", z)
	}
	if z := (stat.Level{Center: 7, Spread: 2}).Z(3, 0.5); z != -2 {
		t.Error("below by", z)
	}
}

// TestKolmogorov against the law's well-known quantiles (Smirnov 1948).
func TestKolmogorov(t *testing.T) {
	const many = 1e12 // Stephens' correction is nothing
	for lambda, p := range map[float64]float64{0.82757: 0.5, 1.22385: 0.1, 1.35810: 0.05, 1.62762: 0.01, 1.94947: 0.001, 0.1: 1} {
		stattest.Near(t, "p", stat.KSOf(lambda/math.Sqrt(many/2), 0, many, many).P, p, 2e-5*max(p, 0.01)*100)
	}
	stattest.Near(t, "p where both forms meet", stat.KSOf(1/math.Sqrt(many/2), 0, many, many).P, 0.26999967, 1e-6)
	if r := stat.KSOf(0.3, 0.4, 100, 100); r.P != 1 || r.Statistic != 0.3 {
		t.Error("a D below the error of its sketch is nothing:", r)
	}
	r, ok := stat.KolmogorovSmirnov([]float64{5, 1, 2, 3, 4}, []float64{3.5, 4.5, 5.5, 6.5, 7.5}, 0)
	if !ok {
		t.Fatal("5 values are enough")
	}
	stattest.Near(t, "D", r.Statistic, 0.6, 1e-12)
}

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

func TestDistancesByHand(t *testing.T) {
	b, c := []float64{50, 50}, []float64{25, 75}
	stattest.Near(t, "W1", stat.W1([]float64{0, 10}).Of(b, c), 2.5, 1e-12)
	stattest.Near(t, "KS", stat.KS.Of(b, c), 0.25, 1e-12)
	stattest.Near(t, "PSI", stat.PSI.Of([]float64{49.5, 49.5}, []float64{24.5, 74.5}), 0.25*math.Log(3), 1e-12)
	stattest.Near(t, "JS apart", stat.JS.Of([]float64{3, 0}, []float64{0, 5}), 1, 1e-12)
	// Half each of: .5 log(.5/.375) + .5 log(.5/.625), and .25 log(.25/.375) + .75 log(.75/.625).
	divergence := (0.5*math.Log2(4.0/3) + 0.5*math.Log2(0.8) + 0.25*math.Log2(2.0/3) + 0.75*math.Log2(1.2)) / 2
	stattest.Near(t, "JS", stat.JS.Of(b, c), math.Sqrt(divergence), 1e-12)
}

// TestDistancesOfManyBins holds them to gonum's, which take shares or weights, and to
// what every distance must be.
func TestDistancesOfManyBins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "bins")
		counts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 50).Draw(t, "n")) }), n, n)
		b, c := counts.Draw(t, "baseline"), counts.Draw(t, "current")
		b[0]++ // no side is empty
		c[n-1]++
		at := make([]float64, n)
		for i := range at {
			at[i] = float64(i * i)
		}
		w := stat.W1(at)
		for _, d := range []stat.Distance{stat.PSI, stat.JS, stat.KS, w} {
			if x, y := d.Of(b, c), d.Of(c, b); x < 0 || math.Abs(x-y) > 1e-9 || d.Of(b, b) > 1e-9 {
				t.Fatalf("%s is %v one way, %v the other", d.Name, x, y)
			}
		}
		same := func(what string, got, want float64) {
			if math.Abs(got-want) > 1e-9*max(1, want) {
				t.Fatalf("%s is %v, gonum has %v", what, got, want)
			}
		}
		psi, err := sketch.PSICounts(whole(b), whole(c))
		if math.Abs(stat.PSI.Of(b, c)-psi) > 1e-9*max(1, psi) || err != nil {
			t.Fatalf("PSI is %v, features/sketch has %v, %v", stat.PSI.Of(b, c), psi, err)
		}
		for i := range b { // gonum's refuses weights of 0
			b[i]++
			c[i]++
		}
		same("W1", w.Of(b, c), gonum.WassersteinDistance(at, at, b, c))
		same("KS", stat.KS.Of(b, c), gonum.KolmogorovSmirnov(at, b, at, c))
		same("JS", stat.JS.Of(b, c), math.Sqrt(max(0, gonum.JensenShannon(shares(b), shares(c))/math.Ln2)))
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

func TestCuts(t *testing.T) {
	if got := stat.Cuts([]float64{5, 1, 4, 2, 3, 6}, 3); !slices.Equal(got, []float64{2, 4}) {
		t.Error("thirds of six are cut at", got)
	}
	if got := stat.Cuts([]float64{0, 0, 0, 0, 0, 0, 0, 7, 8, 9}, 5); !slices.Equal(got, []float64{0, 7}) {
		t.Error("equal values are cut at", got)
	}
	if got := stat.Cuts([]float64{3, 3, 3}, 5); got != nil {
		t.Error("one value is cut at", got)
	}
	binned := stat.Binned([]stat.Point{{Value: 2}, {Value: 2.1}, {Value: 9}}, []float64{2, 4})
	for i, bin := range []int{0, 1, 2} {
		if binned[i].Bins[bin] != 1 {
			t.Error("value", i, "is in", binned[i].Bins)
		}
	}
}
