package traffic

import (
	"math"
	"math/bits"

	"pcapmill/bench/traffic/payload"
)

// random is splitmix64 (Steele, Lea and Flood 2014): fast, seedable by any
// number, and ours, so that a seed means the same capture in every release of
// Go.
type random struct{ state uint64 }

func (r *random) uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return payload.Mix(r.state)
}

func (r *random) uint32() uint32 { return uint32(r.uint64() >> 32) }

// below returns a number in [0, n).
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.uint64(), uint64(n))
	return int(hi)
}

// within returns a number in [lo, hi].
func (r *random) within(lo, hi int) int { return lo + r.below(hi-lo+1) }

// float returns a number in (0, 1).
func (r *random) float() float64 { return (float64(r.uint64()>>11) + 0.5) / (1 << 53) }

// chance is true with probability p.
func (r *random) chance(p float64) bool { return r.float() < p }

// exp returns an exponentially distributed number with the given mean.
func (r *random) exp(mean float64) float64 { return -mean * math.Log(r.float()) }

// normal returns a number with mean 0 and standard deviation 1 (Box and Muller).
func (r *random) normal() float64 {
	return math.Sqrt(-2*math.Log(r.float())) * math.Cos(2*math.Pi*r.float())
}

// logNormal returns a log-normally distributed number.
func (r *random) logNormal(median, sigma float64) float64 {
	return median * math.Exp(sigma*r.normal())
}

// poisson returns the number of arrivals in a time in which mean are expected; it
// draws as many numbers.
func (r *random) poisson(mean float64) (n int) {
	for at := r.exp(1); at < mean; at += r.exp(1) {
		n++
	}
	return n
}

// heavy returns a number with mean 1 and a Pareto-like tail (Lomax, shape 2.2).
func (r *random) heavy() float64 {
	const shape = 2.2
	return (shape - 1) * (math.Pow(r.float(), -1/shape) - 1)
}

// fill fills b with pseudo-random bytes.
func (r *random) fill(b []byte) {
	for i := 0; i < len(b); i += 8 {
		v := r.uint64()
		for j := i; j < min(i+8, len(b)); j++ {
			b[j] = byte(v)
			v >>= 8
		}
	}
}
