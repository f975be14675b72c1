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

// regions are numbered as they are met.
type regions struct {
	list   []region
	sorted []int // numbers of the first ones, by place
}

// unsorted is how many regions are searched one by one.
const unsorted = 64

func (r *regions) add(g region) { r.list = append(r.list, g) }

// find returns where a value of a type lies: in which region, and at which byte of it.
func (r *regions) find(at place, t reflect.Type) (number int, within uintptr, ok bool) {
	if len(r.list)-len(r.sorted) > unsorted {
		for n := len(r.sorted); n < len(r.list); n++ {
			r.sorted = append(r.sorted, n)
		}
		slices.SortStableFunc(r.sorted, func(a, b int) int { return cmp.Compare(address(r.list[a].at), address(r.list[b].at)) })
	}
	a := address(at)
	end, _ := slices.BinarySearchFunc(r.sorted, a+1, func(n int, a uintptr) int { return cmp.Compare(address(r.list[n].at), a) })
	for i := end - 1; i >= 0 && i >= end-overlaps; i-- {
		if within, ok := r.list[r.sorted[i]].find(a, t); ok {
			return r.sorted[i], within, true
		}
	}
	for n := len(r.sorted); n < len(r.list); n++ {
		if within, ok := r.list[n].find(a, t); ok {
			return n, within, true
		}
	}
	return 0, 0, false
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

// overlaps is how many regions before a place are looked at: regions overlap where two slices
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
