package labels

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/coverage"
	"pcapmill/datasets/label/labels"
	"pcapmill/datasets/label/match"
	"pcapmill/features/batch"
	"pcapmill/outputs/report"
	"pcapmill/outputs/text"
)

// Limits of what reports have.
const (
	mostUnmatched = 1000    // events; unmatched.jsonl has all
	mostConflicts = 1000    // pairs
	mostDescribed = 1 << 16 // flows that are described
	mostOffsets   = 5       // of a source
)

// matched takes what the join found into the report.
func (w *work) matched(found *match.Report) error {
	w.wanted = map[int64][]*coverage.Miss{}
	for i := range found.Rules {
		r, rule := &found.Rules[i], &w.set.Rules[i]
		w.tally.Rule(w.set, &rule.Meaning, r.Hits, r.Chosen-w.dropped[int32(i)], w.miss(r.Miss))
		if r.Begins+r.Ends > 0 {
			w.report.Edges = append(w.report.Edges, coverage.Edge{Rule: subject(rule.ID, rule.Label), Hits: r.Hits, Begins: r.Begins, Ends: r.Ends})
		}
	}
	for i, c := range found.Conflicts {
		if i < mostConflicts {
			w.report.Conflicts = append(w.report.Conflicts, coverage.Conflict{A: subject(c.A.ID, c.A.Label), B: subject(c.B.ID, c.B.Label), Flows: c.Flows})
		} else {
			w.report.MoreConfl += c.Flows
		}
	}
	w.report.MoreConfl += found.ConflictsMore
	for i := range found.Scans {
		w.report.Shifts = append(w.report.Shifts, w.shift(&found.Scans[i]))
	}
	w.limits(found)
	return w.folder.File("unmatched.jsonl", func(out io.Writer) error { return w.events(out, found) })
}

// subject is a rule, or what events have in common, with its label.
func subject(id, name string) string {
	if id == "" || id == name {
		return name
	}
	return id + ": " + name
}

// limits notes what was left out.
func (w *work) limits(found *match.Report) {
	say := func(n int64, what string) {
		if n > 0 {
			w.note("%s %s", text.Count(n), what)
		}
	}
	say(found.HitsMore, "hits are not in label_hits, for a flow has at most --max-hits of them there; all have decided.")
	say(found.CandidatesMore, "flows that events may be about were too many to be held; those events count as ambiguous.")
	say(found.MissesMore, "pairs of flow and label were left out of the search for what came nearest.")
	say(found.ScanRulesMore, "rules with times are too many to be tried at other times.")
	if found.ScanSampled {
		w.note("What would match at other times is an estimate: some pairs of flow and label were left out.")
	}
}

// miss is what came nearest, which is described when the flows are read again.
func (w *work) miss(m *match.Miss) *coverage.Miss {
	if m == nil {
		return nil
	}
	c := &coverage.Miss{Wrong: strings.Split(m.Fields.String(), ","), OffNs: m.Distance}
	if m.Fields != match.Hosts {
		flow := m.FlowID
		c.FlowID = &flow
		if _, known := w.wanted[flow]; known || len(w.wanted) < mostDescribed {
			w.wanted[flow] = append(w.wanted[flow], c)
		}
	}
	return c
}

// errDescribed ends the reading of flows.
var errDescribed = errors.New("all flows are described")

// describe reads the flows again for those that came nearest to something, and says which they are.
func (w *work) describe(ctx context.Context) error {
	if len(w.wanted) == 0 {
		return nil
	}
	err := w.tables.view.Read(ctx, w.tables.flows, labels.Endpoints, func(b *batch.Batch) error {
		for i := range b.Rows {
			f := labels.EndpointsAt(b, i)
			misses, wanted := w.wanted[f.FlowID]
			if !wanted {
				continue
			}
			for _, m := range misses {
				m.Flow = f.String()
			}
			if delete(w.wanted, f.FlowID); len(w.wanted) == 0 {
				return errDescribed
			}
		}
		return nil
	})
	if errors.Is(err, errDescribed) {
		return nil
	}
	return err
}

