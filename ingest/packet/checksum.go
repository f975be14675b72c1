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
	for len(b) >= 32 {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), 0)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[8:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[16:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[24:]), carry)
		sum += carry
		b = b[32:]
	}
	for len(b) >= 8 {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), 0)
		sum += carry
		b = b[8:]
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(last[:]), 0)
		sum += carry
	}
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	return uint16(sum>>16 + sum&0xffff)
}

// pseudoSum returns the sum of the pseudo-header (RFC 9293, RFC 8200), unfolded.
func (v *View) pseudoSum(segment uint32) uint64 {
	sum := uint64(bits.ReverseBytes16(uint16(v.Protocol))) +
		uint64(bits.ReverseBytes16(uint16(segment>>16))) + uint64(bits.ReverseBytes16(uint16(segment)))
	var from int
	if v.Version == 4 {
		from = 12
	}
	for i := from; i < 16; i += 4 {
		sum += uint64(binary.LittleEndian.Uint32(v.Src[i:])) + uint64(binary.LittleEndian.Uint32(v.Dst[i:]))
	}
	return sum
}
