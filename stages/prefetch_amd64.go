//go:build !nounsafe

package stages

import (
	"unsafe"

	"pcapmill/features/flow"
)

// prefetchWrite asks for the cache lines from p on, to be written soon.
//
//go:noescape
func prefetchWrite(p unsafe.Pointer, lines int)

// expect fetches a Row that will be begun soon. Clearing a cold one would stall on
// each of its lines.
func expect(r *flow.Row) { prefetchWrite(unsafe.Pointer(r), flow.RowBytes/64) }
