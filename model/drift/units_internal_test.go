package drift

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

func near(t testing.TB, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

// A value of a test is its level.
var whole = baseline.Scale{Step: 0}

const hour = int64(nanosPerHour)

var someone = netip.MustParseAddr("10.0.0.1")

// viewOf calls do with the view of a host that had the values at the hours since Monday,
// 1970-01-05.
func viewOf(t testing.TB, hours []int, values []float64, do func(*baseline.HostView)) {
	t.Helper()
	table := baseline.Table{Name: "hosts", Features: []baseline.Feature{{Name: "f", Scale: whole}}}
	b, err := baseline.New(baseline.DefaultConfig(), table)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range hours {
		if err := b.Add(&baseline.Row{Start: since(h), Host: someone, Values: values[i : i+1]}); err != nil {
			t.Fatal(err)
		}
	}
	err = b.EachHost(context.Background(), func(v *baseline.HostView) error { do(v); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func since(h int) int64 { return (4*24 + int64(h)) * hour }

// nowOf are current windows of one host and feature.
func nowOf(hours []int, values []float64) (c *current, rows []int32) {
	c = &current{features: 1}
	for i, h := range hours {
		c.hosts, c.starts = append(c.hosts, someone), append(c.starts, since(h))
		c.values, rows = append(c.values, float32(values[i])), append(rows, int32(i))
	}
	return c, rows
}

// TestSlotsAreThoseOfAQuery of the baseline, whatever hours there are.
func TestSlotsAreThoseOfAQuery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SliceOfN(rapid.IntRange(0, 400), 1, 80).Draw(t, "hours")
		hours = append(hours, hours[:len(hours)/2]...)
		values := make([]float64, len(hours))
		for i := range values {
			values[i] = float64(rapid.IntRange(-9, 9).Draw(t, "value"))
		}
		asked := rapid.IntRange(0, 167).Draw(t, "asked")
		var r testing.T
		viewOf(&r, hours, values, func(v *baseline.HostView) {
			var s slots
			s.reset()
			cells := v.Cells(0)
			for i := range cells {
				s.add(&cells[i])
			}
			m := s.at(asked, moments{})
			a, ok := v.Query(0, asked)
			if !ok || float64(a.Observations) != m.n || math.Abs(a.Mean-m.mean()) > 1e-12 || math.Abs(a.Std-m.std()) > 1e-9 {
				t.Fatalf("%+v has mean %v and deviation %v, but a query says %+v, %v", m, m.mean(), m.std(), a, ok)
			}
		})
	})
}

// TestStep by hand. Monday 00 has 1 and 3, 01 has 5 and 7, 02 has 2, 4 and 6: seven values
// with the mean 4. Without its own windows each hour is compared with the other five or
// four, as no hour of the day has four: 2 with 24/5, 6 with 22/5... Now at 09 there are 8
// and 10, at 10 there is 7: all against 4, so that the step is 13/3, with the weight
// 1/(1/3 + 1/7).
func TestStep(t *testing.T) {
	c, rows := nowOf([]int{9, 9, 10}, []float64{8, 10, 7})
	viewOf(t, []int{0, 0, 1, 1, 2, 2, 2}, []float64{1, 3, 5, 7, 2, 4, 6}, func(v *baseline.HostView) {
		s := newStepper(sketch.Coarse)
		x, ok := s.of(v, 0, whole, c, rows)
		if !ok || x.now != 3 || x.before != 7 {
			t.Fatalf("%+v, %v", x, ok)
		}
		near(t, "step", x.step, 13.0/3, 1e-12)
		near(t, "center", x.center, 4, 1e-12)
		near(t, "weight", x.weight, 1/(1.0/3+1.0/7), 1e-12)
		near(t, "spread now", x.around.now, 2, 1e-12)
		near(t, "its degrees of freedom", x.around.nowDF, 1, 0)
		near(t, "spread before", x.around.before, 2+2+8, 1e-12)
		near(t, "its degrees of freedom", x.around.beforeDF, 4, 0)
		// Offsets 2 − 24/5, 6 − 16/5, 4 − 16/4.
		squares := 12.0
		for i, want := range []struct{ n, offset, level, others float64 }{{2, 2 - 4.8, -2, 5}, {2, 6 - 3.2, 2, 5}, {3, 0, 0, 4}} {
			h := x.hours[i]
			near(t, "offset", h.offset, want.offset, 1e-12)
			near(t, "level", h.level, want.level, 1e-12)
			near(t, "windows", h.n, want.n, 0)
			squares += want.n * want.offset * want.offset * want.others / (want.others + want.n)
		}
		near(t, "variance", x.variance, squares/7, 1e-12)
		for i, want := range []float64{5, 3} {
			near(t, "offset now", x.nowHours[i].offset, want, 1e-12)
			near(t, "level now", x.nowHours[i].level, want, 1e-12)
		}
	})
}

// TestStepTakesItsHour: where an hour of the day has four windows, it is what is usual then.
func TestStepTakesItsHour(t *testing.T) {
	c, rows := nowOf([]int{48, 57}, []float64{2, 100})
	viewOf(t, []int{0, 0, 24, 24, 9, 9, 33, 33}, []float64{1, 1, 3, 3, 50, 50, 70, 70}, func(v *baseline.HostView) {
		x, _ := newStepper(sketch.Coarse).of(v, 0, whole, c, rows)
		near(t, "step", x.step, (0+40)/2.0, 1e-12)
		near(t, "center", x.center, (2+60)/2.0, 1e-12)
		near(t, "weight", x.weight, 1/(1/2.0+1/4.0), 1e-12)
		// Without its own windows hour 00 of Monday has two of its hour, so all others count.
		near(t, "offset", x.hours[0].offset, 1-(6+240)/6.0, 1e-12)
	})
}

// TestVarianceOfStep: of independent windows with variance 9 in 500 samples, whatever hours
// they are in, the variance is 9 on average: no bias of what is left out.
func TestVarianceOfStep(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var hours []int
	for h := range 6 {
		for range 1 + h%3*2 {
			hours = append(hours, h)
		}
	}
	sum := 0.0
	const samples = 500
	c, rows := nowOf([]int{30}, []float64{0})
	for range samples {
		values := make([]float64, len(hours))
		for i := range values {
			values[i] = 100 * 3 * rng.NormFloat64() // so that levels are fine
		}
		viewOf(t, hours, values, func(v *baseline.HostView) {
			x, _ := newStepper(sketch.Coarse).of(v, 0, whole, c, rows)
			sum += x.variance / 1e4 / samples
		})
	}
	near(t, "variance", sum, 9, 0.5)
}

// TestWeightedT is Student's of one sample where all weigh the same, and takes no notice of
// how large that is.
func TestWeightedT(t *testing.T) {
	values := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2}
	mean, sd := gonum.MeanStdDev(values, nil)
	var s weighted
	for _, x := range values {
		s.add(2.5, x)
	}
	near(t, "mean", s.mean(), mean, 1e-12)
	near(t, "units", s.units(), 10, 1e-12)
	near(t, "t", s.t(), mean/(sd/math.Sqrt(10)), 1e-9)
	// Weights 1, 1, 2 of 0, 2, 4: mean 2.5, (1+1+4)² … 16/6 units.
	s = weighted{}
	s.add(1, 0)
	s.add(1, 2)
	s.add(2, 4)
	near(t, "mean of weights", s.mean(), 2.5, 1e-12)
	near(t, "units of weights", s.units(), 16.0/6, 1e-12)
	squares := (2.5*2.5 + 0.5*0.5 + 4*1.5*1.5) / 16
	near(t, "t of weights", s.t(), 2.5/math.Sqrt(squares*(16.0/6)/(16.0/6-1)), 1e-12)
	s = weighted{}
	s.add(1, 0)
	s.add(1, 0)
	near(t, "t of nothing", s.t(), 0, 0)
}

