package match

import (
	"cmp"
	"slices"
	"sort"
)

// posted is something filed under a network.
type posted struct {
	at   stretch
	what int32 // number of what is filed
}

// forest finds the networks that have an address: one is in another or apart from it, so they
// are trees, and the address space falls into parts that have the same innermost network.
//
//	10.0.0.0/8  ├──────────────────┤
//	10.1.0.0/16      ├────┤
//	parts       │ 0  │ 1  │   0    │ -1
type forest struct {
	nodes  []node
	starts []address // of parts; the first begins at the first address
	inner  []int32   // innermost network of each, -1: none
}

type node struct {
	at     stretch
	parent int32 // -1: none
	filed  []int32
}

// newForest files what is posted in the networks of one family.
func newForest(all []posted) *forest {
	slices.SortFunc(all, func(a, b posted) int { // outer networks first
		return cmp.Or(a.at.first.compare(b.at.first), b.at.last.compare(a.at.last), cmp.Compare(a.what, b.what))
	})
	f := &forest{starts: []address{{}}, inner: []int32{-1}}
	open := int32(-1)
	for _, p := range all {
		open = f.closeBefore(open, p.at.first)
		if open < 0 || f.nodes[open].at != p.at {
			f.nodes = append(f.nodes, node{at: p.at, parent: open})
			open = int32(len(f.nodes) - 1)
			f.begin(p.at.first, open)
		}
		if n := &f.nodes[open]; len(n.filed) == 0 || n.filed[len(n.filed)-1] != p.what {
			n.filed = append(n.filed, p.what)
		}
	}
	for open >= 0 {
		open = f.end(open)
	}
	return f
}

// closeBefore ends the networks that do not reach an address, and returns the one that does.
func (f *forest) closeBefore(open int32, a address) int32 {
	for open >= 0 && f.nodes[open].at.last.compare(a) < 0 {
		open = f.end(open)
	}
	return open
}

// end ends a network, behind which its parent goes on.
func (f *forest) end(open int32) int32 {
	n := &f.nodes[open]
	if next, ok := n.at.last.next(); ok {
		f.begin(next, n.parent)
	}
	return n.parent
}

// begin begins a part, in the place of one that is empty.
func (f *forest) begin(a address, inner int32) {
	if last := len(f.starts) - 1; f.starts[last] == a {
		f.inner[last] = inner
		return
	}
	f.starts, f.inner = append(f.starts, a), append(f.inner, inner)
}

// innermost returns the innermost network that has an address, -1: none.
func (f *forest) innermost(a address) int32 {
	i := sort.Search(len(f.starts), func(i int) bool { return f.starts[i].compare(a) > 0 })
	return f.inner[i-1]
}

// hosts is a set of addresses that is asked often; nil is all.
type hosts struct{ v4, v6 []stretch }

// newHosts joins networks into stretches that are apart.
func newHosts(all []stretch) *hosts {
	if len(all) == 0 {
		return nil
	}
	h := &hosts{}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Or(a.first.compare(b.first), b.last.compare(a.last)) })
	for _, s := range all {
		of := &h.v6
		if s.v4 {
			of = &h.v4
		}
		if n := len(*of); n == 0 || (*of)[n-1].last.compare(s.last) < 0 { // networks are never half in each other
			*of = append(*of, s)
		}
	}
	return h
}

func (h *hosts) has(a address) bool {
	if h == nil {
		return true
	}
	of := h.v6
	if a.v4() {
		of = h.v4
	}
	i := sort.Search(len(of), func(i int) bool { return of[i].first.compare(a) > 0 })
	return i > 0 && of[i-1].last.compare(a) >= 0
}
