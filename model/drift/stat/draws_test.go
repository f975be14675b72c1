package stat_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

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

// points of one host, in windows that do not follow one another, so that each is a block
// of its own.
func apart(from int64, values ...float64) []stat.Point {
	points := make([]stat.Point, len(values))
	for i, v := range values {
		points[i] = stat.Point{Host: "h", Window: from + 2*int64(i), Value: v}
	}
	return points
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
	r, ok := stat.ByWindow(apart(0, b...), apart(100, c...), allDraws(1))
	if !ok || r.Block != 1 || r.Units != 14 || r.Windows != 7 || ways != 3432 {
		t.Fatal(r, ok, ways)
	}
	stattest.Near(t, "t", r.Statistic, tByHand(b, c), 1e-9)
	drawn(t, r.P, float64(extreme)/float64(ways))
}

// tByHand is Welch's t.
func tByHand(b, c []float64) float64 {
	r, _ := stat.Welch(b, c)
	return r.Statistic
}

// TestByHostFlips against all 2,048 ways to swap the sides of 11 hosts.
func TestByHostFlips(t *testing.T) {
	steps := []float64{3, -1, 2, 0.5, 4, 1, -0.5, 2.5, 1.5, -2, 3.5}
	var b, c []stat.Point
	for i, s := range steps {
		host := fmt.Sprint("h", i)
		b = append(b, stat.Point{Host: host, Window: 1, Value: float64(100 * i)})
		// Two windows with the mean 100 i + s.
		c = append(c, stat.Point{Host: host, Window: 7, Value: float64(100*i) + s + 1}, stat.Point{Host: host, Window: 8, Value: float64(100*i) + s - 1})
	}
	b = append(b, stat.Point{Host: "gone", Window: 1, Value: 1e6})
	sum := func(mask int) float64 {
		x := 0.0
		for i, s := range steps {
			if mask>>i&1 == 1 {
				s = -s
			}
			x += s
		}
		return math.Abs(x) // t grows with it where the sum of squares is fixed
	}
	extreme := 0
	for mask := range 1 << len(steps) {
		if sum(mask) >= sum(0)-1e-9 {
			extreme++
		}
	}
	r, ok := stat.ByHost(b, c, allDraws(2))
	if !ok || r.Units != 11 || r.DF != 10 {
		t.Fatal(r, ok)
	}
	drawn(t, r.P, float64(extreme)/2048)
	if _, ok := stat.ByHost(b[:10], c[:20], allDraws(2)); ok {
		t.Error("ten hosts cannot come below 0.001")
	}
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
		return stat.PSI.Of(x, y)
	}
	extreme, expected := 0, 0.0
	for mask := range 64 {
		if expected += distance(mask) / 64; distance(mask) >= distance(0)-1e-12 {
			extreme++
		}
	}
	r := stat.SwapCounts(b, c, stat.PSI, allDraws(3))
	stattest.Near(t, "PSI", r.Statistic, distance(0), 1e-12)
	stattest.Near(t, "expected", r.Expected, expected, 0.05*expected)
	drawn(t, r.P, float64(extreme)/64)
}

// TestPermuteCountsAgainstAllDeals of 14 histograms into 7 and 7.
func TestPermuteCountsAgainstAllDeals(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	all := make([][]float64, 14)
	for i := range all {
		all[i] = []float64{float64(rng.IntN(9)), float64(rng.IntN(9)), float64(rng.IntN(4 + i/2))}
	}
	distance := func(mask int) (float64, bool) {
		x, y, n := make([]float64, 3), make([]float64, 3), 0
		for i, bins := range all {
			to := x
			if mask>>i&1 == 1 {
				to, n = y, n+1
			}
			for j := range bins {
				to[j] += bins[j]
			}
		}
		return stat.JS.Of(x, y), n == 7
	}
	seen, _ := distance(0b11111110000000)
	extreme, ways := 0, 0
	for mask := range 1 << 14 {
		if d, dealt := distance(mask); dealt {
			if ways++; d >= seen-1e-12 {
				extreme++
			}
		}
	}
	r, ok := stat.PermuteCounts(all[:7], all[7:], stat.JS, 1, allDraws(5))
	if !ok {
		t.Fatal("7 and 7 are enough")
	}
	stattest.Near(t, "JS", r.Statistic, seen, 1e-12)
	drawn(t, r.P, float64(extreme)/float64(ways))
	if _, ok := stat.PermuteCounts(all[:6], all[6:12], stat.JS, 1, allDraws(5)); ok {
		t.Error("6 and 6 cannot come below 0.001")
	}
}

