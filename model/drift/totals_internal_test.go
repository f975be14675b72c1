package drift

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/features/sketch"
	"pcapmill/model/drift/stat"
)

// TestSumOf is that of the values behind a histogram, to within what a bin holds.
func TestSumOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 0, 100).Draw(t, "values")
		h, exact, most := sketch.NewHistogram(sketch.Coarse), 0.0, 0.0
		for _, v := range values {
			h.Add(float64(v))
			exact += float64(v)
			most += float64(v) * 2 * sketch.Coarse.RelativeError() * 1.13
		}
		if sum := sumOf(&h, true); math.Abs(sum-exact) > most {
			t.Fatalf("%v, but they come to %v", sum, exact)
		}
	})
	h := sketch.NewHistogram(sketch.Coarse)
	for _, v := range []float64{0, 1, 2, 3, 4, 5, 6, 7} { // bins of one number each
		h.Add(v)
	}
	near(t, "sum of small numbers", sumOf(&h, true), 28, 0)
	h = sketch.NewHistogram(sketch.Coarse)
	h.Add(8) // with 9 in a bin
	near(t, "a bin of two", sumOf(&h, true), 8.5, 0)
	near(t, "its middle", sumOf(&h, false), 9, 0)
	h.Add(1e300)
	h.Add(1e-300)
	if sum := sumOf(&h, false); math.IsInf(sum, 0) || math.IsNaN(sum) {
		t.Error("what is clamped comes to", sum)
	}
}

func totalOf(y, x int, hosts ...[sides]float64) *totaling {
	t := &totaling{y: y, x: x, windows: map[int64][2]float64{}}
	for _, z := range hosts {
		t.add(z)
	}
	return t
}

// TestAmount by hand. Three hosts had 30, 60 and 90 in 18 windows and have 20, 20 and 20 in
// 6: 10 a window, and so it was. With 40 each it is twice as much, but for half an event of
// the six windows.
func TestAmount(t *testing.T) {
	s := span{before: 18, now: 6, rhythm: 1, hours: 3}
	v := totalOf(0, -1, [sides]float64{20, 0, 30}, [sides]float64{20, 0, 60}, [sides]float64{20, 0, 90}).judge(s)
	if !v.ok || v.change != 0 || v.p != 1 || v.usual != 10 || v.seen != 10 {
		t.Errorf("%+v", v)
	}
	v = totalOf(0, -1, [sides]float64{40, 0, 30}, [sides]float64{40, 0, 60}, [sides]float64{40, 0, 90}).judge(s)
	half := 0.5 / 6
	near(t, "change", v.change, math.Log((20+half)/(10+half)), 1e-12)
	// Hosts differ by 40/(6·(20+half)) − 30/(18·(10+half)) and so on.
	squares, w, ww := 0.0, 0.0, 0.0
	for _, before := range []float64{30, 60, 90} {
		a, b := 40/(6*(20+half)), before/(18*(10+half))
		squares += (a - b) * (a - b)
		w += a + b
		ww += (a + b) * (a + b)
	}
	units := w * w / ww
	near(t, "degrees of freedom", v.df, units-1, 1e-12)
	statistic := v.change / math.Sqrt(squares*3/2+usualAmount*usualAmount*(1+1/3.0))
	near(t, "p", v.p, stat.TwoSided(statistic, units-1), 1e-12)
}

// TestAmountOfNothing: what never was is seen when many hosts have it.
func TestAmountOfNothing(t *testing.T) {
	var now [][sides]float64
	for range 30 {
		now = append(now, [sides]float64{10, 0, 0})
	}
	if v := totalOf(0, -1, now...).judge(span{before: 18, now: 6, rhythm: 1, hours: 3}); v.p > 1e-6 || v.change < 3 {
		t.Errorf("%+v", v)
	}
	for _, s := range []span{{}, {before: 18, rhythm: 1}, {now: 6, rhythm: 1, hours: 3}} {
		if v := totalOf(0, -1, now...).judge(s); v.ok {
			t.Errorf("nothing to compare with: %+v", v)
		}
	}
	if v := totalOf(0, -1).judge(span{before: 18, now: 6, rhythm: 1, hours: 3}); v.ok {
		t.Errorf("nobody did anything: %+v", v)
	}
}

// TestVarianceOfRatio against what ratios of the whole vary by when hosts are drawn anew:
// the delta method is to be right within a tenth.
func TestVarianceOfRatio(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const hosts, draws = 200, 2000
	side := func() (y, x float64) {
		x = math.Exp(0.5 * rng.NormFloat64())
		return x * (0.3 + 0.1*rng.NormFloat64()), x
	}
	var changes, squares, said float64
	for range draws {
		var z [][sides]float64
		for range hosts {
			ny, nx := side()
			by, bx := side()
			z = append(z, [sides]float64{ny, nx, by, bx})
		}
		total := totalOf(0, 1, z...)
		v := total.judge(span{before: 6, now: 6})
		changes += v.change
		squares += v.change * v.change
		half := 0.5 / min(total.sum[nowX], total.sum[beforeX])
		variance, units := total.between(v, total.sum[nowX], total.sum[beforeX], half)
		said += variance / draws
		if units < hosts/2 || units > hosts {
			t.Fatal("units:", units)
		}
	}
	mean := changes / draws
	exact := squares/draws - mean*mean
	near(t, "variance over that of draws", said/exact, 1, 0.1)
}

// TestTrend of an amount that doubles from window to window, and of one that does not.
func TestTrend(t *testing.T) {
	x := totalOf(0, -1)
	for i := range int64(6) {
		x.windows[600*i] = [2]float64{math.Exp2(float64(i)), 0}
	}
	from, to, grows := x.trend()
	near(t, "from", from, 1, 1e-9)
	near(t, "to", to, 32, 1e-9)
	if !grows {
		t.Error("32 times is growth")
	}
	for i, y := range []float64{5, 6, 5, 6, 5, 6} {
		x.windows[600*int64(i)] = [2]float64{y, 0}
	}
	if _, _, grows := x.trend(); grows {
		t.Error("up and down is no growth")
	}
}

// TestSpan: of three days with the hours 9 and 21, the same each day, the rhythm at 21 is
// what it is over all, and hours of a day do not vary; of two days they are taken as they come.
func TestSpan(t *testing.T) {
	j := &judge{courses: map[int]map[int64]float64{0: {}}, starts: []int64{21 * nanosPerHour}, hours: []int64{21}}
	p := &j.people[everybody]
	p.hours = map[int64]*hourCount{}
	for day := range int64(3) {
		for _, at := range []int64{9, 21} {
			p.hours[24*day+at] = &hourCount{windows: 6}
			j.courses[0][24*day+at] = 100 * float64(at)
		}
	}
	s := j.span(0)
	near(t, "rhythm", s.rhythm, 21/15.0, 1e-12)
	near(t, "spread", s.spread, 0, 1e-12)
	near(t, "degrees of freedom", s.df, 4, 0)
	near(t, "hours", s.hours, 3, 0)
	near(t, "windows", s.before, 36, 0)
	delete(p.hours, 48+9)
	delete(p.hours, 48+21)
	s = j.span(0)
	ln := math.Log(21.0/9) / 2
	near(t, "rhythm of two days", s.rhythm, 1, 0)
	near(t, "spread of two days", s.spread, math.Sqrt(4*ln*ln/3), 1e-12)
	near(t, "hours of two days", s.hours, 4, 0)
	j.courses[0] = nil
	if s := j.span(0); s.hours != 4 || s.df != 0 || s.rhythm != 1 {
		t.Errorf("four hours without anything: %+v", s)
	}
}
