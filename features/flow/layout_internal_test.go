package flow

import (
	"testing"
	"unsafe"
)

// The layout of Row is a matter of speed: see its comment.
func TestRowIsLaidOutInCacheLines(t *testing.T) {
	var r Row
	for name, offset := range map[string]uintptr{
		"size of Row":     unsafe.Sizeof(r),
		"size of side":    unsafe.Sizeof(r.sides[0]),
		"offset of sides": unsafe.Offsetof(r.sides),
		"offset of tcp":   unsafe.Offsetof(r.tcp),
	} {
		if offset%64 != 0 {
			t.Errorf("%s is %d, not a multiple of 64", name, offset)
		}
	}
}
