package stat

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// remembering draws a series of so many hours a side.
func remembering(rng *rand.Rand, phi float64, hours int64) Series {
	var s Series
	x := rng.NormFloat64()
	for i := range 2 * hours {
		p := Point{Window: i, Value: x, Weight: 6}
		x = phi*x + math.Sqrt(1-phi*phi)*rng.NormFloat64()
		if i < hours {
			s.Baseline = append(s.Baseline, p)
		} else {
			p.Value += 3
			s.Current = append(s.Current, p)
		}
	}
	return s
}

// TestMemoriesByHand: four series of six pairs each, that have nothing in common, with
// estimates of -0.1, 0.1, 0.3 and 0.5.
func TestMemoriesByHand(t *testing.T) {
	own := []estimated{{-0.1, 6}, {0.1, 6}, {0.3, 6}, {0.5, 6}}
	p := pooled{alike: 0.25}
	p.fit(own, weightsOf(own))
	// Mean 0.2; their squares around it are 0.09, 0.01, 0.01, 0.09, together 0.2 of 3 degrees
	// of freedom; chance makes (1-0.04)/6 = 0.16.
	v, tau := 0.16, 0.2/3*(1+math.Sqrt(2.0/3))-0.16
	if p.tau != max(0, tau) || math.Abs(p.mean-0.2) > 1e-12 {
		t.Errorf("%+v", p)
	}
	// With twenty times the pairs the same estimates differ by more than chance.
	for i := range own {
		own[i].pairs = 120
	}
	p = pooled{alike: 0.25}
	p.fit(own, weightsOf(own))
	v /= 20
	tau = 0.2/3*(1+math.Sqrt(2.0/3)) - v
	k := tau / (tau + v)
	want := Memory{0.2 - 0.3*k, k*v + (1-k)*(1-k)*v/4}
	if m := p.memory(own[0]); math.Abs(m.phi-want.phi) > 1e-12 || math.Abs(m.variance-want.variance) > 1e-12 {
		t.Errorf("%+v, not %+v", m, want)
	}
	if m := p.memory(estimated{}); m != (Memory{}) {
		t.Error("a series too short to tell remembers nothing:", m)
	}
}

// TestMemoriesKnowMore: of fifty series with the same φ each is estimated better by all than
// by itself, and the variance that is given is about what the error is.
func TestMemoriesKnowMore(t *testing.T) {
	for _, phi := range []float64{0, 0.5, 0.8} {
		rng := rand.New(rand.NewPCG(1, 2))
		var single, together, given float64
		const rounds, n = 20, 50
		for range rounds {
			all := make([]Series, n)
			for i := range all {
				all[i] = remembering(rng, phi, 33)
			}
			for i, m := range Memories(all) {
				one := Memories(all[i : i+1])[0]
				single += (one.phi - phi) * (one.phi - phi) / rounds / n
				together += (m.phi - phi) * (m.phi - phi) / rounds / n
				given += m.variance / rounds / n
			}
		}
		if together > 0.5*single || given < 0.8*together {
			t.Errorf("φ %v: error² %.4f alone, %.4f together, said to be %.4f", phi, single, together, given)
		}
	}
}

// TestTheOneThatRemembers among many that do not keeps most of its φ.
func TestTheOneThatRemembers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		all := []Series{remembering(rng, 0.8, 33)}
		for len(all) < 50 {
			all = append(all, remembering(rng, 0, 33))
		}
		one, m := Memories(all[:1])[0], Memories(all)[0]
		if m.phi < one.phi-mostDrawn*math.Sqrt(1.0/64) {
			t.Errorf("φ of %.2f became %.2f", one.phi, m.phi)
		}
	}
}

// TestCopiesKnowNoMore: fifty views of one thing are one, and so are two series.
func TestCopiesKnowNoMore(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	s := remembering(rng, 0.3, 33)
	one, copies := Memories([]Series{s})[0], make([]Series, 50)
	for i := range copies {
		copies[i] = s
	}
	for _, all := range [][]Series{copies, {s, remembering(rng, 0.9, 33)}} {
		if m := Memories(all)[0]; m != one {
			t.Errorf("of %d: %+v, not %+v", len(all), m, one)
		}
	}
}

// TestLikeness: two series of three windows that are one another's opposite, and one that
// has nothing to do with them, because it is of other windows or at right angles.
func TestLikeness(t *testing.T) {
	a := [2][]residual{{{1, -1}, {2, 0}, {3, 1}}}
	b := [2][]residual{{{1, 2}, {2, 0}, {3, -2}}}
	weights := []float64{0.25, 0.25, 0.5}
	for _, c := range [][2][]residual{{{{7, -1}}, {{9, 1}}}, {{{1, 1}, {2, -2}, {3, 1}}}} {
		if got := likeness([][2][]residual{a, b, c}, weights); math.Abs(got-0.5) > 1e-12 {
			t.Error(got)
		}
	}
	if got := likeness(nil, nil); got != 1 {
		t.Error("nothing to compare:", got)
	}
}

// TestMemoriesArePlausible whatever the values, and do not depend on the order of points.
func TestMemoriesArePlausible(t *testing.T) {
	point := rapid.Custom(func(t *rapid.T) Point {
		return Point{
			Window: rapid.Int64Range(-5, 40).Draw(t, "window"),
			Value:  rapid.SampledFrom([]float64{0, 1, -1, 0.1, 3, 1e-100, 1e100, -1e100, 1e9}).Draw(t, "value"),
			Weight: rapid.SampledFrom([]float64{0.5, 1, 6, 1e6}).Draw(t, "weight"),
		}
	})
	side := rapid.SliceOfN(point, 0, 60)
	rapid.Check(t, func(t *rapid.T) {
		var all, again []Series
		for range rapid.IntRange(0, 6).Draw(t, "series") {
			s := Series{side.Draw(t, "baseline"), side.Draw(t, "current")}
			all = append(all, s)
			again = append(again, Series{rapid.Permutation(s.Baseline).Draw(t, "b"), rapid.Permutation(s.Current).Draw(t, "c")})
		}
		second := Memories(again)
		for i, m := range Memories(all) {
			if m != second[i] {
				t.Fatalf("%+v in one order, %+v in another", m, second[i])
			}
			if !(m.cautious() >= 0 && m.cautious() <= memoryMost && m.variance >= 0 && m.variance <= 1) {
				t.Fatalf("%+v", m)
			}
		}
	})
}
