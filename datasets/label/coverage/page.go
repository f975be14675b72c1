package coverage

import (
	"fmt"
	"strings"

	"pcapmill/datasets/label/page"
)

// Page is a report as people see it, with at most so many rows of a table; 0: all.
func (r *Report) Page(top int) *page.Page {
	p := &page.Page{Title: r.title(), Facts: r.facts(), Notes: r.Notes}
	if r.Timeline != nil {
		p.Charts = append(p.Charts, r.Timeline.chart())
	}
	p.Sections = []page.Section{
		r.labels(top), r.rules(top), r.silent(top), r.reasons(top), r.unmatched(top), r.conflicts(top), r.edges(top), r.shift(top), r.pairs(top), r.captures(top), r.sources(top), r.refusals(top),
	}
	for _, s := range r.Sources {
		for _, note := range s.Notes {
			p.Notes = append(p.Notes, s.Path+": "+note)
		}
	}
	return p
}

// outcome is how many flows have it.
func (r *Report) outcome(name string) int64 {
	for _, c := range r.Outcomes {
		if c.Name == name {
			return c.Flows
		}
	}
	return 0
}

func (r *Report) title() string {
	return fmt.Sprintf("%s of %s labelled (%s)", page.Count(r.outcome("labelled")), page.Plural(r.Flows, "flow"), page.Share(r.outcome("labelled"), r.Flows))
}

func (r *Report) facts() []page.Fact {
	facts := []page.Fact{{Name: "flows", Text: r.Tables}}
	for _, c := range r.Outcomes {
		facts = append(facts, page.Fact{Name: c.Name, Text: page.Count(c.Flows) + ", " + page.Share(c.Flows, r.Flows)})
	}
	if e := &r.Events; e.All > 0 {
		facts = append(facts, page.Fact{Name: "events", Text: fmt.Sprintf("%s: %s matched, %s fit several flows, %s matched none", page.Count(e.All), page.Count(e.Matched), page.Count(e.Ambiguous), page.Count(e.Unmatched))})
	}
	for i := range r.Shifts {
		if advice := r.Shifts[i].Advice; advice != "" {
			facts = append(facts, page.Fact{Name: "times", Text: advice})
		}
	}
	for _, t := range r.Written {
		facts = append(facts, page.Fact{Name: t.Table, Text: page.Plural(t.Rows, "row")})
	}
	return append(facts, page.Fact{Name: "label version", Text: r.Version})
}

func (t *Timeline) chart() page.Chart {
	c := page.Chart{Name: "When flows begin", Doc: "Each label by itself, as high as its highest; " + page.Duration(t.StepNs) + " a step, times in UTC", First: t.FirstNs, Step: t.StepNs}
	for _, s := range t.Series {
		c.Lanes = append(c.Lanes, page.Lane{Name: s.Name, Values: s.Counts, Grey: s.Rest})
	}
	return c
}

// rowsOf makes the rows of a section, the first ones of a list.
func rowsOf[T any](s *page.Section, list []T, top int, row func(*T) []string) {
	for i := range list {
		if top > 0 && i == top {
			s.More += int64(len(list) - top)
			return
		}
		s.Rows = append(s.Rows, row(&list[i]))
	}
}

func (r *Report) labels(top int) page.Section {
	s := page.Section{
		Name: "Labels", None: "no flow is labelled",
		Columns: append(page.Words("label", "category"), append(page.Numbers("flows", "share", "attempted"), page.Words("first", "last")...)...),
	}
	rowsOf(&s, r.Labels, top, func(l *Label) []string {
		return []string{l.Label, l.Category, page.Count(l.Flows), page.Share(l.Flows, r.Flows), page.Count(l.Attempted), page.Instant(l.FirstNs), page.Instant(l.LastNs)}
	})
	return s
}

// where says where in its source something stands.
func where(path string, line int64) string {
	if line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, line)
}

func (r *Report) rules(top int) page.Section {
	s := page.Section{
		Name: "Rules", Doc: "What each rule, or the events of one ID, said of flows",
		Columns: append(page.Words("rule", "label", "source"), page.Numbers("events", "hits", "labels")...), More: r.MoreRules,
	}
	var some []Rule
	for _, rule := range r.Rules {
		if rule.Hits > 0 {
			some = append(some, rule)
		}
	}
	rowsOf(&s, some, top, func(x *Rule) []string {
		events := "-"
		if x.Events > 0 {
			events = page.Count(x.Events)
		}
		return []string{x.ID, x.Label, where(x.Source, x.Line), events, page.Count(x.Hits), page.Count(x.Flows)}
	})
	return s
}

// silent are the rules that never matched.
func (r *Report) silent(top int) page.Section {
	s := page.Section{
		Name: "Rules that never matched", Doc: "With the flow that came nearest, and what of it does not fit",
		Columns: page.Words("rule", "label", "source", "does not fit", "nearest flow"),
	}
	var some []Rule
	for _, rule := range r.Rules {
		if rule.Hits == 0 {
			some = append(some, rule)
		}
	}
	rowsOf(&s, some, top, func(x *Rule) []string {
		wrong, flow := x.Miss.text()
		return []string{x.ID, x.Label, where(x.Source, x.Line), wrong, flow}
	})
	return s
}

// text says what of a nearest miss is wrong, and which flow it is.
func (m *Miss) text() (wrong, flow string) {
	if m == nil {
		return "-", "-"
	}
	wrong = strings.Join(m.Wrong, ", ")
	switch {
	case m.OffNs > 0:
		wrong += " (the flow is " + page.Duration(m.OffNs) + " later)"
	case m.OffNs < 0:
		wrong += " (the flow is " + page.Duration(-m.OffNs) + " earlier)"
	case m.FlowID == nil:
		return wrong + " (no flow has them)", "-"
	}
	return wrong, m.Flow
}

