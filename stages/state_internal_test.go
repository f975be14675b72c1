//go:build !nounsafe

package stages

import "testing"

// TestAllStateCanBeSaved walks the types of everything that a Session reaches. A field that
// can be neither saved nor left out is named: it is tagged `snapshot:"-"` where it is no
// state, and given another type where it is.
func TestAllStateCanBeSaved(t *testing.T) {
	if _, err := stateCodec(); err != nil {
		t.Fatal(err)
	}
}