// TestDrawsStop: an early end is as good a p-value, and hardly draws.
func TestDrawsStop(t *testing.T) {
	b, c := apart(0, 1, 4, 2, 8, 5, 7, 3), apart(100, 4, 3, 6, 5, 2, 8, 4)
	whole, _ := stat.ByWindow(b, c, allDraws(1))
	early, _ := stat.ByWindow(b, c, stat.DefaultDraws())
	stattest.Near(t, "p", early.P, whole.P, 0.25)
	if early.P < 0.3 {
		t.Error("nothing differs:", early)
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
				b = append(b, stat.Point{Host: "h", Window: i, Value: x})
			} else {
				c = append(c, stat.Point{Host: "h", Window: i, Value: x + 10})
			}
		}
		r, ok := stat.ByWindow(b, c, stat.DefaultDraws())
		if !ok || r.Block < want[0] || r.Block > want[1] {
			t.Errorf("φ %v makes blocks of %d", phi, r.Block)
		}
		if r.P > 2e-4 || r.Windows != 2000 {
			t.Errorf("φ %v hides ten standard deviations: %+v", phi, r)
		}
	}
}

// TestManyUnits are joined, and a change of all is still seen. Windows may lie as far from
// one another as numbers go. Of what no draw came near, the law says how unlikely it is.
func TestManyUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var b, c, other []stat.Point
	for i := range int64(5000) {
		host := fmt.Sprint("h", i)
		b = append(b, stat.Point{Host: host, Window: i, Value: rng.NormFloat64()})
		c = append(c, stat.Point{Host: host, Window: 6000 + i, Value: rng.NormFloat64() + 0.3})
		other = append(other, stat.Point{Host: "new " + host, Window: 1 << 61, Value: rng.NormFloat64() + 0.3})
	}
	cuts := stat.Cuts(append(stat.Values(b), stat.Values(c)...), 10)
	d := stat.DefaultDraws()
	d.Most = 999
	for name, test := range map[string]struct {
		units int
		do    func() (stat.Result, bool)
	}{
		"own mean":      {1000, func() (stat.Result, bool) { return stat.ByHost(b, c, d) }},
		"others' mean":  {2000, func() (stat.Result, bool) { return stat.ByHost(b, other, d) }},
		"blocks":        {2000, func() (stat.Result, bool) { return stat.ByWindow(b, c, d) }},
		"own shape":     {1000, func() (stat.Result, bool) { return stat.DistanceByHost(b, c, cuts, stat.PSI, d) }},
		"others' shape": {2000, func() (stat.Result, bool) { return stat.DistanceByHost(b, other, cuts, stat.PSI, d) }},
		"blocks' shape": {2000, func() (stat.Result, bool) { return stat.DistanceByWindow(b, c, cuts, stat.PSI, d) }},
	} {
		if r, ok := test.do(); !ok || r.P > 0.001 || r.P < 1e-12 || r.Units > test.units || r.Units < test.units/2 {
			t.Errorf("%s: %+v, %v", name, r, ok)
		}
	}
	if _, ok := stat.ByWindow(b, append(other, stat.Point{Host: "x", Window: -1 << 62}), d); ok {
		t.Error("two windows, however far apart, are no two blocks of five")
	}
}

