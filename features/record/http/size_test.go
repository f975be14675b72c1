package http

import (
	"testing"
	"unsafe"
)

// TestSizes keeps what is counted honest, and a Conn small.
func TestSizes(t *testing.T) {
	if got := unsafe.Sizeof(Asked{}); got != askedBytes {
		t.Errorf("an Asked takes %d bytes, counted %d", got, askedBytes)
	}
	if got := unsafe.Sizeof(Conn{}); got > 200 {
		t.Errorf("a Conn takes %d bytes", got)
	}
}
