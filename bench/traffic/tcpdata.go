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
	switch c.style {
	case tiny:
		e.tinyRound(c)
	case interact:
		e.burst(c, Direction(e.rng.below(2)), int(e.rng.logNormal(90, 0.7)))
	case download:
		if e.rng.chance(0.25) {
			e.burst(c, Forward, e.requestLength(c))
		}
		e.burst(c, Reverse, 10*c.full())
	case upload:
		e.burst(c, Forward, 10*c.full())
	default:
		e.burst(c, Forward, e.requestLength(c))
		e.burst(c, Reverse, int(e.rng.logNormal(1300, 1)))
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

// burst queues a message of total bytes and the acknowledgements of its
// receiver, shortened to the packets that are left.
func (e *engine) burst(c *conversation, dir Direction, total int) {
	full := c.full()
	total = min(max(total, 20), 10*full)
	segments := min((total+full-1)/full, max(1, 2*c.room()/3))
	total = min(total, segments*full)
	pause := time.Duration(c.rtt)
	for i, left := 0, total; i < segments && c.room() > 0; i++ {
		length := min(left, full)
		left -= length
		flags := packet.ACK
		if left == 0 {
			flags = pshACK
		}
		s := c.segment(pause, dir, flags, length)
		if i == 0 {
			s.message = uint32(total)
		}
		e.disturb(c, i)
		pause = time.Duration(e.rng.within(20, 300)) * time.Microsecond
		if (i%2 == 1 || left == 0 && segments > 1) && c.room() > 0 {
			c.segment(time.Duration(c.rtt)/16+time.Microsecond, 1-dir, packet.ACK, 0)
		}
	}
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
