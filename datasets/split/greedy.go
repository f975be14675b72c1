package split

import (
	"cmp"
	"slices"
)

// bag is how many rows of a class a component has.
type bag struct {
	class int32
	rows  int64
}

// greedy assigns components, one after the other, to the split where Σ(have−want)²/want grows
// least.
func (p *plan) greedy(comps []int32, shares [splits]float64) {
	if len(comps) == 0 {
		return
	}
	slices.SortFunc(comps, func(a, b int32) int {
		return cmp.Or(-cmp.Compare(p.rows[a], p.rows[b]), cmp.Compare(p.order[a], p.order[b]))
	})
	bags := p.bags(comps)
	g := newBalance(shares, bags)
	for i, c := range comps {
		p.split[c] = g.place(bags[i], len(comps)-i)
	}
}

// bags counts the rows of components: by class where they are stratified, else as of one class.
func (p *plan) bags(comps []int32) [][]bag {
	all := make([][]bag, len(comps))
	if !p.units.cfg.Stratify {
		for i, c := range comps {
			all[i] = []bag{{0, p.rows[c]}}
		}
		return all
	}
	place := make([]int32, len(p.rows))
	for i := range place {
		place[i] = none
	}
	for i, c := range comps {
		place[c] = int32(i)
	}
	var rows []uint64 // place of the component, class
	for row, unit := range p.units.of {
		if at := place[p.units.comp[unit]]; at != none {
			rows = append(rows, uint64(at)<<32|uint64(p.units.class[row]))
		}
	}
	slices.Sort(rows)
	for i := 0; i < len(rows); {
		n := i
		for n < len(rows) && rows[n] == rows[i] {
			n++
		}
		at := rows[i] >> 32
		all[at] = append(all[at], bag{int32(rows[i] & 0xffffffff), int64(n - i)})
		i = n
	}
	return all
}

// balance is what splits have, and shall have, of each class.
type balance struct {
	shares [splits]float64 // summing up to 1
	want   map[int32]float64
	have   map[int32]*[splits]float64
	filled [splits]bool
	empty  int // splits that have nothing yet
}

func newBalance(shares [splits]float64, bags [][]bag) *balance {
	b := &balance{want: map[int32]float64{}, have: map[int32]*[splits]float64{}}
	sum := shares[Train] + shares[Validation] + shares[Test]
	for i, s := range shares {
		if b.shares[i] = s / sum; s > 0 {
			b.empty++
		}
	}
	for _, some := range bags {
		for _, x := range some {
			b.want[x.class] += float64(x.rows)
			if b.have[x.class] == nil {
				b.have[x.class] = new([splits]float64)
			}
		}
	}
	return b
}

// place returns the split for a component, and adds it there. The last components, so many are
// left, go to splits that would have none. Products are rounded one by one, so that no platform
// fuses them and comes to another split.
func (b *balance) place(some []bag, left int) int8 {
	best, least := int8(none), 0.0
	for _, s := range [splits]int8{Train, Test, Validation} { // of equal ones the first
		if b.shares[s] == 0 || left <= b.empty && b.filled[s] {
			continue
		}
		grows := 0.0
		for _, x := range some {
			want, have, n := float64(b.shares[s]*b.want[x.class]), b.have[x.class][s], float64(x.rows)
			twice := float64(2 * (have - want))
			grows += float64(float64(n*(twice+n)) / want)
		}
		if best == none || grows < least {
			best, least = s, grows
		}
	}
	if !b.filled[best] {
		b.filled[best] = true
		b.empty--
	}
	for _, x := range some {
		b.have[x.class][best] += float64(x.rows)
	}
	return best
}
