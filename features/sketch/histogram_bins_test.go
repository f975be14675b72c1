package sketch_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pcapmill/features/sketch"
)

// TestBinsAndBack: what BinNumbers returns makes the same Histogram, and nothing else is taken.
func TestBinsAndBack(t *testing.T) {
	h := sketch.NewHistogram(sketch.Coarse)
	for _, x := range []float64{-1, 0, 0, 1e-300, 3, 3.1, math.Inf(1)} {
		h.Add(x)
	}
	bins, counts := h.BinNumbers()
	again := sketch.NewHistogram(sketch.Coarse)
	if err := again.SetBins(slices.Clone(bins), slices.Clone(counts)); err != nil {
		t.Fatal(err)
	}
	if string(again.AppendBinary(nil)) != string(h.AppendBinary(nil)) {
		t.Error("another histogram")
	}
	if bin := sketch.Coarse.Bin(3); !slices.Contains(bins, bin) {
		t.Errorf("bin %d of %v", bin, bins)
	}
	before := again.AppendBinary(nil)
	for name, bad := range map[string]struct {
		bins   []int16
		counts []uint64
	}{
		"out of order": {[]int16{2, 1}, []uint64{1, 1}},
		"twice":        {[]int16{2, 2}, []uint64{1, 1}},
		"no count":     {[]int16{2}, nil},
		"empty":        {[]int16{2}, []uint64{0}},
		"too low":      {[]int16{math.MinInt16}, []uint64{1}},
		"too high":     {[]int16{math.MaxInt16}, []uint64{1}},
		"too many":     {[]int16{1, 2}, []uint64{sketch.MaxCount, 1}},
	} {
		if err := again.SetBins(bad.bins, bad.counts); !errors.Is(err, sketch.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if string(again.AppendBinary(nil)) != string(before) {
		t.Error("changed by what was refused")
	}
}
