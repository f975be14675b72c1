package sketch

import (
	"fmt"
	"math"
	"math/bits"
)

// Moments are the count, the sum and the sum of squares of values, exact as integers of
// a fixed point: a value x is rounded to the nearest multiple of 2^-Scale, ties to even,
// q = x·2^Scale. Values with |q| > 2^62, NaN and infinities are counted apart (Outside)
// and are in none of the three. The sums have 128 and 192 bits and cannot wrap for
// MaxCount values, so that any order and partition gives the same bytes.
//
// The zero value has Scale 0: integers up to ±4.6e18, as counts, bytes and nanoseconds
// are. NewMoments is for others.
type Moments struct {
	n, outside   uint64
	sumHi, sumLo uint64 // of q, in two's complement
	squares      wide   // sum of q²
	scale        int8
}

// Bounds of the binary places of a Moments. A negative Scale rounds to multiples of a
// power of two, which shortens what is written: nanoseconds at -10 are microseconds, nearly.
const (
	MinScale = -40
	MaxScale = 52
)

// largest is the magnitude that a value may have in units of the scale.
const largest = 1 << 62

// NewMoments returns empty Moments that round to multiples of 2^-scale. Its range is
// ±2^(62-scale): at 20, ±4.4e12 in steps of 1e-6. It panics for a scale outside
// [MinScale, MaxScale], which is the caller's mistake: of bytes that say so, Decode makes
// an error.
func NewMoments(scale int) Moments {
	if scale < MinScale || scale > MaxScale {
		panic(fmt.Sprintf("sketch: scale %d", scale))
	}
	return Moments{scale: int8(scale)}
}

// Add takes a value.
func (m *Moments) Add(x float64) {
	q := math.RoundToEven(x * math.Float64frombits(uint64(1023+int64(m.scale))<<52)) // exact but for the rounding
	if !(q >= -largest && q <= largest) {                                            // NaN is neither
		m.outside = plus(m.outside, 1)
		return
	}
	m.take(int64(q))
}

// take adds a value to the sums. By words: with wide.plus it would take four times as long.
func (m *Moments) take(q int64) {
	if m.n >= MaxCount {
		return
	}
	m.n++
	var c uint64
	m.sumLo, c = bits.Add64(m.sumLo, uint64(q), 0)
	m.sumHi, _ = bits.Add64(m.sumHi, uint64(q>>63), c)
	a := uint64(max(q, -q))
	hi, lo := bits.Mul64(a, a)
	m.squares[0], c = bits.Add64(m.squares[0], lo, 0)
	m.squares[1], c = bits.Add64(m.squares[1], hi, c)
	m.squares[2] += c
}

// Merge adds the values of another. On an error nothing is changed.
func (m *Moments) Merge(o *Moments) error {
	switch {
	case m.scale != o.scale:
		return ErrMismatch
	case m.n+o.n > MaxCount:
		return ErrFull
	}
	m.n += o.n
	m.outside = plus(m.outside, o.outside)
	var c uint64
	m.sumLo, c = bits.Add64(m.sumLo, o.sumLo, 0)
	m.sumHi, _ = bits.Add64(m.sumHi, o.sumHi, c)
	m.squares = m.squares.plus(o.squares)
	return nil
}

// Count returns the number of values within range.
func (m *Moments) Count() uint64 { return m.n }

// Outside returns the number of values that are in no sum.
func (m *Moments) Outside() uint64 { return m.outside }

// Scale returns the number of binary places.
func (m *Moments) Scale() int { return int(m.scale) }

// Mean returns the mean, unknown of no values. It is within three units in the last place
// of that of the rounded values, which is within 2^-(Scale+1) of the values' own.
func (m *Moments) Mean() (mean float64, ok bool) {
	if m.n == 0 {
		return 0, false
	}
	sum, negative := m.magnitude()
	mean = sum.float() / float64(m.n)
	if negative {
		mean = -mean
	}
	return math.Ldexp(mean, -int(m.scale)), true
}

// Variance returns the sample variance, with n-1, unknown of less than two values. It
// is formed from integers, without the cancellation of n·Σx² - (Σx)².
func (m *Moments) Variance() (variance float64, ok bool) {
	if m.n < 2 {
		return 0, false
	}
	_, b := m.level()
	beyond := m.squares.minus(m.leastSquares())
	n := float64(m.n)
	sum := beyond.float() + float64(b)*(float64(m.n-b)/n)
	return math.Ldexp(sum/float64(m.n-1), -2*int(m.scale)), true
}

// Std returns the square root of Variance.
func (m *Moments) Std() (std float64, ok bool) {
	variance, ok := m.Variance()
	return math.Sqrt(variance), ok
}

// magnitude returns the sum of the rounded values without its sign.
func (m *Moments) magnitude() (sum wide, negative bool) {
	if int64(m.sumHi) >= 0 {
		return wide{m.sumLo, m.sumHi}, false
	}
	lo, c := bits.Sub64(0, m.sumLo, 0)
	hi, _ := bits.Sub64(0, m.sumHi, c)
	return wide{lo, hi}, true
}

// level writes the sum without its sign as a·n + b, b < n: of integers with that sum,
// those that differ least are b times a+1 and n-b times a.
func (m *Moments) level() (a, b uint64) {
	if m.n == 0 {
		return 0, 0
	}
	sum, _ := m.magnitude()
	return bits.Div64(sum[1], sum[0], m.n) // a <= 2^62
}

// leastSquares returns the smallest sum of squares that n integers of this sum can have,
// n·a² + b·(2a+1). What the sum of squares has beyond it, r, is even, since q and q² are
// even together, and n·Σq² - (Σq)² = n·r + b·(n-b).
func (m *Moments) leastSquares() wide {
	a, b := m.level()
	return times(a, a).times(m.n).plus(times(b, 2*a+1))
}
