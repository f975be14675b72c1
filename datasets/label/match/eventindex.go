package match

import "math"

// hostKey is what events are filed under: a tuple, the one that sorts first in front; two hosts,
// or one, or none, and a port of either of them.
type hostKey struct {
	a, b         address
	aPort, bPort int32 // noPorts, oneHost, noHost: bPort is a port of a host, anyPort: of all
}

const (
	noPorts = -2
	oneHost = -3
	noHost  = -4
	anyPort = -5
)

func pairKey(a, b address, aPort, bPort int32) hostKey {
	if c := a.compare(b); c > 0 || c == 0 && aPort > bPort {
		a, b, aPort, bPort = b, a, bPort, aPort
	}
	return hostKey{a, b, aPort, bPort}
}

func twoKey(a, b address, port int32) hostKey {
	if b.before(a) {
		a, b = b, a
	}
	return hostKey{a, b, noPorts, port}
}

func oneKey(a address, port int32) hostKey { return hostKey{a: a, aPort: oneHost, bPort: port} }

func looseKey(port int32) hostKey { return hostKey{aPort: noHost, bPort: port} }

// key returns where an event is filed that is not found by its Community ID.
func (e *event) key() hostKey {
	if e.hasSrc && e.hasDst && e.ported() && e.SrcPort > 0 && e.DstPort > 0 {
		return pairKey(e.src, e.dst, e.SrcPort, e.DstPort)
	}
	port := int32(anyPort)
	if e.ported() {
		port = e.DstPort
		if port <= 0 {
			port = e.SrcPort
		}
	}
	return e.hostsKey(port)
}

// hostsKey is the key of the event's hosts and a port.
func (e *event) hostsKey(port int32) hostKey {
	switch {
	case e.hasSrc && e.hasDst:
		return twoKey(e.src, e.dst, port)
	case e.hasSrc:
		return oneKey(e.src, port)
	case e.hasDst:
		return oneKey(e.dst, port)
	}
	return looseKey(port)
}

// ported reports whether an event says a port, and that it is neither type nor code.
func (e *event) ported() bool {
	const icmp, icmp6 = 1, 58
	most := max(e.SrcPort, e.DstPort)
	return most > 0 && e.Protocol != icmp && e.Protocol != icmp6 && (e.Protocol >= 0 || most > math.MaxUint8)
}

// eventIndex finds the events that a flow's hosts and time may be of.
type eventIndex struct {
	hosts       map[hostKey]*filed
	communities map[string]*filed
	kinds       [kindsOfKeys]bool
	crowds      []*crowd
}

// filed are the events of one place.
type filed struct {
	spans
	crowd *crowd // nil: they are compared with each flow
}

// kinds of keys, of which a flow is looked up in those that there are.
const (
	tuples = iota
	pairs
	pairsPort
	ones
	onesPort
	loose
	loosePort
	kindsOfKeys
)

func kindOf(k hostKey) int {
	kind := tuples
	switch k.aPort {
	case noPorts:
		kind = pairs
	case oneHost:
		kind = ones
	case noHost:
		kind = loose
	}
	if kind != tuples && k.bPort != anyPort {
		kind++
	}
	return kind
}

func emptyIndex() *eventIndex {
	return &eventIndex{hosts: make(map[hostKey]*filed), communities: make(map[string]*filed)}
}

func newEventIndex(events []event, c *Config) *eventIndex {
	ix := emptyIndex()
	for i := range events {
		e := &events[i]
		key := e.key()
		ix.file(e, key, timed{from: e.from, to: more(e.last, 1), what: int32(i)})
		if e.wide(c) {
			ix.file(e, key, timed{from: e.Began, to: more(e.Began, 1), what: int32(i)})
		}
	}
	ix.sort()
	ix.findCrowds(events, c.MaxPairwise)
	return ix
}

// sort makes what was filed ready to be searched.
func (ix *eventIndex) sort() {
	for _, f := range ix.hosts {
		f.spans = newSpans(f.spans)
	}
	for _, f := range ix.communities {
		f.spans = newSpans(f.spans)
	}
}

// file files a stretch of time of an event.
func (ix *eventIndex) file(e *event, k hostKey, t timed) {
	if e.byCommunity {
		put(ix.communities, e.Community, t)
		return
	}
	ix.kinds[kindOf(k)] = true
	put(ix.hosts, k, t)
}

func put[K comparable](to map[K]*filed, key K, t timed) {
	f := to[key]
	if f == nil {
		f = &filed{}
		to[key] = f
	}
	f.spans = append(f.spans, t)
}

// places calls visit with the events of each place that a flow is filed under.
func (ix *eventIndex) places(f *flow, visit func(*filed)) {
	look := func(k hostKey) {
		if s := ix.hosts[k]; s != nil {
			visit(s)
		}
	}
	if ix.kinds[tuples] && f.srcPort > 0 && f.dstPort > 0 {
		look(pairKey(f.src, f.dst, f.srcPort, f.dstPort))
	}
	ix.byHosts(f, 0, anyPort, look)
	if f.srcPort > 0 {
		ix.byHosts(f, 1, f.srcPort, look)
	}
	if f.dstPort > 0 && f.dstPort != f.srcPort {
		ix.byHosts(f, 1, f.dstPort, look)
	}
	if f.hasCommunity && len(ix.communities) > 0 {
		if s := ix.communities[string(f.community)]; s != nil {
			visit(s)
		}
	}
}

// byHosts looks a flow up by its hosts and a port; kinds with a port come behind those without.
func (ix *eventIndex) byHosts(f *flow, ported int, port int32, look func(hostKey)) {
	if ix.kinds[pairs+ported] {
		look(twoKey(f.src, f.dst, port))
	}
	if ix.kinds[ones+ported] {
		look(oneKey(f.src, port))
		if f.src != f.dst {
			look(oneKey(f.dst, port))
		}
	}
	if ix.kinds[loose+ported] {
		look(looseKey(port))
	}
}
