package flow

import (
	"math"
	"math/bits"
)

// gapStats are count, sum, sum of squares and extremes of non-negative
// durations in ns, kept as exact integers so that order never shows.
type gapStats struct {
	n              uint64
	sum            uint64
	sqHi, sqLo     uint64 // 128-bit sum of squares
	minVal, maxVal int64
}

func (g *gapStats) add(d int64) {
	if g.n == 0 || d < g.minVal {
		g.minVal = d
	}
	if d > g.maxVal {
		g.maxVal = d
	}
	g.n++
	g.sum += uint64(d)
	hi, lo := bits.Mul64(uint64(d), uint64(d))
	var carry uint64
	g.sqLo, carry = bits.Add64(g.sqLo, lo, 0)
	g.sqHi, _ = bits.Add64(g.sqHi, hi, carry)
}

// sampleStd computes sqrt((Σx² − (Σx)²/n) / (n−1)) from exact integer sums. The
// numerator is formed as (n·Σx² − (Σx)²)/n in 192-bit integers, because the two
// terms nearly cancel for regular traffic.
func sampleStd(n, sum, sqHi, sqLo uint64) (std float64, valid byte) {
	if n < 2 {
		return 0, 0
	}
	if sqHi == 0 && bits.Len64(n)+bits.Len64(sqLo) <= 64 { // the common case, in 64 bits
		return math.Sqrt(float64(n*sqLo-sum*sum) / (float64(n) * float64(n-1))), 1
	}
	a2, a1, a0 := mul128by64(sqHi, sqLo, n)
	b1, b0 := bits.Mul64(sum, sum)
	d0, borrow := bits.Sub64(a0, b0, 0)
	d1, borrow := bits.Sub64(a1, b1, borrow)
	d2, _ := bits.Sub64(a2, 0, borrow)
	num := (float64(d2)*0x1p64+float64(d1))*0x1p64 + float64(d0)
	return math.Sqrt(num / (float64(n) * float64(n-1))), 1
}

// mul128by64 multiplies hi:lo by m into 192 bits.
func mul128by64(hi, lo, m uint64) (r2, r1, r0 uint64) {
	h, r0 := bits.Mul64(lo, m)
	r2, l := bits.Mul64(hi, m)
	r1, carry := bits.Add64(l, h, 0)
	return r2 + carry, r1, r0
}

// meanOf returns sum/n, 0 for n = 0.
func meanOf(sum, n uint64) float64 {
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n)
}

// ratio returns a/b, 0 for b = 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
