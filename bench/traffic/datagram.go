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

// ntp is an NTP request or answer.
func ntp(e *engine, c *conversation, s *step) []byte {
	e.body = appendNTP(e.body[:0], s.dir, s.at, c.base+s.seq)
	return e.body
}

// appendNTP appends an NTP request or answer (RFC 5905): mode 3 or 4, version 4,
// sent at an instant whose part of a second is fraction.
func appendNTP(b []byte, dir Direction, at packet.Nanos, fraction uint32) []byte {
	b = append(b, 0x23+byte(dir), 2*byte(dir), 6, 0xe9)
	b = append(b, make([]byte, 36)...)
	return be32(be32(b, uint32(at/1e9+2208988800)), fraction)
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
