package drift

import (
	"fmt"
	"math"
	"slices"

	"pcapmill/model/drift/stat"
)

// totalItems judges amounts and ratios of the whole network together.
func (j *judge) totalItems() (items []Item) {
	var verdicts []verdict
	var p []float64
	for _, t := range j.totals {
		s := j.span(t.y)
		s.now = j.windowsOf(t)
		v := t.judge(s)
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
