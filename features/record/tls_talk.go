package record

import "pcapmill/features/record/tls"

// tlsTalk is what is known of a connection.
type tlsTalk struct {
	sides      [2]tlsSide
	serverName []byte // that the client asks for, printable
	answered   bool   // the server has said hello, and did not ask for another
	failed     error  // first that was malformed
}

// tlsTalkBytes is about what a tlsTalk takes.
const tlsTalkBytes = 256

// clear forgets a connection, and keeps memory for the name of another server.
func (t *tlsTalk) clear() {
	const ordinary = 64
	name := t.serverName[:0]
	if cap(name) > ordinary {
		name = nil
	}
	*t = tlsTalk{serverName: name}
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

// fails notes what is wrong with a message; nil: nothing.
func (t *tlsTalk) fails(err error) {
	if t.failed == nil {
		t.failed = err
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

// done ends a direction; what was malformed is an error once both are at their end.
func (t *tlsTalk) done(side uint8) error {
	if t.sides[side].done = true; t.sides[1-side].done && t.failed != nil {
		return t.failed
	}
	return ErrDone
}
