package stages

import (
	"pcapmill/features/flow"
	"pcapmill/features/prefetch"
	"pcapmill/features/record"
	"pcapmill/stages/stream"
)

// talk is the conversation of one flow.
type talk struct {
	record.Conversation
	tcp       *tcpTalk // nil where the flow is of datagrams, or its streams are over
	id        uint32   // of its Row
	closed    uint16   // connections that the flow has had, their streams are over
	partition uint8
	weight    int64 // bytes that were counted of it
}

// tcpTalk is what reading a flow's streams needs.
type tcpTalk struct {
	live
	saved      [2]saving       // with --save-streams
	connection int             // of those that the flow has had, from 0
	before     *[2]flow.Stream // what the streams were like that the flow had before; nil: none
}

// live is what packets change.
type live struct {
	sides  [2]reading
	parser int // -1: none has recognised the flow
	stream stream.Stream
}

// reading is what is known of one direction's bytes.
type reading struct {
	unused []byte // delivered, but not used by the parser
	need   int    // so many there must be before it is asked again
	skip   int64  // bytes that it does not want to see
	deaf   bool   // nobody wants the rest
}

func (r *reading) stop() { *r = reading{deaf: true} }

// talks holds the conversations of a shard's flows.
type talks struct {
	list   []*talk
	unused []uint32
	tcp    []*tcpTalk `snapshot:"-"` // unused
	spares record.Spares
}

// at returns the flow's conversation, nil if there is none.
func (ts *talks) at(h *heard) *talk {
	if h.talk == 0 {
		return nil
	}
	return ts.list[h.talk-1]
}

// fetch asks for what the next packets, or the end, will change of some flows, a step of
// the way to it for all of them before the next one: see flowTable.fetch. The ids are
// Row numbers plus one, 0 for no flow.
func (rc *recorder) fetch(a *arena, ids []uint32) {
	for _, id := range ids {
		if id != 0 {
			prefetch.Write(a.heardOf(id - 1))
		}
	}
	var open [lookAhead]*talk
	n := 0
	for _, id := range ids {
		if id == 0 {
			continue
		}
		if c := rc.talks.at(a.heardOf(id - 1)); c != nil {
			prefetch.Write(c)
			open[n] = c
			n++
		}
	}
	for _, c := range open[:n] {
		if c.App != nil && c.State != nil { // a parser may have more for it to say
			prefetch.Write(c.App)
		}
		if c.tcp != nil {
			prefetch.Write(&c.tcp.live)
		}
	}
}

// of returns the flow's conversation, a new one if there is none.
func (ts *talks) of(h *heard) *talk {
	if h.talk == 0 {
		if len(ts.unused) == 0 {
			ts.list = append(ts.list, new(talk))
			ts.unused = append(ts.unused, uint32(len(ts.list)))
		}
		last := len(ts.unused) - 1
		h.talk, ts.unused = ts.unused[last], ts.unused[:last]
		ts.list[h.talk-1].Spares = &ts.spares
	}
	return ts.list[h.talk-1]
}

// free ends the flow's conversation.
func (ts *talks) free(h *heard) {
	c := ts.list[h.talk-1]
	c.Forget()
	*c = talk{}
	ts.unused = append(ts.unused, h.talk)
	h.talk = 0
}

func (ts *talks) newTCP() *tcpTalk {
	last := len(ts.tcp) - 1
	if last < 0 {
		return &tcpTalk{live: live{parser: -1}}
	}
	t := ts.tcp[last]
	ts.tcp = ts.tcp[:last]
	return t
}

func (ts *talks) freeTCP(t *tcpTalk) {
	*t = tcpTalk{live: live{parser: -1}}
	ts.tcp = append(ts.tcp, t)
}
