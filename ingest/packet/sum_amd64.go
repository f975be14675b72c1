//go:build !nounsafe

package packet

import "golang.org/x/sys/cpu"

// Limits of sumWide: it reads up to readAhead bytes behind the end of what it
// sums, so these must belong to the same memory, and the sum of more than
// longest bytes might not fit its 32 bits.
const (
	readAhead = 64
	longest   = 128 << 10
)

// sumWide returns the sum of the 16-bit words of b, little-endian, the last one
// padded with a zero byte.
//
//go:noescape
func sumWide(b []byte) uint32

// sumBytes returns the Internet checksum sum (RFC 1071) of b added to sum,
// folded to 16 bits.
func sumBytes(b []byte, sum uint64) uint16 {
	if !cpu.X86.HasAVX2 || cap(b)-len(b) < readAhead || len(b) > longest {
		return sumWords(b, sum)
	}
	return foldSum(sum>>32 + sum&0xffffffff + uint64(sumWide(b)))
}
