package capfile

import (
	"fmt"
	"math"
	"math/bits"

	"pcapmill/ingest/packet"
)

const nanosPerSecond = 1_000_000_000

// Resolutions beyond these are refused: a 64-bit time stamp in such units spans
// less than one second, so it cannot tell when a packet was.
const (
	maxDecimalResolution = 19
	maxBinaryResolution  = 64
	binaryResolution     = 0x80 // bit of if_tsresol: the exponent is of 2, not of 10
	defaultResolution    = 6    // pcapng without if_tsresol: microseconds
)

// clock turns the time stamps of one interface into Nanos: exactly, rounding
// down, in 128 bits where 64 do not suffice.
type clock struct {
	resolution uint8  // if_tsresol
	factor     uint64 // nanoseconds per unit, for decimal resolutions of at least 1 ns
	divisor    uint64 // units per nanosecond, for finer decimal resolutions
	fastEnd    uint64 // time stamps below it are just multiplied by factor
	offset     wide   // if_tsoffset in nanoseconds
}

// wide is a signed number of 128 bits in two's complement.
type wide struct{ hi, lo uint64 }

// newClock returns the clock of a resolution in if_tsresol form and an offset
// in seconds, or an error that says why there is none.
func newClock(resolution uint8, offset int64) (clock, error) {
	c := clock{resolution: resolution, offset: secondsToNanos(offset)}
	exponent := resolution &^ binaryResolution
	switch {
	case resolution&binaryResolution != 0:
		if exponent > maxBinaryResolution {
			return clock{}, fmt.Errorf("time resolution 2^-%d is finer than 2^-%d", exponent, maxBinaryResolution)
		}
		return c, nil
	case exponent > maxDecimalResolution:
		return clock{}, fmt.Errorf("time resolution 10^-%d is finer than 10^-%d", exponent, maxDecimalResolution)
	case exponent > 9:
		c.divisor = powerOfTen(exponent - 9)
		return c, nil
	}
	c.factor = powerOfTen(9 - exponent)
	if offset == 0 {
		c.fastEnd = math.MaxInt64/c.factor + 1
	}
	return c, nil
}

// nanos converts one time stamp. It returns NoTime and false where the instant
// does not fit.
func (c *clock) nanos(stamp uint64) (packet.Nanos, bool) {
	if stamp < c.fastEnd {
		return packet.Nanos(stamp * c.factor), true
	}
	return c.nanosWide(stamp)
}

func (c *clock) nanosWide(stamp uint64) (packet.Nanos, bool) {
	var v wide
	switch {
	case c.resolution&binaryResolution != 0:
		hi, lo := bits.Mul64(stamp, nanosPerSecond)
		n := uint(c.resolution &^ binaryResolution)
		v = wide{hi >> n, lo>>n | hi<<(64-n)}
	case c.divisor != 0:
		v = wide{0, stamp / c.divisor}
	default:
		v.hi, v.lo = bits.Mul64(stamp, c.factor)
	}
	v = v.plus(c.offset)
	// The sum fits when the upper half is nothing but the sign of the lower one.
	// The least int64 is taken: it means that there is no time.
	t := packet.Nanos(v.lo)
	if v.hi != uint64(t>>63) || t == packet.NoTime {
		return packet.NoTime, false
	}
	return t, true
}

// stamp is the reverse of nanos, for writers: the time stamp whose nanos is t,
// or, in resolutions coarser than 1 ns, the last one not after t.
func (c *clock) stamp(t packet.Nanos) (uint64, bool) {
	if t >= 0 && c.factor == 1 && c.fastEnd != 0 { // nanoseconds since 1970 as they are
		return uint64(t), true
	}
	if t == packet.NoTime {
		return 0, false
	}
	v := wide{uint64(t >> 63), uint64(t)}.plus(c.offset.negated())
	if int64(v.hi) < 0 {
		return 0, false
	}
	switch exponent := c.resolution &^ binaryResolution; {
	case c.resolution&binaryResolution != 0:
		return binaryStamp(v, uint(exponent))
	case c.divisor != 0:
		hi, lo := bits.Mul64(v.lo, c.divisor)
		return lo, v.hi == 0 && hi == 0
	case v.hi >= c.factor:
		return 0, false
	default:
		units, _ := bits.Div64(v.hi, v.lo, c.factor)
		return units, true
	}
}

// binaryStamp returns v·2ⁿ/10⁹. It rounds up where units are shorter than a
// nanosecond, because that is what rounding down turns back into v.
func binaryStamp(v wide, n uint) (uint64, bool) {
	if v.hi != 0 {
		return 0, false
	}
	hi, lo := v.lo>>(64-n), v.lo<<n
	if hi >= nanosPerSecond {
		return 0, false
	}
	units, rest := bits.Div64(hi, lo, nanosPerSecond)
	if rest != 0 && n >= 30 {
		units++
	}
	return units, units != 0 || rest == 0 || n < 30
}

func (a wide) plus(b wide) wide {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return wide{hi, lo}
}

func (a wide) negated() wide { return wide{^a.hi, ^a.lo}.plus(wide{0, 1}) }

func secondsToNanos(seconds int64) wide {
	if seconds >= 0 {
		hi, lo := bits.Mul64(uint64(seconds), nanosPerSecond)
		return wide{hi, lo}
	}
	hi, lo := bits.Mul64(-uint64(seconds), nanosPerSecond)
	return wide{hi, lo}.negated()
}

func powerOfTen(n uint8) uint64 {
	p := uint64(1)
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}
