package traffic

import (
	"net/netip"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// The address ranges: clients in 10.0.0.0/18 and 2001:db8:1::/64, servers in
// 198.18.0.0/20 and 2001:db8:2::/64, pinged hosts in 100.64.0.0/10 and
// 2001:db8:3::/64 (documentation, benchmark and shared space).
var (
	clientNet = [2]netip.Addr{netip.MustParseAddr("10.0.0.0"), netip.MustParseAddr("2001:db8:1::")}
	serverNet = [2]netip.Addr{netip.MustParseAddr("198.18.0.0"), netip.MustParseAddr("2001:db8:2::")}
	pingNet   = [2]netip.Addr{netip.MustParseAddr("100.64.0.0"), netip.MustParseAddr("2001:db8:3::")}
)

// serverHosts is the number of answering hosts, each of which has a name.
const serverHosts = payload.Servers

// lowPort is the first of the clients' ports: above the well-known ones, which
// make protocol guessers see what is not there.
const lowPort = 32768

// host returns address n of a network.
func host(base [2]netip.Addr, six bool, n uint32) netip.Addr {
	if six {
		a := base[1].As16()
		a[12], a[13], a[14], a[15] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
		return netip.AddrFrom16(a)
	}
	a := base[0].As4()
	a[1] |= byte(n >> 16)
	a[2], a[3] = byte(n>>8), byte(n)
	return netip.AddrFrom4(a)
}

// strangers draws a client and a server, of which few are popular.
func (e *engine) strangers() pair {
	client := e.rng.below(clientHosts)
	u := e.rng.float()
	return pair{uint32(client), uint32(serverHosts * u * u * u)}
}

// endpoints gives c a client and a server that need not know each other.
func (e *engine) endpoints(c *conversation, six bool, port uint16) {
	e.connect(c, six, e.strangers(), port)
}

// connect gives c its ends, with a port that the client has not used before (each
// client counts its ports up, as hosts do). No two conversations share a tuple
// before a client used 32,768 ports.
func (e *engine) connect(c *conversation, six bool, p pair, port uint16) {
	if e.ports[p.client] < lowPort {
		e.ports[p.client] = lowPort + uint16(e.rng.below(0x10000-lowPort))
	}
	c.server = p.server
	c.flow.Src, c.flow.SrcPort = host(clientNet, six, p.client), e.ports[p.client]
	c.flow.Dst, c.flow.DstPort = host(serverNet, six, p.server), port
	e.ports[p.client]++
	e.path(c)
}

// pinged gives c a client and a host that no other conversation pings; ICMP has
// no ports that would tell two of them apart.
func (e *engine) pinged(c *conversation, six bool) {
	c.flow.Src = host(clientNet, six, uint32(e.rng.below(clientHosts)))
	c.flow.Dst = host(pingNet, six, uint32(e.spawned)&0x3fffff)
	e.path(c)
}

// path draws what depends on the way between two hosts.
func (e *engine) path(c *conversation) {
	c.rtt = packet.Nanos(min(e.rng.logNormal(25e6, 0.9), 900e6))
	c.base = e.rng.uint32()
	c.ttl = [2]uint8{64, uint8(e.rng.within(44, 60))}
	c.id = [2]uint16{uint16(e.rng.uint32()), uint16(e.rng.uint32())}
	c.stamps = [2]uint32{}
}
