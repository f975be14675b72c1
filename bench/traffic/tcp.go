package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// ending says how a TCP conversation begins and ends; its text is Zeek's
// conn_state.
type ending uint8

// The endings. The order is that of endingStates.
const (
	endOpen     ending = iota // capture or patience ends first
	endFIN                    // both sides close
	endAbort                  // initiator resets
	endAborted                // responder resets
	endRefused                // SYN answered by RST
	endNoAnswer               // SYN, sent again at times, without answer
)

var endingStates = [...]string{"S1", "SF", "RSTO", "RSTR", "REJ", "S0"}

// cost is the number of packets that the ending itself takes.
func (d ending) cost() int {
	switch d {
	case endFIN:
		return 3
	case endAbort, endAborted:
		return 1
	}
	return 0
}

// style is how the data of a conversation is cut into segments.
type style uint8

// The styles.
const (
	browse   style = iota // requests of some 100 bytes, answers of a few segments
	download              // long runs of full segments from the responder
	upload                // the same from the initiator
	interact              // short messages both ways
	tiny                  // frames of at most 100 bytes
)

const (
	synACK = packet.SYN | packet.ACK
	finACK = packet.FIN | packet.ACK
	rstACK = packet.RST | packet.ACK
	pshACK = packet.PSH | packet.ACK
)

// startTCP makes c a TCP conversation of exactly n packets.
func startTCP(e *engine, c *conversation, n int, end ending) {
	c.flow.Proto = packet.ProtoTCP
	c.left, c.ending = n, end
	c.plan = planTCP
	if c.content == nil {
		c.content = stream
	}
	c.flow.State = endingStates[end]
	c.seq = [2]uint32{e.rng.uint32(), e.rng.uint32()}
	c.stamps = [2]uint32{e.rng.uint32(), e.rng.uint32()}
	c.stamped = c.style == tiny || e.rng.chance(0.8)
	c.mss = 1460
	if !c.flow.Src.Is4() {
		c.mss = 1440
	}
}

// planTCP queues the opening, one round of data, or the end.
func planTCP(e *engine, c *conversation) {
	switch {
	case !c.opened && c.ending == endNoAnswer:
		c.unanswered()
	case !c.opened && c.ending == endRefused:
		c.refused()
	case !c.opened:
		c.opened = true
		e.handshake(c)
	case c.left > c.ending.cost():
		c.clock += packet.Nanos(min(e.rng.exp(float64(c.think)), 15e9))
		e.round(c)
	default:
		e.closeTCP(c)
	}
}

// unanswered queues SYNs that nobody answers, with doubling pauses.
func (c *conversation) unanswered() {
	pause := time.Duration(0)
	for c.left > 0 {
		c.queueStep(pause, step{seq: c.seq[Forward], flags: packet.SYN, window: 64240})
		pause = max(time.Second, 2*pause)
	}
}

// refused queues SYN and RST pairs.
func (c *conversation) refused() {
	for c.left > 0 {
		c.queueStep(time.Duration(c.rtt), step{seq: c.seq[Forward], flags: packet.SYN, window: 64240})
		if c.left > 0 {
			c.queueStep(time.Duration(c.rtt), step{dir: Reverse, ack: c.seq[Forward] + 1, flags: rstACK})
		}
	}
}

// handshake queues SYN, SYN-ACK and ACK. Where no packet is left for a data
// round the ACK carries the request, and the answer rides on the responder's
// FIN.
func (e *engine) handshake(c *conversation) {
	rtt := time.Duration(c.rtt)
	c.queueStep(0, step{seq: c.seq[Forward], flags: packet.SYN, window: 64240})
	c.seq[Forward]++
	if c.left == 0 {
		return
	}
	c.queueStep(rtt, step{dir: Reverse, seq: c.seq[Reverse], ack: c.seq[Forward], flags: synACK, window: 65160})
	c.seq[Reverse]++
	if c.left == 0 {
		return
	}
	if c.left-1 > c.ending.cost() || c.style == tiny {
		c.segment(rtt/8, Forward, packet.ACK, 0)
		return
	}
	e.sayAtOnce(c, rtt/8, Forward, pshACK, e.requestLength(c))
}

// segment queues a segment of c in order and advances its sequence number.
func (c *conversation) segment(pause time.Duration, dir Direction, flags uint16, length int) *step {
	s := c.queueStep(pause, step{
		dir: dir, seq: c.seq[dir], ack: c.seq[1-dir], flags: flags, window: 502, length: uint16(length),
	})
	c.seq[dir] += uint32(length)
	if flags&packet.FIN != 0 {
		c.seq[dir]++
	}
	return s
}

// closeTCP queues the ending.
func (e *engine) closeTCP(c *conversation) {
	rtt := time.Duration(c.rtt)
	switch c.ending {
	case endAbort:
		c.segment(rtt, Forward, rstACK, 0)
	case endAborted:
		c.segment(rtt, Reverse, rstACK, 0)
	case endFIN:
		first := Direction(e.rng.below(2))
		if c.awaits() {
			first = Reverse
		}
		if c.style == browse && first == Reverse && c.mayAnswer() { // the last answer and the FIN in one segment
			e.sayAtOnce(c, rtt/2, Reverse, finACK, e.rng.within(40, 1200))
		} else {
			c.segment(rtt/2, first, finACK, 0)
		}
		c.segment(rtt, 1-first, finACK, 0)
		c.segment(rtt/2, first, packet.ACK, 0)
	}
}
