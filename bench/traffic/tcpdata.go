package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// Shares of data segments that are disturbed.
const (
	lossShare       = 0.004  // sent again
	disorderShare   = 0.003  // swapped with the segment before
	zeroWindowShare = 0.0005 // of rounds: the receiver closes its window for a while
)

// room is the number of packets left for data.
func (c *conversation) room() int { return c.left - c.ending.cost() }

// roundPackets is about how many packets a round of each style has.
var roundPackets = [...]float64{browse: 5, download: 14, upload: 14, interact: 2.5, tiny: 1.4}

// pace spreads n packets of c over about lifetime. A conversation of many rounds
// must be between near hosts to end in that time.
func (c *conversation) pace(n int, lifetime time.Duration) {
	rounds := max(1, float64(n)/roundPackets[c.style])
	c.think = packet.Nanos(float64(lifetime) / rounds)
	c.rtt = min(c.rtt, max(c.think, 50_000))
}

// round queues one exchange of data.
func (e *engine) round(c *conversation) {
	if c.room() >= 4 && e.rng.chance(zeroWindowShare) {
		e.stall(c)
	}
	switch {
	case c.opening():
		e.burst(c, Forward, 0)
		e.burst(c, Reverse, 0)
	case c.style == tiny:
		e.tinyRound(c)
	case c.style == interact:
		e.burst(c, Direction(e.rng.below(2)), int(e.rng.logNormal(90, 0.7)))
	case c.style == download && c.talk.app == overHTTP:
		e.transferHTTP(c)
	case c.style == download:
		if e.rng.chance(0.25) {
			e.burst(c, Forward, e.requestLength(c))
		}
		e.burst(c, Reverse, 10*c.full())
	case c.style == upload:
		e.burst(c, Forward, 10*c.full())
	default:
		e.burst(c, Forward, e.requestLength(c))
		e.burst(c, Reverse, int(e.rng.logNormal(1300, 1)))
		for c.talk.app == overHTTP && c.awaits() && c.room() > 0 {
			e.burst(c, Reverse, int(e.rng.logNormal(1300, 1)))
		}
	}
}

// full is the payload of a full segment.
func (c *conversation) full() int {
	if c.stamped {
		return int(c.mss) - 12
	}
	return int(c.mss)
}

// requestLength draws the length of a request that fits one segment.
func (e *engine) requestLength(c *conversation) int {
	if c.style == tiny {
		return e.tinyLength(c)
	}
	return min(max(int(e.rng.logNormal(320, 0.6)), 40), c.full())
}

// burst queues the next message of a side, of about total bytes.
func (e *engine) burst(c *conversation, dir Direction, total int) {
	if c.room() <= 0 || c.talk.cut {
		c.rest(dir)
		return
	}
	limit := c.limit()
	e.say(c, dir, e.next(c, dir, min(max(total, 20), limit), limit))
}

// rest queues an acknowledgement in place of a message that could not be read.
func (c *conversation) rest(dir Direction) {
	if c.room() > 0 {
		c.segment(time.Duration(c.rtt), dir, packet.ACK, 0)
	}
}

// limit is the longest message that the packets left can carry, with the
// acknowledgements of its receiver.
func (c *conversation) limit() int { return min(10, max(1, 2*c.room()/3)) * c.full() }

// say queues a message and the acknowledgements of its receiver, as far as
// packets are left.
func (e *engine) say(c *conversation, dir Direction, m message) {
	full := c.full()
	total := min(m.total, c.limit())
	pause := time.Duration(c.rtt)
	i, left := 0, total
	for ; left > 0 && c.room() > 0; i++ {
		length := min(left, full)
		left -= length
		flags := packet.ACK
		if left == 0 {
			flags = pshACK
		}
		c.part(pause, dir, flags, length, total-left-length, m)
		e.disturb(c, i)
		pause = time.Duration(e.rng.within(20, 300)) * time.Microsecond
		if (i%2 == 1 || left == 0 && total > full) && c.room() > 0 {
			c.segment(time.Duration(c.rtt)/16+time.Microsecond, 1-dir, packet.ACK, 0)
		}
	}
	c.talk.cut = left > 0 || total < m.total
	if !c.talk.cut || m.kind >= sayRequests && m.kind <= sayLastChunk && total > left {
		c.spoke(dir, m)
	}
}

// part queues a segment with bytes of a message from skip on.
func (c *conversation) part(pause time.Duration, dir Direction, flags uint16, length, skip int, m message) {
	s := c.segment(pause, dir, flags, length)
	s.kind, s.number, s.body, s.skip = m.kind, m.number, uint32(m.body), uint32(skip)
	if skip == 0 {
		s.message = uint32(m.total)
	}
}

// sayAtOnce queues the next message of a side in one segment.
func (e *engine) sayAtOnce(c *conversation, pause time.Duration, dir Direction, flags uint16, size int) {
	m := e.next(c, dir, size, c.full())
	length := min(m.total, c.full())
	c.part(pause, dir, flags, length, 0, m)
	if c.talk.cut = length < m.total; !c.talk.cut {
		c.spoke(dir, m)
	}
}

// mayAnswer reports whether the responder has anything left to say.
func (c *conversation) mayAnswer() bool {
	switch c.talk.app {
	case overHTTP, overDNS:
		return c.awaits()
	}
	return !c.talk.cut
}

// disturb sends the segment just queued again, or swaps it with the one before
// where both belong to one pair.
func (e *engine) disturb(c *conversation, i int) {
	last := len(c.queue) - 1
	draw := e.rng.float()
	switch {
	case draw < lossShare && c.room() > 0:
		again := c.queue[last]
		again.again = true
		c.queueStep(200*time.Millisecond+time.Duration(c.rtt), again)
	case draw > 1-disorderShare && i%2 == 1:
		a, b := &c.queue[last-1], &c.queue[last]
		if a.dir != b.dir || a.again || a.length == 0 {
			return
		}
		a.at, b.at = b.at, a.at
		*a, *b = *b, *a
		b.late = true
	}
}

// stall queues a closed window and its opening.
func (e *engine) stall(c *conversation) {
	c.segment(time.Duration(c.rtt), Forward, packet.ACK, 0).window = 0
	c.segment(300*time.Millisecond, Forward, packet.ACK, 0)
}

// tinyRound queues one short segment and sometimes its acknowledgement.
func (e *engine) tinyRound(c *conversation) {
	dir := Direction(e.rng.below(2))
	c.segment(time.Duration(c.rtt), dir, pshACK, e.tinyLength(c))
	if c.room() > 0 && e.rng.chance(0.4) {
		c.segment(time.Duration(c.rtt), 1-dir, packet.ACK, 0)
	}
}

// tinyLength draws a payload with which the frame has 67 to 100 bytes.
func (e *engine) tinyLength(c *conversation) int {
	if c.flow.Src.Is4() {
		return e.rng.within(1, 34)
	}
	return e.rng.within(1, 14)
}
