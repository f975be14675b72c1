package dhcp

import (
	"bytes"
	"encoding/binary"
)

// The options of DHCPv4 that are read (RFC 2132, or as noted).
const (
	optPad           = 0
	optSubnetMask    = 1
	optRouters       = 3
	optNameServers   = 6
	optHostName      = 12
	optDomainName    = 15
	optRequestedIP   = 50
	optLeaseTime     = 51
	optOverload      = 52
	optType          = 53
	optServerID      = 54
	optRequests      = 55
	optText          = 56
	optMaxBytes      = 57
	optRenewal       = 58
	optRebinding     = 59
	optVendorClass   = 60
	optClientID      = 61
	optServerName    = 66
	optBootFile      = 67
	optUserClass     = 77  // RFC 3004
	optFQDN          = 81  // RFC 4702
	optRelayAgent    = 82  // RFC 3046
	optVendorClasses = 124 // RFC 3925
	optEnd           = 255
)

// Bits of option 52.
const (
	overFile   = 1
	overServer = 2
)

// sizes4 are the options that have one value of one length. One of them does not
// come in pieces: of a second, nothing is taken.
var sizes4 = [256]int{
	optSubnetMask: 4, optRequestedIP: 4, optLeaseTime: 4, optOverload: 1, optType: 1, optServerID: 4,
	optMaxBytes: 2, optRenewal: 4, optRebinding: 4,
}

// values4 finds the values of options by their codes.
type values4 struct {
	pieces []piece
	first  [256]int32 // index of the code's first piece and 1; 0: none
	last   [256]int32
}

// piece is one option as it stands in the message.
type piece struct {
	start, end int
	next       int32 // index of the code's next piece and 1
	code       uint8
}

func (v *values4) add(code uint8, start, end int) {
	v.pieces = append(v.pieces, piece{start: start, end: end, code: code})
	at := int32(len(v.pieces))
	if v.first[code] == 0 {
		v.first[code] = at
	} else {
		v.pieces[v.last[code]-1].next = at
	}
	v.last[code] = at
}

// options4 reads the options: those of the field of that name, then those in the file,
// then those in the server's name (RFC 3396 §5).
func (m *Message) options4(b []byte) error {
	failed := m.field(b, atOptions, len(b))
	over := m.overload(b)
	m.BOOTP.Overload = over
	if over.Value&overFile != 0 {
		failed = firstOf(failed, m.field(b, atFile, atCookie))
	}
	if over.Value&overServer != 0 {
		failed = firstOf(failed, m.field(b, atServer, atFile))
	}
	for i := range m.values.pieces {
		code := m.values.pieces[i].code
		m.Codes = append(m.Codes, uint16(code))
		if m.values.first[code] == int32(i)+1 {
			m.value4(b, code, &m.values.pieces[i])
		}
	}
	if failed == nil {
		return nil
	}
	return failed
}

func firstOf(a, b *Error) *Error {
	if a != nil {
		return a
	}
	return b
}

// field notes the options of [at, end).
func (m *Message) field(b []byte, at, end int) *Error {
	for at < end && b[at] != optEnd {
		m.options++
		if b[at] == optPad {
			at++
			continue
		}
		if end-at < 2 || end-at-2 < int(b[at+1]) {
			return &Error{Cut, at}
		}
		next := at + 2 + int(b[at+1])
		m.values.add(b[at], at+2, next)
		at = next
	}
	return nil
}

// overload returns option 52, which counts in the options' own field alone.
func (m *Message) overload(b []byte) Number {
	first := m.values.first[optOverload]
	if first == 0 {
		return Number{}
	}
	p := &m.values.pieces[first-1]
	if p.end-p.start != 1 || b[p.start] == 0 || b[p.start] > overFile|overServer {
		return Number{}
	}
	return known(uint64(b[p.start]))
}

// value4 reads the option of which p is the first piece.
func (m *Message) value4(b []byte, code uint8, p *piece) {
	v, whole := b[p.start:p.end], p.next == 0
	if size := sizes4[code]; size != 0 {
		if len(v) != size {
			m.bad(uint16(code))
			return
		}
		if !m.single(code, v) || !whole {
			m.bad(uint16(code))
		}
		return
	}
	if !whole {
		v = m.join(b, p)
	}
	if !m.various(code, v) {
		m.bad(uint16(code))
	}
}

// join puts the pieces of an option together. What was put together before may stay
// where it was: it is not written to any more.
func (m *Message) join(b []byte, p *piece) []byte {
	start := len(m.joined)
	m.joined = append(m.joined, b[p.start:p.end]...)
	for next := p.next; next != 0; next = p.next {
		p = &m.values.pieces[next-1]
		m.joined = append(m.joined, b[p.start:p.end]...)
	}
	return m.joined[start:len(m.joined):len(m.joined)]
}

