package coverage

import (
	"cmp"
	"maps"
	"slices"

	"pcapmill/datasets/label"
)

// Limits of what a Tally keeps.
const (
	MaxPairs = 1 << 18 // pairs of hosts and label
	MaxRules = 1 << 16 // rules, and IDs of events
)

// mostLanes is how many labels a timeline has of their own; the others are one.
const mostLanes = 12

// Tally counts flows for a Report.
type Tally struct {
	outcomes  [3]int64
	labels    map[string]*Label
	line      line
	lanes     map[laneKey]int
	pairs     map[pairKey]int64
	uncounted int64
	rules     []Rule
	numbers   map[ruleKey]int
	moreRules map[ruleKey]bool
}

type pairKey struct{ src, dst, label string }

// laneKey is an outcome and, of flows that are labelled, the label.
type laneKey struct {
	outcome label.Outcome
	label   string
}

// ruleKey is a rule, or what events of one ID and label have in common.
type ruleKey struct {
	source int32
	id     string
	label  string
	line   int64 // of a rule; 0: events
}

// NewTally returns a Tally that knows what sources say.
func NewTally(s *label.Set) *Tally {
	t := &Tally{
		labels: map[string]*Label{}, lanes: map[laneKey]int{}, pairs: map[pairKey]int64{}, numbers: map[ruleKey]int{}, moreRules: map[ruleKey]bool{},
	}
	for i := range s.Rules {
		t.rule(s, &s.Rules[i].Meaning, true)
	}
	for i := range s.Events {
		if r := t.rule(s, &s.Events[i].Meaning, false); r != nil {
			r.Events++
		}
	}
	for i := range s.Scores {
		if r := t.rule(s, &s.Meanings[s.Scores[i].Meaning], false); r != nil {
			r.Events++
		}
	}
	return t
}

// rule returns the entry of a meaning, nil where there is no room for it.
func (t *Tally) rule(s *label.Set, m *label.Meaning, rule bool) *Rule {
	key := ruleKey{source: m.Source, id: m.ID, label: m.Label}
	if rule {
		key.line = m.Line
	}
	if n, known := t.numbers[key]; known {
		return &t.rules[n]
	}
	if len(t.rules) == MaxRules {
		if len(t.moreRules) < MaxRules {
			t.moreRules[key] = true
		}
		return nil
	}
	t.numbers[key] = len(t.rules)
	r := Rule{ID: m.ID, Label: m.Label}
	if rule {
		r.Line = m.Line
	}
	if int(m.Source) < len(s.Sources) {
		r.Source = s.Sources[m.Source].Path
	}
	t.rules = append(t.rules, r)
	return &t.rules[len(t.rules)-1]
}

// Hit counts something that an event, or a score, says of a flow. labels says that the flow is
// called so.
func (t *Tally) Hit(s *label.Set, m *label.Meaning, labels bool) {
	if r := t.rule(s, m, false); r != nil {
		r.Hits++
		if labels {
			r.Flows++
		}
	}
}

// Rule says what a rule came to, and where it hits nothing what came nearest.
func (t *Tally) Rule(s *label.Set, m *label.Meaning, hits, flows int64, miss *Miss) {
	if r := t.rule(s, m, true); r != nil {
		r.Hits, r.Flows = r.Hits+hits, r.Flows+flows
		if r.Miss == nil {
			r.Miss = miss
		}
	}
}

// Missed says what came nearest to an event that matches nothing; the first counts.
func (t *Tally) Missed(s *label.Set, m *label.Meaning, miss *Miss) {
	if r := t.rule(s, m, false); r != nil && r.Miss == nil {
		r.Miss = miss
	}
}

