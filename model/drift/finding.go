package drift

import (
	"errors"
	"hash/fnv"
	"math"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

// Outcome of a comparison.
type Outcome string

// Outcomes.
const (
	TooFew   Outcome = "too_few"   // windows or hosts, to tell anything
	Same     Outcome = "same"      // nothing that chance does not do
	TooSmall Outcome = "too_small" // a change, but not one that matters
	Drift    Outcome = "drift"
	Gated    Outcome = "gated" // a change, but the capture lost so much that it proves nothing
)

// finding is the verdict on one feature in one segment.
type finding struct {
	segment      baseline.Key
	feature      int
	group        string  // features of one group overlap
	effect       float64 // mean of hosts' steps, in standard deviations of windows
	spread       float64 // standard deviation now over that before
	psi          float64 // less what it comes to where nothing changed, at least 0
	usualPSI     float64
	center, step float64 // levels: what is usual, and what is added now
	before, now  uint64  // windows
	hosts        int
	p, adjusted  float64
	outcome      Outcome
	severity     Severity
	test         string // of the least p-value
	df           float64
	distances    distances
	movers       []mover
	sure         [questions]bool // which questions have a small p-value of their own
}

// The questions asked of a feature. The least of their p-values, times their number, is
// the feature's.
const (
	mean = iota
	spreading
	shape
	questions
)

var questionNames = [questions]string{"mean", "spread", "shape"}

// What is believed of the hours of a network as long as a baseline has few of them: all
// hosts together move by usualMean standard deviations of windows, and the deviation from
// the mean of the hour by usualSpread in the logarithm. It counts as priorWindows hours.
const (
	usualMean    = 0.16
	usualSpread  = 0.1
	priorWindows = 20
)

// leastUnits of hosts are needed for a t-test over them, leastHours of a baseline for one
// over hours.
const (
	leastUnits = 7
	leastHours = stat.LeastHours
)

// judge asks the questions. floor is the least standard deviation, in levels; memories say
// how much hours resemble those before them.
func (t *tally) judge(segment baseline.Key, feature string, floor float64, hours courses, m memories, c Config) finding {
	x := finding{
		segment: segment, p: 1, outcome: TooFew, before: t.before, now: t.now, hosts: int(t.steps.n),
		spread: 1, movers: t.movers, center: t.center / t.steps.w, step: t.steps.mean(),
	}
	std := max(floor, math.Sqrt(t.variance/t.steps.w))
	x.effect = x.step / std
	if t.around.nowDF > 0 && t.around.beforeDF > 0 {
		before, now := math.Sqrt(t.around.before/t.around.beforeDF), math.Sqrt(t.around.now/t.around.nowDF)
		x.spread = max(floor, now) / max(floor, before)
	}
	draws := c.Draws
	draws.Seed = seed(draws.Seed, string(segment), feature)
	var answers [questions]answer
	answers[mean] = ask(&t.steps, len(hours.before), func() (stat.Result, bool) {
		return hours.meansByHour(m[mean], stat.Prior{Spread: usualMean * std, Hours: priorWindows}, draws)
	})
	answers[spreading] = ask(&t.spreads, len(hours.before.spreads()), func() (stat.Result, bool) {
		return hours.spreadsByHour(m[spreading], stat.Prior{Spread: usualSpread, Hours: priorWindows}, draws)
	})
	if hours.before.covers(hours.now) {
		answers[shape] = x.askShape(t.pairs, c.Bins, draws)
	}
	x.take(answers, c.FalseRate)
	return x
}

// answer is what the tests of a question say.
type answer struct {
	p, df float64
	ok    bool
}

// and takes another test: the larger p-value is valid as long as one of them is right about
// what is independent.
func (a *answer) and(r stat.Result) {
	if !a.ok || r.P > a.p {
		a.p, a.df = r.P, r.DF
	}
	a.ok = true
}

// ask tests means over hosts and over hours.
func ask(hosts *weighted, hours int, byHour func() (stat.Result, bool)) (a answer) {
	if hosts.n > 0 && hosts.units() >= leastUnits {
		r := stat.Result{Statistic: hosts.t(), DF: hosts.units() - 1}
		r.P = stat.TwoSided(r.Statistic, r.DF)
		a.and(r)
	}
	if !a.ok && hours < leastHours {
		return a
	}
	if r, ok := byHour(); ok {
		a.and(r)
	}
	return a
}

// askShape tests the distribution by PSI against what hosts differ by. Its size is what it
// has beyond the PSI of a mean that moved, about the square of the effect: that is the
// mean's question, which knows how hours differ.
func (x *finding) askShape(pairs []pair, bins int, d stat.Draws) (a answer) {
	if !stat.EnoughPairs(len(pairs)) {
		return a
	}
	before, now := grouped(pairs, bins)
	r := stat.SwapCounts(before, now, d)
	x.usualPSI = r.Expected
	x.psi = max(0, r.Statistic-x.usualPSI-x.effect*x.effect)
	a.and(r)
	return a
}

// take makes one p-value of those of the questions: the least, times their number, which is
// one more where a host is alone. Where none has an answer it leaves the finding as it is.
func (x *finding) take(answers [questions]answer, rate float64) {
	asked := 0.0
	for _, a := range answers {
		if a.ok {
			asked++
		}
	}
	if asked == 0 {
		return
	}
	if x.hosts == 1 {
		asked++ // its mean is asked of the host by itself, too
	}
	x.outcome = Same
	for q, a := range answers {
		if !a.ok {
			continue
		}
		p := min(1, a.p*asked)
		x.sure[q] = p <= rate
		if p < x.p {
			x.p, x.df, x.test = p, a.df, questionNames[q]
		}
	}
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

// distances of the baseline's and the current histogram, of the hosts whose shape was
// looked at.
type distances struct{ psi, js, ks, w1 *sketch.Bounded }

// measured leaves out what is not defined, as for a side without values.
func measured(pairs []pair, groups int) (d distances) {
	if len(pairs) == 0 {
		return d
	}
	precision := pairs[0].before.Precision()
	usual, seen := sketch.NewHistogram(precision), sketch.NewHistogram(precision)
	before, now := &usual, &seen
	for i := range pairs {
		if errors.Join(before.Merge(&pairs[i].before), now.Merge(&pairs[i].now)) != nil {
			return d
		}
	}
	if before.Count() == 0 || now.Count() == 0 {
		return d
	}
	if x, err := sketch.PSI(before, now, groups); err == nil {
		d.psi = &x
	}
	if x, err := sketch.JensenShannon(before, now, groups); err == nil {
		d.js = &x
	}
	if x, err := sketch.KS(before, now); err == nil {
		d.ks = &x
	}
	if x, err := sketch.Wasserstein(before, now); err == nil {
		if std, ok := before.Std(); ok {
			if per, err := x.Per(std); err == nil {
				d.w1 = &per
			}
		}
	}
	return d
}

func distanceOf(b *sketch.Bounded) *Distance {
	if b == nil {
		return nil
	}
	d := &Distance{Value: b.Value}
	if !math.IsInf(b.Low, 0) {
		d.Low = &b.Low
	}
	if !math.IsInf(b.High, 0) {
		d.High = &b.High
	}
	return d
}
