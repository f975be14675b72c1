package sketch

import "math"

// Bounded is a value computed from bins, and the interval in which the exact one of the
// values behind them must lie: Low <= exact <= High, but for rounding of float64. High is
// +Inf, and Low may be -Inf, where values that were clamped leave it open.
type Bounded struct{ Value, Low, High float64 }

// Exactly is a value without error.
func Exactly(v float64) Bounded { return Bounded{v, v, v} }

// Error returns the most by which the exact value can differ from Value.
func (b Bounded) Error() float64 { return max(b.High-b.Value, b.Value-b.Low) }

// Per divides one distance by a scale; neither is negative. It is ErrNoSpread for a scale
// whose Value is 0.
func (b Bounded) Per(scale Bounded) (Bounded, error) {
	if scale.Value == 0 {
		return Bounded{}, ErrNoSpread
	}
	q := Bounded{Value: b.Value / scale.Value, High: math.Inf(1)}
	if scale.Low > 0 {
		q.High = b.High / scale.Low
	}
	if !math.IsInf(scale.High, 1) {
		q.Low = b.Low / scale.High
	}
	return q, nil
}

// root returns the square root of a value that is not negative.
func (b Bounded) root() Bounded {
	return Bounded{math.Sqrt(b.Value), math.Sqrt(b.Low), math.Sqrt(b.High)}
}
