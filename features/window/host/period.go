package host

import (
	"math"
	"math/bits"
)

// leastActive is how many seconds with a packet a host must have for its series to be
// looked at.
const leastActive = 8

// mostBins is how many evenly spaced samples a series has at most. Those of windows with
// more seconds have several seconds each.
const mostBins = 1024

// falsePeaks is how many of so many series of white noise have a peak that stands out.
const falsePeaks = 0.05

// period is what the series of a host's packets says. Its samples are the packets of
// each second of the window, or of as many seconds as make no more than mostBins of them.
type period struct {
	seconds    int64   // lag of the highest peak of the autocorrelation; 0: there is none
	score      float64 // correlation of the series with itself at that lag
	dominance  float64 // share of the power at that period
	varies     bool    // the samples differ: there are score and dominance
	regularity float64 // of the starts of bursts; negative: fewer than three
}

// periodFinder looks at series of windows of one length. Sums that decide are of
// integers, over the seconds with packets alone.
type periodFinder struct {
	bins   int
	width  int64   // seconds of a bin
	noise  float64 // autocorrelation that noise stays below
	hann   []float64
	roots  []complex128 // e^(-2πij/bins) by j
	series []sample     // with packets, in the order of time
	at     []int64      // by lag, sum of products
	ends   []uint32     // by host number, where its seconds in sorted end
	sorted []sample
}

// sample is the packets of a bin, or of a second.
type sample struct{ bin, n uint32 }

func newPeriodFinder(grid Grid) *periodFinder {
	seconds := int64(grid.Length / second)
	f := &periodFinder{width: (seconds + mostBins - 1) / mostBins}
	f.bins = int((seconds + f.width - 1) / f.width)
	if !f.able() {
		return f
	}
	f.noise = math.Sqrt2 * math.Erfinv(1-2*falsePeaks/float64(f.bins/2-1)) / math.Sqrt(float64(f.bins))
	f.hann, f.roots = make([]float64, f.bins), make([]complex128, f.bins)
	for i := range f.hann {
		sin, cos := math.Sincos(-2 * math.Pi * float64(i) / float64(f.bins))
		f.hann[i], f.roots[i] = 0.5-0.5*cos, complex(cos, sin)
	}
	f.at = make([]int64, f.bins/2+2)
	return f
}

// able reports whether windows have enough samples.
func (f *periodFinder) able() bool { return f.bins >= leastActive }

// find looks at a series with at least leastActive seconds, in their order.
func (f *periodFinder) find(series []sample) period {
	f.gather(series)
	p := period{regularity: regularity(series)}
	total, squares := int64(0), int64(0)
	for _, s := range f.series {
		n := int64(s.n)
		total += n
		squares += n * n
	}
	// Σx²·bins = (Σx)² where all samples are the same.
	hi, lo := bits.Mul64(uint64(squares), uint64(f.bins))
	ownHi, ownLo := bits.Mul64(uint64(total), uint64(total))
	if hi == ownHi && lo == ownLo {
		return p
	}
	p.varies = true
	mean := float64(total) / float64(f.bins)
	if lag := f.highestPeak(total, squares, mean); lag > 0 {
		p.seconds = int64(lag) * f.width
		p.score = f.correlation(lag, total, mean)
		p.dominance = f.dominance(lag, mean)
	}
	return p
}

// gather takes a series of seconds into bins.
func (f *periodFinder) gather(series []sample) {
	f.series = f.series[:0]
	for _, s := range series {
		bin := s.bin / uint32(f.width)
		if last := len(f.series) - 1; last >= 0 && f.series[last].bin == bin {
			f.series[last].n = min(f.series[last].n+s.n, mostPackets)
			continue
		}
		f.series = append(f.series, sample{bin, s.n})
	}
}

// highestPeak returns the lag of the highest peak of the autocorrelation, 0 where no peak
// stands out of noise. The estimate is the biased one, which among the multiples of a
// period prefers the shortest.
func (f *periodFinder) highestPeak(total, squares int64, mean float64) int {
	f.multiply()
	shift := f.shifted(total)
	highest := f.noise * (float64(squares) - mean*float64(total))
	lag, most := 0, mean*float64(total)                // that a covariance can be above the sum of the products
	low := int64(highest-most-1e-9*(highest+most)) - 1 // where nothing need be computed exactly
	for k := 2; k <= f.bins/2; k++ {
		if f.at[k] < low || float64(f.at[k])+most <= highest {
			continue // nearly all of them, where seconds with packets are few
		}
		before := f.covariance(shift.to(k-1), mean)
		here := f.covariance(shift.to(k), mean)
		if here <= highest || here <= before {
			continue
		}
		if next := shift; here >= f.covariance(next.to(k+1), mean) {
			highest, lag = here, k
		}
	}
	return lag
}

