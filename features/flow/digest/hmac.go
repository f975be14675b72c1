package digest

import (
	"crypto/sha256"
	"encoding/binary"
)

// HMACKey makes HMAC-SHA256 (RFC 2104) of short messages. A MAC is the hash of two
// blocks, the key's and the message's, and the hash of two more, the key's again and
// that of the first; what becomes of the key's blocks is the same for all messages.
type HMACKey struct {
	inner, outer [8]uint32 // states behind the key's blocks, as sha256Next has them
	key          [BlockSize]byte
}

// initial is the state that SHA-256 begins with (FIPS 180-4, 5.3.3).
var initial = [8]uint32{0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667, 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372}

// Set takes a key, of a block at the most.
func (k *HMACKey) Set(key []byte) {
	k.key = [BlockSize]byte{}
	copy(k.key[:], key)
	if !accelerated {
		return
	}
	inner, outer := k.blocks()
	k.inner, k.outer = initial, initial
	sha256Next(&k.inner, &k.outer, &inner, &outer)
}

// blocks returns the key's two blocks.
func (k *HMACKey) blocks() (inner, outer Block) {
	const innerPad, outerPad = 0x3636363636363636, 0x5c5c5c5c5c5c5c5c
	for at := 0; at < BlockSize; at += 8 {
		word := binary.LittleEndian.Uint64(k.key[at:])
		binary.LittleEndian.PutUint64(inner[at:], word^innerPad)
		binary.LittleEndian.PutUint64(outer[at:], word^outerPad)
	}
	return inner, outer
}

// SealBehind is Seal for the second block of a message, of which the first n bytes of b
// are the end.
func (b *Block) SealBehind(n int) {
	b.Seal(n)
	binary.BigEndian.PutUint64(b[BlockSize-8:], BlockSize*8+uint64(n)*8)
}

// behind returns what SealBehind has sealed.
func (b *Block) behind() []byte {
	return b[:binary.BigEndian.Uint64(b[BlockSize-8:])/8-BlockSize]
}

// HMAC writes the MACs of two messages, which SealBehind has sealed, each under a key of
// its own.
func HMAC(macs *[2][sha256.Size]byte, keys [2]*HMACKey, messages [2]*Block) {
	if accelerated {
		hmacPair(macs, keys, messages)
		return
	}
	hmacEach(macs, keys, messages)
}

func hmacPair(macs *[2][sha256.Size]byte, keys [2]*HMACKey, messages [2]*Block) {
	x, y := keys[0].inner, keys[1].inner
	sha256Next(&x, &y, messages[0], messages[1])
	var hashes [2]Block
	putState(hashes[0][:], &x)
	putState(hashes[1][:], &y)
	hashes[0].SealBehind(sha256.Size)
	hashes[1].SealBehind(sha256.Size)
	x, y = keys[0].outer, keys[1].outer
	sha256Next(&x, &y, &hashes[0], &hashes[1])
	putState(macs[0][:], &x)
	putState(macs[1][:], &y)
}

// putState writes the digest that a state stands for.
func putState(dst []byte, state *[8]uint32) {
	for at, i := range [8]int{3, 2, 7, 6, 1, 0, 5, 4} { // a to h
		binary.BigEndian.PutUint32(dst[4*at:], state[i])
	}
}

// hmacEach is HMAC by the standard library's SHA-256.
func hmacEach(macs *[2][sha256.Size]byte, keys [2]*HMACKey, messages [2]*Block) {
	for i, k := range keys {
		inner, outer := k.blocks()
		hash := sha256.Sum256(append(inner[:], messages[i].behind()...))
		macs[i] = sha256.Sum256(append(outer[:], hash[:]...))
	}
}
