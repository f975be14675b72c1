package traffic

import "pcapmill/bench/traffic/payload"

// Clients that say hello, with their shares of the connections to port 443. Those
// of few packets take a hello that fits one segment.
var (
	longClients = []weighted{
		{payload.Browser, 0.35}, {payload.Compact, 0.1}, {payload.Steady, 0.2},
		{payload.Library, 0.15}, {payload.Older, 0.12}, {payload.Device, 0.08},
	}
	shortClients = []weighted{
		{payload.Compact, 0.3}, {payload.Steady, 0.25}, {payload.Library, 0.2}, {payload.Older, 0.15}, {payload.Device, 0.1},
	}
	quicClients = []weighted{{payload.QUICBrowser, 0.5}, {payload.QUICLarge, 0.2}, {payload.QUICSteady, 0.3}}
)

type weighted struct {
	client *payload.Client
	share  float64
}

// pick draws a client.
func (r *random) pick(of []weighted) *payload.Client {
	draw := r.float()
	for _, w := range of {
		if draw -= w.share; draw < 0 {
			return w.client
		}
	}
	return of[0].client
}

// longHello is the number of packets from which a conversation has room for a
// hello of two segments and its answer.
const longHello = 14

// resumedShare is that of TLS 1.2 connections without certificates.
const resumedShare = 0.15

// speakTLS makes c a TLS conversation of n packets.
func (e *engine) speakTLS(c *conversation, n int) {
	clients := shortClients
	if n >= longHello {
		clients = longClients
	}
	h := &c.talk.quic.Handshake
	h.Client = e.rng.pick(clients)
	if c.flow.DstPort == 993 {
		h.Client = payload.Mailer
	}
	h.Resumed = e.rng.chance(resumedShare)
	c.talk.app, c.content = overTLS, spoken
	c.shakes(e)
	c.flow.App = "tls"
}

// shakes fills the parts of a handshake that do not depend on what follows.
func (c *conversation) shakes(e *engine) {
	h := &c.talk.quic.Handshake
	h.Server, h.Seed = c.server, uint64(c.base)
	if h.Client.NamesServer() {
		h.ServerName = e.maker.ServerName(c.server)
	}
}

// Sizes of the encrypted part of a server's first turn in TLS 1.3: with one short
// certificate, or with a chain.
const (
	shortSealed = 800
	longSealed  = 2400
)

// nextTLS returns the handshake's messages and then records.
func (e *engine) nextTLS(c *conversation, dir Direction, size, limit int) message {
	first := [2]kind{sayClientHello, sayServerFlight}
	second := [2]kind{sayClientFinish, sayServerFinish}
	switch c.talk.said[dir] {
	case 0:
		m := message{kind: first[dir]}
		if dir == Reverse {
			m.body = shortSealed + int(c.base>>8&127)
			if limit >= 2*longSealed {
				m.body = longSealed + int(c.base>>8&1023)
			}
		}
		return e.sized(c, dir, m)
	case 1:
		return e.sized(c, dir, message{kind: second[dir]})
	}
	return message{kind: sayRecord, total: min(max(size, 29), limit)}
}

// helloed notes a hello in the truth.
func (f *FlowTruth) helloed(t *talk, k kind) {
	h := &t.quic.Handshake
	if k == sayClientHello {
		f.Messages[ClientHello]++
		f.clientHello(h)
		return
	}
	f.Messages[ServerHello]++
	f.serverHello(h)
}

// serverHello notes what the server picks, as far as that is in the clear.
func (f *FlowTruth) serverHello(h *payload.Handshake) {
	f.Messages[Certificate] += int64(h.Certificates())
	f.TLSVersion = uint16(h.Version())
	if f.TLSVersion < 0x0304 {
		f.ALPNChosen = h.Chosen()
	}
}

// clientHello notes what the client asks for.
func (f *FlowTruth) clientHello(h *payload.Handshake) {
	f.Hello, f.ServerName, f.ALPN = h.Client.Name, h.ServerName, h.Client.ALPN()
}
