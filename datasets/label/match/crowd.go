package match

import (
	"cmp"
	"fmt"
	"slices"

	"pcapmill/datasets/label"
)

// crowd are the events of a place that has so many of them that comparing each with each flow would
// take as long as their product: a million alerts on two hosts that have a million connections. Their
// flows are held, those alike in all that these events ask side by side and by time, and each event
// finds its own among them by searching.
type crowd struct {
	events    []int32
	key       hostKey
	community string
	asks      struct{ port, bothPorts, protocol, depth, capture bool }
	number    int32
}

// findCrowds makes the places of more than most events crowds.
func (ix *eventIndex) findCrowds(events []event, most int) {
	for k, f := range ix.hosts {
		ix.mark(f, events, most, crowd{key: k})
	}
	for name, f := range ix.communities {
		ix.mark(f, events, most, crowd{community: name})
	}
	slices.SortFunc(ix.crowds, func(a, b *crowd) int { return cmp.Compare(a.events[0], b.events[0]) })
	for i, c := range ix.crowds {
		c.number = int32(i)
	}
}

func (ix *eventIndex) mark(f *filed, events []event, most int, c crowd) {
	if len(f.spans) <= most {
		return
	}
	for i := range f.spans {
		c.events = append(c.events, f.spans[i].what)
	}
	slices.Sort(c.events)
	c.events = slices.Compact(c.events)
	for _, i := range c.events {
		e := &events[i]
		c.asks.port = c.asks.port || max(e.SrcPort, e.DstPort) >= 0
		c.asks.bothPorts = c.asks.bothPorts || min(e.SrcPort, e.DstPort) >= 0
		c.asks.protocol = c.asks.protocol || e.Protocol >= 0
		c.asks.depth = c.asks.depth || e.Depth != label.AnyDepth
		c.asks.capture = c.asks.capture || e.captures != nil
	}
	f.crowd = &c
	ix.crowds = append(ix.crowds, f.crowd)
}

// member is a flow that events of a crowd may be about.
type member struct {
	look
	held
}

// held is what is kept of it.
type held struct {
	look               int32 // its number
	start, end, packet int64
	row, id, conn      int64
}

// look is what of a flow the events of a crowd ask, besides its time; the rest is blank, so that
// flows which differ in nothing else have one look.
type look struct {
	crowd                        int32
	src, dst                     address
	srcPort, dstPort             int32
	icmpType, icmpCode, icmpPeer int32
	depth, capture               int32
	protocol                     uint8
	icmp, oneWay                 bool
}

// otherPort is a port that no event says.
const otherPort = 1 << 16

func (c *crowd) member(f *flow) member {
	l := look{crowd: c.number, src: f.src, dst: f.dst}
	kind := kindOf(c.key)
	if c.community == "" && (kind == ones || kind == onesPort || kind == loose || kind == loosePort) {
		l.src, l.dst = c.blank(f.src), c.blank(f.dst)
	}
	if c.asks.port {
		l.srcPort, l.dstPort = c.port(f.srcPort), c.port(f.dstPort)
		l.icmpType, l.icmpCode, l.icmpPeer, l.icmp, l.oneWay = f.icmpType, f.icmpCode, f.icmpPeer, f.icmp, f.oneWay
	}
	if c.asks.protocol {
		l.protocol = f.protocol
	}
	if c.asks.depth {
		l.depth = f.depth
	}
	if c.asks.capture {
		l.capture = f.capture
	}
	return member{l, held{start: f.start, end: f.end, packet: f.packet, row: f.row, id: f.id, conn: f.conn}}
}

// blank is an address that is not the place's, which no event of it names.
func (c *crowd) blank(a address) address {
	if a == c.key.a && c.key.aPort == oneHost {
		return a
	}
	return address{hi: ^c.key.a.hi}
}

// port is a port as far as it matters: of a place of one port any other is as good.
func (c *crowd) port(p int32) int32 {
	if c.community != "" || c.key.bPort <= 0 || c.asks.bothPorts || p == c.key.bPort || p < 0 {
		return p
	}
	return otherPort
}

// flow is the flow that a look is of, without its time.
func (l *look) flow(c *crowd) flow {
	return flow{
		src: l.src, dst: l.dst, srcPort: l.srcPort, dstPort: l.dstPort, icmp: l.icmp, oneWay: l.oneWay, icmpType: l.icmpType, icmpCode: l.icmpCode, icmpPeer: l.icmpPeer,
		depth: l.depth, capture: l.capture, protocol: l.protocol, community: []byte(c.community), hasCommunity: c.community != "",
	}
}

// crowds are the flows of all crowds.
type crowds struct {
	all     []held
	numbers map[look]int32
	looks   []look
	max     int
}

// maxLooks bounds how many looks are known, of 100 bytes each.
const maxLooks = 1 << 20

func (c *crowds) add(m *member) error {
	if len(c.all) >= c.max || len(c.looks) >= maxLooks {
		return fmt.Errorf("%w: more than %d flows, or %d kinds of them, of events that are too many to be compared with each", ErrLimit, c.max, maxLooks)
	}
	number, known := c.numbers[m.look]
	if !known {
		if c.numbers == nil {
			c.numbers = make(map[look]int32)
		}
		number = int32(len(c.looks))
		c.numbers[m.look] = number
		c.looks = append(c.looks, m.look)
	}
	m.held.look = number
	c.all = append(c.all, m.held)
	return nil
}
