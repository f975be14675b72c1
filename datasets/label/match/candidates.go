package match

import (
	"cmp"
	"math"
	"slices"
)

// candidate is a flow that an event may be about.
type candidate struct {
	event    int32
	reversed bool
	distance int64 // ns, as event.distance
	begins   int64 // ns between the beginnings, of an event that lasts
	row      int64
	flow     int64
	conn     int64
}

// A flow is the nearest where the next is nearerGap, and nearerTimes as far, behind it.
const (
	nearerGap   = uint64(1e9) // ns
	nearerTimes = 4
)

func clearly(near, far uint64) bool {
	return far-near >= nearerGap && far/nearerTimes >= near
}

// candidates gathers flows of events, in the order of flows.
type candidates struct {
	events  []event
	all     []candidate
	near    []uint64 // by event, the least distance met
	kept    []int32  // by event, how many are in all
	lost    []int32  // by event, how many were not kept that might count
	dropped int64
	full    bool // and nothing to be dropped
	max     int
	each    int32
}

func newCandidates(events []event, c *Config) *candidates {
	n := len(events)
	out := &candidates{events: events, near: make([]uint64, n), kept: make([]int32, n), lost: make([]int32, n), max: c.MaxCandidates, each: int32(c.MaxPerEvent)}
	for i := range out.near {
		out.near[i] = math.MaxUint64
	}
	return out
}

// beaten reports whether a flow at a distance counts for nothing beside one at another.
func beaten(d, near uint64) bool {
	return d > near && (near == 0 || clearly(near, d))
}

// add takes a candidate; those that count for nothing are left out, if not at once then later.
func (c *candidates) add(one *candidate) {
	d, e := distance(one.distance), one.event
	near := c.near[e]
	if beaten(d, near) {
		return
	}
	if d == 0 && near > 0 { // nothing that came before counts any more
		c.kept[e], c.lost[e] = 0, 0
	}
	c.near[e] = min(near, d)
	if len(c.all) >= c.max && !c.full {
		c.tidy()
	}
	if c.kept[e] > 0 && (len(c.all) >= c.max || c.kept[e] >= c.each) { // an event's first, or first inside, has room
		c.lost[e] = min(c.lost[e], math.MaxInt32-1) + 1
		c.dropped++
		return
	}
	c.kept[e]++
	c.all = append(c.all, *one)
}

// tidy drops what has been beaten since it came, as long as that is worth it.
func (c *candidates) tidy() {
	c.all = slices.DeleteFunc(c.all, func(one candidate) bool { return beaten(distance(one.distance), c.near[one.event]) })
	c.full = len(c.all) > c.max/4*3
}

// placed is an event that is, or may be, about a flow.
type placed struct {
	candidate
	shared int32 // how many flows it fits
}

// place chooses the flows of each event. The result is in the order of flows.
func (c *candidates) place() []placed {
	slices.SortFunc(c.all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(distance(a.distance), distance(b.distance)), cmp.Compare(a.begins, b.begins), cmp.Compare(a.row, b.row))
	})
	var out []placed
	for all := c.all; len(all) > 0; {
		n := 1
		for n < len(all) && all[n].event == all[0].event {
			n++
		}
		out = c.choose(out, all[:n])
		all = all[n:]
	}
	c.all = nil
	slices.SortFunc(out, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.event, b.event))
	})
	return out
}

// choose appends the flows of one event, of which the nearest come first.
func (c *candidates) choose(out []placed, all []candidate) []placed {
	e := all[0].event
	near := distance(all[0].distance)
	all = slices.DeleteFunc(all, func(one candidate) bool { return beaten(distance(one.distance), near) })
	shared, lost := int32(len(all)), c.lost[e]
	if c.events[e].lasts() && near == 0 {
		if all = theConnection(all); all[0].conn == all[len(all)-1].conn && lost == 0 {
			shared = 1
		}
	}
	if shared > 1 || lost > 0 {
		shared = int32(min(int64(len(all))+int64(lost), math.MaxInt32))
		shared = max(shared, 2) // what was lost may have been the one
	}
	for _, one := range all {
		out = append(out, placed{one, shared})
	}
	return out
}

// theConnection returns the flows of the connection that begins clearly nearer to an event that
// lasts than all others, else all of them. Pieces of one connection come together.
func theConnection(all []candidate) []candidate {
	first := all[0]
	for _, other := range all[1:] {
		if other.conn != first.conn && !clearly(uint64(first.begins), uint64(other.begins)) {
			slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.conn, b.conn) })
			return all
		}
	}
	return slices.DeleteFunc(all, func(one candidate) bool { return one.conn != first.conn })
}
