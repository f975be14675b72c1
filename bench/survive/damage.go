package survive

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

// ErrorRate is the share of bytes that Errors changes, that of Wireshark's own
// fuzz test.
const ErrorRate = 0.02

// Damage is one way in which a file is damaged.
type Damage struct {
	Name string
	Do   func(data []byte) []byte // returns a damaged copy
}

// Damages returns the nine of the acceptance test: errors with three seeds, cuts
// at three places, and three changes of headers. The name of the file is part of
// every seed, so that no two files are damaged alike.
func Damages(file string) []Damage {
	var list []Damage
	for seed := range uint64(3) {
		list = append(list, Damage{fmt.Sprint("errors ", seed), func(data []byte) []byte {
			return Errors(data, ErrorRate, random(file, seed))
		}})
	}
	for seed := range uint64(3) {
		list = append(list, Damage{fmt.Sprint("cut ", seed), func(data []byte) []byte {
			return Cut(data, random(file, 10+seed))
		}})
	}
	return append(list,
		Damage{"file header", func(data []byte) []byte { return Flip(data, 0, 28, random(file, 20)) }},
		Damage{"first record header", func(data []byte) []byte { return Flip(data, firstRecord(data), 32, random(file, 21)) }},
		Damage{"lengths everywhere", func(data []byte) []byte { return Lengths(data, random(file, 22)) }},
	)
}

// random is a source of a file's own.
func random(file string, seed uint64) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, c := range []byte(file) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(h, seed))
}

// firstRecord is where a file's first record or second block begins.
func firstRecord(data []byte) int {
	if len(data) >= 12 && binary.LittleEndian.Uint32(data) == 0x0a0d0d0a {
		if n := binary.LittleEndian.Uint32(data[4:]); uint64(n) < uint64(len(data)) {
			return int(n)
		}
	}
	return min(24, len(data))
}

// Errors changes bytes at random places, as editcap -E does: each byte with the
// given probability, to a value that may be any.
func Errors(data []byte, rate float64, rng *rand.Rand) []byte {
	out := slices.Clone(data)
	for i := range out {
		if rng.Float64() < rate {
			out[i] = byte(rng.Uint32())
		}
	}
	return out
}

// Cut ends the file at a random place.
func Cut(data []byte, rng *rand.Rand) []byte {
	return slices.Clone(data[:rng.IntN(len(data)+1)])
}

// Flip changes one to three bits within n bytes from an offset on.
func Flip(data []byte, at, n int, rng *rand.Rand) []byte {
	out := slices.Clone(data)
	window := out[min(at, len(out)):min(at+n, len(out))]
	for range 1 + rng.IntN(3) {
		if len(window) > 0 {
			window[rng.IntN(len(window))] ^= 1 << rng.IntN(8)
		}
	}
	return out
}

// Lengths puts lengths that tempt at aligned places: zero, all ones, the sign
// bit, one more or less than what was there. One word in two hundred is changed.
func Lengths(data []byte, rng *rand.Rand) []byte {
	out := slices.Clone(data)
	for i := 0; i+4 <= len(out); i += 4 {
		if rng.IntN(200) > 0 {
			continue
		}
		was := binary.LittleEndian.Uint32(out[i:])
		next := []uint32{0, 1, 0xffffffff, 1 << 31, was + 1, was - 1, 65535, 262144, 16 << 20}[rng.IntN(9)]
		binary.LittleEndian.PutUint32(out[i:], next)
	}
	return out
}
