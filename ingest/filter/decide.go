package filter

// decision is one comparison of the flattened tests and where it leads: an index
// into the list, accept or reject.
type decision struct {
	test    *test
	yes, no int32
}

const (
	accept int32 = -1
	reject int32 = -2
)

// flatten appends the decisions of a test and returns the first one's index.
func (f *Filter) flatten(t *test, yes, no int32) int32 {
	for {
		switch t.op {
		case testAnd:
			yes = f.flatten(t.b, yes, no)
			t = t.a
		case testOr:
			no = f.flatten(t.b, yes, no)
			t = t.a
		case testNot:
			yes, no = no, yes
			t = t.a
		case testConst:
			if t.value {
				return yes
			}
			return no
		default:
			if t.flip {
				yes, no = no, yes
			}
			f.list = append(f.list, decision{t, yes, no})
			return int32(len(f.list) - 1)
		}
	}
}

// Match reports whether a frame matches. frame holds the captured bytes, wire is
// the length it had.
func (f *Filter) Match(frame []byte, wire uint32) bool {
	at := f.start
	for at >= 0 {
		d := &f.list[at]
		yes, ok := d.test.holds(frame, wire)
		switch {
		case !ok: // cut short: see the package comment
			return f.program.Match(frame, wire)
		case yes:
			at = d.yes
		default:
			at = d.no
		}
	}
	return at == accept
}

// holds makes one comparison; ok is false where a load runs behind the end of
// the frame or a calculation divides by zero.
func (t *test) holds(frame []byte, wire uint32) (yes, ok bool) {
	var v, k uint32
	if t.op == testField {
		if v, ok = t.load.from(frame, wire, 0); !ok {
			return false, false
		}
		v, k = v&t.mask, t.k
	} else {
		if v, ok = t.left.compute(frame, wire); !ok {
			return false, false
		}
		if k, ok = t.right.compute(frame, wire); !ok {
			return false, false
		}
	}
	switch t.cmp {
	case cmpEqual:
		return v == k, true
	case cmpGreater:
		return v > k, true
	case cmpGreaterEqual:
		return v >= k, true
	}
	return v&k != 0, true
}

// from reads the value, index bytes further on.
func (l *load) from(frame []byte, wire, index uint32) (uint32, bool) {
	switch l.kind {
	case loadLen:
		return wire, true
	case loadIPv4Payload:
		if uint64(l.ip) >= uint64(len(frame)) {
			return 0, false
		}
		index += uint32(frame[l.ip]&0x0f) * 4
		return read(frame, uint64(index)+uint64(l.ip)+uint64(l.off), l.size)
	}
	return read(frame, uint64(index)+uint64(l.off), l.size)
}

// compute works out a calculation.
func (c *calc) compute(frame []byte, wire uint32) (v uint32, ok bool) {
	switch c.kind {
	case arithNumber:
		return c.num, true
	case arithLen:
		return wire, true
	case arithLoad:
		index, ok := c.a.compute(frame, wire)
		if !ok {
			return 0, false
		}
		return c.load.from(frame, wire, index)
	case arithNegate:
		v, ok := c.a.compute(frame, wire)
		return -v, ok
	}
	a, ok := c.a.compute(frame, wire)
	if !ok {
		return 0, false
	}
	b, ok := c.b.compute(frame, wire)
	if !ok {
		return 0, false
	}
	return alu(c.alu, a, b)
}
