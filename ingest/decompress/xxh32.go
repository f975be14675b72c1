package decompress

import (
	"encoding/binary"
	"math/bits"
)

// The primes of xxHash32.
const (
	prime1 = 2654435761
	prime2 = 2246822519
	prime3 = 3266489917
	prime4 = 668265263
	prime5 = 374761393
)

// xxh32 is a running xxHash32 with seed 0, as lz4 frames use it
// (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
type xxh32 struct {
	v     [4]uint32
	total uint64
	rest  [16]byte // bytes that do not fill a stripe yet
	have  int
}

func (h *xxh32) reset() {
	seed := uint32(0)
	*h = xxh32{v: [4]uint32{seed + prime1 + prime2, seed + prime2, seed, seed - prime1}}
}

func (h *xxh32) write(b []byte) {
	h.total += uint64(len(b))
	if h.have > 0 {
		n := copy(h.rest[h.have:], b)
		h.have += n
		b = b[n:]
		if h.have < len(h.rest) {
			return
		}
		h.stripes(h.rest[:])
		h.have = 0
	}
	whole := len(b) &^ 15
	h.stripes(b[:whole])
	h.have = copy(h.rest[:], b[whole:])
}

func (h *xxh32) stripes(b []byte) {
	v0, v1, v2, v3 := h.v[0], h.v[1], h.v[2], h.v[3]
	for ; len(b) >= 16; b = b[16:] {
		v0 = bits.RotateLeft32(v0+binary.LittleEndian.Uint32(b)*prime2, 13) * prime1
		v1 = bits.RotateLeft32(v1+binary.LittleEndian.Uint32(b[4:])*prime2, 13) * prime1
		v2 = bits.RotateLeft32(v2+binary.LittleEndian.Uint32(b[8:])*prime2, 13) * prime1
		v3 = bits.RotateLeft32(v3+binary.LittleEndian.Uint32(b[12:])*prime2, 13) * prime1
	}
	h.v = [4]uint32{v0, v1, v2, v3}
}

func (h *xxh32) sum() uint32 {
	s := uint32(prime5)
	if h.total >= 16 {
		s = bits.RotateLeft32(h.v[0], 1) + bits.RotateLeft32(h.v[1], 7) +
			bits.RotateLeft32(h.v[2], 12) + bits.RotateLeft32(h.v[3], 18)
	}
	s += uint32(h.total)
	b := h.rest[:h.have]
	for ; len(b) >= 4; b = b[4:] {
		s = bits.RotateLeft32(s+binary.LittleEndian.Uint32(b)*prime3, 17) * prime4
	}
	for _, c := range b {
		s = bits.RotateLeft32(s+uint32(c)*prime5, 11) * prime1
	}
	s ^= s >> 15
	s *= prime2
	s ^= s >> 13
	s *= prime3
	return s ^ s>>16
}

// xxh32Of is the xxHash32 of b.
func xxh32Of(b []byte) uint32 {
	var h xxh32
	h.reset()
	h.write(b)
	return h.sum()
}
