package stages

import (
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/stages/stream"
)

// talk is the conversation of one flow.
type talk struct {
	record.Conversation
	tcp       *tcpTalk // nil where the flow is of datagrams, or its streams are over
	id        uint32   // of its Row
	partition uint8
	weight    int64 // bytes that were counted of it
}

// tcpTalk is what reading a flow's streams needs.
type tcpTalk struct {
	stream stream.Stream
	sides  [2]reading
	parser int // -1: none has recognised the flow

	saved      [2]saving // with --save-streams
	connection int       // of those that the flow has had, from 0
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
	tcp    []*tcpTalk // unused
}

// at returns the flow's conversation, nil if there is none.
func (ts *talks) at(h *heard) *talk {
	if h.talk == 0 {
		return nil
	}
	return ts.list[h.talk-1]
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
	}
	return ts.list[h.talk-1]
}

// free ends the flow's conversation.
func (ts *talks) free(h *heard) {
	*ts.list[h.talk-1] = talk{}
	ts.unused = append(ts.unused, h.talk)
	h.talk = 0
}

func (ts *talks) newTCP() *tcpTalk {
	last := len(ts.tcp) - 1
	if last < 0 {
		return &tcpTalk{parser: -1}
	}
	t := ts.tcp[last]
	ts.tcp = ts.tcp[:last]
	return t
}

func (ts *talks) freeTCP(t *tcpTalk) {
	*t = tcpTalk{parser: -1}
	ts.tcp = append(ts.tcp, t)
}

// closeStreams ends what reads the flow's streams; what they were like goes to the
// flow's row. What is held behind holes is not read: at which packet a flow is found
// to have ended is not its own affair. What is saved has it.
func (rc *recorder) closeStreams(c *talk, r *flow.Row) {
	t := c.tcp
	if t == nil {
		return
	}
	if rc.store != nil {
		t.stream.Close(rc.pool, &remainder{rc, t})
		rc.publish(t, r)
	}
	t.stream.Stop(rc.pool, stream.Forward)
	t.stream.Stop(rc.pool, stream.Backward)
	c.tcp = nil
	rc.talks.freeTCP(t)
}

// noteStreams writes what a flow's streams were like so far where its row finds it.
func noteStreams(c *talk, swapped bool) {
	if c.tcp == nil {
		return
	}
	app := c.Row()
	for side := range 2 {
		dir := side
		if swapped {
			dir = 1 - side
		}
		s := c.tcp.stream.Stats(stream.Dir(side))
		app.Streams[dir] = flow.Stream{
			Bytes: s.Delivered, GapBytes: s.GapBytes, HeldBytes: s.HeldBytes,
			OverlapBytes: s.OverlapBytes, ConflictBytes: s.ConflictBytes, Gaps: int64(s.Gaps),
			StartKnown: s.StartKnown, Seen: true,
		}
	}
}
