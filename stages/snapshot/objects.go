//go:build !nounsafe

package snapshot

import (
	"cmp"
	"reflect"
	"slices"
)

// objects numbers the values that pointers point to, by their place and type, in the
// order in which they are met: open addressing, as there are several for each flow.
type objects struct {
	slots []object
	used  int
}

type object struct {
	at     uintptr // 0: none
	plan   uint32
	number uint32
}

func (o *objects) slot(at uintptr, plan uint32) *object {
	mask := uint64(len(o.slots) - 1)
	for i := (uint64(at)*0x9e3779b97f4a7c15 ^ uint64(plan)*0xc2b2ae3d27d4eb4f) >> 20 & mask; ; i = (i + 1) & mask {
		if s := &o.slots[i]; s.at == 0 || s.at == at && s.plan == plan {
			return s
		}
	}
}

func (o *objects) find(at place, p *plan) (number uint32, ok bool) {
	if o.used == 0 {
		return 0, false
	}
	s := o.slot(address(at), uint32(p.number))
	return s.number, s.at != 0
}

// add gives the next number to a value that has none.
func (o *objects) add(at place, p *plan) {
	if o.used*2 >= len(o.slots) {
		o.grow()
	}
	*o.slot(address(at), uint32(p.number)) = object{address(at), uint32(p.number), uint32(o.used)}
	o.used++
}

func (o *objects) grow() {
	old := o.slots
	o.slots = make([]object, max(1024, 2*len(old)))
	for _, s := range old {
		if s.at != 0 {
			*o.slot(s.at, s.plan) = s
		}
	}
}

// region is memory that has in it values to which pointers may point: elements of a slice,
// or one value.
type region struct {
	at   place
	elem *plan
	n    int
}

func (r *region) size() uintptr { return uintptr(r.n) * r.elem.size }

// regions are numbered as they are met. Small ones, of which there may be some for each
// flow, are found by the pages of addresses that they lie in.
type regions struct {
	list     []region
	small    map[uintptr][]int32
	large    []int
	inOrder  int // so many of large are, by place
	last     pending
	lastSeen found
}

// found is where a value lies: in which region, at which byte of it.
type found struct {
	number int
	within uintptr
}

const (
	pageBytes = 4 << 10
	unsorted  = 64 // large regions that are searched one by one
)

func (r *regions) add(g region) {
	number := len(r.list)
	r.list = append(r.list, g)
	if g.size() > pageBytes {
		r.large = append(r.large, number)
		return
	}
	if r.small == nil {
		r.small = map[uintptr][]int32{}
	}
	first, last := address(g.at)/pageBytes, (address(g.at)+g.size()-1)/pageBytes
	for page := first; page <= last; page++ {
		r.small[page] = append(r.small[page], int32(number))
	}
}

// find returns where the value that a pointer points to lies. Pointers to one value
// often follow each other.
func (r *regions) find(l pending) (f found, ok bool) {
	if l == r.last {
		return r.lastSeen, true
	}
	if f, ok = r.search(address(l.to), l.elem.t); ok {
		r.last, r.lastSeen = l, f
	}
	return f, ok
}

func (r *regions) search(a uintptr, t reflect.Type) (found, bool) {
	if len(r.large)-r.inOrder > unsorted {
		slices.SortStableFunc(r.large, func(a, b int) int { return cmp.Compare(address(r.list[a].at), address(r.list[b].at)) })
		r.inOrder = len(r.large)
	}
	end, _ := slices.BinarySearchFunc(r.large[:r.inOrder], a+1, func(n int, a uintptr) int { return cmp.Compare(address(r.list[n].at), a) })
	for _, n := range r.large[max(0, end-overlaps):end] {
		if within, ok := r.list[n].find(a, t); ok {
			return found{n, within}, true
		}
	}
	for _, n := range r.large[r.inOrder:] {
		if within, ok := r.list[n].find(a, t); ok {
			return found{n, within}, true
		}
	}
	for _, n := range r.small[a/pageBytes] {
		if within, ok := r.list[n].find(a, t); ok {
			return found{int(n), within}, true
		}
	}
	return found{}, false
}

// find returns at which byte of the region a value of a type lies.
func (g *region) find(a uintptr, t reflect.Type) (within uintptr, ok bool) {
	within = a - address(g.at)
	return within, a >= address(g.at) && g.has(within, t)
}

// has reports whether a value of a type lies at a byte of the region.
func (g *region) has(within uintptr, t reflect.Type) bool {
	return within < g.size() && fits(g.elem.t, within%g.elem.size, t)
}

// overlaps is how many large regions before a place are looked at: regions overlap where two slices
// share an array, or where a value was met by itself first and then within another one.
const overlaps = 8

// fits reports whether a value of the type want lies at a byte of one of the type t.
func fits(t reflect.Type, at uintptr, want reflect.Type) bool {
	for {
		if at == 0 && t == want {
			return true
		}
		switch t.Kind() {
		case reflect.Array:
			if at >= t.Size() {
				return false
			}
			t, at = t.Elem(), at%t.Elem().Size()
		case reflect.Struct:
			f, ok := fieldAt(t, at)
			if !ok {
				return false
			}
			t, at = f.Type, at-f.Offset
		default:
			return false
		}
	}
}

// fieldAt returns the field that a byte of a struct belongs to.
func fieldAt(t reflect.Type, at uintptr) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); at >= f.Offset && at < f.Offset+f.Type.Size() {
			return f, true
		}
	}
	return reflect.StructField{}, false
}