func (r *Report) reasons(top int) page.Section {
	s := page.Section{Name: "Why events matched no flow", Columns: append(page.Words("reason"), page.Numbers("events")...)}
	rowsOf(&s, r.Events.Reasons, top, func(c *Count) []string { return []string{c.Name, page.Count(c.Flows)} })
	return s
}

func (r *Report) unmatched(top int) page.Section {
	s := page.Section{
		Name: "Events that matched no flow", Doc: "The first ones; unmatched.jsonl has all",
		Columns: page.Words("source", "event", "time", "flow", "reason", "nearest flow"),
	}
	rowsOf(&s, r.Events.First, top, func(e *Event) []string {
		_, flow := e.Miss.text()
		return []string{where(e.Source, e.Line), strings.TrimSpace(e.ID + " " + e.Label), page.Instant(e.TimeNs), e.Flow, e.Reason, flow}
	})
	s.More = max(0, r.Events.Unmatched-int64(len(s.Rows)))
	return s
}

func (r *Report) conflicts(top int) page.Section {
	s := page.Section{
		Name: "Conflicts", Doc: "Labels of the same priority that are said of the same flows, which are ambiguous",
		Columns: append(page.Words("one", "another"), page.Numbers("flows")...),
	}
	rowsOf(&s, r.Conflicts, top, func(c *Conflict) []string {
		return []string{c.A, c.B, page.Count(c.Flows)}
	})
	return s
}

func (r *Report) edges(top int) page.Section {
	s := page.Section{
		Name: "Flows over the edge of a rule's times", Doc: "They begin before, or end behind, what the rule says",
		Columns: append(page.Words("rule"), page.Numbers("hits", "begin outside", "end outside")...),
	}
	rowsOf(&s, r.Edges, top, func(e *Edge) []string {
		return []string{e.Rule, page.Count(e.Hits), page.Count(e.Begins), page.Count(e.Ends)}
	})
	return s
}

func (r *Report) shift(top int) page.Section {
	s := page.Section{
		Name: "If times were others", Doc: "What would match with all times of a source moved; much more than as given says that they are of another zone",
		Columns: append(page.Words("source", "moved by"), page.Numbers("events", "rules", "flows of rules")...),
	}
	for _, x := range r.Shifts {
		if x.Advice == "" {
			continue
		}
		for i, o := range append([]Offset{x.AsGiven}, x.Best...) {
			moved := page.Offset(o.OffsetNs)
			if i == 0 {
				moved = "as given"
			}
			s.Rows = append(s.Rows, []string{x.Source, moved, page.Count(o.Events) + " of " + page.Count(x.Events), page.Count(o.Rules) + " of " + page.Count(x.Rules), page.Count(o.Flows)})
		}
	}
	if top > 0 && len(s.Rows) > top {
		s.More, s.Rows = int64(len(s.Rows)-top), s.Rows[:top]
	}
	return s
}

func (r *Report) pairs(top int) page.Section {
	s := page.Section{
		Name: "Hosts", Doc: "Labels by initiator and responder",
		Columns: append(page.Words("initiator", "responder", "label"), page.Numbers("flows")...), More: r.MorePairs,
	}
	rowsOf(&s, r.Pairs, top, func(p *Pair) []string {
		name := p.Label
		if name == "" {
			name = "(ambiguous)"
		}
		return []string{p.Src, p.Dst, name, page.Count(p.Flows)}
	})
	return s
}

func (r *Report) captures(top int) page.Section {
	s := page.Section{
		Name: "Packets", Columns: append(page.Words("capture"), append(page.Numbers("packets", "in flows", "labelled", "fit several", "without flow", "fragments", "others"), page.Words("damage")...)...),
	}
	for i, c := range r.Captures {
		if top > 0 && i == top {
			s.More = int64(len(r.Captures) - top)
			break
		}
		s.Rows = append(s.Rows, []string{c.Path, page.Count(c.Packets), page.Count(c.Rows), page.Count(c.Labelled), page.Count(c.Several), page.Count(c.NoFlow), page.Count(c.Fragments), page.Count(c.Others), c.Damage})
	}
	return s
}

func (r *Report) sources(top int) page.Section {
	s := page.Section{
		Name: "Sources", Columns: append(page.Words("source", "format", "zone"), page.Numbers("rules", "events", "skipped", "refused")...),
	}
	rowsOf(&s, r.Sources, top, func(x *Source) []string {
		return []string{x.Path, x.Kind, x.Zone, page.Count(x.Rules), page.Count(x.Events), page.Count(x.Skipped), page.Count(x.Refused)}
	})
	return s
}

func (r *Report) refusals(top int) page.Section {
	s := page.Section{Name: "Refused lines", Doc: "The first ones of each source", Columns: page.Words("where", "reason")}
	for _, source := range r.Sources {
		s.More += source.Refused - int64(len(source.Refusals))
		for _, x := range source.Refusals {
			if top > 0 && len(s.Rows) == top {
				s.More++
				continue
			}
			at := where(source.Path, x.Line)
			if x.Line == 0 && x.Offset != nil {
				at += fmt.Sprintf(" at byte %d", *x.Offset)
			}
			s.Rows = append(s.Rows, []string{at, x.Reason})
		}
	}
	return s
}
