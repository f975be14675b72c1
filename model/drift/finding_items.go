package drift

import (
	"fmt"
	"math"

	"pcapmill/model/baseline"
)

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
