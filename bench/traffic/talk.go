package traffic

import (
	"net/netip"

	"pcapmill/bench/traffic/payload"
)

// app is an application protocol over TCP.
type app uint8

// The applications.
const (
	opaque app = iota // pseudo-random bytes
	overTLS
	overHTTP
	overSSH
	overDNS
)

// talk is what a conversation needs to know of its application.
type talk struct {
	app   app
	cut   bool      // a message lacks its end: nothing that follows could be read
	said  [2]uint32 // messages by direction
	quic  payload.QUIC
	web   payload.Web
	asked uint32 // HTTP requests and the answers to them
	told  uint32
	open  bool // the last answer has chunks to come

	question payload.DNS
	addrs    [3]netip.Addr // of question
}

// kind says what a message is.
type kind uint8

// The kinds of messages.
const (
	sayRecord kind = iota // a TLS record of application data
	saySealed             // an encrypted packet of SSH
	sayClientHello
	sayServerFlight
	sayClientFinish
	sayServerFinish
	sayRequests // body: how many
	sayAnswer
	sayFirstChunk // an answer's head and its first chunk
	sayChunk
	sayLastChunk
	sayBanner
	sayKexInit
	sayExchange
	sayNewKeys
	sayQuery
	sayReply
	sayInitial
	sayServerInitial
	sayQUICFinish
	sayShort
)

// message is one message to be sent in any number of segments.
type message struct {
	kind   kind
	number uint32
	body   int // bytes of the body, of kinds that have one
	total  int // bytes in all
}

// next returns the next message of a side, of about size bytes where the
// application leaves that open, and of at most limit bytes where it can.
func (e *engine) next(c *conversation, dir Direction, size, limit int) message {
	switch c.talk.app {
	case overTLS:
		return e.nextTLS(c, dir, size, limit)
	case overHTTP:
		return e.nextHTTP(c, dir, size, limit)
	case overSSH:
		return e.nextSSH(c, dir, size, limit)
	case overDNS:
		return e.nextDNS(c, dir)
	}
	return message{kind: sayRecord, total: min(size, limit)}
}

// awaits reports whether the initiator waits for an answer.
func (c *conversation) awaits() bool {
	t := &c.talk
	switch t.app {
	case opaque:
		return false
	case overHTTP:
		return !t.cut && t.asked > t.told
	}
	return !t.cut && t.said[Forward] > t.said[Reverse]
}

// opening reports whether the conversation still begins: both sides then speak in
// turns, whatever its style.
func (c *conversation) opening() bool {
	switch c.talk.app {
	case overTLS:
		return c.talk.said[Reverse] < 2
	case overSSH:
		return c.talk.said[Reverse] < 3
	}
	return false
}

// sized returns the message with its length.
func (e *engine) sized(c *conversation, dir Direction, m message) message {
	head, body, tail := e.parts(c, dir, m.kind, m.number, m.body)
	m.total = len(head) + len(body) + len(tail)
	return m
}

// spoken is the content of a step of an application: the part of its message that
// the segment carries. A retransmission writes the message anew.
func spoken(e *engine, c *conversation, s *step) []byte {
	switch s.kind {
	case sayRecord:
		return stream(e, c, s)
	case saySealed:
		return sealed(e, c, s)
	}
	head, body, tail := e.parts(c, s.dir, s.kind, s.number, int(s.body))
	from, n := int(s.skip), int(s.length)
	e.body = e.body[:0]
	for _, part := range [...][]byte{head, body, tail} {
		if from < len(part) {
			e.body = append(e.body, part[from:min(len(part), from+n-len(e.body))]...)
		}
		from = max(0, from-len(part))
	}
	return e.body
}

// parts writes a message in three parts, of which the second is not copied. They
// are valid until the next call.
func (e *engine) parts(c *conversation, dir Direction, k kind, number uint32, body int) (head, middle, tail []byte) {
	t := &c.talk
	b := e.text[:0]
	switch k {
	case sayClientHello:
		b = e.maker.AppendClientHello(b, t.quic.Handshake)
	case sayServerFlight:
		t.quic.Sealed = body
		b = e.maker.AppendServerFlight(b, t.quic.Handshake)
	case sayClientFinish:
		b = e.maker.AppendClientFinish(b, t.quic.Handshake)
	case sayServerFinish:
		b = e.maker.AppendServerFinish(b, t.quic.Handshake)
	case sayRequests, sayAnswer, sayFirstChunk, sayChunk, sayLastChunk:
		b, middle, tail = e.writeHTTP(c, b, k, number, body)
	case sayBanner, sayKexInit, sayExchange, sayNewKeys:
		b = e.writeSSH(c, b, k, dir)
	case sayQuery, sayReply:
		b = e.writeDNS(c, b, number, k == sayReply)
	}
	e.text = b
	return b, middle, tail
}

// spoke notes that a side has sent a message.
func (c *conversation) spoke(dir Direction, m message) {
	t := &c.talk
	t.said[dir]++
	switch m.kind {
	case sayClientHello, sayServerFlight:
		c.flow.helloed(t, m.kind)
	case sayRequests:
		t.asked = m.number + uint32(m.body)
		c.flow.Messages[HTTPRequest] += int64(m.body)
		if m.number == 0 || c.flow.FirstTarget == "" {
			c.flow.FirstTarget = t.web.Target(m.number)
		}
	case sayAnswer, sayFirstChunk:
		t.told = m.number + 1
		t.open = m.kind == sayFirstChunk
		c.flow.Messages[HTTPResponse]++
		if c.flow.FirstStatus == 0 {
			c.flow.FirstStatus = t.web.Status(m.number)
		}
	case sayLastChunk:
		t.open = false
	case sayBanner:
		c.flow.Messages[SSHBanner]++
		c.banner(dir)
	case sayKexInit:
		c.flow.Messages[SSHKexInit]++
	case sayQuery:
		c.flow.Messages[DNSQueryTCP]++
	case sayReply:
		c.flow.Messages[DNSAnswerTCP]++
		c.flow.ResponseCode = t.question.RCode
	}
}
