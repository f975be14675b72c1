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
		"LastClock": unsafe.Offsetof(r.LastClock), "Conn": unsafe.Offsetof(r.Conn), "handshake": unsafe.Offsetof(r.handshake),
		"sides": unsafe.Offsetof(r.sides), "a side": unsafe.Sizeof(r.sides[0]),
		"gap": unsafe.Offsetof(r.sides[0].gap), "pay": unsafe.Offsetof(r.sides[0].pay), "rare": unsafe.Offsetof(r.sides[0].rare),
	} {
		if offset%64 != 0 {
			t.Errorf("%s begins %d bytes into a cache line", name, offset%64)
		}
	}
	if want := int64(unsafe.Sizeof(Extra{})) + 7*int64(unsafe.Sizeof(firstPacket{})); ExtraBytes(7) != want {
		t.Errorf("an Extra of 7 packets has %d bytes, not %d", want, ExtraBytes(7))
	}
}
