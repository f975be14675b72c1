package drift

import (
	"math"
	"net/netip"

	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

// ownStep is how the hours of a single host differ in a feature. There may be many, so that
// it has no more than a finding is made of.
type ownStep struct {
	host                   netip.Addr
	feature                int
	before, now            uint64
	p, df                  float64
	center, step, variance float64
}

// judgeOwn compares the hours of a single host, and keeps what is unlikely.
func (j *judge) judgeOwn(host netip.Addr, f int, x *step) {
	if len(x.hours) < leastHours {
		return
	}
	draws := j.c.Draws
	draws.Seed = seed(draws.Seed, host.String(), j.kinds[f].name)
	r, ok := meansByHour(ownCourse(x.hours), ownCourse(x.nowHours), stat.Prior{}, draws)
	switch {
	case !ok:
	case r.P > j.c.FalseRate:
		j.ownMore++
	default:
		j.own = append(j.own, ownStep{host, f, x.before, x.now, r.P, r.DF, x.center, x.step, x.variance})
	}
}

// ownItems judges features of single hosts together.
func (j *judge) ownItems(r *Report) (items []Item) {
	overlap := overlaps(j.kinds)
	p := make([]float64, len(j.own))
	for i := range j.own {
		p[i] = min(1, j.own[i].p*overlap[j.kinds[j.own[i].feature].group])
	}
	r.Judged.Findings += len(j.own) + j.ownMore
	for i, adjusted := range stat.BenjaminiHochberg(p, j.ownMore) {
		if adjusted > j.c.FalseRate {
			continue
		}
		k := &j.kinds[j.own[i].feature]
		x := j.own[i].finding(k)
		if x.decide(adjusted, j.c); x.outcome == Drift {
			items = append(items, x.item(k, Behaviour))
		} else {
			r.Judged.TooSmall++
		}
	}
	return items
}

func (o *ownStep) finding(k *kind) finding {
	x := finding{
		segment: baseline.HostKey(o.host), feature: o.feature, group: k.group, p: o.p, df: o.df,
		before: o.before, now: o.now, hosts: 1, center: o.center, step: o.step, spread: 1,
		effect: o.step / max(k.floor, math.Sqrt(o.variance)), test: questionNames[mean],
	}
	x.sure[mean] = true
	return x
}
