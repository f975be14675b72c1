package stages

import (
	"math/rand/v2"
	"testing"
)

// TestKeyedHash: each bit, the length and the key count, and nothing else.
func TestKeyedHash(t *testing.T) {
	data := make([]byte, 100)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	keys := [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}
	seen := map[uint64]bool{}
	sum := func(keys [2]uint64, b []byte, more ...byte) uint64 {
		h := newKeyedHash(keys)
		h.write(b)
		for _, c := range more {
			h.byte(c)
		}
		return h.sum
	}
	note := func(s uint64) {
		if seen[s] {
			t.Error("two hashes are alike")
		}
		seen[s] = true
	}
	note(sum(keys, data))
	if !seen[sum(keys, data)] {
		t.Error("the hash is another one the second time")
	}
	for bit := range 8 * len(data) {
		data[bit/8] ^= 1 << (bit % 8)
		note(sum(keys, data))
		data[bit/8] ^= 1 << (bit % 8)
	}
	for n := range len(data) {
		note(sum(keys, data[:n]))
	}
	note(sum(keys, append(data, 0)))
	note(sum(keys, data, 0))
	note(sum([2]uint64{keys[0] ^ 2, keys[1]}, data))
	note(sum([2]uint64{keys[0], keys[1] ^ 2}, data))
}
