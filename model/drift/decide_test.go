package drift_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"pcapmill/model/drift"
	"pcapmill/model/drift/stat"
	"pcapmill/model/drift/stat/stattest"
)

// TestDecide: of four findings one has too few windows and does not count, so the others
// are three; 0.01 · 3 / 1, 0.03 · 3 / 2, 0.04 · 3 / 3.
func TestDecide(t *testing.T) {
	c := drift.DefaultConfig()
	findings := []drift.Finding{
		{Outcome: drift.Same, P: 0.01, Effect: -1.2, PSI: 0.2},
		{Outcome: drift.TooFew, P: 1, Effect: 9},
		{Outcome: drift.Same, P: 0.03, Effect: 0.1, PSI: 0.09, Spread: -0.3},
		{Outcome: drift.Same, P: 0.04, Effect: 0.1, PSI: 0.3},
	}
	drift.Decide(findings, c)
	for i, want := range []struct {
		outcome  drift.Outcome
		severity drift.Severity
		adjusted float64
	}{
		{drift.Drift, drift.High, 0.03}, {drift.TooFew, drift.None, 0},
		{drift.TooSmall, drift.None, 0.04}, {drift.Drift, drift.Medium, 0.04},
	} {
		x := findings[i]
		if x.Outcome != want.outcome || x.Severity != want.severity {
			t.Errorf("finding %d is %s, %v", i, x.Outcome, x.Severity)
		}
		stattest.Near(t, "adjusted", x.Adjusted, want.adjusted, 1e-12)
	}
	if drift.Worst(findings) != drift.High || drift.Worst(nil) != drift.None {
		t.Error("the worst is", drift.Worst(findings))
	}
	c.Dependent = true // times 1 + 1/2 + 1/3
	drift.Decide(findings, c)
	stattest.Near(t, "under any dependence", findings[3].Adjusted, 0.04*11/6, 1e-12)
	if drift.Worst(findings) != drift.None {
		t.Error("more dependence, but", findings)
	}
}

// TestCompareSays which tests apply, and the same whatever the order of rows.
func TestCompareSays(t *testing.T) {
	c, f := drift.DefaultConfig(), drift.Feature{Name: "f", Step: 0.01}
	for _, test := range []struct {
		world
		tests []string
	}{
		{world{hosts: 1, windows: 30, same: true}, []string{"mean_by_window", "mean_welch", "spread_by_window", "spread_welch", "psi_by_window"}},
		{world{hosts: 20, windows: 200, same: true}, []string{"mean_by_host", "spread_by_host", "psi_by_host"}},
		{world{hosts: 20, windows: 500, same: true}, []string{"mean_by_host", "mean_by_window", "spread_by_host", "spread_by_window", "psi_by_host", "psi_by_window"}},
		{world{hosts: 1, windows: 3, same: true}, nil},
	} {
		b, k := test.sides(newRand(9), shifted(3))
		x := drift.Compare("s", f, b, k, c)
		var tests []string
		for _, e := range x.Evidence {
			tests = append(tests, e.Test)
		}
		if !slices.Equal(tests, test.tests) || (x.Outcome == drift.TooFew) != (tests == nil) {
			t.Errorf("%d hosts, %d windows: %v, %s", test.hosts, test.windows, tests, x.Outcome)
		}
		slices.Reverse(b)
		slices.Reverse(k)
		if again := drift.Compare("s", f, b, k, c); !reflect.DeepEqual(x, again) {
			t.Errorf("%+v\n%+v", x, again)
		}
	}
	if x := drift.Compare("s", f, nil, nil, c); x.Outcome != drift.TooFew || x.P != 1 {
		t.Error("nothing says", x)
	}
}

// TestConstantsThatDiffer: a feature that never varied, and is another now, is drift, and
// no number of it is infinite.
func TestConstantsThatDiffer(t *testing.T) {
	var b, k []stat.Point
	for i := range int64(30) {
		b = append(b, stat.Point{Host: "h", Window: i, Value: 5})
		k = append(k, stat.Point{Host: "h", Window: 50 + i, Value: 6})
	}
	findings := []drift.Finding{drift.Compare("s", drift.Feature{Name: "f", Step: 0.5}, b, k, drift.DefaultConfig())}
	drift.Decide(findings, drift.DefaultConfig())
	if x := findings[0]; x.Outcome != drift.Drift || x.Effect != 2 || x.Severity < drift.Critical {
		t.Errorf("%+v", x)
	}
	findings = []drift.Finding{drift.Compare("s", drift.Feature{Name: "f", Step: 0.5}, b, b, drift.DefaultConfig())}
	drift.Decide(findings, drift.DefaultConfig())
	if x := findings[0]; x.Outcome != drift.Same || x.P != 1 || x.PSI != 0 {
		t.Errorf("%+v", x)
	}
}

// TestTheseChangesAreAQuarter works out PSI over the deciles of a normal distribution.
func TestTheseChangesAreAQuarter(t *testing.T) {
	n := distuv.UnitNormal
	for name, cdf := range map[string]func(float64) float64{
		"moved":     func(x float64) float64 { return n.CDF(x - quarterShift) },
		"stretched": func(x float64) float64 { return n.CDF(x / quarterStretch) },
		"mixed": func(x float64) float64 {
			return (1-quarterShare)*n.CDF(x) + quarterShare*n.CDF((x-2)/0.3)
		},
	} {
		psi, below := 0.0, 0.0
		for i := 1; i <= 10; i++ {
			above := 1.0
			if i < 10 {
				above = cdf(n.Quantile(float64(i) / 10))
			}
			psi += (above - below - 0.1) * math.Log((above-below)/0.1)
			below = above
		}
		stattest.Near(t, "PSI of "+name, psi, 0.25, 1e-3)
	}
}

func TestConfig(t *testing.T) {
	if err := drift.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*drift.Config){
		"bands that fall":  func(c *drift.Config) { c.Index[2] = 1 },
		"bands of nothing": func(c *drift.Config) { c.PSI = drift.Bands{} },
		"NaN":              func(c *drift.Config) { c.Effect[0] = math.NaN() },
		"rate":             func(c *drift.Config) { c.FalseRate = 1 },
		"bins":             func(c *drift.Config) { c.Bins = 1 },
		"draws":            func(c *drift.Config) { c.Draws.Most = 10 },
	} {
		c := drift.DefaultConfig()
		if change(&c); c.Validate() == nil {
			t.Errorf("%s passes", what)
		}
	}
}
