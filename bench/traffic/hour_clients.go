package traffic

import (
	"math"
	"net/netip"
	"time"

	"pcapmill/bench/traffic/payload"
)

// What clients do, besides visits, in an hour of load 1.
const (
	askedShare   = 0.7 // of visits: the name is not remembered
	extraLookups = 1.5 // for each visit: of names that nobody visits then
	printRate    = 0.08
	adminRate    = 1.2
	clockPeriod  = 1024 * time.Second
	leasePeriod  = 4 // hours between renewals
)

// absentShare is that of extra lookups whose name does not exist. Only they can fail:
// who is told that there is no such name cannot go there.
const absentShare = 0.03

// extraShare is that of all lookups.
const extraShare = extraLookups / (extraLookups + askedShare)

// nameError is the response code NXDOMAIN.
const nameError = 3

// live writes a client's hour.
func (h *hour) live(p *person) {
	before := len(h.uses)
	load := h.net.load(p, h.seed, h.index)
	rate := h.rate(p)
	h.surf(p, load*min(rate, 1), Browsing, LookingUp)
	h.byItself(p)
	h.times(p.Addr, p.number, Printing, printRate*load, printing)
	if p.number == firstClient {
		h.times(p.Addr, p.number, Administering, adminRate*load, administer)
	}
	if rate > 1 { // more of the same, behind what there is without the change
		h.surf(p, load*(rate-1), "more "+Browsing, "more "+LookingUp)
	}
	if h.has(NewService, p) {
		h.useService(p, len(h.uses)-before)
	}
}

// rate is a factor on how often a client visits sites and looks names up.
func (h *hour) rate(p *person) float64 {
	switch {
	case h.has(HigherRate, p):
		return h.change.Strength
	case h.change.Kind == DividedLoad:
		return float64(h.usual) / float64(len(h.people))
	}
	return 1
}

// surf writes visits and lookups. The habits name their random numbers.
func (h *hour) surf(p *person, load float64, visits, lookups Habit) {
	h.times(p.Addr, p.number, visits, p.rate*load, func(a *act) { a.visit(p) })
	h.times(p.Addr, p.number, lookups, p.rate*load*extraLookups, func(a *act) { a.look(p) })
}

// byItself writes what a client's system does by itself: it sets its clock, and renews
// its IPv4 address.
func (h *hour) byItself(p *person) {
	h.every(p.Addr, p.number, ClockSetting, clockPeriod, 8*time.Second, (*act).setClock)
	if p.Addr.Is4() && (h.index+int(p.number))%leasePeriod == 0 {
		rng := h.draws(p.number, Leasing, 0)
		h.do(rng, p.Addr, rng.float(), func(a *act) { a.renew(p.number) })
	}
}

// grown is an answer's size with the change.
func (a *act) grown(p *person, size int) int {
	switch {
	case a.has(LargerSizes, p):
		return int(float64(size) * a.change.Strength)
	case a.has(GrowingSizes, p):
		return int(float64(size) * (1 + (a.change.Strength-1)*a.part))
	}
	return size
}

// turn is a request and its answer.
type turn struct {
	ask, answer int
	pause       time.Duration // before it
}

// smallestAnswer, largestAnswer and largestDownload are bytes, without a change.
const (
	smallestAnswer  = 150
	largestAnswer   = 40_000
	largestDownload = 2_000_000
)

// tailIndex of the Pareto distribution of downloads: below 2 their variance is infinite.
// Files on the web have 1.1 to 1.2 (Crovella and Bestavros, Self-similarity in World Wide
// Web traffic, IEEE/ACM Transactions on Networking 5, 1997).
const tailIndex = 1.2

// answerSize draws the bytes of an answer.
func (a *act) answerSize(s *site) float64 {
	if a.net.cfg.Tail > 0 && a.rng.chance(a.net.cfg.Tail) {
		return min(largestAnswer*math.Pow(1-a.rng.float(), -1/tailIndex), largestDownload)
	}
	return min(max(a.rng.logNormal(s.answer, 0.7), smallestAnswer), largestAnswer)
}

// turns draws what a visit of a site is about.
func (a *act) turns(p *person, s *site) []turn {
	turns := make([]turn, 1+a.rng.below(3))
	for i := range turns {
		size := a.answerSize(s)
		turns[i] = turn{
			ask: a.rng.within(200, 700), answer: a.grown(p, int(size)),
			pause: time.Duration(min(a.rng.exp(1.2e9), 12e9)),
		}
	}
	turns[0].pause = 0
	return turns
}

// visit is a lookup, mostly, and a connection to a favourite site.
func (a *act) visit(p *person) {
	u := a.rng.float()
	s := &a.net.sites[p.favours[int(float64(len(p.favours))*u*u)]]
	addr := host(serverNet, p.Addr.Is6(), s.number)
	asked := a.rng.chance(askedShare)
	if asked {
		q := a.question(s.number)
		q.Type, q.Addrs = typeOf(addr), []netip.Addr{addr}
		a.ask(q)
		a.at += 1e6
	}
	a.rtt = time.Duration(s.rtt * a.rng.logNormal(1, 0.1))
	if a.rng.chance(0.015) {
		a.unanswered(addr, s.port)
		return
	}
	turns := a.turns(p, s)
	var c *use
	switch {
	case s.port == 80:
		c = a.http(addr, a.web(s.number, p.agent), Browsing, turns)
	case s.quic && p.quic != nil:
		c = a.quic(addr, payload.Handshake{Client: p.quic, Server: s.number}, turns)
	default:
		c = a.tls(addr, 443, payload.Handshake{Client: p.hello, Server: s.number}, Browsing, turns)
	}
	for _, t := range turns {
		c.answer += t.answer
	}
	if asked {
		c.Truth.DNSName = a.maker.ServerName(s.number)
	}
}

