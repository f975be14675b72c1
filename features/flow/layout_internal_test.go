package flow

import (
	"testing"
	"unsafe"
)

// TestRowLayout holds what the memory plan and the cache lines rest on.
func TestRowLayout(t *testing.T) {
	var r Row
	if unsafe.Sizeof(r) != RowBytes {
		t.Errorf("a Row has %d bytes, not %d", unsafe.Sizeof(r), RowBytes)
	}
	for name, offset := range map[string]uintptr{
		"LastClock": unsafe.Offsetof(r.LastClock), "tcp": unsafe.Offsetof(r.tcp), "sides": unsafe.Offsetof(r.sides), "a side": unsafe.Sizeof(r.sides[0]),
		"size": unsafe.Offsetof(r.sides[0].size), "gap": unsafe.Offsetof(r.sides[0].gap), "flags": unsafe.Offsetof(r.sides[0].flags), "bulk": unsafe.Offsetof(r.sides[0].bulk),
	} {
		if offset%64 != 0 {
			t.Errorf("%s begins %d bytes into a cache line", name, offset%64)
		}
	}
	if want := int64(unsafe.Sizeof(Extra{})) + 7*int64(unsafe.Sizeof(firstPacket{})); ExtraBytes(7) != want {
		t.Errorf("an Extra of 7 packets has %d bytes, not %d", want, ExtraBytes(7))
	}
}
