package record

import (
	"pcapmill/features/record/dns"
	"pcapmill/ingest/packet"
)

// pendingQueries is how many queries of a flow wait for their response; with another
// one the oldest is forgotten.
const pendingQueries = 64

// fewQueries is how many have room without more memory.
const fewQueries = 2

// query waits for its response.
type query struct {
	time   packet.Nanos
	number int64
	id     uint16
	side   uint8 // that asked
	kind   uint16
}

// dnsTalk is what is known of a flow: its queries without a response, oldest first.
type dnsTalk struct {
	pending []query
	few     [fewQueries]query // memory of pending while it is short
}

// exchange is a query with its response.
type exchange struct {
	number  int64 // of the query within the flow, from 1; 0: not known
	latency int64
	answers bool // the message is the response
}

// joined notes a query, or finds the one that a response answers: the latest of the
// other side with its id, and its first question's type where it has one. A transfer of
// a zone has any number of responses (RFC 5936 §2.2), and goes on waiting.
func joined(c *Conversation, p *Packet, m *dns.Message) exchange {
	t := stateOf[dnsTalk](c, queryBytes*fewQueries)
	q := query{time: p.Time, id: m.ID, side: p.Side}
	if len(m.Questions) > 0 {
		q.kind = m.Questions[0].Type
	}
	if !m.Response() {
		t.ask(c, q)
		return exchange{number: c.Numbered}
	}
	for i := len(t.pending) - 1; i >= 0; i-- {
		asked := t.pending[i]
		if asked.id == q.id && asked.side != q.side && (asked.kind == q.kind || len(m.Questions) == 0) {
			if p.Transport != packet.ProtoTCP || !transfers(asked.kind) {
				t.pending = append(t.pending[:i], t.pending[i+1:]...)
			}
			return exchange{asked.number, p.Time - asked.time, true}
		}
	}
	return exchange{}
}

// transfers reports the types of queries for a zone, all of it or what has changed.
func transfers(kind uint16) bool {
	const ixfr, axfr = 251, 252
	return kind == ixfr || kind == axfr
}

const queryBytes = 24 // of a query

func (t *dnsTalk) ask(c *Conversation, q query) {
	if t.pending == nil {
		t.pending = t.few[:0]
	}
	switch n := len(t.pending); {
	case n == pendingQueries:
		copy(t.pending, t.pending[1:])
		t.pending = t.pending[:n-1]
	case n == cap(t.pending):
		c.Reserve(queryBytes * n)
	}
	c.Numbered++
	q.number = c.Numbered
	t.pending = append(t.pending, q)
}
