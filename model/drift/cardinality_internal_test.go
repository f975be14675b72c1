package drift

import (
	"math/rand/v2"
	"testing"
)

// TestExpectedKeys by hand: of four pairs two are of keys that came once, so half of four
// further ones are of new keys; the key with half of the pairs has a quarter of the draws.
func TestExpectedKeys(t *testing.T) {
	want := 4*0.5 + (1 - 0.75*0.75*0.75*0.75) + 2*(1-0.875*0.875*0.875*0.875)
	near(t, "expected", expectedKeys([]int32{2, 1, 1}, 4), want, 1e-12)
	near(t, "of one key", expectedKeys([]int32{7}, 3), 1, 1e-9)
	near(t, "of none", expectedKeys(nil, 3), 0, 0)
	near(t, "no pairs", expectedKeys([]int32{3, 1}, 0), 0, 0)
}

// TestExpectedKeysOfDraws: as many keys as independent draws from a long tail have, to a
// tenth, drawn anew.
func TestExpectedKeysOfDraws(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) map[int]int32 {
		keys := map[int]int32{}
		for range n {
			keys[int(1/(1e-4+rng.Float64()))]++
		}
		return keys
	}
	var before []int32
	for _, n := range draw(3000) {
		before = append(before, n)
	}
	seen := 0.0
	for range 20 {
		seen += float64(len(draw(1000))) / 20
	}
	near(t, "keys", expectedKeys(before, 1000), seen, 0.1*seen)
}

// TestCardinality: a number of keys is said to differ by its factor, where it is no handful
// and more than chance.
func TestCardinality(t *testing.T) {
	for _, test := range []struct {
		now      int
		expected float64
		severity Severity
	}{
		{120, 100, None}, {135, 100, None}, {145, 100, Low}, {180, 100, Medium}, {300, 100, High},
		{20, 100, Critical}, {19, 10, None}, {25, 10, High}, {100, 100, None}, {0, 100, Critical},
	} {
		j := &judge{c: DefaultConfig()}
		v := valueVerdict{category: &category{name: "peer", hosts: 10}, keysNow: test.now, keysExpected: test.expected}
		if x, ok := j.cardinality(&v); ok != (test.severity > None) || x.Severity != test.severity {
			t.Errorf("%d keys for %v: %+v, %v", test.now, test.expected, x, ok)
		}
		v.category.inexact = true
		if _, ok := j.cardinality(&v); ok {
			t.Error("keys that are not all known are counted")
		}
	}
}
