package packet

import (
	"encoding/binary"
	"math/bits"
)

// sumWords is sumBytes for any processor and any b. Words are read little-endian: the sum of a correct packet
// is 0xffff in either byte order.
//
// A carry out of the last addition of a chain can be added without another one:
// both would need two words of all ones and a carry into them, and the chain
// begins without one.
func sumWords(b []byte, sum uint64) uint16 {
	var c uint64
	for len(b) >= 64 {
		p := (*[64]byte)(b)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[0:]), 0)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[8:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[16:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[24:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[32:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[40:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[48:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[56:]), c)
		sum, _ = bits.Add64(sum, 0, c)
		b = b[64:]
	}
	return sumShort(b, sum)
}

// sumShort is sumWords for fewer than 64 bytes: an IP header, the end of a segment.
func sumShort(b []byte, sum uint64) uint16 {
	var c uint64
	if len(b) >= 32 {
		p := (*[32]byte)(b)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[0:]), 0)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[8:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[16:]), c)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[24:]), c)
		sum, _ = bits.Add64(sum, 0, c)
		b = b[32:]
	}
	if len(b) >= 16 {
		p := (*[16]byte)(b)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[0:]), 0)
		sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(p[8:]), c)
		sum, _ = bits.Add64(sum, 0, c)
		b = b[16:]
	}
	sum = sum>>32 + sum&0xffffffff // room for what is left
	if len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		sum += w>>32 + w&0xffffffff
		b = b[8:]
	}
	if len(b) >= 4 {
		sum += uint64(binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		sum += uint64(binary.LittleEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) > 0 {
		sum += uint64(b[0])
	}
	return foldSum(sum)
}

// foldSum folds a sum to 16 bits.
func foldSum(sum uint64) uint16 {
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	return uint16(sum>>16 + sum&0xffff)
}

// pseudoSum returns the sum of the pseudo-header (RFC 9293, RFC 8200), unfolded.
func (v *View) pseudoSum(segment uint32) uint64 {
	sum := uint64(v.Protocol)<<8 + uint64(bits.ReverseBytes32(segment))
	if v.Version == 4 {
		return sum + uint64(binary.LittleEndian.Uint32(v.Src[12:])) + uint64(binary.LittleEndian.Uint32(v.Dst[12:]))
	}
	var c uint64
	sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(v.Src[0:]), 0)
	sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(v.Src[8:]), c)
	sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(v.Dst[0:]), c)
	sum, c = bits.Add64(sum, binary.LittleEndian.Uint64(v.Dst[8:]), c)
	sum, _ = bits.Add64(sum, 0, c)
	return sum
}
