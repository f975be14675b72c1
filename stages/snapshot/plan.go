//go:build !nounsafe

package snapshot

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"sync"
)

// kind is how values of a type are saved.
type kind uint8

const (
	plain      kind = iota // as they lie in memory
	empty                  // not at all: locks
	str                    //
	structure              // field by field
	array                  // element by element
	sequence               // a slice of such elements
	plainSlice             // a slice of plain elements
	pointer                //
	mapping                // a map
	dynamic                // an interface
)

// plan is how values of one type are saved.
type plan struct {
	number int // among all
	t      reflect.Type
	kind   kind
	size   uintptr
	elem   *plan // of arrays, slices, pointers, maps
	key    *plan
	fields []field
	group  int  // elements of a sequence between two cuts
	inside bool // a pointer to one may point into another value
	holds  bool // some value in it, or it itself, is inside
}

// field is a stretch of a struct: a field, or neighbouring plain ones.
type field struct {
	*plan
	at     uintptr
	all    bool // with the elements behind its length
	plains uintptr
}

// compiler makes plans.
type compiler struct {
	plans    map[reflect.Type]*plan
	list     []*plan
	concrete []reflect.Type
	errs     []error
	within   map[reflect.Type]bool // lie in other values
	targets  map[reflect.Type]bool // are pointed to
}

// unable are types of the standard library whose meaning ends with the process.
var unable = map[reflect.Type]string{
	reflect.TypeFor[maphash.Seed](): "its hashes are of this process alone",
	reflect.TypeFor[maphash.Hash](): "its hashes are of this process alone",
	reflect.TypeFor[sync.Pool]():    "it is spare memory",
}

// locks are saved as nothing.
var locks = map[reflect.Type]bool{
	reflect.TypeFor[sync.Mutex](): true, reflect.TypeFor[sync.RWMutex](): true, reflect.TypeFor[sync.WaitGroup](): true,
}

// The words of the tag "snapshot".
const (
	tagName = "snapshot"
	tagSkip = "-"
	tagAll  = "cap"
)

func newCompiler(concrete []reflect.Type) *compiler {
	return &compiler{plans: map[reflect.Type]*plan{}, concrete: concrete, within: map[reflect.Type]bool{}, targets: map[reflect.Type]bool{}}
}

func (c *compiler) fail(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

// of returns the plan of a type that was met at a path.
func (c *compiler) of(t reflect.Type, path string) *plan {
	if p := c.plans[t]; p != nil {
		return p
	}
	p := &plan{number: len(c.list), t: t, size: t.Size()}
	c.plans[t] = p
	c.list = append(c.list, p)
	switch why := unable[t]; {
	case why != "":
		c.fail(path, "a %v cannot be saved: %s", t, why)
	case locks[t]:
		p.kind = empty
	default:
		c.fill(p, path)
	}
	return p
}

// fill says how values of a type are saved.
func (c *compiler) fill(p *plan, path string) {
	switch p.t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		p.kind = plain
	case reflect.String:
		p.kind = str
	case reflect.Struct:
		c.structure(p, path)
	case reflect.Array:
		c.array(p, path)
	case reflect.Slice:
		c.slice(p, path)
	case reflect.Pointer:
		p.kind = pointer
		c.targets[p.t.Elem()] = true
		p.elem = c.of(p.t.Elem(), path)
	case reflect.Map:
		c.mapping(p, path)
	case reflect.Interface:
		c.dynamic(p, path)
	default:
		c.fail(path, "a %v cannot be saved; what is no state is tagged `%s:%q`", p.t, tagName, tagSkip)
	}
}

func (c *compiler) structure(p *plan, path string) {
	p.kind = structure
	for i := range p.t.NumField() {
		f := p.t.Field(i)
		tag := f.Tag.Get(tagName)
		if tag == tagSkip {
			continue
		}
		c.within[f.Type] = true
		sub := c.of(f.Type, path+"."+f.Name)
		if tag != "" && (tag != tagAll || sub.kind != plainSlice && sub.kind != sequence) {
			c.fail(path+"."+f.Name, "the tag `%s:%q` is not for a %v", tagName, tag, f.Type)
		}
		p.add(field{plan: sub, at: f.Offset, all: tag == tagAll})
	}
	if c.whole(p) {
		p.kind, p.fields = plain, nil
	}
}

// whole reports whether all fields of a struct are plain, and saved.
func (c *compiler) whole(p *plan) bool {
	for i := range p.t.NumField() {
		f := p.t.Field(i)
		if f.Tag.Get(tagName) == tagSkip || c.plans[f.Type].kind != plain {
			return false
		}
	}
	return true
}

