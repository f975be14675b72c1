package sketch_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"pcapmill/features/sketch"
)

// hashes returns those of the integers in [from, to), by Hash.
func hashes(from, to int) []uint64 {
	list := make([]uint64, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, sketch.Hash(binary.BigEndian.AppendUint64(nil, uint64(i))))
	}
	return list
}

// TestHash has vectors: SHA-256 of FIPS 180-4 ("abc" of its example B.1, and of nothing),
// and SplitMix64's published first outputs for the seed 1234567.
func TestHash(t *testing.T) {
	if h := sketch.Hash([]byte("abc")); h != 0xba7816bf8f01cfea {
		t.Errorf("%#x", h)
	}
	if h := sketch.Hash(nil); h != 0xe3b0c44298fc1c14 {
		t.Errorf("%#x", h)
	}
	const seed, step = 1234567, 0x9e3779b97f4a7c15
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423} {
		if h := sketch.HashInt(seed + uint64(i)*step); h != want {
			t.Errorf("%d: %d", i, h)
		}
	}
}

// TestDistinctExact counts exactly up to the border, however often a value comes.
func TestDistinctExact(t *testing.T) {
	var d sketch.Distinct
	for range 2 {
		for i, h := range hashes(0, sketch.MaxExact) {
			if d.Add(h); d.Count() < uint64(i+1) {
				t.Fatalf("%d after %d", d.Count(), i+1)
			}
		}
	}
	if !d.Exact() || d.Count() != sketch.MaxExact {
		t.Errorf("%d, exact %v", d.Count(), d.Exact())
	}
	d.Add(1)
	if d.Exact() || d.Count() <= sketch.MaxExact {
		t.Errorf("%d, exact %v", d.Count(), d.Exact())
	}
	d.Reset()
	if !d.Exact() || d.Count() != 0 {
		t.Errorf("%d, exact %v", d.Count(), d.Exact())
	}
}

// TestDistinctBorder: values of one side of the border and merges that cross it give the
// bytes of one that was filled alone.
func TestDistinctBorder(t *testing.T) {
	all := hashes(0, 5000)
	want := distinct.bytes(distinct.of(all))
	for _, cut := range []int{1, 500, 1024, 1025, 3976, 4500} {
		small, large := distinct.of(all[:cut]), distinct.of(all[cut:])
		small.Merge(large)
		large.Merge(distinct.of(all[:cut]))
		if !bytes.Equal(distinct.bytes(small), want) || !bytes.Equal(distinct.bytes(large), want) {
			t.Errorf("cut at %d", cut)
		}
	}
}

// TestDistinctError measures the error over 200 sets at each of several sizes: its root
// mean square is the stated standard error, within what 200 sets leave open, and no set is
// off by more than five.
func TestDistinctError(t *testing.T) {
	sets := 200
	if testing.Short() {
		sets = 40
	}
	for _, n := range []int{1100, 3000, 10000, 30000} {
		squares, bias := 0.0, 0.0
		for s := range sets {
			var d sketch.Distinct
			for i := range n {
				d.Add(sketch.HashInt(uint64(s)<<32 | uint64(i)))
			}
			e := float64(d.Count())/float64(n) - 1
			if math.Abs(e) > 5*sketch.StandardError {
				t.Errorf("%d values: off by %v", n, e)
			}
			squares += e * e
			bias += e / float64(sets)
		}
		rms := math.Sqrt(squares / float64(sets))
		t.Logf("%d values: root mean square %.4f, mean %+.4f", n, rms, bias)
		if rms > 1.25*sketch.StandardError || math.Abs(bias) > 5*sketch.StandardError/math.Sqrt(float64(sets)) {
			t.Errorf("%d values: root mean square %v, mean %v", n, rms, bias)
		}
	}
}

// TestDistinctChosen has values chosen to fall into one register: the estimate is held
// down, but never below what is certain. Values with many zeros drive it up, to no more
// than an int64 holds.
func TestDistinctChosen(t *testing.T) {
	var low, high sketch.Distinct
	for i := range uint64(5000) {
		low.Add(i)
		high.Add(i << 52)
	}
	if low.Exact() || low.Count() != sketch.MaxExact+1 {
		t.Errorf("%d", low.Count())
	}
	if high.Exact() || high.Count() != 1<<63 {
		t.Errorf("%d", high.Count())
	}
}

// TestDistinctRefuses has bytes that no state is written as.
func TestDistinctRefuses(t *testing.T) {
	exact, estimate := distinct.bytes(distinct.of([]uint64{5, 6})), distinct.bytes(distinct.of(hashes(0, 2000)))
	for name, b := range map[string][]byte{
		"nothing":          {},
		"no form":          {0x31},
		"unknown form":     {0x31, 2, 0},
		"cut":              exact[:len(exact)-1],
		"equal hashes":     append(bytes.Clone(exact[:11]), exact[3:11]...),
		"too many":         append([]byte{0x31, 0, 0x81, 0x08}, make([]byte, 1025*8)...),
		"long number":      append([]byte{0x31, 0, 0x82, 0}, exact[3:]...),
		"no register":      append([]byte{0x31, 1}, make([]byte, 3072)...),
		"registers cut":    estimate[:len(estimate)-1],
		"impossible rank":  append([]byte{0x31, 1, 54 << 2}, make([]byte, 3071)...),
		"number of hashes": {0x31, 0},
	} {
		var d sketch.Distinct
		if _, err := d.Decode(b); !errors.Is(err, sketch.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var d sketch.Distinct
	if _, err := d.Decode([]byte{0x32, 0, 0}); !errors.Is(err, sketch.ErrVersion) {
		t.Error(err)
	}
}
