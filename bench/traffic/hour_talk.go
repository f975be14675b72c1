package traffic

import (
	"net/netip"
	"strings"
	"time"

	"pcapmill/bench/traffic/payload"
)

// resetShare is that of connections that the client resets in place of closing.
const resetShare = 0.03

// close ends a TCP connection.
func (a *act) close(c *use) {
	if a.rng.chance(resetShare) {
		c.Reset(Forward)
		c.Truth.State = endingStates[endAbort]
		return
	}
	c.Close(Forward)
}

// lostShare is that of answers whose last segment is sent again.
const lostShare = 0.01

// answer sends what a server answers.
func (a *act) answer(c *use, data []byte) {
	c.Send(Reverse, data)
	if a.rng.chance(lostShare) {
		c.Wait(200 * time.Millisecond)
		c.Again(Reverse)
	}
}

// longestRecord is the most that one TLS record carries (RFC 8446, section 5.2).
const longestRecord = 1 << 14

// tls is a connection of a few turns. h lacks name and seed.
func (a *act) tls(server netip.Addr, port uint16, h payload.Handshake, habit Habit, turns []turn) *use {
	c := a.open(server, port, habit, "SF")
	h.Seed, h.Sealed = a.rng.uint64(), shortSealed+a.rng.below(200)
	if h.Client.NamesServer() {
		h.ServerName = a.maker.ServerName(h.Server)
	}
	a.connect(c)
	c.Send(Forward, a.maker.AppendClientHello(nil, h))
	c.Wait(a.rtt)
	c.Send(Reverse, a.maker.AppendServerFlight(nil, h))
	c.Send(Forward, a.maker.AppendClientFinish(nil, h))
	c.Wait(a.rtt)
	c.Send(Reverse, a.maker.AppendServerFinish(nil, h))
	for _, t := range turns {
		c.Wait(t.pause)
		c.Send(Forward, records(t.ask, a.rng.uint64()))
		c.Wait(a.rtt)
		a.answer(c, records(t.answer, a.rng.uint64()))
	}
	a.close(c)
	c.Truth.App = "tls"
	c.Truth.clientHello(&h)
	c.Truth.serverHello(&h)
	c.Truth.Messages[ClientHello]++
	c.Truth.Messages[ServerHello]++
	return c
}

// records are so many encrypted bytes.
func records(size int, seed uint64) (b []byte) {
	for ; size > 0; size -= longestRecord {
		b = payload.AppendSealed(b, 23, min(size, longestRecord), seed+uint64(size))
	}
	return b
}

// quic is a connection of a few turns over UDP.
func (a *act) quic(server netip.Addr, h payload.Handshake, turns []turn) *use {
	c := a.open(server, 443, Browsing, "SF")
	h.Seed, h.ServerName = a.rng.uint64(), a.maker.ServerName(h.Server)
	q := payload.QUIC{Handshake: h, Version: payload.QUICv1}
	if h.Client == payload.QUICSteady {
		q.ClientID = 3
	}
	c.Gap = time.Duration(a.rng.within(60, 300)) * time.Microsecond
	for i := range a.maker.ClientDatagrams(q) {
		c.Datagram(Forward, a.maker.AppendClientInitial(nil, q, i))
	}
	c.Wait(a.rtt)
	c.Datagram(Reverse, a.maker.AppendServerInitial(nil, q))
	c.Datagram(Forward, q.AppendClientFinish(nil, a.rng.within(140, 400)))
	for _, t := range turns {
		c.Wait(t.pause)
		a.short(c, &q, Forward, t.ask)
		c.Wait(a.rtt)
		for left, i := t.answer, 0; left > 0; left, i = left-quicInitial, i+1 {
			a.short(c, &q, Reverse, min(left, quicInitial))
			if i%2 == 1 {
				a.short(c, &q, Forward, shortestShort)
			}
		}
	}
	c.Truth.App = "quic"
	c.Truth.clientHello(&h)
	c.Truth.TLSVersion = uint16(h.Version())
	c.Truth.Messages[QUICClientHello]++
	c.Truth.Messages[QUICServerHello]++
	return c
}

// shortestShort is the length of an acknowledgement: header, frame and tag.
const shortestShort = 36

// short writes an encrypted datagram.
func (a *act) short(c *use, q *payload.QUIC, dir Direction, size int) {
	body := make([]byte, max(size, shortestShort))
	payload.Fill(body, q.Seed+uint64(c.seq[dir]))
	c.seq[dir]++
	q.SetShort(body, dir == Reverse)
	c.Datagram(dir, body)
}

// web draws the requests of a connection by a user agent to a server.
func (a *act) web(number uint32, agent int) payload.Web {
	w := payload.Web{Host: a.maker.ServerName(number), Seed: a.rng.uint64()}
	for w.AgentNumber() != agent {
		w.Seed++
	}
	return w
}

// http is a connection of a few turns, each with an answer that has a body.
func (a *act) http(server netip.Addr, w payload.Web, habit Habit, turns []turn) *use {
	c := a.open(server, 80, habit, "SF")
	a.connect(c)
	n := uint32(0)
	for i, t := range turns {
		for !w.HasBody(n) {
			n++
		}
		if i == 0 {
			c.Truth.FirstTarget, c.Truth.FirstStatus = w.Target(n), w.Status(n)
		}
		c.Wait(t.pause)
		c.Send(Forward, w.AppendRequest(nil, n))
		c.Wait(a.rtt)
		a.answer(c, append(w.AppendHead(nil, n, t.answer), body(&w, n, t.answer)...))
		n++
	}
	a.close(c)
	c.Truth.App, c.Truth.Host, c.Truth.UserAgent = "http", w.Host, w.Agent()
	c.Truth.Messages[HTTPRequest], c.Truth.Messages[HTTPResponse] = int64(len(turns)), int64(len(turns))
	return c
}

// body is what answer n has.
func body(w *payload.Web, n uint32, size int) []byte {
	if w.IsText(n) {
		return []byte(strings.Repeat(sentence, size/len(sentence)+1)[:size])
	}
	b := make([]byte, size)
	payload.Fill(b, w.Seed+uint64(n))
	return b
}

// ssh opens a session up to where it is encrypted.
func (a *act) ssh(server netip.Addr, habit Habit) *use {
	c := a.open(server, 22, habit, "SF")
	client, peer := &payload.SSHClients[0], &payload.SSHServers[0]
	seed := a.rng.uint64()
	a.connect(c)
	c.Send(Forward, client.AppendBanner(nil))
	c.Send(Reverse, peer.AppendBanner(nil))
	c.Send(Forward, client.AppendKexInit(nil, seed))
	c.Send(Reverse, peer.AppendKexInit(nil, seed+1))
	c.Send(Forward, payload.AppendExchange(nil, seed+2))
	c.Send(Reverse, payload.AppendExchanged(nil, seed+3))
	c.Send(Forward, payload.AppendNewKeys(nil, seed+4))
	c.Truth.App, c.Truth.ClientBanner, c.Truth.ServerBanner = "ssh", client.Banner, peer.Banner
	c.Truth.Messages[SSHBanner], c.Truth.Messages[SSHKexInit] = 2, 2
	return c
}

// appendSealedSSH appends an encrypted packet of so many blocks of 16 bytes.
func appendSealedSSH(b []byte, blocks int, seed uint64) []byte {
	b = be32(b, uint32(16*blocks))
	at := len(b)
	b = append(b, make([]byte, 16*blocks+sealedOverhead-4)...)
	payload.Fill(b[at:], seed)
	return b
}
