package tls

import "fmt"

// Reason is what is wrong with a message or with the records.
type Reason uint8

// The reasons.
const (
	Cut       Reason = iota // ends inside a field
	Trailing                // bytes behind the last field
	Extension               // the data of an extension are not of its form
	List                    // a list of a length that its elements cannot have
	Large                   // a message longer than MaxMessage, or a list of too many certificates
	Record                  // what should be a record header is none
)

var reasonTexts = [...]string{"ends inside a field", "bytes behind the last field", "malformed extension", "list of a length that its elements cannot have", "message too large", "not a record"}

// Error says where a message is malformed.
type Error struct {
	Reason Reason
	Offset int // within the message's body; of a Deframer that of the record within the direction
	Number int // for Extension its type, else 0
}

// Error returns the reason and the offset.
func (e *Error) Error() string {
	if e.Reason == Extension {
		return fmt.Sprintf("%s %d at offset %d", reasonTexts[e.Reason], e.Number, e.Offset)
	}
	return fmt.Sprintf("%s at offset %d", reasonTexts[e.Reason], e.Offset)
}

// reasonWords are the reasons as the errors table has them.
var reasonWords = [...]string{"cut_message", "trailing_bytes", "bad_extension", "bad_list", "message_too_long", "no_record"}

// Fault implements record.Fault.
func (e *Error) Fault() (reason string, offset int) { return reasonWords[e.Reason], -1 }
