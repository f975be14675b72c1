package ssh

// Reason is what is wrong with a side.
type Reason uint8

// The reasons.
const (
	LongLine   Reason = iota // a line that does not end
	LongBanner               // a banner of more than 255 bytes
	NoBanner                 // as many lines before the banner as are read
	Length                   // a packet of an impossible length or padding
	Order                    // another packet where the key exchange must begin
	Cut                      // a key exchange that ends inside a list
)

var reasonTexts = [...]string{
	"line that does not end", "banner of more than 255 bytes", "no banner within 1024 lines",
	"packet of an impossible length", "packet that may not come before the key exchange",
	"key exchange that ends inside a list",
}

// Error says what is wrong.
type Error struct{ Reason Reason }

// Error returns the reason.
func (e *Error) Error() string { return reasonTexts[e.Reason] }

// reasonWords are the reasons as the errors table has them.
var reasonWords = [...]string{"endless_line", "long_banner", "no_banner", "packet_length", "bad_order", "cut_message"}

// Fault implements record.Fault.
func (e *Error) Fault() (reason string, offset int) { return reasonWords[e.Reason], -1 }
