package drift

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"pcapmill/features/sketch"
)

// weighted are sums over hosts that give a mean and its standard error, where each host
// counts by a weight.
type weighted struct{ n, w, ww, x, wx, wxx float64 }

func (s *weighted) add(w, x float64) {
	s.n++
	s.w += w
	s.ww += w * w
	s.x += w * x
	s.wx += w * w * x
	s.wxx += w * w * x * x
}

func (s *weighted) mean() float64 { return s.x / s.w }

// units is how many hosts of equal weight tell as much (Kish).
func (s *weighted) units() float64 { return s.w * s.w / s.ww }

// t is the mean over its standard error, which is that of the differences between hosts,
// whatever they are due to.
func (s *weighted) t() float64 {
	mean, units := s.mean(), s.units()
	squares := (s.wxx - 2*mean*s.wx + mean*mean*s.ww) / (s.w * s.w)
	variance := max(0, squares) * units / (units - 1)
	scale := s.wxx / (s.w * s.w)
	if scale == 0 {
		return 0
	}
	// As in package stat: t ends at a million where hosts do not differ.
	return mean / math.Sqrt(max(variance, scale*1e-12))
}

// tally is what hosts say of one feature in one segment.
type tally struct {
	now, before uint64 // windows
	steps       weighted
	spreads     weighted
	center      float64 // weighted sum of what is usual
	variance    float64 // weighted sum
	around      spread
	hours       map[int64]*hourSum // of the baseline
	nowHours    map[int64]*hourSum
	pairs       []pair // histograms of units, for the shape
	usual       sketch.Histogram
	histogram   sketch.Histogram
	movers      []mover
}

type hourSum struct{ hosts, n, offset, level, around float64 }

// pair are the histograms of a unit: a host, or several of them.
type pair struct{ before, now sketch.Histogram }

// mover is a host that has a part in what changed.
type mover struct {
	host         netip.Addr
	effect, push float64
	before, now  float64 // levels
}

const mostMovers = 5

// mostUnits are moved between the sides by random draws: with more, draws take long and
// tell no more. Hosts beyond share a unit with others.
const mostUnits = 512

func newTally(p sketch.Precision) *tally {
	return &tally{
		hours: map[int64]*hourSum{}, nowHours: map[int64]*hourSum{},
		usual: sketch.NewHistogram(p), histogram: sketch.NewHistogram(p),
	}
}

// add takes a host's step; floor is the least standard deviation.
func (t *tally) add(host netip.Addr, x *step, floor float64) error {
	t.now += x.now
	t.before += x.before
	t.steps.add(x.weight, x.step)
	t.center += x.weight * x.center
	t.variance += x.weight * x.variance
	t.addSpread(&x.around)
	addHours(t.hours, x.hours)
	addHours(t.nowHours, x.nowHours)
	t.move(host, x, floor)
	return t.addShape(x)
}

// addSpread takes the share of the current windows in the squares around the means of
// hours, less the share in degrees of freedom that they would have if nothing changed.
func (t *tally) addSpread(s *spread) {
	squares, df := s.now+s.before, s.nowDF+s.beforeDF
	t.around.now += s.now
	t.around.nowDF += s.nowDF
	t.around.before += s.before
	t.around.beforeDF += s.beforeDF
	if squares > 0 && s.nowDF > 0 && s.beforeDF > 0 && s.still <= mostStill*s.hours {
		t.spreads.add(s.nowDF*s.beforeDF/df, s.now/squares-s.nowDF/df)
	}
}

// mostStill is the share of hours without any variation beyond which a host's windows
// mostly have one value: then squares are those of rare events, of which a few more or
// less are no change of spread.
const mostStill = 0.25

func addHours(sums map[int64]*hourSum, hours []hourStep) {
	for _, h := range hours {
		s := sums[h.hour]
		if s == nil {
			s = &hourSum{}
			sums[h.hour] = s
		}
		s.hosts++
		s.n += h.n
		s.offset += h.n * h.offset
		s.level += h.n * h.level
		s.around += h.around
	}
}

func (t *tally) addShape(x *step) error {
	if err := t.usual.Merge(x.usual); err != nil {
		return err
	}
	if err := t.histogram.Merge(&x.histogram); err != nil {
		return err
	}
	at := len(t.pairs)
	if at < mostUnits {
		t.pairs = append(t.pairs, pair{sketch.NewHistogram(x.usual.Precision()), sketch.NewHistogram(x.usual.Precision())})
	} else {
		at = int(t.steps.n-1) % mostUnits
	}
	if err := t.pairs[at].before.Merge(x.usual); err != nil {
		return err
	}
	return t.pairs[at].now.Merge(&x.histogram)
}

// move keeps the hosts that push the mean most.
func (t *tally) move(host netip.Addr, x *step, floor float64) {
	m := mover{
		host: host, effect: x.step / max(floor, math.Sqrt(x.variance)), push: math.Abs(x.weight * x.step),
		before: x.center, now: x.center + x.step,
	}
	if len(t.movers) == mostMovers && m.push <= t.movers[mostMovers-1].push {
		return
	}
	at, _ := slices.BinarySearchFunc(t.movers, m, func(a, b mover) int {
		return cmp.Or(cmp.Compare(b.push, a.push), a.host.Compare(b.host))
	})
	t.movers = slices.Insert(t.movers, at, m)
	t.movers = t.movers[:min(len(t.movers), mostMovers)]
}