// single reads an option of sizes4.
func (m *Message) single(code uint8, v []byte) bool {
	switch code {
	case optSubnetMask:
		m.SubnetMask = v
	case optRequestedIP:
		m.RequestedIP = v
	case optLeaseTime:
		m.LeaseTime = known(uint64(binary.BigEndian.Uint32(v)))
	case optOverload:
		return m.BOOTP.Overload.Known
	case optType:
		m.Type = known(uint64(v[0]))
		return v[0] != 0 && int(v[0]) < len(typeNames4)
	case optServerID:
		m.ServerID = v
	case optMaxBytes:
		m.MaxBytes = known(uint64(binary.BigEndian.Uint16(v)))
	case optRenewal:
		m.Renewal = known(uint64(binary.BigEndian.Uint32(v)))
	case optRebinding:
		m.Rebinding = known(uint64(binary.BigEndian.Uint32(v)))
	}
	return true
}

// various reads an option of any length; false where it is not of its form. What has
// no form that is read is fine.
func (m *Message) various(code uint8, v []byte) bool {
	switch code {
	case optRouters:
		return addresses(&m.Routers, v, 4)
	case optNameServers:
		return addresses(&m.NameServers, v, 4)
	case optHostName:
		return padded(&m.HostName, v)
	case optDomainName:
		return padded(&m.DomainName, v)
	case optRequests:
		for _, c := range v {
			m.Requested = append(m.Requested, uint16(c))
		}
		return len(v) > 0
	case optText:
		return padded(&m.Text, v)
	case optVendorClass:
		m.VendorClasses = append(m.VendorClasses, bytes.TrimRight(v, "\x00"))
		return len(v) > 0
	case optClientID:
		return m.clientID(v)
	case optServerName:
		return padded(&m.ServerName, v)
	case optBootFile:
		return padded(&m.BootFile, v)
	case optUserClass:
		return m.userClasses(v)
	case optFQDN:
		return m.fqdn4(v)
	case optRelayAgent:
		return m.relayAgent(v)
	case optVendorClasses:
		return m.vendorClasses4(v)
	}
	return true
}

// addresses takes a list of at least one address of n bytes.
func addresses(list *[]byte, v []byte, n int) bool {
	if len(v) == 0 || len(v)%n != 0 {
		return false
	}
	*list = v
	return true
}

// padded takes a text without the zeros that some end it with (RFC 2132 §2).
func padded(text *[]byte, v []byte) bool {
	*text = v[:len(bytes.TrimRight(v, "\x00"))]
	return len(*text) > 0
}

// clientID reads option 61: a hardware type and address, anything, or an identity
// association and a DUID (RFC 4361 §6.1).
func (m *Message) clientID(v []byte) bool {
	const duidFollows = 255
	m.ClientID = v
	if len(v) > 5 && v[0] == duidFollows {
		return m.Client.parse(v[5:])
	}
	return len(v) > 1
}

// userClasses reads option 77: texts behind their lengths, or, as much software sends
// it, one text.
func (m *Message) userClasses(v []byte) bool {
	for rest := v; len(rest) > 0; rest = rest[1+int(rest[0]):] {
		if rest[0] == 0 || len(rest) <= int(rest[0]) {
			m.UserClasses = append(m.UserClasses[:0], v)
			return true
		}
		m.UserClasses = append(m.UserClasses, rest[1:1+int(rest[0])])
	}
	return len(v) > 0
}

// fqdn4 reads option 81: flags, two codes that mean nothing any more, a name.
func (m *Message) fqdn4(v []byte) bool {
	const labels = 4 // RFC 4702 §2.1, flag E
	if len(v) < 3 {
		return false
	}
	m.FQDNFlags, m.FQDN = known(uint64(v[0])), v[3:]
	if v[0]&labels == 0 {
		return true
	}
	m.FQDNForm = Labels
	return isName(m.FQDN)
}

// The parts of option 82 (RFC 3046 §2.0, RFC 3993).
const (
	partCircuit    = 1
	partRemote     = 2
	partSubscriber = 6
)

func (m *Message) relayAgent(v []byte) bool {
	for len(v) > 0 {
		if len(v) < 2 || len(v)-2 < int(v[1]) {
			return false
		}
		value := v[2 : 2+int(v[1])]
		switch v[0] {
		case partCircuit:
			m.CircuitID = value
		case partRemote:
			m.RemoteID = value
		case partSubscriber:
			m.SubscriberID = value
		}
		v = v[2+len(value):]
	}
	return true
}

// vendorClasses4 reads option 124: per vendor its number, a length, and texts behind
// their lengths.
func (m *Message) vendorClasses4(v []byte) bool {
	for len(v) > 0 {
		if len(v) < 5 || len(v)-5 < int(v[4]) {
			return false
		}
		if !m.VendorEnterprise.Known {
			m.VendorEnterprise = known(uint64(binary.BigEndian.Uint32(v)))
		}
		data := v[5 : 5+int(v[4])]
		v = v[5+len(data):]
		for len(data) > 0 {
			if len(data) <= int(data[0]) {
				return false
			}
			m.VendorClasses = append(m.VendorClasses, data[1:1+int(data[0])])
			data = data[1+int(data[0]):]
		}
	}
	return true
}
