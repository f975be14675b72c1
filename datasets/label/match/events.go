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

// hostKey is what events are filed under: a tuple, the one that sorts first in front; two hosts;
// or one.
type hostKey struct {
	a, b         address
	aPort, bPort int32 // noPorts: of hosts, oneHost
}

const (
	noPorts = -2
	oneHost = -3
)

func pairKey(a, b address, aPort, bPort int32) hostKey {
	if c := a.compare(b); c > 0 || c == 0 && aPort > bPort {
		a, b, aPort, bPort = b, a, bPort, aPort
	}
	return hostKey{a, b, aPort, bPort}
}

func oneKey(a address) hostKey { return hostKey{a: a, aPort: oneHost, bPort: oneHost} }

// key returns where an event with hosts is filed; false: it has none.
func (e *event) key() (hostKey, bool) {
	switch {
	case e.byCommunity || !e.hasSrc && !e.hasDst:
		return hostKey{}, false
	case e.hasSrc && e.hasDst && e.ported():
		return pairKey(e.src, e.dst, e.SrcPort, e.DstPort), true
	case e.hasSrc && e.hasDst:
		return pairKey(e.src, e.dst, noPorts, noPorts), true
	case e.hasSrc:
		return oneKey(e.src), true
	}
	return oneKey(e.dst), true
}

// ported reports whether an event says both ports, and that they are not type and code.
func (e *event) ported() bool {
	const icmp, icmp6 = 1, 58
	if e.Protocol < 0 && max(e.SrcPort, e.DstPort) <= math.MaxUint8 || e.Protocol == icmp || e.Protocol == icmp6 {
		return false
	}
	return e.SrcPort > 0 && e.DstPort > 0
}

// eventIndex finds the events that a flow's hosts and time may be of.
type eventIndex struct {
	hosts       map[hostKey]spans
	communities map[string]spans
	loose       spans // that name neither
	kinds       [3]bool
}

// kinds of keys, of which a flow is looked up in those that there are.
const (
	tuples = iota
	pairs
	ones
)

func kindOf(k hostKey) int {
	switch k.aPort {
	case noPorts:
		return pairs
	case oneHost:
		return ones
	}
	return tuples
}

func newEventIndex(events []event, c *Config) *eventIndex {
	ix := &eventIndex{hosts: make(map[hostKey]spans), communities: make(map[string]spans)}
	for i := range events {
		e := &events[i]
		ix.file(e, timed{from: e.from, to: more(e.last, 1), what: int32(i)})
		if e.wide(c) {
			ix.file(e, timed{from: e.Began, to: more(e.Began, 1), what: int32(i)})
		}
	}
	ix.sort()
	return ix
}

// sort makes what was filed ready to be searched.
func (ix *eventIndex) sort() {
	for k, s := range ix.hosts {
		ix.hosts[k] = newSpans(s)
	}
	for k, s := range ix.communities {
		ix.communities[k] = newSpans(s)
	}
	ix.loose = newSpans(ix.loose)
}

// file files a stretch of time of an event.
func (ix *eventIndex) file(e *event, t timed) {
	k, ok := e.key()
	switch {
	case ok:
		ix.kinds[kindOf(k)] = true
		ix.hosts[k] = append(ix.hosts[k], t)
	case e.byCommunity:
		ix.communities[e.Community] = append(ix.communities[e.Community], t)
	default:
		ix.loose = append(ix.loose, t)
	}
}

// places calls visit with the events of each place that a flow is filed under.
func (ix *eventIndex) places(f *flow, visit func(spans)) {
	look := func(k hostKey) {
		if s := ix.hosts[k]; len(s) > 0 {
			visit(s)
		}
	}
	if ix.kinds[tuples] && f.srcPort > 0 && f.dstPort > 0 {
		look(pairKey(f.src, f.dst, f.srcPort, f.dstPort))
	}
	if ix.kinds[pairs] {
		look(pairKey(f.src, f.dst, noPorts, noPorts))
	}
	if ix.kinds[ones] {
		look(oneKey(f.src))
		if f.src != f.dst {
			look(oneKey(f.dst))
		}
	}
	if f.hasCommunity && len(ix.communities) > 0 {
		if s := ix.communities[string(f.community)]; len(s) > 0 {
			visit(s)
		}
	}
	if len(ix.loose) > 0 {
		visit(ix.loose)
	}
}
