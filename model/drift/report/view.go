package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// view is a report as forms for people lay it out: layers in their order, numbers as
// people read them. All text is escaped; what a form's syntax needs comes on top.
type view struct {
	verdict  drift.Severity
	fails    bool
	headline string
	facts    []fact
	sections []section
	quiet    []string // layers without items
	hosts    []hostView
	moreHost int // hosts without room in hosts
	moreAll  int // the same of those that the report itself had no room for
	moreItem int // items that the report had no room for
	notes    []string
}

// fact is a line of the head: a name and what it is.
type fact struct{ name, text string }

// section is a layer with items.
type section struct {
	name, doc string
	rows      []row
	more      int // items without room in rows
}

// row is an item.
type row struct {
	severity   drift.Severity
	outcome    string // in place of a severity, where that is none
	suppressed bool
	segment    string
	subject    string
	usual, now string
	text       string
	details    []string
}

// word is the severity, or why there is none.
func (r *row) word() string { return word(r.severity, r.outcome, r.suppressed) }

func word(s drift.Severity, outcome string, suppressed bool) string {
	name := s.String()
	if s == drift.None && outcome != "" {
		name = strings.ReplaceAll(outcome, "_", " ")
	}
	if suppressed {
		return "(" + name + ")"
	}
	return name
}

// word is the severity, or that the host is new.
func (h *hostView) word() string { return word(h.severity, h.outcome, h.suppressed) }

// hostView is a host's score.
type hostView struct {
	host, index string
	outcome     string  // in place of a severity, where that is none
	fill        float64 // of the index, 0 to 1
	severity    drift.Severity
	suppressed  bool
	windows     string
	action      string
	details     []string
	features    []featureView
}

// featureView is a feature's part in an index.
type featureView struct {
	name, usual, now, z string
	share               float64
}

// barIndex is the drift index at which a bar is full: twice where critical begins.
const barIndex = 10

// layers in the order of the report, each with what it is about.
var layers = []struct {
	layer drift.Layer
	doc   string
}{
	{drift.Quality, "what the capture lost: it can explain what follows"},
	{drift.Schema, "columns that are missing, new or of another type"},
	{drift.Volume, "windows, hosts, packets and bytes in all"},
	{drift.Population, "hosts that are new or gone"},
	{drift.Values, "values that are new, gone, or of another share"},
	{drift.Cardinality, "how many different values there are"},
	{drift.Distribution, "features whose distribution changed"},
	{drift.Behaviour, "single hosts that do not behave as they used to"},
}

func viewOf(r *drift.Report, o Options) *view {
	v := &view{
		verdict: r.Verdict, fails: o.Fails(r.Verdict), headline: headline(r, o), facts: factsOf(r),
		moreAll: r.Judged.MoreHosts, moreItem: r.Judged.MoreItems,
	}
	for _, s := range sectionsOf(r) {
		if s.rows, s.more = top(s.rows, o.Top); len(s.rows) > 0 {
			v.sections = append(v.sections, s)
		} else if s.name != string(drift.Behaviour) || len(r.Hosts) == 0 {
			v.quiet = append(v.quiet, s.name)
		}
	}
	for i := range r.Hosts {
		v.hosts = append(v.hosts, hostOf(&r.Hosts[i]))
	}
	v.hosts, v.moreHost = top(v.hosts, o.Top)
	for _, note := range r.Notes {
		v.notes = append(v.notes, shown(note))
	}
	return v
}

// sectionsOf returns all layers with their items, those without too.
func sectionsOf(r *drift.Report) []section {
	all := make([]section, len(layers))
	place := map[drift.Layer]int{}
	for i, l := range layers {
		all[i] = section{name: string(l.layer), doc: l.doc}
		place[l.layer] = i
	}
	for i := range r.Items {
		x := &r.Items[i]
		at, known := place[x.Layer]
		if !known { // of a later version of the report
			at = len(all)
			place[x.Layer] = at
			all = append(all, section{name: shown(string(x.Layer)), doc: "a layer that this build does not know"})
		}
		all[at].rows = append(all[at].rows, rowOf(x))
	}
	return all
}

