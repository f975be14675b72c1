package drift

import (
	"math"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
)

// madToStd makes the standard deviation of a normal distribution of its MAD.
const madToStd = 1.4826

// robust are the median of a histogram and its median absolute deviation, in levels. The
// values of a bin are taken to be spread evenly over it.
type robust struct {
	bins []levelBin
	n    float64
}

// levelBin has its values from low to high.
type levelBin struct{ low, high, n float64 }

// of returns centre and standard deviation as the median and 1.4826 MAD say; all are the
// moments of the same values, from whose mean a median is at most a standard deviation
// away: of a single bin that says more than its edges.
func (r *robust) of(h *sketch.Histogram, scale baseline.Scale, all moments) (center, std float64) {
	r.bins, r.n = r.bins[:0], 0
	h.Bins(func(v sketch.Bounded, n uint64) bool {
		b := levelBin{float64(scale.Level(v.Low)), float64(scale.Level(v.High)), float64(n)}
		r.bins, r.n = append(r.bins, b), r.n+b.n
		return true
	})
	usual, deviation := all.mean(), math.Sqrt(all.around()/all.n)
	center = min(max(r.median(), usual-deviation), usual+deviation)
	return center, min(madToStd*r.deviation(center), 2*deviation)
}

func (r *robust) median() float64 {
	below := 0.0
	for _, b := range r.bins {
		if below+b.n >= r.n/2 {
			return b.low + (r.n/2-below)/b.n*(b.high-b.low)
		}
		below += b.n
	}
	return 0
}

// deviation is the distance from the centre within which half of the values are.
func (r *robust) deviation(center float64) float64 {
	low, high := 0.0, 0.0
	for _, b := range r.bins {
		high = max(high, math.Abs(b.low-center), math.Abs(b.high-center))
	}
	for range bisections {
		if middle := (low + high) / 2; r.within(center-middle, center+middle) < r.n/2 {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// bisections of at most 2^16 levels leave less than a hundredth of one.
const bisections = 24

// within counts the values from low to high.
func (r *robust) within(low, high float64) (n float64) {
	for _, b := range r.bins {
		switch from, to := max(low, b.low), min(high, b.high); {
		case from > to:
		case b.high == b.low:
			n += b.n
		default:
			n += b.n * (to - from) / (b.high - b.low)
		}
	}
	return n
}
