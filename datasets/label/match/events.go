package match

import (
	"math"
	"net/netip"

	"pcapmill/datasets/label"
)

// event is a label.Event made ready to be compared with many flows.
type event struct {
	*label.Event
	src, dst       address
	hasSrc, hasDst bool
	from, last     int64 // the instants that it may be of, both included
	captures       []bool
	hasPacket      bool // and its number can be compared
	byCommunity    bool
}

func newEvent(e *label.Event, paths *captures) event {
	out := event{Event: e, from: e.Time, captures: paths.named(e.Capture)}
	out.src, out.hasSrc = said(e.Src)
	out.dst, out.hasDst = said(e.Dst)
	out.last = max(e.Time, e.Last)
	if slack := e.Precision - 1; slack > 0 {
		out.last = more(out.last, slack)
	}
	// Of several captures nobody knows which one a number without name is of.
	out.hasPacket = e.Packet > 0 && (out.captures != nil || len(paths.paths) <= 1)
	out.byCommunity = !(out.hasSrc && out.hasDst) && e.Community != ""
	return out
}

func said(a netip.Addr) (address, bool) {
	if !a.IsValid() {
		return address{}, false
	}
	return addressOf(a), true
}

// more returns a+b for a b that is not negative, the largest number where there is none.
func more(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// wide reports whether a flow that began with the event's ends further before the event than slack
// reaches, unless it lasts: Suricata gives the time of the newest packet of all to what it finds in a
// connection that it gives up, which may be of a year before.
func (e *event) wide(c *Config) bool { return e.Began != 0 && less(e.from, e.Began) > int64(c.After) }

// agrees reports whether a flow began when the event says that its flow did.
func (e *event) agrees(f *flow, c *Config) bool {
	return e.wide(c) && distance(less(f.start, e.Began)) <= uint64(c.Before)
}

// lasts reports whether the event is about a stretch of time.
func (e *event) lasts() bool { return e.Last > e.Time }

// distance returns how far a flow lies behind the event, ns, before it where negative.
func (e *event) distance(f *flow) int64 {
	switch {
	case e.last < f.start:
		return less(f.start, e.last)
	case e.from > f.end:
		return less(f.end, e.from)
	}
	return 0
}

// begins returns how far the beginnings of a flow and of an event that lasts are apart, ns.
func (e *event) begins(f *flow) int64 {
	first := more(e.Time, max(e.Precision-1, 0))
	switch {
	case f.start < e.Time:
		return less(e.Time, f.start)
	case f.start > first:
		return less(f.start, first)
	}
	return 0
}

// failing are the fields of which the event, in one direction, does not fit a flow, time aside.
func (e *event) failing(f *flow, reversed bool) Fields {
	src, dst := f.src, f.dst
	if reversed {
		src, dst = dst, src
	}
	var out Fields
	out.set(Source, e.hasSrc && e.src != src)
	out.set(Destination, e.hasDst && e.dst != dst)
	out.set(Hosts, e.byCommunity && (!f.hasCommunity || string(f.community) != e.Community))
	out.set(Protocol, e.Protocol >= 0 && e.Protocol != int32(f.protocol))
	out.set(Ports, !f.fitsEventPorts(e.SrcPort, e.DstPort, reversed))
	out.set(Depth, e.Depth != label.AnyDepth && e.Depth != f.depth)
	out.set(Capture, !of(e.captures, f.capture))
	out.set(Packet, e.hasPacket && f.packet > e.Packet)
	return out
}

// nearest is failing of the direction that fits better.
func (e *event) nearest(f *flow) (fields Fields, reversed bool) {
	fields = e.failing(f, false)
	if fields == 0 {
		return 0, false
	}
	if other := e.failing(f, true); (&Miss{Fields: other}).nearer(&Miss{Fields: fields}) {
		return other, true
	}
	return fields, false
}
