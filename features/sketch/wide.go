package sketch

import (
	"math"
	"math/bits"
)

// wide is an unsigned integer of 192 bits, the lowest word first.
type wide [3]uint64

// times returns a product of 128 bits.
func times(a, b uint64) wide {
	hi, lo := bits.Mul64(a, b)
	return wide{lo, hi}
}

// plus returns a+b; the callers' ranges leave no carry.
func (a wide) plus(b wide) wide {
	var c uint64
	a[0], c = bits.Add64(a[0], b[0], 0)
	a[1], c = bits.Add64(a[1], b[1], c)
	a[2], _ = bits.Add64(a[2], b[2], c)
	return a
}

// minus returns a-b for a >= b.
func (a wide) minus(b wide) wide {
	var c uint64
	a[0], c = bits.Sub64(a[0], b[0], 0)
	a[1], c = bits.Sub64(a[1], b[1], c)
	a[2], _ = bits.Sub64(a[2], b[2], c)
	return a
}

// times multiplies by one word; the callers' ranges leave no carry.
func (a wide) times(b uint64) wide {
	h0, l0 := bits.Mul64(a[0], b)
	h1, l1 := bits.Mul64(a[1], b)
	_, l2 := bits.Mul64(a[2], b)
	m, c := bits.Add64(l1, h0, 0)
	return wide{l0, m, l2 + h1 + c}
}

func (a wide) double() wide { return wide{a[0] << 1, a[1]<<1 | a[0]>>63, a[2]<<1 | a[1]>>63} }
func (a wide) half() wide   { return wide{a[0]>>1 | a[1]<<63, a[1]>>1 | a[2]<<63, a[2] >> 1} }

func (a wide) exceeds(b wide) bool {
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return false
}

func (a wide) isZero() bool { return a == wide{} }

// bitLen returns the number of bits without leading zeros.
func (a wide) bitLen() int {
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != 0 {
			return 64*i + bits.Len64(a[i])
		}
	}
	return 0
}

// float returns the nearest float64, ties to even.
func (a wide) float() float64 {
	shift := a.bitLen() - 64
	if shift <= 0 {
		return float64(a[0])
	}
	top, lost := a.above(shift)
	if lost {
		top |= 1 // far below the rounded bit: breaks ties, and nothing else
	}
	return math.Ldexp(float64(top), shift)
}

// above returns the 64 bits from a place on, 0 < place <= 128, and whether there are
// others below it.
func (a wide) above(place int) (top uint64, lost bool) {
	for place > 64 {
		lost = lost || a[0] != 0
		a = wide{a[1], a[2]}
		place -= 64
	}
	if place == 64 {
		return a[1], lost || a[0] != 0
	}
	return a[0]>>place | a[1]<<(64-place), lost || a[0]<<(64-place) != 0
}
