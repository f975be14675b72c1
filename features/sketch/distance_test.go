package sketch_test

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"pcapmill/features/sketch"
)

// The exact distances, from the values themselves.

// upTo returns how many of ascending values are at most x.
func upTo(values []float64, x float64) float64 {
	return float64(sort.Search(len(values), func(i int) bool { return values[i] > x }))
}

// breaks returns the values of both, ascending.
func breaks(r, c []float64) []float64 {
	return slices.Sorted(slices.Values(append(slices.Clone(r), c...)))
}

func exactKS(r, c []float64) float64 {
	d := 0.0
	for _, x := range breaks(r, c) {
		d = max(d, math.Abs(upTo(c, x)/float64(len(c))-upTo(r, x)/float64(len(r))))
	}
	return d
}

func exactWasserstein(r, c []float64) float64 {
	area, all := 0.0, breaks(r, c)
	for i := 1; i < len(all); i++ {
		lead := upTo(c, all[i-1])/float64(len(c)) - upTo(r, all[i-1])/float64(len(r))
		area += math.Abs(lead) * (all[i] - all[i-1])
	}
	return area
}

// exactGroups counts both in the groups (x_(i-1), x_i] of the reference's quantiles.
func exactGroups(r, c []float64, groups int) (nr, nc []uint64) {
	var lastR, lastC float64
	add := func(ofR, ofC float64) {
		if ofR > lastR || ofC > lastC {
			nr, nc = append(nr, uint64(ofR-lastR)), append(nc, uint64(ofC-lastC))
			lastR, lastC = ofR, ofC
		}
	}
	for i := 1; i < groups; i++ {
		x := r[int(math.Ceil(float64(i)/float64(groups)*float64(len(r))))-1]
		if upTo(r, x) > lastR {
			add(upTo(r, x), upTo(c, x))
		}
	}
	add(float64(len(r)), float64(len(c)))
	return nr, nc
}

func exactStd(v []float64) float64 {
	mean, squares := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	return math.Sqrt(squares / float64(len(v)))
}

// distribution makes values.
type distribution func(*rand.Rand) float64

// distributions are of the shapes that features have.
var distributions = map[string]distribution{
	"lognormal":   func(r *rand.Rand) float64 { return math.Exp(5 + 1.5*r.NormFloat64()) },
	"normal":      func(r *rand.Rand) float64 { return 3 * r.NormFloat64() },
	"shares":      func(r *rand.Rand) float64 { return r.Float64() },
	"small ints":  func(r *rand.Rand) float64 { return float64(r.IntN(6)) },
	"mostly zero": func(r *rand.Rand) float64 { return max(0, r.NormFloat64()-1) },
	"two sizes":   func(r *rand.Rand) float64 { return []float64{60, 1514}[r.IntN(2)] },
	"constant":    func(*rand.Rand) float64 { return 42 },
	"zero":        func(*rand.Rand) float64 { return 0 },
	"clamped":     func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), 60*(r.IntN(3)-1)) },
}

func sample(d distribution, rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = d(rng)
	}
	slices.Sort(v)
	return v
}

func histogramOf(p sketch.Precision, values []float64) *sketch.Histogram {
	h := sketch.NewHistogram(p)
	for _, v := range values {
		h.Add(v)
	}
	return &h
}

// encloses fails where a value is not between its bounds, but for rounding.
func encloses(t *testing.T, what string, b sketch.Bounded, exact float64) {
	t.Helper()
	slack := 1e-9 * max(math.Abs(exact), 1e-300)
	if what != "W1" {
		slack = max(slack, 1e-9)
	}
	if b.Low > b.Value+slack || b.Value > b.High+slack || exact < b.Low-slack || exact > b.High+slack || math.IsNaN(b.Value) {
		t.Errorf("%s: exact %v, %+v", what, exact, b)
	}
}

// TestDistancesEnclose compares every distribution with every other one and itself, of
// few and many values, at three precisions, with the distances of the values themselves.
func TestDistancesEnclose(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 8))
	for name, d := range distributions {
		for other, o := range distributions {
			for _, size := range [][2]int{{1, 1}, {7, 3}, {150, 6}, {400, 500}} {
				r, c := sample(d, rng, size[0]), sample(o, rng, size[1])
				for _, p := range []sketch.Precision{0, sketch.Coarse, sketch.Fine} {
					if compare(t, r, c, p); t.Failed() {
						t.Fatalf("%s and %s, %v values, precision %d", name, other, size, p)
					}
				}
			}
		}
	}
}

func compare(t *testing.T, r, c []float64, p sketch.Precision) {
	t.Helper()
	hr, hc := histogramOf(p, r), histogramOf(p, c)
	ks, err := sketch.KS(hr, hc)
	encloses(t, "KS", ks, exactKS(r, c))
	w, err2 := sketch.Wasserstein(hr, hc)
	encloses(t, "W1", w, exactWasserstein(r, c))
	for _, groups := range []int{2, 5, 10, 20} {
		nr, nc := exactGroups(r, c, groups)
		psi, err := sketch.PSI(hr, hc, groups)
		exact, _ := sketch.PSICounts(nr, nc)
		encloses(t, "PSI", psi, exact)
		js, err2 := sketch.JensenShannon(hr, hc, groups)
		exact, _ = sketch.JensenShannonCounts(nr, nc)
		encloses(t, "JS", js, exact)
		if err := cmp.Or(err, err2); err != nil {
			t.Error(err)
		}
	}
	std, _ := hr.Std()
	encloses(t, "std", std, exactStd(r))
	if err := cmp.Or(err, err2); err != nil {
		t.Error(err)
	}
	checkDistances(t, hr, hc)
}

