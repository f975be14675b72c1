//go:build !nounsafe

package snapshot

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// stretch is memory that is saved as one value.
type stretch struct {
	at, size uintptr
	t        reflect.Type
}

// note remembers memory that is about to be written, where somebody asks for it.
func (e *encoder) note(at place, n uintptr, t reflect.Type) {
	if e.audited && n > 0 {
		e.met = append(e.met, stretch{address(at), n, t})
	}
}

// Aliases lists, by their types, what Save writes twice as the memory of one lies in that
// of the other: two slices of an array, or a slice of an array in a struct. They come
// back apart, which must not matter to the program: a test of it asks for them and knows each.
func (c *Codec) Aliases(root any) ([]string, error) {
	e := &encoder{c: c, to: io.Discard, audited: true}
	e.object(c.root, reflect.ValueOf(root).UnsafePointer())
	e.putOff()
	slices.SortFunc(e.met, func(a, b stretch) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.size, a.size)) })
	var list []string
	for i, s := range e.met {
		for _, inner := range e.met[i+1:] {
			if inner.at >= s.at+s.size {
				break
			}
			list = append(list, fmt.Sprintf("%v in %v", inner.t, s.t))
		}
	}
	slices.Sort(list)
	return slices.Compact(list), e.err
}
