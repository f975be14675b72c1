package sketch_test

import (
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pcapmill/features/sketch"
)

// TestQuantileError compares quantiles with those of the sorted values: within the stated
// relative error, and between the bounds.
func TestQuantileError(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for p := range sketch.Highest + 1 {
		worst := 0.0
		for name, d := range distributions {
			if name == "clamped" {
				continue
			}
			values := sample(d, rng, 3000)
			h := histogramOf(p, values)
			for i := range 101 {
				q := float64(i) / 100
				exact := values[max(int(math.Ceil(q*3000)), 1)-1]
				got, ok := h.Quantile(q)
				off := math.Abs(got.Value - exact)
				if !ok || exact < got.Low || exact > got.High || off > p.RelativeError()*math.Abs(exact)*(1+1e-12) {
					t.Fatalf("%s at %d, quantile %v: %v, got %+v", name, p, q, exact, got)
				}
				if exact != 0 {
					worst = max(worst, off/math.Abs(exact))
				}
			}
		}
		t.Logf("precision %d: worst %.4f of %.4f", p, worst, p.RelativeError())
	}
}

// TestQuantileRanks has the definition at its ends and between.
func TestQuantileRanks(t *testing.T) {
	h := histogramOf(sketch.Highest, []float64{-8, 0, 1, 100})
	for q, want := range map[float64]float64{0: -8, 0.25: -8, 0.2500001: 0, 0.5: 0, 0.75: 1, 0.76: 100, 1: 100} {
		if got, ok := h.Quantile(q); !ok || want < got.Low || want > got.High {
			t.Errorf("%v: %+v", q, got)
		}
	}
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		if _, ok := h.Quantile(q); ok {
			t.Errorf("%v has a quantile", q)
		}
	}
	if _, ok := histogramOf(0, nil).Quantile(0.5); ok {
		t.Error("nothing has a quantile")
	}
}

// TestEdges: a value on an edge is in the bin above it, its neighbour below in the one below.
func TestEdges(t *testing.T) {
	for _, edge := range []float64{0x1p-30, 0.5, 1, 1.25, 1.75, 2, 3, 0x1p63, 0x1p64} {
		for sign := range []float64{1, -1} {
			at := edge * float64(1-2*sign)
			h := histogramOf(sketch.Coarse, []float64{at})
			if v, _ := h.Quantile(1); v.Low != at && v.High != at {
				t.Errorf("%v: %+v", at, v)
			}
			h.Add(math.Nextafter(at, 0))
			if n := binsOf(h); n != 2 {
				t.Errorf("%v: %d bins", at, n)
			}
		}
	}
}

// binsOf returns the number of bins that a Histogram has, from its encoding.
func binsOf(h *sketch.Histogram) int { return int(h.AppendBinary(nil)[2] >> 2) }

// TestClamped takes what is too small and too large with its bounds.
func TestClamped(t *testing.T) {
	h := histogramOf(sketch.Fine, []float64{0, math.Copysign(0, -1), 1e-10, -5e-324, 0x1p-30, 1, 1e30, math.Inf(1), math.Inf(-1), math.NaN()})
	if h.Invalid() != 1 || h.Count() != 9 {
		t.Errorf("invalid %d of %d", h.Invalid(), h.Count())
	}
	if v, _ := h.Quantile(1); v.Value != 0x1p64 || !math.IsInf(v.High, 1) {
		t.Errorf("%+v", v)
	}
	if v, _ := h.Quantile(0); v.Value != -0x1p64 || !math.IsInf(v.Low, -1) {
		t.Errorf("%+v", v)
	}
	if v, _ := h.Quantile(4.0 / 9); v != sketch.Exactly(0) {
		t.Errorf("%+v", v)
	}
	if v, _ := h.Quantile(5.0 / 9); v.Low != 0 || v.High != 0x1p-30 {
		t.Errorf("%+v", v)
	}
}

