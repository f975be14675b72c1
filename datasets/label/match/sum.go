package match

import (
	"context"
	"math/bits"
	"time"

	"pcapmill/datasets/label"
)

// sum joins what the workers counted.
func (r *run) sum() {
	out := r.report
	tallies, moves, scores := make([]*tally, len(r.ruleset)), make([]shifts, len(r.events)), make([]uint64, (len(r.set.Scores)+63)/64)
	for _, w := range r.workers {
		for i := range w.rules {
			out.Rules[i].add(&w.rules[i])
		}
		for i, t := range w.tallies {
			tallies[i] = joined(tallies[i], t)
		}
		for i := range w.shifts {
			moves[i].or(w.shifts[i])
		}
		for i := range w.scores {
			scores[i] |= w.scores[i]
		}
		for i, s := range w.sources {
			out.Sources[i].Hits += s.hits
			out.Sources[i].Chosen += s.chosen
		}
		out.ScanSampled = out.ScanSampled || w.sampled
	}
	out.Conflicts, out.ConflictsMore = r.disagree.sorted(), r.disagree.more
	r.sumSources(scores)
	for i := scanRules; i < len(r.ruleset); i++ {
		if r.ruleset[i].times != nil {
			out.ScanRulesMore++
		}
	}
	out.Scans = r.scans(tallies, moves)
}

func (c *RuleCounts) add(o *RuleCounts) {
	c.Hits += o.Hits
	c.Chosen += o.Chosen
	c.Disputed += o.Disputed
	c.Begins += o.Begins
	c.Ends += o.Ends
}

func joined(a, b *tally) *tally {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	for i := range a {
		a[i] += b[i]
	}
	return a
}

// sumSources counts what became of what each source says; scores has a bit for each that a
// flow has.
func (r *run) sumSources(scores []uint64) {
	all := r.report.Sources
	for i := range r.set.Rules {
		s := &all[r.set.Rules[i].Source]
		s.Rules++
		if r.report.Rules[i].Hits > 0 {
			s.RulesHit++
		}
	}
	for i := range r.set.Events {
		s := &all[r.set.Events[i].Source]
		s.Events++
		switch r.report.Events[i].Outcome {
		case label.Labelled:
			s.Matched++
		case label.Ambiguous:
			s.Ambiguous++
		default:
			s.Unmatched++
		}
	}
	for i := range r.set.Scores {
		s := &all[r.set.Meanings[r.set.Scores[i].Meaning].Source]
		s.Scores++
		s.ScoresMatched += int64(bits.OnesCount64(scores[i>>6] >> (i & 63) & 1))
	}
}

// scans makes a scan of each source that has something with a time.
func (r *run) scans(tallies []*tally, moves []shifts) []Scan {
	all := make([]Scan, len(r.set.Sources))
	for i := range all {
		all[i] = Scan{Source: int32(i), Offsets: make([]Offset, offsets), Best: asGiven}
		for o := range all[i].Offsets {
			all[i].Offsets[o].Shift = time.Duration(offsetAt(o))
		}
	}
	for i, t := range tallies {
		if t != nil {
			all[r.set.Rules[i].Source].addRule(t)
		}
	}
	for i := range moves {
		if moves[i] != (shifts{}) {
			all[r.set.Events[i].Source].addEvent(&moves[i])
		}
	}
	out := []Scan{}
	for i := range all {
		if all[i].Rules+all[i].Events > 0 {
			all[i].finish()
			out = append(out, all[i])
		}
	}
	return out
}

// addRule adds the flows of a rule.
func (s *Scan) addRule(t *tally) {
	t.sum()
	most := int64(0)
	for _, n := range t[:offsets] {
		most = max(most, n)
	}
	if most == 0 {
		return // its flows are further away
	}
	s.Rules++
	for i, n := range t[:offsets] {
		s.Offsets[i].Flows += n
		s.Offsets[i].Score += float64(n) / float64(most)
		if n > 0 {
			s.Offsets[i].Rules++
		}
	}
}

// addEvent adds the offsets at which an event would match.
func (s *Scan) addEvent(m *shifts) {
	s.Events++
	for i := range s.Offsets {
		if m.has(i) {
			s.Offsets[i].Events++
			s.Offsets[i].Score++
		}
	}
}

// finish finds the best offset: of equal ones that which changes least, and of two that change
// as much the earlier.
func (s *Scan) finish() {
	for d := 1; d <= asGiven; d++ {
		for _, i := range []int{asGiven - d, asGiven + d} {
			if s.Offsets[i].Score > s.Offsets[s.Best].Score {
				s.Best = i
			}
		}
	}
	s.Clear = s.clearer()
}

// findMisses is the third pass, where something fits no flow.
func (r *run) findMisses(ctx context.Context) error {
	rules := numbers(len(r.ruleset), func(i int) bool { return r.report.Rules[i].Hits == 0 })
	events := numbers(len(r.events), func(i int) bool { return r.report.Events[i].Outcome == label.Unlabelled })
	if len(rules)+len(events) == 0 {
		return nil
	}
	r.missing = newMisses(r.ruleset, r.events, rules, events)
	for _, w := range r.workers {
		w.near, w.nearEvent = nothings(len(r.ruleset)), nothings(len(r.events))
	}
	if _, err := r.pass(ctx, true, (*worker).misses, func(*job) error { return nil }); err != nil {
		return err
	}
	for _, i := range rules {
		r.report.Rules[i].Miss = r.nearest(func(w *worker) *Miss { return &w.near[i] })
	}
	for _, i := range events {
		r.report.Events[i].Miss = r.nearest(func(w *worker) *Miss { return &w.nearEvent[i] })
	}
	for _, w := range r.workers {
		r.report.MissesMore += w.skipped
	}
	return nil
}

func nothings(n int) []Miss {
	out := make([]Miss, n)
	for i := range out {
		out[i] = nothing()
	}
	return out
}

// nearest returns the nearest of what the workers met.
func (r *run) nearest(of func(*worker) *Miss) *Miss {
	best := nothing()
	for _, w := range r.workers {
		if m := of(w); m.nearer(&best) {
			best = *m
		}
	}
	return &best
}
