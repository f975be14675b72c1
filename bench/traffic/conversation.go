package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// Direction says who sends a packet.
type Direction uint8

// The directions.
const (
	Forward Direction = iota // from the initiator
	Reverse
)

// step is one planned packet. Steps of a queue are in time order.
type step struct {
	at      packet.Nanos
	seq     uint32
	ack     uint32
	message uint32 // bytes of the message that begins here; 0: the payload continues one
	number  uint32 // of the message, among those of its kind
	body    uint32 // bytes of the message's body
	skip    uint32 // bytes of the message before these
	length  uint16 // of the payload
	window  uint16
	flags   uint16
	dir     Direction
	kind    kind
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
	talk    talk                                       // what it says, where that is a protocol

	rtt    packet.Nanos
	think  packet.Nanos // mean pause between rounds
	base   uint32       // where in the pool its payload begins; the seed of its messages
	server uint32       // the responder's number
	seq    [2]uint32
	ttl    [2]uint8
	id     [2]uint16
	tos    uint8

	stamps  [2]uint32 // TCP time stamp clock offsets
	echoed  [2]uint32 // last time stamp seen from each side
	mss     uint16
	stamped bool // TCP time stamps in use
	opened  bool
	style   style
	ending  ending
	mtu     int // IP packets longer than this are fragmented; 0: never

	extensions []Extension // IPv6
	tags       *tagSet     // nil: none
}

// queueStep appends a step pause after the one before and takes it off left.
func (c *conversation) queueStep(pause time.Duration, s step) *step {
	c.clock += packet.Nanos(pause)
	s.at = c.clock
	c.queue = append(c.queue, s)
	c.left--
	return &c.queue[len(c.queue)-1]
}
