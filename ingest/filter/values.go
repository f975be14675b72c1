package filter

// values numbers what statements compute: two statements that get the same
// number compute the same. 0 is unknown.
type values struct {
	known     map[valueKey]int
	constants []constantValue // by number
}

type valueKey struct {
	code uint16
	a, b int
}

type constantValue struct {
	is bool
	v  uint32
}

const unknown = 0

func (v *values) reset() {
	if v.known == nil {
		v.known = map[valueKey]int{}
	}
	clear(v.known)
	v.constants = append(v.constants[:0], constantValue{})
}

// of returns the number of what an instruction computes from two values.
func (v *values) of(code uint16, a, b int) int {
	key := valueKey{code, a, b}
	if n, ok := v.known[key]; ok {
		return n
	}
	n := len(v.constants)
	v.known[key] = n
	c := constantValue{}
	if class := code & classMask; code&modeMask == modeImm && (class == classLoad || class == classLoadX) {
		c = constantValue{true, uint32(a)}
	}
	v.constants = append(v.constants, c)
	return n
}

// fresh returns the number of a value of which nothing is known but that it stays
// what it is.
func (v *values) fresh() int {
	v.constants = append(v.constants, constantValue{})
	return len(v.constants) - 1
}

// constant returns the number of a constant.
func (v *values) constant(k uint32) int { return v.of(opLoadImm, int(k), 0) }

// rewrite numbers the block's values and, in the second loop, simplifies its
// statements with what is known of them.
func (o *optimizer) rewrite(b *block, statements bool) {
	f := &b.flow
	f.val = [numAtoms]int{}
	for i, e := range b.incoming {
		if i == 0 {
			f.val = e.from.flow.val
			continue
		}
		for atom := range f.val {
			if f.val[atom] != e.from.flow.val[atom] {
				f.val[atom] = unknown
			}
		}
	}
	a, x := f.val[atomA], f.val[atomX]
	for i := range b.stmts {
		o.statement(&b.stmts[i], &f.val, statements)
	}
	unused := f.needs == 0 && a != unknown && f.val[atomA] == a && x != unknown && f.val[atomX] == x
	if statements && (unused || b.isReturn()) {
		if len(b.stmts) > 0 {
			b.stmts = nil
			o.simplified()
		}
	} else {
		o.peephole(b)
		o.removeDead(b)
	}
	if b.end.code&sourceX == 0 {
		f.operand = o.values.constant(b.end.k)
	} else {
		f.operand = f.val[atomX]
	}
}

// simplified notes a change that is no branch movement.
func (o *optimizer) simplified() { o.changed, o.moved = true, true }

// set assigns a value to an atom; a statement that changes nothing is taken out.
func set(s *stmt, atom *int, v int, alter bool) {
	if alter && v != unknown && *atom == v {
		s.code = opNone
		return
	}
	*atom = v
}

// statement numbers what one statement computes and simplifies it.
func (o *optimizer) statement(s *stmt, val *[numAtoms]int, alter bool) {
	v := &o.values
	switch s.code & classMask {
	case classLoad:
		o.load(s, val, alter)
	case classLoadX:
		switch s.code & modeMask {
		case modeImm:
			set(s, &val[atomX], v.constant(s.k), alter)
		case modeMem:
			n := val[s.k]
			if c := v.constants[n]; alter && c.is {
				*s = stmt{opLoadXImm, c.v}
				o.simplified()
			}
			set(s, &val[atomX], n, alter)
		default:
			set(s, &val[atomX], v.of(s.code, int(s.k), 0), alter)
		}
	case classStore:
		set(s, &val[s.k], val[atomA], alter)
	case classSTX:
		set(s, &val[s.k], val[atomX], alter)
	case classMisc:
		if s.code == opTXA {
			set(s, &val[atomA], val[atomX], alter)
		} else if s.code == opTAX {
			set(s, &val[atomX], val[atomA], alter)
		}
	case classALU:
		o.alu(s, val, alter)
	}
}

