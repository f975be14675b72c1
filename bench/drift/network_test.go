package drift_test

import (
	"math"
	"testing"

	"pcapmill/bench/drift"
	"pcapmill/bench/traffic"
)

// TestNetworks: there are as many hours of each kind as promised, each in a place of its
// own, behind the references.
func TestNetworks(t *testing.T) {
	kinds, names := map[traffic.ChangeKind]int{}, map[string]bool{}
	for _, n := range drift.Networks(drift.DefaultSize()) {
		if _, err := traffic.NewNetwork(n.Config); err != nil {
			t.Errorf("%s: %v", n.Name, err)
		}
		last, references := -1, 0
		for _, h := range n.Hours {
			if name := n.Name + "/" + h.Name(); names[name] {
				t.Errorf("two hours are named %s", name)
			} else {
				names[name] = true
			}
			switch {
			case h.Reference && h.Index <= last, !h.Reference && h.Index < last:
				t.Errorf("%s: hour %d comes behind hour %d", n.Name, h.Index, last)
			case h.Reference:
				references++
			default:
				kinds[h.Change.Kind]++
			}
			last = h.Index
			if n.Group != "week" && h.Index%24 == 2 {
				t.Errorf("%s has the hour of the night's backup", n.Name)
			}
			if n.Group == "daily" && h.Index/24%7 >= 5 {
				t.Errorf("%s has hour %d, of a weekend", n.Name, h.Index)
			}
		}
		if want := map[bool]int{true: 168, false: 3}[n.Group == "week"]; references != want {
			t.Errorf("%s has %d reference hours, want %d", n.Name, references, want)
		}
	}
	for k := range traffic.NumChanges {
		want := 40
		if k == traffic.Unchanged {
			want = 480
		}
		if kinds[k] != want {
			t.Errorf("%d hours of kind %s, want %d", kinds[k], k, want)
		}
	}
}

// TestInterval compares with the exact intervals in table I of Newcombe (Statistics in
// Medicine 17, 1998).
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		share       drift.Share
		least, most float64
	}{
		{drift.Share{N: 81, Of: 263}, 0.2527, 0.3676},
		{drift.Share{N: 15, Of: 148}, 0.0578, 0.1617},
		{drift.Share{N: 0, Of: 20}, 0, 0.1684},
		{drift.Share{N: 1, Of: 29}, 0.0009, 0.1776},
	} {
		least, most := c.share.Interval()
		if math.Abs(least-c.least) > 5e-5 || math.Abs(most-c.most) > 5e-5 {
			t.Errorf("%v: %.4f to %.4f, want %.4f to %.4f", c.share, least, most, c.least, c.most)
		}
	}
}
