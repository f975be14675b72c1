package dns

import "encoding/binary"

// Ports of the kinds.
const (
	portDNS   = 53
	portNBNS  = 137
	portMDNS  = 5353
	portLLMNR = 5355
)

// Hint returns the kind that a port is registered for, the same for both ways of a flow.
// The ports that only the system gives out come first: a resolver may ask from 5353.
func Hint(src, dst uint16) (Kind, bool) {
	switch either := func(port uint16) bool { return src == port || dst == port }; {
	case either(portDNS):
		return DNS, true
	case either(portNBNS):
		return NBNS, true
	case either(portMDNS):
		return MDNS, true
	case either(portLLMNR):
		return LLMNR, true
	}
	return DNS, false
}

// Recognise reports whether a datagram is a message. Where the ports speak for it, a
// header that fits its bytes is enough, as malformed messages are of interest too.
// Where they do not, or the operation is unknown, all must be right: it ends where its
// last record does, and its question is one that resolvers ask. cut: its end was not
// captured.
func (m *Message) Recognise(b []byte, src, dst uint16, cut bool) (Kind, bool) {
	kind, hinted := Hint(src, dst)
	if len(b) < HeaderBytes || !hasRoom(b, len(b)) || empty(b) {
		return kind, false
	}
	sane := knownOpcode(b, kind)
	if !sane && !hinted {
		return kind, false
	}
	if hinted && sane {
		return kind, true
	}
	if cut || m.Parse(b, kind) != nil || m.Trailing != 0 || len(m.Questions) == 0 {
		return kind, false
	}
	q := m.Questions[0]
	_, known := typeNames[q.Type]
	return kind, known && (q.Class == 1 || q.Class == 3 || q.Class == 255) && m.printable(q.Name)
}

// Plausible reports whether the header with which b begins fits a message of so many
// bytes. b holds at least a header.
func Plausible(b []byte, length int) bool {
	return length >= HeaderBytes && hasRoom(b, length) && knownOpcode(b, DNS) && !empty(b[:min(len(b), length)])
}

// empty reports bytes behind a header that claims none, as in datagrams of zeros. The
// messages of RFC 8490 are such, by their operation.
func empty(b []byte) bool {
	const opcodeStateful = 6
	return len(b) > HeaderBytes && binary.BigEndian.Uint64(b[4:]) == 0 && b[2]>>3&15 != opcodeStateful
}

// knownOpcode reports whether the operation is one that there is.
func knownOpcode(b []byte, kind Kind) bool {
	opcode := b[2] >> 3 & 15
	return opcode <= 6 && opcode != 3 || kind == NBNS
}

// hasRoom reports whether so many bytes have room for as many entries as the header
// claims.
func hasRoom(b []byte, length int) bool {
	const leastQuestion, leastRecord = 5, 11
	least := HeaderBytes + leastQuestion*int(binary.BigEndian.Uint16(b[4:]))
	for i := 6; i < HeaderBytes; i += 2 {
		least += leastRecord * int(binary.BigEndian.Uint16(b[i:]))
	}
	return least <= length+slack
}

// slack lets messages pass that were cut short, by a sender or the capture.
const slack = 512

// printable reports a name without escapes.
func (m *Message) printable(t Text) bool {
	for _, c := range m.Bytes(t) {
		if c == '\\' {
			return false
		}
	}
	return true
}
