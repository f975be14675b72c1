package sketch

import (
	"crypto/sha256"
	"encoding/binary"
)

// Hash returns the first eight bytes of a value's SHA-256, big-endian. It is fixed for
// good: summaries of different runs, machines and versions merge. That it is a
// cryptographic hash makes values that share one too dear to be made in numbers; see the
// package's comment for what an attacker can do nevertheless.
func Hash(value []byte) uint64 {
	sum := sha256.Sum256(value)
	return binary.BigEndian.Uint64(sum[:])
}

// HashInt returns a hash of an integer at a hundredth of the cost: the finaliser of
// SplitMix64 (Steele, Lea, Flood 2014; variant 13 of Stafford's), a bijection, so that no
// two integers share one. It is for numbers that nobody chooses freely among many, as
// ports, lengths and codes are; anybody can invert it.
func HashInt(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
