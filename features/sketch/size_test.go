package sketch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pcapmill/features/sketch"
)

// TestSizes measures what a host's features take in a baseline, of 144 windows a day: six
// windows' moments for each hour, at a scale that suits the feature, and a coarse histogram
// of the day, each without header and parameter. The limits are what it took when this was
// written, and a sixth more.
func TestSizes(t *testing.T) {
	const header = 2
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name     string
		scale    int
		most     float64 // bytes of moments
		mostBins int     // bytes of a histogram
		next     distribution
	}{
		{"constant", 0, 2, 4, func(*rand.Rand) float64 { return 0 }},
		{"small counts", 0, 3.5, 19, func(r *rand.Rand) float64 { return math.Floor(3 * r.ExpFloat64()) }},
		{"ratio", 10, 7, 29, func(r *rand.Rand) float64 { return r.Float64() }},
		{"logarithm", 4, 5.8, 11, func(r *rand.Rand) float64 { return math.Log2(1 + math.Exp(10+r.NormFloat64())) }},
		{"bytes", -8, 7.7, 32, func(r *rand.Rand) float64 { return math.Exp(12 + r.NormFloat64()) }},
		{"bytes, exact", 0, 12.6, 37, func(r *rand.Rand) float64 { return math.Exp(12 + r.NormFloat64()) }},
	} {
		bytes, day := 0, sketch.NewHistogram(sketch.Coarse)
		for range 24 {
			m := sketch.NewMoments(c.scale)
			for range 6 {
				v := c.next(rng)
				m.Add(v)
				day.Add(v)
			}
			bytes += len(m.AppendBinary(nil)) - header
		}
		mean, bins := float64(bytes)/24, len(day.AppendBinary(nil))-header
		t.Logf("%-12s  an hour's moments %.1f bytes, a day's histogram %d", c.name, mean, bins)
		if mean > c.most || bins > c.mostBins {
			t.Errorf("%s: %.1f and %d bytes", c.name, mean, bins)
		}
	}
}
