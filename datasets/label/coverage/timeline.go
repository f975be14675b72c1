package coverage

import "time"

// mostSteps is how many steps a timeline has at most.
const mostSteps = 160

// niceSteps are the lengths of steps; each is a multiple of the one before it, so that a
// timeline is the same whatever it was begun with. Beyond them steps double.
var niceSteps = []time.Duration{
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 24 * time.Hour,
}

// nextStep is the one after a step.
func nextStep(step int64) int64 {
	for _, nice := range niceSteps {
		if int64(nice) > step {
			return int64(nice)
		}
	}
	return 2 * step
}

// line counts starts of flows in steps that grow with the time that there is.
type line struct {
	step  int64
	low   int64 // number of the first step
	high  int64 // and of the last
	any   bool
	lanes []map[int64]int64 // by code
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// add counts a flow of the lane at a time.
func (l *line) add(lane int, ns int64) {
	if l.step == 0 {
		l.step = int64(niceSteps[0])
	}
	for len(l.lanes) <= lane {
		l.lanes = append(l.lanes, nil)
	}
	at := floorDiv(ns, l.step)
	if !l.any {
		l.low, l.high, l.any = at, at, true
	}
	l.low, l.high = min(l.low, at), max(l.high, at)
	for uint64(l.high)-uint64(l.low) >= mostSteps {
		l.coarser()
		at = floorDiv(ns, l.step)
	}
	if l.lanes[lane] == nil {
		l.lanes[lane] = map[int64]int64{}
	}
	l.lanes[lane][at]++
}

// coarser makes the steps longer.
func (l *line) coarser() {
	next := nextStep(l.step)
	ratio := next / l.step
	for i, lane := range l.lanes {
		if lane == nil {
			continue
		}
		wide := make(map[int64]int64, len(lane)/2)
		for at, n := range lane {
			wide[floorDiv(at, ratio)] += n
		}
		l.lanes[i] = wide
	}
	l.step, l.low, l.high = next, floorDiv(l.low, ratio), floorDiv(l.high, ratio)
}

// series returns the counts of a lane.
func (l *line) series(lane int) []int64 {
	counts := make([]int64, l.high-l.low+1)
	if lane < len(l.lanes) {
		for at, n := range l.lanes[lane] {
			counts[at-l.low] = n
		}
	}
	return counts
}
