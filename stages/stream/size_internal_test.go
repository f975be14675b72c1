package stream

import (
	"testing"
	"unsafe"
)

// TestSizes keeps the constants of Pool honest, and a Stream small.
func TestSizes(t *testing.T) {
	if got := unsafe.Sizeof(page{}); got != pageSize {
		t.Errorf("a page takes %d bytes, counted %d", got, pageSize)
	}
	if got := unsafe.Sizeof(ring{}); got != ringSize {
		t.Errorf("a ring takes %d bytes, counted %d", got, ringSize)
	}
	if got := unsafe.Sizeof(Stream{}); got > 384 {
		t.Errorf("a Stream takes %d bytes", got)
	}
}
