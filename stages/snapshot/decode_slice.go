//go:build !nounsafe

package snapshot

import "math"

// slice reads what encoder.slice writes: how many elements follow, how many of them the
// slice has, and how many there is room for behind them. there is false where it is nil.
func (d *decoder) slice(p *plan, all bool) (n, length, spare int, there bool) {
	n = d.length(p.elem.size)
	if n == 0 {
		return 0, 0, 0, false
	}
	length, spare = n-1, d.length(p.elem.size)
	if spare > math.MaxInt-length {
		d.fail("a capacity of %d", spare)
		return 0, 0, 0, false
	}
	if all {
		return length + spare, length, 0, true
	}
	if d.spare += uint64(spare) * uint64(p.elem.size); d.spare > spareMost(d.at+int64(d.next)) {
		d.fail("a capacity of %d", spare)
	}
	return length, length, spare, true
}

// steps returns how many elements to have memory for, where n are read in the end, with
// room for more behind, and those that there is memory for now were read.
func steps(n, spare, now int, size uintptr) int {
	if some := max(2*now, int(stepBytes/max(1, size)), 1); some < n {
		return some
	}
	return n + spare
}

func (d *decoder) plainSlice(p *plan, at place, all bool) {
	n, length, spare, there := d.slice(p, all)
	if !there || d.err != nil {
		*sliceAt(at) = sliceHeader{}
		return
	}
	size := p.elem.size
	s := makeSlice(p.t, steps(n, spare, 0, size))
	for from := 0; from < n && d.err == nil; {
		if from > 0 {
			s = s.grown(steps(n, spare, from, size))
		}
		to := min(n, s.cap)
		d.bytes(memory(offset(s.data, uintptr(from)*size), uintptr(to-from)*size))
		from = to
	}
	if d.err != nil {
		return
	}
	*sliceAt(at) = sliceHeader{s.data, length, s.cap}
	if p.elem.holds && n > 0 {
		d.regions = append(d.regions, region{s.data, p.elem, n})
	}
}

func (d *decoder) sequence(p *plan, at place, all bool) {
	n, length, spare, some := d.slice(p, all)
	there := sliceAt(at)
	switch {
	case d.err != nil:
		return
	case !some:
		*there = sliceHeader{}
		return
	case n == 0:
		*there = sliceHeader{makeSlice(p.t, spare).data, 0, spare}
		return
	case !d.down():
		return
	}
	number := len(d.regions)
	if p.elem.holds {
		d.regions = append(d.regions, region{elem: p.elem, n: n})
	}
	if there.len == n { // they are the program's
		for i := range n {
			d.value(p.elem, offset(there.data, uintptr(i)*p.elem.size))
		}
	} else if made := d.elements(p, n, spare); d.err == nil {
		*there = sliceHeader{made.data, length, made.cap}
	}
	if p.elem.holds {
		d.regions[number].at = there.data
	}
	d.depth--
}

// elements reads those of a new slice. What was put off in them moves with them when they
// are given more memory.
func (d *decoder) elements(p *plan, n, spare int) slice {
	size := p.elem.size
	deep, inner, fills := len(d.deep), len(d.inner), len(d.fills)
	s := makeSlice(p.t, steps(n, spare, 0, size))
	for i := range n {
		if d.err != nil {
			return slice{}
		}
		if i == s.cap {
			more := s.grown(steps(n, spare, i, size))
			m := move{s.data, more.data, uintptr(s.cap) * size}
			for k := range d.deep[deep:] {
				m.cell(&d.deep[deep+k].cell)
			}
			for k := range d.inner[inner:] {
				m.cell(&d.inner[inner+k].cell)
			}
			for k := range d.fills[fills:] {
				m.cell(&d.fills[fills+k].cell)
			}
			s = more
		}
		d.value(p.elem, offset(s.data, uintptr(i)*size))
	}
	return s
}

// move is of elements to more memory.
type move struct {
	from, to place
	size     uintptr
}

// cell moves a place along, if it lies among the elements.
func (m *move) cell(at *place) {
	if within := address(*at) - address(m.from); address(*at) >= address(m.from) && within < m.size {
		*at = offset(m.to, within)
	}
}
