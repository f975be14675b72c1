package record

import (
	"errors"

	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

// tlsTalk is what is known of a connection.
type tlsTalk struct {
	sides      [2]tlsSide
	serverName []byte     // that the client asks for, printable
	room       [64]byte   // of most names
	answered   bool       // the server has said hello, and did not ask for another
	failed     *tls.Error // first that was malformed
}

// tlsTalkBytes is about what a tlsTalk takes.
const tlsTalkBytes = 352

// setServerName takes the name that the client asks for.
func (t *tlsTalk) setServerName(c *Conversation, name []byte) {
	before := len(t.serverName)
	t.serverName = printable.AppendASCII(t.room[:0], name)
	c.Reserve(len(t.serverName) - before)
}

type tlsSide struct {
	deframer tls.Deframer
	hello    uint8 // type of the last: this end is client or server
	hellos   int
	kept     int // reserved
	done     bool
}

// says notes that an end has said hello.
func (t *tlsTalk) says(side, hello uint8) {
	from := &t.sides[side]
	from.hello, from.hellos = hello, from.hellos+1
}

// fails notes what is wrong with a message; nil: nothing. All that package tls finds wrong is an
// Error: an interface could not be saved with the rest.
func (t *tlsTalk) fails(err error) {
	if t.failed == nil {
		errors.As(err, &t.failed)
	}
}

// ends reports whether a direction has nothing more to say in the clear: it is
// encrypted, and no other hello can come.
func (t *tlsTalk) ends(side uint8) bool {
	from := &t.sides[side]
	switch {
	case from.deframer.Closed():
		return true
	case !from.deframer.Sealed():
		return false
	case from.hello == tls.TypeClientHello:
		return t.answered || from.hellos > 1
	}
	return t.answered || from.hellos == 0
}

// done ends a direction; what was malformed is an error once both are at their end, and
// nothing needs to be known any more.
func (t *tlsTalk) done(c *Conversation, side uint8) error {
	t.sides[side].done = true
	if !t.sides[1-side].done {
		return ErrDone
	}
	failed := t.failed
	c.Forget()
	if failed != nil {
		return failed
	}
	return ErrDone
}
