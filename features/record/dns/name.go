package dns

import (
	"encoding/binary"

	"pcapmill/features/record/printable"
)

// maxName is the longest name on the wire (RFC 1035 §2.3.4).
const maxName = 255

// maxHops is how many pointers a name may follow: one behind each label that it can have.
const maxHops = 127

// name reads the name at an offset into texts and returns the offset behind it. A
// pointer may only point before the name's own start, or that of the last pointer's
// target, so that no two come back to one another.
func (m *Message) name(at int, netbios bool) (t Text, next int, err error) {
	t.start = len(m.texts)
	low, wire, next, hops := at, 0, -1, 0
	for {
		if at >= len(m.bytes) {
			return t, 0, m.fail(Cut, at)
		}
		n := int(m.bytes[at])
		m.steps++
		switch {
		case n == 0:
			if next < 0 {
				next = at + 1
			}
			if len(m.texts) == t.start {
				m.texts = append(m.texts, '.')
			}
			t.end = len(m.texts)
			if t.end > m.limit {
				return t, 0, m.fail(Arena, at)
			}
			return t, next, nil
		case n < 64:
			if len(m.bytes)-at <= n {
				return t, 0, m.fail(Cut, at)
			}
			if wire += n + 1; wire >= maxName {
				return t, 0, m.fail(Long, at)
			}
			m.label(m.bytes[at+1:at+1+n], t.start, netbios)
			at += 1 + n
		case n >= 192:
			if len(m.bytes)-at < 2 {
				return t, 0, m.fail(Cut, at)
			}
			to := int(binary.BigEndian.Uint16(m.bytes[at:])) & 0x3fff
			if hops++; to >= low || hops > maxHops {
				return t, 0, m.fail(Pointer, at)
			}
			if next < 0 {
				next = at + 2
			}
			at, low = to, to
		default:
			return t, 0, m.fail(Label, at)
		}
	}
}

// label appends a label in presentation form (RFC 4343 §2.1), with a dot between it
// and what is there.
func (m *Message) label(label []byte, start int, netbios bool) {
	if netbios && len(m.texts) == start && m.netbios(label) {
		return
	}
	if len(m.texts) > start {
		m.texts = append(m.texts, '.')
	}
	m.texts = printable.AppendDelimited(m.texts, label, '.')
}

// quoted appends bytes between quotation marks.
func (m *Message) quoted(b []byte) {
	m.texts = append(printable.AppendDelimited(append(m.texts, '"'), b, '"'), '"')
}

// netbios appends a name in the first-level encoding of RFC 1001 §14.1 as its
// characters, without the padding, and its suffix: WORKGROUP<1d>. It reports false
// where the label is not in that encoding.
func (m *Message) netbios(label []byte) bool {
	if len(label) != 32 {
		return false
	}
	var name [16]byte
	for i := range name {
		high, low := label[2*i]-'A', label[2*i+1]-'A'
		if high > 15 || low > 15 {
			return false
		}
		name[i] = high<<4 | low
	}
	end := 15
	for end > 0 && (name[end-1] == ' ' || name[end-1] == 0) {
		end--
	}
	m.texts = printable.AppendDelimited(m.texts, name[:end], '.')
	const hex = "0123456789abcdef"
	m.texts = append(m.texts, '<', hex[name[15]>>4], hex[name[15]&15], '>')
	return true
}