// TestSpreadsAddToNothing where hosts only differ in how much they vary.
func TestSpreadsAddToNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	tally := newTally(sketch.Coarse)
	for h := range 4000 {
		scale, s := math.Exp(rng.NormFloat64()), spread{hours: 4, nowDF: 5, beforeDF: float64(5 + h%11)}
		draw := func(df float64) float64 { return scale * distuv.ChiSquared{K: df, Src: rng}.Rand() }
		s.now, s.before = draw(s.nowDF), draw(s.beforeDF)
		tally.addSpread(&s)
	}
	near(t, "t", tally.spreads.t(), 0, 3)
	near(t, "hosts", tally.spreads.n, 4000, 0)
	still := spread{now: 1, before: 1, nowDF: 5, beforeDF: 5, hours: 4, still: 2}
	tally.addSpread(&still)
	near(t, "hosts that vary", tally.spreads.n, 4000, 0)
}

// TestRobustIsMedianAndMAD of the values, to within the bins they lie in.
func TestRobustIsMedianAndMAD(t *testing.T) {
	scale := baseline.Scale{Octaves: true}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 200).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		h := sketch.NewHistogram(sketch.Coarse)
		levels, all := make([]float64, n), moments{}
		for i := range levels {
			x := math.Trunc(1000 * math.Exp(rng.NormFloat64()))
			h.Add(x)
			levels[i] = float64(scale.Level(x))
			all.add(moments{1, levels[i], levels[i] * levels[i]})
		}
		var r robust
		center, std := r.of(&h, scale, all)
		slices.Sort(levels)
		// A bin has two levels, and an even number two values in the middle.
		const bin = 2.5
		if center < levels[(n-1)/2]-bin || center > levels[n/2]+bin {
			t.Fatalf("centre %v, but median %v to %v", center, levels[(n-1)/2], levels[n/2])
		}
		mad := make([]float64, n)
		for i, x := range levels {
			mad[i] = math.Abs(x - center)
		}
		slices.Sort(mad)
		deviation := 2 * math.Sqrt(all.around()/all.n)
		if low, high := madToStd*(mad[(n-1)/2]-bin), madToStd*(mad[n/2]+bin); std < min(low, deviation)-1e-9 || std > high {
			t.Fatalf("deviation %v, but MAD says %v to %v", std, low, high)
		}
	})
}

