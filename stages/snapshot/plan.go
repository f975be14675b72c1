package snapshot

import (
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
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
	failure                // an error
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
	spare  bool // with its capacity
	plains uintptr
}

// compiler makes plans.
type compiler struct {
	plans    map[reflect.Type]*plan
	list     []*plan
	concrete []reflect.Type
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

var errorType = reflect.TypeFor[error]()

// The words of the tag "snapshot".
const (
	tagName  = "snapshot"
	tagSkip  = "-"
	tagSpare = "cap"
)

// of returns the plan of a type that was met at a path.
func (c *compiler) of(t reflect.Type, path string) (*plan, error) {
	if p := c.plans[t]; p != nil {
		return p, nil
	}
	p := &plan{number: len(c.list), t: t, size: t.Size()}
	c.plans[t] = p
	c.list = append(c.list, p)
	if why := unable[t]; why != "" {
		return nil, fmt.Errorf("%s: %v cannot be saved: %s", path, t, why)
	}
	if locks[t] {
		p.kind = empty
		return p, nil
	}
	return p, c.fill(p, path)
}

// fill says how values of a type are saved.
func (c *compiler) fill(p *plan, path string) error {
	switch p.t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		p.kind = plain
		return nil
	case reflect.String:
		p.kind = str
		return nil
	case reflect.Struct:
		return c.structure(p, path)
	case reflect.Array:
		return c.array(p, path)
	case reflect.Slice:
		return c.slice(p, path)
	case reflect.Pointer:
		return c.pointer(p, path)
	case reflect.Map:
		return c.mapping(p, path)
	case reflect.Interface:
		return c.dynamic(p, path)
	}
	return fmt.Errorf("%s: a %v cannot be saved; what is no state is tagged `%s:%q`", path, p.t, tagName, tagSkip)
}

func (c *compiler) structure(p *plan, path string) error {
	p.kind = structure
	for i := range p.t.NumField() {
		f := p.t.Field(i)
		tag := f.Tag.Get(tagName)
		if tag == tagSkip {
			continue
		}
		c.within[f.Type] = true
		sub, err := c.of(f.Type, path+"."+f.Name)
		if err != nil {
			return err
		}
		if tag != "" && (tag != tagSpare || sub.kind != plainSlice) {
			return fmt.Errorf("%s.%s: the tag `%s:%q` is not for a %v", path, f.Name, tagName, tag, f.Type)
		}
		p.add(field{plan: sub, at: f.Offset, spare: tag == tagSpare})
	}
	if c.whole(p) {
		p.kind, p.fields = plain, nil
	}
	return nil
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

func (c *compiler) array(p *plan, path string) (err error) {
	c.within[p.t.Elem()] = true
	if p.elem, err = c.of(p.t.Elem(), path+"[]"); err != nil {
		return err
	}
	p.kind = array
	if p.elem.kind == plain || p.elem.kind == empty {
		p.kind = p.elem.kind
	}
	return nil
}

func (c *compiler) slice(p *plan, path string) (err error) {
	c.within[p.t.Elem()] = true
	if p.elem, err = c.of(p.t.Elem(), path+"[]"); err != nil {
		return err
	}
	p.kind = sequence
	if p.elem.kind == plain {
		p.kind = plainSlice
	}
	return nil
}

func (c *compiler) pointer(p *plan, path string) (err error) {
	p.kind = pointer
	c.targets[p.t.Elem()] = true
	p.elem, err = c.of(p.t.Elem(), path)
	return err
}

func (c *compiler) mapping(p *plan, path string) (err error) {
	p.kind = mapping
	if p.key, err = c.of(p.t.Key(), path+"[key]"); err != nil {
		return err
	}
	if p.key.kind != plain && p.key.kind != str {
		return fmt.Errorf("%s: keys of a %v have no order", path, p.t)
	}
	p.elem, err = c.of(p.t.Elem(), path+"[]")
	return err
}

// dynamic finds which of the types that New was given an interface can hold.
func (c *compiler) dynamic(p *plan, path string) error {
	if p.t == errorType {
		p.kind = failure
		return nil
	}
	p.kind = dynamic
	found := false
	for _, t := range c.concrete {
		if !t.Implements(p.t) {
			continue
		}
		found = true
		if _, err := c.of(t, path+".("+t.String()+")"); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s: no type is known that a %v may hold", path, p.t)
	}
	return nil
}

var errNothing = errors.New("nothing of it is saved")

// finish derives what needs all plans.
func (c *compiler) finish() error {
	for _, p := range c.list {
		p.inside = c.within[p.t] && c.targets[p.t]
	}
	for _, p := range c.list {
		p.holds = c.holds(p.t)
		if p.kind != sequence {
			continue
		}
		if p.elem.nothing() && p.elem.size > 0 {
			return fmt.Errorf("elements of a %v: %w", p.t, errNothing)
		}
		p.group = groupOf(p.elem)
	}
	return nil
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
