//go:build linux && !nounsafe

package stages

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePages asks the kernel to back s with huge pages. Flows lie scattered over
// the arena: with small pages nearly each packet also misses the address
// translation caches. It is a hint; where it is refused nothing else changes.
func hugePages[T any](s []T) {
	const huge = 2 << 20
	var zero T
	start := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	size := uintptr(len(s)) * unsafe.Sizeof(zero)
	skip := -start & (huge - 1)
	if size < skip+huge {
		return
	}
	whole := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), size)[skip:]
	_ = unix.Madvise(whole[:uintptr(len(whole))&^(huge-1)], unix.MADV_HUGEPAGE)
}