// Flow counts a flow: where it is labelled, by its label.
func (t *Tally) Flow(o label.Outcome, name, category, src, dst string, start int64, attempt bool) {
	t.outcomes[o]++
	lane := laneKey{outcome: o}
	if o == label.Labelled {
		lane.label = name
		t.label(name, category, start, attempt)
	}
	n, known := t.lanes[lane]
	if !known {
		n = len(t.lanes)
		t.lanes[lane] = n
	}
	t.line.add(n, start)
	if o == label.Unlabelled {
		return
	}
	key := pairKey{src, dst, name}
	if _, known := t.pairs[key]; !known && len(t.pairs) == MaxPairs {
		t.uncounted++
		return
	}
	t.pairs[key]++
}

func (t *Tally) label(name, category string, start int64, attempt bool) {
	l := t.labels[name]
	if l == nil {
		l = &Label{Label: name, Category: category, FirstNs: start, LastNs: start}
		t.labels[name] = l
	}
	l.Flows++
	if attempt {
		l.Attempted++
	}
	l.FirstNs, l.LastNs = min(l.FirstNs, start), max(l.LastNs, start)
}

// Report fills what was counted. Of host pairs it has so many.
func (t *Tally) Report(r *Report, pairs int) {
	for o, name := range label.Outcomes() {
		r.Outcomes = append(r.Outcomes, Count{name, t.outcomes[o]})
		r.Flows += t.outcomes[o]
	}
	slices.SortFunc(r.Outcomes, func(a, b Count) int { return cmp.Compare(rank(a.Name), rank(b.Name)) })
	for _, l := range t.labels {
		r.Labels = append(r.Labels, *l)
	}
	slices.SortFunc(r.Labels, func(a, b Label) int {
		return cmp.Or(cmp.Compare(b.Flows, a.Flows), cmp.Compare(a.Label, b.Label))
	})
	r.Rules, r.MoreRules = t.rules, int64(len(t.moreRules))
	for i := range r.Rules {
		if r.Rules[i].Hits > 0 {
			r.Rules[i].Miss = nil
		}
	}
	t.reportPairs(r, pairs)
	t.reportTimeline(r)
}

// rank is the place of an outcome in reports: labelled first.
func rank(outcome string) int {
	if outcome == label.Labelled.String() {
		return -1
	}
	return slices.Index(label.Outcomes(), outcome)
}

func (t *Tally) reportPairs(r *Report, most int) {
	keys := slices.Collect(maps.Keys(t.pairs))
	slices.SortFunc(keys, func(a, b pairKey) int {
		return cmp.Or(cmp.Compare(t.pairs[b], t.pairs[a]), cmp.Compare(a.src, b.src), cmp.Compare(a.dst, b.dst), cmp.Compare(a.label, b.label))
	})
	for i, k := range keys {
		if i == most {
			r.MorePairs = int64(len(keys) - most)
			break
		}
		r.Pairs = append(r.Pairs, Pair{k.src, k.dst, k.label, t.pairs[k]})
	}
	r.Uncounted = t.uncounted
}

func (t *Tally) reportTimeline(r *Report) {
	if !t.line.any {
		return
	}
	r.Timeline = &Timeline{FirstNs: t.line.low * t.line.step, StepNs: t.line.step}
	others := Series{Name: "(other labels)", Counts: make([]int64, t.line.high-t.line.low+1)}
	for i, l := range r.Labels {
		counts := t.line.series(t.lanes[laneKey{label.Labelled, l.Label}])
		if i < mostLanes {
			r.Timeline.Series = append(r.Timeline.Series, Series{Name: l.Label, Counts: counts})
			continue
		}
		for k, n := range counts {
			others.Counts[k] += n
		}
	}
	if len(r.Labels) > mostLanes {
		r.Timeline.Series = append(r.Timeline.Series, others)
	}
	for _, o := range []label.Outcome{label.Ambiguous, label.Unlabelled} {
		if n, is := t.lanes[laneKey{outcome: o}]; is {
			r.Timeline.Series = append(r.Timeline.Series, Series{Name: nameOf(o), Rest: true, Counts: t.line.series(n)})
		}
	}
}

// nameOf is the name of an outcome's series.
func nameOf(o label.Outcome) string { return "(" + o.String() + ")" }
