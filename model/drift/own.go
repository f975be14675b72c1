package drift

import (
	"math"
	"net/netip"
	"slices"

	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

// ownStep is how a single host differs in a feature. There may be many, so that it has no
// more than a finding is made of.
type ownStep struct {
	host         netip.Addr
	feature      int
	before, now  uint64
	p, df        float64
	center, step float64
	effect       float64 // of the mean, in standard deviations of windows
	severity     Severity
}

// ownQuestion is a feature of the host at hand, with its hours.
type ownQuestion struct {
	ownStep
	hours courses
}

// askOwn keeps a feature of the host at hand for judgeOwn, if there is enough of it.
func (j *judge) askOwn(host netip.Addr, f int, x *step) {
	switch {
	case len(x.hours) < leastHours || x.now < leastWindows:
	case len(x.nowHours) == 1 && x.unlikely() < surelySame:
		j.ownMore++
	default:
		j.asked = append(j.asked, ownQuestion{
			ownStep{
				host: host, feature: f, before: x.before, now: x.now, center: x.center, step: x.step,
				effect: x.step / max(j.kinds[f].floor, math.Sqrt(x.variance)),
			},
			courses{ownCourse(x.hours), ownCourse(x.nowHours)},
		})
	}
}

// judgeOwn compares the hours of a single host, and keeps what is unlikely and of some size.
// A mean that moved is low. More than that takes four fifths of the windows, and of these
// five, to lie as far from what is usual as the band of a severity says, by z and by
// robust z: hosts do unusual things for a window or two all the time.
func (j *judge) judgeOwn(v *baseline.HostView, rows []int32) {
	memories := j.ownMemories()
	for i := range j.asked {
		o := &j.asked[i]
		draws := j.c.Draws
		if len(o.hours.now) > 1 { // one is not drawn from
			draws.Seed = seed(draws.Seed, v.Host.String(), j.kinds[o.feature].name)
		}
		if r, ok := o.hours.meansByHour(memories[i], stat.Prior{}, draws); ok {
			o.p, o.df = r.P, r.DF
			j.keepOwn(o.ownStep, v, rows)
		}
	}
	j.asked = j.asked[:0]
}

// ownMemories are those of the features that are asked. Hosts with one current hour, whose
// hours are not moved, need none.
func (j *judge) ownMemories() []stat.Memory {
	series, many := make([]stat.Series, len(j.asked)), false
	for i := range j.asked {
		h := &j.asked[i].hours
		series[i], many = h.means(), many || len(h.now) > 1
	}
	if !many {
		return make([]stat.Memory, len(j.asked))
	}
	return stat.Memories(series)
}

// keepOwn keeps a feature of a host by its p-value.
func (j *judge) keepOwn(o ownStep, v *baseline.HostView, rows []int32) {
	if o.p > j.c.FalseRate {
		j.ownMore++
		return
	}
	k := &j.kinds[o.feature]
	o.severity = min(Low, j.c.Effect.Of(math.Abs(o.effect)))
	if x, ok := j.stepper.of(v, o.feature, k.scale, j.current, rows); ok {
		o.severity = max(o.severity, j.c.Index.Of(j.held(v, o.feature, x, rows)))
	}
	if o.severity == None {
		j.ownSmall = append(j.ownSmall, min(1, o.p*j.overlap[k.group]))
		return
	}
	j.own = append(j.own, o)
}

// surelySame is a t below which no p-value is 0.05 or less, however many hours there are.
const surelySame = 1.9

// unlikely is |t| of a single current hour among those of the baseline, as in stat.ByHours.
func (x *step) unlikely() float64 {
	k, sum, squares := float64(len(x.hours)), 0.0, 0.0
	for i := range x.hours {
		sum += x.hours[i].offset
	}
	for i := range x.hours {
		d := x.hours[i].offset - sum/k
		squares += d * d
	}
	away := math.Abs(x.nowHours[0].offset - sum/k)
	if squares == 0 {
		return math.Inf(1)
	}
	return away / math.Sqrt(squares/(k-1)*(1+1/k))
}

// held is the z, the smaller of both, that all but a fifth of the windows reach in the
// direction of the step, and 0 of fewer than five.
func (j *judge) held(v *baseline.HostView, f int, step *step, rows []int32) float64 {
	k, slots := &j.kinds[f], &j.stepper.slots
	// Four windows of an hour of the week hardly tell a deviation: that around all hours counts.
	u := usual{feature: f, floor: max(k.floor, math.Sqrt(step.variance))}
	u.center, u.std = j.scorer.robust.of(v.Histogram(f), k.scale, slots.all)
	var all []float64
	for _, row := range rows {
		x, known := j.current.value(row, f)
		if !known {
			continue
		}
		level := float64(k.scale.Level(x))
		z, robust := u.z(level, slots.at(baseline.HourOfWeekOf(j.current.starts[row]), moments{})), u.robustZ(level)
		if step.step < 0 {
			z, robust = -z, -robust
		}
		all = append(all, max(0, min(z, robust)))
	}
	if len(all) < leastWindows {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/mostBelow]
}

// ownItems judges features of single hosts together.
func (j *judge) ownItems(r *Report) (items []Item) {
	p := make([]float64, len(j.own), len(j.own)+len(j.ownSmall))
	for i := range j.own {
		p[i] = min(1, j.own[i].p*j.overlap[j.kinds[j.own[i].feature].group])
	}
	p = append(p, j.ownSmall...)
	r.Judged.Findings += len(p) + j.ownMore
	for i, adjusted := range stat.BenjaminiHochberg(p, j.ownMore) {
		switch {
		case adjusted > j.c.FalseRate:
		case i >= len(j.own):
			r.Judged.TooSmall++
		default:
			k := &j.kinds[j.own[i].feature]
			x := j.own[i].finding(k, adjusted)
			items = append(items, x.item(k, Behaviour))
		}
	}
	return items
}

func (o *ownStep) finding(k *kind, adjusted float64) finding {
	return finding{
		segment: baseline.HostKey(o.host), feature: o.feature, group: k.group, p: o.p, df: o.df, adjusted: adjusted,
		before: o.before, now: o.now, hosts: 1, center: o.center, step: o.step, spread: 1,
		effect: o.effect, test: questionNames[mean], outcome: Drift, severity: o.severity,
	}
}
