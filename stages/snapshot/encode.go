//go:build !nounsafe

package snapshot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"slices"
)

// Sizes of what is written.
const (
	bufferBytes = 64 << 10
	groupBytes  = 16 << 10 // of elements between two cuts
	groupMost   = 4096     // of them
	wholeBytes  = 16 << 10 // of plain elements that are written as a stretch of their own
	leastBytes  = 4 << 10  // before another cut: each costs an entry in an index
)

// Limits of recursion. Circles and lists, which have pointers, come to inlineDepth, what a
// program nests without them to mostDepth.
const (
	inlineDepth = 48
	mostDepth   = 1000
)

// How a pointer begins.
const (
	markNil = iota
	markNew
	markKnown
	markLater
)

// How a pointer that was put off goes on.
const (
	laterNew = iota
	laterKnown
	laterWithin
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDeep = errors.New("nested too deeply")

// encoder writes one value.
type encoder struct {
	c       *Codec
	to      io.Writer
	cutter  Cutter // nil: to is none
	buf     []byte
	sum     uint32
	at      int64  // bytes so far
	since   int    // of these since the last cut
	spare   uint64 // bytes of room behind slices
	err     error
	known   objects
	regions regions
	deep    []pending // too many pointers above
	inner   []pending // may point into another value
	inline  int       // pointers above
	depth   int
	audited bool
	met     []stretch // see Aliases
}

// pending is a pointer that was put off.
type pending struct {
	to   place
	elem *plan
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// flush writes what is buffered.
func (e *encoder) flush() {
	if len(e.buf) > 0 {
		e.write(e.buf)
		e.buf = e.buf[:0]
	}
}

func (e *encoder) write(data []byte) {
	if e.err != nil {
		return
	}
	e.sum = crc32.Update(e.sum, castagnoli, data)
	if _, err := e.to.Write(data); err != nil {
		e.fail(err)
	}
}

// cut ends a stretch, unless it is too short.
func (e *encoder) cut(least int) {
	if e.cutter == nil || e.since < least {
		return
	}
	e.flush()
	e.since = 0
	e.cutter.Cut()
}

func (e *encoder) byte(b byte) {
	e.buf = append(e.buf, b)
	e.wrote(1)
}

func (e *encoder) number(n uint64) {
	before := len(e.buf)
	e.buf = binary.AppendUvarint(e.buf, n)
	e.wrote(len(e.buf) - before)
}

func (e *encoder) text(s string) {
	e.number(uint64(len(s)))
	e.buf = append(e.buf, s...)
	e.wrote(len(s))
}

// bytes writes plain memory.
func (e *encoder) bytes(data []byte) {
	if len(data) >= wholeBytes {
		e.flush()
		e.at += int64(len(data))
		e.since += len(data)
		e.write(data)
		return
	}
	e.buf = append(e.buf, data...)
	e.wrote(len(data))
}

// wrote notes that bytes were added to the buffer.
func (e *encoder) wrote(n int) {
	e.at += int64(n)
	if e.since += n; len(e.buf) >= bufferBytes {
		e.flush()
	}
}

// whole writes plain elements, many of them as a stretch of their own.
func (e *encoder) whole(data []byte) {
	if len(data) < wholeBytes {
		e.bytes(data)
		return
	}
	e.cut(1)
	e.bytes(data)
	e.cut(1)
}

// value writes the value at a place.
func (e *encoder) value(p *plan, at place) {
	switch p.kind {
	case plain:
		e.bytes(memory(at, p.size))
	case str:
		e.text(*stringAt(at))
	case structure:
		e.structure(p, at)
	case array:
		for i := range p.t.Len() {
			e.value(p.elem, offset(at, uintptr(i)*p.elem.size))
		}
	case plainSlice:
		e.plainSlice(p, at, false)
	case sequence:
		e.sequence(p, at, false)
	case pointer:
		e.pointer(p, *pointerAt(at))
	case mapping:
		e.mapping(p, at)
	case dynamic:
		e.dynamic(p, at)
	}
}

func (e *encoder) structure(p *plan, at place) {
	for i := range p.fields {
		f := &p.fields[i]
		switch {
		case f.plains > 0:
			e.bytes(memory(offset(at, f.at), f.plains))
		case f.all && f.kind == sequence:
			e.sequence(f.plan, offset(at, f.at), true)
		case f.all:
			e.plainSlice(f.plan, offset(at, f.at), true)
		default:
			e.value(f.plan, offset(at, f.at))
		}
	}
}

// slice writes how long a slice is, and what room it has behind. It returns how many
// elements are to be written; all says that those behind the length are too.
func (e *encoder) slice(p *plan, s *sliceHeader, all bool) int {
	if s.data == nil {
		e.byte(0)
		return 0
	}
	e.number(uint64(s.len) + 1)
	if all {
		e.number(uint64(s.cap - s.len))
		return s.cap
	}
	spare := s.cap - s.len
	if room := uint64(spare) * uint64(p.elem.size); e.spare+room <= spareMost(e.at) {
		e.spare += room
	} else {
		spare = 0
	}
	e.number(uint64(spare))
	return s.len
}

// spareMost is how much room behind slices may be asked for up to a byte of the stream.
func spareMost(at int64) uint64 { return 64<<20 + 16*uint64(at) }

func (e *encoder) plainSlice(p *plan, at place, all bool) {
	s := sliceAt(at)
	n := e.slice(p, s, all)
	if n == 0 {
		return
	}
	e.note(s.data, uintptr(n)*p.elem.size, p.t)
	if p.elem.holds {
		e.regions.add(region{at: s.data, elem: p.elem, n: n})
	}
	e.whole(memory(s.data, uintptr(n)*p.elem.size))
}

func (e *encoder) sequence(p *plan, at place, all bool) {
	s := sliceAt(at)
	n := e.slice(p, s, all)
	if n == 0 || !e.down() {
		return
	}
	e.note(s.data, uintptr(n)*p.elem.size, p.t)
	if p.elem.holds {
		e.regions.add(region{at: s.data, elem: p.elem, n: n})
	}
	for i := range n {
		if i%p.group == 0 && n > p.group {
			e.cut(leastBytes)
		}
		e.value(p.elem, offset(s.data, uintptr(i)*p.elem.size))
	}
	e.depth--
}

// down goes a level deeper; false where it is too deep.
func (e *encoder) down() bool {
	if e.depth == mostDepth {
		e.fail(errDeep)
	}
	if e.err != nil {
		return false
	}
	e.depth++
	return true
}

func (e *encoder) pointer(p *plan, to place) {
	switch {
	case to == nil:
		e.byte(markNil)
		return
	case p.elem.inside:
		e.byte(markLater)
		e.inner = append(e.inner, pending{to, p.elem})
		return
	}
	if number, ok := e.known.find(to, p.elem); ok {
		e.byte(markKnown)
		e.number(uint64(number))
		return
	}
	if e.inline == inlineDepth {
		e.byte(markLater)
		e.deep = append(e.deep, pending{to, p.elem})
		return
	}
	e.byte(markNew)
	e.object(p.elem, to)
}

// object writes what a pointer points to, the first time.
func (e *encoder) object(elem *plan, at place) {
	e.known.add(at, elem)
	e.note(at, elem.size, elem.t)
	if elem.holds {
		e.regions.add(region{at: at, elem: elem, n: 1})
	}
	if !e.down() {
		return
	}
	e.inline++
	e.value(elem, at)
	e.inline--
	e.depth--
}

// putOff writes the pointers that were put off, those into other values once there is nothing
// else.
func (e *encoder) putOff() {
	for deep, inner := 0, 0; e.err == nil; {
		if (deep+inner)%lateGroup == 0 {
			e.cut(leastBytes)
		}
		switch {
		case deep < len(e.deep):
			e.late(e.deep[deep])
			deep++
		case inner < len(e.inner):
			e.late(e.inner[inner])
			inner++
		default:
			return
		}
	}
}

// lateGroup is how many pointers that were put off lie between two cuts.
const lateGroup = 256

func (e *encoder) late(l pending) {
	if number, ok := e.known.find(l.to, l.elem); ok {
		e.byte(laterKnown)
		e.number(uint64(number))
		return
	}
	if l.elem.inside {
		if f, ok := e.regions.find(l); ok {
			e.byte(laterWithin)
			e.number(uint64(f.number))
			e.number(uint64(f.within))
			return
		}
	}
	e.byte(laterNew)
	e.object(l.elem, l.to)
}

func (e *encoder) mapping(p *plan, at place) {
	m := valueAt(p.t, at)
	if m.IsNil() {
		e.byte(markNil)
		return
	}
	if number, ok := e.known.find(m.UnsafePointer(), p); ok {
		e.byte(markKnown)
		e.number(uint64(number))
		return
	}
	e.byte(markNew)
	e.known.add(m.UnsafePointer(), p)
	if !e.down() {
		return
	}
	entries := e.entries(p, m)
	e.number(uint64(len(entries)))
	for i := range entries {
		e.bytes(entries[i].key)
		e.value(p.elem, entries[i].value)
	}
	e.depth--
}

// entry is one of a map: its key as it is saved, and a copy of its value.
type entry struct {
	key   []byte
	value place
}

// entries returns those of a map, in the order of their keys.
func (e *encoder) entries(p *plan, m reflect.Value) []entry {
	list := make([]entry, 0, m.Len())
	for it := m.MapRange(); it.Next(); {
		key, value := reflect.New(p.t.Key()), reflect.New(p.t.Elem())
		key.Elem().Set(it.Key())
		value.Elem().Set(it.Value())
		k := encoder{c: e.c}
		k.value(p.key, key.UnsafePointer())
		list = append(list, entry{k.buf, value.UnsafePointer()})
	}
	slices.SortFunc(list, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	return list
}

func (e *encoder) dynamic(p *plan, at place) {
	v := valueAt(p.t, at)
	if v.IsNil() {
		e.number(0)
		return
	}
	concrete := e.c.concrete[v.Elem().Type()]
	if concrete == nil {
		e.fail(fmt.Errorf("a %v holds a %v, which is none of the types that are known", p.t, v.Elem().Type()))
		return
	}
	e.number(uint64(concrete.number) + 1)
	cell := reflect.New(concrete.t)
	cell.Elem().Set(v.Elem())
	e.value(concrete, cell.UnsafePointer())
}
