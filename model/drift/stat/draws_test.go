package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	gonum "gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"pcapmill/model/drift/stat"
	"pcapmill/model/drift/stat/stattest"
)

// allDraws never stops early.
func allDraws(seed uint64) stat.Draws { return stat.Draws{Seed: seed, Most: 9999, Enough: 10000} }

// drawn holds a p-value of 9,999 draws to the one of all rearrangements: within five
// standard errors.
func drawn(t *testing.T, got, exact float64) {
	t.Helper()
	stattest.Near(t, "p", got, exact, 5*math.Sqrt(exact*(1-exact)/9999)+1e-4)
}

// apart makes points of windows that do not follow one another, so that each is a block of
// its own.
func apart(from int64, values ...float64) []stat.Point {
	points := make([]stat.Point, len(values))
	for i, v := range values {
		points[i] = stat.Point{Window: from + 2*int64(i), Value: v, Weight: 1}
	}
	return points
}

// alone compares the windows of a series that no other is like.
func alone(b, c []stat.Point, d stat.Draws) (stat.Result, bool) {
	s := stat.Series{Baseline: b, Current: c}
	return stat.ByWindow(s, stat.Memories([]stat.Series{s})[0], d)
}

// TestByWindowIsThePermutationTest over all C(14, 7) = 3,432 ways to deal 14 windows.
func TestByWindowIsThePermutationTest(t *testing.T) {
	b, c := []float64{1, 4, 2, 8, 5, 7, 3}, []float64{6, 9, 4, 12, 8, 5, 11}
	all := append(append([]float64{}, b...), c...)
	seen, extreme, ways := math.Abs(tByHand(b, c)), 0, 0
	for mask := range 1 << len(all) {
		var x, y []float64
		for i, v := range all {
			if mask>>i&1 == 0 {
				x = append(x, v)
			} else {
				y = append(y, v)
			}
		}
		if len(y) != len(c) {
			continue
		}
		if ways++; math.Abs(tByHand(x, y)) >= seen-1e-9 {
			extreme++
		}
	}
	r, ok := alone(apart(0, b...), apart(100, c...), allDraws(1))
	if !ok || r.Block != 1 || r.Units != 14 || ways != 3432 {
		t.Fatal(r, ok, ways)
	}
	stattest.Near(t, "t", r.Statistic, tByHand(b, c), 1e-9)
	drawn(t, r.P, float64(extreme)/float64(ways))
}

// tByHand is Welch's t.
func tByHand(b, c []float64) float64 {
	mb, vb := gonum.MeanVariance(b, nil)
	mc, vc := gonum.MeanVariance(c, nil)
	return (mc - mb) / math.Sqrt(vb/float64(len(b))+vc/float64(len(c)))
}

// TestWeights: a window of weight 3 counts as three of its value, and its side has the
// mean of the weighted sum.
func TestWeights(t *testing.T) {
	b, c := apart(0, 1, 4, 2, 8, 5, 7, 3), apart(100, 6, 9, 4, 12, 8, 5, 11)
	b[1].Weight, c[3].Weight = 3, 2
	r, ok := alone(b, c, allDraws(1))
	if !ok {
		t.Fatal("seven windows a side are enough")
	}
	variance := func(points []stat.Point) (mean, variance float64) {
		n, k := 0.0, float64(len(points))
		for _, p := range points {
			mean, n = mean+p.Weight*p.Value, n+p.Weight
		}
		mean /= n
		for _, p := range points {
			variance += p.Weight * p.Weight * (p.Value - mean) * (p.Value - mean)
		}
		return mean, variance * k / (k - 1) / (n * n)
	}
	mb, vb := variance(b)
	mc, vc := variance(c)
	stattest.Near(t, "mean of the baseline", mb, 38.0/9, 1e-12)
	stattest.Near(t, "t", r.Statistic, (mc-mb)/math.Sqrt(vb+vc), 1e-9)
}

