package traffic

import (
	"fmt"
	"net/netip"
	"time"

	"pcapmill/bench/traffic/payload"
)

// office is a host that gets its address, looks names up and uses what they stand
// for: TLS 1.2 and 1.3, both versions of QUIC, SSH.
type office struct {
	*scene
	maker *payload.Maker
	port  int // of the next connection
}

// applications writes the office's traffic.
func applications(s *scene) error {
	o := &office{s, payload.NewMaker(), 45001}
	o.leases()
	o.tls(payload.Older, 37, "192.0.2.10", "198.51.100.37", 7*time.Second)
	o.tls(payload.Browser, 71, "192.0.2.10", "198.51.100.71", 9*time.Second)
	o.tls(payload.Library, 72, "2001:db8::10", "2001:db8::72", 11*time.Second)
	o.tls(payload.Device, 73, "192.0.2.17", "198.51.100.73", 12*time.Second)
	o.quic(payload.QUIC{Version: payload.QUICv1}, payload.QUICLarge, 81, "192.0.2.10", "198.51.100.81", 14*time.Second)
	o.quic(payload.QUIC{Version: payload.QUICv2, ClientID: 3}, payload.QUICSteady, 82, "2001:db8::10", "2001:db8::82", 16*time.Second)
	o.ssh(18 * time.Second)
	return o.web(20 * time.Second)
}

// leases are a host's first messages: it has no address yet.
func (o *office) leases() {
	mac, router, all := MAC{2, 0, 0, 0, 0, 0x10}, MAC{2, 0, 0, 0, 0, 0xfe}, MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	d := payload.DHCP{
		ID: 0x2a10, MAC: mac, Address: netip.MustParseAddr("192.0.2.10"), Server: netip.MustParseAddr("192.0.2.1"),
		HostName: "desk-10", Wanted: payload.DHCPClients[0].Wanted, Class: payload.DHCPClients[0].Class,
	}
	ask := o.session(o.on(lan), after(100*time.Millisecond), "0.0.0.0:68", "255.255.255.255:67", "S0", MACs(mac, all))
	tell := o.session(o.on(lan), after(120*time.Millisecond), "192.0.2.1:67", "255.255.255.255:68", "S0", MACs(router, all))
	for i, typ := range []uint8{payload.DHCPDiscover, payload.DHCPOffer, payload.DHCPRequest, payload.DHCPAck} {
		d.Type = typ
		c := []*Session{ask, tell}[i&1]
		c.Datagram(Forward, payload.AppendDHCP(nil, d))
		c.Wait(40 * time.Millisecond)
		c.Truth.App = "dhcp"
		c.Truth.Messages[DHCPv4]++
	}
	d.Address = netip.MustParseAddr("2001:db8::10")
	ask = o.session(o.on(lan), after(300*time.Millisecond), "[fe80::10]:546", "[ff02::1:2]:547", "S0", MACs(mac, MAC{0x33, 0x33, 0, 1, 0, 2}))
	tell = o.session(o.on(lan), after(320*time.Millisecond), "[fe80::fe]:547", "[fe80::10]:546", "S0", MACs(router, mac))
	for i, typ := range []uint8{payload.DHCPv6Solicit, payload.DHCPv6Advertise, payload.DHCPv6Request, payload.DHCPv6Reply} {
		d.Type = typ
		c := []*Session{ask, tell}[i&1]
		c.Datagram(Forward, payload.AppendDHCPv6(nil, d))
		c.Wait(40 * time.Millisecond)
		c.Truth.App = "dhcp"
		c.Truth.Messages[DHCPv6]++
	}
}

// lookup asks for the address of a name, half a second before at.
func (o *office) lookup(name, client, server string, at time.Duration) {
	d := payload.DNS{
		ID: uint16(o.port), Name: name, Type: payload.TypeA, TTL: 300, EDNS: true, Addrs: []netip.Addr{netip.MustParseAddr(server)},
	}
	resolver := "192.0.2.53:53"
	if d.Addrs[0].Is6() {
		d.Type, resolver = payload.TypeAAAA, "[2001:db8::53]:53"
	} else if o.port&1 == 0 {
		d.Alias = o.maker.EdgeName(uint32(o.port))
	}
	for _, typ := range []uint16{d.Type, payload.TypeHTTPS} {
		d.Type, d.ID, d.Answer = typ, d.ID+1, false
		c := o.session(o.on(lan), after(at-500*time.Millisecond), o.from(client), resolver, "SF")
		c.Datagram(Forward, payload.AppendDNS(nil, d))
		c.Wait(9 * time.Millisecond)
		d.Answer = true
		if typ == payload.TypeHTTPS {
			d.Alias = ""
		}
		c.Datagram(Reverse, payload.AppendDNS(nil, d))
		c.asked(d.Name, typ)
	}
}

// asked notes a lookup in the truth.
func (s *Session) asked(name string, typ uint16) {
	s.Truth.App, s.Truth.Question, s.Truth.QuestionType = "dns", name, typ
	s.Truth.Messages[DNSQuery]++
	s.Truth.Messages[DNSAnswer]++
}

// from returns the client's end with its next port.
func (o *office) from(client string) string {
	o.port++
	return netip.AddrPortFrom(netip.MustParseAddr(client), uint16(o.port)).String()
}

