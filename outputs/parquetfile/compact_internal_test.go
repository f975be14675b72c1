package parquetfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCompact compares what vectors do with loops over the values, for all lengths
// and shares of nulls.
func TestCompact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		ints, doubles, valid := make([]int64, n), make([]float64, n), make([]byte, n)
		nulls := rng.IntN(5)
		for i := range n {
			ints[i], doubles[i] = rng.Int64()-rng.Int64(), rng.NormFloat64()
			if rng.IntN(4) >= nulls {
				valid[i] = 1
			}
		}
		checkCompact(t, ints, doubles, valid)
		checkCompact(t, ints, doubles, nil)
	}
}

func checkCompact(t *testing.T, ints []int64, doubles []float64, valid []byte) {
	t.Helper()
	wantInts, want := []int64{7}, []byte{7}
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, x := range doubles {
		if valid == nil || valid[i] == 1 {
			wantInts = append(wantInts, ints[i])
			want = binary.LittleEndian.AppendUint64(want, math.Float64bits(x))
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	if got := appendInts([]int64{7}, ints, valid); !slices.Equal(got, wantInts) {
		t.Fatalf("%v, want %v", got, wantInts)
	}
	got := appendDoubles([]byte{7}, doubles, valid)
	if !bytes.Equal(got, want) {
		t.Fatalf("%x, want %x", got, want)
	}
	e, finite := scanDoubles(got[1:])
	if !finite || e.any != (len(got) > 1) || e.any && (e.lo != lo || e.hi != hi) {
		t.Fatalf("extent %v, finite %v, of %v to %v", e, finite, lo, hi)
	}
}

// TestScanDoubles finds what is not finite at any place.
func TestScanDoubles(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Float64frombits(0xfff8dead00000001)} {
		for n := range 20 {
			for at := range n {
				v := make([]float64, n)
				v[at] = bad
				if _, finite := scanDoubles(appendDoubles(nil, v, nil)); finite {
					t.Fatalf("%v at %d of %d passes", bad, at, n)
				}
			}
		}
	}
}
