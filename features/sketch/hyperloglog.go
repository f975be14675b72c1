package sketch

import (
	"math"
	"math/bits"
)

// Registers of HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007): the upper bits of a
// hash choose one, which keeps the greatest position of the first 1 among the others.
const (
	registerBits = 12
	registerNo   = 1 << registerBits
	ranks        = 64 - registerBits + 1 // 53: all others are 0
)

type registers [registerNo]uint8

func (r *registers) add(hash uint64) {
	at := hash >> (64 - registerBits)
	r[at] = max(r[at], uint8(bits.LeadingZeros64(hash<<registerBits|1<<(registerBits-1))+1))
}

func (r *registers) merge(o *registers) {
	for i, rank := range o {
		r[i] = max(r[i], rank)
	}
}

// estimate is Ertl's improved raw estimator (New cardinality estimation algorithms for
// HyperLogLog sketches, 2017, algorithm 6), which needs no table of corrections and is
// unbiased from 0 to where hashes begin to collide. It depends on how many registers have
// each rank alone, so no order shows in its sums.
func (r *registers) estimate() uint64 {
	var having [ranks + 1]int
	for _, rank := range r {
		having[rank]++
	}
	z := registerNo * tau(1-float64(having[ranks])/registerNo)
	for rank := ranks - 1; rank >= 1; rank-- {
		z = (z + float64(having[rank])) / 2
	}
	z += registerNo * sigma(float64(having[0])/registerNo)
	n := registerNo * registerNo / (2 * math.Ln2) / z
	return uint64(min(n+0.5, math.MaxInt64))
}

// sigma is x + Σ x^(2^k)·2^(k-1), k >= 1, for 0 <= x < 1, until it no longer grows.
func sigma(x float64) float64 {
	sum, weight := x, 1.0
	for {
		x *= x
		before := sum
		sum += x * weight
		weight *= 2
		if sum == before || math.IsInf(sum, 1) {
			return sum
		}
	}
}

// tau is (1 - x - Σ (1 - x^(2^-k))²·2^-k) / 3, k >= 1, for 0 <= x <= 1.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	sum, weight := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		before := sum
		weight /= 2
		sum -= (1 - x) * (1 - x) * weight
		if sum == before {
			return sum / 3
		}
	}
}
