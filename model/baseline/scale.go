package baseline

import (
	"math"

	"pcapmill/features/column"
)

// Scale makes an integer of a value, the level, of which moments are taken: in steps of
// 2^Step for shares, scores and bits, and in eighths of octaves of 1 + |x|/2^Step for
// amounts, which differ by factors. The latter follows the logarithm with straight lines
// between powers of two, formed from the bits of a float64, so that every platform has the
// same levels.
type Scale struct {
	Octaves bool
	Step    int8 // binary exponent of the smallest difference that means anything
}

const (
	perOctave  = 3       // 2^3 levels
	maxLevel   = 1 << 15 // levels beyond are clamped: ±256 for shares at a Step of -7
	lowestStep = -40
	highStep   = 40
)

func (s Scale) valid() bool { return s.Step >= lowestStep && s.Step <= highStep }

// scaleOf chooses by unit: microseconds of nanoseconds, 1/128 of ratios and bits; counts
// are whole, and other real numbers have 1/128 for the smallest step of octaves.
func scaleOf(c *column.Column) Scale {
	switch {
	case c.Unit == column.Ratio || c.Unit == column.Bits:
		return Scale{Step: -7}
	case c.Unit == column.Nanos:
		return Scale{Octaves: true, Step: 10}
	case c.Type == column.Double:
		return Scale{Octaves: true, Step: -7}
	}
	return Scale{Octaves: true}
}

// Level returns that of a value, which is no NaN. It grows with the value, and is off by
// at most half: in octaves, of 1 + |x|/2^Step by 1/16, which is between 3 and 6 %.
func (s Scale) Level(x float64) int64 {
	steps := math.Abs(x) * power(-s.Step)
	var level int64
	switch {
	case s.Octaves:
		level = octaves(1 + steps)
	default:
		level = int64(math.RoundToEven(min(steps, maxLevel)))
	}
	if math.Signbit(x) {
		return -level
	}
	return level
}

// octaves counts the levels from 1 up to y >= 1, which may be infinite.
func octaves(y float64) int64 {
	const below = 52 - perOctave // bits of the fraction below a level
	return int64((math.Float64bits(y)+1<<(below-1))>>below) - 1023<<perOctave
}

// Value returns what a level stands for; between levels, as a mean of them lies, it goes
// straight.
func (s Scale) Value(level float64) float64 {
	steps := math.Abs(level)
	if s.Octaves {
		octave := math.Floor(steps / (1 << perOctave))
		steps = math.Ldexp(1+steps/(1<<perOctave)-octave, int(octave)) - 1
	}
	return math.Copysign(steps*power(s.Step), level)
}

// power returns 2^exponent, made of its bits: every value of a row needs one.
func power(exponent int8) float64 { return math.Float64frombits(uint64(1023+int64(exponent)) << 52) }
