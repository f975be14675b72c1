package dhcp

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

// join puts the pieces of an option together; nil where they are empty. What was put
// together before may stay where it was: it is not written to any more.
func (m *Message) join(b []byte, p *piece) []byte {
	start := len(m.joined)
	m.joined = append(m.joined, b[p.start:p.end]...)
	for next := p.next; next != 0; next = p.next {
		p = &m.values.pieces[next-1]
		m.joined = append(m.joined, b[p.start:p.end]...)
	}
	if start == len(m.joined) {
		return nil // as of an option that is not there, whatever memory there is already
	}
	return m.joined[start:len(m.joined):len(m.joined)]
}
