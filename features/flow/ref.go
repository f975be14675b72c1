//go:build !nounsafe

package flow

import "unsafe"

// ref is where a field lies within an M, a Row as a rule. Columns are filled field by
// field over many rows, so going through the offset instead of calling an accessor for
// each cell saves most of the time; ref_safe.go is the twin without unsafe.
type ref[M, T any] struct{ offset uintptr }

// refer returns the place of the field that the accessor points to.
func refer[M, T any](field func(*M) *T) ref[M, T] {
	var m M
	return ref[M, T]{uintptr(unsafe.Pointer(field(&m))) - uintptr(unsafe.Pointer(&m))}
}

// at returns the field of an M.
func (f ref[M, T]) at(m *M) *T { return (*T)(unsafe.Add(unsafe.Pointer(m), f.offset)) }
