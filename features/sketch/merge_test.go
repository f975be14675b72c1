package sketch_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/features/sketch"
)

// kind is what every summary does, of values of type V.
type kind[V, S any] struct {
	make   func() *S
	add    func(*S, V)
	merge  func(into, from *S) error
	append func(*S, []byte) []byte
	decode func(*S, []byte) ([]byte, error)
}

// of returns a summary of values.
func (k *kind[V, S]) of(values []V) *S {
	s := k.make()
	for _, v := range values {
		k.add(s, v)
	}
	return s
}

func (k *kind[V, S]) bytes(s *S) []byte { return k.append(s, nil) }

// parted returns one that was made of parts, in which values lie as drawn, each written
// and read again or not, and merged in the drawn order.
func (k *kind[V, S]) parted(t *rapid.T, values []V) *S {
	parts := make([]*S, rapid.IntRange(1, 5).Draw(t, "parts"))
	for i := range parts {
		parts[i] = k.make()
	}
	for _, i := range rapid.Permutation(indexes(len(values))).Draw(t, "order") {
		k.add(parts[rapid.IntRange(0, len(parts)-1).Draw(t, "part")], values[i])
	}
	for len(parts) > 1 {
		into := rapid.IntRange(0, len(parts)-2).Draw(t, "into")
		last := parts[len(parts)-1]
		if rapid.Bool().Draw(t, "written") {
			last = k.again(t, last)
		}
		if err := k.merge(parts[into], last); err != nil {
			t.Fatal(err)
		}
		parts = parts[:len(parts)-1]
	}
	return parts[0]
}

// again writes and reads.
func (k *kind[V, S]) again(t interface{ Fatalf(string, ...any) }, s *S) *S {
	read := k.make()
	rest, err := k.decode(read, k.append(s, nil))
	if err != nil || len(rest) != 0 {
		t.Fatalf("%v, %d bytes left", err, len(rest))
	}
	return read
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// check holds that any partition and order gives the same bytes.
func (k *kind[V, S]) check(t *testing.T, values *rapid.Generator[[]V]) {
	rapid.Check(t, func(t *rapid.T) {
		v := values.Draw(t, "values")
		want := k.bytes(k.of(v))
		if got := k.bytes(k.parted(t, v)); !bytes.Equal(got, want) {
			t.Fatalf("parts %x, whole %x", got, want)
		}
		if got := k.bytes(k.again(t, k.of(v))); !bytes.Equal(got, want) {
			t.Fatalf("read again %x, whole %x", got, want)
		}
	})
}

// fuzz holds that bytes are refused or are the very encoding of what they decode to, which
// merges with itself, and of which use makes calls that must not panic.
func (k *kind[V, S]) fuzz(f *testing.F, use func(*testing.T, *S)) {
	f.Fuzz(func(t *testing.T, b []byte) {
		s := k.make()
		before := k.bytes(s)
		rest, err := k.decode(s, b)
		if err != nil {
			if got := k.bytes(s); !bytes.Equal(got, before) {
				t.Fatalf("refused, but now %x", got)
			}
			return
		}
		if got := k.bytes(s); !bytes.Equal(got, b[:len(b)-len(rest)]) {
			t.Fatalf("%x was read as %x", b, got)
		}
		use(t, s)
		if err := k.merge(s, k.again(t, s)); err == nil {
			use(t, k.again(t, s))
		}
	})
}

var moments = kind[float64, sketch.Moments]{
	make:   func() *sketch.Moments { m := sketch.NewMoments(10); return &m },
	add:    (*sketch.Moments).Add,
	merge:  (*sketch.Moments).Merge,
	append: (*sketch.Moments).AppendBinary,
	decode: (*sketch.Moments).Decode,
}

var histogram = kind[float64, sketch.Histogram]{
	make:   func() *sketch.Histogram { h := sketch.NewHistogram(sketch.Fine); return &h },
	add:    (*sketch.Histogram).Add,
	merge:  (*sketch.Histogram).Merge,
	append: (*sketch.Histogram).AppendBinary,
	decode: (*sketch.Histogram).Decode,
}

var distinct = kind[uint64, sketch.Distinct]{
	make:   func() *sketch.Distinct { return new(sketch.Distinct) },
	add:    (*sketch.Distinct).Add,
	merge:  func(into, from *sketch.Distinct) error { into.Merge(from); return nil },
	append: (*sketch.Distinct).AppendBinary,
	decode: (*sketch.Distinct).Decode,
}

var topK = kind[string, sketch.TopK]{
	make:   func() *sketch.TopK { t := sketch.NewTopK(8); return &t },
	add:    func(t *sketch.TopK, key string) { t.Add([]byte(key), uint64(len(key)%3)+1) },
	merge:  (*sketch.TopK).Merge,
	append: (*sketch.TopK).AppendBinary,
	decode: (*sketch.TopK).Decode,
}

func TestMomentsMerge(t *testing.T)   { moments.check(t, rapid.SliceOf(rapid.Float64())) }
func TestHistogramMerge(t *testing.T) { histogram.check(t, rapid.SliceOf(rapid.Float64())) }

// TestMomentsMergeOrdinary has values that are of a size, whose sums have few bits.
func TestMomentsMergeOrdinary(t *testing.T) {
	moments.check(t, rapid.SliceOf(rapid.Float64Range(-1500, 1500)))
}

// TestTopKMerge has keys of which there are often more than the cap, and long ones.
func TestTopKMerge(t *testing.T) {
	topK.check(t, rapid.SliceOf(rapid.StringMatching("[a-e]{0,3}|z{256}")))
}

// TestTopKMergeMany has far more keys than the cap, so that they are left out on the way.
func TestTopKMergeMany(t *testing.T) {
	topK.check(t, rapid.SliceOfN(rapid.StringMatching("[a-f]{2,4}"), 60, 200))
}

// TestDistinctMerge has sets on either side of the border and at it: a stretch of hashes
// whose length is drawn, some of them twice.
func TestDistinctMerge(t *testing.T) {
	distinct.check(t, rapid.Custom(func(t *rapid.T) []uint64 {
		n := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(1020, 1030), rapid.IntRange(1500, 2500)).Draw(t, "different")
		values := make([]uint64, 0, n+10)
		for i := range n {
			values = append(values, sketch.HashInt(uint64(i)))
		}
		for range rapid.IntRange(0, min(n, 10)).Draw(t, "again") {
			values = append(values, values[rapid.IntRange(0, n-1).Draw(t, "which")])
		}
		return values
	}))
}

