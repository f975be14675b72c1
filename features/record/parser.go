package record

import (
	"errors"

	"pcapmill/features/record/begin"
)

// Parser makes the records of one protocol. It belongs to one shard; what it knows of a
// flow is in the flow's Conversation. It implements DatagramParser, StreamParser or both.
type Parser interface {
	// Hinted reports whether ports speak for the protocol. Datagrams of others are looked
	// at only where a flow begins.
	Hinted(src, dst uint16) bool
}

// DatagramParser makes records of what UDP carries.
type DatagramParser interface {
	Parser
	// Recognise reports whether the payload of a datagram is of the protocol.
	Recognise(p *Packet) bool
	// Datagram adds the records of a datagram of a flow of which one was recognised. On an
	// error, what could be read is there all the same.
	Datagram(c *Conversation, p *Packet, out *Rows) error
}

// StreamParser makes records of what TCP carries. The bytes of a direction come in order
// and without a copy where the segments did; what a parser does not use is kept for it.
type StreamParser interface {
	Parser
	// Begins says whether the first bytes of a direction are of the protocol. Perhaps is
	// asked again with more, up to MaxHead bytes. The ports are those of its sender and its
	// receiver.
	Begins(head []byte, src, dst uint16) begin.Answer
	// Stream reads the bytes of the direction p.Side that it has not used yet. p is the
	// packet that brought the last of them. It returns how many it has used, more than
	// there are where the following ones are to be skipped, and how many, unused ones
	// included, there must be before it is called again; 0 is any more. ErrDone ends the
	// direction, any other error both: the parser is detached from the flow.
	Stream(c *Conversation, p *Packet, data []byte, out *Rows) (used, need int, err error)
	// Gap says that, behind the bytes that were not used, n bytes are missing, and reports
	// whether the parser can go on behind them. Unused bytes are dropped. Where n bytes
	// were to be skipped anyway it is not called.
	Gap(c *Conversation, p *Packet, n int64) bool
}

// Limits of what is kept of a direction for a StreamParser.
const (
	MaxHead   = 64        // bytes that recognition looks at
	MaxUnused = 1<<16 + 1 // unused bytes, as the longest message of DNS with its length: a parser that needs more is detached
)

// Errors of Stream that are no errors of the message.
var (
	ErrDone   = errors.New("nothing more of the direction is of interest")
	ErrSwitch = errors.New("another protocol begins") // of both directions, behind what was used
)
