package host

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// randomSeries returns series of hosts as a mixed capture has them: most have packets in
// few seconds, some in many.
func randomSeries(rng *rand.Rand, hosts int) [][]sample {
	all := make([][]sample, hosts)
	for i := range all {
		n := leastActive + int(rng.ExpFloat64()*10)
		if rng.IntN(8) == 0 {
			n += rng.IntN(150)
		}
		step, at := 1+rng.IntN(2*600/(n+10)), uint32(rng.IntN(100))
		for ; n > 0 && at < 600; n-- {
			all[i] = append(all[i], sample{at, uint32(1 + rng.IntN(20))})
			at += 1 + uint32(rng.IntN(step))
		}
	}
	return all
}

func newFinder(tb testing.TB) *periodFinder {
	tb.Helper()
	grid, err := NewGrid(10 * time.Minute)
	if err != nil {
		tb.Fatal(err)
	}
	return newPeriodFinder(grid)
}

// TestHighestPeak compares the peak with that of all covariances, computed one by one.
func TestHighestPeak(t *testing.T) {
	f := newFinder(t)
	rng := rand.New(rand.NewPCG(3, 4))
	peaks := 0
	for _, series := range append(randomSeries(rng, 300), beats()...) {
		if len(series) < leastActive {
			continue
		}
		dense := make([]float64, f.bins)
		sum := 0.0
		for _, s := range series {
			dense[s.bin] = float64(s.n)
			sum += float64(s.n)
		}
		covariance := func(lag int) (c float64) {
			for i := range f.bins - lag {
				c += (dense[i] - sum/float64(f.bins)) * (dense[i+lag] - sum/float64(f.bins))
			}
			return c
		}
		const slack = 1e-6 // peaks that are as high but for rounding may be either
		most, lags := f.noise*covariance(0), map[int]bool{0: true}
		for k := 2; k <= f.bins/2; k++ {
			here := covariance(k)
			if here < most-slack || here < covariance(k-1)-slack || here < covariance(k+1)-slack {
				continue
			}
			if here > most+slack {
				clear(lags)
			}
			most, lags[k] = max(most, here), true
		}
		got := int(f.find(series).seconds)
		if !lags[got] {
			t.Errorf("%d seconds: lag %d, want one of %v", len(series), got, lags)
		}
		if got > 0 {
			peaks++
		}
	}
	if peaks < 20 {
		t.Errorf("%d peaks: too few to say anything", peaks)
	}
}

// beats returns series with packets every few seconds, one with as many as there can be.
func beats() (all [][]sample) {
	for period := 2; period < 70; period += 3 {
		var series []sample
		for at := period / 2; at < 600; at += period {
			series = append(series, sample{uint32(at), mostPackets / uint32(1+at%2)})
		}
		all = append(all, series)
	}
	for _, series := range all[:3] {
		for i := range series {
			series[i].n = uint32(math.Sqrt(float64(i + 1)))
		}
	}
	return all
}

// BenchmarkPeriods: ns per series.
func BenchmarkPeriods(b *testing.B) {
	f := newFinder(b)
	all := randomSeries(rand.New(rand.NewPCG(1, 2)), 256)
	for b.Loop() {
		for _, series := range all {
			if len(series) >= leastActive {
				f.find(series)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/series")
}
