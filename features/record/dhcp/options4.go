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
