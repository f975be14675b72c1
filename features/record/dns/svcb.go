package dns

import (
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strconv"
)

// svcKeys are the names of service parameters (RFC 9460 §14.3.2, RFC 9848 for ech).
var svcKeys = [...]string{"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"}

// params writes service parameters (RFC 9460 §2.1).
func (p *parser) params() {
	for p.ok && p.at < p.end {
		head := p.take(4)
		if !p.ok {
			return
		}
		key := binary.BigEndian.Uint16(head)
		value := p.take(int(binary.BigEndian.Uint16(head[2:])))
		if !p.ok {
			return
		}
		p.m.svcKey(key)
		if len(value) > 0 {
			p.m.texts = append(p.m.texts, '=')
			p.ok = p.m.svcValue(key, value)
		}
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

// svcValue writes a parameter's value; false where it is not of the key's form.
func (m *Message) svcValue(key uint16, v []byte) bool {
	switch key {
	case 0:
		return m.each(v, 2, func(b []byte) { m.svcKey(binary.BigEndian.Uint16(b)) })
	case 1:
		return m.alpn(v)
	case 3:
		if len(v) != 2 {
			return false
		}
		m.texts = strconv.AppendInt(m.texts, int64(binary.BigEndian.Uint16(v)), 10)
		return true
	case 4:
		return m.each(v, 4, m.appendAddr)
	case 5:
		m.texts = base64.StdEncoding.AppendEncode(m.texts, v)
		return true
	case 6:
		return m.each(v, 16, m.appendAddr)
	}
	m.texts = append(m.texts, '"')
	m.escaped(v, '"')
	m.texts = append(m.texts, '"')
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
		if len(v) <= n {
			return false
		}
		if i > 0 {
			m.texts = append(m.texts, ',')
		}
		m.escaped(v[1:1+n], ',')
		v = v[1+n:]
	}
	return true
}
