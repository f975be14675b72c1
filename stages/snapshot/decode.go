//go:build !nounsafe

package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"reflect"
)

// stepBytes is the memory for elements that is taken without having read one.
const stepBytes = 64 << 10

// decoder reads one value.
type decoder struct {
	c       *Codec
	from    io.Reader
	buf     []byte // read, from next on not used
	next    int
	sum     uint32 // of what lies before buf
	at      int64  // in the stream, of buf[0]
	spare   uint64 // bytes of room behind slices
	err     error
	known   []known
	claimed map[place]bool // values that were there and have been read into
	regions []region
	deep    []fix
	inner   []fix
	fills   []fill
	inline  int
	depth   int
}

// known is a value that was read.
type known struct {
	at   place
	plan *plan
	v    reflect.Value // of maps
}

// fix is a pointer that is set later.
type fix struct {
	cell place
	elem *plan
}

// fill is an interface, or an entry of a map, that is set when all is read.
type fill struct {
	set  func(target place)
	cell place
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w at byte %d: %s", ErrDamaged, d.at+int64(d.next), fmt.Sprintf(format, args...))
	}
}

// more reads until there are n bytes, at most bufferBytes.
func (d *decoder) more(n int) bool {
	if d.err != nil {
		return false
	}
	if len(d.buf)-d.next >= n {
		return true
	}
	d.pass()
	rest := copy(d.buf[:cap(d.buf)], d.buf[d.next:])
	d.at, d.next = d.at+int64(d.next), 0
	got, err := io.ReadAtLeast(d.from, d.buf[rest:cap(d.buf)], n-rest)
	d.buf = d.buf[:rest+got]
	if err != nil {
		d.short(err)
	}
	return err == nil
}

// pass adds what is used up to the sum.
func (d *decoder) pass() { d.sum = crc32.Update(d.sum, castagnoli, d.buf[:d.next]) }

// short notes that reading has ended too early.
func (d *decoder) short(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		d.next = len(d.buf)
		d.fail("it ends there")
	} else if d.err == nil {
		d.err = err
	}
}

func (d *decoder) byte() byte {
	if !d.more(1) {
		return 0
	}
	d.next++
	return d.buf[d.next-1]
}

