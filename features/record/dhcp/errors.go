package dhcp

import "fmt"

// Reason is what is wrong with a message.
type Reason uint8

// The reasons.
const (
	Header  Reason = iota // shorter than the fixed fields
	Cookie                // options that do not begin with the magic cookie
	Cut                   // ends inside an option
	Nesting               // relayed more often than may be
	Kind                  // a message type that there is not
)

var reasonTexts = [...]string{
	"shorter than the fixed fields", "no magic cookie before the options", "ends inside an option",
	"relayed too often", "unknown message type",
}

// Error says where a message is malformed.
type Error struct {
	Reason Reason
	Offset int // within the message
}

// Error returns the reason and the offset.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at offset %d of the message", reasonTexts[e.Reason], e.Offset)
}

// reasonWords are the reasons as the errors table has them.
var reasonWords = [...]string{"short_message", "no_cookie", "cut_message", "relayed_too_often", "unknown_message"}

// Fault implements record.Fault.
func (e *Error) Fault() (reason string, offset int) { return reasonWords[e.Reason], e.Offset }
