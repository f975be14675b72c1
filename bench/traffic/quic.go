package traffic

import (
	"time"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// v2Share is that of QUIC connections with version 2.
const v2Share = 0.1

// startDatagrams makes c a QUIC connection of n packets.
func startDatagrams(e *engine, c *conversation, n int) {
	c.flow.Proto = packet.ProtoUDP
	c.left, c.content, c.plan = n, quicDatagram, planDatagrams
	c.seq[Forward] = e.rng.uint32()
	c.flow.State, c.flow.App = "SF", "quic"
	if n == 1 {
		c.flow.State = "S0"
	}
	q := &c.talk.quic
	q.Client, q.Version = e.rng.pick(quicClients), payload.QUICv1
	if e.rng.chance(v2Share) {
		q.Version = payload.QUICv2
	}
	if q.Client == payload.QUICSteady {
		q.ClientID = 3
	}
	if n < 6 && q.Client == payload.QUICLarge {
		q.Client = payload.QUICBrowser
	}
	c.shakes(e)
}

// planDatagrams queues one datagram of the initiator and a run of answers with
// short acknowledgements between.
func planDatagrams(e *engine, c *conversation) {
	if !c.opened {
		c.opened = true
		e.greet(c)
		return
	}
	pause := time.Duration(min(e.rng.exp(float64(c.think)), 15e9))
	ask, answer, run := e.rng.within(60, 600), 1200, 8
	if c.style == interact {
		answer, run = e.rng.within(60, 400), 2
	}
	c.datagram(pause, Forward, sayShort, ask)
	e.answers(c, answer, run)
}

// answers queues a run of datagrams of the responder.
func (e *engine) answers(c *conversation, size, run int) {
	for i := 0; i < run && c.left > 0; i++ {
		c.datagram(e.gap(c, i), Reverse, sayShort, size)
		if i%2 == 1 && c.left > 0 {
			c.datagram(time.Duration(c.rtt)/16, Forward, sayShort, e.rng.within(28, 40))
		}
	}
}

// greet queues the handshake: the client's hello in one or two datagrams, the
// server's, and the client's second turn, as far as packets are left.
func (e *engine) greet(c *conversation) {
	q, rtt := &c.talk.quic, time.Duration(c.rtt)
	want := e.maker.ClientDatagrams(*q)
	sent := min(want, c.left)
	for i := range sent {
		c.datagram(time.Duration(i)*40*time.Microsecond, Forward, sayInitial, quicInitial).number = uint32(i)
	}
	if sent == want {
		c.flow.Messages[QUICClientHello]++
		c.flow.clientHello(&q.Handshake)
	}
	if c.left == 0 {
		return
	}
	c.datagram(rtt, Reverse, sayServerInitial, quicInitial)
	c.flow.Messages[QUICServerHello]++
	c.flow.TLSVersion = uint16(q.Handshake.Version())
	if c.left > 0 {
		c.datagram(rtt/16, Forward, sayQUICFinish, e.rng.within(140, 400))
	}
	e.answers(c, e.rng.within(60, 400), 2)
}

// gap is the round trip before the first answer and little between the others.
func (e *engine) gap(c *conversation, i int) time.Duration {
	if i == 0 {
		return time.Duration(c.rtt)
	}
	return time.Duration(e.rng.within(20, 300)) * time.Microsecond
}

// quicInitial is the length of datagrams with an Initial packet.
const quicInitial = 1200

func (c *conversation) datagram(pause time.Duration, dir Direction, k kind, length int) *step {
	s := c.queueStep(pause, step{dir: dir, seq: c.seq[dir], length: uint16(length), kind: k})
	c.seq[dir] += uint32(length)
	return s
}

// quicDatagram is the payload of a step of a QUIC connection.
func quicDatagram(e *engine, c *conversation, s *step) []byte {
	q := &c.talk.quic
	switch b := e.body[:0]; s.kind {
	case sayInitial:
		e.body = e.maker.AppendClientInitial(b, *q, int(s.number))
	case sayServerInitial:
		e.body = e.maker.AppendServerInitial(b, *q)
	case sayQUICFinish:
		e.body = q.AppendClientFinish(b, int(s.length))
	default:
		e.body = append(b, e.pool[(c.base+s.seq)%poolSize:][:s.length]...)
		q.SetShort(e.body, s.dir == Reverse)
	}
	return e.body
}
