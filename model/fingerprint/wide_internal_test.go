package fingerprint

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func (w wide) big() *big.Int {
	return new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(w.hi), 64), new(big.Int).SetUint64(w.lo))
}

// TestWide compares with integers without bound.
func TestWide(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		x, n := r.Uint64()>>(1+r.IntN(63)), 1+r.Uint64()>>r.IntN(63)
		square := square(x, n)
		want := new(big.Int).SetUint64(x)
		want.Mul(want, want).Quo(want, new(big.Int).SetUint64(n))
		if square.big().Cmp(want) != 0 {
			t.Fatalf("%d² / %d is %v, want %v", x, n, square.big(), want)
		}
		f := math.Floor(math.Ldexp(r.Float64(), r.IntN(128)))
		whole, _ := big.NewFloat(f).Int(nil)
		if got := wideOf(f); got.big().Cmp(whole) != 0 || got.float() != f {
			t.Fatalf("%v is %v, want %v", f, got.big(), whole)
		}
		sum, fits := square.plus(wideOf(f))
		if whole.Add(whole, want); fits != (whole.BitLen() <= 127) || fits && sum.big().Cmp(whole) != 0 {
			t.Fatalf("%v + %v is %v, %v", want, f, sum.big(), fits)
		}
		if less := sum.less(square); fits && less.big().Cmp(whole.Sub(whole, want)) != 0 {
			t.Fatalf("back to %v from %v", whole, less.big())
		}
	}
	if (wide{0, 1}).less(wide{1, 0}) != (wide{}) {
		t.Error("below 0")
	}
}

// TestTotal: equal scores come back to the bit, so that the edge of a rule is its edge.
func TestTotal(t *testing.T) {
	for _, x := range []float64{0, 0.1, 0.9, 0.6, 1, 1e12, 1.0 / 3, 0x1p-11} {
		var sum total
		for n := range uint64(100) {
			var fits bool
			sum, fits = sum.plus(x)
			if got := sum.over(n + 1); !fits || got.X != x {
				t.Fatalf("%v comes back as %v, of %d", x, got.X, n+1)
			}
		}
	}
	sum := total{sum: wide{math.MaxInt64, 0}}
	if _, fits := sum.plus(1); fits {
		t.Error("the sum has no end")
	}
	if (total{}).over(0).Known {
		t.Error("0/0 is known")
	}
}