// events writes a line for each event that matched nothing, and counts all.
func (w *work) events(out io.Writer, found *match.Report) error {
	all, reasons := &w.report.Events, map[string]int64{}
	all.All = int64(len(found.Events))
	for i := range found.Events {
		e := &found.Events[i]
		switch e.Outcome {
		case label.Labelled:
			all.Matched++
			continue
		case label.Ambiguous:
			all.Ambiguous++
			continue
		}
		all.Unmatched++
		reasons[e.Miss.Fields.String()]++
		line := w.unmatched(&w.set.Events[i], e.Miss)
		w.tally.Missed(w.set, &w.set.Events[i].Meaning, line.Miss)
		if err := line.WriteLine(out); err != nil {
			return err
		}
		if len(all.First) < mostUnmatched {
			all.First = append(all.First, line)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		all.Reasons = append(all.Reasons, coverage.Count{Name: reason, Flows: reasons[reason]})
	}
	slices.SortStableFunc(all.Reasons, func(a, b coverage.Count) int { return cmp.Compare(b.Flows, a.Flows) })
	return nil
}

// unmatched is an event that matched nothing, as reports have it.
func (w *work) unmatched(e *label.Event, m *match.Miss) coverage.Event {
	src, dst := "?", "?"
	if e.Src.IsValid() {
		src = e.Src.String()
	}
	if e.Dst.IsValid() {
		dst = e.Dst.String()
	}
	flow := labels.Tuple(src, e.SrcPort, dst, e.DstPort, e.Protocol)
	if !e.Src.IsValid() && !e.Dst.IsValid() && e.Community != "" {
		flow = "community_id " + e.Community
	}
	return coverage.Event{
		Source: w.sourceOf(&e.Meaning), Line: e.Line, ID: e.ID, Label: e.Label, TimeNs: e.Time, Flow: flow,
		Reason: m.Fields.String(), Miss: w.miss(m),
	}
}

// shift is a source's scan as reports have it: the offsets that match most, and what to do.
func (w *work) shift(s *match.Scan) coverage.Shift {
	name := w.set.Sources[s.Source].Path
	x := coverage.Shift{Source: name, Rules: s.Rules, Events: s.Events, AsGiven: offset(&s.Offsets[match.AsGiven])}
	order := make([]int, len(s.Offsets))
	for i := range order {
		order[i] = i
	}
	away := func(i int) int { return max(i-match.AsGiven, match.AsGiven-i) }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.Offsets[b].Score, s.Offsets[a].Score), cmp.Compare(away(a), away(b)))
	})
	for _, i := range order[:min(mostOffsets, len(order))] {
		if s.Offsets[i].Score > 0 {
			x.Best = append(x.Best, offset(&s.Offsets[i]))
		}
	}
	if s.Clear {
		x.Advice = w.advice(s)
	}
	return x
}

func offset(o *match.Offset) coverage.Offset {
	return coverage.Offset{OffsetNs: int64(o.Shift), Rules: o.Rules, Events: o.Events, Flows: o.Flows}
}

// advice says in a sentence that times are of another zone, and of which where one was given.
func (w *work) advice(s *match.Scan) string {
	best, given := &s.Offsets[s.Best], &s.Offsets[match.AsGiven]
	from := &w.set.Sources[s.Source]
	line := from.Path + ": times moved by " + report.Offset(int64(best.Shift)) + " would match " + outOf(s, best) + ", and as given match " + outOf(s, given)
	zone := w.Source.Zone
	if at, known := w.timeOf(s.Source); known && zone != nil && from.Zone == zone.String() {
		_, ahead := time.Unix(0, at).In(zone).Zone()
		return line + "; that would be --zone=" + report.Offset(int64(ahead)*int64(time.Second)-int64(best.Shift))
	}
	return line
}

// timeOf is a time that a source says.
func (w *work) timeOf(source int32) (int64, bool) {
	for i := range w.set.Events {
		if w.set.Events[i].Source == source {
			return w.set.Events[i].Time, true
		}
	}
	for i := range w.set.Rules {
		r := &w.set.Rules[i]
		if r.Source == source && len(r.Times) > 0 && r.Times[0].From != math.MinInt64 {
			return r.Times[0].From, true
		}
	}
	return 0, false
}

// outOf says what matches at an offset.
func outOf(s *match.Scan, o *match.Offset) string {
	var parts []string
	if s.Events > 0 {
		parts = append(parts, text.Count(o.Events)+" of "+text.Plural(s.Events, "event"))
	}
	if s.Rules > 0 {
		parts = append(parts, text.Count(o.Rules)+" of "+text.Plural(s.Rules, "rule")+" ("+text.Plural(o.Flows, "flow")+")")
	}
	return strings.Join(parts, " and ")
}