// multiply sums the products of samples up by their lag.
func (f *periodFinder) multiply() {
	clear(f.at)
	at := f.at
	for i, a := range f.series {
		for _, b := range f.series[i+1:] {
			lag := uint64(b.bin - a.bin)
			if lag >= uint64(len(at)) {
				break
			}
			at[lag] += int64(a.n) * int64(b.n)
		}
	}
}

// shift is a lag with what a covariance needs of the samples that are in it. It goes
// from lag to lag in ascending order, which takes no look-up.
type shift struct {
	series      []sample
	bins        int
	lag         int
	last, first int   // places in the series: behind the samples that have one a lag later, of the first that has one a lag before
	head, tail  int64 // packets of the samples before last, and from first on
}

// shifted returns the shift of no lag.
func (f *periodFinder) shifted(total int64) shift {
	return shift{series: f.series, bins: f.bins, last: len(f.series), head: total, tail: total}
}

// to goes on to a lag, and returns itself.
func (s *shift) to(lag int) *shift {
	s.lag = lag
	for s.last > 0 && int(s.series[s.last-1].bin) >= s.bins-lag {
		s.last--
		s.head -= int64(s.series[s.last].n)
	}
	for s.first < len(s.series) && int(s.series[s.first].bin) < lag {
		s.tail -= int64(s.series[s.first].n)
		s.first++
	}
	return s
}

// covariance is the sum of the products of the deviations from the mean of samples a
// lag apart.
func (f *periodFinder) covariance(s *shift, mean float64) float64 {
	return float64(f.at[s.lag]) - mean*float64(s.head+s.tail) + float64(f.bins-s.lag)*mean*mean
}

// correlation is the covariance at a lag over the deviations of the samples that are in
// it.
func (f *periodFinder) correlation(lag int, total int64, mean float64) float64 {
	var sum, squares [2]int64 // without the last samples, without the first
	for _, s := range f.series {
		n := int64(s.n)
		for end, within := range [2]bool{int(s.bin) < f.bins-lag, int(s.bin) >= lag} {
			if within {
				sum[end] += n
				squares[end] += n * n
			}
		}
	}
	deviation := func(end int) float64 {
		return float64(squares[end]) - 2*mean*float64(sum[end]) + float64(f.bins-lag)*mean*mean
	}
	product := deviation(0) * deviation(1)
	if product <= 0 {
		return 0
	}
	shift := f.shifted(total)
	return max(0, min(1, f.covariance(shift.to(lag), mean)/math.Sqrt(product)))
}

// dominance returns the share of the power of the series without its mean, under a
// periodic Hann window, that the line nearest to a period's frequency has, with the lines
// beside it: the window spreads a line over three. The power of all lines together is
// that of the samples (Parseval), so that three are all that is looked at.
func (f *periodFinder) dominance(lag int, mean float64) float64 {
	squares, sum := 0.0, 0.0
	for _, s := range f.series {
		weighed := float64(s.n) * f.hann[s.bin]
		squares += weighed*weighed - 2*mean*weighed*f.hann[s.bin]
		sum += weighed
	}
	bins := float64(f.bins)
	squares += mean * mean * 3 / 8 * bins // the mean of the window's squares is 3/8, its own 1/2
	sum -= mean * bins / 2
	all := bins*squares - sum*sum // without that at frequency 0
	if all <= 0 {
		return 0
	}
	nearest := (2*f.bins + lag) / (2 * lag)
	own := 0.0
	for k := max(1, nearest-1); k <= min(nearest+1, f.bins/2); k++ {
		own += f.line(k, mean)
	}
	return min(1, own/all)
}

// line returns the power at a frequency and its negative.
func (f *periodFinder) line(k int, mean float64) float64 {
	sum := complex(0, 0)
	if k == 1 {
		sum = complex(mean*float64(f.bins)/4, 0) // the window's own line
	}
	for _, s := range f.series {
		sum += complex(float64(s.n)*f.hann[s.bin], 0) * f.roots[k*int(s.bin)%f.bins]
	}
	power := real(sum)*real(sum) + imag(sum)*imag(sum)
	if 2*k < f.bins {
		power *= 2
	}
	return power
}

// regularity returns 1/(1+cv) of the gaps between the starts of bursts, which are seconds
// with packets behind one without; -1 where there are fewer than two gaps.
func regularity(series []sample) float64 {
	n, sum, squares := int64(0), int64(0), int64(0)
	start := int64(series[0].bin)
	for i := 1; i < len(series); i++ {
		if series[i].bin == series[i-1].bin+1 {
			continue
		}
		gap := int64(series[i].bin) - start
		start += gap
		n++
		sum += gap
		squares += gap * gap
	}
	if n < 2 {
		return -1
	}
	cv := math.Sqrt(float64(n*squares-sum*sum)) / float64(sum) // the factors n of both cancel
	return 1 / (1 + cv)
}
