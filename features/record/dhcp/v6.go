package dhcp

import "encoding/binary"

// The message types that Parse6 tells apart.
const (
	typeRelayForward = 12
	typeRelayReply   = 13
	typeQuery4       = 20 // RFC 7341: flags where others have a transaction
	typeResponse4    = 21
)

// The lengths before the options (RFC 8415 §8, §9).
const (
	headerBytes = 4
	relayBytes  = 34
)

// maxRelays is how many relays a message may pass: the limit of RFC 3315 §5.5, which is
// above that of RFC 8415.
const maxRelays = 32

// Parse6 reads a message of DHCPv6: the client's or server's own, through what relays
// put around it. On an error, a *Error, what comes before it is there.
func (m *Message) Parse6(b []byte) error {
	m.reset(6)
	base := 0
	var outer *Error // of the relays' own options: an error of the message matters more
	for {
		if len(b) < headerBytes {
			return &Error{Header, base + len(b)}
		}
		m.Type = known(uint64(b[0]))
		if b[0] == 0 || int(b[0]) >= len(typeNames6) {
			return &Error{Kind, base}
		}
		if b[0] != typeRelayForward && b[0] != typeRelayReply {
			return orNil(firstOf(m.own(b, base), outer))
		}
		inner, at, err := m.relay(b, base)
		outer = firstOf(outer, err)
		if inner == nil {
			return orNil(outer)
		}
		b, base = inner, base+at
	}
}

// orNil keeps a nil *Error from becoming an error.
func orNil(err *Error) error {
	if err == nil {
		return nil
	}
	return err
}

// own reads a message that is no relay's.
func (m *Message) own(b []byte, base int) *Error {
	if b[0] != typeQuery4 && b[0] != typeResponse4 {
		m.ID = known(uint64(binary.BigEndian.Uint32(b) & 0xffffff))
	}
	o := options{bytes: b, at: headerBytes}
	for m.next(&o) {
		m.Codes = append(m.Codes, o.code)
		if !m.option6(o.code, o.value) {
			m.bad(o.code)
		}
	}
	return o.failed(base)
}

// relay reads what a relay puts around a message and returns that, nil for none, and
// where it is; of one that is cut, what there is. What relays closer to the client say
// replaces what others do.
func (m *Message) relay(b []byte, base int) (inner []byte, at int, err *Error) {
	if len(m.Relays) == maxRelays {
		return nil, 0, &Error{Nesting, base}
	}
	if len(b) < relayBytes {
		return nil, 0, &Error{Header, base + len(b)}
	}
	m.Relays = append(m.Relays, Relay{Type: b[0], Hops: b[1], Link: b[2:18], Peer: b[18:34]})
	o, seen := options{bytes: b, at: relayBytes}, uint64(0)
	for m.next(&o) {
		switch {
		case o.code == optRelayMessage && inner == nil:
			inner, at = o.value, o.at-len(o.value)
		case o.code == optRelayMessage || !m.relayOption(&seen, o.code, o.value):
			m.bad(o.code)
		}
	}
	if rest := b[o.at:]; inner == nil && len(rest) > 4+headerBytes && binary.BigEndian.Uint16(rest) == optRelayMessage {
		inner, at = rest[4:], o.at+4
	}
	return inner, at, o.failed(base)
}

// options are those of a DHCPv6 message or option.
type options struct {
	bytes []byte
	at    int // of what is behind the option
	code  uint16
	value []byte
}

// next goes to the next option; false behind the last, and before one that is cut.
func (m *Message) next(o *options) bool {
	b := o.bytes[o.at:]
	if len(b) < 4 || len(b)-4 < int(binary.BigEndian.Uint16(b[2:])) {
		return false
	}
	m.options++
	o.code, o.value = binary.BigEndian.Uint16(b), b[4:4+int(binary.BigEndian.Uint16(b[2:]))]
	o.at += 4 + len(o.value)
	return true
}

// failed returns what kept next from coming to the end; base is where the bytes begin.
func (o *options) failed(base int) *Error {
	if o.at == len(o.bytes) {
		return nil
	}
	return &Error{Cut, base + o.at}
}