// checkDistances holds what is so of any two Histograms.
func checkDistances(t *testing.T, r, c *sketch.Histogram) {
	t.Helper()
	if r.Count() == 0 || c.Count() == 0 {
		if _, err := sketch.KS(r, c); !errors.Is(err, sketch.ErrEmpty) {
			t.Fatal(err)
		}
		return
	}
	for name, f := range map[string]func(r, c *sketch.Histogram) (sketch.Bounded, error){
		"KS": sketch.KS, "W1": sketch.Wasserstein,
		"PSI": func(r, c *sketch.Histogram) (sketch.Bounded, error) { return sketch.PSI(r, c, 10) },
		"JS":  func(r, c *sketch.Histogram) (sketch.Bounded, error) { return sketch.JensenShannon(r, c, 10) },
	} {
		d, err := f(r, c)
		// 1e-12 is rounding; a bound may not be NaN.
		if err != nil || !(d.Low >= 0) || !(d.Low <= d.Value*(1+1e-12)+1e-12) || !(d.Value <= d.High*(1+1e-12)+1e-12) {
			t.Fatalf("%s: %+v %v", name, d, err)
		}
		if (name == "KS" || name == "JS") && d.High > 1+1e-12 {
			t.Fatalf("%s: %+v", name, d)
		}
		if same, err := f(r, r); err != nil || same.Value > 1e-12 {
			t.Fatalf("%s of itself: %+v %v", name, same, err)
		}
	}
}

// TestDistancesByHand has distances that can be worked out on paper.
func TestDistancesByHand(t *testing.T) {
	r := histogramOf(sketch.Fine, []float64{1, 2, 3, 4})
	c := histogramOf(sketch.Fine, []float64{2, 3, 4, 5})
	ks, _ := sketch.KS(r, c)
	if ks.Value != 0.25 {
		t.Errorf("KS %v", ks)
	}
	if w, _ := sketch.Wasserstein(r, c); math.Abs(w.Value-1) > 5*sketch.Fine.RelativeError() || w.Low > 1 || w.High < 1 {
		t.Errorf("Wasserstein %v", w)
	}
	// Two groups, cut behind 2: shares with half counts 2.5/5 and 2.5/5 against 1.5/5
	// and 3.5/5: -0.2·ln(0.3/0.5) + 0.2·ln(0.7/0.5) = 0.2·ln(7/3).
	if psi, _ := sketch.PSI(r, c, 2); math.Abs(psi.Value-0.2*math.Log(7.0/3)) > 1e-15 {
		t.Errorf("PSI %v", psi)
	}
	// ½·(½ log2(½/⅜) + ½ log2(½/⅝)) + ½·(¼ log2(¼/⅜) + ¾ log2(¾/⅝)) = 0.04879…
	if js, _ := sketch.JensenShannon(r, c, 2); math.Abs(js.Value*js.Value-0.0487949406953985) > 1e-12 {
		t.Errorf("JSD %v", js.Value*js.Value)
	}
	if js, err := sketch.JensenShannonCounts([]uint64{5, 0}, []uint64{0, 7}); err != nil || js != 1 {
		t.Errorf("disjoint: %v %v", js, err)
	}
}

// TestPer divides by what is known of the reference.
func TestPer(t *testing.T) {
	w := sketch.Bounded{Value: 10, Low: 8, High: 12}
	got, err := w.Per(sketch.Bounded{Value: 5, Low: 4, High: 8})
	if want := (sketch.Bounded{Value: 2, Low: 1, High: 3}); got != want || err != nil {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := w.Per(sketch.Exactly(0)); !errors.Is(err, sketch.ErrNoSpread) {
		t.Error(err)
	}
	if got, err := w.Per(sketch.Bounded{Value: 5, Low: 0, High: math.Inf(1)}); err != nil || got.Low != 0 || !math.IsInf(got.High, 1) {
		t.Errorf("%+v %v", got, err)
	}
}

// TestDistanceErrors has what cannot be compared.
func TestDistanceErrors(t *testing.T) {
	some, empty := histogramOf(sketch.Fine, []float64{1}), histogramOf(sketch.Fine, nil)
	for _, groups := range []int{-1, 1, sketch.MaxGroups + 1} {
		if _, err := sketch.PSI(some, some, groups); !errors.Is(err, sketch.ErrMismatch) {
			t.Errorf("%d groups: %v", groups, err)
		}
	}
	_, err := sketch.PSI(some, empty, 10)
	_, err2 := sketch.KS(empty, some)
	_, err3 := sketch.Wasserstein(empty, some)
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, sketch.ErrEmpty) {
			t.Error(err)
		}
	}
	if _, err := sketch.PSICounts([]uint64{1}, []uint64{1, 2}); !errors.Is(err, sketch.ErrMismatch) {
		t.Error(err)
	}
	if _, err := sketch.JensenShannonCounts(nil, nil); !errors.Is(err, sketch.ErrEmpty) {
		t.Error(err)
	}
	if _, ok := empty.Std(); ok {
		t.Error("std of nothing")
	}
}

// TestMixedPrecision: a finer Histogram is compared at the other's precision.
func TestMixedPrecision(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	r, c := sample(distributions["lognormal"], rng, 300), sample(distributions["normal"], rng, 200)
	mixed, err := sketch.KS(histogramOf(sketch.Fine, r), histogramOf(sketch.Coarse, c))
	coarse, err2 := sketch.KS(histogramOf(sketch.Coarse, r), histogramOf(sketch.Coarse, c))
	if mixed != coarse || err != nil || err2 != nil {
		t.Errorf("%v %v, %v %v", mixed, err, coarse, err2)
	}
}
