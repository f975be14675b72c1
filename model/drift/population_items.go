package drift

import (
	"fmt"
)

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
			for _, host := range p.first {
				x.Movers = append(x.Movers, Mover{Host: host.String()})
			}
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
