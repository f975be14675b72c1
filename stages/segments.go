package stages

import (
	"math"
	"slices"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/record/begin"
	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// segment hands a packet to its flow's streams. They begin with the first data: flows
// without any, scans and floods, need none.
func (rc *recorder) segment(t *flowTable, b *packet.Block, v *packet.View, id uint32, number int64) {
	h := t.arena.heardOf(id)
	seg, whole := stream.FromView(b, v)
	from := stream.Dir(side(v))
	if h.ended && whole && h.opening.Another(from, &seg) && rc.talks.at(h).closed < math.MaxUint16 {
		h.opening, h.mute, h.ended = stream.Opening{}, false, false
	}
	if h.mute || !whole {
		return
	}
	if c := rc.talks.at(h); c == nil || c.tcp == nil {
		if !h.opening.Note(from, &seg) || rc.unheardOf(v) {
			return
		}
		c = rc.talks.of(h)
		rc.openStreams(c)
		c.tcp.stream.Open(rc.pool, &h.opening, from, &seg)
	}
	c := rc.talks.at(h)
	l := &rc.listener
	l.t, l.b, l.v, l.id, l.h, l.c, l.known, l.number = t, b, v, id, h, c, false, number
	c.Read(int(v.PayloadCap))
	rc.rows.At(number, &c.Conversation)
	s := &c.tcp.stream
	s.Add(rc.pool, from, &seg, l)
	if s.Holding(from) && rc.begins(l, seg.Payload) {
		s.Settle(rc.pool, from, &seg, l)
	}
	if s.Done(stream.Forward) && s.Done(stream.Backward) {
		h.mute, h.ended = true, s.Ended(stream.Forward) && s.Ended(stream.Backward)
		rc.closeStreams(c, t.arena.row(id))
	}
	rc.weigh(c, id, v.Partition())
}

// begins reports whether data begins as a protocol's messages do: seen in the middle of
// a connection, it is then no continuation of something earlier.
func (rc *recorder) begins(l *listener, data []byte) bool {
	if len(data) == 0 {
		return false
	}
	return slices.ContainsFunc(rc.streams, func(s record.StreamParser) bool {
		return s != nil && s.Begins(head(data), l.v.SrcPort, l.v.DstPort) == begin.Yes
	})
}

// head returns the bytes by which a protocol is recognised.
func head(data []byte) []byte { return data[:min(len(data), record.MaxHead)] }

// openStreams begins the streams of a connection: of a flow that has had others, whose ports
// were used again, with what those were like.
func (rc *recorder) openStreams(c *talk) {
	c.tcp = rc.talks.newTCP()
	c.tcp.connection = int(c.closed)
	if c.closed > 0 {
		was := c.Row().Streams
		c.tcp.before = &was
	}
}

// closeStreams ends what reads the flow's streams; what they were like goes to the
// flow's row. What is held behind holes is not read: at which packet a flow is found
// to have ended is not its own affair. What is saved has it.
func (rc *recorder) closeStreams(c *talk, r *flow.Row) {
	t := c.tcp
	if t == nil {
		return
	}
	noteStreams(c, r)
	rc.sum.count(&c.App.Streams, 1)
	if t.before != nil {
		rc.sum.count(t.before, -1)
	}
	if rc.store != nil {
		t.stream.Close(rc.pool, &remainder{rc, t})
		rc.publish(t, r)
	}
	t.stream.Stop(rc.pool, stream.Forward)
	t.stream.Stop(rc.pool, stream.Backward)
	c.tcp, c.closed = nil, uint16(min(t.connection+1, math.MaxUint16))
	c.Forget()
	rc.talks.freeTCP(t)
}

// noteStreams writes what a flow's streams were like so far where its row finds it.
func noteStreams(c *talk, r *flow.Row) {
	if c.tcp == nil {
		return
	}
	app, swap := c.Row(), swapped(r)
	for side := range 2 {
		dir := side
		if swap {
			dir = 1 - side
		}
		s := c.tcp.stream.Stats(stream.Dir(side))
		app.Streams[dir] = flow.Stream{
			Bytes: s.Delivered, GapBytes: s.GapBytes, HeldBytes: s.HeldBytes,
			OverlapBytes: s.OverlapBytes, ConflictBytes: s.ConflictBytes, Gaps: int64(s.Gaps),
			StartKnown: s.StartKnown, Seen: true,
		}
		if before := c.tcp.before; before != nil {
			app.Streams[dir].Add(&before[dir])
		}
	}
}
