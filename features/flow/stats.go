package flow

import (
	"math"
	"math/bits"

	"pcapmill/features/batch"
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

// gapSpread is what gapStats keeps of the gaps between packets beyond their number
// and sum, which follow from the number of packets and the first and last time.
// shortest is MaxInt64 less the shortest gap, so that 0 means none.
type gapSpread struct {
	sqHi, sqLo uint64 // 128-bit sum of squares
	shortest   int64
	longest    int64
}

func (g *gapSpread) add(d int64) {
	g.shortest = max(g.shortest, math.MaxInt64-d)
	g.longest = max(g.longest, d)
	hi, lo := bits.Mul64(uint64(d), uint64(d))
	var carry uint64
	g.sqLo, carry = bits.Add64(g.sqLo, lo, 0)
	g.sqHi, _ = bits.Add64(g.sqHi, hi, carry)
}

// shortestOf returns the shortest of n gaps, 0 where there are none.
func (g *gapSpread) shortestOf(n uint64) int64 {
	if n == 0 {
		return 0
	}
	return math.MaxInt64 - g.shortest
}

// sampleStd computes sqrt((Σx² − (Σx)²/n) / (n−1)) from exact integer sums, 0 for
// n < 2. The numerator is formed as (n·Σx² − (Σx)²)/n in 192-bit integers, because
// the two terms nearly cancel for regular traffic; where n < 2 it is 0.
func sampleStd(n, sum, sqHi, sqLo uint64) float64 {
	num := 0.0
	if sqHi == 0 && bits.Len64(n)+bits.Len64(sqLo) <= 64 { // the common case, in 64 bits
		num = float64(n*sqLo - sum*sum)
	} else {
		a2, a1, a0 := mul128by64(sqHi, sqLo, n)
		b1, b0 := bits.Mul64(sum, sum)
		d0, borrow := bits.Sub64(a0, b0, 0)
		d1, borrow := bits.Sub64(a1, b1, borrow)
		d2, _ := bits.Sub64(a2, 0, borrow)
		num = (float64(d2)*0x1p64+float64(d1))*0x1p64 + lowFloat(d0)
	}
	m := max(n, 2)
	return math.Sqrt(num / (float64(m) * float64(m-1)))
}

// lowFloat is float64(x), which is compiled into a branch on the top bit; here
// that bit is as good as random. Both halves are exact, so the sum is rounded once.
func lowFloat(x uint64) float64 {
	return float64(int64(x>>32))*0x1p32 + float64(int64(x&math.MaxUint32))
}

// mul128by64 multiplies hi:lo by m into 192 bits.
func mul128by64(hi, lo, m uint64) (r2, r1, r0 uint64) {
	h, r0 := bits.Mul64(lo, m)
	r2, l := bits.Mul64(hi, m)
	r1, carry := bits.Add64(l, h, 0)
	return r2 + carry, r1, r0
}

// spread writes smallest, mean, deviation and largest of one population, the
// columns of sizeDef and durationDef.
type spread struct {
	lo, hi    []int64
	mean, std []float64
}

func newSpread(vs []batch.Vector, n int) spread {
	return spread{lo: more(&vs[0].Int64, n), mean: more(&vs[1].Float64, n), std: more(&vs[2].Float64, n), hi: more(&vs[3].Int64, n)}
}

// set writes row i. All sums of an empty population are 0, and so is its mean.
func (w *spread) set(i int, n, sum, sqHi, sqLo uint64, lo, hi int64) {
	w.lo[i], w.hi[i] = lo, hi
	w.mean[i] = float64(sum) / float64(max(n, 1))
	w.std[i] = sampleStd(n, sum, sqHi, sqLo)
}

// ratio returns a/b, 0 for b = 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
