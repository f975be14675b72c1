package drift_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/model/drift"
	"pcapmill/model/drift/stat/stattest"
)

// TestTheTableDecides: NetDNA prints its own example of 4.31 as critical, its table says
// high from 4 to 5.
func TestTheTableDecides(t *testing.T) {
	bands := drift.DefaultConfig().Index
	for index, want := range map[float64]drift.Severity{
		4.31: drift.High, 0: drift.None, 1.99: drift.None, 2: drift.Low, 2.99: drift.Low, 3: drift.Medium,
		3.6: drift.Medium, 3.99: drift.Medium, 4: drift.High, 4.99: drift.High, 5: drift.Critical, 1e9: drift.Critical,
	} {
		if got := bands.Of(index); got != want {
			t.Errorf("%v is %v, not %v", index, got, want)
		}
	}
}

func TestActions(t *testing.T) {
	for s, action := range map[drift.Severity]string{
		drift.None: "no action", drift.Low: "continue monitoring", drift.Medium: "add to watchlist",
		drift.High: "escalate to analyst", drift.Critical: "isolate and investigate",
	} {
		if s.Action() != action {
			t.Errorf("%v: %s", s, s.Action())
		}
		if again, err := drift.ParseSeverity(s.String()); err != nil || again != s {
			t.Error(s, again, err)
		}
	}
	text, err := json.Marshal(map[string]drift.Severity{"severity": drift.High})
	if err != nil || string(text) != `{"severity":"high"}` {
		t.Error(string(text), err)
	}
	var back map[string]drift.Severity
	if json.Unmarshal([]byte(`{"severity":"grave"}`), &back) == nil {
		t.Error("grave is no severity")
	}
}

// TestIndexByHand with the four deviations of NetDNA's example. Its index of 4.31 cannot
// come from equal weights, which make 3.6.
func TestIndexByHand(t *testing.T) {
	weights := drift.Weights{}
	var deviations []drift.Deviation
	for i, z := range []float64{3.2, -2.8, 4.9, 3.5} {
		f := drift.Feature{Name: string(rune('a' + i)), Step: 1}
		weights = append(weights, drift.Weight{Feature: f, Weight: 1})
		deviations = append(deviations, drift.Deviation{Feature: f, RobustZ: z})
	}
	x, ok := drift.IndexOf(deviations, weights)
	if !ok || x.Known != 1 || x.Deviations[0].Feature.Name != "c" {
		t.Fatal(x, ok)
	}
	stattest.Near(t, "index", x.Value, 3.6, 1e-12)
	stattest.Near(t, "share of the largest", x.Deviations[0].Share, 4.9/14.4, 1e-12)
	weights[2].Weight = 3
	x, _ = drift.IndexOf(deviations, weights)
	stattest.Near(t, "weighted", x.Value, (3.2+2.8+3*4.9+3.5)/6, 1e-12)
	x, _ = drift.IndexOf(deviations[2:], weights) // 4 of 6 are known
	stattest.Near(t, "of what is known", x.Value, (3*4.9+3.5)/4, 1e-12)
	stattest.Near(t, "known", x.Known, 4.0/6, 1e-12)
	if _, ok := drift.IndexOf(deviations[:2], weights); ok {
		t.Error("a third of the weights makes no index")
	}
	deviations[0].RobustZ = -1e9
	x, _ = drift.IndexOf(deviations, weights)
	stattest.Near(t, "bounded", x.Value, (20+2.8+3*4.9+3.5)/6, 1e-12)
	if deviations[0].Share != 0 {
		t.Error("the caller's deviations changed")
	}
}

// TestNoFeatureDecidesAlone: with all features known, the wildest one makes less than
// medium, and two of a group no more than it.
func TestNoFeatureDecidesAlone(t *testing.T) {
	weights, sum, byGroup := drift.DefaultWeights(), 0.0, map[string]float64{}
	for _, w := range weights {
		sum += w.Weight
		byGroup[w.Group] += w.Weight
		if !(w.Step > 0) || !(w.Weight > 0) {
			t.Error(w)
		}
	}
	stattest.Near(t, "all weights", sum, 14, 1e-12)
	for group, w := range byGroup {
		if index := 20 * w / sum; drift.DefaultConfig().Index.Of(index) >= drift.Medium {
			t.Errorf("%s alone makes %.2f", group, index)
		}
	}
}