// shown is a string as forms for people may show it. One that is longer than any name of
// ours is cut.
func shown(s string) string { return text.Truncate(text.Escape(s), mostText) }

const mostText = 1000

// top cuts a list to its first n, of which 0 is all, and returns how many that leaves out.
func top[T any](list []T, n int) ([]T, int) {
	if n == 0 || len(list) <= n {
		return list, 0
	}
	return list[:n], len(list) - n
}

// headline is the verdict in one line.
func headline(r *drift.Report, o Options) string {
	items, hosts, suppressed := counted(r, o)
	line := "no drift"
	if r.Verdict > drift.None {
		line = "drift: " + r.Verdict.String()
	}
	if o.FailOn > drift.None && r.Verdict > drift.None {
		line += fmt.Sprintf("; %s and %s at or above %s", plural(items, "item"), plural(hosts, "host"), o.on())
	}
	if suppressed > 0 {
		line += fmt.Sprintf("; %s suppressed", count(suppressed))
	}
	return line
}

// counted returns how many items and hosts fail, and how many with a severity are suppressed.
func counted(r *drift.Report, o Options) (items, hosts, suppressed int) {
	tell := func(s drift.Severity, by *drift.Suppression, n *int) {
		switch {
		case by != nil && s > drift.None:
			suppressed++
		case by == nil && o.Fails(s):
			*n++
		}
	}
	for i := range r.Items {
		tell(r.Items[i].Severity, r.Items[i].Suppressed, &items)
	}
	for i := range r.Hosts {
		tell(r.Hosts[i].Severity, r.Hosts[i].Suppressed, &hosts)
	}
	return items, hosts, suppressed
}

func factsOf(r *drift.Report) []fact {
	j := &r.Judged
	return []fact{
		{"baseline", extent(&r.Baseline, time.DateOnly)},
		{"current", extent(&r.Current, time.DateTime+" UTC")},
		{"judged", fmt.Sprintf("%s of features in segments (%s with too few windows, %s of no size), %s (%s warming up, %s new, %s gone)",
			plural(j.Findings, "finding"), count(j.TooFew), count(j.TooSmall), plural(j.Hosts, "host"), count(j.WarmingUp), count(j.NewHosts), count(j.GoneHosts))},
	}
}

// extent says how much there is; of a baseline, days are known.
func extent(e *drift.Extent, layout string) string {
	if e.Windows == 0 {
		return "no windows, " + plural(e.Sources, "table")
	}
	when := e.First.UTC().Format(layout)
	if last := e.Last.UTC().Format(layout); last != when {
		when += " to " + last
	}
	return fmt.Sprintf("%s of %s, %s, %s", plural(e.Windows, "window"), plural(e.Hosts, "host"), when, plural(e.Sources, "table"))
}

func rowOf(x *drift.Item) row {
	return row{
		severity: x.Severity, outcome: string(x.Outcome), suppressed: x.Suppressed != nil, segment: shown(x.Segment), subject: shown(x.Subject),
		usual: readable(x.Unit, x.Baseline), now: readable(x.Unit, x.Current), text: shown(x.Text), details: details(x),
	}
}

// Of keys and hosts of an item, people see so many.
const mostKeys, mostMovers = 5, 5

// details are lines below an item: how sure it is, keys, hosts that explain it.
func details(x *drift.Item) []string {
	var lines []string
	if m := x.Measures; m != nil {
		if line := measured(m); line != "" {
			lines = append(lines, line)
		}
	}
	if len(x.Keys) > 0 {
		keys, more := top(x.Keys, mostKeys)
		lines = append(lines, listed("", keys, more+x.MoreKeys, "key", keyed))
	}
	if len(x.Movers) > 0 {
		movers, more := top(x.Movers, mostMovers)
		lines = append(lines, listed("most by ", movers, more, "host", func(m *drift.Mover) string { return moved(m, x.Unit) }))
	}
	return append(lines, suppressedBy(x.Suppressed)...)
}

