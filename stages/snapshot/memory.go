//go:build !nounsafe

package snapshot

import (
	"reflect"
	"unsafe"
)

// All that goes around Go's types is here. State has fields that no other package may
// name, and reading them one by one through reflect would take ten times as long as
// copying them. What keeps it sound: a place is only ever made from a pointer of the
// program's own (never from bytes that were read), offsets come from reflect, and every
// value is written with the type that its memory was allocated with.

// place is where a value lies.
type place = unsafe.Pointer

// sliceHeader is what a slice is in memory.
type sliceHeader struct {
	data     place
	len, cap int
}

func offset(at place, n uintptr) place { return unsafe.Add(at, n) }

// address names a place in tables; it is never made a place again.
func address(at place) uintptr { return uintptr(at) }

// memory returns the n bytes of a value without pointers.
func memory(at place, n uintptr) []byte { return unsafe.Slice((*byte)(at), n) }

func placeOf[T any](v *T) place { return place(v) }

// The values of a kind at a place.
func pointerAt(at place) *place     { return (*place)(at) }
func stringAt(at place) *string     { return (*string)(at) }
func sliceAt(at place) *sliceHeader { return (*sliceHeader)(at) }

// valueAt is the same for reflect, which may set it.
func valueAt(t reflect.Type, at place) reflect.Value { return reflect.NewAt(t, at).Elem() }

// allocate returns zeroed memory of a type.
func allocate(t reflect.Type) place { return reflect.New(t).UnsafePointer() }

// slice is memory for elements while they are read.
type slice struct {
	v    reflect.Value
	data place
	cap  int
}

func makeSlice(t reflect.Type, n int) slice {
	v := reflect.MakeSlice(t, n, n)
	return slice{v, v.UnsafePointer(), n}
}

// grown returns larger memory with the same elements.
func (s *slice) grown(n int) slice {
	more := makeSlice(s.v.Type(), n)
	reflect.Copy(more.v, s.v)
	return more
}