// TestFeaturesAreColumns of the hosts table, which may be learned from.
func TestFeaturesAreColumns(t *testing.T) {
	features := map[string]bool{}
	for _, c := range host.HostsSchema().Columns {
		features[c.Name] = c.Role == column.Feature
	}
	for _, w := range drift.DefaultWeights() {
		if !features[w.Name] {
			t.Errorf("%s is no feature of hosts", w.Name)
		}
	}
}

// TestDeviate by hand: 8 9 10 11 12, three times each, has mean and median 10, squares 30
// around it, MAD 1.
func TestDeviate(t *testing.T) {
	f := drift.Feature{Name: "f", Step: 0.5}
	d, ok := drift.Deviate(f, slices.Repeat([]float64{12, 8, 10, 9, 11}, 3), 13)
	if !ok || d.Center != 10 || d.Value != 13 {
		t.Fatal(d, ok)
	}
	stattest.Near(t, "z", d.Z, 3/math.Sqrt(30.0/14), 1e-12)
	stattest.Near(t, "robust z", d.RobustZ, 3/1.4826, 1e-12)
	still := slices.Repeat([]float64{4}, 12)
	d, _ = drift.Deviate(f, still, 5)
	stattest.Near(t, "z by the floor", d.RobustZ, 2, 1e-12)
	stattest.Near(t, "both", d.Z, 2, 1e-12)
	f.Log = true
	d, _ = drift.Deviate(f, still, 4.45) // 9 steps of 0.5 become 9.9
	stattest.Near(t, "z of a factor", d.RobustZ, math.Log(9.9/9)/0.05, 1e-9)
	stattest.Near(t, "centre", d.Center, 4, 1e-12)
	if _, ok := drift.Deviate(f, still[:11], 5); ok {
		t.Error("11 windows are still warming up")
	}
}

// TestIndexOfUnchangedHosts: what a host's index is where nothing changed, by the number
// of windows of its baseline.
func TestIndexOfUnchangedHosts(t *testing.T) {
	n := stattest.Rounds(500, 50000)
	for _, windows := range []int{12, 18, 168} {
		rng, low, medium, sum := rand.New(rand.NewPCG(uint64(windows), 4)), 0, 0, 0.0
		for range n {
			x := indexOf(t, rng, windows, 0)
			sum += x
			low += one(x >= 2)
			medium += one(x >= 3)
		}
		t.Logf("%3d windows: mean %.2f, low or more %s, medium or more %s", windows, sum/float64(n), stattest.Share(low, n), stattest.Share(medium, n))
		if !stattest.Plausible(medium, n, 0.001) {
			t.Errorf("%d windows: medium %d times", windows, medium)
		}
		if x := indexOf(t, rng, windows, 5); drift.DefaultConfig().Index.Of(x) < drift.Medium {
			t.Errorf("%d windows: five deviations in every feature make %.2f", windows, x)
		}
	}
}

// indexOf draws a baseline of independent features and a window that lies so far off.
func indexOf(t *testing.T, rng *rand.Rand, windows int, off float64) float64 {
	t.Helper()
	weights := drift.DefaultWeights()
	var deviations []drift.Deviation
	for i := range weights {
		f := &weights[i].Feature
		f.Log, f.Step = false, 0.01
		baseline := make([]float64, windows)
		for j := range baseline {
			baseline[j] = rng.NormFloat64()
		}
		d, _ := drift.Deviate(*f, baseline, off+rng.NormFloat64())
		deviations = append(deviations, d)
	}
	x, ok := drift.IndexOf(deviations, weights)
	if !ok {
		t.Fatal("all features are known")
	}
	return x.Value
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
