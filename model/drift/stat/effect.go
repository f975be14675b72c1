package stat

import (
	"math"
	"slices"
)

// sides are the points of both, with what their hosts have in common.
type sides struct {
	baseline, current []Point
	own               bool // hosts are compared with themselves
}

// sharing keeps the points of hosts that both sides have, where they are half of the
// points of each side or more; else all. It takes and returns points in order.
func sharing(baseline, current []Point) sides {
	b, c := only(baseline, current), only(current, baseline)
	if len(b) > 0 && 2*len(b) >= len(baseline) && 2*len(c) >= len(current) {
		return sides{b, c, true}
	}
	return sides{baseline, current, false}
}

// only is the points whose host is among those of others.
func only(points, others []Point) []Point {
	known := make(map[string]bool)
	for _, p := range others {
		known[p.Host] = true
	}
	return slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return !known[p.Host] })
}

// CohenD is the difference of means in standard deviations, pooled over both sides and
// taken to be at least floor (> 0), so that a baseline that never varied has an effect
// too. Where the hosts are the same it is the mean step of a host in standard deviations
// within hosts: what one host is used to, not what sets hosts apart.
func CohenD(baseline, current []Point, floor float64) (float64, bool) {
	s := sharing(InOrder(baseline), InOrder(current))
	if len(s.baseline) < 2 || len(s.current) < 2 {
		return 0, false
	}
	hostsB, unitsB := byHost(s.baseline)
	hostsC, unitsC := byHost(s.current)
	if s.own {
		squares, df := within(s.baseline, hostsB, unitsB)
		more, dfMore := within(s.current, hostsC, unitsC)
		if df+dfMore == 0 {
			return 0, false
		}
		steps := ownSteps(hostsB, unitsB, hostsC, unitsC)
		return total(steps) / float64(len(steps)) / max(floor, math.Sqrt((squares+more)/(df+dfMore))), true
	}
	mb, squares := around(s.baseline)
	mc, more := around(s.current)
	return (mc - mb) / max(floor, math.Sqrt((squares+more)/float64(len(s.baseline)+len(s.current)-2))), true
}

// within sums squares around the means of hosts, with their degrees of freedom.
func within(points []Point, hosts []string, units []unit) (squares, df float64) {
	mean := meanOf(hosts, units)
	for _, p := range points {
		d := p.Value - mean[p.Host]
		squares += d * d
	}
	return squares, float64(len(points) - len(hosts))
}

// meanOf is the mean of each host's unit.
func meanOf(hosts []string, units []unit) map[string]float64 {
	mean := make(map[string]float64, len(hosts))
	for i, h := range hosts {
		mean[h] = units[i].mean()
	}
	return mean
}

// around sums squares around the mean.
func around(points []Point) (mean, squares float64) {
	for _, p := range points {
		mean += p.Value / float64(len(points))
	}
	for _, p := range points {
		squares += (p.Value - mean) * (p.Value - mean)
	}
	return mean, squares
}

// Deviations replaces each value by its distance from the mean of its host over both
// sides: where these differ in mean, values spread more or less than before. The common
// mean leaves both sides exchangeable where nothing changed, whatever their sizes.
func Deviations(baseline, current []Point) (b, c []Point) {
	hosts, units := byHost(InOrder(append(slices.Clone(baseline), current...)))
	mean := meanOf(hosts, units)
	b, c = slices.Clone(baseline), slices.Clone(current)
	for _, side := range [][]Point{b, c} {
		for i, p := range side {
			side[i].Value = math.Abs(p.Value - mean[p.Host])
		}
	}
	return b, c
}