// TestUpper against sums of probabilities.
func TestUpper(t *testing.T) {
	for _, test := range []struct{ mean, variance float64 }{{3, 3}, {3, 9}, {0.5, 4}, {20, 21}} {
		below := 0.0
		for n := range 60 {
			near(t, fmt.Sprint("P(N ≥ ", n, ")"), upper(n, test.mean, test.variance), 1-below, 1e-9)
			below += negativeBinomial(n, test.mean, test.variance)
		}
	}
	near(t, "of nothing", upper(1, 0, 0), 0, 0)
	near(t, "at least nothing", upper(0, 0, 0), 1, 0)
}

// negativeBinomial is the probability of n, as product of its factors.
func negativeBinomial(n int, mean, variance float64) float64 {
	p := 1.0
	if variance == mean {
		p = math.Exp(-mean)
		for i := range n {
			p *= mean / float64(i+1)
		}
		return p
	}
	shape, q := mean*mean/(variance-mean), mean/variance
	p = math.Pow(q, shape)
	for i := range n {
		p *= (shape + float64(i)) / float64(i+1) * (1 - q)
	}
	return p
}

// TestExpected: in three hours 4, 1 and 1 hosts came that were there in no other one. In
// two hours (6.5/3)·2 are to be expected. The hours vary by 3 around 2, squares 4 + 1 + 1.
func TestExpected(t *testing.T) {
	p := population{hours: map[int64]*hourCount{5: {once: 4}, 6: {once: 1}, 9: {once: 1}}, known: 9, once: 6}
	mean, variance := p.expected(2)
	near(t, "mean", mean, 13.0/3, 1e-12)
	near(t, "variance", variance, max(13.0/3*(1+2.0/3), 2*3*(1+2.0/3)), 1e-12)
	if mean, variance := (&population{}).expected(2); mean != 0 || variance != 0 {
		t.Error("no hours say nothing:", mean, variance)
	}
	// Of four hours: hosts that were there in four, three and one.
	q := population{hours: map[int64]*hourCount{0: {}, 1: {}, 2: {}, 3: {}}}
	for i, hours := range []int32{4, 3, 1} {
		q.presence = append(q.presence, presence{someone, hours, i == 1})
	}
	absent, expected, _, gone := q.absences(2)
	near(t, "expected", expected, 0.1*0.1+0.3*0.3+0.7*0.7, 1e-12)
	if absent != 2 || len(gone) != 1 || gone[0].hours != 4 {
		t.Error(absent, gone)
	}
}

