package baseline_test

import (
	"math"
	"testing"

	"pcapmill/model/baseline"
)

// TestHostsOfOneGroup: hosts that lie together in a file do not count for each other.
func TestHostsOfOneGroup(t *testing.T) {
	b := example(t)
	keys, err := b.Segments(baseline.Host)
	if err != nil || len(keys) < 2 {
		t.Fatal(keys, err)
	}
	for name, r := range map[string]reader{"baseline": b, "file": opened(t, saved(t))} {
		together, err := r.ProfilesWithin(math.MinInt32, math.MaxInt32, keys...)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range keys {
			alone, err := r.ProfilesWithin(math.MinInt32, math.MaxInt32, k)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := profileText(together[i]), profileText(alone[0]); got != want || together[i].Hosts != 1 {
				t.Errorf("%s: %v together with others:\n%s\nalone:\n%s", name, k, got, want)
			}
		}
	}
}
