package windows

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"pcapmill/outputs/manifest"
)

// span is a stretch of packet time, ns since 1970: from first up to before end.
type span struct{ first, end int64 }

// length returns the nanoseconds, at most as many as there are numbers for.
func (s span) length() int64 { return int64(min(uint64(s.end)-uint64(s.first), math.MaxInt64)) }

// cover is the time that captures cover. Its spans are apart and in order.
type cover struct {
	all []span
	of  [][]span // by number of the input, where each is read alone; else nil
}

// independent is the option with which each input is read alone.
const independent = "independent"

// coverOf returns what a manifest says: that a capture covers the time from its first
// packet to its last, or what a live one says of itself, but nothing outside of what --from and --to let in.
func coverOf(m *manifest.Manifest) (*cover, error) {
	within, err := within(m)
	if err != nil {
		return nil, err
	}
	c := &cover{}
	each := make([][]span, len(m.Inputs))
	for i := range m.Inputs {
		in := &m.Inputs[i]
		first, last, known := in.Covers()
		if !known {
			continue
		}
		s := span{max(first, within.first), min(last, within.end)}
		if s.first < s.end {
			each[i] = []span{s}
			c.all = append(c.all, s)
		}
	}
	c.all = joined(c.all)
	if m.Options["inputs"] == independent {
		c.of = each
	}
	return c, nil
}

// within returns the time that --from and --to let in.
func within(m *manifest.Manifest) (span, error) {
	s := span{math.MinInt64, math.MaxInt64}
	for name, end := range map[string]*int64{"from": &s.first, "to": &s.end} {
		if m.Options[name] == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, m.Options[name])
		if err != nil {
			return span{}, fmt.Errorf("option %s: %w", name, err)
		}
		*end = t.UnixNano()
	}
	return s, nil
}

// joined sorts spans and makes one of those that overlap.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	apart := spans[:0]
	for _, s := range spans {
		if n := len(apart); n > 0 && s.first <= apart[n-1].end {
			apart[n-1].end = max(apart[n-1].end, s.end)
			continue
		}
		apart = append(apart, s)
	}
	return apart
}

// share returns how much of a window is covered, 0 to 1; of one capture where it is not
// negative.
func (c *cover) share(w span, capture int32) float64 {
	spans := c.all
	if c.of != nil && capture >= 0 {
		spans = nil
		if int(capture) < len(c.of) {
			spans = c.of[capture]
		}
	}
	at, _ := slices.BinarySearchFunc(spans, w.first, func(s span, t int64) int { return cmp.Compare(s.end, t) })
	covered := int64(0)
	for ; at < len(spans) && spans[at].first < w.end; at++ {
		covered += max(0, min(w.end, spans[at].end)-max(w.first, spans[at].first))
	}
	return float64(covered) / float64(w.end-w.first)
}
