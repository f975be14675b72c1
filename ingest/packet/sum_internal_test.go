package packet

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestSumBytes compares the sums with one made word by word, for every length, at
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
		for n := range len(buf) - 80 {
			checkSums(t, buf[n%8:n%8+n], start)
		}
	}
	if sumBytes(nil, 0) != 0 || sumBytes(make([]byte, 99), 0) != 0 {
		t.Error("the sum of nothing is not 0")
	}
}

// TestSumBytesOfLongSegments sums what carries most, up to lengths at which sums
// of 32 bits would overflow.
func TestSumBytesOfLongSegments(t *testing.T) {
	buf := make([]byte, 1<<20)
	for i := range buf {
		buf[i] = 0xff
	}
	for _, n := range []int{1 << 16, 1<<17 - 1, 1 << 17, 1<<17 + 1, 1<<18 + 3, 1<<20 - 64} {
		checkSums(t, buf[:n], 0)
	}
}

// checkSums compares the sums of b, with other bytes behind it and without.
func checkSums(t *testing.T, b []byte, start uint64) {
	t.Helper()
	want := wordByWord(b, start)
	for name, got := range map[string]uint16{
		"here": sumBytes(b, start), "at the end": sumBytes(b[:len(b):len(b)], start), "portable": sumWords(b, start),
	} {
		if got != want {
			t.Fatalf("%s: %d bytes from %#x: %#04x, want %#04x", name, len(b), start, got, want)
		}
	}
}

// FuzzSumBytes holds all ways to sum to the same result, for any bytes before,
// in and behind what is summed.
func FuzzSumBytes(f *testing.F) {
	f.Add([]byte("some bytes to sum, more than there are in a block of 64 and yet some more behind them"), uint64(1), uint16(3), uint16(20))
	f.Add(make([]byte, 200), ^uint64(0), uint16(0), uint16(130))
	f.Fuzz(func(t *testing.T, buf []byte, start uint64, from, n uint16) {
		lo := min(int(from), len(buf))
		checkSums(t, buf[lo:min(lo+int(n), len(buf))], start)
	})
}

func wordByWord(b []byte, start uint64) uint16 {
	var sum uint64
	for i := range 4 {
		sum += uint64(start >> (16 * i) & 0xffff)
	}
	for ; len(b) >= 2; b = b[2:] {
		sum += uint64(binary.LittleEndian.Uint16(b))
	}
	if len(b) > 0 {
		sum += uint64(b[0])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
