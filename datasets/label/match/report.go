package match

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pcapmill/datasets/label"
)

// Report says what a run came to.
type Report struct {
	Flows, Labelled, Unlabelled, Ambiguous int64
	Rules                                  []RuleReport   // by Set.Rules
	Events                                 []EventReport  // by Set.Events
	Sources                                []SourceReport // by Set.Sources
	Conflicts                              []Conflict     // most flows first
	ConflictsMore                          int64          // disagreements of pairs beyond Config.MaxConflicts
	HitsMore                               int64          // hits beyond Config.MaxHits of a flow
	CandidatesMore                         int64          // flows that events may be about, beyond Config.MaxCandidates and MaxPerEvent
	MissesMore                             int64          // pairs of flow and label that the search for near misses left out
	Scans                                  []Scan         // of sources whose labels have times
	ScanSampled                            bool           // scans left out pairs of flow and label: their counts are estimates
	ScanRulesMore                          int64          // rules with times that are in no scan
}

// RuleReport says what became of a rule, and where nothing did, what came nearest.
type RuleReport struct {
	RuleCounts
	Miss *Miss // nil: it has hits
}

// EventReport says what became of an event.
type EventReport struct {
	Outcome  label.Outcome // Labelled: matched; Unlabelled: unmatched
	Flows    int32         // that it is, or may be, about; several of Labelled are pieces of a connection
	FlowID   int64         // the first of them
	Distance int64         // ns that this lies behind the event, before it where negative
	Miss     *Miss         // of Unlabelled
}

// SourceReport says what became of what a source says.
type SourceReport struct {
	Rules, RulesHit                       int64
	Events, Matched, Ambiguous, Unmatched int64
	Scores, ScoresMatched                 int64
	Hits, Chosen                          int64 // pairs of flow and label; flows that got their label of it
}

// Conflict is a pair that says different things of flows at the same priority.
type Conflict struct {
	A, B  Subject
	Flows int64
}

// Subject is a rule, or what events and scores of a source have in common.
type Subject struct {
	Rule      int32 // in Set.Rules; -1: none
	Source    int32
	ID, Label string
}

func (s Subject) compare(t Subject) int {
	return cmp.Or(cmp.Compare(s.Source, t.Source), cmp.Compare(s.Rule, t.Rule), cmp.Compare(s.ID, t.ID), cmp.Compare(s.Label, t.Label))
}

// Scan says how many of a source's labels would match if its times were other ones.
type Scan struct {
	Source  int32
	Rules   int64 // with times, of which a flow fits all else near enough in time
	Events  int64
	Offsets []Offset // from -14 h to +14 h
	Best    int      // index of the offset that matches most; the smallest of equal ones
	Clear   bool     // and clearly more than as given, at AsGiven
}

// AsGiven is the index in Scan.Offsets of the times as they were given.
const AsGiven = asGiven

// Offset is what would match if all times were so much later.
type Offset struct {
	Shift  time.Duration
	Events int64   // that would match, a minute of slack at most
	Rules  int64   // that would match
	Flows  int64   // that rules would match
	Score  float64 // Events, and of each rule its flows as a share of those at its best offset
}

// clearer reports whether a scan says that the times are other ones: a quarter of what can
// match, and at least what one rule or two events are, would be won, and half of it match.
func (s *Scan) clearer() bool {
	all := float64(s.Rules + s.Events)
	best, given := s.Offsets[s.Best].Score, s.Offsets[asGiven].Score
	gain, least := best-given, 0.5
	if s.Rules == 0 {
		least = 2
	}
	return s.Best != asGiven && best >= all/2 && gain >= max(all/4, least)
}

// check fails where the counts do not agree.
func (r *Report) check(events, scores int) error {
	if r.Flows != r.Labelled+r.Unlabelled+r.Ambiguous {
		return fmt.Errorf("%w: %d flows are %d labelled, %d unlabelled and %d ambiguous ones", ErrCheck, r.Flows, r.Labelled, r.Unlabelled, r.Ambiguous)
	}
	var sum SourceReport
	for i := range r.Sources {
		s := &r.Sources[i]
		sum.Events += s.Matched + s.Ambiguous + s.Unmatched
		sum.Scores += s.Scores
		sum.Chosen += s.Chosen
		if s.Events != s.Matched+s.Ambiguous+s.Unmatched || s.ScoresMatched > s.Scores {
			return fmt.Errorf("%w: of source %d %d events are %d matched, %d ambiguous and %d unmatched ones", ErrCheck, i, s.Events, s.Matched, s.Ambiguous, s.Unmatched)
		}
	}
	if sum.Events != int64(events) || sum.Scores != int64(scores) || sum.Chosen != r.Labelled {
		return fmt.Errorf("%w: %d of %d events, %d of %d scores, %d of %d labelled flows", ErrCheck, sum.Events, events, sum.Scores, scores, sum.Chosen, r.Labelled)
	}
	for i := range r.Rules {
		if c := &r.Rules[i].RuleCounts; c.Hits < c.Chosen+c.Disputed {
			return fmt.Errorf("%w: rule %d: %d hits are %d chosen and %d disputed ones", ErrCheck, i, c.Hits, c.Chosen, c.Disputed)
		}
	}
	return nil
}

// conflicts counts pairs that disagree.
type conflicts struct {
	flows map[[2]Subject]int64
	max   int
	more  int64
}

// mostLabels bounds how many of the labels that are said of one flow are paired.
const mostLabels = 8

// add takes the hits of an ambiguous flow.
func (c *conflicts) add(hits []Hit) {
	var firsts []Subject // what first says each label
	for _, h := range top(hits) {
		if slices.ContainsFunc(firsts, func(s Subject) bool { return s.Label == h.Meaning.Label }) {
			continue
		}
		if len(firsts) == mostLabels {
			c.more++
			break
		}
		firsts = append(firsts, Subject{h.Rule, h.Meaning.Source, h.Meaning.ID, h.Meaning.Label})
	}
	slices.SortFunc(firsts, Subject.compare)
	for i := range firsts {
		for _, b := range firsts[i+1:] {
			pair := [2]Subject{firsts[i], b}
			if _, known := c.flows[pair]; !known && len(c.flows) >= c.max {
				c.more++
				continue
			}
			c.flows[pair]++
		}
	}
}

func (c *conflicts) sorted() []Conflict {
	out := make([]Conflict, 0, len(c.flows))
	for pair, n := range c.flows {
		out = append(out, Conflict{pair[0], pair[1], n})
	}
	slices.SortFunc(out, func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(b.Flows, a.Flows), a.A.compare(b.A), a.B.compare(b.B))
	})
	return out
}