// TestSwapCountsAgainstAllSwaps of six hosts, whose sides count the same: of the last
// two, 2·7·6/13 and 2·5·4/9 values.
func TestSwapCountsAgainstAllSwaps(t *testing.T) {
	b := [][]float64{{5, 1}, {4, 2}, {6, 0}, {3, 3}, {5, 2}, {4, 1}}
	c := [][]float64{{1, 5}, {2, 4}, {3, 3}, {4, 2}, {2, 4}, {1, 3}}
	mean := []float64{6, 6, 6, 6, 84.0 / 13, 40.0 / 9}
	distance := func(mask int) float64 {
		x, y := make([]float64, 2), make([]float64, 2)
		for i := range b {
			p, q := shares(b[i]), shares(c[i])
			if mask>>i&1 == 1 {
				p, q = q, p
			}
			for j := range x {
				x[j] += p[j] * mean[i]
				y[j] += q[j] * mean[i]
			}
		}
		return stat.PSI(x, y)
	}
	extreme, expected := 0, 0.0
	for mask := range 64 {
		if expected += distance(mask) / 64; distance(mask) >= distance(0)-1e-12 {
			extreme++
		}
	}
	r := stat.SwapCounts(b, c, allDraws(3))
	stattest.Near(t, "PSI", r.Statistic, distance(0), 1e-12)
	stattest.Near(t, "expected", r.Expected, expected, 0.05*expected)
	drawn(t, r.P, float64(extreme)/64)
}

// TestDrawsStop: an early end is as good a p-value, and hardly draws.
func TestDrawsStop(t *testing.T) {
	b, c := apart(0, 1, 4, 2, 8, 5, 7, 3), apart(100, 4, 3, 6, 5, 2, 8, 4)
	whole, _ := alone(b, c, allDraws(1))
	early, _ := alone(b, c, stat.DefaultDraws())
	stattest.Near(t, "p", early.P, whole.P, 0.25)
	if early.P < 0.3 {
		t.Error("nothing differs:", early)
	}
}

// TestBeyondDoubt: what is further away than 1e-9 takes 999 draws, however many there may be.
func TestBeyondDoubt(t *testing.T) {
	var b, c [][]float64
	for i := range 60 {
		b, c = append(b, []float64{9, float64(i % 3), 0}), append(c, []float64{0, float64(i % 2), 9})
	}
	few, many := stat.DefaultDraws(), stat.DefaultDraws()
	many.Most = 99_999
	if x, y := stat.SwapCounts(b, c, few), stat.SwapCounts(b, c, many); x != y || x.P > 1e-9 {
		t.Error("PSI", x, y)
	}
	p, q := apart(0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3), apart(100, 101, 102, 103, 101, 102, 103, 101, 102, 103, 101, 102)
	x, _ := alone(p, q, few)
	if y, _ := alone(p, q, many); x != y || x.P > 1e-9 {
		t.Error("means", x, y)
	}
}

// TestMemory: of long series with φ 0.5 and none, by the block that it asks for.
func TestMemory(t *testing.T) {
	for phi, want := range map[float64][2]int{0: {1, 2}, 0.5: {7, 10}, 0.8: {22, 33}} {
		rng := rand.New(rand.NewPCG(6, 6))
		var b, c []stat.Point
		x := rng.NormFloat64()
		for i := range int64(4000) {
			x = phi*x + math.Sqrt(1-phi*phi)*rng.NormFloat64()
			if i < 2000 {
				b = append(b, stat.Point{Window: i, Value: x, Weight: 6})
			} else {
				c = append(c, stat.Point{Window: i, Value: x + 10, Weight: 6})
			}
		}
		r, ok := alone(b, c, stat.DefaultDraws())
		if !ok || r.Block < want[0] || r.Block > want[1] {
			t.Errorf("φ %v makes blocks of %d", phi, r.Block)
		}
		if r.P > 2e-4 {
			t.Errorf("φ %v hides ten standard deviations: %+v", phi, r)
		}
	}
}

// TestManyUnits make longer blocks, and a change of all is still seen. Windows may lie as far
// from one another as numbers go. Of what no draw came near, the law says how unlikely it is.
func TestManyUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var b, c []stat.Point
	for i := range int64(5000) {
		b = append(b, stat.Point{Window: i, Value: rng.NormFloat64(), Weight: 1})
		c = append(c, stat.Point{Window: 6000 + i, Value: rng.NormFloat64() + 0.3, Weight: 1})
	}
	d := stat.DefaultDraws()
	d.Most = 999
	if r, ok := alone(b, c, d); !ok || r.P > 1e-6 || r.P < 1e-12 || r.Units != 2000 || r.Block != 5 {
		t.Errorf("%+v, %v", r, ok)
	}
	far := []stat.Point{{1 << 61, 1, 1}, {-1 << 62, 2, 1}}
	if _, ok := alone(b, far, d); ok {
		t.Error("two windows, however far apart, are no two blocks of five")
	}
}

