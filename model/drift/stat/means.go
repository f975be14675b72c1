package stat

import (
	"math"
	"math/rand/v2"
)

// studentised is difference over standard error, the latter at least a millionth of the
// scale (a mean square): t ends at a million instead of infinity, and rounding errors in
// a variance that is 0 make no difference.
func studentised(difference, variance, scale float64) float64 {
	if scale == 0 {
		return 0
	}
	return difference / math.Sqrt(max(variance, scale*1e-12))
}

// ByWindow compares means with blocks of consecutive windows as units, moved between the
// sides at random. How long blocks are follows from how much windows resemble those
// before them; where that is longer than the windows at hand allow, blocks are as long
// as they may be, and what they miss of the variance is made up for by the model.
//
// It is false where there are too few windows for a p-value of 0.001.
func ByWindow(s Series, m Memory, d Draws) (Result, bool) {
	if !resolvesSplit(len(s.Baseline)+len(s.Current), len(s.Current)) {
		return Result{}, false
	}
	s = s.inOrder()
	block, share, ok := blocks(s, m)
	if !ok {
		return Result{}, false
	}
	r := move(byBlock(s.Baseline, block), byBlock(s.Current, block), share, d)
	r.Block = block
	return r, true
}

// blocks returns the length of blocks and the share of the variance they see; false
// where even single windows are too few.
func blocks(s Series, m Memory) (block int, share float64, ok bool) {
	if len(s.Baseline) == 0 || len(s.Current) == 0 {
		return 0, 0, false
	}
	phi, least := m.cautious(), max(leastBlock(s.Baseline), leastBlock(s.Current))
	for block = max(blockWanted(phi), least); block >= least; block-- {
		k := len(starts(s.Current, block))
		if resolvesSplit(len(starts(s.Baseline, block))+k, k) {
			return block, blockShare(phi, block), true
		}
	}
	return 0, 0, false
}

// leastBlock is the length of which there are no more than mostUnits.
func leastBlock(points []Point) int {
	return (len(starts(points, 1))-1)/mostUnits + 1
}

// totals are sums over units, with which the mean of a side and the variance of that
// mean between units are known.
type totals struct{ units, n, sum, nn, sums, ns float64 }

func (t *totals) add(u unit) {
	t.units++
	t.n += u.n
	t.sum += u.sum
	t.nn += u.n * u.n
	t.sums += u.sum * u.sum
	t.ns += u.n * u.sum
}

func (t totals) without(o totals) totals {
	return totals{t.units - o.units, t.n - o.n, t.sum - o.sum, t.nn - o.nn, t.sums - o.sums, t.ns - o.ns}
}

// mean of the points and its variance between units, which may be of different weight
// (the ratio estimator of cluster sampling).
func (t totals) mean() (mean, variance float64) {
	mean = t.sum / t.n
	between := t.sums - 2*mean*t.ns + mean*mean*t.nn
	return mean, max(0, between) * t.units / ((t.units - 1) * t.n * t.n)
}

// move is the test of two means by moving units between the sides. share is what the
// units see of the variance of the mean.
func move(baseline, current []unit, share float64, d Draws) Result {
	all := append(append([]unit{}, baseline...), current...)
	center(all)
	var both, side totals
	for i, u := range all {
		both.add(u)
		if i >= len(baseline) {
			side.add(u)
		}
	}
	scale := both.sums / both.units / (both.n / both.units) / (both.n / both.units)
	t := func(side totals) float64 {
		mc, vc := side.mean()
		mb, vb := both.without(side).mean()
		return studentised(mc-mb, vb+vc, scale)
	}
	r := Result{Statistic: t(side) * math.Sqrt(share), DF: both.units - 2, Units: len(all)}
	order := newPicks(len(all))
	law := func() float64 { return TwoSided(r.Statistic, r.DF) }
	r.P, _ = d.pValue(math.Abs(r.Statistic), law, func(rng *rand.Rand) float64 {
		var side totals
		for _, i := range order.choose(rng, len(current)) {
			side.add(all[i])
		}
		return math.Abs(t(side))
	})
	r.P = d.beyond(r.P, law())
	return r
}

// center takes the mean of all points off, so that sums of squares lose no digits.
func center(units []unit) {
	n, sum := 0.0, 0.0
	for _, u := range units {
		n, sum = n+u.n, sum+u.sum
	}
	for i := range units {
		units[i].sum -= units[i].n * (sum / n)
	}
}
