package filter

// following returns the index of the first statement at or behind i that has not
// been taken out; len(stmts) where there is none.
func (b *block) following(i int) int {
	for i < len(b.stmts) && b.stmts[i].code == opNone {
		i++
	}
	return i
}

// peephole replaces short sequences by shorter ones and folds the branch.
func (o *optimizer) peephole(b *block) {
	last := len(b.stmts)
	for i := b.following(0); i < len(b.stmts); {
		last = i
		next := b.following(i + 1)
		if next == len(b.stmts) {
			break
		}
		last = next
		o.sequence(b, i, next)
		i = b.following(i + 1)
	}
	if len(b.stmts) == 0 {
		return
	}
	if last < len(b.stmts) {
		o.branchOperand(b, &b.stmts[last])
	}
	o.constantBranch(b)
}

// sequence looks at two statements in a row.
func (o *optimizer) sequence(b *block, i, j int) {
	s, t := &b.stmts[i], &b.stmts[j]
	if s.code == opStore && t.code == opLoadXMem && s.k == t.k { // st M[k]; ldx M[k] → st M[k]; tax
		t.code = opTAX
		o.simplified()
	}
	if s.code == opLoadImm && t.code == opTAX { // ld #k; tax → ldx #k; txa
		s.code, t.code = opLoadXImm, opTXA
		o.simplified()
	}
	if s.code == opLoadImm && b.flow.needs&(1<<atomX) == 0 {
		o.fixedIndex(b, i, j)
	}
}

// fixedIndex turns the way to tcp[k] with a constant k,
// ld #k; (ldx 4*([n]&0xf);) add x; tax; ld [x+m], into a load with the sum.
func (o *optimizer) fixedIndex(b *block, i, j int) {
	add := j
	if b.stmts[j].code == opLoadXHeader {
		add = b.following(j + 1)
	}
	if add >= len(b.stmts) || b.stmts[add].code != opAddX {
		return
	}
	tax := b.following(add + 1)
	if tax >= len(b.stmts) || b.stmts[tax].code != opTAX {
		return
	}
	l := b.following(tax + 1)
	if l >= len(b.stmts) || b.stmts[l].code&classMask != classLoad || b.stmts[l].code&modeMask != modeInd {
		return
	}
	b.stmts[l].k += b.stmts[i].k
	b.stmts[i].code, b.stmts[add].code, b.stmts[tax].code = opNone, opNone, opNone
	o.simplified()
}

// branchOperand moves a calculation before an equality test into the test, where
// nothing behind the block reads its result.
func (o *optimizer) branchOperand(b *block, last *stmt) {
	if b.end.code != opJumpEqual || b.flow.needs&(1<<atomA) != 0 {
		return
	}
	switch x := o.values.constants[b.flow.val[atomX]]; {
	case last.code == opSubX && x.is:
		b.end.k += x.v
	case last.code == opSubX && b.end.k == 0:
		b.end.code = opJumpEqual | sourceX
	case last.code == opSubK:
		b.end.k += last.k
	case last.code == opAndK && b.end.k == 0:
		b.end = stmt{opJumpAnyBit, last.k}
		b.onTrue.to, b.onFalse.to = b.onFalse.to, b.onTrue.to
	default:
		return
	}
	last.code = opNone
	o.simplified()
}

// constantBranch resolves a branch on what is known.
func (o *optimizer) constantBranch(b *block) {
	if b.end.code == opJumpAnyBit {
		switch b.end.k {
		case 0:
			b.onTrue.to = b.onFalse.to
		case ^uint32(0):
			b.onFalse.to = b.onTrue.to
		}
	}
	if b.isReturn() {
		return
	}
	if x := o.values.constants[b.flow.val[atomX]]; x.is && b.end.code&sourceX != 0 {
		b.end = stmt{b.end.code &^ sourceX, x.v}
	}
	a := o.values.constants[b.flow.val[atomA]]
	if !a.is || b.end.code&sourceX != 0 {
		return
	}
	if b.onTrue.to != b.onFalse.to {
		o.simplified()
	}
	if branch(b.end.code, a.v, b.end.k) {
		b.onFalse.to = b.onTrue.to
	} else {
		b.onTrue.to = b.onFalse.to
	}
}

// removeDead takes out statements whose result nobody reads. The atom then has
// another value than was numbered. (libpcap 1.10.3 goes on believing that it has
// the one that was never stored, and loads from wrong places: see
// TestTcpdumpMiscompiles.)
func (o *optimizer) removeDead(b *block) {
	var last [numAtoms]*stmt
	note := func(s *stmt) {
		if s.code == opNone {
			return
		}
		for atom, mask := 0, s.readMask(); mask != 0; atom, mask = atom+1, mask>>1 {
			if mask&1 != 0 {
				last[atom] = nil
			}
		}
		if atom := s.writes(); atom != atomNone {
			if last[atom] != nil {
				last[atom].code = opNone
				o.simplified()
			}
			last[atom] = s
		}
	}
	for i := range b.stmts {
		note(&b.stmts[i])
	}
	note(&b.end)
	for atom, s := range last {
		if s != nil && b.flow.needs&(1<<atom) == 0 {
			s.code = opNone
			b.flow.val[atom] = o.values.fresh()
			o.simplified()
		}
	}
}
