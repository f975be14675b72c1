package traffic

import (
	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// Shares of lookups and of connections that follow them.
const (
	resolvedShare = 0.8  // of connections: to a server that the client has looked up
	missingShare  = 0.04 // of answers: no such name
	emptyShare    = 0.04 // of answers: no address of this kind
	aliasShare    = 0.3  // of answers: by an alias
	serviceShare  = 0.12 // of questions: HTTPS
	crossShare    = 0.15 // of questions: addresses of the other family than the packets'
)

// recentLookups is the number of lookups of a family that connections may follow;
// a power of two. With the mixed profile's rate they are those of some seconds.
const recentLookups = 256

// freshFor is how old they may be: below each time to live.
const freshFor packet.Nanos = 50e9

// pair is a client that knows a server.
type pair struct{ client, server uint32 }

// lookupRing keeps the latest lookups.
type lookupRing struct {
	pairs [recentLookups]struct {
		pair
		at packet.Nanos // of the answer
	}
	n uint32 // ever
}

func (r *lookupRing) push(p pair, at packet.Nanos) {
	slot := &r.pairs[r.n%recentLookups]
	slot.pair, slot.at = p, at
	r.n++
}

// known draws a lookup that was answered before an instant, and is still valid.
func (r *lookupRing) known(rng *random, now packet.Nanos) (pair, bool) {
	if r.n == 0 {
		return pair{}, false
	}
	for range 3 {
		slot := &r.pairs[rng.below(int(min(r.n, recentLookups)))]
		if slot.at < now && now-slot.at < freshFor {
			return slot.pair, true
		}
	}
	return pair{}, false
}

// visit gives c a client and a server as endpoints does; most clients have asked
// for the server's address before.
func (e *engine) visit(c *conversation, six bool, port uint16) {
	p := e.strangers()
	if e.rng.chance(resolvedShare) {
		if known, ok := e.lookups[family(six)].known(&e.rng, c.clock); ok {
			p = known
			c.flow.DNSName = e.maker.ServerName(p.server)
		}
	}
	e.connect(c, six, p, port)
}

func family(six bool) int {
	if six {
		return 1
	}
	return 0
}

// resolver returns the server that answers a client's lookups: one of the last
// four of the network.
func resolver(client uint32) uint32 { return serverHosts - 4 + client%4 }

// lookup is a DNS question and its answer over UDP, or that of NTP or DHCP.
func (e *engine) lookup(c *conversation, six bool) {
	n := 2
	if e.rng.chance(0.05) {
		n = 1
	}
	switch draw := e.rng.float(); {
	case draw < 0.1:
		e.endpoints(c, six, 123)
		startPairs(c, packet.ProtoUDP, n, ntp)
	case draw < 0.12:
		e.lease(c, six, n)
	default:
		e.resolve(c, six, n)
	}
}

// resolve is a lookup of n packets.
func (e *engine) resolve(c *conversation, six bool, n int) {
	p := e.strangers()
	e.connect(c, six, pair{p.client, resolver(p.client)}, 53)
	startPairs(c, packet.ProtoUDP, n, dns)
	c.ask(e, p.server)
	c.flow.App = "dns"
	c.flow.Question, c.flow.QuestionType = c.talk.question.Name, c.talk.question.Type
	c.flow.Messages[DNSQuery]++
	if n < 2 {
		return
	}
	c.flow.Messages[DNSAnswer]++
	c.flow.ResponseCode = c.talk.question.RCode
	q := &c.talk.question
	if len(q.Addrs) > 0 && q.Type != payload.TypeHTTPS && q.Addrs[0].Is4() == c.flow.Src.Is4() {
		e.lookups[family(six)].push(p, c.clock+c.rtt)
	}
}

// ask draws the question for a server and its answer.
func (c *conversation) ask(e *engine, server uint32) {
	q := &c.talk.question
	q.ID, q.TTL, q.EDNS = uint16(c.base), [3]uint32{60, 300, 3600}[server%3], c.base&3 != 0
	q.Name = e.maker.ServerName(server)
	six := c.flow.Src.Is6()
	q.Type = payload.TypeA
	switch draw := e.rng.float(); {
	case draw < serviceShare:
		q.Type = payload.TypeHTTPS
	case draw < serviceShare+crossShare:
		six = !six
	}
	if six && q.Type == payload.TypeA {
		q.Type = payload.TypeAAAA
	}
	switch draw := e.rng.float(); {
	case draw < missingShare:
		q.RCode = 3
		return
	case draw < missingShare+emptyShare:
		return
	case draw < missingShare+emptyShare+aliasShare && q.Type != payload.TypeHTTPS:
		q.Alias = e.maker.EdgeName(server)
	}
	q.Addrs = c.talk.addrs[:1+server%3]
	for i := range q.Addrs { // the second and third are addresses that nobody visits
		q.Addrs[i] = host(serverNet, six, server+uint32(i)*serverHosts)
	}
}

// dns is the question or the answer.
func dns(e *engine, c *conversation, s *step) []byte {
	q := c.talk.question
	q.Answer = s.dir == Reverse
	e.body = payload.AppendDNS(e.body[:0], q)
	return e.body
}

// lease is a DHCP renewal: the client asks the server that gave it its address.
// Each client does so once, for the ports are always the same.
func (e *engine) lease(c *conversation, six bool, n int) {
	count := e.leases
	e.leases++
	client, server := count%clientHosts, count/clientHosts%serverHosts
	c.flow.Src, c.flow.SrcPort = host(clientNet, six, client), 68
	c.flow.Dst, c.flow.DstPort = host(serverNet, six, server), 67
	kind := DHCPv4
	if six {
		c.flow.SrcPort, c.flow.DstPort, kind = 546, 547, DHCPv6
	}
	e.path(c)
	startPairs(c, packet.ProtoUDP, n, dhcp)
	c.flow.App = "dhcp"
	c.flow.Messages[kind] = int64(n)
}

// dhcp is the request or its answer.
func dhcp(e *engine, c *conversation, s *step) []byte {
	kind := payload.DHCPClients[c.base%3]
	d := payload.DHCP{
		ID: c.base, Address: c.flow.Src, Server: c.flow.Dst, Renewal: true, HostName: deviceName(c.base),
		MAC:    [6]byte{2, 0x11, byte(c.base >> 24), byte(c.base >> 16), byte(c.base >> 8), byte(c.base)},
		Wanted: kind.Wanted, Class: kind.Class,
	}
	types := [2][2]uint8{{payload.DHCPRequest, payload.DHCPAck}, {payload.DHCPv6Renew, payload.DHCPv6Reply}}
	if c.flow.Src.Is4() {
		d.Type = types[0][s.dir]
		e.body = payload.AppendDHCP(e.body[:0], d)
	} else {
		d.Type = types[1][s.dir]
		e.body = payload.AppendDHCPv6(e.body[:0], d)
	}
	return e.body
}

// deviceName is the name that a host tells the server.
func deviceName(n uint32) string {
	digits := "0123456789abcdef"
	return "host-" + string([]byte{digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15]})
}
