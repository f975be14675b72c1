package drift

import "math"

// Feature is a number that windows have.
type Feature struct {
	Name  string
	Group string  // what it is a view of; features of one group say much the same
	Step  float64 // the smallest difference that means anything, > 0, in the feature's unit
	Log   bool    // amounts, which differ by factors: compared as ln(1 + x/Step)
}

// leastFactor is the spread that amounts are taken to have at least: 5 %.
const leastFactor = 0.05

// scaled is the value that scores and tests see: amounts as logarithms, in which windows
// vary about as much upwards as downwards.
func (f Feature) scaled(x float64) float64 {
	if !f.Log {
		return x
	}
	return math.Copysign(math.Log1p(math.Abs(x)/f.Step), x)
}

func (f Feature) unscaled(y float64) float64 {
	if !f.Log {
		return y
	}
	return math.Copysign(math.Expm1(math.Abs(y))*f.Step, y)
}

// floor is the least spread, of scaled values: no baseline is so still that less than
// this is a deviation. It also decides z where the spread of the baseline is 0.
func (f Feature) floor() float64 {
	if f.Log {
		return leastFactor
	}
	return f.Step
}
