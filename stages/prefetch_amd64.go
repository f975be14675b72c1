//go:build !nounsafe

package stages

import "unsafe"

// prefetchWrite asks for the cache lines from p on, to be written soon.
//
//go:noescape
func prefetchWrite(p unsafe.Pointer, lines int)

// expect fetches what will be changed soon, without waiting for it: of a Row that is
// begun, or a conversation that goes on, each line that is cold would stall.
func expect[T any](p *T) { prefetchWrite(unsafe.Pointer(p), int(unsafe.Sizeof(*p)+63)/64) }
