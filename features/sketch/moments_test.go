package sketch_test

import (
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pcapmill/features/sketch"
)

func momentsOf(scale int, values ...float64) *sketch.Moments {
	m := sketch.NewMoments(scale)
	for _, v := range values {
		m.Add(v)
	}
	return &m
}

// TestMomentsByHand has means and sample variances that can be worked out on paper.
func TestMomentsByHand(t *testing.T) {
	for _, c := range []struct {
		scale          int
		values         []float64
		mean, variance float64
	}{
		{0, []float64{1, 2, 3, 4}, 2.5, 5.0 / 3},
		{0, []float64{-1, 1}, 0, 2},
		{0, []float64{7, 7, 7}, 7, 0},
		{0, []float64{0.5, 1.5, 2.5}, 4.0 / 3, 4.0 / 3},       // rounded to even: 0, 2, 2
		{1, []float64{0.5, 1.5, -2.5}, -0.5 / 3, 39.0 / 9},    // exact: Σx² 8.75, (Σx)²/3 0.25/3
		{-4, []float64{8, 24, 40, 41}, 28, 1216.0 / 3},        // 0, 32, 32, 48: (28² + 4² + 4² + 20²)/3
		{0, []float64{1e15, 1e15 + 1, 1e15 + 2}, 1e15 + 1, 1}, // Σx² has 101 bits
		{20, []float64{1e12, 1e12 + 1, 1e12 + 2}, 1e12 + 1, 1},
	} {
		m := momentsOf(c.scale, c.values...)
		mean, _ := m.Mean()
		variance, _ := m.Variance()
		if math.Abs(mean-c.mean) > 1e-15*math.Abs(c.mean) || math.Abs(variance-c.variance) > 1e-15*c.variance {
			t.Errorf("%v at scale %d: mean %v, variance %v, want %v, %v", c.values, c.scale, mean, variance, c.mean, c.variance)
		}
	}
}

// TestMomentsAgainstBig compares with rational numbers, over all scales and the whole range.
func TestMomentsAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		scale := sketch.MinScale + rng.IntN(sketch.MaxScale-sketch.MinScale+1)
		m, n := sketch.NewMoments(scale), 2+rng.IntN(8)
		level, places := rng.Int64N(1<<61), rng.IntN(62)
		sum, squares := new(big.Int), new(big.Int)
		for range n {
			q := (level + rng.Int64N(1<<61)>>places) >> rng.IntN(8) &^ 0x1ff // as a float64 holds it
			if rng.IntN(3) == 0 {
				q = -q
			}
			m.Add(math.Ldexp(float64(q), -scale))
			b := big.NewInt(q)
			sum.Add(sum, b)
			squares.Add(squares, new(big.Int).Mul(b, b))
		}
		unit := math.Ldexp(1, -scale)
		near(t, "mean", mean(&m), ratio(sum, int64(n))*unit)
		// (n·Σq² - (Σq)²) / (n·(n-1))
		top := new(big.Int).Mul(squares, big.NewInt(int64(n)))
		top.Sub(top, new(big.Int).Mul(sum, sum))
		near(t, "variance", variance(&m), ratio(top, int64(n*(n-1)))*unit*unit)
	}
}

func mean(m *sketch.Moments) float64     { v, _ := m.Mean(); return v }
func variance(m *sketch.Moments) float64 { v, _ := m.Variance(); return v }

func ratio(a *big.Int, b int64) float64 {
	f, _ := new(big.Rat).SetFrac(a, big.NewInt(b)).Float64()
	return f
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-15*math.Abs(want) {
		t.Fatalf("%s %v, want %v", what, got, want)
	}
}

// TestMomentsRange: what is outside is counted, and is in no sum.
func TestMomentsRange(t *testing.T) {
	m := momentsOf(10, 0x1p52, -0x1p52, 0x1p52+1, -0x1p52-1, math.NaN(), math.Inf(1), math.Inf(-1), 1e308, 5e-324)
	if m.Count() != 3 || m.Outside() != 6 || mean(m) != 0 || m.Scale() != 10 {
		t.Errorf("%d in, %d outside, mean %v", m.Count(), m.Outside(), mean(m))
	}
	if v := variance(m); v != 0x1p104 {
		t.Errorf("variance %v", v)
	}
}