func (o *optimizer) load(s *stmt, val *[numAtoms]int, alter bool) {
	v := &o.values
	switch s.code & modeMask {
	case modeInd:
		x := val[atomX]
		if c := v.constants[x]; alter && c.is {
			*s = stmt{s.code&^modeMask | modeAbs, s.k + c.v}
			o.simplified()
			set(s, &val[atomA], v.of(s.code, int(s.k), 0), alter)
			return
		}
		set(s, &val[atomA], v.of(s.code, int(s.k), x), alter)
	case modeMem:
		n := val[s.k]
		if c := v.constants[n]; alter && c.is {
			*s = stmt{opLoadImm, c.v}
			o.simplified()
		}
		set(s, &val[atomA], n, alter)
	case modeLen:
		set(s, &val[atomA], v.of(s.code, 0, 0), alter)
	case modeImm:
		set(s, &val[atomA], v.constant(s.k), alter)
	default:
		set(s, &val[atomA], v.of(s.code, int(s.k), 0), alter)
	}
}

// alu numbers and folds a calculation.
func (o *optimizer) alu(s *stmt, val *[numAtoms]int, alter bool) {
	v := &o.values
	a := v.constants[val[atomA]]
	switch {
	case s.code == opNegate:
		if alter && a.is {
			o.becomes(s, val, -a.v)
			return
		}
		val[atomA] = v.of(s.code, val[atomA], 0)
	case s.code&sourceX == 0:
		if alter && o.aluConstant(s, val, a) {
			return
		}
		val[atomA] = v.of(s.code, val[atomA], v.constant(s.k))
	default:
		if alter && o.aluIndex(s, val, a) {
			return
		}
		val[atomA] = v.of(s.code, val[atomA], val[atomX])
	}
}

// becomes makes a statement load a constant into A.
func (o *optimizer) becomes(s *stmt, val *[numAtoms]int, k uint32) {
	*s = stmt{opLoadImm, k}
	val[atomA] = o.values.constant(k)
}

// aluConstant simplifies a calculation with a constant.
func (o *optimizer) aluConstant(s *stmt, val *[numAtoms]int, a constantValue) bool {
	op := s.code & aluMask
	if s.k == 0 {
		switch op {
		case aluAdd, aluLsh, aluRsh, aluOr, aluXor: // tcpdump leaves sub #0
			s.code = opNone
			return true
		case aluMul, aluAnd:
			o.becomes(s, val, 0)
			return true
		case aluDiv, aluMod:
			o.fault = "division by zero"
		}
	}
	if !a.is {
		return false
	}
	o.fold(s, val, a.v, s.k)
	return true
}

// aluIndex simplifies a calculation with X.
func (o *optimizer) aluIndex(s *stmt, val *[numAtoms]int, a constantValue) bool {
	op := s.code & aluMask
	x := o.values.constants[val[atomX]]
	switch {
	case x.is && a.is:
		o.fold(s, val, a.v, x.v)
		return true
	case x.is:
		*s = stmt{s.code &^ sourceX, x.v}
		if (op == aluLsh || op == aluRsh) && s.k > 31 {
			o.fault = "shift by more than 31 bits"
		}
		o.simplified()
		val[atomA] = o.values.of(s.code, val[atomA], o.values.constant(s.k))
		return true
	case !a.is || a.v != 0:
		return false
	}
	switch op {
	case aluAdd, aluOr, aluXor:
		s.code = opTXA
		set(s, &val[atomA], val[atomX], true)
		return true
	case aluMul, aluDiv, aluMod, aluAnd, aluLsh, aluRsh:
		*s = stmt{opLoadImm, 0}
		set(s, &val[atomA], o.values.constant(0), true)
		return true
	}
	return false
}

// fold computes with two constants.
func (o *optimizer) fold(s *stmt, val *[numAtoms]int, a, b uint32) {
	v, ok := alu(s.code&aluMask, a, b)
	if !ok {
		o.fault = "division by zero"
		return
	}
	o.becomes(s, val, v)
	o.simplified()
}
