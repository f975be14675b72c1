package drift

import (
	"math"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
)

// step is how a feature of one host differs between the baseline and the current windows,
// in levels of the feature's scale.
type step struct {
	now, before uint64  // windows that know the feature
	step        float64 // mean of the current windows less what is usual at their hours
	weight      float64 // 1 over what its variance is in units of that of a window
	center      float64 // what is usual at those hours
	variance    float64 // of the baseline's windows around what is usual at their hours
	around      spread
	hours       []hourStep // of the baseline: each hour against the others
	nowHours    []hourStep
	usual       *sketch.Histogram // of the baseline's values
	histogram   sketch.Histogram  // of the current values
}

// spread is how windows lie around the mean of their hour on both sides.
type spread struct {
	now, nowDF       float64 // sum of squares, and its degrees of freedom
	before, beforeDF float64
	hours, still     float64 // with two windows at least; of these, with one level alone
}

func (s *spread) addHour(m moments) {
	if m.n < 2 {
		return
	}
	s.hours++
	if m.around() == 0 {
		s.still++
	}
}

// hourStep is how far the mean of an hour lies from what is usual then, and from what is
// usual at any time.
type hourStep struct {
	hour   int64 // since the epoch
	n      float64
	offset float64
	level  float64
	around float64 // sum of squares around the mean of the hour
}

const nanosPerHour = 3600_000_000_000

// stepper makes steps of one host after the other. Its slices are used again.
type stepper struct {
	slots slots
	step  step
}

func newStepper(p sketch.Precision) *stepper {
	return &stepper{step: step{histogram: sketch.NewHistogram(p)}}
}

// of returns the step of a feature, valid until it is called again; false where a side
// has no value.
func (s *stepper) of(v *baseline.HostView, f int, scale baseline.Scale, c *current, rows []int32) (*step, bool) {
	cells := v.Cells(f)
	if len(cells) == 0 {
		return nil, false
	}
	s.slots.reset()
	for i := range cells {
		s.slots.add(&cells[i])
	}
	x := &s.step
	*x = step{hours: x.hours[:0], nowHours: x.nowHours[:0], histogram: x.histogram, usual: v.Histogram(f)}
	x.histogram.Reset()
	if s.takeNow(f, scale, c, rows); x.now == 0 {
		return nil, false
	}
	x.before = uint64(s.slots.all.n)
	s.takeBefore(cells)
	return x, true
}

// takeNow goes through the current windows, hour by hour.
func (s *stepper) takeNow(f int, scale baseline.Scale, c *current, rows []int32) {
	x := &s.step
	var steps, centers, usual float64
	for i := 0; i < len(rows); {
		at := hourOf(c.starts[rows[i]])
		var m moments
		for ; i < len(rows) && hourOf(c.starts[rows[i]]) == at; i++ {
			if value, known := c.value(rows[i], f); known {
				level := float64(scale.Level(value))
				m.add(moments{1, level, level * level})
				x.histogram.Add(value)
			}
		}
		if m.n == 0 {
			continue
		}
		slot := s.slots.at(baseline.HourOfWeekOf(at*nanosPerHour), moments{})
		x.now += uint64(m.n)
		steps += m.n * (m.mean() - slot.mean())
		centers += m.n * slot.mean()
		usual += m.n / slot.n
		x.around.now += m.around()
		x.around.nowDF += m.n - 1
		x.around.addHour(m)
		x.nowHours = append(x.nowHours, hourStep{at, m.n, m.mean() - slot.mean(), m.mean() - s.slots.all.mean(), m.around()})
	}
	if x.now > 0 {
		n := float64(x.now)
		x.step, x.center = steps/n, centers/n
		x.weight = 1 / (1/n + usual/n)
	}
}

// takeBefore goes through the hours of the baseline, each of which is compared with what
// would be usual without it.
func (s *stepper) takeBefore(cells []baseline.Cell) {
	x := &s.step
	squares, df := 0.0, 0.0
	for i := range cells {
		cell, m := &cells[i], momentsOf(&cells[i])
		x.around.before += m.around()
		x.around.beforeDF += m.n - 1
		x.around.addHour(m)
		others := s.slots.at(weekHour(cell), m)
		if others.n == 0 {
			continue
		}
		offset := m.mean() - others.mean()
		x.hours = append(x.hours, hourStep{int64(cell.Day)*24 + int64(cell.Hour), m.n, offset, m.mean() - s.slots.all.mean(), m.around()})
		// The mean of others is uncertain too, which the square has more by n/others.
		squares += m.around() + m.n*offset*offset*others.n/(others.n+m.n)
		df += m.n
	}
	if df > 0 {
		x.variance = squares / df
	} else {
		x.variance = s.slots.all.around() / math.Max(1, s.slots.all.n-1)
	}
}

// hourOf is the hour since the epoch in which an instant lies.
func hourOf(ns int64) int64 {
	at := ns / nanosPerHour
	if ns%nanosPerHour < 0 {
		at--
	}
	return at
}
