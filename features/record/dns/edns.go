package dns

import (
	"encoding/binary"
	"net/netip"
	"strconv"
)

// optionSubnet is the client subnet's option code (RFC 7871).
const optionSubnet = 8

// opt reads the OPT pseudo-record (RFC 6891 §6.1), whose data is at [at, end).
func (m *Message) opt(r *Record, at, end int) {
	e := &m.EDNS
	e.Present, e.UDPSize = true, r.Class
	e.Version, e.DO = uint8(r.TTL>>16), r.TTL&0x8000 != 0
	m.Rcode |= uint16(r.TTL>>24) << 4
	r.Data = Text{len(m.texts), len(m.texts)}
	for b := m.bytes[at:end]; len(b) > 0; {
		if len(b) < 4 || len(b)-4 < int(binary.BigEndian.Uint16(b[2:])) {
			r.Malformed = true
			return
		}
		code, value := binary.BigEndian.Uint16(b), b[4:4+int(binary.BigEndian.Uint16(b[2:]))]
		e.Options = append(e.Options, code)
		if code == optionSubnet {
			m.subnet(value)
		}
		b = b[4+len(value):]
	}
}

// subnet writes a client subnet as address/prefix length, and nothing for a malformed one.
func (m *Message) subnet(v []byte) {
	var whole [16]byte
	if len(v) < 4 || len(v)-4 > len(whole) {
		return
	}
	start, prefix, n := len(m.texts), int(v[2]), copy(whole[:], v[4:])
	switch family := binary.BigEndian.Uint16(v); {
	case family == 1 && prefix <= 32 && n <= 4:
		m.texts = netip.AddrFrom4([4]byte(whole[:4])).AppendTo(m.texts)
	case family == 2 && prefix <= 128:
		m.texts = netip.AddrFrom16(whole).AppendTo(m.texts)
	default:
		return
	}
	m.texts = strconv.AppendInt(append(m.texts, '/'), int64(prefix), 10)
	m.EDNS.Subnet = Text{start, len(m.texts)}
}
