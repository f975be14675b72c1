package digest

import (
	"crypto/sha1" //nolint:gosec // Community ID v1 prescribes SHA-1; it protects nothing
	"crypto/sha256"
	"encoding/binary"
)

// MaxMessage is the longest message in bytes.
const MaxMessage = BlockSize - 1 - 8

// BlockSize is the size of a sealed message in bytes.
const BlockSize = 64

// Block is a message, sealed.
type Block [BlockSize]byte

// Seal pads the message in the first n bytes of b, which may hold anything behind
// it. It panics if n is above MaxMessage.
func (b *Block) Seal(n int) {
	clear(b[n : MaxMessage+1])
	b[:MaxMessage+1][n] = 0x80
	binary.BigEndian.PutUint64(b[BlockSize-8:], uint64(n)*8)
}

// message returns what was sealed.
func (b *Block) message() []byte {
	return b[:binary.BigEndian.Uint64(b[BlockSize-8:])/8]
}

// SHA1 writes the digests of two sealed messages.
func SHA1(sums *[2][20]byte, blocks *[2]Block) {
	if accelerated {
		sha1Pair(sums, blocks)
		return
	}
	sha1Each(sums, blocks)
}

// sha1Each is SHA1 by the standard library. It takes copies, which escape, so that the
// caller's blocks do not.
func sha1Each(sums *[2][20]byte, blocks *[2]Block) {
	for i := range blocks {
		block := blocks[i]
		sums[i] = sha1.Sum(block.message()) //nolint:gosec // as above
	}
}

// SHA256 writes the first eight bytes of the digests of two sealed messages, as
// big-endian numbers.
func SHA256(heads *[2]uint64, blocks *[2]Block) {
	if accelerated {
		sha256Pair(heads, blocks)
		return
	}
	sha256Each(heads, blocks)
}

// sha256Each is SHA256 by the standard library.
func sha256Each(heads *[2]uint64, blocks *[2]Block) {
	for i := range blocks {
		block := blocks[i]
		sum := sha256.Sum256(block.message())
		heads[i] = binary.BigEndian.Uint64(sum[:])
	}
}
