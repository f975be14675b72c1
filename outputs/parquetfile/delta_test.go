package parquetfile

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/delta"
)

// checkPacker packs values in pieces and reads them back with parquet-go.
func checkPacker[T int32 | int64](t *testing.T, values []T, piece int, decode func([]byte) ([]T, error)) {
	t.Helper()
	var p deltaPacker[T]
	p.add([]T{5, -5}) // what reset must forget
	p.reset()
	for part := range slices.Chunk(values, max(1, piece)) {
		p.add(part)
	}
	page := p.bounds()
	if page.any != (len(values) > 0) || page.any && (page.lo != slices.Min(values) || page.hi != slices.Max(values)) {
		t.Fatalf("bounds %v of %v", page, values)
	}
	got, err := decode(p.finish())
	if err != nil || !slices.Equal(got, values) {
		t.Fatalf("pieces of %d: %v, %v, want %v", piece, got, err, values)
	}
}

// checkBoth does so in both widths, and compares the block encoders' twins.
func checkBoth(t *testing.T, values []int64, piece int) {
	t.Helper()
	var e delta.BinaryPackedEncoding
	checkPacker(t, values, piece, func(b []byte) ([]int64, error) { return e.DecodeInt64(nil, b) })
	narrow := make([]int32, len(values))
	for i, x := range values {
		narrow[i] = int32(x)
	}
	checkPacker(t, narrow, piece, func(b []byte) ([]int32, error) { return e.DecodeInt32(nil, b) })
	for i := 0; i+1+blockValues <= len(values); i += blockValues {
		checkTwins(t, (*[1 + blockValues]int64)(values[i:]))
		checkTwins(t, (*[1 + blockValues]int32)(narrow[i:]))
	}
}

func checkTwins[T int32 | int64](t *testing.T, b *[1 + blockValues]T) {
	t.Helper()
	if got, want := isUniform(b), isUniformPortable(b); got != want {
		t.Fatalf("uniform: %v, portable %v, of %v", got, want, *b)
	}
	var x, y [blockValues]int64
	got, want := packBlock(&x, b), packBlockPortable(&y, b)
	if got.least != want.least || min(b[0], got.lo) != want.lo || max(b[0], got.hi) != want.hi || x != y {
		t.Fatalf("%+v, portable %+v, of %v", got, want, *b)
	}
	for i, used := range got.used {
		if used != want.used[i] {
			t.Fatalf("miniblock %d: bits %x, portable %x, of %v", i, used, want.used[i], *b)
		}
	}
}

func TestDeltaPacker(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 31, 32, 33, 127, 128, 129, 130, 256, 257, 258, 1000} {
		for width := range 65 {
			values := make([]int64, n)
			for i := range values {
				if width > 0 {
					values[i] = int64(r.Uint64()>>(64-width)) - int64(r.IntN(2))
				}
			}
			for _, piece := range []int{1, 7, 128, 129, 1000} {
				checkBoth(t, values, piece)
			}
		}
	}
}

func TestDeltaPackerWrapsAround(t *testing.T) {
	values := make([]int64, 300)
	for i := range values {
		values[i] = []int64{math.MinInt64, math.MaxInt64, 0, -1, math.MinInt32, math.MaxInt32}[i%6]
	}
	checkBoth(t, values, 300)
	for i := range values {
		values[i] = []int64{math.MinInt32, math.MaxInt32}[i/150]
	}
	checkBoth(t, values, 100)
}

func FuzzDeltaPacker(f *testing.F) {
	f.Add([]byte("some bytes that make integers"), 3)
	f.Add(make([]byte, 129*8), 128)
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		var values []int64
		for ; len(data) >= 8; data = data[8:] {
			x := int64(binary.LittleEndian.Uint64(data))
			values = append(values, x>>(x&63))
		}
		checkBoth(t, values, piece)
	})
}
