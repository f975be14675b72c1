//go:build !nounsafe

package parquetfile

import "golang.org/x/sys/cpu"

// deltas64 stores the differences between neighbours in b and returns the least
// one and the values' bounds. It needs AVX2.
//
//go:noescape
func deltas64(deltas *[blockValues]int64, b *[1 + blockValues]int64) (least, lo, hi int64)

// deltas32 is deltas64 of values of 32 bits; differences do not wrap around. It
// needs AVX2.
//
//go:noescape
func deltas32(deltas *[blockValues]int64, b *[1 + blockValues]int32) (least, lo, hi int64)

// above64 subtracts least from the deltas and returns the bits that are set in
// any of each miniblock. It needs AVX2.
//
//go:noescape
func above64(deltas *[blockValues]int64, least int64) (used [miniBlocks]uint64)

// packBlock stores what each delta of the block is above the least one.
func packBlock[T int32 | int64](deltas *[blockValues]int64, b *[1 + blockValues]T) packed[T] {
	if !cpu.X86.HasAVX2 {
		return packBlockPortable(deltas, b)
	}
	var least, lo, hi int64
	switch b := any(b).(type) {
	case *[1 + blockValues]int64:
		least, lo, hi = deltas64(deltas, b)
	case *[1 + blockValues]int32:
		least, lo, hi = deltas32(deltas, b)
	}
	if T(hi-lo) < 0 {
		return packBlockPortable(deltas, b) // a difference of 32 bits may wrap around
	}
	return packed[T]{least, above64(deltas, least), T(lo), T(hi)}
}

// uniform64 and uniform32 report whether all values are the same. They need AVX2.
//
//go:noescape
func uniform64(b *[1 + blockValues]int64) bool

//go:noescape
func uniform32(b *[1 + blockValues]int32) bool

func isUniform[T int32 | int64](b *[1 + blockValues]T) bool {
	if b[0] != b[1] || b[0] != b[blockValues] {
		return false
	}
	if !cpu.X86.HasAVX2 {
		return isUniformPortable(b)
	}
	switch b := any(b).(type) {
	case *[1 + blockValues]int64:
		return uniform64(b)
	case *[1 + blockValues]int32:
		return uniform32(b)
	}
	return false
}
