package sketch_test

import (
	"math/rand/v2"
	"testing"

	"pcapmill/features/sketch"
)

// values are lognormal, in an order without pattern.
func values(n int) []float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	list := make([]float64, n)
	for i := range list {
		list[i] = distributions["lognormal"](rng)
	}
	return list
}

// perCall reports the time of each of the calls that an iteration makes.
func perCall(b *testing.B, calls int) {
	b.ReportAllocs()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(calls), "ns/call")
}

func BenchmarkMomentsAdd(b *testing.B) {
	list, m := values(1<<12), sketch.NewMoments(10)
	for b.Loop() {
		for _, v := range list {
			m.Add(v)
		}
	}
	perCall(b, len(list))
}

func BenchmarkMomentsMerge(b *testing.B) {
	m, o := sketch.NewMoments(10), moments.of(values(100))
	for b.Loop() {
		_ = m.Merge(o)
	}
	perCall(b, 1)
}

// BenchmarkMomentsCodec writes and reads those of six windows.
func BenchmarkMomentsCodec(b *testing.B) {
	m, buffer := moments.of(values(6)), []byte(nil)
	for b.Loop() {
		buffer = m.AppendBinary(buffer[:0])
		_, _ = m.Decode(buffer)
	}
	perCall(b, 1)
}

func BenchmarkHistogramAdd(b *testing.B) {
	list, h := values(1<<12), sketch.NewHistogram(sketch.Fine)
	for b.Loop() {
		for _, v := range list {
			h.Add(v)
		}
	}
	perCall(b, len(list))
}

// BenchmarkHistogramFill makes new ones of 64 values each, as windows of hosts do.
func BenchmarkHistogramFill(b *testing.B) {
	list, h := values(64), sketch.NewHistogram(sketch.Fine)
	for b.Loop() {
		h.Reset()
		for _, v := range list {
			h.Add(v)
		}
	}
	perCall(b, len(list))
}

func BenchmarkHistogramMerge(b *testing.B) {
	h, o := histogram.of(values(1000)), histogram.of(values(100))
	for b.Loop() {
		_ = h.Merge(o)
	}
	perCall(b, 1)
}

// BenchmarkDistinctAdd has values that were counted before, 400 and 4,000 of them.
func BenchmarkDistinctAdd(b *testing.B) {
	for name, n := range map[string]int{"exact": 400, "registers": 4000} {
		b.Run(name, func(b *testing.B) {
			list := hashes(0, n)
			d := distinct.of(list)
			for b.Loop() {
				for _, h := range list {
					d.Add(h)
				}
			}
			perCall(b, n)
		})
	}
}

// BenchmarkDistinctFill counts 1,024 new values.
func BenchmarkDistinctFill(b *testing.B) {
	list := hashes(0, sketch.MaxExact)
	var d sketch.Distinct
	for b.Loop() {
		d.Reset()
		for _, h := range list {
			d.Add(h)
		}
	}
	perCall(b, len(list))
}

func BenchmarkDistinctMerge(b *testing.B) {
	for name, n := range map[string]int{"exact": 400, "registers": 4000} {
		b.Run(name, func(b *testing.B) {
			d, o := distinct.of(hashes(0, n)), distinct.of(hashes(n/2, 3*n/2))
			for b.Loop() {
				d.Merge(o)
			}
			perCall(b, 1)
		})
	}
}

// BenchmarkHash hashes an address of 16 bytes.
func BenchmarkHash(b *testing.B) {
	address, sum := make([]byte, 16), uint64(0)
	for b.Loop() {
		address[0]++
		sum += sketch.Hash(address)
	}
	perCall(b, 1)
}

func BenchmarkTopKAdd(b *testing.B) {
	list := keyed(rand.New(rand.NewPCG(1, 2)), 4096, 500)
	keys := make([][]byte, len(list))
	for i := range list {
		keys[i] = []byte(list[i])
	}
	for name, most := range map[string]int{"exact": 1024, "sample": 128} {
		b.Run(name, func(b *testing.B) {
			k := topKOf(most, list)
			for b.Loop() {
				for _, key := range keys {
					k.Add(key, 1)
				}
			}
			perCall(b, len(keys))
		})
	}
}

func BenchmarkTopKMerge(b *testing.B) {
	list := keyed(rand.New(rand.NewPCG(1, 2)), 4096, 500)
	k, o := topKOf(1024, list), topKOf(1024, list[:400])
	for b.Loop() {
		_ = k.Merge(o)
	}
	perCall(b, 1)
}

// BenchmarkDistances compares 100 values with 1,000, coarse and fine.
func BenchmarkDistances(b *testing.B) {
	for name, p := range map[string]sketch.Precision{"coarse": sketch.Coarse, "fine": sketch.Fine} {
		b.Run(name, func(b *testing.B) {
			r, c := histogramOf(p, values(1000)), histogramOf(p, values(100))
			for b.Loop() {
				_, _ = sketch.PSI(r, c, 10)
				_, _ = sketch.JensenShannon(r, c, 10)
				_, _ = sketch.KS(r, c)
				_, _ = sketch.Wasserstein(r, c)
			}
			perCall(b, 4)
		})
	}
}
