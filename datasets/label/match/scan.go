package match

import (
	"math"
	"slices"
	"time"

	"pcapmill/datasets/label"
)

// Offsets of the scan: of zones, which are multiples of a quarter of an hour, as far as they
// are apart; half a day, of clocks without AM and PM, is among them.
const (
	scanStep   = 15 * time.Minute
	scanReach  = 14 * time.Hour
	offsets    = 2*asGiven + 1
	asGiven    = int(scanReach / scanStep)
	scanRules  = 1 << 14 // rules whose offsets are counted
	scanEvents = 1 << 10 // events of one tuple of which every flow is compared with all
)

// offsetAt returns what the times of labels are moved by, ns.
func offsetAt(i int) int64 { return int64(i-asGiven) * int64(scanStep) }

// offsetsIn returns the first offset of lo to hi, both included, and the one behind the last.
func offsetsIn(lo, hi int64) (first, end int) {
	first = 0
	if lo > offsetAt(0) {
		if lo > offsetAt(offsets-1) {
			return 0, 0
		}
		first = int((lo - offsetAt(0) + int64(scanStep) - 1) / int64(scanStep))
	}
	if hi < offsetAt(0) {
		return 0, 0
	}
	end = offsets
	if hi < offsetAt(offsets-1) {
		end = int((hi-offsetAt(0))/int64(scanStep)) + 1
	}
	if end <= first {
		return 0, 0
	}
	return first, end
}

// shifts has a bit for each offset at which something would match.
type shifts [2]uint64

func (s *shifts) set(first, end int) {
	for i := first; i < end; i++ {
		s[i>>6] |= 1 << (i & 63)
	}
}

func (s *shifts) has(i int) bool { return s[i>>6]>>(i&63)&1 == 1 }

func (s *shifts) or(other shifts) { s[0], s[1] = s[0]|other[0], s[1]|other[1] }

// scanSlack is the most slack of a scan: with more an event would match at two offsets.
const scanSlack = time.Minute

// offsetsOf returns the offsets at which an event would be in a flow, or near it.
func (e *event) offsetsOf(f *flow, c *Config) (first, end int) {
	// last+o >= start-before and from+o <= end+after
	before, after := int64(min(c.Before, scanSlack)), int64(min(c.After, scanSlack))
	return offsetsIn(less(less(f.start, before), e.last), less(more(f.end, after), e.from))
}

// tally counts the flows of a rule by offset: each element is the difference to the one before.
type tally [offsets + 1]int64

func (t *tally) add(first, end int, n int64) {
	t[first] += n
	t[end] -= n
}

// sum turns differences into counts.
func (t *tally) sum() {
	for i := 1; i < len(t); i++ {
		t[i] += t[i-1]
	}
}

// count adds a flow at the offsets at which it would fit the rule's times, those that meet
// being one.
func (r *rule) count(t *tally, f *flow, n int64) {
	times, latest := r.near(less(f.start, int64(scanReach))), more(f.end, int64(scanReach))
	last := 0
	for last < len(times) && times[last].From <= latest {
		last++
	}
	done := 0
	for _, i := range slices.Backward(times[:last]) { // later ones fit at lower offsets
		first, end := r.offsetsOf(f, i)
		if first = max(first, done); first < end {
			t.add(first, end, n)
			done = end
		}
	}
}

// reaches reports whether an offset may bring a flow into the rule's times.
func (r *rule) reaches(f *flow) bool {
	times := r.near(less(f.start, int64(scanReach)))
	return len(times) > 0 && times[0].From <= more(f.end, int64(scanReach))
}

// offsetsOf returns the offsets at which an interval would fit a flow, as rule.fits has it.
func (r *rule) offsetsOf(f *flow, i label.Interval) (first, end int) {
	inStart := less(f.start, i.From)         // at most this, so that start is not before the interval
	startsIn := more(less(f.start, i.To), 1) // at least this, so that start is not behind it
	endsIn := more(less(f.end, i.To), 1)
	if i.To == math.MaxInt64 {
		startsIn, endsIn = math.MinInt64, math.MinInt64
	}
	switch r.Fit {
	case label.Starts:
		return offsetsIn(startsIn, inStart)
	case label.Inside:
		return offsetsIn(endsIn, inStart)
	}
	return offsetsIn(startsIn, less(f.end, i.From))
}
