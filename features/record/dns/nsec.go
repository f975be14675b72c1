package dns

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
)

// hashed is how RFC 5155 writes hashed owner names, in its small letters.
var hashed = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// nsec3 writes the data of an NSEC3 record (RFC 5155 §3.3).
func (p *parser) nsec3() {
	p.numbers(1, 1, 2)
	if salt := p.counted(); p.ok && len(salt) == 0 {
		p.m.texts = append(p.m.texts, "- "...)
	} else if p.ok {
		p.m.texts = append(hex.AppendEncode(p.m.texts, salt), ' ')
	}
	owner := p.counted()
	if p.ok = p.ok && len(owner) > 0; !p.ok {
		return
	}
	p.m.texts = hashed.AppendEncode(p.m.texts, owner)
	p.sep()
	p.types()
}

// maxWindow is the longest window of a type bit map: 256 types.
const maxWindow = 32

// types writes the types of a bit map (RFC 4034 §4.1.2). Its windows ascend, so that
// none comes twice, and the arena's limit holds after each: a bit becomes ten
// characters.
func (p *parser) types() {
	last := -1
	for first := true; p.ok && p.at < p.end; {
		head := p.take(2)
		if !p.ok || int(head[0]) <= last || head[1] == 0 || head[1] > maxWindow || len(p.m.texts) > p.m.limit {
			p.ok = false
			return
		}
		last = int(head[0])
		for i, bits := range p.take(int(head[1])) {
			for bit := range 8 {
				if bits<<bit&0x80 == 0 {
					continue
				}
				if !first {
					p.m.texts = append(p.m.texts, ' ')
				}
				first = false
				p.m.texts = AppendTypeName(p.m.texts, DNS, uint16(last)<<8|uint16(i*8+bit))
			}
		}
	}
}

// typeName writes a type that a field holds.
func (p *parser) typeName() {
	if b := p.take(2); p.ok {
		p.m.texts = AppendTypeName(p.m.texts, DNS, binary.BigEndian.Uint16(b))
		p.sep()
	}
}
