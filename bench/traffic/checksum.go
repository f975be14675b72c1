package traffic

import (
	"encoding/binary"
	"math/bits"
)

// onesSum adds b to a ones'-complement sum (RFC 1071). The sum is kept in the
// byte order of little-endian words; only the end result depends on order, so
// finish swaps once. Every call but the last must get an even number of bytes.
func onesSum(sum uint64, b []byte) uint64 {
	var carry uint64
	for len(b) >= 32 {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[8:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[16:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b[24:]), carry)
		b = b[32:]
	}
	for len(b) >= 8 {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), carry)
		b = b[8:]
	}
	var tail [8]byte
	copy(tail[:], b)
	sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(tail[:]), carry)
	return addCarry(sum, carry)
}

// addCarry adds an end-around carry, which may itself carry.
func addCarry(sum, carry uint64) uint64 {
	sum, carry = bits.Add64(sum, 0, carry)
	return sum + carry
}

// finish folds the sum to 16 bits and complements it.
func finish(sum uint64) uint16 {
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	return bits.ReverseBytes16(^uint16(sum))
}

// Checksum returns the Internet checksum of b (RFC 1071).
func Checksum(b []byte) uint16 { return finish(onesSum(0, b)) }

// pseudoSum sums the pseudo-header of TCP, UDP and ICMPv6: addresses (4 or 16
// bytes each), protocol and transport length.
func pseudoSum(addrs []byte, protocol uint8, length int) uint64 {
	var tail [8]byte
	binary.BigEndian.PutUint32(tail[:], uint32(length))
	tail[7] = protocol
	return onesSum(onesSum(0, addrs), tail[:])
}
