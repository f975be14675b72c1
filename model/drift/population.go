package drift

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// population counts hosts by the hours in which they were there.
type population struct {
	hours map[int64]*hourCount // of the baseline
	known int                  // hosts of the baseline
	once  int                  // that were there in one of its hours alone
	now   int                  // hosts that are there now
	fresh int                  // of those, that the baseline does not know
	due   float64              // hosts that should be there now, by how often they were
	dueSD float64              // variance of that
	here  int                  // of those that should, how many are
	gone  []goneHost
}

type hourCount struct {
	hosts, once int
	windows     uint64 // the most of a host
}

// goneHost was there in nearly all hours, and is not now.
type goneHost struct {
	host  nameOf
	hours int
}

func (p *population) hour(at int64) *hourCount {
	h := p.hours[at]
	if h == nil {
		h = &hourCount{}
		p.hours[at] = h
	}
	return h
}

// expected is how many hosts that were never there before come in so many hours, by how
// many came in one hour of the baseline alone (Good 1953, for hours as samples), and what
// the variance of hours adds: the mean and variance of a negative binomial.
func (p *population) expected(hours float64) (mean, variance float64) {
	k := float64(len(p.hours))
	if k == 0 {
		return 0, 0
	}
	// Half a host more is what is believed of a baseline in which none came anew.
	rate := (float64(p.once) + 0.5) / k
	mean = rate * hours
	between := 0.0
	for _, h := range p.hours {
		d := float64(h.once) - float64(p.once)/k
		between += d * d
	}
	variance = mean + mean*hours/k
	if k > 1 {
		variance = max(variance, hours*between/(k-1)*(1+hours/k))
	}
	return mean, variance
}

// upper is the probability that a count with this mean and variance, which is not below
// the mean, is at least n: negative binomial, as a Poisson count whose rate is gamma.
func upper(n int, mean, variance float64) float64 {
	if n <= 0 {
		return 1
	}
	if mean <= 0 {
		return 0
	}
	if variance <= mean*(1+1e-9) {
		return max(0, 1-distuv.Poisson{Lambda: mean}.CDF(float64(n-1)))
	}
	shape := mean * mean / (variance - mean)
	q := mean / variance // probability of success
	// P(N ≥ n) is the regularised incomplete beta function I(1−q; n, shape).
	return distuv.Beta{Alpha: float64(n), Beta: shape}.CDF(1 - q)
}

// times are hours in order.
func (p *population) times() []int64 {
	at := make([]int64, 0, len(p.hours))
	for h := range p.hours {
		at = append(at, h)
	}
	slices.Sort(at)
	return at
}

// present is how likely a host is there in an hour when it was in some of so many.
func present(in, of float64) float64 { return (in + 0.5) / (of + 1) }

// absent is how likely it is in none of several.
func absent(in, of, hours float64) float64 { return math.Pow(1-present(in, of), hours) }
