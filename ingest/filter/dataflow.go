package filter

// Atoms are the places that statements read and write: scratch registers, then
// A and X.
const (
	atomA    = scratchRegisters
	atomX    = scratchRegisters + 1
	numAtoms = scratchRegisters + 2
	atomAX   = numAtoms // reads both
	atomNone = -1
)

// dataflow is what the optimiser knows of a block.
type dataflow struct {
	kills   uint32 // atoms written before they are read
	needsIn uint32 // atoms that the block or one behind it reads first
	needs   uint32 // atoms that a block behind it reads
	val     [numAtoms]int
	operand int // value that the branch compares A with
}

// reads returns the atom that a statement reads.
func (s stmt) reads() int {
	switch s.code & classMask {
	case classRet:
		if s.code == opReturn|0x10 {
			return atomA
		}
	case classLoad, classLoadX:
		switch s.code & modeMask {
		case modeInd:
			return atomX
		case modeMem:
			return int(s.k)
		}
	case classStore:
		return atomA
	case classSTX:
		return atomX
	case classJump, classALU:
		if s.code&sourceX != 0 {
			return atomAX
		}
		return atomA
	case classMisc:
		if s.code == opTXA {
			return atomX
		}
		return atomA
	}
	return atomNone
}

// writes returns the atom that a statement writes.
func (s stmt) writes() int {
	switch s.code & classMask {
	case classLoad, classALU:
		return atomA
	case classLoadX:
		return atomX
	case classStore, classSTX:
		return int(s.k)
	case classMisc:
		if s.code == opTAX {
			return atomX
		}
		return atomA
	}
	return atomNone
}

// readMask is the set of atoms that a statement reads.
func (s stmt) readMask() uint32 {
	switch atom := s.reads(); atom {
	case atomNone:
		return 0
	case atomAX:
		return 1<<atomA | 1<<atomX
	default:
		return 1 << atom
	}
}

// findUses computes which atoms are read in and behind each block.
func (o *optimizer) findUses() {
	for _, level := range o.levels {
		for _, b := range level {
			b.localUses()
		}
	}
	for _, level := range o.levels[1:] {
		for _, b := range level {
			f := &b.flow
			f.needs = b.onTrue.to.flow.needsIn | b.onFalse.to.flow.needsIn
			f.needsIn |= f.needs &^ f.kills
		}
	}
}

func (b *block) localUses() {
	var written, kills, uses uint32
	for _, s := range b.stmts {
		if s.code == opNone {
			continue
		}
		uses |= s.readMask() &^ written
		if atom := s.writes(); atom != atomNone {
			if uses&(1<<atom) == 0 {
				kills |= 1 << atom
			}
			written |= 1 << atom
		}
	}
	if b.end.code&classMask == classJump {
		uses |= b.end.readMask() &^ written
	}
	b.flow.kills, b.flow.needsIn, b.flow.needs = kills, uses, 0
}

// findLevels sorts the reachable blocks by their longest way to a return.
func (o *optimizer) findLevels() {
	o.g.round++
	for i := range o.levels {
		o.levels[i] = o.levels[i][:0]
	}
	o.levels = o.levels[:0]
	o.levelOf(o.g.root)
	for _, level := range o.levels {
		for i, j := 0, len(level)-1; i < j; i, j = i+1, j-1 {
			level[i], level[j] = level[j], level[i]
		}
	}
}

func (o *optimizer) levelOf(b *block) int {
	if !o.g.once(b) {
		return b.level
	}
	b.level = 0
	if !b.isReturn() {
		b.level = 1 + max(o.levelOf(b.onTrue.to), o.levelOf(b.onFalse.to))
	}
	for len(o.levels) <= b.level {
		o.levels = append(o.levels, nil)
	}
	o.levels[b.level] = append(o.levels[b.level], b)
	return b.level
}

// rankBlocks numbers the reachable blocks for their sets of dominators, and makes
// room for these.
func (o *optimizer) rankBlocks() {
	n := 0
	for _, level := range o.levels {
		for _, b := range level {
			b.rank = n
			n++
		}
	}
	words := (n + 63) / 64
	if cap(o.slab) < n*words {
		o.slab = make(bitset, n*words)
	}
	o.slab = o.slab[:n*words]
	for _, level := range o.levels {
		for _, b := range level {
			b.dominators = o.slab[b.rank*words : (b.rank+1)*words]
		}
	}
}

// findDominators computes, for each block, the blocks on every way to it.
func (o *optimizer) findDominators() {
	o.slab.fill()
	clear(o.g.root.dominators)
	for level := len(o.levels) - 1; level >= 0; level-- {
		for _, b := range o.levels[level] {
			b.dominators.add(b.rank)
			if !b.isReturn() {
				b.onTrue.to.dominators.intersect(b.dominators)
				b.onFalse.to.dominators.intersect(b.dominators)
			}
		}
	}
}

// findEdgeDominators computes, for each edge, the edges on every way to it, and
// itself.
func (o *optimizer) findEdgeDominators() {
	for _, e := range o.edges {
		e.dominators.fill()
	}
	clear(o.g.root.onTrue.dominators)
	clear(o.g.root.onFalse.dominators)
	for level := len(o.levels) - 1; level >= 0; level-- {
		for _, b := range o.levels[level] {
			for _, e := range []*edge{&b.onTrue, &b.onFalse} {
				e.dominators.add(e.number)
				if e.to != nil {
					e.to.onTrue.dominators.intersect(e.dominators)
					e.to.onFalse.dominators.intersect(e.dominators)
				}
			}
		}
	}
}

// findIncoming lists the edges that lead to each block, the latest first.
func (o *optimizer) findIncoming() {
	for _, b := range o.blocks {
		b.incoming = b.incoming[:0]
	}
	for level := len(o.levels) - 1; level > 0; level-- {
		for _, b := range o.levels[level] {
			b.onTrue.to.incoming = append(b.onTrue.to.incoming, &b.onTrue)
			b.onFalse.to.incoming = append(b.onFalse.to.incoming, &b.onFalse)
		}
	}
	for _, b := range o.blocks {
		in := b.incoming
		for i, j := 0, len(in)-1; i < j; i, j = i+1, j-1 {
			in[i], in[j] = in[j], in[i]
		}
	}
}
