//go:build !nounsafe

package prefetch

import "unsafe"

// write asks for the cache lines from p on.
//
//go:noescape
func write(p unsafe.Pointer, lines int)

// writeBoth asks for those of p and q.
//
//go:noescape
func writeBoth(p, q unsafe.Pointer)

// Write asks for what p points to.
func Write[T any](p *T) { write(unsafe.Pointer(p), int(unsafe.Sizeof(*p)+63)/64) }

// WriteBoth asks for the first cache line of each of two values.
func WriteBoth[T any](p, q *T) { writeBoth(unsafe.Pointer(p), unsafe.Pointer(q)) }
