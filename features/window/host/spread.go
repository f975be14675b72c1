package host

import (
	"math"
	"math/bits"
)

// squares is a sum of squares, exact in 128 bits.
type squares struct{ lo, hi uint64 }

// add takes a value.
func (q *squares) add(x uint64) {
	hi, lo := bits.Mul64(x, x)
	var carry uint64
	q.lo, carry = bits.Add64(q.lo, lo, 0)
	q.hi += hi + carry
}

// spread is number, sum and sum of squares of values, as exact integers.
type spread struct {
	n, sum uint64
	squares
}

// add takes a value.
func (g *spread) add(x uint64) {
	g.n++
	g.sum += x
	g.squares.add(x)
}

func (g *spread) mean() float64 { return float64(g.sum) / float64(max(1, g.n)) }

// std returns √(n·Σx² − (Σx)²)/n. The difference is formed in 192 bits, as its terms
// nearly cancel for regular traffic.
func (g *spread) std() float64 {
	hi, r0 := bits.Mul64(g.lo, g.n)
	r2, lo := bits.Mul64(g.hi, g.n)
	r1, carry := bits.Add64(lo, hi, 0)
	r2 += carry
	ownHi, ownLo := bits.Mul64(g.sum, g.sum)
	r0, borrow := bits.Sub64(r0, ownLo, 0)
	r1, borrow = bits.Sub64(r1, ownHi, borrow)
	r2, _ = bits.Sub64(r2, 0, borrow)
	return math.Sqrt((float64(r2)*0x1p64+float64(r1))*0x1p64+float64(r0)) / float64(max(1, g.n))
}

// cv returns the coefficient of variation.
func (g *spread) cv() (float64, bool) {
	if g.n < 2 || g.sum == 0 {
		return 0, false
	}
	return g.std() / g.mean(), true
}
