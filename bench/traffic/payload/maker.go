package payload

import (
	"encoding/binary"
	"slices"
)

// Maker writes messages. It keeps the parts of them that are the same each time.
type Maker struct {
	hellos map[*Client]*hello
	chains [domains][][]byte
	names  [Servers]string
}

// NewMaker returns a Maker without any part built.
func NewMaker() *Maker { return &Maker{hellos: map[*Client]*hello{}} }

// Mix is splitmix64's output function: a bijection on 64-bit numbers.
func Mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Fill fills b with the pseudo-random bytes of a seed.
func Fill(b []byte, seed uint64) {
	for len(b) >= 8 {
		seed += step
		binary.LittleEndian.PutUint64(b, Mix(seed))
		b = b[8:]
	}
	last := Mix(seed + step)
	for i := range b {
		b[i] = byte(last >> (8 * i))
	}
}

// step is the odd constant that splitmix64 counts by.
const step = 0x9e3779b97f4a7c15

// appendRandom appends n pseudo-random bytes.
func appendRandom(b []byte, n int, seed uint64) []byte {
	b = slices.Grow(b, n)[:len(b)+n]
	Fill(b[len(b)-n:], seed)
	return b
}

// Salts tell the random parts of one seed apart.
const (
	saltRandom = 1 + iota
	saltSession
	saltGrease
	saltShare
	saltServer
	saltCipher
	saltFrames
	saltPath
)

// derived is the seed of one part.
func derived(seed, salt uint64) uint64 { return Mix(seed + salt*step) }

// be16 appends a big-endian 16-bit number.
func be16(b []byte, v int) []byte { return append(b, byte(v>>8), byte(v)) }

// be24 appends a big-endian 24-bit number.
func be24(b []byte, v int) []byte { return append(b, byte(v>>16), byte(v>>8), byte(v)) }

// be32 appends a big-endian 32-bit number.
func be32(b []byte, v uint32) []byte {
	return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// set16 writes the number of bytes after the 16-bit field at an index.
func set16(b []byte, at int) {
	n := len(b) - at - 2
	b[at], b[at+1] = byte(n>>8), byte(n)
}

// set24 writes the number of bytes after the 24-bit field at an index.
func set24(b []byte, at int) {
	n := len(b) - at - 3
	b[at], b[at+1], b[at+2] = byte(n>>16), byte(n>>8), byte(n)
}
