package drift

import "testing"

// TestExpectedIsTheSameEachTime: no sum over hours depends on the order of a map.
func TestExpectedIsTheSameEachTime(t *testing.T) {
	p := population{hours: map[int64]*hourCount{}}
	for at := range int64(168) {
		n := int(at * at % 13)
		p.hours[at] = &hourCount{once: n}
		p.once += n
	}
	mean, variance := p.expected(3)
	for range 50 {
		if m, v := p.expected(3); m != mean || v != variance {
			t.Fatalf("%v and %v, then %v and %v", mean, variance, m, v)
		}
	}
}