func typeOf(a netip.Addr) uint16 {
	if a.Is6() {
		return payload.TypeAAAA
	}
	return payload.TypeA
}

// unanswered is a connection attempt, three times.
func (a *act) unanswered(server netip.Addr, port uint16) {
	c := a.open(server, port, Browsing, "S0")
	first := c.seq
	for i := range 3 {
		c.seq = first
		c.syn()
		c.Wait(time.Second << i)
	}
}

// look is a lookup that no visit follows: of names in web pages, of programs'
// telemetry, of what is mistyped.
func (a *act) look(p *person) {
	number := uint32(siteCount*37 + 1 + a.rng.below(600))
	q := a.question(number)
	u, absent := a.rng.float(), absentShare
	if a.has(MissingNames, p) {
		absent = min(1, a.change.Strength/extraShare)
	}
	draw := a.rng.float()
	switch {
	case draw < 0.55:
		q.Type, q.Addrs = payload.TypeA, []netip.Addr{host(serverNet, false, number)}
	case draw < 0.85:
		q.Type, q.Addrs = payload.TypeAAAA, []netip.Addr{host(serverNet, true, number)}
	default:
		q.Type, q.Addrs = payload.TypeHTTPS, []netip.Addr{host(serverNet, p.Addr.Is6(), number)}
	}
	if a.rng.chance(0.2) {
		q.Addrs = nil
	} else if q.Type != payload.TypeHTTPS && a.rng.chance(0.3) {
		q.Alias = a.maker.EdgeName(number)
	}
	if u < absent {
		q.RCode, q.Addrs, q.Alias = nameError, nil, ""
	}
	a.ask(q)
}

// question is one about a server's name.
func (a *act) question(number uint32) payload.DNS {
	return payload.DNS{
		ID: uint16(a.rng.uint32()), Name: a.maker.ServerName(number), TTL: [3]uint32{60, 300, 3600}[number%3], EDNS: true,
	}
}

// ask writes a question and its answer; at moves behind it.
func (a *act) ask(q payload.DNS) {
	c := a.open(inside(a.host.Is6(), resolving), 53, LookingUp, "SF")
	c.Datagram(Forward, payload.AppendDNS(nil, q))
	latency := a.rng.logNormal(700_000, 0.3)
	if a.rng.chance(0.4) { // the resolver does not know it
		latency += a.rng.logNormal(18e6, 0.6)
	}
	c.Wait(time.Duration(latency) - c.Gap)
	q.Answer = true
	c.Datagram(Reverse, payload.AppendDNS(nil, q))
	c.asked(q.Name, q.Type)
	c.Truth.ResponseCode = q.RCode
	a.at = c.Now()
}

// setClock is an NTP exchange.
func (a *act) setClock() {
	c := a.open(inside(a.host.Is6(), clock), 123, ClockSetting, "SF")
	c.Gap = time.Duration(a.rng.logNormal(500_000, 0.3))
	for dir := range Reverse + 1 {
		c.Datagram(dir, appendNTP(nil, dir, c.Now(), a.rng.uint32()))
	}
}

// renew is a DHCP renewal; the gateway leases addresses.
func (a *act) renew(number uint32) {
	d := payload.DHCP{
		ID: a.rng.uint32(), Address: a.host, Server: inside(false, gateway), Renewal: true, HostName: deviceName(number),
		MAC:    [6]byte{2, 0x20, 0, 0, byte(number >> 8), byte(number)},
		Wanted: payload.DHCPClients[number%3].Wanted, Class: payload.DHCPClients[number%3].Class,
	}
	c := a.openAs(68, d.Server, 67, Leasing, "SF")
	for dir, typ := range []uint8{payload.DHCPRequest, payload.DHCPAck} {
		d.Type = typ
		c.Datagram(Direction(dir), payload.AppendDHCP(nil, d))
	}
	c.Truth.App = "dhcp"
	c.Truth.Messages[DHCPv4] = 2
}

// service is the end of a NewService.
func (h *hour) service() netip.AddrPort {
	rng := h.draws(firstDevice, ServiceUse, -1)
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(rng.within(1, 254))}), 8443)
}

// useService adds conversations with the new service to so many others. Clients with
// an IPv6 address reach it through a translator, RFC 6052's well-known prefix.
func (h *hour) useService(p *person, others int) {
	to := h.service()
	server := to.Addr()
	if p.Addr.Is6() {
		raw := server.As4()
		server = netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 12: raw[0], raw[1], raw[2], raw[3]})
	}
	share := h.change.Strength
	h.times(p.Addr, p.number, ServiceUse, float64(others)*share/(1-share), func(a *act) {
		a.rtt = time.Duration(a.rng.logNormal(30e6, 0.2))
		turns := []turn{{ask: a.rng.within(100, 200), answer: a.rng.within(200, 400)}}
		a.tls(server, to.Port(), payload.Handshake{Client: p.hello, Server: siteCount*37 + 700}, ServiceUse, turns)
	})
}
