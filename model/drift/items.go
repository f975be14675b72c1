package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

// report puts together what was found.
func (j *judge) report(base Base) (*Report, error) {
	r := &Report{
		Version: ReportVersion, Judged: j.judged, Notes: []string{},
		Baseline: Extent{Hosts: j.hosts, Windows: j.windows, Sources: len(base.Sources())},
		Current:  Extent{Hosts: uint64(j.people[everybody].now), Windows: uint64(len(j.current.order))},
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
	if rest.Windows > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("The baseline has %d windows of hosts beyond its limit, which are not compared.", rest.Windows))
	}
	if h := len(j.people[everybody].hours); h < leastHours {
		r.Notes = append(r.Notes, fmt.Sprintf("The baseline has %d hours; with %d or more, each host is compared with its own hours, and a passing change of all hosts is told from a lasting one.", h, leastHours))
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

// totalItems judges amounts and ratios of the whole network together.
func (j *judge) totalItems() (items []Item) {
	var verdicts []verdict
	var p []float64
	for _, t := range j.totals {
		v := t.judge(j.span(t.y))
		if v.ok {
			verdicts, p = append(verdicts, v), append(p, v.p)
		}
	}
	j.judged.Findings += len(p)
	for i, adjusted := range stat.BenjaminiHochberg(p, 0) {
		v := &verdicts[i]
		v.adjusted = adjusted
		size := v.size(j.c)
		if adjusted > j.c.FalseRate {
			continue
		}
		if size == None {
			j.judged.TooSmall++
			continue
		}
		v.severity = size
		items = append(items, v.item(j))
	}
	return items
}

// size is the severity of the change: by the factor, of shares also by the difference, and
// one less where it is of few hosts, or a fall of what a long tail makes.
func (v *verdict) size(c Config) Severity {
	bands := c.Amount
	if v.over != "" {
		bands = c.Factor
	}
	size := bands.Of(math.Abs(v.change))
	if v.share {
		size = min(size, c.Share.Of(math.Abs(v.seen-v.usual)))
	}
	// A long tail has a smaller mean, more often than not, in a short time than in a long one.
	shorter := v.tailed && v.change < 0
	if size > None && (!v.broad || shorter) {
		size--
	}
	return size
}

func (v *verdict) item(j *judge) Item {
	x := Item{
		Layer: Volume, Segment: "global", Subject: v.name, Severity: v.severity, Outcome: Drift,
		Baseline: &v.usual, Current: &v.seen,
	}
	unit := " a window"
	if v.over != "" {
		x.Layer, x.Subject, unit = Distribution, v.name+"/"+v.over, ""
	}
	factor := math.Exp(v.change)
	x.Measures = &Measures{Factor: &factor, P: v.p, Adjusted: v.adjusted, Test: "factor_by_host", DF: v.df, Hosts: int(v.hosts)}
	x.Text = fmt.Sprintf("%s: %s%s, usually %s (%s)", v.says, number(v.seen), unit, number(v.usual), times(factor))
	if from, to, grows := v.trend(); grows {
		way := "growing"
		if to < from {
			way = "falling"
		}
		x.Text += fmt.Sprintf(", %s within the period from %s to %s", way, number(from), number(to))
	}
	return x
}

// leastTrend is the factor from begin to end that is worth saying.
const leastTrend = 1.5

// trend is the line through the logarithm of the total over the windows, at its ends;
// false where it is flat or could be chance.
func (t *totaling) trend() (from, to float64, ok bool) {
	var at, y []float64
	starts := make([]int64, 0, len(t.windows))
	for s := range t.windows {
		starts = append(starts, s)
	}
	slices.Sort(starts)
	for i, s := range starts {
		w := t.windows[s]
		amount := w[0]
		if t.x >= 0 {
			if w[1] == 0 {
				continue
			}
			amount /= w[1]
		}
		if amount > 0 {
			at, y = append(at, float64(i)), append(y, math.Log(amount))
		}
	}
	slope, intercept, p, ok := stat.Line(at, y)
	if !ok || p > 0.05 {
		return 0, 0, false
	}
	last := at[len(at)-1]
	from, to = math.Exp(intercept+slope*at[0]), math.Exp(intercept+slope*last)
	return from, to, math.Abs(slope)*(last-at[0]) >= math.Log(leastTrend)
}

func (j *judge) populationItems(r *Report) (items []Item) {
	names := [populations]struct{ subject, says string }{{"hosts", "hosts"}, {"local_hosts", "hosts of private addresses"}}
	for i := range j.people {
		p := &j.people[i]
		if len(p.hours) == 0 || i == local && p.known == j.people[everybody].known && p.now == j.people[everybody].now {
			continue
		}
		hours := float64(len(j.hours))
		mean, variance := p.expected(p.exposure(j.hours))
		if x, ok := j.crowd(names[i].subject, "new", p.fresh, p.now, mean, variance); ok {
			x.Text = fmt.Sprintf("%d of %d %s are new, where %s were to be expected", p.fresh, p.now, names[i].says, number(mean))
			x.Movers = j.newMovers()
			items = append(items, x)
		}
		absent, expected, spread, gone := p.absences(hours)
		if i == everybody {
			r.Judged.GoneHosts = len(gone)
		}
		if x, ok := j.crowd(names[i].subject, "gone", absent, p.known, expected, max(spread, expected)); ok {
			x.Text = fmt.Sprintf("%d of %d %s that the baseline knows are not there, where %s were to be expected", absent, p.known, names[i].says, number(expected))
			for _, g := range gone[:min(len(gone), mostMovers)] {
				x.Movers = append(x.Movers, Mover{Host: g.host.String()})
			}
			items = append(items, x)
		}
	}
	return items
}

// crowd judges a number of hosts against what was to be expected.
func (j *judge) crowd(subject, change string, n, of int, mean, variance float64) (Item, bool) {
	if of == 0 {
		return Item{}, false
	}
	j.judged.Findings++
	p := upper(n, mean, variance)
	size := j.c.Share.Of((float64(n) - mean) / float64(of))
	if p > j.c.FalseRate/populationTests || size == None || float64(n)-mean < leastCrowd {
		return Item{}, false
	}
	seen := float64(n)
	return Item{
		Layer: Population, Segment: "global", Subject: subject + "_" + change, Severity: size, Outcome: Drift,
		Baseline: &mean, Current: &seen, Measures: &Measures{P: p, Adjusted: min(1, p*populationTests), Test: "hosts_by_hour"},
	}, true
}

// populationTests are judged together: new and gone, of both populations. leastCrowd is how
// many hosts beyond the expected are one.
const (
	populationTests = 4
	leastCrowd      = 3
)

func (j *judge) newMovers() (movers []Mover) {
	for _, n := range j.newcomers[:min(len(j.newcomers), mostMovers)] {
		movers = append(movers, Mover{Host: n.host.String()})
	}
	return movers
}

// mostKeyItems are named by an item.
const mostKeyItems = 10

// Keys that are new must come with more hosts than chance brings: four, and of categories
// whose keys come and go by the day (peers, endpoints) a larger share of the hosts.
const (
	leastKeyHosts = 4
	leastKeyShare = 0.02 // of the category's counts
)

var passing = map[string]Severity{"peer": 1, "endpoint": 1}

func (j *judge) valueItems() (items []Item) {
	verdicts := j.values.judge()
	var p []float64
	for i := range verdicts {
		v := &verdicts[i]
		if x, ok := j.newKeys(v); ok {
			items = append(items, x)
		}
		if x, ok := j.goneKeys(v); ok {
			items = append(items, x)
		}
		if x, ok := j.cardinality(v); ok {
			items = append(items, x)
		}
		if v.chiKnown {
			p = append(p, v.chi.P)
		}
	}
	adjusted := stat.BenjaminiHochberg(p, 0)
	at := 0
	for i := range verdicts {
		if v := &verdicts[i]; v.chiKnown {
			if v.adjusted = adjusted[at]; v.adjusted <= j.c.FalseRate && j.c.PSI.Of(v.psi) > None {
				items = append(items, v.shareItem(j.c))
			}
			at++
		}
	}
	j.judged.Findings += len(p)
	return items
}

func (j *judge) newKeys(v *valueVerdict) (Item, bool) {
	c := v.category
	if len(v.fresh) == 0 || c.hosts == 0 {
		return Item{}, false
	}
	j.judged.Findings++
	first := v.fresh[0]
	share := float64(first.Hosts) / float64(c.hosts)
	size := j.c.Share.Of(share)
	if down := passing[c.name]; down > 0 {
		size = max(None, size-down)
	}
	if first.Hosts < leastKeyHosts || float64(first.Current) < leastKeyShare*float64(c.now) || v.freshCells <= v.expected {
		size = None
	}
	if size == None {
		return Item{}, false
	}
	seen := float64(len(v.fresh))
	zero := 0.0
	x := Item{
		Layer: Values, Segment: "global", Subject: c.name + "_new", Severity: size, Outcome: Drift,
		Baseline: &zero, Current: &seen, Keys: v.fresh[:min(len(v.fresh), mostKeyItems)],
		MoreKeys: max(0, len(v.fresh)-mostKeyItems),
		Text: fmt.Sprintf("%s %s is new: %d of %d hosts have it, %s of what is counted",
			c.name, first.Key, first.Hosts, c.hosts, percent(float64(first.Current)/float64(c.now))),
	}
	return x, true
}

func (j *judge) goneKeys(v *valueVerdict) (Item, bool) {
	c := v.category
	if len(v.gone) == 0 || c.hosts == 0 {
		return Item{}, false
	}
	j.judged.Findings++
	first := v.gone[0]
	share := float64(first.Baseline) / float64(c.before)
	size := j.c.Share.Of(share)
	if down := passing[c.name]; down > 0 {
		size = max(None, size-down)
	}
	if first.Hosts < leastKeyHosts || size == None {
		return Item{}, false
	}
	seen, before := 0.0, float64(len(v.gone))
	return Item{
		Layer: Values, Segment: "global", Subject: c.name + "_gone", Severity: size, Outcome: Drift,
		Baseline: &before, Current: &seen, Keys: v.gone[:min(len(v.gone), mostKeyItems)],
		MoreKeys: max(0, len(v.gone)-mostKeyItems),
		Text: fmt.Sprintf("%s %s is gone: %d hosts had it, %s of what was counted",
			c.name, first.Key, first.Hosts, percent(share)),
	}, true
}

func (v *valueVerdict) shareItem(c Config) Item {
	first := v.shares[0]
	was, is := float64(first.Baseline)/float64(v.category.before), float64(first.Current)/float64(v.category.now)
	psi := v.psi
	return Item{
		Layer: Values, Segment: "global", Subject: v.category.name + "_shares", Severity: c.PSI.Of(psi), Outcome: Drift,
		Baseline: &was, Current: &is, Keys: v.shares,
		Measures: &Measures{P: v.chi.P, Adjusted: v.adjusted, Test: "chi_square", DF: v.chi.DF, PSI: &Distance{Value: psi}},
		Text:     fmt.Sprintf("%s %s is %s of what is counted, usually %s", v.category.name, first.Key, percent(is), percent(was)),
	}
}

// findingItems judges features in segments.
func (j *judge) findingItems(r *Report) (items []Item) {
	findings := j.findings()
	decide(findings, overlaps(j.kinds), j.c)
	for i := range findings {
		x := &findings[i]
		switch x.outcome {
		case TooFew:
			j.judged.TooFew++
			continue
		case TooSmall:
			j.judged.TooSmall++
		case Drift:
			x.distances = measured(j.segments[x.segment].tallies[x.feature].pairs, j.c.Bins)
			items = append(items, x.item(&j.kinds[x.feature], Distribution))
		}
		j.judged.Findings++
	}
	r.Judged.Findings, r.Judged.TooFew, r.Judged.TooSmall = j.judged.Findings, j.judged.TooFew, j.judged.TooSmall
	return items
}

func (x *finding) item(k *kind, layer Layer) Item {
	was, is := valueOf(k.scale, x.center), valueOf(k.scale, x.center+x.step)
	effect, spread, usual := x.effect, x.spread, x.usualPSI
	item := Item{
		Layer: layer, Segment: segmentName(x.segment), Subject: k.name, Unit: k.unit, Severity: x.severity, Outcome: Drift,
		Baseline: &was, Current: &is,
		Measures: &Measures{
			Effect: &effect, Spread: &spread, Usual: &usual, P: x.p, Adjusted: x.adjusted, Test: x.test, DF: x.df,
			BaselineN: x.before, CurrentN: x.now, Hosts: x.hosts,
			PSI: distanceOf(x.distances.psi), JS: distanceOf(x.distances.js), KS: distanceOf(x.distances.ks), Wasserstein: distanceOf(x.distances.w1),
		},
		Text: fmt.Sprintf("%s: %s, usually %s (%+.1f standard deviations, spread %s)", k.name, number(is), number(was), effect, times(spread)),
	}
	for _, m := range x.movers {
		before, now := valueOf(k.scale, m.before), valueOf(k.scale, m.now)
		item.Movers = append(item.Movers, Mover{Host: m.host.String(), Baseline: &before, Current: &now, Effect: m.effect})
	}
	return item
}

// valueOf is what a mean level stands for: of the largest values it is beyond all numbers,
// which JSON does not have.
func valueOf(s baseline.Scale, level float64) float64 {
	return min(max(s.Value(level), -math.MaxFloat64), math.MaxFloat64)
}

// segmentName is a key's, without the word for global, which has no name.
func segmentName(k baseline.Key) string {
	if k.Kind() == baseline.Global {
		return "global"
	}
	return k.String()
}

// number writes three significant digits, and whole numbers as they are.
func number(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e6 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	if math.Abs(x) >= 100 && math.Abs(x) < 1e6 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

func times(factor float64) string { return "×" + strconv.FormatFloat(factor, 'f', 2, 64) }

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }
