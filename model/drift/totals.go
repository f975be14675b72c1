package drift

import (
	"math"
	"slices"

	"pcapmill/features/sketch"
	"pcapmill/model/drift/stat"
)

// total is what is summed over hosts and judged as a whole: an amount a window, or where
// it has a denominator, a ratio of two amounts.
type total struct {
	name, over string // columns; over is empty for amounts
	says       string // what it is called
	clients    bool   // of hosts alone that began more flows than they answered
	share      bool   // the one is a part of the other
	tailed     bool   // few events make much of it
}

// totals of the hosts table. Every packet is the outgoing one of one host, every flow
// began at one, so that sums over hosts are those of the network.
var totals = []total{
	{name: "out_flows", says: "flows"},
	{name: "out_packets", says: "packets", tailed: true},
	{name: "out_wire_bytes", says: "bytes", tailed: true},
	{name: "failed_out_flows", says: "failed flows"},
	{name: "dns_queries", says: "DNS queries"},
	{name: "tls_hellos", says: "TLS hellos"},
	{name: "in_wire_bytes", over: "out_flows", says: "bytes that clients receive a flow", tailed: true, clients: true},
	{name: "out_wire_bytes", over: "out_flows", says: "bytes that clients send a flow", tailed: true, clients: true},
	{name: "out_packets", over: "out_flows", says: "packets that clients send a flow", tailed: true, clients: true},
	{name: "failed_out_flows", over: "out_flows", says: "share of flows that failed", share: true},
	{name: "dns_nxdomain", over: "dns_responses", says: "share of DNS responses that are NXDOMAIN", share: true},
}

// What is believed of how far a network's hours lie apart, all hosts together, as long as
// the baseline has few of them: the standard deviation of the logarithm of an amount and
// of a ratio, worth as much as priorHours of the baseline's. Amounts of generated and real
// networks at the same hour of working days vary by 0.05 to 0.1; ratios hardly by more
// than hosts make them.
const (
	usualAmount = 0.1
	usualRatio  = 0.05
	priorHours  = 20
)

// totaling is a total in the making. What hosts did in the baseline is summed up from
// their histograms, whose bins know a value to a few percent.
type totaling struct {
	total
	y, x     int // places of the features; x is -1 for amounts
	hosts    float64
	sum      [sides]float64
	products [sides][sides]float64 // of what hosts have, summed over hosts
	some     [][sides]float32      // of about mostUnits hosts, as the hash of the address says
	windows  map[int64][2]float64  // current, by begin: y and x
}

// What a host has: of either feature on either side.
const (
	nowY = iota
	nowX
	beforeY
	beforeX
	sides
)

func newTotals(kinds []kind) []*totaling {
	place := map[string]int{}
	for i := range kinds {
		place[kinds[i].name] = i
	}
	var all []*totaling
	for _, t := range totals {
		y, ok := place[t.name]
		x, over := place[t.over]
		if !ok || t.over != "" && !over {
			continue
		}
		if t.over == "" {
			x = -1
		}
		all = append(all, &totaling{total: t, y: y, x: x, windows: map[int64][2]float64{}})
	}
	return all
}

// sumOf adds up the values of a histogram.
func sumOf(h *sketch.Histogram, whole bool) (sum float64) {
	h.Bins(func(v sketch.Bounded, n uint64) bool {
		sum += float64(n) * typical(v, whole)
		return true
	})
	return sum
}

// typical value of a bin: the mean of the whole numbers in it, or its middle.
func typical(v sketch.Bounded, whole bool) float64 {
	low, high := v.Low, v.High
	if math.IsInf(low, 0) || math.IsInf(high, 0) {
		return v.Value
	}
	if whole && low >= 0 {
		first, last := math.Ceil(low), math.Ceil(high)-1
		return (first + max(first, last)) / 2
	}
	return (low + high) / 2
}

// add takes what a host has, and keeps it of some.
func (t *totaling) add(z [sides]float64, keep bool) {
	any := false
	for i, a := range z {
		any = any || a != 0
		t.sum[i] += a
		for j, b := range z {
			t.products[i][j] += a * b
		}
	}
	if any {
		t.hosts++
	}
	if any && keep {
		t.some = append(t.some, [sides]float32{float32(z[0]), float32(z[1]), float32(z[2]), float32(z[3])})
	}
}

// squares is the sum over hosts of the square of a linear function of what they have.
func (t *totaling) squares(of [sides]float64) (sum float64) {
	for i, a := range of {
		for j, b := range of {
			sum += a * b * t.products[i][j]
		}
	}
	return max(0, sum)
}

// span is how much there is to compare.
type span struct {
	before, now float64 // windows
	rhythm      float64 // what amounts at the hours of now are of those of all hours, as a rule
	spread      float64 // standard deviation of ln of amounts of the baseline's hours
	df          float64 // of that
	hours       float64 // of the baseline that say what is usual
}

// verdict on a total.
type verdict struct {
	*totaling
	usual, seen float64 // a window, or the ratio
	change      float64 // ln of seen / usual
	p, adjusted float64
	df          float64
	ok, broad   bool
	severity    Severity
}

func (t *totaling) judge(s span) verdict {
	v := verdict{totaling: t, p: 1}
	over, under, usual := s.now, s.before, usualAmount
	if t.x >= 0 {
		over, under, usual = t.sum[nowX], t.sum[beforeX], usualRatio
		s.rhythm, s.df = 1, 0 // that of amounts
	}
	if min(s.now, s.before, over, under) <= 0 { // a side does not know it
		return v
	}
	// Half an event more, so that none is a number too.
	half := 0.5 / min(over, under)
	v.usual, v.seen = t.sum[beforeY]/under*s.rhythm, t.sum[nowY]/over
	if v.seen+half <= 0 || v.usual+half <= 0 { // of no amounts
		return v
	}
	v.change = math.Log((v.seen + half) / (v.usual + half))
	variance, units := t.between(v, over, under, half)
	if units < 2 {
		return v
	}
	common := (priorHours*usual*usual + s.df*s.spread*s.spread) / (priorHours + s.df)
	v.df = min(units-1, priorHours+s.df)
	v.p, v.ok = stat.TwoSided(v.change/math.Sqrt(variance+common*(1+1/s.hours)), v.df), true
	v.broad = t.broad(&v, s)
	return v
}

// broad reports whether half of the hosts that have something on both sides changed at
// least half as much as all together, each with one more window or event as usual as can
// be. Where one does not, few hosts make the change, or a long tail that was seen once.
func (t *totaling) broad(v *verdict, s span) bool {
	var changes []float64
	for _, z := range t.some {
		now, before, usual := float64(z[nowX]), float64(z[beforeX]), v.usual
		if t.x < 0 {
			now, before, usual = s.now, s.before, v.usual/t.hosts
		}
		if now > 0 && before > 0 && z[nowY]+z[beforeY] > 0 && usual > 0 {
			changes = append(changes, math.Log((float64(z[nowY])+usual)/(now+1)/((float64(z[beforeY])+usual)/(before+1))))
		}
	}
	if len(changes) == 0 {
		return false
	}
	slices.Sort(changes)
	return changes[len(changes)/2]*math.Copysign(2, v.change) >= math.Abs(v.change)
}

// between is the variance of the change that hosts differ by (for ratios, by the delta
// method), and how many hosts of equal weight there are (Kish).
func (t *totaling) between(v verdict, over, under, half float64) (variance, units float64) {
	var e, w [sides]float64
	e[nowY] = 1 / (over * (v.seen + half))
	e[beforeY] = -1 / (under * (t.sum[beforeY]/under + half))
	if t.x < 0 {
		w[nowY], w[beforeY] = e[nowY], -e[beforeY]
	} else {
		e[nowX], e[beforeX] = -e[nowY]*v.seen, -e[beforeY]*v.usual
		w[nowX], w[beforeX] = 1/over, 1/under
	}
	sum := 0.0
	for i := range w {
		sum += w[i] * t.sum[i]
	}
	if t.hosts < 2 || sum == 0 {
		return 0, 0
	}
	return t.squares(e) * t.hosts / (t.hosts - 1), sum * sum / t.squares(w)
}
