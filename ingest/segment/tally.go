package segment

import "pcapmill/ingest/packet"

// Tally counts packets. Start from NewTally.
type Tally struct {
	Packets       int64
	CapturedBytes int64
	WireBytes     int64
	First         packet.Nanos // earliest time; NoTime without packets
	Last          packet.Nanos // latest
}

// NewTally returns a count of nothing.
func NewTally() Tally { return Tally{First: packet.NoTime, Last: packet.NoTime} }

// Add counts a packet.
func (c *Tally) Add(t packet.Nanos, captured, wire int) {
	if c.Packets == 0 {
		c.First, c.Last = t, t
	}
	c.Packets++
	c.CapturedBytes += int64(captured)
	c.WireBytes += int64(wire)
	c.First, c.Last = min(c.First, t), max(c.Last, t)
}

// Counts are a capture's statistics since a segment was opened.
type Counts struct {
	Accepted int64 // packets that passed the filter, dropped ones included
	Drops    int64 // of them, by the kernel, for lack of room in the ring
	IfDrops  int64 // by the interface
	Freezes  int64 // times that the ring was full
}
