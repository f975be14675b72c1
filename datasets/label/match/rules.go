package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// rule is a label.Rule made ready to be asked of many flows.
type rule struct {
	*label.Rule
	src, dst  *hosts
	protocols *[4]uint64       // nil: any
	times     []label.Interval // apart and in order; nil: always
	captures  []bool           // by capture_id; nil: any
	where     int32            // condition; -1: none
	attempts  []attempt
}

// attempt is a kind of attempt and its conditions: of flows, and of reversed ones.
type attempt struct {
	category int32
	where    [2]int32
}

// newRule compiles a rule; its conditions become c's.
func newRule(r *label.Rule, paths *captures, c *conditions) (rule, error) {
	out := rule{Rule: r, where: -1, times: union(r.Times), captures: paths.globs(r.Captures)}
	if err := valid(r); err != nil {
		return out, err
	}
	out.src, out.dst = newHosts(stretches(r.Src)), newHosts(stretches(r.Dst))
	if len(r.Protocols) > 0 {
		out.protocols = &[4]uint64{}
		for _, p := range r.Protocols {
			out.protocols[p>>6] |= 1 << (p & 63)
		}
	}
	var err error
	if r.Where != "" {
		out.where, err = c.add(r.Where)
	}
	for _, a := range r.Attempts {
		one := attempt{category: a.Category}
		for i, expr := range []string{a.Where, swapSides(a.Where)} {
			if err == nil {
				one.where[i], err = c.add(expr)
			}
		}
		out.attempts = append(out.attempts, one)
	}
	return out, err
}

// valid refuses what no reader makes of a file.
func valid(r *label.Rule) error {
	for _, p := range slices.Concat(r.Src, r.Dst) {
		if !p.IsValid() {
			return fmt.Errorf("%w: rule %s has a network that is none", ErrConfig, text.Escape(r.ID))
		}
	}
	if r.Label == "" {
		return fmt.Errorf("%w: rule %s has no label", ErrConfig, text.Escape(r.ID))
	}
	return nil
}

func stretches(h label.Hosts) []stretch {
	all := make([]stretch, len(h))
	for i, p := range h {
		all[i] = stretchOf(p)
	}
	return all
}

// union joins intervals that meet; empty ones are left out.
func union(all []label.Interval) []label.Interval {
	if len(all) == 0 {
		return nil
	}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b label.Interval) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	joined := sorted[:0]
	for _, i := range sorted {
		switch n := len(joined); {
		case i.From >= i.To:
		case n > 0 && i.From <= joined[n-1].To:
			joined[n-1].To = max(joined[n-1].To, i.To)
		default:
			joined = append(joined, i)
		}
	}
	return joined
}

// periods are the intervals that a flow must fit one of: to lie inside of two that meet is
// to be inside of neither.
func (r *rule) periods() []label.Interval {
	if r.Fit == label.Inside {
		return r.Times
	}
	return r.times
}

// contains reports whether an interval has an instant.
func contains(i label.Interval, at int64) bool {
	return i.From <= at && (at < i.To || i.To == math.MaxInt64)
}

// fits reports whether a flow that meets an interval fits it.
func (r *rule) fits(f *flow, i label.Interval) bool {
	switch r.Fit {
	case label.Starts:
		return contains(i, f.start)
	case label.Inside:
		return contains(i, f.start) && contains(i, f.end)
	}
	return i.From <= f.end && (i.To > f.start || i.To == math.MaxInt64)
}

// near returns the joined intervals of which the first ends behind from.
func (r *rule) near(from int64) []label.Interval {
	i, _ := slices.BinarySearchFunc(r.times, from, func(i label.Interval, at int64) int {
		if i.To > at || i.To == math.MaxInt64 {
			return 1
		}
		return -1
	})
	return r.times[i:]
}

// share returns how much of a flow's time lies in the rule's: 0 to 1.
func (r *rule) share(f *flow) float64 {
	if r.times == nil {
		return 1
	}
	var within uint64
	for _, i := range r.near(f.start) {
		if i.From > f.end {
			break
		}
		if f.start == f.end {
			return 1
		}
		to := min(i.To, f.end)
		if i.To == math.MaxInt64 {
			to = f.end
		}
		within += uint64(to) - uint64(max(i.From, f.start))
	}
	if within == 0 {
		return 0
	}
	return float64(within) / float64(uint64(f.end)-uint64(f.start))
}

// outside reports whether a flow begins, or ends, outside of the rule's times.
func (r *rule) outside(f *flow) (begins, ends bool) {
	if r.times == nil {
		return false, false
	}
	at := func(t int64) bool {
		i := r.near(t)
		return len(i) == 0 || i[0].From > t
	}
	return at(f.start), at(f.end)
}

// ways are the directions in which a rule fits: as written, and reversed.
func (r *rule) ways() (forward, reverse bool) {
	return r.Direction != label.Reverse, r.Direction != label.Forward
}

// failing are the fields of which a rule, in a direction, does not fit a flow, its time and
// its condition aside.
func (r *rule) failing(f *flow, reversed bool) Fields {
	src, dst := f.src, f.dst
	if reversed {
		src, dst = dst, src
	}
	var out Fields
	out.set(Source, !r.src.has(src))
	out.set(Destination, !r.dst.has(dst))
	out.set(Protocol, r.protocols != nil && r.protocols[f.protocol>>6]>>(f.protocol&63)&1 == 0)
	out.set(Ports, !f.fitsPorts(r.SrcPorts, r.DstPorts, reversed))
	out.set(Depth, r.Depth != label.AnyDepth && r.Depth != f.depth)
	out.set(VLAN, len(r.VLANs) > 0 && !shared(r.VLANs, f.vlans))
	out.set(Capture, !of(r.captures, f.capture))
	return out
}

func shared(a, b []int32) bool {
	return slices.ContainsFunc(b, func(v int32) bool { return slices.Contains(a, v) })
}

// of reports whether a set of captures has one; nil is all.
func of(set []bool, capture int32) bool {
	return set == nil || capture >= 0 && int(capture) < len(set) && set[capture]
}
