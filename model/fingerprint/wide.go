package fingerprint

import (
	"math"
	"math/bits"
)

// wide is an unsigned integer of 128 bits.
type wide struct{ hi, lo uint64 }

// plus returns w+x, and false where that has more than 127 bits.
func (w wide) plus(x wide) (wide, bool) {
	lo, c := bits.Add64(w.lo, x.lo, 0)
	hi, c := bits.Add64(w.hi, x.hi, c)
	return wide{hi, lo}, c == 0 && hi <= math.MaxInt64
}

// less returns w-x, 0 where that is negative.
func (w wide) less(x wide) wide {
	lo, b := bits.Sub64(w.lo, x.lo, 0)
	hi, b := bits.Sub64(w.hi, x.hi, b)
	if b != 0 {
		return wide{}
	}
	return wide{hi, lo}
}

func (w wide) float() float64 { return float64(w.hi)*0x1p64 + float64(w.lo) }

// wideOf rounds a number in [0, 2^127] to an integer.
func wideOf(x float64) wide {
	x = math.RoundToEven(x)
	hi := math.Floor(x * 0x1p-64)
	return wide{uint64(hi), uint64(x - hi*0x1p64)} // exact: hi holds leading bits of x
}

// square returns x²/n without its fraction.
func square(x, n uint64) wide {
	hi, lo := bits.Mul64(x, x)
	return wide{hi, lo}.by(n)
}

// by returns w/n without its fraction.
func (w wide) by(n uint64) wide {
	lo, _ := bits.Div64(w.hi%n, w.lo, n)
	return wide{w.hi / n, lo}
}

// total is a sum of numbers from 0 to 2^63, in units of 2^-64: exact for those that are 0
// or at least 2^-11, as a float64 has 53 bits.
type total struct {
	sum wide
	n   uint64
}

// plus returns t with a further number; false where the sum has no room for it.
func (t total) plus(x float64) (total, bool) {
	sum, fits := t.sum.plus(wideOf(x * 0x1p64))
	return total{sum, t.n + 1}, fits
}

// over returns the sum over n, to 2^-64, unknown where n is 0. Numbers that are all the
// same have themselves as their mean, which a sum in floating point would miss.
func (t total) over(n uint64) Value {
	if n == 0 {
		return Value{}
	}
	return known(t.sum.by(n).float() * 0x1p-64)
}
