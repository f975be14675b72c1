package drift

import (
	"hash/fnv"

	"pcapmill/model/drift/stat"
)

// Evidence is what one test says of one feature in one segment.
type Evidence struct {
	Test string // what is compared (mean, spread, psi) and how: _welch, _by_host, _by_window
	stat.Result
}

// Side is what windows of one side come to.
type Side struct {
	Windows int     // known values
	Center  float64 // mean of what Feature.scaled makes of them, in the feature's unit
}

// Finding is the verdict on one feature in one segment.
type Finding struct {
	Segment, Feature  string
	Baseline, Current Side
	Effect            float64 // Cohen's d of the mean, see stat.CohenD
	Spread            float64 // Cohen's d of what values deviate from their host's mean
	PSI               float64 // less what it comes to where nothing changed, at least 0
	Evidence          []Evidence
	P                 float64 // of all evidence together
	Adjusted          float64 // P for the number of findings it is one of; set by Decide
	Outcome           Outcome
	Severity          Severity // None but where Outcome is Drift
}

// Outcome of a comparison.
type Outcome string

// Outcomes.
const (
	TooFew   Outcome = "too_few"   // windows, to tell anything
	Same     Outcome = "same"      // nothing that chance does not do
	TooSmall Outcome = "too_small" // a change, but not one that matters
	Drift    Outcome = "drift"
)

// Compare tests one feature in one segment. Points need no order, and hold one value a
// host and window; windows without a value are left out. What it returns is complete but
// for what Decide sets; its Outcome is TooFew or Same.
func Compare(segment string, f Feature, baseline, current []stat.Point, c Config) Finding {
	b, k := stat.InOrder(f.scale(baseline)), stat.InOrder(f.scale(current))
	x := Finding{
		Segment: segment, Feature: f.Name, P: 1, Outcome: TooFew,
		Baseline: f.side(b), Current: f.side(k),
	}
	effect, ok := stat.CohenD(b, k, f.floor())
	if !ok {
		return x
	}
	x.Effect = effect
	draws := c.Draws
	draws.Seed = seed(draws.Seed, segment, f.Name)
	mean, ok := x.level("mean", b, k, draws)
	if !ok {
		return x
	}
	db, dk := stat.Deviations(b, k)
	x.Spread, _ = stat.CohenD(db, dk, f.floor())
	spread, _ := x.level("spread", db, dk, draws)
	shape := x.shape(b, k, stat.Cuts(append(stat.Values(b), stat.Values(k)...), c.Bins), draws)
	x.P, x.Outcome = min(1, questions*min(mean, spread, shape)), Same
	return x
}

// questions asked of a feature: mean, spread, shape. The least of their p-values, times
// their number, is the feature's.
const questions = 3

// level tests means, and returns the largest p-value of the ways that apply: it is valid
// as long as one of them is right about what is independent. It is false where neither
// hosts nor windows are enough.
func (x *Finding) level(what string, b, k []stat.Point, d stat.Draws) (p float64, ok bool) {
	byHost, hosts := stat.ByHost(b, k, d)
	byWindow, windows := stat.ByWindow(b, k, d)
	windows = windows && !(hosts && byWindow.Windows < enoughWindows)
	p = max(x.take(what+"_by_host", byHost, hosts), x.take(what+"_by_window", byWindow, windows))
	if !hosts && windows {
		welch, ok := stat.Welch(stat.Values(b), stat.Values(k))
		p = max(p, x.take(what+"_welch", welch, ok))
	}
	return p, hosts || windows
}

// enoughWindows of the shorter side is what it takes to learn how much windows resemble
// those before them. With fewer, hosts alone are asked where there are enough of them:
// then nothing says whether all hosts changed for a passing reason.
const enoughWindows = 20

// shape tests the distribution likewise, by PSI against what units of both sides differ
// by. PSI is the least excess over what was to be expected that any way saw.
func (x *Finding) shape(b, k []stat.Point, cuts []float64, d stat.Draws) float64 {
	byHost, hosts := stat.DistanceByHost(b, k, cuts, stat.PSI, d)
	byWindow, windows := stat.DistanceByWindow(b, k, cuts, stat.PSI, d)
	windows = windows && !(hosts && byWindow.Windows < enoughWindows)
	p := max(x.take("psi_by_host", byHost, hosts), x.take("psi_by_window", byWindow, windows))
	switch {
	case hosts && windows:
		x.PSI = max(0, min(byHost.Statistic-byHost.Expected, byWindow.Statistic-byWindow.Expected))
	case hosts:
		x.PSI = max(0, byHost.Statistic-byHost.Expected)
	case windows:
		x.PSI = max(0, byWindow.Statistic-byWindow.Expected)
	default:
		return 1
	}
	return p
}

// take notes what a test says where it applies, and returns its p-value, else 0.
func (x *Finding) take(test string, r stat.Result, ok bool) float64 {
	if !ok {
		return 0
	}
	x.Evidence = append(x.Evidence, Evidence{test, r})
	return r.P
}

// scale returns the points with scaled values.
func (f Feature) scale(points []stat.Point) []stat.Point {
	scaled := make([]stat.Point, len(points))
	for i, p := range points {
		scaled[i] = stat.Point{Host: p.Host, Window: p.Window, Value: f.scaled(p.Value)}
	}
	return scaled
}

// side sums up scaled values.
func (f Feature) side(points []stat.Point) Side {
	s := Side{Windows: len(points)}
	sum := 0.0
	for _, p := range points {
		sum += p.Value
	}
	if s.Windows > 0 {
		s.Center = f.unscaled(sum / float64(s.Windows))
	}
	return s
}

// seed of the draws for one feature in one segment, so that no finding depends on which
// others are made.
func seed(base uint64, segment, feature string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(segment))
	h.Write([]byte{0})
	h.Write([]byte(feature))
	return h.Sum64() ^ base
}
