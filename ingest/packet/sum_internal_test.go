package packet

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestSumBytes compares the sum with one made word by word, for every length, at
// every alignment and from any sum to begin with.
func TestSumBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 400)
	for round := range 40 {
		for i := range buf {
			buf[i] = byte(r.Uint32())
			if round%4 == 3 { // runs of ones carry most
				buf[i] = 0xff
			}
		}
		start := r.Uint64()
		if round%4 == 2 {
			start = ^uint64(0) - uint64(round%3)
		}
		for n := range len(buf) - 8 {
			b := buf[n%8 : n%8+n]
			if got, want := sumBytes(b, start), wordByWord(b, start); got != want {
				t.Fatalf("%d bytes from %#x: %#04x, want %#04x", n, start, got, want)
			}
		}
	}
	if sumBytes(nil, 0) != 0 || sumBytes(make([]byte, 99), 0) != 0 {
		t.Error("the sum of nothing is not 0")
	}
}

func wordByWord(b []byte, start uint64) uint16 {
	var sum uint32
	for i := range 4 {
		sum += uint32(start >> (16 * i) & 0xffff)
	}
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.LittleEndian.Uint16(b))
	}
	if len(b) > 0 {
		sum += uint32(b[0])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
