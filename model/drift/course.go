package drift

import (
	"math"

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
	root                  float64 // cube root of the variance, which is nearly normal
	n                     float64 // windows
	df                    float64 // of spread; 0: no host has two windows
}

func courseOf(sums *hourly[hourSum], floor float64) course {
	var hours course
	for at, s := range sums.each {
		p := hourPoint{hour: at, offset: s.offset / s.n, level: s.level / s.n, n: s.n, df: s.n - s.hosts}
		if p.df > 0 {
			std := max(floor, math.Sqrt(s.around/p.df))
			p.spread, p.root = math.Log(std), math.Cbrt(std*std)
		}
		hours = append(hours, p)
	}
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

func (c course) roots() []stat.Point {
	return c.points(func(h *hourPoint) (value, weight float64) { return h.root, h.df })
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

// covers reports whether the hours of the day that a baseline's histograms are of, which do
// not tell them apart, are mostly those of now: else their shapes differ by what time it is.
func (c course) covers(now course) bool {
	if len(c) < leastHours {
		return true
	}
	var then, both int
	var hours [24]bool
	for _, h := range now {
		hours[ofDay(h.hour)] = true
	}
	for _, h := range c {
		then++
		if hours[ofDay(h.hour)] {
			both++
		}
	}
	return 2*both >= then
}

// courses are the hours of the baseline and of now.
type courses struct{ before, now course }

// means are the hours as blocks of them are compared: as they are, since what is usual at an
// hour of the day that was there once or twice is as uncertain as that hour, and would count
// twice. Of many days the daily course is taken out.
func (s courses) means() stat.Series {
	if s.before.seasonal() {
		return stat.Series{Baseline: s.before.offsets(), Current: s.now.offsets()}
	}
	return stat.Series{Baseline: s.before.levels(), Current: s.now.levels()}
}

// spreads say how far windows lie from the mean of their hour.
func (s courses) spreads() stat.Series {
	return stat.Series{Baseline: s.before.roots(), Current: s.now.roots()}
}

// meansByHour compares hours, of which each is one value. Where both sides have many, blocks
// of them are compared. Where the current side has few, all of it is one more hour.
func (s courses) meansByHour(m stat.Memory, prior stat.Prior, d stat.Draws) (stat.Result, bool) {
	if len(s.now) > 1 {
		if r, ok := stat.ByWindow(s.means(), m, d); ok {
			return r, true
		}
	}
	return stat.ByHours(s.before.offsets(), s.now.offsets(), prior)
}

// spreadsByHour compares the deviations of hours in the same way.
func (s courses) spreadsByHour(m stat.Memory, prior stat.Prior, d stat.Draws) (stat.Result, bool) {
	if r, ok := stat.ByWindow(s.spreads(), m, d); ok {
		return r, true
	}
	return stat.ByHours(s.before.spreads(), s.now.spreads(), prior)
}

// memories of a feature's hours, by question.
type memories [shape]stat.Memory

// memoriesOf the features of a segment, which know more together than each by itself.
func memoriesOf(hours []courses) []memories {
	all := make([]memories, len(hours))
	for q, of := range [shape]func(courses) stat.Series{mean: courses.means, spreading: courses.spreads} {
		series := make([]stat.Series, len(hours))
		for f, h := range hours {
			series[f] = of(h)
		}
		for f, m := range stat.Memories(series) {
			all[f][q] = m
		}
	}
	return all
}
