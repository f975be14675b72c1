package drift

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// population counts hosts by the hours in which they were there.
type population struct {
	hours    map[int64]*hourCount // of the baseline
	known    int                  // hosts of the baseline
	once     int                  // that were there in one of its hours alone
	now      int                  // hosts that are there now
	fresh    int                  // of those, that the baseline does not know
	first    []netip.Addr         // of these, the first ones by address
	presence []presence           // of known hosts
}

// presence says in how many hours a host was there, and whether it is now.
type presence struct {
	host  netip.Addr
	hours int32
	now   bool
}

type hourCount struct {
	hosts, once int
	windows     uint64 // the most of a host
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
	for _, at := range p.times() { // in order: sums of the same hours are the same
		d := float64(p.hours[at].once) - float64(p.once)/k
		between += d * d
	}
	variance = mean + mean*hours/k
	if k > 1 {
		variance = max(variance, hours*between/(k-1)*(1+hours/k))
	}
	return mean, variance
}

// exposure is in how many hours hosts may have come that are new now, in hours of the kind
// that the baseline has: a host that came between baseline and now, and stayed, is new as
// well. There are at least so many as current hours, and at most as many as the baseline
// has, beyond which it does not say what to expect (Efron and Thisted, Biometrika 63, 1976).
func (p *population) exposure(current []int64) float64 {
	at := p.times()
	if len(at) == 0 || len(current) == 0 {
		return 0
	}
	first, last, k := at[0], at[len(at)-1], float64(len(at))
	behind := float64(current[len(current)-1]-last) * k / float64(last-first+1)
	return max(float64(len(current)), min(behind, k))
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

// absences compares how many known hosts are not there with how many are to be expected,
// by in how many of the baseline's hours each was. Those that were there in nearly all are
// returned as gone, the most regular first.
func (p *population) absences(hours float64) (absent int, expected, variance float64, gone []presence) {
	k := float64(len(p.hours))
	for _, h := range p.presence {
		// Half an hour more on either side: no host is certain.
		missing := math.Pow(1-(float64(h.hours)+0.5)/(k+1), hours)
		expected += missing
		variance += missing * (1 - missing)
		if h.now {
			continue
		}
		absent++
		if missing <= surelyThere {
			gone = append(gone, h)
		}
	}
	slices.SortStableFunc(gone, func(a, b presence) int { return cmp.Compare(b.hours, a.hours) })
	return absent, expected, variance, gone
}

// surelyThere is how unlikely the absence of a host must be for it to be called gone.
const surelyThere = 0.15
