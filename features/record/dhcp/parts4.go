package dhcp

import (
	"bytes"
	"encoding/binary"
)

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
