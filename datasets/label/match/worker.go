package match

import (
	"cmp"
	"slices"
	"sort"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
)

// worker matches batches. What it counts are sums, or sets, which are the same for any number
// of workers once they are joined.
type worker struct {
	*run
	answers *answers
	finder  finder
	f       flow
	hits    []Hit
	counts
}

// counts is what a worker counts.
type counts struct {
	rules     []RuleCounts
	sources   []sourceCounts
	scores    []uint64 // a bit for each that a flow has
	tallies   []*tally // by rule; nil: no flow yet
	shifts    []shifts // by event
	near      []Miss   // by rule
	nearEvent []Miss   // by event
	skipped   int64    // pairs that the search for near misses did not look at
	sampled   bool     // the scan did not look at all pairs
}

type sourceCounts struct{ hits, chosen int64 }

// RuleCounts says what became of a rule.
type RuleCounts struct {
	Hits     int64 // flows that fit it
	Chosen   int64 // of these, flows that got its label
	Disputed int64 // and flows that are ambiguous, where nothing is of a higher priority
	Begins   int64 // flows of Hits that begin outside of its times
	Ends     int64 // flows of Hits that end outside of its times
}

// label fills the job's rows with what becomes of its flows.
func (w *worker) label(j *job) error {
	return w.each(j, func(b *batch.Batch) {
		w.byRules(b)
		w.byEvents()
		w.byScores()
		f := &w.f
		out := result{id: f.id, conn: f.conn, start: f.start, capture: f.capture, outcome: resolve(w.hits), from: len(j.hits)}
		w.count(out.outcome)
		w.scan(b)
		kept := min(len(w.hits), w.cfg.MaxHits)
		j.hits = append(j.hits, w.hits[:kept]...)
		out.to, out.more = len(j.hits), int64(len(w.hits)-kept)
		for _, h := range w.hits[kept:] {
			if h.Event >= 0 && w.events[h.Event].Packet > 0 {
				j.hits = append(j.hits, h)
			}
		}
		out.end = len(j.hits)
		j.rows = append(j.rows, out)
	})
}

// each calls visit for each flow of a job, which is w.f.
func (w *worker) each(j *job, visit func(b *batch.Batch)) error {
	if err := w.cols.whole(j.b, j.first); err != nil {
		return err
	}
	w.answers.batch++
	for at := range j.b.Rows {
		if err := w.cols.flow(&w.f, j.b, j.first, at); err != nil {
			return err
		}
		visit(j.b)
	}
	return nil
}

// byRules begins the flow's hits with those of rules.
func (w *worker) byRules(b *batch.Batch) {
	w.hits = w.hits[:0]
	w.finder.find(w.index, &w.f)
	for i := range w.finder.all {
		one := &w.finder.all[i]
		r := &w.ruleset[one.rule()]
		if !r.fits(&w.f, one.period) || r.failing(&w.f, one.reversed()) != 0 || !w.answers.holds(r.where, b, w.f.at) {
			continue
		}
		w.hits = append(w.hits, Hit{Meaning: &r.Meaning, Rule: one.rule(), Event: -1, Overlap: r.share(&w.f), Confidence: confidence(&r.Meaning),
			Reversed: one.reversed(), Attempt: w.attempt(r, one.reversed(), b), Shared: 1})
	}
	if len(w.hits) > 1 { // a rule is found again in another interval, network or direction
		slices.SortFunc(w.hits, func(a, b Hit) int {
			return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(wayOf(0, a.Reversed), wayOf(0, b.Reversed)))
		})
		w.hits = slices.CompactFunc(w.hits, func(a, b Hit) bool { return a.Rule == b.Rule })
	}
	for i := range w.hits {
		w.countRule(w.hits[i].Rule)
	}
}

// attempt returns the category of the first attempt that holds, -1 for none.
func (w *worker) attempt(r *rule, reversed bool, b *batch.Batch) int32 {
	side := int(wayOf(0, reversed))
	for i := range r.attempts {
		if w.answers.holds(r.attempts[i].where[side], b, w.f.at) {
			return r.attempts[i].category
		}
	}
	return -1
}

func confidence(m *label.Meaning) float64 {
	if m.Confidence == nil {
		return -1
	}
	return *m.Confidence
}

func (w *worker) countRule(number int32) {
	c := &w.rules[number]
	c.Hits++
	begins, ends := w.ruleset[number].outside(&w.f)
	if begins {
		c.Begins++
	}
	if ends {
		c.Ends++
	}
}