// TestNothingDependsOnOrder of points, nor on when it is asked.
func TestNothingDependsOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) stat.Point {
			return stat.Point{
				Window: rapid.Int64Range(-5, 40).Draw(t, "window"),
				Value:  rapid.SampledFrom([]float64{0, 1, -1, 0.1, 3, 1e-100, 1e100, -1e100, 1e9}).Draw(t, "value"),
				Weight: rapid.SampledFrom([]float64{0.5, 1, 6, 1e6}).Draw(t, "weight"),
			}
		})
		b, c := rapid.SliceOfN(point, 0, 120).Draw(t, "baseline"), rapid.SliceOfN(point, 0, 120).Draw(t, "current")
		first := byWindow(t, b, c)
		if again := byWindow(t, rapid.Permutation(b).Draw(t, "b"), rapid.Permutation(c).Draw(t, "c")); first != again {
			t.Fatalf("%+v\n%+v", first, again)
		}
		for _, prior := range []stat.Prior{{}, {0.1, 20}} {
			if r, ok := stat.ByHours(b, c, prior); ok {
				plausible(t, r)
			}
		}
	})
}

func byWindow(t *rapid.T, b, c []stat.Point) stat.Result {
	r, ok := alone(b, c, stat.Draws{Most: 50, Enough: 5})
	if ok {
		plausible(t, r)
	}
	return r
}

func plausible(t *rapid.T, r stat.Result) {
	for _, x := range []float64{r.Statistic, r.DF, r.P, r.Expected} {
		if math.IsNaN(x) || math.IsInf(x, 0) || r.P <= 0 || r.P > 1 {
			t.Fatalf("%+v", r)
		}
	}
}

// TestByHours by hand. Eight hours with the mean 4 and squares 22 around it; 9 now is 5
// above: 5 / √(22/7 · 9/8). Of four hours with squares 4, and twenty more believed to lie
// 0.5 apart: 5 / √((4 + 5)/23 · 5/4).
func TestByHours(t *testing.T) {
	b := apart(0, 1, 3, 3, 4, 4, 5, 5, 7)
	r, ok := stat.ByHours(b, apart(100, 8, 10), stat.Prior{Spread: 9, Hours: 20})
	if !ok || r.DF != 7 {
		t.Fatal(r, ok)
	}
	stattest.Near(t, "t", r.Statistic, 5/math.Sqrt(22.0/7*9/8), 1e-12)
	stattest.Near(t, "p", r.P, stat.TwoSided(r.Statistic, 7), 1e-15)
	r, _ = stat.ByHours(apart(0, 3, 3, 5, 5), apart(100, 9), stat.Prior{Spread: 0.5, Hours: 20})
	if r.DF != 23 {
		t.Error(r)
	}
	stattest.Near(t, "t with a prior", r.Statistic, 5/math.Sqrt(9.0/23*5/4), 1e-12)
	for _, sides := range [][2][]stat.Point{{nil, b}, {b, nil}, {b[:1], b}} {
		if r, ok := stat.ByHours(sides[0], sides[1], stat.Prior{}); ok {
			t.Error("one hour has nothing to vary by:", r)
		}
	}
	if r, _ := stat.ByHours(apart(0, 3, 3, 3, 3), apart(9, 3), stat.Prior{}); r.P != 1 {
		t.Error("nothing differs:", r)
	}
}

// TestLine through (0, 1), (1, 2), (2, 4), (3, 5): slope 1.4, intercept 0.9, squares 0.2
// around it, so that t is 1.4 / √(0.1/5) with two degrees of freedom.
func TestLine(t *testing.T) {
	slope, intercept, p, ok := stat.Line([]float64{0, 1, 2, 3}, []float64{1, 2, 4, 5})
	if !ok {
		t.Fatal("four points make a line")
	}
	stattest.Near(t, "slope", slope, 1.4, 1e-12)
	stattest.Near(t, "intercept", intercept, 0.9, 1e-12)
	stattest.Near(t, "p", p, stat.TwoSided(1.4/math.Sqrt(0.02), 2), 1e-12)
	if _, _, _, ok := stat.Line([]float64{0, 1, 2}, []float64{1, 2, 4}); ok {
		t.Error("three points are too few")
	}
	if _, _, _, ok := stat.Line([]float64{1, 1, 1, 1}, []float64{1, 2, 4, 5}); ok {
		t.Error("one place has no slope")
	}
}
