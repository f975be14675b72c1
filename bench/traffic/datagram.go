package traffic

import (
	"encoding/binary"
	"time"

	"pcapmill/ingest/packet"
)

// startPairs makes c a series of n datagrams in question and answer pairs whose
// payload is content. One datagram stays unanswered.
func startPairs(c *conversation, proto uint8, n int, content func(*engine, *conversation, *step) []byte) {
	c.flow.Proto = proto
	c.left, c.content, c.plan = n, content, planPair
	c.flow.State = "SF"
	if n == 1 {
		c.flow.State = "S0"
	}
}

// planPair queues a question and, if a packet is left, its answer.
func planPair(e *engine, c *conversation) {
	pause := time.Duration(0)
	if c.opened {
		pause = time.Duration(min(e.rng.exp(float64(c.think)), 15e9))
	}
	c.opened = true
	c.seq[Forward]++
	length := uint16(e.datagramLength(c))
	c.queueStep(pause, step{seq: c.seq[Forward], length: length})
	if c.left > 0 {
		c.queueStep(time.Duration(c.rtt), step{dir: Reverse, seq: c.seq[Forward], length: length})
	}
}

// datagramLength is the payload length of pairs that have no format.
func (e *engine) datagramLength(c *conversation) int {
	switch {
	case c.style != tiny:
		return 56
	case c.flow.Src.Is4():
		return e.rng.within(22, 58)
	}
	return e.rng.within(2, 38)
}

// startDatagrams makes c a long encrypted exchange over UDP of n packets.
func startDatagrams(e *engine, c *conversation, n int) {
	c.flow.Proto = packet.ProtoUDP
	c.left, c.content, c.plan = n, quicLike, planDatagrams
	c.seq[Forward] = e.rng.uint32()
	c.flow.State = "SF"
	if n == 1 {
		c.flow.State = "S0"
	}
}

// planDatagrams queues one datagram of the initiator and a run of answers with
// short acknowledgements between.
func planDatagrams(e *engine, c *conversation) {
	pause := time.Duration(0)
	if c.opened {
		pause = time.Duration(min(e.rng.exp(float64(c.think)), 15e9))
	}
	ask, answer, run := e.rng.within(60, 600), 1200, 8
	if c.style == interact {
		answer, run = e.rng.within(60, 400), 2
	}
	if !c.opened {
		ask = 1200
	}
	c.datagram(pause, Forward, ask)
	if !c.opened {
		c.queue[0].message = uint32(ask)
		c.opened = true
	}
	for i := 0; i < run && c.left > 0; i++ {
		c.datagram(e.gap(c, i), Reverse, answer)
		if i%2 == 1 && c.left > 0 {
			c.datagram(time.Duration(c.rtt)/16, Forward, e.rng.within(28, 40))
		}
	}
}

// gap is the round trip before the first answer and little between the others.
func (e *engine) gap(c *conversation, i int) time.Duration {
	if i == 0 {
		return time.Duration(c.rtt)
	}
	return time.Duration(e.rng.within(20, 300)) * time.Microsecond
}

func (c *conversation) datagram(pause time.Duration, dir Direction, length int) {
	c.queueStep(pause, step{dir: dir, seq: c.seq[dir], length: uint16(length)})
	c.seq[dir] += uint32(length)
}

// quicLike is random bytes under the first bytes of a QUIC header (RFC 9000,
// section 17): a long Initial header where the step begins the conversation or
// its answer, a short one elsewhere. The bytes do not decrypt.
func quicLike(e *engine, c *conversation, s *step) []byte {
	e.body = append(e.body[:0], e.pool[(c.base+s.seq)%poolSize:][:s.length]...)
	if s.message == 0 || s.length < 64 {
		e.body[0] = 0x40 | e.body[0]&0x3f
		return e.body
	}
	head := append(e.options[:0], 0xc0, 0, 0, 0, 1, 4)
	head = be32(head, c.base)
	head = append(head, 0, 0) // no source connection identifier, no token
	head = be16(head, 0x4000|uint16(int(s.length)-len(head)-2))
	e.options = head
	copy(e.body, head)
	return e.body
}

// plainPayload is pseudo-random bytes of the step's length.
func plainPayload(e *engine, c *conversation, s *step) []byte {
	return e.pool[(c.base+s.seq<<6)%poolSize:][:s.length]
}

// echo is the content of ICMP echo requests and replies; it also sets the
// header's type and identifier.
func echo(e *engine, c *conversation, s *step) []byte {
	types := [2]uint8{8, 0}
	if !c.flow.Src.Is4() {
		types = [2]uint8{128, 129}
	}
	e.out.ICMPType = types[s.dir]
	e.out.ICMPRest = c.base<<16 | s.seq&0xffff
	return plainPayload(e, c, s)
}

// clock is an NTP request or answer (RFC 5905): mode 3 or 4, version 4.
func ntp(e *engine, c *conversation, s *step) []byte {
	e.body = append(e.body[:0], 0x23+byte(s.dir), 2*byte(s.dir), 6, 0xe9)
	e.body = append(e.body, make([]byte, 36)...)
	seconds := uint32(s.at/1e9 + 2208988800)
	return be32(be32(e.body, seconds), c.base+s.seq)
}

// dns is an A query or its answer with one address (RFC 1035).
func dns(_ *engine, c *conversation, s *step) []byte {
	return DNS(uint16(c.base+s.seq), hostName(c.base), s.dir == Reverse)
}

// hostName is the name of a host below example.com with a length that varies.
func hostName(n uint32) []string {
	const letters = "bcdfghjklmnpqrstvwxz"
	label := make([]byte, 4+n%14)
	for i := range label {
		label[i] = letters[n%20]
		n = n/20 + n<<7
	}
	return []string{string(label), "example", "com"}
}

// DNS returns a DNS message: an A query for the name given as labels, or with
// answered its answer 192.0.2.1.
func DNS(id uint16, labels []string, answered bool) []byte {
	b := make([]byte, 12, 96)
	binary.BigEndian.PutUint16(b, id)
	b[2], b[5] = 1, 1
	if answered {
		b[2], b[3], b[7] = 0x81, 0x80, 1
	}
	for _, label := range labels {
		b = append(b, byte(len(label)))
		b = append(b, label...)
	}
	b = append(b, 0, 0, 1, 0, 1)
	if answered {
		b = append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1)
	}
	return b
}