func FuzzMoments(f *testing.F) {
	f.Add(moments.bytes(moments.of([]float64{1, 2.5, -3, 1e300})))
	f.Add(moments.bytes(moments.of([]float64{-0x1p52, -0x1p52, 0x1p51})))
	f.Add([]byte("\x11\x00\x0a\x00\x01"))
	moments.fuzz(f, func(t *testing.T, m *sketch.Moments) {
		mean, known := m.Mean()
		variance, more := m.Variance()
		if known != (m.Count() > 0) || more != (m.Count() > 1) || !(variance >= 0) || mean != mean {
			t.Fatalf("mean %v %v, variance %v %v of %d", mean, known, variance, more, m.Count())
		}
	})
}

func FuzzHistogram(f *testing.F) {
	f.Add(histogram.bytes(histogram.of([]float64{0, 1, 2.5, -3, 1e300, -1e-300})))
	f.Add([]byte("\x21\x02\x02\x03\x01"))
	histogram.fuzz(f, func(t *testing.T, h *sketch.Histogram) {
		before := sketch.Bounded{}
		for i, q := range []float64{0, 0.25, 0.5, 1} {
			v, known := h.Quantile(q)
			if known != (h.Count() > 0) || v.Low > v.Value || v.Value > v.High || i > 0 && v.Value < before.Value {
				t.Fatalf("quantile %v: %v %v", q, v, known)
			}
			before = v
		}
		checkDistances(t, h, h)
	})
}

func FuzzDistinct(f *testing.F) {
	f.Add(distinct.bytes(distinct.of([]uint64{1, 2, 1 << 63})))
	f.Add(distinct.bytes(distinct.of(hashes(0, 1500))))
	distinct.fuzz(f, func(t *testing.T, d *sketch.Distinct) {
		if n := d.Count(); (n <= sketch.MaxExact) != d.Exact() {
			t.Fatalf("%d, exact %v", n, d.Exact())
		}
	})
}

func FuzzTopK(f *testing.F) {
	f.Add(topK.bytes(topK.of([]string{"a", "b", "a", ""})))
	f.Add(topK.bytes(topK.of([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"})))
	topK.fuzz(f, func(t *testing.T, k *sketch.TopK) {
		sum := k.Others()
		for _, e := range k.Top(-1) {
			sum += e.Count
		}
		if sum != k.Total() || k.Exact() != (k.Others() == 0) || k.Exact() != (k.Keys() <= uint64(k.Cap())) {
			t.Fatalf("%d of %d, others %d, exact %v, keys %d", sum, k.Total(), k.Others(), k.Exact(), k.Keys())
		}
		checkRead(t, k)
	})
}

// checkRead holds that ReadTopK says what Decode does.
func checkRead(t *testing.T, k *sketch.TopK) {
	before, n := "", 0
	counts := map[string]uint64{}
	for _, e := range k.Top(-1) {
		counts[e.Key] = e.Count
	}
	head, rest, err := sketch.ReadTopK(append(k.AppendBinary(nil), 9), func(key []byte, count uint64) {
		if n > 0 && string(key) <= before || counts[string(key)] != count {
			t.Fatalf("%q behind %q came %d times, not %d", key, before, count, counts[string(key)])
		}
		before = string(key)
		n++
	})
	if err != nil || len(rest) != 1 || n != len(counts) || head != (sketch.TopKHead{Cap: k.Cap(), Exact: k.Exact(), Others: k.Others(), TooLong: k.TooLong()}) {
		t.Fatalf("%d of %d keys, %+v, %v, %d bytes left", n, len(counts), head, err, len(rest))
	}
}
