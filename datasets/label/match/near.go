package match

import (
	"math"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
)

// nearEvents bounds how many events of one place, on either side of a flow in time, are looked
// at for what came nearest.
const nearEvents = 32

// misses look for what came nearest to labels that fit no flow.
type misses struct {
	rules  *index
	events *eventIndex
	pairs  *eventIndex // events with both hosts and ports, by their hosts
}

func newMisses(rules []rule, events []event, unmatchedRules, unmatchedEvents []int32) *misses {
	m := &misses{rules: newIndex(rules, unmatchedRules, false), events: emptyIndex(), pairs: emptyIndex()}
	for _, i := range unmatchedEvents {
		e := &events[i]
		t := timed{from: e.from, to: more(e.last, 1), what: i}
		if k := e.key(); kindOf(k) == tuples && !e.byCommunity {
			m.events.file(e, k, t)
			m.pairs.file(e, e.hostsKey(anyPort), t)
		} else {
			m.events.file(e, e.hostsKey(anyPort), t) // the port may be what does not fit
		}
	}
	m.events.sort()
	m.pairs.sort()
	return m
}

// misses compares the job's flows with what fits none.
func (w *worker) misses(j *job) error {
	return w.each(j, func(b *batch.Batch) {
		w.missing.rules.places(&w.f, func(e *entries) {
			seen := int64(0)
			some(e.always, w.f.row, func(one way, _ int64) {
				seen++
				w.missRule(one, b)
			})
			w.skipped += int64(len(e.always)) - seen
		})
		w.missing.events.places(&w.f, w.missEvents)
		w.missing.pairs.places(&w.f, w.missEvents)
	})
}

func (w *worker) missRule(one way, b *batch.Batch) {
	r, f := &w.ruleset[one.rule()], &w.f
	m := Miss{Fields: r.failing(f, one.reversed()), FlowID: f.id, row: f.row}
	forward, reverse := r.ways()
	m.Fields.set(Direction, one.reversed() && !reverse || !one.reversed() && !forward)
	if !r.inTime(f) {
		m.Fields |= Time
		m.Distance = r.away(f)
	}
	if m.Fields == 0 {
		m.Fields.set(Condition, !w.answers.holds(r.where, b, f.at))
	}
	if best := &w.near[one.rule()]; m.nearer(best) {
		*best = m
	}
}

func (w *worker) missEvents(s *filed) {
	w.finder.spans = s.around(w.finder.spans[:0], w.f.start, nearEvents)
	w.skipped += int64(len(s.spans) - len(w.finder.spans))
	for i := range w.finder.spans {
		number := w.finder.spans[i].what
		e := &w.events[number]
		m := Miss{FlowID: w.f.id, row: w.f.row}
		m.Fields, _ = e.nearest(&w.f)
		if d := e.distance(&w.f); !w.cfg.slack(d) {
			m.Fields |= Time
			m.Distance = d
		}
		if best := &w.nearEvent[number]; m.nearer(best) {
			*best = m
		}
	}
}

// inTime reports whether a flow fits the rule's times.
func (r *rule) inTime(f *flow) bool {
	if r.times == nil {
		return true
	}
	periods := r.near(f.start)
	if r.Fit == label.Inside {
		periods = r.Times
	}
	for _, i := range periods {
		if r.fits(f, i) {
			return true
		}
		if r.Fit != label.Inside && i.From > f.end {
			break
		}
	}
	return false
}

// away returns how far a flow that is not in the rule's times lies behind them, ns, before
// them where negative: the instant that must be in them, or the end that must be, too.
func (r *rule) away(f *flow) int64 {
	switch r.Fit {
	case label.Starts:
		return r.gap(f.start)
	case label.Inside:
		if d := r.gap(f.start); d != 0 {
			return d
		}
		return r.gap(f.end)
	}
	before, behind := r.gap(f.end), r.gap(f.start)
	if distance(before) < distance(behind) {
		return before
	}
	return behind
}

// gap returns how far an instant lies behind the nearest of the rule's times, before it where
// negative, 0 where it is in one.
func (r *rule) gap(at int64) int64 {
	next := r.near(at)
	before, behind := int64(math.MinInt64), int64(math.MaxInt64)
	if len(next) > 0 {
		if before = less(at, next[0].From); before >= 0 {
			return 0
		}
	}
	if n := len(r.times) - len(next); n > 0 {
		behind = more(less(at, r.times[n-1].To), 1)
	}
	if distance(before) < distance(behind) {
		return before
	}
	return behind
}
