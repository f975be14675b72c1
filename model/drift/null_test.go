package drift_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"pcapmill/bench/sharedtest"
	"pcapmill/model/drift"
	"pcapmill/model/drift/stat/stattest"
)

// 200 windows a side, as the figures ask, but for an hour after three.
var (
	independent = world{name: "independent", hosts: 1, before: 200, now: 200}
	remembering = world{name: "one host, φ 0.5", hosts: 1, before: 200, now: 200, memory: 0.5}
	persistent  = world{name: "one host, φ 0.8", hosts: 1, before: 200, now: 200, memory: 0.8}
	skewed      = world{name: "lognormal, φ 0.3", hosts: 1, before: 200, now: 200, memory: 0.3, skewed: true}
	crowd       = world{name: "20 hosts, independent", hosts: 20, before: 10, now: 10}
	clustered   = world{name: "20 hosts, φ 0.5", hosts: 20, before: 10, now: 10, memory: 0.5, ofHost: 0.3}
	anHour      = world{name: "an hour after three, 20 hosts, φ 0.5", hosts: 20, before: 18, now: 6, memory: 0.5, ofHost: 0.3}
	correlated  = world{name: "one host, φ 0.5, features that correlate by 0.8", hosts: 1, before: 200, now: 200, memory: 0.5, alike: 0.8}
	heavy       = world{name: "one host, φ 0.5, heavy tails", hosts: 1, before: 200, now: 200, memory: 0.5, heavy: true}
	uneven      = world{name: "one host, one feature in ten with φ 0.8", hosts: 1, before: 200, now: 200, memory: 0.8, mixed: true}
	many        = world{name: "200 hosts, a window each", hosts: 200, before: 1, now: 1, ofHost: 0.3}
)

// TestNoFalseFindings compares samples of one distribution, 50 features at a time. Where
// nothing changed every item is false, so the false discovery rate is the share of rounds
// with one.
func TestNoFalseFindings(t *testing.T) {
	rate := drift.DefaultConfig().FalseRate
	for _, w := range []world{independent, remembering, persistent, skewed, crowd, clustered, anHour, correlated, heavy, uneven, many} {
		t.Run(w.name, func(t *testing.T) {
			n := stattest.Rounds(4, 1000/max(1, w.hosts/50))
			s := simulate(t, w, n, 0, unchanged)
			t.Logf("false discovery rate %s, by p-values alone %s; %v", stattest.Share(s.anyFalse, n), stattest.Share(s.anySmall, n), s.byLayer)
			if !stattest.Plausible(s.anySmall, n, rate) || sharedtest.Accept() && n == 1000 && float64(s.anyFalse) > rate*float64(n) {
				t.Errorf("false items in %d of %d rounds, %d with those of no size", s.anyFalse, n, s.anySmall)
			}
		})
	}
}

// A normal distribution that moves by 0.513, is stretched by 1.596, or has 21.4 % of its
// values replaced by some around 2 has a PSI of 0.25 over its ten deciles, as worked out
// by TestTheseChangesAreAQuarter.
const (
	quarterShift   = 0.5128
	quarterStretch = 1.5965
	quarterShare   = 0.2144
)

// TestPower finds changes of a standard deviation and of PSI 0.25, when one and when ten
// of the 50 features changed: the fewer did, the smaller a p-value must be.
func TestPower(t *testing.T) {
	const least = 0.9
	for _, test := range []struct {
		world
		what    string
		to      change
		changed int
		must    bool
	}{
		{independent, "1 sd", shifted(1), 1, true},
		{independent, "PSI 0.25, moved", shifted(quarterShift), 1, true},
		{independent, "PSI 0.25, stretched", scaled(quarterStretch), 1, true},
		{independent, "PSI 0.25, moved", shifted(quarterShift), 10, true},
		{independent, "PSI 0.25, stretched", scaled(quarterStretch), 10, true},
		{remembering, "1 sd", shifted(1), 1, true},
		{remembering, "1 sd", shifted(1), 10, true},
		{crowd, "1 sd", shifted(1), 1, true},
		{clustered, "1 sd", shifted(1), 1, true},
		{clustered, "1 sd", shifted(1), 10, true},
		{anHour, "1 sd", shifted(1), 1, true},
		{many, "1 sd", shifted(1), 1, true},
		// What is less sure: changes of shape alone, windows that resemble one another, so that
		// 200 are worth fewer, and few hours, of which it is believed that they lie apart.
		{independent, "PSI 0.25, mixed", replaced(quarterShare), 1, false},
		{independent, "PSI 0.25, mixed", replaced(quarterShare), 10, false},
		{remembering, "PSI 0.25, moved", shifted(quarterShift), 10, false},
		{remembering, "PSI 0.25, stretched", scaled(quarterStretch), 10, false},
		{persistent, "1 sd", shifted(1), 10, false},
		{crowd, "PSI 0.25, moved", shifted(quarterShift), 10, false},
		{crowd, "PSI 0.25, stretched", scaled(quarterStretch), 10, false},
		{clustered, "PSI 0.25, moved", shifted(quarterShift), 10, false},
		{clustered, "PSI 0.25, stretched", scaled(quarterStretch), 10, false},
	} {
		t.Run(test.name+", "+test.what, func(t *testing.T) {
			if !sharedtest.Accept() && !(test.must && test.changed == 10) {
				t.Skip("runs under PCAPMILL_ACCEPT=1")
			}
			n := stattest.Rounds(2, 1000/test.changed/max(1, test.hosts/50))
			s := simulate(t, test.world, n, test.changed, test.to)
			t.Logf("%d of 50 changed: power %s, mean share of false items %.4f", test.changed, stattest.Share(s.found, s.changed), s.falseShare/float64(n))
			if power := float64(s.found) / float64(s.changed); test.must && (sharedtest.Accept() && power < least || power < least-0.15) {
				t.Errorf("power %.3f", power)
			}
			if rate := drift.DefaultConfig().FalseRate; sharedtest.Accept() && n > 20 && s.falseShare > rate*float64(n) {
				t.Errorf("%.3f of the items are false", s.falseShare/float64(n))
			}
		})
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
		near(t, "PSI of "+name, psi, 0.25, 1e-3)
	}
}
