// Package room lends memory to messages that come in pieces. Nearly all of them are whole
// before long, and the next message can have the same memory.
package room

import (
	"math/bits"
	"slices"
)

// The sizes of rooms are Least, twice, four times that, and so on: a room is not much more
// than what came.
const (
	Least = 64
	sizes = 11 // up to 64 KiB
	most  = 8  // of a size that are kept for messages to come; together never more bytes than one of the largest
)

// Pool has rooms that nobody uses. The zero value is ready. The capacity of a room does
// not depend on whether it was used before: what a flow takes is its own affair.
type Pool struct{ unused [sizes][][]byte }

// Grow returns b, which is a room or nil, with space for n more bytes: where it has none,
// another room with the same in it. b is then used no more.
func (p *Pool) Grow(b []byte, n int) []byte {
	if len(b)+n <= cap(b) {
		return b
	}
	size := sizeOf(len(b) + n)
	if size >= sizes {
		return slices.Grow(b, n)
	}
	bigger := p.take(size)
	bigger = append(bigger, b...)
	p.Give(b)
	return bigger
}

// sizeOf returns the number of the least size that has n bytes.
func sizeOf(n int) int { return bits.Len(uint(max(n-1, 0) / Least)) }

func (p *Pool) take(size int) []byte {
	unused := p.unused[size]
	last := len(unused) - 1
	if last < 0 {
		return make([]byte, 0, Least<<size)
	}
	p.unused[size] = unused[:last]
	return unused[last]
}

// Give takes a room back, of which the bytes stay as they are until the next call of Grow.
func (p *Pool) Give(b []byte) {
	size := sizeOf(cap(b))
	if size < sizes && cap(b) == Least<<size && len(p.unused[size]) < min(most, 1<<(sizes-1-size)) {
		p.unused[size] = append(p.unused[size], b[:0])
	}
}
