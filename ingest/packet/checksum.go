package packet

import (
	"encoding/binary"
	"math/bits"
)

// sumBytes returns the Internet checksum sum (RFC 1071) of b added to sum,
// folded to 16 bits. Words are read little-endian: the sum of a correct packet
// is 0xffff in either byte order.
func sumBytes(b []byte, sum uint64) uint16 {
	var carry uint64
	for len(b) >= 64 {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), 0)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[8:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[16:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[24:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[32:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[40:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[48:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[56:]), carry)
		sum += carry
		b = b[64:]
	}
	for len(b) >= 8 {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), 0)
		sum += carry
		b = b[8:]
	}
	sum, carry = bits.Add64(sum, lastWord(b), 0)
	sum += carry
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	return uint16(sum>>16 + sum&0xffff)
}

// lastWord returns up to seven bytes as a little-endian word, without a store
// that the load of the word would have to wait for. Loads may overlap: they read
// the same bits into the same places.
func lastWord(b []byte) uint64 {
	n := len(b)
	switch {
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<(8*(n-4))
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<(8*(n/2)) | uint64(b[n-1])<<(8*(n-1))
	}
	return 0
}

// pseudoSum returns the sum of the pseudo-header (RFC 9293, RFC 8200), unfolded.
func (v *View) pseudoSum(segment uint32) uint64 {
	sum := uint64(bits.ReverseBytes16(uint16(v.Protocol))) +
		uint64(bits.ReverseBytes16(uint16(segment>>16))) + uint64(bits.ReverseBytes16(uint16(segment)))
	for i := 0; i < 16; i += 8 {
		src, dst := binary.LittleEndian.Uint64(v.Src[i:]), binary.LittleEndian.Uint64(v.Dst[i:])
		sum += src>>32 + src&0xffffffff + dst>>32 + dst&0xffffffff
	}
	if v.Version == 4 { // the prefix ffff of both mapped addresses does not count
		sum -= 2 * 0xffff0000
	}
	return sum
}