// tls is a connection of a client to a server with a number; its name is looked
// up where the client knows it.
func (o *office) tls(client *payload.Client, number uint32, from, server string, at time.Duration) {
	h := payload.Handshake{Client: client, Server: number, Seed: uint64(number), Sealed: 2600}
	m := o.maker
	c := o.visit(&h, from, netip.AddrPortFrom(netip.MustParseAddr(server), 443).String(), at)
	c.Truth.App = "tls"
	c.Handshake()
	c.Send(Forward, m.AppendClientHello(nil, h))
	c.Wait(20 * time.Millisecond)
	c.Send(Reverse, m.AppendServerFlight(nil, h))
	c.Send(Forward, m.AppendClientFinish(nil, h))
	c.Send(Reverse, m.AppendServerFinish(nil, h))
	for i := range uint64(2) {
		c.Send(Forward, payload.AppendSealed(nil, 23, 400, h.Seed+i))
		c.Wait(30 * time.Millisecond)
		c.Send(Reverse, payload.AppendSealed(nil, 23, 3000, h.Seed+100+i))
		c.Wait(time.Second)
	}
	c.Close(Forward)
	c.Truth.clientHello(&h)
	c.Truth.Messages[ClientHello]++
	c.Truth.serverHello(&h)
	c.Truth.Messages[ServerHello]++
}

// visit looks the server up and returns the session of the connection.
func (o *office) visit(h *payload.Handshake, from, server string, at time.Duration) *Session {
	if h.Client.NamesServer() {
		h.ServerName = o.maker.ServerName(h.Server)
		o.lookup(h.ServerName, from, netip.MustParseAddrPort(server).Addr().String(), at)
	}
	c := o.session(o.on(lan), after(at), o.from(from), server, "SF")
	c.Truth.DNSName = h.ServerName
	return c
}

// quic is a connection over QUIC.
func (o *office) quic(q payload.QUIC, client *payload.Client, number uint32, from, server string, at time.Duration) {
	q.Handshake = payload.Handshake{Client: client, Server: number, Seed: uint64(number)}
	c := o.visit(&q.Handshake, from, netip.AddrPortFrom(netip.MustParseAddr(server), 443).String(), at)
	c.Truth.App = "quic"
	for i := range o.maker.ClientDatagrams(q) {
		c.Datagram(Forward, o.maker.AppendClientInitial(nil, q, i))
	}
	c.Wait(15 * time.Millisecond)
	c.Datagram(Reverse, o.maker.AppendServerInitial(nil, q))
	c.Datagram(Forward, q.AppendClientFinish(nil, 300))
	rng := random{state: q.Seed}
	for i := range 12 {
		body := make([]byte, [3]int{1200, 1200, 40}[i%3])
		rng.fill(body)
		dir := Reverse
		if i%3 == 2 {
			dir = Forward
		}
		q.SetShort(body, dir == Reverse)
		c.Datagram(dir, body)
	}
	c.Truth.clientHello(&q.Handshake)
	c.Truth.Messages[QUICClientHello]++
	c.Truth.TLSVersion = uint16(q.Handshake.Version())
	c.Truth.Messages[QUICServerHello]++
}

// ssh is a login and some typing.
func (o *office) ssh(at time.Duration) {
	client, server := &payload.SSHClients[0], &payload.SSHServers[0]
	name := o.maker.ServerName(90)
	o.lookup(name, "192.0.2.10", "198.51.100.90", at)
	c := o.session(o.on(lan), after(at), o.from("192.0.2.10"), "198.51.100.90:22", "SF")
	c.Handshake()
	c.Send(Forward, client.AppendBanner(nil))
	c.Send(Reverse, server.AppendBanner(nil))
	c.Send(Forward, client.AppendKexInit(nil, 1))
	c.Send(Reverse, server.AppendKexInit(nil, 2))
	c.Send(Forward, payload.AppendExchange(nil, 3))
	c.Send(Reverse, payload.AppendExchanged(nil, 4))
	c.Send(Forward, payload.AppendNewKeys(nil, 5))
	rng := random{state: 22}
	for i := range 20 {
		body := make([]byte, 36+16*(i%4))
		rng.fill(body)
		c.Send(Direction(i%2), body)
		c.Wait(70 * time.Millisecond)
	}
	c.Close(Forward)
	c.Truth.App, c.Truth.DNSName = "ssh", name
	c.Truth.ClientBanner, c.Truth.ServerBanner = client.Banner, server.Banner
	c.Truth.Messages[SSHBanner], c.Truth.Messages[SSHKexInit] = 2, 2
}

// web is HTTP with pipelined requests and a body in chunks.
func (o *office) web(at time.Duration) error {
	w := payload.Web{Host: o.maker.ServerName(96), Seed: 96}
	o.lookup(w.Host, "192.0.2.10", "198.51.100.96", at)
	c := o.session(o.on(lan), after(at), o.from("192.0.2.10"), "198.51.100.96:80", "SF")
	c.Handshake()
	const requests = 3
	var all []byte
	for n := range uint32(requests) {
		all = w.AppendRequest(all, n)
	}
	c.Send(Forward, all)
	body := "<html><body>" + w.Host + "</body></html>\n"
	for n := range uint32(requests) {
		c.Wait(12 * time.Millisecond)
		c.Send(Reverse, answer(&w, n, body))
	}
	c.Close(Reverse)
	c.Truth.App, c.Truth.DNSName, c.Truth.Host, c.Truth.UserAgent = "http", w.Host, w.Host, w.Agent()
	c.Truth.FirstTarget, c.Truth.FirstStatus = w.Target(0), w.Status(0)
	c.Truth.Messages[HTTPRequest], c.Truth.Messages[HTTPResponse] = requests, requests
	return c.Err()
}

// answer is the answer to request n, every second one in chunks.
func answer(w *payload.Web, n uint32, body string) []byte {
	switch {
	case !w.HasBody(n):
		return w.AppendHead(nil, n, 0)
	case n%2 == 0:
		return append(w.AppendHead(nil, n, len(body)), body...)
	}
	b := payload.AppendChunk(w.AppendHead(nil, n, payload.Chunked), len(body))
	return fmt.Appendf(b, "%s\r\n0\r\n\r\n", body)
}
