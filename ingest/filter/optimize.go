package filter

import "math/bits"

// The optimiser follows the published technique of BPF (McCanne and Jacobson,
// 1993; Begel, McCanne and Graham, "BPF+", 1999): values are numbered, branches
// whose outcome is known from an edge that dominates them are bypassed, tests of
// the same value are pulled together, then statements are folded and dead ones
// removed. It is here not for speed: which loads are left decides what becomes of
// frames that are cut short, and that shall be what it is with tcpdump.

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (s bitset) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s bitset) add(i int) { s[i/64] |= 1 << (i % 64) }

func (s bitset) fill() {
	for i := range s {
		s[i] = ^uint64(0)
	}
}

func (s bitset) intersect(t bitset) {
	t = t[:len(s)]
	for i := range s {
		s[i] &= t[i]
	}
}

// next returns the first member at or behind i, -1 where there is none.
func (s bitset) next(i int) int {
	for w := i / 64; w < len(s); w++ {
		v := s[w]
		if w == i/64 {
			v = v >> (i % 64) << (i % 64)
		}
		if v != 0 {
			return w*64 + bits.TrailingZeros64(v)
		}
	}
	return -1
}

// Limits of the optimiser's work: what tcpdump needs minutes for is refused.
const (
	maxBlocks = 4000
	maxPasses = 4000
	// idlePasses is how many passes in a row may do nothing but move branches
	// before they are taken for going in circles.
	idlePasses = 100
)

// optimizer is one optimisation.
type optimizer struct {
	g      *graph
	blocks []*block // by number
	edges  []*edge  // by number
	levels [][]*block
	slab   bitset // the blocks' dominators
	values values

	changed bool // in this pass
	moved   bool // in this pass something other than branches changed
	fault   string
}

// optimize rewrites the graph in place. The fault, where there is one, says what
// no program can do.
func (g *graph) optimize() (fault string) {
	o := &optimizer{g: g}
	if !o.number() {
		return "the expression is too large"
	}
	for _, statements := range []bool{false, true} {
		if !o.loop(statements) {
			return o.fault
		}
	}
	o.merge()
	o.trimRoot()
	return ""
}

// number gives blocks and edges their numbers, and each edge a set of edges, unless
// there are too many: the sets grow with the square of their number.
func (o *optimizer) number() bool {
	o.g.round++
	var visit func(b *block)
	visit = func(b *block) {
		if b == nil || !o.g.once(b) {
			return
		}
		b.number = len(o.blocks)
		o.blocks = append(o.blocks, b)
		visit(b.onTrue.to)
		visit(b.onFalse.to)
	}
	visit(o.g.root)
	n := len(o.blocks)
	if n > maxBlocks {
		return false
	}
	o.edges = make([]*edge, 2*n)
	for i, b := range o.blocks {
		b.onTrue.number, b.onFalse.number = i, n+i
		b.onTrue.from, b.onFalse.from = b, b
		o.edges[i], o.edges[n+i] = &b.onTrue, &b.onFalse
		b.onTrue.dominators, b.onFalse.dominators = newBitset(2*n), newBitset(2*n)
	}
	return true
}

// loop repeats the pass until nothing changes.
func (o *optimizer) loop(statements bool) bool {
	idle := 0
	for range maxPasses {
		o.changed, o.moved = false, false
		o.findLevels()
		o.rankBlocks()
		o.findDominators()
		o.findUses()
		o.findEdgeDominators()
		o.pass(statements)
		switch {
		case o.fault != "":
			return false
		case !o.changed:
			return true
		case o.moved:
			idle = 0
		default:
			if idle++; idle >= idlePasses {
				return true
			}
		}
	}
	o.fault = "the expression is too large"
	return false
}

// pass does one pass over all blocks: in the first loop it moves branches, in the
// second it rewrites statements.
func (o *optimizer) pass(statements bool) {
	o.values.reset()
	o.findIncoming()
	for level := len(o.levels) - 1; level >= 0; level-- {
		for _, b := range o.levels[level] {
			o.rewrite(b, statements)
		}
	}
	if statements || o.fault != "" {
		return
	}
	for level := 1; level < len(o.levels); level++ {
		for _, b := range o.levels[level] {
			o.bypass(&b.onTrue)
			o.bypass(&b.onFalse)
		}
	}
	o.findIncoming()
	for level := 1; level < len(o.levels); level++ {
		for _, b := range o.levels[level] {
			o.pullUp(b, false)
			o.pullUp(b, true)
		}
	}
}

// trimRoot drops tests at the start whose outcome does not matter. Their
// statements stay, as does their effect on cut frames, unless nothing is left to
// decide.
func (o *optimizer) trimRoot() {
	root := o.g.root
	kept := root.stmts
	root.stmts = nil
	for !root.isReturn() && root.onTrue.to == root.onFalse.to {
		root = root.onTrue.to
	}
	root.stmts = append(kept, root.stmts...)
	if root.isReturn() {
		root.stmts = nil
	}
	o.g.root = root
}

// merge makes equal blocks one, until there are none.
func (o *optimizer) merge() {
	for again := true; again; {
		again = false
		o.g.round++
		o.mark(o.g.root)
		for _, b := range o.blocks {
			b.twin = nil
		}
		o.findTwins()
		for _, b := range o.blocks {
			if b.isReturn() {
				continue
			}
			for _, e := range []*edge{&b.onTrue, &b.onFalse} {
				if e.to.twin != nil {
					e.to, again = e.to.twin, true
				}
			}
		}
	}
}

func (o *optimizer) mark(b *block) {
	if b == nil || !o.g.once(b) {
		return
	}
	o.mark(b.onTrue.to)
	o.mark(b.onFalse.to)
}

func (o *optimizer) reachable(b *block) bool { return b.visited == o.g.round }

// findTwins sets, for each block that equals one of a higher number, which.
func (o *optimizer) findTwins() {
	type shape struct {
		end             stmt
		onTrue, onFalse *block
		stmts           string
	}
	last := map[shape]*block{}
	for i := len(o.blocks) - 1; i >= 0; i-- {
		b := o.blocks[i]
		if !o.reachable(b) {
			continue
		}
		s := shape{end: b.end, onTrue: b.onTrue.to, onFalse: b.onFalse.to, stmts: string(b.fingerprint())}
		if first, ok := last[s]; ok {
			b.twin = first
			continue
		}
		last[s] = b
	}
}

// fingerprint is the block's statements as bytes.
func (b *block) fingerprint() []byte {
	var out []byte
	for _, s := range b.stmts {
		if s.code != opNone {
			out = append(out, byte(s.code), byte(s.code>>8), byte(s.k), byte(s.k>>8), byte(s.k>>16), byte(s.k>>24))
		}
	}
	return out
}
