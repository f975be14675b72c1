package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Consistency factors: what a spread is multiplied by to estimate the standard
// deviation of a normal distribution.
const (
	madFactor  = 1.4826 // 1/Φ⁻¹(3/4), of the median absolute deviation
	meanFactor = 1.2533 // √(π/2), of the mean absolute deviation
)

// Level is where values lie and how far they spread.
type Level struct {
	Center float64
	Spread float64 // in standard deviations of a normal distribution; 0: all values are equal
}

// Classic is mean and standard deviation.
func Classic(values []float64) (Level, bool) {
	if len(values) < 2 {
		return Level{}, false
	}
	mean, sd := stat.MeanStdDev(values, nil)
	return Level{Center: mean, Spread: sd}, true
}

// Robust is the median and 1.4826 times the median absolute deviation from it. Where
// that is 0, because more than half of the values are equal, the spread is 1.2533 times
// the mean absolute deviation (Iglewicz and Hoaglin, How to Detect and Handle Outliers,
// 1993), which is 0 only where all are.
func Robust(values []float64) (Level, bool) {
	if len(values) < 2 {
		return Level{}, false
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	l := Level{Center: median(sorted)}
	for i, v := range sorted {
		sorted[i] = math.Abs(v - l.Center)
	}
	slices.Sort(sorted)
	if l.Spread = madFactor * median(sorted); l.Spread == 0 {
		l.Spread = meanFactor * total(sorted) / float64(len(sorted))
	}
	return l, true
}

// Z is how many spreads x lies above the centre, the spread being at least floor (> 0).
func (l Level) Z(x, floor float64) float64 { return (x - l.Center) / max(l.Spread, floor) }

// median of sorted values, at least one.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1] + (sorted[n/2]-sorted[n/2-1])/2
}