// TestMomentsUnknown: no values have no mean, one has no variance.
func TestMomentsUnknown(t *testing.T) {
	_, known := momentsOf(0).Mean()
	_, more := momentsOf(0, 1).Std()
	if known || more {
		t.Error(known, more)
	}
}

// TestMomentsBytes fixes the encoding: header, scale, count<<2 and flags, sum, half of
// what the squares have beyond the least, outside.
func TestMomentsBytes(t *testing.T) {
	for want, m := range map[string]*sketch.Moments{
		"110000":           momentsOf(0),
		"11140801":         momentsOf(20, 0x1p-21, -0x1p-20), // 0 and -1: the squares of no others are less
		"11000c2a":         momentsOf(0, 7, 7, 7),
		"11000a0001":       momentsOf(0, 1, -1),               // squares 2, at least 0
		"11000f0c0101":     momentsOf(0, 1, 2, 3, math.NaN()), // squares 14, at least 12
		"11000101":         momentsOf(0, math.Inf(1)),
		"1100048080808040": momentsOf(0, 1<<33),
	} {
		if got := hex.EncodeToString(m.AppendBinary(nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestMomentsRefuses has bytes that no state is written as.
func TestMomentsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                          "",
		"no scale":                         "11",
		"scale above":                      "113500",
		"scale below":                      "11d700",
		"cut":                              "110004",
		"long count":                       "11008400" + "00",
		"long sum":                         "1100048000",
		"wide sum":                         "1100048080808080808080808080808080808080808080808080808080808010",
		"sum beyond one value's range":     "110004828080808080808080" + "02",
		"squares beyond, of one value":     "1100060001",
		"nothing beyond":                   "11000a0000",
		"beyond, of none":                  "110002" + "01",
		"none outside":                     "11000100",
		"count beyond MaxCount":            "1100" + "848080808080808040" + "00",
		"squares beyond all values' range": "11000a00" + "8080808080808080808080808080808080808001",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		m := *momentsOf(3, 5)
		if _, err := m.Decode(b); !errors.Is(err, sketch.ErrCorrupt) || m != *momentsOf(3, 5) {
			t.Errorf("%s: %v, %+v", name, err, m)
		}
	}
}

// TestMomentsFull: as many values as there may be, all of the greatest magnitude, are read
// and do not wrap; no more are taken.
func TestMomentsFull(t *testing.T) {
	b := append([]byte{0x11, 0}, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40) // 1<<60 << 2
	sum := make([]byte, 0, 18)
	for range 17 {
		sum = append(sum, 0x80)
	}
	b = append(append(b, sum...), 0x10) // zigzag of 1<<122: bit 123
	var m sketch.Moments
	if rest, err := m.Decode(b); err != nil || len(rest) != 0 || m.Count() != sketch.MaxCount || mean(&m) != 1<<62 || variance(&m) != 0 {
		t.Fatalf("%v, %d values, mean %v", err, m.Count(), mean(&m))
	}
	full := m
	m.Add(1)
	if err := m.Merge(momentsOf(0, 1)); !errors.Is(err, sketch.ErrFull) || m != full {
		t.Errorf("%v", err)
	}
	if err := m.Merge(momentsOf(1)); !errors.Is(err, sketch.ErrMismatch) {
		t.Errorf("%v", err)
	}
}

// TestMomentsAllocate nothing.
func TestMomentsAllocate(t *testing.T) {
	m, o := momentsOf(10, 1, 2), momentsOf(10, 3, 5e12)
	buffer := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		m.Add(12.5)
		m.Add(-3)
		_ = m.Merge(o)
		buffer = m.AppendBinary(buffer[:0])
		if _, err := m.Decode(buffer); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"scale":     func() { sketch.NewMoments(sketch.MaxScale + 1) },
		"precision": func() { sketch.NewHistogram(sketch.Highest + 1) },
		"cap":       func() { sketch.NewTopK(0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
