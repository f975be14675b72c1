package filter

// conflict reports whether an atom that is read behind to has another value
// there than at the end of from.
func conflict(from, to *block) bool {
	for atom, mask := 0, to.flow.needs; mask != 0; atom, mask = atom+1, mask>>1 {
		if mask&1 != 0 && from.flow.val[atom] != to.flow.val[atom] {
			return true
		}
	}
	return false
}

// bypass leads an edge past blocks whose outcome does not matter, or is known
// from an edge that every way to here takes.
func (o *optimizer) bypass(e *edge) {
	if e.to.isReturn() {
		return
	}
	if e.to.onTrue.to == e.to.onFalse.to && !conflict(e.from, e.to.onTrue.to) {
		e.to = e.to.onTrue.to
		o.simplified()
	}
	for again := true; again; {
		again = false
		for i := e.dominators.next(0); i >= 0 && i < len(o.edges); i = e.dominators.next(i + 1) {
			target := known(e.to, o.edges[i])
			if target == nil || conflict(e.from, target) {
				continue
			}
			e.to = target
			o.simplified()
			if target.isReturn() {
				return
			}
			again = true
			break
		}
	}
}

// known returns where a block leads if the edge e was taken before, nil where e
// does not tell.
func known(b *block, e *edge) *block {
	if b.isReturn() || b.end.code != e.from.end.code || b.flow.val[atomA] != e.from.flow.val[atomA] {
		return nil
	}
	switch {
	case b.flow.operand == e.from.flow.operand && e.ifTrue:
		return b.onTrue.to
	case b.flow.operand == e.from.flow.operand:
		return b.onFalse.to
	case e.ifTrue && b.end.code == opJumpEqual: // it equals another constant
		return b.onFalse.to
	}
	return nil
}

// along returns the edge that a chain of ors (or of ands) goes on by, and the
// one that leaves it.
func along(b *block, and bool) (on, off *edge) {
	if and {
		return &b.onTrue, &b.onFalse
	}
	return &b.onFalse, &b.onTrue
}

// pullUp looks, in the chain of ors (or of ands) that starts at b, for a test of
// the value that A has already when b is reached, behind tests of other values,
// and moves it before them.
func (o *optimizer) pullUp(b *block, and bool) {
	if len(b.incoming) == 0 {
		return
	}
	val := b.incoming[0].from.flow.val[atomA]
	for _, e := range b.incoming[1:] {
		if e.from.flow.val[atomA] != val {
			return
		}
	}
	first := b.incoming[0].from
	diff := &first.onFalse
	if first.onTrue.to == b {
		diff = &first.onTrue
	}
	_, off := along(b, and)
	leave := off.to
	top := true
	for {
		if !inChain(diff.to, b, leave, and) {
			return
		}
		if diff.to.flow.val[atomA] != val {
			break
		}
		diff, _ = along(diff.to, and)
		top = false
	}
	same, _ := along(diff.to, and)
	for {
		if !inChain(same.to, b, leave, and) {
			return
		}
		if same.to.flow.val[atomA] == val {
			break
		}
		same, _ = along(same.to, and)
	}
	pulled := same.to
	on, _ := along(pulled, and)
	same.to, on.to = on.to, diff.to
	if top {
		for _, e := range b.incoming {
			if e.from.onTrue.to == b {
				e.from.onTrue.to = pulled
			} else {
				e.from.onFalse.to = pulled
			}
		}
	} else {
		diff.to = pulled
	}
	o.changed = true
	o.findDominators()
}

// inChain reports whether c belongs to the chain that starts at b: it leaves it
// to the same place, and every way to it goes through b.
func inChain(c, b, leave *block, and bool) bool {
	_, off := along(c, and)
	return off.to == leave && c.dominators.has(b.rank)
}
