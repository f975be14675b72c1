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
	n := 0
	note := func(s uint64) {
		n++
		if seen[s] {
			t.Errorf("hash %d is one that was there", n)
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
	for i := range keys {
		other := keys
		if other[i] ^= 2; sum(other, data) == sum(keys, data) {
			t.Errorf("key %d does not count", i)
		}
	}
}
