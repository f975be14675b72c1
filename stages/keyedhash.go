package stages

import (
	"encoding/binary"
	"math/bits"
)

// keyedHash hashes bytes under a key, by multiplication as wyhash does. Other than those of
// hash/maphash its hashes are the same in every process that has the key, as what is
// remembered by them outlives one: see Session.Save.
type keyedHash struct{ sum, key uint64 }

func newKeyedHash(keys [2]uint64) keyedHash { return keyedHash{sum: keys[0], key: keys[1]} }

// write adds bytes. The same ones written in other pieces come to another hash.
func (h *keyedHash) write(b []byte) {
	n := uint64(len(b))
	for ; len(b) >= 16; b = b[16:] {
		h.add(binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]))
	}
	var rest [16]byte
	copy(rest[:], b)
	h.add(binary.LittleEndian.Uint64(rest[:]), binary.LittleEndian.Uint64(rest[8:]))
	h.add(n, 0)
}

func (h *keyedHash) byte(b byte) { h.add(uint64(b), 1) }

// add takes two words. Unlike fold it drops none of their bits.
func (h *keyedHash) add(a, b uint64) {
	hi, lo := bits.Mul64(h.sum^a, h.key^b)
	h.sum = hi ^ lo
}
