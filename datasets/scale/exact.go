package scale

import (
	"math"
	"math/big"
	"math/bits"
)

// The least bit of a float64 stands for 2^-1074, and that of its square for 2^-2148.
const (
	lowest       = 1074
	lowestSquare = 2 * lowest
	digitBits    = 32
	sumDigits    = (lowest+1024+64)/digitBits + 2
	squareDigits = (lowestSquare+2048+64)/digitBits + 2
	carryAfter   = 1 << 29 // additions of 32 bits and less, of which 2^31 fit
)

// sum adds numbers exactly, in digits of 32 bits that are carried now and then.
type sum struct {
	digits []int64
	added  int
}

// add adds m·2^(place-lowest bit) for a place from the lowest bit on.
func (s *sum) add(m uint64, place int, negative bool) {
	at, shift := place/digitBits, uint(place%digitBits)
	low, high := m<<shift, uint64(0)
	if shift > 0 {
		high = m >> (64 - shift)
	}
	for i, digit := range [3]int64{int64(low & math.MaxUint32), int64(low >> 32), int64(high)} {
		if negative {
			digit = -digit
		}
		if digit != 0 {
			s.digits[at+i] += digit
		}
	}
	if s.added++; s.added == carryAfter {
		s.carry()
	}
}

func (s *sum) carry() {
	for i := range len(s.digits) - 1 {
		over := s.digits[i] >> digitBits
		s.digits[i] -= over << digitBits
		s.digits[i+1] += over
	}
	s.added = 0
}

// value returns the sum in units of its lowest bit.
func (s *sum) value() *big.Int {
	s.carry()
	v := new(big.Int)
	for i := len(s.digits) - 1; i >= 0; i-- {
		v.Lsh(v, digitBits).Add(v, big.NewInt(s.digits[i]))
	}
	return v
}

// moments are the exact sums of numbers and of their squares.
type moments struct {
	n       int64
	numbers sum
	squares sum
}

func newMoments() *moments {
	return &moments{numbers: sum{digits: make([]int64, sumDigits)}, squares: sum{digits: make([]int64, squareDigits)}}
}

// add takes a finite number.
func (m *moments) add(x float64) {
	m.n++
	mantissa, place := parts(x)
	if mantissa == 0 {
		return
	}
	m.numbers.add(mantissa, place, x < 0)
	high, low := bits.Mul64(mantissa, mantissa)
	m.squares.add(low, 2*place, false)
	if high != 0 {
		m.squares.add(high, 2*place+64, false)
	}
}

// parts returns |x| as a whole number and the place of its lowest bit, from 2^-1074 on.
func parts(x float64) (mantissa uint64, place int) {
	b := math.Float64bits(x)
	mantissa, exponent := b&(1<<52-1), int(b>>52&0x7ff)
	if exponent == 0 {
		return mantissa, 0
	}
	return mantissa | 1<<52, exponent - 1
}

// mean returns the mean of the exact values, rounded once; n is not 0.
func (m *moments) mean() float64 {
	of := new(big.Int).Lsh(big.NewInt(m.n), lowest)
	mean, _ := new(big.Rat).SetFrac(m.numbers.value(), of).Float64()
	return mean
}

// rootBits is more bits than a float64 has, so that the last of them can say "and a bit more".
const rootBits = 64

// std returns the population's standard deviation, √(n·Σx² − (Σx)²)/n, rounded once; n is not 0.
//
// The root is taken of whole numbers, and what it leaves becomes its last bit: a number with too
// many bits, however it was rounded, could end up halfway between two float64 where it was not.
func (m *moments) std() float64 {
	total, n := m.numbers.value(), big.NewInt(m.n)
	spread := new(big.Int).Mul(n, m.squares.value())
	spread.Sub(spread, total.Mul(total, total))
	n.Mul(n, n)
	places := max(0, rootBits-(spread.BitLen()-n.BitLen())/2)
	spread.Lsh(spread, 2*uint(places))
	root := new(big.Int).Quo(spread, n)
	root.Sqrt(root)
	exact := n.Mul(n, new(big.Int).Mul(root, root)).Cmp(spread) == 0
	if root.Lsh(root, 1); !exact {
		root.SetBit(root, 0, 1)
	}
	x := new(big.Float).SetInt(root)
	std, _ := x.SetMantExp(x, -lowest-places-1).Float64()
	return std
}
