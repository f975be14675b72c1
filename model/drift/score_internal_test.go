package drift

import (
	"testing"

	"pcapmill/model/baseline"
)

// TestNoGroupDecidesAlone: one at its bound of 20 makes at most 2.86, which is low.
func TestNoGroupDecidesAlone(t *testing.T) {
	sum, groups := 0.0, map[string]float64{}
	for _, w := range DefaultWeights() {
		sum += w.Weight
		groups[w.Group] += w.Weight
	}
	near(t, "sum of weights", sum, 14, 1e-12)
	for name, weight := range groups {
		if index := mostZ * weight / sum; index > 2.86 || DefaultConfig().Index.Of(index) > Low {
			t.Errorf("%s alone makes %v", name, index)
		}
	}
}

// scored are the scores of a host with one feature, of all the weight, that was from 98 to
// 102 in 30 windows and has these values now. Deviations are √2 and 1.4826 times 1.
func scored(t *testing.T, known float64, now ...float64) (Score, bool) {
	t.Helper()
	var hours []int
	var values []float64
	for i := range 30 {
		hours, values = append(hours, i), append(values, float64(98+i%5))
	}
	at := make([]int, len(now))
	for i := range at {
		at[i] = 200 + i
	}
	c, rows := nowOf(at, now)
	kinds := []kind{{name: "f", scale: whole, floor: 1}}
	weights := Weights{{Feature{Name: "f"}, known}}
	if known < 1 {
		weights = append(weights, Weight{Feature{Name: "g"}, 1 - known})
	}
	var score Score
	var ok bool
	viewOf(t, hours, values, func(v *baseline.HostView) {
		s := newScorer(kinds, weights)
		if !s.learn(v) {
			t.Fatal("30 windows are no warm-up")
		}
		score, ok = s.score(v, c, rows, DefaultConfig().Index)
	})
	return score, ok
}

// TestFourFifths of five windows or more must have an index for the host to have it.
func TestFourFifths(t *testing.T) {
	const far = 200 // more than 20 deviations
	for _, test := range []struct {
		far, near int
		severity  Severity
	}{
		{4, 0, None}, {5, 0, Critical}, {4, 1, None}, {5, 1, Critical}, {4, 2, None},
		{8, 2, None}, {9, 2, Critical}, {10, 1, Critical}, {16, 4, None}, {17, 4, Critical},
	} {
		var now []float64
		for range test.far {
			now = append(now, far)
		}
		for range test.near {
			now = append(now, 100)
		}
		score, ok := scored(t, 1, now...)
		if !ok || score.Severity != test.severity || *score.Peak != mostZ {
			t.Errorf("%d of %d windows: %+v, %v", test.far, test.far+test.near, score, ok)
		}
		// What it is called by is what four fifths have.
		reached := test.far
		if *score.Index < mostZ {
			reached += test.near
		}
		if 5*reached < 4*len(now) {
			t.Errorf("index %v of %d windows in %d", *score.Index, reached, len(now))
		}
	}
}

// TestDeviationIsTheSmaller of z and robust z. Levels around 100 have the deviation
// √(2·30/29), and about 1.4826 · 1.25 as half of the values of bins that are 96 to 112 wide
// cannot be told apart better than the standard deviation says.
func TestDeviationIsTheSmaller(t *testing.T) {
	score, _ := scored(t, 1, 110, 110, 110, 110, 110, 110)
	if len(score.Features) != 1 || score.Severity == None {
		t.Fatalf("%+v", score)
	}
	d := score.Features[0]
	near(t, "z", d.Z, 10/1.438389, 1e-5)
	near(t, "index", *score.Index, min(d.Z, d.RobustZ), 1e-12)
	near(t, "share", d.Share, 1, 1e-12)
	near(t, "known", score.Known, 1, 1e-12)
}

// TestUnknownFeatures count as no deviation, and with less than half of the weight there is
// no index.
func TestUnknownFeatures(t *testing.T) {
	score, ok := scored(t, 0.5, 200, 200, 200, 200, 200)
	if !ok || *score.Index != mostZ/2 || score.Known != 0.5 {
		t.Errorf("%+v, %v", score, ok)
	}
	if score, ok := scored(t, 0.49, 200, 200, 200, 200, 200); ok {
		t.Errorf("%+v", score)
	}
}

// TestWarmUp: eleven windows are too few.
func TestWarmUp(t *testing.T) {
	for n, want := range map[int]bool{leastBaseline - 1: false, leastBaseline: true} {
		viewOf(t, make([]int, n), make([]float64, n), func(v *baseline.HostView) {
			s := newScorer([]kind{{name: "f", scale: whole, floor: 1}}, Weights{{Feature{Name: "f"}, 1}})
			if s.learn(v) != want {
				t.Errorf("%d windows are enough: %v", n, !want)
			}
		})
	}
}