// add appends a field, to the one before where both are plain.
func (p *plan) add(f field) {
	if f.kind == empty || f.size == 0 {
		return
	}
	if f.kind == plain {
		f.plains = f.size
		if last := len(p.fields) - 1; last >= 0 && p.fields[last].kind == plain && p.adjoins(&p.fields[last], f.at) {
			p.fields[last].plains = f.at + f.size - p.fields[last].at
			return
		}
	}
	p.fields = append(p.fields, f)
}

// adjoins reports whether there is nothing but padding between a stretch and an offset.
func (p *plan) adjoins(before *field, at uintptr) bool {
	end := before.at + before.plains
	for i := range p.t.NumField() {
		f := p.t.Field(i)
		if f.Type.Size() > 0 && f.Offset >= end && f.Offset < at {
			return false
		}
	}
	return true
}

func (c *compiler) array(p *plan, path string) {
	c.within[p.t.Elem()] = true
	p.elem, p.kind = c.of(p.t.Elem(), path+"[]"), array
	if p.elem.kind == plain || p.elem.kind == empty {
		p.kind = p.elem.kind
	}
}

func (c *compiler) slice(p *plan, path string) {
	c.within[p.t.Elem()] = true
	p.elem, p.kind = c.of(p.t.Elem(), path+"[]"), sequence
	if p.elem.kind == plain {
		p.kind = plainSlice
	}
}

func (c *compiler) mapping(p *plan, path string) {
	p.kind = mapping
	p.key, p.elem = c.of(p.t.Key(), path+"[key]"), c.of(p.t.Elem(), path+"[]")
	if !p.key.ordered() {
		c.fail(path, "keys of a %v have pointers, and so no order", p.t)
	}
}

// ordered reports whether equal values, and no others, are saved as the same bytes.
func (p *plan) ordered() bool {
	switch p.kind {
	case plain, str:
		return true
	case array:
		return p.elem.ordered()
	case structure:
		return !slices.ContainsFunc(p.fields, func(f field) bool { return !f.ordered() })
	}
	return false
}

// dynamic finds which of the types that New was given an interface can hold.
func (c *compiler) dynamic(p *plan, path string) {
	p.kind = dynamic
	found := false
	for _, t := range c.concrete {
		if t.Implements(p.t) {
			found = true
			c.of(t, path+".("+t.String()+")")
		}
	}
	if !found {
		c.fail(path, "no type is known that a %v may hold", p.t)
	}
}

// finish derives what needs all plans.
func (c *compiler) finish() {
	for _, p := range c.list {
		p.inside = c.within[p.t] && c.targets[p.t]
	}
	for _, p := range c.list {
		p.holds = c.holds(p.t)
		if p.kind != sequence {
			continue
		}
		if p.elem.nothing() {
			c.fail(p.elem.t.String(), "nothing of it is saved, so that nothing bounds a slice of it")
		}
		p.group = groupOf(p.elem)
	}
}

// holds reports whether a value of a type is, or has in it, one that is inside.
func (c *compiler) holds(t reflect.Type) bool {
	if p := c.plans[t]; p == nil || p.inside {
		return p != nil
	}
	switch t.Kind() {
	case reflect.Array:
		return c.holds(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if c.holds(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// nothing reports whether no bytes are written for a value.
func (p *plan) nothing() bool {
	switch p.kind {
	case empty:
		return true
	case plain:
		return p.size == 0
	case structure:
		return len(p.fields) == 0
	case array:
		return p.t.Len() == 0 || p.elem.nothing()
	}
	return false
}

// groupOf returns how many elements are put between two cuts, so that these come to about
// groupBytes: a power of two, so that a slice that grows is cut as before.
func groupOf(elem *plan) int {
	n, each := 1, elem.reach(3)
	for n < groupMost && 2*uintptr(n)*each <= groupBytes {
		n *= 2
	}
	return n
}

// reach estimates the bytes of a value with what it points to.
func (p *plan) reach(depth int) (n uintptr) {
	if depth == 0 {
		return 0
	}
	switch p.kind {
	case pointer:
		return 1 + p.elem.reach(depth-1)
	case structure:
		for i := range p.fields {
			n += max(p.fields[i].plains, p.fields[i].plan.reach(depth))
		}
		return n
	case array:
		return uintptr(p.t.Len()) * p.elem.reach(depth)
	case plain:
		return p.size
	}
	return 1
}
