package sketch

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func (a wide) big() *big.Int {
	v := new(big.Int)
	for i := len(a) - 1; i >= 0; i-- {
		v.Add(v.Lsh(v, 64), new(big.Int).SetUint64(a[i]))
	}
	return v
}

// drawn returns an integer of up to so many bits, with long runs of ones and zeros among
// its digits, where carries and ties are.
func drawn(rng *rand.Rand, most int) wide {
	v := big.NewInt(0)
	for left := rng.IntN(most + 1); left > 0; {
		run := min(1+rng.IntN(70), left)
		v.Lsh(v, uint(run))
		switch rng.IntN(3) {
		case 0:
			v.Add(v, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(run)), big.NewInt(1)))
		case 1:
			v.Add(v, big.NewInt(1))
		}
		left -= run
	}
	words, mask := wide{}, new(big.Int).SetUint64(1<<64-1)
	for i := range words {
		words[i] = new(big.Int).And(v, mask).Uint64()
		v.Rsh(v, 64)
	}
	return words
}

// TestWideAgainstBig compares with math/big.
func TestWideAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for range 100_000 {
		a, b, word := drawn(rng, 190), drawn(rng, 190), drawn(rng, 64)[0]
		c, d := drawn(rng, 128), drawn(rng, 64)[0]
		x, y := a.big(), b.big()
		same := func(what string, got wide, want *big.Int) {
			if got.big().Cmp(want) != 0 {
				t.Fatalf("%s of %v and %v: %v, want %v", what, x, y, got.big(), want)
			}
		}
		same("sum", a.plus(b), new(big.Int).Add(x, y))
		same("double", a.double(), new(big.Int).Lsh(x, 1))
		same("half", a.half(), new(big.Int).Rsh(x, 1))
		same("product", times(word, d), new(big.Int).Mul(new(big.Int).SetUint64(word), new(big.Int).SetUint64(d)))
		same("product of 192 bits", c.times(d), new(big.Int).Mul(c.big(), new(big.Int).SetUint64(d)))
		if a.exceeds(b) {
			same("difference", a.minus(b), new(big.Int).Sub(x, y))
		}
		if a.exceeds(b) != (x.Cmp(y) > 0) || a.bitLen() != x.BitLen() || a.isZero() != (x.Sign() == 0) {
			t.Fatalf("%v and %v: exceeds %v, %d bits", x, y, a.exceeds(b), a.bitLen())
		}
		if want, _ := new(big.Float).SetInt(x).Float64(); a.float() != want {
			t.Fatalf("%v as float %v, want %v", x, a.float(), want)
		}
		r := reader{rest: append(appendWide(nil, a), 7)}
		if got := r.wide(); got != a || r.failed || len(r.rest) != 1 {
			t.Fatalf("%v read as %v, %d bytes left", x, got.big(), len(r.rest))
		}
	}
}
