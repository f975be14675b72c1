package dns

import "fmt"

// Reason is what is wrong with a message.
type Reason uint8

// The reasons.
const (
	Header  Reason = iota // shorter than the fixed header
	Cut                   // ends inside a question or record
	Label                 // a label of an unknown kind
	Pointer               // a compression pointer that does not point backwards, or one too many
	Long                  // a name of more than 255 bytes
	Arena                 // names come to more than the message can be meant to hold
)

var reasonTexts = [...]string{"shorter than a header", "ends inside a record", "label of an unknown kind", "compression pointers that lead nowhere", "name of more than 255 bytes", "names expand too far"}

// Error says where a message is malformed.
type Error struct {
	Reason  Reason
	Offset  int // within the message
	Section int // index into Message.Counts of what could not be read: 0 questions
	Entry   int // how many of that section come before it
}

// Error returns the reason and the offset.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at offset %d of the message", reasonTexts[e.Reason], e.Offset)
}

// reasonWords are the reasons as the errors table has them.
var reasonWords = [...]string{"short_message", "cut_message", "bad_label", "bad_pointer", "long_name", "expansion"}

// Fault implements record.Fault.
func (e *Error) Fault() (reason string, offset int) { return reasonWords[e.Reason], e.Offset }

// fail notes what is wrong. The error is the Message's own, as most are of the data
// of one record and go no further; Parse hands a copy out.
func (m *Message) fail(reason Reason, at int) error {
	m.failed = Error{Reason: reason, Offset: at}
	return &m.failed
}
