package traffic

import (
	"strings"

	"pcapmill/bench/traffic/payload"
)

// speakHTTP makes c an HTTP conversation.
func (e *engine) speakHTTP(c *conversation) {
	c.talk.app, c.content = overHTTP, spoken
	c.talk.web = payload.Web{Host: e.maker.ServerName(c.server), Seed: uint64(c.base)}
	c.flow.App = "http"
	c.flow.Host, c.flow.UserAgent = c.talk.web.Host, c.talk.web.Agent()
}

// pipelinedShare is that of turns with several requests at once.
const pipelinedShare = 0.08

// shortestBody is below the body of each answer that has one.
const shortestBody = 30

// nextHTTP returns requests, or the answer to the first that has none.
func (e *engine) nextHTTP(c *conversation, dir Direction, size, limit int) message {
	t := &c.talk
	if dir == Forward {
		m := e.sized(c, dir, message{kind: sayRequests, number: t.asked, body: 1})
		if more := 2 + int(t.asked&1); c.style == browse && m.total*4 < limit && e.rng.chance(pipelinedShare) {
			m.body = more
			m = e.sized(c, dir, m)
		}
		return m
	}
	m := message{kind: sayAnswer, number: t.told}
	if !t.web.HasBody(t.told) {
		return e.sized(c, dir, m)
	}
	head := e.sized(c, dir, m).total + 4
	m.body = max(shortestBody, min(size, limit)-head)
	return e.sized(c, dir, m)
}

// transferHTTP queues a turn of a download: a request, or more of the answer to
// the one before, which comes in chunks.
func (e *engine) transferHTTP(c *conversation) {
	t := &c.talk
	if t.cut {
		c.rest(Reverse)
		return
	}
	k := sayChunk
	switch {
	case !t.open:
		for !t.web.HasBody(t.asked) { // pass over requests whose answers are heads alone
			t.asked++
			t.told = t.asked
		}
		e.burst(c, Forward, 0)
		k = sayFirstChunk
	case e.rng.chance(0.25):
		k = sayLastChunk
	}
	if c.room() <= 0 || t.cut {
		return
	}
	number := t.asked - 1
	e.say(c, Reverse, e.sized(c, Reverse, message{kind: k, number: number, body: max(shortestBody, c.limit()-400)}))
}

// writeHTTP writes the head of a message, and returns its body and what follows.
func (e *engine) writeHTTP(c *conversation, b []byte, k kind, number uint32, body int) (head, middle, tail []byte) {
	w := &c.talk.web
	pool := e.pool[(c.base+number<<10)%poolSize:]
	if k != sayRequests && w.IsText(number) {
		pool = e.prose(c.base)
	}
	switch k {
	case sayRequests:
		for i := range uint32(body) {
			b = w.AppendRequest(b, number+i)
		}
		return b, nil, nil
	case sayAnswer:
		b = w.AppendHead(b, number, body)
		return b, pool[:body], nil
	case sayFirstChunk:
		b = w.AppendHead(b, number, payload.Chunked)
	}
	b = payload.AppendChunk(b, body)
	end := []byte("\r\n0\r\n\r\n")
	if k != sayLastChunk {
		end = end[:2]
	}
	return b, pool[:body], end
}

// prosePool is the length of the text that bodies are cut from.
const prosePool = 1 << 13

// sentence is a line of text in bodies.
const sentence = "<p>The quick brown fox jumps over the lazy dog; pack my box with five dozen jugs.</p>\n"

// prose returns text, made at first use.
func (e *engine) prose(from uint32) []byte {
	if e.sentences == nil {
		e.sentences = []byte(strings.Repeat(sentence, (prosePool+maxPayload)/len(sentence)+1))
	}
	return e.sentences[from%prosePool:]
}

// speakSSH makes c an SSH conversation.
func (e *engine) speakSSH(c *conversation) {
	c.talk.app, c.content = overSSH, spoken
	c.flow.App = "ssh"
}

// peer returns the implementation of a side.
func (c *conversation) peer(dir Direction) *payload.SSHPeer {
	if dir == Forward {
		return &payload.SSHClients[c.base%3]
	}
	return &payload.SSHServers[c.server%2]
}

func (c *conversation) banner(dir Direction) {
	text := [2]*string{&c.flow.ClientBanner, &c.flow.ServerBanner}
	*text[dir] = c.peer(dir).Banner
}

// nextSSH returns banner, lists, keys, and then what is encrypted.
func (e *engine) nextSSH(c *conversation, dir Direction, size, limit int) message {
	order := [...]kind{sayBanner, sayKexInit, sayExchange, sayNewKeys}
	n := c.talk.said[dir]
	if n == 3 && dir == Reverse || n > 3 {
		return message{kind: saySealed, total: sealedOverhead + max(1, (min(size, limit)-sealedOverhead)/16)*16}
	}
	return e.sized(c, dir, message{kind: order[n]})
}

// sealedOverhead is the length and tag around the blocks of an encrypted packet.
const sealedOverhead = 4 + 16

// sealed is a part of a packet that AES-GCM has encrypted: all but its length is
// pseudo-random (RFC 5647).
func sealed(e *engine, c *conversation, s *step) []byte {
	body := e.pool[(c.base+s.seq+uint32(s.dir)<<19)%poolSize:][:s.length]
	if s.message == 0 || s.length < 4 {
		return body
	}
	e.body = append(be32(e.body[:0], s.message-sealedOverhead), body[4:]...)
	return e.body
}

func (e *engine) writeSSH(c *conversation, b []byte, k kind, dir Direction) []byte {
	seed := uint64(c.base)<<8 + uint64(dir)<<4
	switch {
	case k == sayBanner:
		return c.peer(dir).AppendBanner(b)
	case k == sayKexInit:
		return c.peer(dir).AppendKexInit(b, seed)
	case k == sayNewKeys:
		return payload.AppendNewKeys(b, seed)
	case dir == Forward:
		return payload.AppendExchange(b, seed)
	}
	return payload.AppendExchanged(b, seed)
}

// speakDNS makes c a conversation with a resolver over TCP.
func (e *engine) speakDNS(c *conversation, server uint32) {
	c.talk.app, c.content = overDNS, spoken
	c.ask(e, server)
	c.flow.App = "dns"
	c.flow.Question, c.flow.QuestionType = c.talk.question.Name, c.talk.question.Type
}

func (e *engine) nextDNS(c *conversation, dir Direction) message {
	return e.sized(c, dir, message{kind: [2]kind{sayQuery, sayReply}[dir], number: c.talk.said[dir]})
}

// writeDNS writes question n or its answer behind its length (RFC 7766). They are
// for the same name, under another identifier each time.
func (e *engine) writeDNS(c *conversation, b []byte, n uint32, answer bool) []byte {
	q := c.talk.question
	q.ID, q.Answer = q.ID+uint16(n), answer
	b = payload.AppendDNS(append(b, 0, 0), q)
	putLength(b, len(b)-2)
	return b
}
