//go:build !nounsafe

package flow

import "unsafe"

// ref is where a field lies within a Row. Columns are filled field by field over
// many rows, so going through the offset instead of calling an accessor for each
// cell saves most of the time; ref_safe.go is the twin without unsafe.
type ref[T any] struct{ offset uintptr }

// refer returns the place of the field that the accessor points to.
func refer[T any](field func(*Row) *T) ref[T] {
	var r Row
	return ref[T]{uintptr(unsafe.Pointer(field(&r))) - uintptr(unsafe.Pointer(&r))}
}

// at returns the field of a Row.
func (f ref[T]) at(r *Row) *T { return (*T)(unsafe.Add(unsafe.Pointer(r), f.offset)) }
