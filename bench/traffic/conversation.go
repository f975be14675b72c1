package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// The directions of a step.
const (
	forward = 0 // from the initiator
	reverse = 1
)

// step is one planned packet. Steps of a queue are in time order.
type step struct {
	at      packet.Nanos
	seq     uint32
	ack     uint32
	message uint32 // bytes of the record that begins here; 0: the payload continues one
	length  uint16 // of the payload
	window  uint16
	flags   uint16
	dir     uint8
	again   bool // a retransmission
	late    bool // sent after a later segment
}

// conversation is one open flow: its truth so far, the steps planned next, and
// what planning needs to know.
type conversation struct {
	flow  FlowTruth
	queue []step
	head  int

	// plan queues the next steps and lowers left. It is called with an empty
	// queue while left > 0 and must queue at least one step.
	plan  func(*engine, *conversation)
	clock packet.Nanos // time of the last planned step
	left  int          // packets not yet planned

	content func(*engine, *conversation, *step) []byte // the payload of a step
	dress   func(*Packet)                              // adds link tags and extension headers; nil: none

	rtt   packet.Nanos
	think packet.Nanos // mean pause between rounds
	base  uint32       // where in the pool its payload begins
	seq   [2]uint32
	ttl   [2]uint8
	id    [2]uint16
	tos   uint8
	vary  uint8 // kind-specific variant

	stamps  [2]uint32 // TCP time stamp clock offsets
	echoed  [2]uint32 // last time stamp seen from each side
	mss     uint16
	stamped bool // TCP time stamps in use
	opened  bool
	style   style
	ending  ending
	mtu     int // IP packets longer than this are fragmented; 0: never
}

// queueStep appends a step pause after the one before and takes it off left.
func (c *conversation) queueStep(pause time.Duration, s step) *step {
	c.clock += packet.Nanos(pause)
	s.at = c.clock
	c.queue = append(c.queue, s)
	c.left--
	return &c.queue[len(c.queue)-1]
}
