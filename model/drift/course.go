package drift

import (
	"cmp"
	"math"
	"slices"

	"pcapmill/model/drift/stat"
)

// course are the hours of a segment or host in their order.
type course []hourPoint

// hourPoint is what all hosts came to in an hour: how far their mean lies from what is
// usual then, and from what is usual at any time, and how far windows lie from the mean of
// their host and hour.
type hourPoint struct {
	hour                  int64
	offset, level, spread float64
	n                     float64 // windows
	df                    float64 // of spread; 0: no host has two windows
}

func courseOf(sums map[int64]*hourSum, floor float64) course {
	hours := make(course, 0, len(sums))
	for at, s := range sums {
		p := hourPoint{hour: at, offset: s.offset / s.n, level: s.level / s.n, n: s.n, df: s.n - s.hosts}
		if p.df > 0 {
			p.spread = math.Log(max(floor, math.Sqrt(s.around/p.df)))
		}
		hours = append(hours, p)
	}
	slices.SortFunc(hours, func(a, b hourPoint) int { return cmp.Compare(a.hour, b.hour) })
	return hours
}

// ownCourse are the hours of a single host, without spread.
func ownCourse(hours []hourStep) course {
	own := make(course, len(hours))
	for i, h := range hours {
		own[i] = hourPoint{hour: h.hour, offset: h.offset, level: h.level, n: h.n}
	}
	return own
}

// offsets, levels and spreads are the hours as points of a test.
func (c course) offsets() []stat.Point {
	return c.points(func(h *hourPoint) (value, weight float64) { return h.offset, h.n })
}

func (c course) levels() []stat.Point {
	return c.points(func(h *hourPoint) (value, weight float64) { return h.level, h.n })
}

func (c course) spreads() []stat.Point {
	return c.points(func(h *hourPoint) (value, weight float64) { return h.spread, h.df })
}

func (c course) points(of func(*hourPoint) (value, weight float64)) []stat.Point {
	points := make([]stat.Point, 0, len(c))
	for i := range c {
		if x, w := of(&c[i]); w > 0 {
			points = append(points, stat.Point{Window: c[i].hour, Value: x, Weight: w})
		}
	}
	return points
}

// seasonal reports whether hours of the day are known from daysOfHour days or more, on
// average.
func (c course) seasonal() bool {
	var hours [24]bool
	different := 0
	for _, h := range c {
		if of := ofDay(h.hour); !hours[of] {
			hours[of], different = true, different+1
		}
	}
	return different > 0 && len(c) >= daysOfHour*different
}

// meansByHour compares hours, of which each is one value. Where both sides have many, blocks
// of them are compared as they are: what is usual at an hour of the day that was there once
// or twice is as uncertain as that hour, and would count twice. Of many days it takes the
// daily course out. Where the current side has few, all of it is one more hour.
func meansByHour(before, now course, prior stat.Prior, d stat.Draws) (stat.Result, bool) {
	b, n := before.offsets(), now.offsets()
	blocksB, blocksN := b, n
	if !before.seasonal() {
		blocksB, blocksN = before.levels(), now.levels()
	}
	if r, ok := stat.ByWindow(blocksB, blocksN, d); ok {
		return r, true
	}
	return stat.ByHours(b, n, prior)
}

// spreadsByHour compares how far windows lie from the mean of their hour.
func spreadsByHour(before, now course, prior stat.Prior, d stat.Draws) (stat.Result, bool) {
	b, n := before.spreads(), now.spreads()
	if r, ok := stat.ByWindow(b, n, d); ok {
		return r, true
	}
	return stat.ByHours(b, n, prior)
}
