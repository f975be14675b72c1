package filter

import "golang.org/x/net/bpf"

// maxInstructions bounds emitted and read programs. A kernel takes 4096.
const maxInstructions = 1 << 16

// layOut turns the graph into a program: a block, what it goes to if true, what
// it goes to if false. Branches reach 255 instructions; where that is too short
// an extra jump is put in and everything is laid out again.
func (g *graph) layOut() Program {
	for {
		order := g.order()
		size := 0
		for _, b := range order {
			b.offset = size
			size += b.length()
		}
		if g.lengthen(order) {
			continue
		}
		out := make(Program, 0, size)
		for _, b := range order {
			out = b.append(out)
		}
		return out
	}
}

// order lists the blocks so that all branches go forward.
func (g *graph) order() []*block {
	g.round++
	var reversed []*block
	var visit func(b *block)
	visit = func(b *block) {
		if b == nil || !g.once(b) {
			return
		}
		visit(b.onFalse.to)
		visit(b.onTrue.to)
		reversed = append(reversed, b)
	}
	visit(g.root)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return reversed
}

// length is the number of instructions of the block.
func (b *block) length() int {
	n := 1
	for _, s := range b.stmts {
		if s.code != opNone {
			n++
		}
	}
	if b.longT {
		n++
	}
	if b.longF {
		n++
	}
	return n
}

// branch is the offset of the block's branch instruction.
func (b *block) branch() int {
	n := b.offset + b.length() - 1
	if b.longT {
		n--
	}
	if b.longF {
		n--
	}
	return n
}

// lengthen marks the first branch, from the end, that does not reach its target.
func (g *graph) lengthen(order []*block) bool {
	changed := false
	for i := len(order) - 1; i >= 0; i-- {
		b := order[i]
		if b.isReturn() {
			continue
		}
		if !b.longT && b.onTrue.to.offset-b.branch()-1 > 255 {
			b.longT, changed = true, true
		}
		if !b.longF && b.onFalse.to.offset-b.branch()-1 > 255 {
			b.longF, changed = true, true
		}
	}
	return changed
}

// append writes the block's instructions.
func (b *block) append(out Program) Program {
	for _, s := range b.stmts {
		if s.code != opNone {
			out = append(out, bpf.RawInstruction{Op: s.code, K: s.k})
		}
	}
	last := bpf.RawInstruction{Op: b.end.code, K: b.end.k}
	if b.isReturn() {
		return append(out, last)
	}
	at := len(out)
	out = append(out, last)
	extra := 0
	reach := func(to *block, long bool) uint8 {
		distance := to.offset - at - 1
		if !long {
			return uint8(distance)
		}
		extra++
		out = append(out, bpf.RawInstruction{Op: opJump, K: uint32(distance - extra)})
		return uint8(extra - 1)
	}
	out[at].Jt = reach(b.onTrue.to, b.longT)
	out[at].Jf = reach(b.onFalse.to, b.longF)
	return out
}
