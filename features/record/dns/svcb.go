package dns

import (
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strconv"

	"pcapmill/features/record/printable"
)

// The service parameters with a form of their own (RFC 9460 §14.3.2).
const (
	svcMandatory = iota
	svcALPN
	svcNoDefaultALPN
	svcPort
	svcIPv4
	svcECH // RFC 9848
	svcIPv6
	_
	svcOHTTP // RFC 9540
)

// svcKeys are the names of service parameters.
var svcKeys = [...]string{"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"}

// params writes service parameters (RFC 9460 §2.1). Their keys ascend (§2.2), so that
// none comes twice.
func (p *parser) params() {
	for last := -1; p.ok && p.at < p.end; {
		head := p.take(4)
		if !p.ok {
			return
		}
		key := binary.BigEndian.Uint16(head)
		value := p.take(int(binary.BigEndian.Uint16(head[2:])))
		if p.ok = p.ok && int(key) > last; !p.ok {
			return
		}
		last = int(key)
		p.m.svcKey(key)
		p.ok = p.m.svcValue(key, value)
		p.sep()
	}
}

func (m *Message) svcKey(key uint16) {
	if int(key) < len(svcKeys) {
		m.texts = append(m.texts, svcKeys[key]...)
		return
	}
	m.texts = strconv.AppendInt(append(m.texts, "key"...), int64(key), 10)
}

// svcValue writes a parameter's value behind a sign of equality, nothing for one
// without; false where it is not of the key's form.
func (m *Message) svcValue(key uint16, v []byte) bool {
	if len(v) == 0 {
		return key > svcIPv6 || key == svcNoDefaultALPN
	}
	m.texts = append(m.texts, '=')
	switch key {
	case svcMandatory:
		return m.each(v, 2, func(b []byte) { m.svcKey(binary.BigEndian.Uint16(b)) })
	case svcALPN:
		return m.alpn(v)
	case svcNoDefaultALPN, svcOHTTP:
		return false
	case svcPort:
		if len(v) != 2 {
			return false
		}
		m.texts = strconv.AppendInt(m.texts, int64(binary.BigEndian.Uint16(v)), 10)
		return true
	case svcIPv4:
		return m.each(v, 4, m.appendAddr)
	case svcECH:
		m.texts = base64.StdEncoding.AppendEncode(m.texts, v)
		return true
	case svcIPv6:
		return m.each(v, 16, m.appendAddr)
	}
	m.quoted(v)
	return true
}

func (m *Message) appendAddr(b []byte) {
	a, _ := netip.AddrFromSlice(b)
	m.texts = a.AppendTo(m.texts)
}

// each writes elements of n bytes with commas between them.
func (m *Message) each(v []byte, n int, write func([]byte)) bool {
	for i := 0; len(v)-i >= n; i += n {
		if i > 0 {
			m.texts = append(m.texts, ',')
		}
		write(v[i : i+n])
	}
	return len(v)%n == 0
}

// alpn writes protocol names, each behind its length.
func (m *Message) alpn(v []byte) bool {
	for i := 0; len(v) > 0; i++ {
		n := int(v[0])
		if n == 0 || len(v) <= n {
			return false
		}
		if i > 0 {
			m.texts = append(m.texts, ',')
		}
		m.alpnID(v[1 : 1+n])
		v = v[1+n:]
	}
	return true
}

// alpnID writes one protocol name. It is escaped as an element of a list and that as
// a string, so a backslash doubles twice (RFC 9460 appendix A.1); without quotes
// around it, what would end the string is in digits.
func (m *Message) alpnID(id []byte) {
	for i, c := range id {
		switch c {
		case '\\':
			m.texts = append(m.texts, `\\\\`...)
		case ',':
			m.texts = append(m.texts, `\\,`...)
		case ' ', '"', ';', '(', ')':
			m.texts = printable.AppendEscape(m.texts, c)
		default:
			m.texts = printable.AppendASCII(m.texts, id[i:i+1])
		}
	}
}
