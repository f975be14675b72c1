package record

import (
	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

// tlsTalk is what is known of a connection.
type tlsTalk struct {
	sides      [2]tlsSide
	serverName []byte   // that the client asks for, printable
	room       [64]byte // of most names
	answered   bool     // the server has said hello, and did not ask for another
	failed     bool     // a message was malformed
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

// fails tells what is wrong with a message, of a connection the first one; nil: nothing. It
// is told at once: a connection that is refused for it does not come to its end.
func (t *tlsTalk) fails(ts *Tables, err error) {
	if err == nil || t.failed {
		return
	}
	t.failed = true
	ts.Faults = append(ts.Faults, err)
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

// done ends a direction; once both are at their end, nothing needs to be known any more.
func (t *tlsTalk) done(c *Conversation, side uint8) error {
	if t.sides[side].done = true; t.sides[1-side].done {
		c.Forget()
	}
	return ErrDone
}
