package stages

import (
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
	if h.mute || !whole {
		return
	}
	from := side(v)
	if h.talk == 0 {
		if v.TCPFlags&packet.SYN != 0 {
			h.syn[from], h.syns = v.Seq+1, h.syns|1<<from
		}
		if v.PayloadLen == 0 {
			return
		}
		rc.beginStreams(h)
	}
	c := rc.talks.at(h)
	l := &rc.listener
	l.t, l.b, l.v, l.id, l.h, l.c, l.known, l.number = t, b, v, id, h, c, false, number
	rc.rows.At(number)
	s := &c.tcp.stream
	s.Add(rc.pool, stream.Dir(from), &seg, l)
	if s.Holding(stream.Dir(from)) && rc.begins(l, seg.Payload) {
		s.Settle(rc.pool, stream.Dir(from), l)
	}
	if s.Done(stream.Forward) && s.Done(stream.Backward) {
		noteStreams(c, swapped(t.arena.row(id)))
		rc.closeStreams(c)
		h.mute = true
	}
	rc.weigh(c, id, v.Partition())
}

// beginStreams begins a flow's streams where its SYNs said, if any were seen.
func (rc *recorder) beginStreams(h *heard) {
	c := rc.talks.of(h)
	c.tcp = rc.talks.newTCP()
	for from, start := range h.syn {
		if h.syns&(1<<from) != 0 {
			c.tcp.stream.Begin(rc.pool, stream.Dir(from), start)
		}
	}
}

// begins reports whether data begins as a protocol's messages do: seen in the middle of
// a connection, it is then no continuation of something earlier.
func (rc *recorder) begins(l *listener, data []byte) bool {
	if len(data) == 0 {
		return false
	}
	p := l.packet(stream.Dir(side(l.v)))
	return slices.ContainsFunc(rc.streams, func(s record.StreamParser) bool { return s != nil && s.Begins(head(data), p) == begin.Yes })
}

// head returns the bytes by which a protocol is recognised.
func head(data []byte) []byte { return data[:min(len(data), record.MaxHead)] }

// closeStreams ends what reads the flow's streams; what they were like goes to the
// flow's row. What is held behind holes is not read: at which packet a flow is found
// to have ended is not its own affair.
func (rc *recorder) closeStreams(c *talk) {
	t := c.tcp
	if t == nil {
		return
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
