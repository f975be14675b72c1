package filter

// registers hands out the scratch registers of classic BPF in turn.
type registers struct {
	used    [scratchRegisters]bool
	current uint32
}

const scratchRegisters = 16

func (r *registers) take() (uint32, bool) {
	for range scratchRegisters {
		if !r.used[r.current] {
			r.used[r.current] = true
			return r.current, true
		}
		r.current = (r.current + 1) % scratchRegisters
	}
	return 0, false
}

func (r *registers) free(n uint32) { r.used[n] = false }

// relation lowers a comparison of two calculations: the protocols that they look
// into are tested first.
func (s *lowering) relation(p *primitive) (*test, error) {
	left, err := s.calc(p.left)
	if err != nil {
		return nil, err
	}
	right, err := s.calc(p.right)
	if err != nil {
		return nil, err
	}
	code := append(append(left.code, right.code...), stmt{opLoadXMem, right.reg}, stmt{opLoadMem, left.reg})
	t := &test{op: testValues, left: left, right: right, code: code}
	switch p.relation {
	case relEqual, relNotEqual:
		t.cmp, t.code = cmpEqual, append(t.code, stmt{opSubX, 0})
	case relGreater, relLessEqual:
		t.cmp = cmpGreater
	default:
		t.cmp = cmpGreaterEqual
	}
	t.flip = p.relation == relNotEqual || p.relation == relLessEqual || p.relation == relLess
	s.regs.free(left.reg)
	s.regs.free(right.reg)
	needs := left.needs
	if right.needs != nil {
		needs = both(needs, right.needs)
	}
	return both(needs, t), nil
}

// calc lowers a calculation. As with tcpdump, the right side of an operator does
// not bring along the test that its protocol is there.
func (s *lowering) calc(a *arith) (*calc, error) {
	switch a.kind {
	case arithNumber:
		return s.stored(a, &calc{kind: arithNumber, num: a.num, code: []stmt{{opLoadImm, a.num}}})
	case arithLen:
		return s.stored(a, &calc{kind: arithLen, code: []stmt{{opLoadLen, 0}}})
	case arithNegate:
		return s.negated(a)
	case arithLoad:
		return s.loaded(a)
	}
	left, err := s.calc(a.a)
	if err != nil {
		return nil, err
	}
	right, err := s.calc(a.b)
	if err != nil {
		return nil, err
	}
	c := &calc{kind: arithBinary, alu: aluX(a.op) & aluMask, a: left, b: right, needs: left.needs}
	c.code = append(append(left.code, right.code...), stmt{opLoadXMem, right.reg}, stmt{opLoadMem, left.reg}, stmt{aluX(a.op), 0})
	s.regs.free(left.reg)
	s.regs.free(right.reg)
	return s.stored(a, c)
}

// stored appends the store into a register of its own.
func (s *lowering) stored(a *arith, c *calc) (*calc, error) {
	reg, ok := s.regs.take()
	if !ok {
		return nil, errorAt(a.at, "too many values at once: classic BPF has %d registers", scratchRegisters)
	}
	c.reg = reg
	c.code = append(c.code, stmt{opStore, reg})
	return c, nil
}

func (s *lowering) negated(a *arith) (*calc, error) {
	x, err := s.calc(a.a)
	if err != nil {
		return nil, err
	}
	c := &calc{kind: arithNegate, a: x, reg: x.reg, needs: x.needs}
	c.code = append(x.code, stmt{opLoadMem, x.reg}, stmt{opNegate, 0}, stmt{opStore, x.reg})
	return c, nil
}

// loaded lowers proto[index:size].
func (s *lowering) loaded(a *arith) (*calc, error) {
	index, err := s.calc(a.a)
	if err != nil {
		return nil, err
	}
	reg, ok := s.regs.take()
	if !ok {
		return nil, errorAt(a.at, "too many values at once: classic BPF has %d registers", scratchRegisters)
	}
	s.regs.free(index.reg)
	c := &calc{kind: arithLoad, a: index, reg: reg, load: load{size: uint8(a.size), off: s.ip()}}
	c.code = index.code
	asked := &primitive{at: a.at, proto: a.proto, num: a.proto.number}
	if c.needs, err = s.place(asked, c, index.needs); err != nil {
		return nil, err
	}
	if c.load.kind == loadIPv4Payload {
		c.code = append(c.code, stmt{opLoadXHeader, c.load.ip}, stmt{opLoadMem, index.reg}, stmt{opAddX, 0}, stmt{opTAX, 0},
			stmt{loadIndirect(c.load.size), c.load.ip})
	} else {
		c.code = append(c.code, stmt{opLoadXMem, index.reg}, stmt{loadIndirect(c.load.size), c.load.off})
	}
	c.code = append(c.code, stmt{opStore, reg})
	return c, nil
}

// place sets where a protocol's header starts, and returns what must hold for it
// to be there: what the index needs, then that it is that protocol.
func (s *lowering) place(p *primitive, c *calc, index *test) (*test, error) {
	switch {
	case p.proto.layer == layerLink:
		c.load.off = s.header
		return index, nil
	case p.proto.layer == layerEtherType:
		t, err := s.linkType(p, p.num)
		return both(index, t), err
	case p.num == ipICMPv6:
		c.load.off = s.ip() + 40
		t, err := s.linkType(p, etherIPv6)
		return both(both(index, t), equal(s.ip()+6, 1, ipICMPv6)), err
	}
	c.load = load{kind: loadIPv4Payload, ip: s.ip(), size: c.load.size}
	carried, err := s.carried(p, p.num, p.proto.v4, p.proto.v6)
	if err != nil {
		return nil, err
	}
	in4, err := s.linkType(p, etherIPv4)
	return both(in4, both(index, both(carried, s.wholeOrFirst()))), err
}
