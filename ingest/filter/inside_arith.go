package filter

import "pcapmill/ingest/packet"

// relation compares two calculations. Where a protocol that they look into is
// not there the comparison does not hold, whichever side it is on.
func (l inner) relation(p *primitive) answer {
	left, a := l.compute(p.left)
	if a != answerYes {
		return a
	}
	right, a := l.compute(p.right)
	if a != answerYes {
		return a
	}
	switch p.relation {
	case relEqual:
		return answerIf(left == right)
	case relNotEqual:
		return answerIf(left != right)
	case relGreater:
		return answerIf(left > right)
	case relGreaterEqual:
		return answerIf(left >= right)
	case relLess:
		return answerIf(left < right)
	}
	return answerIf(left <= right)
}

// compute works out a calculation: yes with a value, no where a protocol is not
// there, short where the captured bytes end or a divisor is zero.
func (l inner) compute(c *arith) (uint32, answer) {
	switch c.kind {
	case arithNumber:
		return c.num, answerYes
	case arithLen:
		return l.v.WireLen, answerYes
	}
	a, ok := l.compute(c.a)
	if ok != answerYes {
		return 0, ok
	}
	switch c.kind {
	case arithNegate:
		return -a, answerYes
	case arithLoad:
		return l.load(c, a)
	}
	b, ok := l.compute(c.b)
	if ok != answerYes {
		return 0, ok
	}
	v, defined := alu(aluX(c.op)&aluMask, a, b)
	if !defined {
		return 0, answerShort
	}
	return v, answerYes
}

func (l inner) load(c *arith, index uint32) (uint32, answer) {
	start, there := l.start(c.proto)
	if !there {
		return 0, answerNo
	}
	v, ok := read(l.frame, uint64(start)+uint64(index), uint8(c.size))
	if !ok {
		return 0, answerShort
	}
	return v, answerYes
}

// start returns where a protocol's header begins in the frame.
func (l inner) start(p *protocol) (uint16, bool) {
	v := l.v
	switch {
	case p.layer == layerLink:
		return 0, v.Link&packet.LinkHasMAC != 0
	case p.layer == layerEtherType:
		return v.L3, p.number == etherIPv4 && v.Version == 4 || p.number == etherIPv6 && v.Version == 6
	}
	there := uint32(v.Protocol) == p.number && v.Quality&packet.LaterFragment == 0 &&
		(p.v4 && v.Version == 4 || p.v6 && v.Version == 6)
	return v.L4, there
}