func (d *decoder) number() uint64 {
	n := uint64(0)
	for shift := 0; shift < 64; shift += 7 {
		b := d.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	d.fail("a number is too long")
	return 0
}

// length reads a number of things of which each takes memory.
func (d *decoder) length(each uintptr) int {
	n := d.number()
	if n > math.MaxInt/uint64(max(1, each)) {
		d.fail("a length of %d", n)
		return 0
	}
	return int(n)
}

// bytes reads into memory that there is.
func (d *decoder) bytes(to []byte) {
	if len(to) <= max(bufferBytes/2, len(d.buf)-d.next) {
		if d.more(len(to)) {
			d.next += copy(to, d.buf[d.next:])
		}
		return
	}
	if d.err != nil {
		return
	}
	d.pass()
	n := copy(to, d.buf[d.next:])
	d.at, d.buf, d.next = d.at+int64(d.next+n), d.buf[:0], 0
	got, err := io.ReadFull(d.from, to[n:])
	d.at += int64(got)
	if err != nil {
		d.short(err)
		return
	}
	d.sum = crc32.Update(d.sum, castagnoli, to)
}

// text reads n bytes.
func (d *decoder) text(n int) []byte {
	var all []byte
	for n > 0 && d.err == nil {
		some := min(n, max(stepBytes, len(all)))
		at := len(all)
		all = append(all, make([]byte, some)...)
		d.bytes(all[at:])
		n -= some
	}
	return all
}

// value reads the value at a place.
func (d *decoder) value(p *plan, at place) {
	if d.err != nil {
		return
	}
	switch p.kind {
	case plain:
		d.bytes(memory(at, p.size))
	case str:
		*stringAt(at) = string(d.text(d.length(1)))
	case structure:
		d.structure(p, at)
	case array:
		for i := range p.t.Len() {
			d.value(p.elem, offset(at, uintptr(i)*p.elem.size))
		}
	case plainSlice:
		d.plainSlice(p, at, false)
	case sequence:
		d.sequence(p, at, false)
	case pointer:
		d.pointer(p, at)
	case mapping:
		d.mapping(p, at)
	case dynamic:
		d.dynamic(p, at)
	}
}

func (d *decoder) structure(p *plan, at place) {
	for i := range p.fields {
		f := &p.fields[i]
		switch {
		case f.plains > 0:
			d.bytes(memory(offset(at, f.at), f.plains))
		case f.all && f.kind == sequence:
			d.sequence(f.plan, offset(at, f.at), true)
		case f.all:
			d.plainSlice(f.plan, offset(at, f.at), true)
		default:
			d.value(f.plan, offset(at, f.at))
		}
		if d.err != nil {
			return
		}
	}
}

func (d *decoder) down() bool {
	if d.depth == mostDepth {
		d.fail("%v", errDeep)
	}
	if d.err != nil {
		return false
	}
	d.depth++
	return true
}

func (d *decoder) pointer(p *plan, cell place) {
	switch mark := d.byte(); {
	case mark == markNil:
		*pointerAt(cell) = nil
	case mark == markNew && !p.elem.inside:
		d.object(p.elem, cell)
	case mark == markKnown && !p.elem.inside:
		d.same(p.elem, cell)
	case mark == markLater && p.elem.inside:
		d.inner = append(d.inner, fix{cell, p.elem})
	case mark == markLater:
		d.deep = append(d.deep, fix{cell, p.elem})
	default:
		d.fail("a pointer begins with %d", mark)
	}
}

// object reads what a pointer points to: into what is there, once, or what is new.
func (d *decoder) object(elem *plan, cell place) {
	if d.inline == inlineDepth || !d.down() {
		d.fail("%v", errDeep)
		return
	}
	at := *pointerAt(cell)
	if at == nil || d.claimed[at] {
		at = allocate(elem.t)
		*pointerAt(cell) = at
	} else {
		d.claimed[at] = true
	}
	d.known = append(d.known, known{at: at, plan: elem})
	if elem.holds {
		d.regions = append(d.regions, region{at, elem, 1})
	}
	d.inline++
	d.value(elem, at)
	d.inline--
	d.depth--
}

// same sets a pointer to a value before.
func (d *decoder) same(elem *plan, cell place) {
	n := d.number()
	if n >= uint64(len(d.known)) || d.known[n].plan != elem {
		d.fail("it points to value %d, which is none of its type", n)
		return
	}
	*pointerAt(cell) = d.known[n].at
}

// putOff reads the pointers that were put off.
func (d *decoder) putOff() {
	for deep, inner := 0, 0; d.err == nil; {
		switch {
		case deep < len(d.deep):
			d.late(d.deep[deep])
			deep++
		case inner < len(d.inner):
			d.late(d.inner[inner])
			inner++
		default:
			return
		}
	}
}

func (d *decoder) late(f fix) {
	switch mark := d.byte(); {
	case mark == laterNew:
		d.object(f.elem, f.cell)
	case mark == laterKnown:
		d.same(f.elem, f.cell)
	case mark == laterWithin && f.elem.inside:
		d.within(f)
	default:
		d.fail("a late pointer begins with %d", mark)
	}
}

// within sets a pointer into another value.
func (d *decoder) within(f fix) {
	n, at := d.number(), uintptr(d.number())
	if n >= uint64(len(d.regions)) || !d.regions[n].has(at, f.elem.t) {
		d.fail("it points to byte %d of region %d, where no %v is", at, n, f.elem.t)
		return
	}
	*pointerAt(f.cell) = offset(d.regions[n].at, at)
}

func (d *decoder) mapping(p *plan, cell place) {
	m := valueAt(p.t, cell)
	switch mark := d.byte(); mark {
	case markNil:
		m.SetZero()
	case markNew:
		made := reflect.MakeMap(p.t)
		m.Set(made)
		d.known = append(d.known, known{plan: p, v: made})
		d.entries(p, made)
	case markKnown:
		if n := d.number(); n < uint64(len(d.known)) && d.known[n].plan == p {
			m.Set(d.known[n].v)
		} else {
			d.fail("it is map %d, which is none of its type", n)
		}
	default:
		d.fail("a map begins with %d", mark)
	}
}

func (d *decoder) entries(p *plan, m reflect.Value) {
	if !d.down() {
		return
	}
	for n := d.number(); n > 0 && d.err == nil; n-- {
		key, value := reflect.New(p.t.Key()), reflect.New(p.t.Elem())
		d.value(p.key, key.UnsafePointer())
		d.value(p.elem, value.UnsafePointer())
		d.fills = append(d.fills, fill{set: func(place) { m.SetMapIndex(key.Elem(), value.Elem()) }})
	}
	d.depth--
}

func (d *decoder) dynamic(p *plan, cell place) {
	there := valueAt(p.t, cell)
	n := d.number()
	if n == 0 {
		there.SetZero()
		return
	}
	if n > uint64(len(d.c.plans)) || d.c.concrete[d.c.plans[n-1].t] == nil || !d.c.plans[n-1].t.Implements(p.t) {
		d.fail("an interface holds type %d, which it cannot", n)
		return
	}
	concrete := d.c.plans[n-1]
	v := reflect.New(concrete.t)
	if !there.IsNil() && there.Elem().Type() == concrete.t {
		v.Elem().Set(there.Elem())
	}
	d.value(concrete, v.UnsafePointer())
	d.fills = append(d.fills, fill{cell: cell, set: func(at place) { valueAt(p.t, at).Set(v.Elem()) }})
}

// finish sets what had to wait for all else.
func (d *decoder) finish() {
	for i := range d.fills {
		f := &d.fills[i]
		f.set(f.cell)
	}
}

// end reads the sum.
func (d *decoder) end() {
	d.pass()
	sum := d.sum
	d.buf, d.at, d.next = d.buf[:copy(d.buf, d.buf[d.next:])], d.at+int64(d.next), 0
	if !d.more(crcBytes) {
		return
	}
	if got := binary.LittleEndian.Uint32(d.buf[d.next:]); got != sum {
		d.fail("the sum is %08x, not %08x", got, sum)
	}
	d.next += crcBytes
}

const crcBytes = 4