// TestDecide: of four findings one has too few windows and does not count, so the others
// are three; p-values of the group with two features are worth 3/2 of themselves. 0.01 is
// 0.03 of three, 0.02 · 3/2 is 0.045, 0.04 is 0.04 of itself and that of both before it.
func TestDecide(t *testing.T) {
	c := DefaultConfig()
	overlap := overlaps([]kind{{group: "a"}, {group: "b"}, {group: "b"}})
	findings := []finding{
		{group: "a", outcome: Same, p: 0.01, effect: -1.2, psi: 0.2, spread: 1},
		{group: "a", outcome: TooFew, p: 1, effect: 9, spread: 1},
		{group: "b", outcome: Same, p: 0.02, effect: 0.1, psi: 0.09, spread: 0.8},
		{group: "a", outcome: Same, p: 0.04, effect: 3, psi: 0.3, spread: 1},
	}
	for i := range findings {
		findings[i].sure = [questions]bool{i < 3, true, true} // the last one's mean is not
	}
	decide(findings, overlap, c)
	for i, want := range []struct {
		outcome  Outcome
		severity Severity
		adjusted float64
	}{{Drift, High, 0.03}, {TooFew, None, 0}, {TooSmall, None, 0.04}, {Drift, Medium, 0.04}} {
		x := findings[i]
		if x.outcome != want.outcome || x.severity != want.severity {
			t.Errorf("finding %d is %s, %v", i, x.outcome, x.severity)
		}
		near(t, "adjusted", x.adjusted, want.adjusted, 1e-12)
	}
}

// TestAnswers: of two questions with 0.01 and 0.2 the p-value is twice the least, and only
// the first is sure; the third has no answer.
func TestAnswers(t *testing.T) {
	x := finding{p: 1, outcome: TooFew}
	if !x.take([questions]answer{mean: {0.2, 3, true}, spreading: {0.01, 7, true}}, 0.05) {
		t.Fatal("two questions have an answer")
	}
	if x.p != 0.02 || x.df != 7 || x.test != "spread" || x.outcome != Same || x.sure != [questions]bool{spreading: true} {
		t.Errorf("%+v", x)
	}
	if x.take([questions]answer{}, 0.05) {
		t.Error("no question has an answer")
	}
	var a answer
	a.and(stat.Result{P: 0.3, DF: 5})
	a.and(stat.Result{P: 0.1, DF: 9})
	if a.p != 0.3 || a.df != 5 {
		t.Error("the larger p-value counts:", a)
	}
}

// TestGroupsOfBins: quarters of eight end with the second and fourth; a bin that is as
// large as two of them is one, and what is behind it goes on. No group is empty.
func TestGroupsOfBins(t *testing.T) {
	of, n := groupsOf(map[int16]float64{-3: 1, 0: 1, 2: 4, 5: 1, 9: 1}, 4)
	if want := map[int16]int{-3: 0, 0: 0, 2: 1, 5: 2, 9: 3}; n != 4 || !maps.Equal(of, want) {
		t.Error(of, n)
	}
	if of, n := groupsOf(map[int16]float64{7: 3}, 10); n != 1 || of[7] != 0 {
		t.Error("one bin is one group:", of, n)
	}
}
