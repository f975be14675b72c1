package coverage

import (
	"fmt"
	"strings"

	"pcapmill/outputs/report"
	"pcapmill/outputs/text"
)

// Page is a report as people see it, with at most so many rows of a table; 0: all.
func (r *Report) Page(top int) *report.Page {
	p := &report.Page{Title: r.title(), Facts: r.facts(), Notes: r.Notes}
	if r.Timeline != nil {
		p.Charts = append(p.Charts, r.Timeline.chart())
	}
	p.Sections = []report.Section{
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
	return fmt.Sprintf("%s of %s labelled (%s)", text.Count(r.outcome("labelled")), text.Plural(r.Flows, "flow"), report.Share(r.outcome("labelled"), r.Flows))
}

func (r *Report) facts() []report.Fact {
	facts := []report.Fact{{Name: "flows", Text: r.Tables}}
	for _, c := range r.Outcomes {
		facts = append(facts, report.Fact{Name: c.Name, Text: text.Count(c.Flows) + ", " + report.Share(c.Flows, r.Flows)})
	}
	if e := &r.Events; e.All > 0 {
		facts = append(facts, report.Fact{Name: "events", Text: fmt.Sprintf("%s: %s matched, %s fit several flows, %s matched none", text.Count(e.All), text.Count(e.Matched), text.Count(e.Ambiguous), text.Count(e.Unmatched))})
	}
	for i := range r.Shifts {
		if advice := r.Shifts[i].Advice; advice != "" {
			facts = append(facts, report.Fact{Name: "times", Text: advice})
		}
	}
	for _, t := range r.Written {
		facts = append(facts, report.Fact{Name: t.Table, Text: text.Plural(t.Rows, "row")})
	}
	return append(facts, report.Fact{Name: "label version", Text: r.Version})
}

func (t *Timeline) chart() report.Chart {
	c := report.Chart{Name: "When flows begin", Doc: "Each label by itself, as high as its highest; " + report.Duration(t.StepNs) + " a step, times in UTC", First: t.FirstNs, Step: t.StepNs}
	for _, s := range t.Series {
		c.Lanes = append(c.Lanes, report.Lane{Name: s.Name, Values: s.Counts, Grey: s.Rest})
	}
	return c
}

// rowsOf makes the rows of a section, the first ones of a list.
func rowsOf[T any](s *report.Section, list []T, top int, row func(*T) []string) {
	for i := range list {
		if top > 0 && i == top {
			s.More += int64(len(list) - top)
			return
		}
		s.Rows = append(s.Rows, row(&list[i]))
	}
}

func (r *Report) labels(top int) report.Section {
	s := report.Section{
		Name: "Labels", None: "no flow is labelled",
		Columns: append(report.Words("label", "category"), append(report.Numbers("flows", "share", "attempted"), report.Words("first", "last")...)...),
	}
	rowsOf(&s, r.Labels, top, func(l *Label) []string {
		return []string{l.Label, l.Category, text.Count(l.Flows), report.Share(l.Flows, r.Flows), text.Count(l.Attempted), report.Instant(l.FirstNs), report.Instant(l.LastNs)}
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

func (r *Report) rules(top int) report.Section {
	s := report.Section{
		Name: "Rules", Doc: "What each rule, or the events of one ID, said of flows",
		Columns: append(report.Words("rule", "label", "source"), report.Numbers("events", "hits", "labels")...), More: r.MoreRules,
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
			events = text.Count(x.Events)
		}
		return []string{x.ID, x.Label, where(x.Source, x.Line), events, text.Count(x.Hits), text.Count(x.Flows)}
	})
	return s
}

// silent are the rules that never matched.
func (r *Report) silent(top int) report.Section {
	s := report.Section{
		Name: "Rules that never matched", Doc: "With the flow that came nearest, and what of it does not fit",
		Columns: report.Words("rule", "label", "source", "does not fit", "nearest flow"),
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
		wrong += " (the flow is " + report.Duration(m.OffNs) + " later)"
	case m.OffNs < 0:
		wrong += " (the flow is " + report.Duration(-m.OffNs) + " earlier)"
	case m.FlowID == nil:
		return wrong + " (no flow has them)", "-"
	}
	return wrong, m.Flow
}

func (r *Report) reasons(top int) report.Section {
	s := report.Section{Name: "Why events matched no flow", Columns: append(report.Words("reason"), report.Numbers("events")...)}
	rowsOf(&s, r.Events.Reasons, top, func(c *Count) []string { return []string{c.Name, text.Count(c.Flows)} })
	return s
}

func (r *Report) unmatched(top int) report.Section {
	s := report.Section{
		Name: "Events that matched no flow", Doc: "The first ones; unmatched.jsonl has all",
		Columns: report.Words("source", "event", "time", "flow", "reason", "nearest flow"),
	}
	rowsOf(&s, r.Events.First, top, func(e *Event) []string {
		_, flow := e.Miss.text()
		return []string{where(e.Source, e.Line), strings.TrimSpace(e.ID + " " + e.Label), report.Instant(e.TimeNs), e.Flow, e.Reason, flow}
	})
	s.More = max(0, r.Events.Unmatched-int64(len(s.Rows)))
	return s
}

func (r *Report) conflicts(top int) report.Section {
	s := report.Section{
		Name: "Conflicts", Doc: "Labels of the same priority that are said of the same flows, which are ambiguous",
		Columns: append(report.Words("one", "another"), report.Numbers("flows")...),
	}
	rowsOf(&s, r.Conflicts, top, func(c *Conflict) []string {
		return []string{c.A, c.B, text.Count(c.Flows)}
	})
	return s
}

func (r *Report) edges(top int) report.Section {
	s := report.Section{
		Name: "Flows over the edge of a rule's times", Doc: "They begin before, or end behind, what the rule says",
		Columns: append(report.Words("rule"), report.Numbers("hits", "begin outside", "end outside")...),
	}
	rowsOf(&s, r.Edges, top, func(e *Edge) []string {
		return []string{e.Rule, text.Count(e.Hits), text.Count(e.Begins), text.Count(e.Ends)}
	})
	return s
}

func (r *Report) shift(top int) report.Section {
	s := report.Section{
		Name: "If times were others", Doc: "What would match with all times of a source moved; much more than as given says that they are of another zone",
		Columns: append(report.Words("source", "moved by"), report.Numbers("events", "rules", "flows of rules")...),
	}
	for _, x := range r.Shifts {
		if x.Advice == "" {
			continue
		}
		for i, o := range append([]Offset{x.AsGiven}, x.Best...) {
			moved := report.Offset(o.OffsetNs)
			if i == 0 {
				moved = "as given"
			}
			s.Rows = append(s.Rows, []string{x.Source, moved, text.Count(o.Events) + " of " + text.Count(x.Events), text.Count(o.Rules) + " of " + text.Count(x.Rules), text.Count(o.Flows)})
		}
	}
	if top > 0 && len(s.Rows) > top {
		s.More, s.Rows = int64(len(s.Rows)-top), s.Rows[:top]
	}
	return s
}

func (r *Report) pairs(top int) report.Section {
	s := report.Section{
		Name: "Hosts", Doc: "Labels by initiator and responder",
		Columns: append(report.Words("initiator", "responder", "label"), report.Numbers("flows")...), More: r.MorePairs,
	}
	rowsOf(&s, r.Pairs, top, func(p *Pair) []string {
		name := p.Label
		if name == "" {
			name = "(ambiguous)"
		}
		return []string{p.Src, p.Dst, name, text.Count(p.Flows)}
	})
	return s
}

func (r *Report) captures(top int) report.Section {
	s := report.Section{
		Name: "Packets", Columns: append(report.Words("capture"), append(report.Numbers("packets", "in flows", "labelled", "fit several", "without flow", "fragments", "others"), report.Words("damage")...)...),
	}
	for i, c := range r.Captures {
		if top > 0 && i == top {
			s.More = int64(len(r.Captures) - top)
			break
		}
		s.Rows = append(s.Rows, []string{c.Path, text.Count(c.Packets), text.Count(c.Rows), text.Count(c.Labelled), text.Count(c.Several), text.Count(c.NoFlow), text.Count(c.Fragments), text.Count(c.Others), c.Damage})
	}
	return s
}

func (r *Report) sources(top int) report.Section {
	s := report.Section{
		Name: "Sources", Columns: append(report.Words("source", "format", "zone"), report.Numbers("rules", "events", "skipped", "refused")...),
	}
	rowsOf(&s, r.Sources, top, func(x *Source) []string {
		return []string{x.Path, x.Kind, x.Zone, text.Count(x.Rules), text.Count(x.Events), text.Count(x.Skipped), text.Count(x.Refused)}
	})
	return s
}

func (r *Report) refusals(top int) report.Section {
	s := report.Section{Name: "Refused lines", Doc: "The first ones of each source", Columns: report.Words("where", "reason")}
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
