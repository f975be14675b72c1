package sketch

import "math"

// KS returns the Kolmogorov-Smirnov distance D, the greatest difference of the two
// distribution functions. Value is the greatest at the edges of bins, where it is exact,
// and so is Low; within a bin it can be greater by as much as the bin holds of either:
// High is what to test with.
func KS(reference, current *Histogram) (Bounded, error) {
	p, err := pair(reference, current)
	if err != nil {
		return Bounded{}, err
	}
	d := Bounded{}
	for i := range p.steps {
		s := &p.steps[i]
		least, greatest := p.leads(s)
		d.Value = max(d.Value, math.Abs(p.lead(s.after.r, s.after.c)))
		d.High = max(d.High, greatest, -least)
	}
	d.Low = d.Value
	return d, nil
}

// Wasserstein returns the first Wasserstein distance ∫ |F_c - F_r| dx, which is the mean
// difference of the quantiles, in the unit of the values; Per divides it by the
// reference's Std. Value takes all values of a bin as its middle. Low and High
// take within each bin the least and the greatest difference that is possible; High is
// +Inf with values beyond 2^64.
func Wasserstein(reference, current *Histogram) (Bounded, error) {
	p, err := pair(reference, current)
	if err != nil {
		return Bounded{}, err
	}
	d := Bounded{}
	for i := range p.steps {
		s := &p.steps[i]
		low, high := p.edges(s.bin)
		if i > 0 {
			before := &p.steps[i-1]
			lead := math.Abs(p.lead(s.before.r, s.before.c))
			_, end := p.edges(before.bin)
			d.Value += lead * (p.middle(s.bin) - p.middle(before.bin))
			d.Low += lead * (low - end)
			d.High += lead * (low - end)
		}
		if width := high - low; width > 0 {
			least, greatest := p.within(s, width)
			d.Low, d.High = d.Low+least, d.High+greatest
		}
	}
	return d, nil
}

// within returns bounds of the integral over a bin. An infinite one adds nothing to the
// least: its values may all lie at its edge.
func (p *pairing) within(s *step, width float64) (least, greatest float64) {
	low, high := p.leads(s)
	if math.IsInf(width, 1) {
		return 0, width
	}
	return width * max(low, -high, 0), width * max(high, -low)
}