// TestBins lists those that are not empty, in order.
func TestBins(t *testing.T) {
	var got []sketch.Bounded
	var counts []uint64
	for v, n := range histogramOf(0, []float64{3, 0, -1, 2}).Bins {
		got, counts = append(got, v), append(counts, n)
	}
	// The middle of [1, 2) is 2·1·2/(1+2), that of [2, 4) twice as much.
	want := []sketch.Bounded{{Value: -4.0 / 3, Low: -2, High: -1}, {}, {Value: 8.0 / 3, Low: 2, High: 4}}
	if !slices.Equal(got, want) || !slices.Equal(counts, []uint64{1, 1, 2}) {
		t.Errorf("%v %v", got, counts)
	}
	for range histogramOf(0, []float64{1, 2}).Bins {
		break
	}
}

// TestCoarsen gives what a coarse Histogram of the same values is.
func TestCoarsen(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for name, d := range distributions {
		values := append(sample(d, rng, 500), math.NaN())
		for p := range sketch.Highest + 1 {
			h := histogramOf(p, values)
			for to := range sketch.Highest + 1 {
				coarse, err := h.Coarsen(to)
				if to > p {
					if !errors.Is(err, sketch.ErrMismatch) {
						t.Errorf("%d to %d: %v", p, to, err)
					}
					continue
				}
				if err != nil || string(coarse.AppendBinary(nil)) != string(histogramOf(to, values).AppendBinary(nil)) {
					t.Errorf("%s: %d to %d: %v", name, p, to, err)
				}
			}
		}
	}
}

// TestHistogramBytes fixes the encoding: header, precision, bins<<2 and flags, bins,
// number of NaN. At precision 0 the bin of 1 is 2+30.
func TestHistogramBytes(t *testing.T) {
	for want, h := range map[string]*sketch.Histogram{
		"210000":                     histogramOf(0, nil),
		"2100010" + "1":              histogramOf(0, []float64{math.NaN()}),
		"21000400":                   histogramOf(0, []float64{0}),
		"21000408":                   histogramOf(0, []float64{0, 0, 0}),
		"210004031d":                 histogramOf(0, []float64{1}),                 // 32 steps behind -1, less 1: 32-3
		"2100080" + "31d04":          histogramOf(0, []float64{1, 2, 3}),           // the next bin, twice
		"21000b033d03" + "3c0" + "1": histogramOf(0, []float64{-1, 1, math.NaN()}), // -97 to -32, to 32
	} {
		if got := hex.EncodeToString(h.AppendBinary(nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestHistogramRefuses has bytes that no state is written as.
func TestHistogramRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"no precision":          "21",
		"no body":               "2100",
		"precision above":       "210800",
		"more bins than bytes":  "21000800",
		"behind the last bin":   "2100040380" + "01",
		"far behind":            "21000403ffffffffffffffffff01",
		"no NaN":                "21000100",
		"negative without":      "210002",
		"negative that are not": "210006035d", // one step to the bin of 0
		"count above MaxCount":  "210004" + "8080808080808080" + "40",
		"long step":             "21000403" + "8000",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		var h sketch.Histogram
		if _, err := h.Decode(b); !errors.Is(err, sketch.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHistogramFull: no sum of counts wraps.
func TestHistogramFull(t *testing.T) {
	var h sketch.Histogram
	if _, err := h.Decode([]byte{0x21, 0, 4, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f}); err != nil || h.Count() != sketch.MaxCount {
		t.Fatal(err, h.Count())
	}
	before := h.AppendBinary(nil)
	h.Add(5)
	if err := h.Merge(histogramOf(0, []float64{1})); !errors.Is(err, sketch.ErrFull) {
		t.Error(err)
	}
	if err := h.Merge(histogramOf(1, nil)); !errors.Is(err, sketch.ErrMismatch) {
		t.Error(err)
	}
	if !slices.Equal(before, h.AppendBinary(nil)) {
		t.Error("changed")
	}
}

// TestHistogramAllocate: nothing, where the bins are there.
func TestHistogramAllocate(t *testing.T) {
	h, o := histogramOf(sketch.Fine, []float64{1, 2, 3}), histogramOf(sketch.Fine, []float64{1, 3})
	if n := testing.AllocsPerRun(100, func() {
		h.Add(2)
		_ = h.Merge(o)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if h.Reset(); h.Count() != 0 || binsOf(h) != 0 || h.Precision() != sketch.Fine {
		t.Errorf("%+v", h)
	}
}
