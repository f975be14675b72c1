package drift

import (
	"cmp"
	"math"
	"slices"
	"time"

	"pcapmill/model/baseline"
)

// leastBaseline is the warm-up: with fewer windows median and deviation are so uncertain
// that a host which did not change looks medium more often than once in a thousand.
const leastBaseline = 12

// A host is where at least four fifths of its windows are, of which there must be five: a
// single window without much in it lies far from the others now and then.
const (
	mostBelow    = 5
	leastWindows = 5
)

// leastKnown is the share of all weights that must be known for there to be an index.
const leastKnown = 0.5

// mostZ bounds what one feature adds: beyond, z says that the baseline hardly varied,
// not that more has changed.
const mostZ = 20

// usual is what a feature of the index is compared with.
type usual struct {
	feature int
	weight  float64
	floor   float64
	center  float64 // robust, in levels
	std     float64
	known   bool
}

// scorer makes drift indices of one host after the other. Its slices are used again.
type scorer struct {
	kinds   []kind
	weights float64 // of all features
	usual   []usual
	slots   []slots // of the features of the index
	robust  robust
	indices []windowIndex
}

type windowIndex struct {
	row          int32
	index, known float64
}

func newScorer(kinds []kind, weights Weights) *scorer {
	s := &scorer{kinds: kinds}
	for i := range kinds {
		w := weights.of(kinds[i].name)
		if w > 0 {
			s.usual = append(s.usual, usual{feature: i, weight: w, floor: kinds[i].floor})
			s.weights += w
		}
	}
	for _, w := range weights {
		if !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == w.Name }) {
			s.weights += w.Weight
		}
	}
	s.slots = make([]slots, len(s.usual))
	return s
}

// learn looks at what a host used to do; false where that is too little.
func (s *scorer) learn(v *baseline.HostView) bool {
	any := false
	for i := range s.usual {
		u := &s.usual[i]
		cells := v.Cells(u.feature)
		s.slots[i].reset()
		for j := range cells {
			s.slots[i].add(&cells[j])
		}
		if u.known = s.slots[i].all.n >= leastBaseline; u.known {
			u.center, u.std = s.robust.of(v.Histogram(u.feature), s.kinds[u.feature].scale, s.slots[i].all)
			any = true
		}
	}
	return any
}

// index of a window; false where too little of it is known.
func (s *scorer) index(c *current, row int32) (windowIndex, bool) {
	var known, sum float64
	for i := range s.usual {
		u := &s.usual[i]
		if x, ok := c.value(row, u.feature); ok && u.known {
			known += u.weight
			sum += u.weight * s.deviation(i, float64(s.kinds[u.feature].scale.Level(x)), baseline.HourOfWeekOf(c.starts[row]))
		}
	}
	if known == 0 || known < leastKnown*s.weights {
		return windowIndex{}, false
	}
	return windowIndex{row, sum / s.weights, known / s.weights}, true
}

// deviation is the smaller of |z| and |robust z|, at most 20: of a host that mostly does
// one thing and sometimes another, the robust deviation is 0, and the other thing no drift.
func (s *scorer) deviation(i int, level float64, hour int) float64 {
	u := &s.usual[i]
	return min(mostZ, math.Abs(u.robustZ(level)), math.Abs(u.z(level, s.slots[i].at(hour, moments{}))))
}

func (u *usual) z(level float64, slot moments) float64 {
	return (level - slot.mean()) / max(u.floor, slot.std())
}

func (u *usual) robustZ(level float64) float64 { return (level - u.center) / max(u.floor, u.std) }

// score returns how far a host's windows are from what it learned; false without an index.
func (s *scorer) score(v *baseline.HostView, c *current, rows []int32, bands Bands) (Score, bool) {
	s.indices = s.indices[:0]
	for _, row := range rows {
		if x, ok := s.index(c, row); ok {
			s.indices = append(s.indices, x)
		}
	}
	if len(s.indices) == 0 {
		return Score{}, false
	}
	slices.SortStableFunc(s.indices, func(a, b windowIndex) int { return cmp.Compare(a.index, b.index) })
	held, peak := s.indices[(len(s.indices)-1)/mostBelow], s.indices[len(s.indices)-1]
	start := time.Unix(0, c.starts[peak.row]).UTC()
	x := Score{
		Host: v.Host.String(), Windows: len(rows), Baseline: v.Windows,
		Index: &held.index, Peak: &peak.index, PeakStart: &start, Known: held.known,
	}
	if len(s.indices) >= leastWindows {
		x.Severity = bands.Of(held.index)
	}
	x.Action = x.Severity.Action()
	if x.Severity > None {
		x.Features = s.deviating(c, held.row)
	}
	return x, true
}

// mostDeviating features of a host are named.
const mostDeviating = 8

// deviating are the features that make up a window's index.
func (s *scorer) deviating(c *current, row int32) []Deviating {
	var all []Deviating
	sum := 0.0
	for i := range s.usual {
		u, k := &s.usual[i], &s.kinds[s.usual[i].feature]
		x, ok := c.value(row, u.feature)
		if !ok || !u.known {
			continue
		}
		level := float64(k.scale.Level(x))
		hour := baseline.HourOfWeekOf(c.starts[row])
		d := Deviating{
			Feature: k.name, Unit: k.unit, Value: x, Usual: valueOf(k.scale, u.center),
			Z: u.z(level, s.slots[i].at(hour, moments{})), RobustZ: u.robustZ(level),
		}
		d.Share = u.weight * s.deviation(i, level, hour)
		sum += d.Share
		all = append(all, d)
	}
	for i := range all {
		all[i].Share /= max(sum, 1e-300)
	}
	slices.SortStableFunc(all, func(a, b Deviating) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Feature, b.Feature))
	})
	return all[:min(len(all), mostDeviating)]
}
