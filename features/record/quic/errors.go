package quic

import "fmt"

// Reason is what is wrong with a datagram.
type Reason uint8

// The reasons.
const (
	Truncated Reason = iota // ends inside a long header
	ID                      // a connection ID of more than 20 bytes
	Length                  // a packet that is longer than its datagram
	Frame                   // a frame that does not belong into an Initial packet, or ends outside
	Message                 // a message of TLS that does not belong into Initial packets, or is too long
	Pieces                  // too many pieces of a message
	Tag                     // a Retry packet that answers something else
	Params                  // transport parameters that are not of their form
)

var reasonTexts = [...]string{
	"ends inside a long header", "connection ID of more than 20 bytes", "packet longer than its datagram", "frame that cannot be in an Initial packet",
	"message that cannot be in Initial packets", "message in too many pieces", "Retry without a valid tag", "malformed transport parameters",
}

// Error says where a datagram is malformed.
type Error struct {
	Reason Reason
	Offset int // within the datagram, of the packet; 0 for Params
}

// Error returns the reason and the offset.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at offset %d of the datagram", reasonTexts[e.Reason], e.Offset)
}

// reasonWords are the reasons as the errors table has them.
var reasonWords = [...]string{"cut_header", "long_connection_id", "packet_length", "bad_frame", "bad_message", "too_many_pieces", "bad_retry_tag", "bad_parameters"}

// Fault implements record.Fault.
func (e *Error) Fault() (reason string, offset int) {
	if e.Reason == Params {
		return reasonWords[e.Reason], -1
	}
	return reasonWords[e.Reason], e.Offset
}
