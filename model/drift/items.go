package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pcapmill/model/baseline"
	"pcapmill/outputs/text"
)

// report puts together what was found.
func (j *judge) report(base Base) (*Report, error) {
	r := &Report{
		Version: ReportVersion, Judged: j.judged, Notes: []string{}, Asked: j.presences,
		Baseline: Extent{Hosts: j.hosts, Windows: j.windows, Sources: len(base.Sources())},
		Current:  Extent{Hosts: uint64(j.people[everybody].now), Windows: uint64(len(j.current.order) - j.beyond)},
	}
	if days := base.Days(); len(days) > 0 {
		r.Baseline.First, r.Baseline.Last = dateOf(days[0]), dateOf(days[len(days)-1])
	}
	if n := len(j.starts); n > 0 {
		r.Current.First, r.Current.Last = time.Unix(0, j.starts[0]).UTC(), time.Unix(0, j.starts[n-1]).UTC()
	}
	var items []Item
	items = append(items, j.schema(base)...)
	items = append(items, j.totalItems()...)
	items = append(items, j.populationItems(r)...)
	items = append(items, j.valueItems()...)
	items = append(items, j.findingItems(r)...)
	items = append(items, j.ownItems(r)...)
	if r.Gated = j.gated; j.gated {
		gate(items, j.scores)
	}
	items = append(items, j.quality...)
	r.take(items, j.c)
	r.takeScores(j.scores, j.newcomers, j.c)
	if err := j.notes(r, base); err != nil {
		return nil, err
	}
	r.Verdict = r.Worst()
	return r, nil
}

func dateOf(d baseline.Day) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Worst is the highest severity among what is not suppressed.
func (r *Report) Worst() Severity {
	worst := None
	for i := range r.Items {
		if r.Items[i].Suppressed == nil {
			worst = max(worst, r.Items[i].Severity)
		}
	}
	for i := range r.Hosts {
		if r.Hosts[i].Suppressed == nil {
			worst = max(worst, r.Hosts[i].Severity)
		}
	}
	return worst
}

// layerOrder is the order in which layers are read.
var layerOrder = []Layer{Quality, Schema, Volume, Population, Values, Cardinality, Distribution, Behaviour}

// take sorts items and keeps as many as a report has.
func (r *Report) take(items []Item, c Config) {
	for i := range items {
		x := &items[i]
		x.ID = string(x.Layer) + "/" + x.Segment + "/" + x.Subject
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(slices.Index(layerOrder, a.Layer), slices.Index(layerOrder, b.Layer)),
			cmp.Compare(a.ID, b.ID),
		)
	})
	kept := min(len(items), c.MostItems)
	r.Judged.MoreItems = len(items) - kept
	r.Items = append([]Item{}, items[:kept]...)
}

// sortScores puts hosts that have drifted most first, and equal ones as they came.
func sortScores(scores []Score) {
	slices.SortStableFunc(scores, func(a, b Score) int { return cmp.Compare(*b.Index, *a.Index) })
}

// takeScores keeps the hosts that have drifted most, then new ones.
func (r *Report) takeScores(scores []Score, newcomers []newcomer, c Config) {
	sortScores(scores)
	for _, n := range newcomers {
		scores = append(scores, Score{Host: n.host.String(), New: true, Windows: n.windows, Action: None.Action()})
	}
	kept := min(len(scores), c.MostHosts)
	r.Judged.MoreHosts += len(scores) - kept + r.Judged.NewHosts - len(newcomers)
	r.Hosts = append([]Score{}, scores[:kept]...)
}

func (j *judge) notes(r *Report, base Base) error {
	rest, err := base.Rest()
	if err != nil {
		return err
	}
	if len(j.starts) == 0 {
		r.Notes = append(r.Notes, "There are no current windows: nothing was compared.")
	}
	if rest.Windows > 0 || j.beyond > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("The baseline has %d windows of hosts beyond its limit, and there are %d now, which are not compared.", rest.Windows, j.beyond))
	}
	if names := j.values.unlearnt(); len(names) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("The baseline has no keys of %s: what is new of them is not known.", strings.Join(names, ", ")))
	}
	if h := len(j.people[everybody].hours); h < leastHours {
		r.Notes = append(r.Notes, fmt.Sprintf("The baseline has %s; with %d or more, each host is compared with its own hours, and a passing change of all hosts is told from a lasting one.", text.Plural(int64(h), "hour"), leastHours))
	}
	if j.current.keys.leftOut > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d counts are of keys beyond the %d that are told apart.", j.current.keys.leftOut, mostKeys))
	}
	return nil
}

func (j *judge) schema(base Base) (items []Item) {
	for _, name := range j.current.missing {
		items = append(items, Item{
			Layer: Schema, Segment: "global", Subject: name, Severity: Medium, Outcome: Drift,
			Text: "the baseline knows " + name + ", and the table has no such feature",
		})
	}
	for _, name := range j.current.added {
		items = append(items, Item{
			Layer: Schema, Segment: "global", Subject: name, Severity: Low, Outcome: Drift,
			Text: "the table has " + name + ", which the baseline does not know",
		})
	}
	return items
}
