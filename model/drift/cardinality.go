package drift

import (
	"fmt"
	"math"
)

// What a number of different keys must differ by from what is to be expected: so many keys,
// and so many times the root of the expected number, which independent draws vary by at
// most.
const (
	leastKeys      = 10
	leastDeviation = 4
)

// expectedKeys is how many different keys so many pairs of a host and a key should have,
// drawn as those of the baseline: of each known key the probability to be among them, and
// what Good and Turing say of unknown ones, each of which is taken for another key.
func expectedKeys(hosts []int32, pairs float64) float64 {
	all, once := 0.0, 0.0
	for _, h := range hosts {
		all += float64(h)
		if h == 1 {
			once++
		}
	}
	if all == 0 {
		return 0
	}
	expected := pairs * once / all
	for _, h := range hosts {
		share := float64(h) / all * (1 - once/all)
		expected += -math.Expm1(pairs * math.Log1p(-min(share, 1-1e-9)))
	}
	return expected
}

// cardinality compares the number of different keys of a category with the expected.
func (j *judge) cardinality(v *valueVerdict) (Item, bool) {
	c := v.category
	if c.inexact || c.hosts < leastUnits || v.keysExpected == 0 {
		return Item{}, false
	}
	j.judged.Findings++
	seen, usual := float64(v.keysNow), v.keysExpected
	away, change := math.Abs(seen-usual), math.Log(max(seen, 0.5)/usual)
	size := j.c.Amount.Of(math.Abs(change))
	if size == None || away < leastKeys || away < leastDeviation*math.Sqrt(usual) {
		return Item{}, false
	}
	factor, p := seen/usual, upper(v.keysNow, usual, usual)
	if seen < usual {
		p = 1 - upper(v.keysNow+1, usual, usual)
	}
	p = max(p, 1e-12)
	return Item{
		Layer: Cardinality, Segment: "global", Subject: c.name, Severity: size, Outcome: Drift,
		Baseline: &usual, Current: &seen, Measures: &Measures{Factor: &factor, Test: "expected_keys", P: p, Adjusted: p, Hosts: c.hosts},
		Text: fmt.Sprintf("%d different keys of %s, where %s were to be expected of as many hosts and uses (%s)", v.keysNow, c.name, number(usual), times(factor)),
	}, true
}
