package filter

// block is a straight run of statements with a branch, or a return, at its end.
type block struct {
	stmts      []stmt
	end        stmt
	onTrue     edge
	onFalse    edge
	offset     int // of its first instruction, once laid out
	longT      bool
	longF      bool
	visited    int // round of the last walk that came by
	flow       dataflow
	number     int    // among all blocks
	rank       int    // among those reachable in this pass
	level      int    // longest way to a return
	twin       *block // an equal block that stands in for this one
	dominators bitset
	incoming   []*edge
}

// edge leads from a block to the next.
type edge struct {
	number     int
	from, to   *block
	ifTrue     bool
	dominators bitset
}

// isReturn reports whether the block ends the program.
func (b *block) isReturn() bool { return b.onTrue.to == nil }

// graph builds the blocks of a test. Blocks are shared: it is a graph without
// cycles, not a tree.
type graph struct {
	root           *block
	accept, reject *block
	round          int
}

// snapLen is what accepting programs return: all bytes, as tcpdump prints it.
const snapLen = 262144

func newGraph(t *test) *graph {
	g := &graph{
		accept: &block{end: stmt{opReturn, snapLen}},
		reject: &block{end: stmt{opReturn, 0}},
	}
	g.root = g.build(t, g.accept, g.reject)
	return g
}

// build returns the block where a test starts, leading on to yes or no.
func (g *graph) build(t *test, yes, no *block) *block {
	switch t.op {
	case testAnd, testOr:
		// Chains lean to the left: walk them without recursion.
		for t.op == testAnd || t.op == testOr {
			next := g.build(t.b, yes, no)
			if t.op == testAnd {
				yes = next
			} else {
				no = next
			}
			t = t.a
		}
		return g.build(t, yes, no)
	case testNot:
		return g.build(t.a, no, yes)
	}
	b := &block{}
	if t.flip {
		yes, no = no, yes
	}
	b.onTrue = edge{from: b, to: yes, ifTrue: true}
	b.onFalse = edge{from: b, to: no}
	t.emit(b)
	return b
}

// emit writes the statements of one comparison.
func (t *test) emit(b *block) {
	switch t.op {
	case testConst:
		v := uint32(1)
		if t.value {
			v = 0
		}
		b.stmts, b.end = []stmt{{opLoadImm, v}}, stmt{opJumpEqual, 0}
		return
	case testValues:
		b.stmts = t.code
		b.end = stmt{t.cmp.jumpCode() | sourceX, 0}
		if t.cmp == cmpEqual {
			b.end = stmt{opJumpEqual, 0}
		}
		return
	}
	switch t.load.kind {
	case loadLen:
		b.stmts = []stmt{{opLoadLen, 0}}
	case loadIPv4Payload:
		b.stmts = []stmt{{opLoadXHeader, t.load.ip}, {loadIndirect(t.load.size), t.load.ip + t.load.off}}
	default:
		b.stmts = []stmt{{loadAbsolute(t.load.size), t.load.off}}
	}
	if t.mask != ^uint32(0) {
		b.stmts = append(b.stmts, stmt{opAndK, t.mask})
	}
	b.end = stmt{t.cmp.jumpCode(), t.k}
}

// once reports whether this walk comes to the block for the first time.
func (g *graph) once(b *block) bool {
	if b.visited == g.round {
		return false
	}
	b.visited = g.round
	return true
}
