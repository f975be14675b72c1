package dns

import (
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"strconv"
)

// data writes the presentation form of a record's data, at [at, end) of the message.
func (m *Message) data(r *Record, at, end int) error {
	start := len(m.texts)
	ok := m.known(r, at, end)
	if len(m.texts) > m.limit {
		return m.fail(Arena, at)
	}
	if !ok {
		m.limit -= len(m.texts) - start // what is taken back was work as well
		m.texts = m.texts[:start]
		r.Malformed = m.hasForm(r.Type) && !m.deletes(r, end-at)
		m.unknown(m.bytes[at:end])
	}
	r.Data = Text{start, len(m.texts)}
	if len(m.texts) > m.limit {
		return m.fail(Arena, at)
	}
	return nil
}

// unknown writes data without a form of its own (RFC 3597 §5).
func (m *Message) unknown(b []byte) {
	m.texts = strconv.AppendInt(append(m.texts, `\# `...), int64(len(b)), 10)
	if len(b) > 0 {
		m.texts = hex.AppendEncode(append(m.texts, ' '), b)
	}
}

// hasForm reports whether known writes data of the type.
func (m *Message) hasForm(t uint16) bool {
	if m.Kind == NBNS {
		return t == typeNB
	}
	switch t {
	case TypeA, typeNS, TypeCNAME, typeSOA, typePTR, typeHINFO, typeMX, typeTXT, TypeAAAA, typeSRV, typeNAPTR, typeDNAME,
		typeDS, typeSSHFP, typeRRSIG, typeNSEC, typeNSEC3, typeDNSKEY, typeTLSA, typeSVCB, typeHTTPS, typeCAA:
		return true
	}
	return false
}

// deletes reports whether a record of an update is meant to be without data: it names
// what is to go, or to be there before (RFC 2136 §2.4, §2.5).
func (m *Message) deletes(r *Record, length int) bool {
	const opcodeUpdate, classNone, classAny = 5, 254, 255
	return length == 0 && m.Opcode() == opcodeUpdate && (r.Class == classNone || r.Class == classAny)
}

// typeNB is a NetBIOS address record (RFC 1002 §4.2.1.3).
const typeNB = 32

// known writes data of a type that has a form; false where it is malformed or of
// another type.
func (m *Message) known(r *Record, at, end int) bool {
	p := parser{m, at, end, true}
	switch {
	case m.Kind == NBNS:
		return r.Type == typeNB && m.netbiosAddresses(m.bytes[at:end])
	case !m.hasForm(r.Type):
		return false
	}
	switch r.Type {
	case TypeA:
		p.addr(4)
	case TypeAAAA:
		p.addr(16)
	case typeNS, TypeCNAME, typePTR, typeDNAME:
		p.name()
	case typeMX:
		p.number(2)
		p.name()
	case typeSRV:
		p.numbers(2, 2, 2)
		p.name()
	case typeSOA:
		p.name()
		p.name()
		p.numbers(4, 4, 4, 4, 4)
	case typeTXT:
		for first := true; p.ok && (first || p.at < p.end); first = false {
			p.quoted()
		}
	case typeHINFO:
		p.quoted()
		p.quoted()
	case typeNAPTR:
		p.numbers(2, 2)
		p.quoted()
		p.quoted()
		p.quoted()
		p.name()
	case typeSVCB, typeHTTPS:
		p.number(2)
		p.name()
		p.params()
	case typeCAA:
		p.number(1)
		p.tag()
		p.text(p.rest())
	default:
		p.secured(r.Type)
	}
	return p.ok && p.at == p.end
}

// secured writes data of a type that holds keys, signatures or what they prove.
func (p *parser) secured(typ uint16) {
	switch typ {
	case typeDS:
		p.numbers(2, 1, 1)
		p.hex()
	case typeSSHFP:
		p.numbers(1, 1)
		p.hex()
	case typeTLSA:
		p.numbers(1, 1, 1)
		p.hex()
	case typeDNSKEY:
		p.numbers(2, 1, 1)
		p.base64()
	case typeRRSIG:
		p.typeName()
		p.numbers(1, 1, 4, 4, 4, 2)
		p.name()
		p.base64()
	case typeNSEC:
		p.name()
		p.types()
	case typeNSEC3:
		p.nsec3()
	}
}

// netbiosAddresses writes the addresses of a NetBIOS name, each behind its flags.
func (m *Message) netbiosAddresses(b []byte) bool {
	for i := 0; len(b)-i >= 6; i += 6 {
		if i > 0 {
			m.texts = append(m.texts, ' ')
		}
		m.texts = netip.AddrFrom4([4]byte(b[i+2 : i+6])).AppendTo(m.texts)
	}
	return len(b) > 0 && len(b)%6 == 0
}

// parser writes the fields of one record's data, with a space between them. Once a
// field does not fit, ok is false and the rest does nothing.
type parser struct {
	m       *Message
	at, end int
	ok      bool
}

// take returns the next n bytes.
func (p *parser) take(n int) []byte {
	if !p.ok || p.end-p.at < n {
		p.ok = false
		return nil
	}
	p.at += n
	return p.m.bytes[p.at-n : p.at]
}

func (p *parser) rest() []byte { return p.take(p.end - p.at) }

func (p *parser) addr(n int) {
	b := p.take(n)
	if a, ok := netip.AddrFromSlice(b); ok {
		p.m.texts = a.AppendTo(p.m.texts)
	}
}

func (p *parser) numbers(sizes ...int) {
	for _, n := range sizes {
		p.number(n)
	}
}

func (p *parser) number(n int) {
	b := p.take(n)
	if !p.ok {
		return
	}
	v := uint64(0)
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	p.m.texts = strconv.AppendUint(p.m.texts, v, 10)
	p.sep()
}

// sep writes the space behind a field that is not the last.
func (p *parser) sep() {
	if p.ok && p.at < p.end {
		p.m.texts = append(p.m.texts, ' ')
	}
}

func (p *parser) name() {
	if !p.ok {
		return
	}
	_, next, err := p.m.name(p.at, false)
	if err != nil || next > p.end {
		p.ok = false
		return
	}
	p.at = next
	p.sep()
}

// counted returns the bytes behind their length in one byte.
func (p *parser) counted() []byte {
	length := p.take(1)
	if !p.ok {
		return nil
	}
	return p.take(int(length[0]))
}

// quoted writes a character string (RFC 1035 §3.3).
func (p *parser) quoted() {
	p.text(p.counted())
	p.sep()
}

func (p *parser) text(b []byte) {
	if p.ok {
		p.m.quoted(b)
	}
}

func (p *parser) hex() {
	if b := p.rest(); p.ok {
		p.m.texts = hex.AppendEncode(p.m.texts, b)
	}
}

func (p *parser) base64() {
	if b := p.rest(); p.ok {
		p.m.texts = base64.StdEncoding.AppendEncode(p.m.texts, b)
	}
}

// tag writes the name of a CAA property, letters and digits (RFC 8659 §4.1).
func (p *parser) tag() {
	tag := p.counted()
	p.ok = p.ok && len(tag) > 0
	for _, c := range tag {
		p.ok = p.ok && (c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z')
	}
	if p.ok {
		p.m.texts = append(append(p.m.texts, tag...), ' ')
	}
}
