package flow

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestSampleStd compares with the same formula in exact rational numbers, for
// sums of all magnitudes.
func TestSampleStd(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		var g gapStats
		top := int64(1) << (1 + rng.IntN(55))
		for range rng.IntN(6) {
			g.add(top/2 + rng.Int64N(top))
		}
		got, want := sampleStd(g.n, g.sum, g.sqHi, g.sqLo), exactStd(&g)
		if math.Abs(got-want) > 1e-14*want {
			t.Fatalf("%+v: %v, want %v", g, got, want)
		}
	}
}

func exactStd(g *gapStats) float64 {
	if g.n < 2 {
		return 0
	}
	n, sum := new(big.Int).SetUint64(g.n), new(big.Int).SetUint64(g.sum)
	num := new(big.Int).SetUint64(g.sqHi)
	num.Lsh(num, 64).Add(num, new(big.Int).SetUint64(g.sqLo))
	num.Mul(num, n).Sub(num, sum.Mul(sum, sum))
	den := new(big.Int).Mul(n, new(big.Int).Sub(n, big.NewInt(1)))
	f, _ := new(big.Rat).SetFrac(num, den).Float64()
	return math.Sqrt(f)
}

// TestLowFloat holds the promise of a single rounding.
func TestLowFloat(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	check := func(x uint64) {
		if got := lowFloat(x); got != float64(x) {
			t.Fatalf("%d becomes %v, want %v", x, got, float64(x))
		}
	}
	check(math.MaxUint64)
	for range 100_000 {
		x := rng.Uint64() >> rng.IntN(64)
		check(x)
		check(x | 1<<63)
		check(x&^0x3ff&^math.MaxUint32 | 1<<10) // ties
	}
}