// TestNothingDependsOnOrder of rows, nor on when it is asked.
func TestNothingDependsOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) stat.Point {
			return stat.Point{
				Host:   fmt.Sprint("h", rapid.IntRange(0, 30).Draw(t, "host")),
				Window: rapid.Int64Range(-5, 40).Draw(t, "window"),
				Value:  rapid.SampledFrom([]float64{0, 1, -1, 0.1, 3, 1e-100, 1e100, -1e100, 1e9}).Draw(t, "value"),
			}
		})
		b, c := rapid.SliceOfN(point, 0, 120).Draw(t, "baseline"), rapid.SliceOfN(point, 0, 120).Draw(t, "current")
		draws := stat.Draws{Most: 50, Enough: 5}
		first := allTests(t, b, c, draws)
		if again := allTests(t, rapid.Permutation(b).Draw(t, "b"), rapid.Permutation(c).Draw(t, "c"), draws); first != again {
			t.Fatalf("%s\n%s", first, again)
		}
	})
}

func allTests(t *rapid.T, b, c []stat.Point, draws stat.Draws) string {
	said := ""
	say := func(r stat.Result, ok bool) {
		for _, x := range []float64{r.Statistic, r.DF, r.P, r.Expected} {
			if math.IsNaN(x) || math.IsInf(x, 0) || ok && (r.P <= 0 || r.P > 1) {
				t.Fatalf("%+v", r)
			}
		}
		said += fmt.Sprintf("%+v %v\n", r, ok)
	}
	cuts := stat.Cuts(append(stat.Values(b), stat.Values(c)...), 10)
	for range 2 {
		say(stat.ByHost(b, c, draws))
		say(stat.ByWindow(b, c, draws))
		say(stat.DistanceByHost(b, c, cuts, stat.PSI, draws))
		say(stat.DistanceByWindow(b, c, cuts, stat.KS, draws))
		d, ok := stat.CohenD(b, c, 0.01)
		said += fmt.Sprint(d, ok, "\n")
		b, c = stat.Deviations(b, c)
	}
	return said
}

// TestPrediction by hand. Cube roots 1, 2, 3, 2 have mean 2 and variance 2/3; 5 lies
// 3/√(2/3 · 5/4) = 3.2863 above, beyond which Student's law with three degrees of freedom
// has 0.02310. Of the distances 1, 2, 3, 2 the mean square is 4.5, times 5/4 over 4/3 it
// is 4.21875, and 6.7499 is 3.2863 of its roots: 0.04621 beyond on both sides.
func TestPrediction(t *testing.T) {
	r, ok := stat.Prediction(125, []float64{1, 8, 27, 8}, stat.PSI)
	if !ok || r.DF != 3 || r.Expected != 11 {
		t.Fatal(r, ok)
	}
	stattest.Near(t, "p", r.P, 0.02310, 5e-6)
	r, _ = stat.Prediction(math.Sqrt(125), []float64{1, math.Sqrt(8), math.Sqrt(27), math.Sqrt(8)}, stat.JS)
	stattest.Near(t, "p of roots", r.P, 0.02310, 5e-6)
	r, _ = stat.Prediction(3.2863353450309965*math.Sqrt(4.21875), []float64{1, 2, 3, 2}, stat.KS)
	stattest.Near(t, "p of a half", r.P, 2*0.023102545676663977, 1e-9)
	for _, dist := range []stat.Distance{stat.PSI, stat.JS, stat.KS} {
		if r, _ := stat.Prediction(1, []float64{1, 8, 27, 8}, dist); r.P < 0.5 {
			t.Error("nearer than usual:", r)
		}
		if r, _ := stat.Prediction(0, []float64{0, 0, 0, 0}, dist); r.P != 1 {
			t.Error("where it was:", r)
		}
		if r, _ := stat.Prediction(5, []float64{0, 0, 0, 0}, dist); !(r.P < 1e-6) || !(r.P > 0) {
			t.Error("further than parts that are all alike:", r)
		}
		if _, ok := stat.Prediction(5, []float64{1, 2, 3}, dist); ok {
			t.Error("three parts say nothing")
		}
	}
	stattest.Near(t, "part from the others", stat.Apart([][]float64{{3, 1}, {1, 1}, {0, 2}}, stat.KS)[0], 0.5, 1e-12)
}