// listed is some of a list in one line, and how many more there are.
func listed[T any](lead string, list []T, more int, thing string, say func(*T) string) string {
	var parts []string
	for i := range list {
		parts = append(parts, say(&list[i]))
	}
	if more > 0 {
		parts = append(parts, plural(more, "more "+thing))
	}
	return lead + strings.Join(parts, "; ")
}

func keyed(k *drift.KeyItem) string {
	line := fmt.Sprintf("%s %s: %s → %s", shown(k.Change), shown(k.Key), count(k.Baseline), count(k.Current))
	if k.Hosts > 0 {
		line += ", " + plural(k.Hosts, "host")
	}
	return line
}

// moved is a host's share in an item. Of hosts that are new or gone there is no more than the name.
func moved(m *drift.Mover, unit string) string {
	line := shown(m.Host)
	if m.Baseline != nil || m.Current != nil {
		line += " " + readable(unit, m.Baseline) + " → " + readable(unit, m.Current)
	}
	if m.Effect != 0 {
		line += fmt.Sprintf(" (%+.1f sd)", m.Effect)
	}
	return line
}

func suppressedBy(s *drift.Suppression) []string {
	switch {
	case s == nil:
		return nil
	case s.Until.IsZero():
		return []string{"suppressed for good: " + shown(s.Reason)}
	}
	return []string{"suppressed until " + s.Until.UTC().Format(time.DateOnly) + ": " + shown(s.Reason)}
}

// measured is what an item's measures say, where it has any.
func measured(m *drift.Measures) string {
	var parts []string
	say := func(format string, v *float64) {
		if v != nil {
			parts = append(parts, fmt.Sprintf(format, *v))
		}
	}
	say("×%.3g", m.Factor)
	say("effect %+.2f sd", m.Effect)
	say("spread ×%.3g", m.Spread)
	for _, d := range []struct {
		name string
		*drift.Distance
	}{{"PSI", m.PSI}, {"JS", m.JS}, {"KS", m.KS}, {"Wasserstein", m.Wasserstein}} {
		if d.Distance != nil {
			parts = append(parts, fmt.Sprintf("%s %.2g", d.name, d.Value))
		}
	}
	say("usual PSI %.2g", m.Usual)
	if m.Test != "" {
		parts = append(parts, fmt.Sprintf("p %s, adjusted %s, by %s", chance(m.P), chance(m.Adjusted), shown(m.Test)))
	}
	if m.BaselineN > 0 || m.CurrentN > 0 {
		parts = append(parts, fmt.Sprintf("%s → %s", plural(m.BaselineN, "window"), count(m.CurrentN)))
	}
	if m.Hosts > 0 {
		parts = append(parts, plural(m.Hosts, "host"))
	}
	return strings.Join(parts, ", ")
}

// mostFeatures is how many features of a host people see.
const mostFeatures = 5

func hostOf(s *drift.Score) hostView {
	v := hostView{
		host: shown(s.Host), index: "-", severity: s.Severity, suppressed: s.Suppressed != nil,
		windows: plural(s.Windows, "window"), action: shown(s.Action),
	}
	switch {
	case s.New:
		v.index, v.outcome = "-", "new"
	case s.Index != nil:
		v.index, v.fill = fmt.Sprintf("%.2f", *s.Index), min(1, max(0, *s.Index/barIndex))
		v.windows += " after " + count(s.Baseline)
	}
	if s.Peak != nil && s.PeakStart != nil {
		v.details = append(v.details, fmt.Sprintf("highest %.2f, at %s UTC", *s.Peak, s.PeakStart.UTC().Format(time.DateTime)))
	}
	v.details = slices.Concat(v.details, suppressedBy(s.Suppressed))
	features, _ := top(s.Features, mostFeatures)
	for _, f := range features {
		v.features = append(v.features, featureView{
			shown(f.Feature), readable(f.Unit, &f.Usual), readable(f.Unit, &f.Value), fmt.Sprintf("%+.1f", f.RobustZ), f.Share,
		})
	}
	return v
}