// byEvents adds the events that were found to be about the flow.
func (w *worker) byEvents() {
	at := sort.Search(len(w.placed), func(i int) bool { return w.placed[i].row >= w.f.row })
	for ; at < len(w.placed) && w.placed[at].row == w.f.row; at++ {
		p := &w.placed[at]
		m := &w.events[p.event].Meaning
		w.hits = append(w.hits, Hit{Meaning: m, Rule: -1, Event: p.event, Overlap: 1, Confidence: confidence(m),
			Reversed: p.reversed, Attempt: -1, Distance: p.distance, Shared: p.shared})
	}
}

// byScores adds the scores of the flow's key.
func (w *worker) byScores() {
	scores := w.set.Scores
	at := sort.Search(len(w.byKey), func(i int) bool { return scores[w.byKey[i]].Key >= w.f.id })
	for ; at < len(w.byKey) && scores[w.byKey[at]].Key == w.f.id; at++ {
		i := w.byKey[at]
		w.scores[i>>6] |= 1 << (i & 63)
		w.hits = append(w.hits, Hit{Meaning: &w.set.Meanings[scores[i].Meaning], Rule: -1, Event: -1, Overlap: 1,
			Confidence: float64(scores[i].Confidence), Attempt: -1, Shared: 1})
	}
}

// count counts what the flow's hits came to.
func (w *worker) count(o label.Outcome) {
	for i := range w.hits {
		w.sources[w.hits[i].Meaning.Source].hits++
	}
	switch o {
	case label.Labelled:
		w.sources[w.hits[0].Meaning.Source].chosen++
		if r := w.hits[0].Rule; r >= 0 {
			w.rules[r].Chosen++
		}
	case label.Ambiguous:
		for _, h := range top(w.hits) {
			if h.Rule >= 0 {
				w.rules[h.Rule].Disputed++
			}
		}
	}
}

// scan counts at which offsets the flow would fit rules with times.
func (w *worker) scan(b *batch.Batch) {
	w.finder.all = w.finder.all[:0]
	w.index.places(&w.f, func(e *entries) {
		some(e.timed, w.f.row, func(one way, n int64) {
			w.sampled = w.sampled || n > 1
			if number := one.rule(); number < scanRules && w.ruleset[number].reaches(&w.f) {
				w.finder.all = append(w.finder.all, found{one, label.Interval{From: n}})
			}
		})
	})
	slices.SortFunc(w.finder.all, func(a, b found) int { return cmp.Compare(a.way, b.way) })
	last := int32(-1)
	for _, one := range w.finder.all {
		r, number := &w.ruleset[one.rule()], one.rule()
		if number == last || r.failing(&w.f, one.reversed()) != 0 || !w.answers.holds(r.where, b, w.f.at) {
			continue
		}
		last = number
		if w.tallies[number] == nil {
			w.tallies[number] = new(tally)
		}
		r.count(w.tallies[number], &w.f, one.period.From)
	}
}

// candidates fills the job with the flows that events may be about.
func (w *worker) candidates(j *job) error {
	return w.each(j, func(*batch.Batch) {
		w.eventIndex.places(&w.f, func(s *filed) { w.compare(j, s) })
	})
}

// compare compares the flow with the events of one place: with those near it in time, and of
// some flows with all that an offset could bring near.
func (w *worker) compare(j *job, s *filed) {
	f, reach := &w.f, int64(0)
	if s.crowd != nil && s.meets(less(f.start, int64(w.cfg.Before)), more(f.end, int64(w.cfg.After))) {
		j.crowded = append(j.crowded, s.crowd.member(f))
	}
	if every := int64(1 + len(s.spans)/scanEvents); f.row%every == 0 {
		reach = int64(scanReach)
	} else {
		if w.sampled = true; s.crowd != nil {
			return
		}
	}
	from, to := less(f.start, more(int64(w.cfg.Before), reach)), more(f.end, more(int64(w.cfg.After), reach))
	w.finder.spans = s.find(w.finder.spans[:0], from, to)
	for i := range w.finder.spans {
		number := w.finder.spans[i].what
		e := &w.events[number]
		fields, reversed := e.nearest(f)
		if fields != 0 {
			continue
		}
		d, asTimed := e.distance(f), w.finder.spans[i].from == e.from // else by when its flow began
		if reach > 0 && asTimed {
			w.shifts[number].set(e.offsetsOf(f, w.cfg))
		}
		if s.crowd != nil {
			continue
		}
		if asTimed && w.cfg.slack(d) || !asTimed && !w.cfg.slack(d) && e.agrees(f, w.cfg) {
			one := candidate{event: number, reversed: reversed, distance: d, row: f.row, flow: f.id, conn: f.conn}
			if e.lasts() {
				one.begins = int64(min(distance(e.begins(f)), 1<<63-1))
			}
			j.found = append(j.found, one)
		}
	}
}

// slack reports whether a flow may lie so far behind an event, before it where negative.
func (c *Config) slack(d int64) bool { return d <= int64(c.Before) && d >= -int64(c.After) }
