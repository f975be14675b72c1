package host

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/dsp/fourier"
	"gonum.org/v1/gonum/dsp/window"
)

// leastActive is how many seconds with a packet a host must have for its series to be
// looked at.
const leastActive = 8

// mostBins is how many evenly spaced samples a series has at most. Those of windows with
// more seconds have several seconds each.
const mostBins = 1024

// period is what the series of a host's packets says. Its samples are the packets of
// each second of the window, or of as many seconds as make no more than mostBins of them.
type period struct {
	seconds    int64   // lag of the highest peak of the autocorrelation; 0: there is none
	score      float64 // correlation of the series with itself at that lag
	dominance  float64 // share of the power in the strongest line of the spectrum
	varies     bool    // the samples differ: there are score and dominance
	regularity float64 // of the starts of bursts; negative: fewer than three
}

// periodFinder looks at series of windows of one length.
type periodFinder struct {
	bins  int
	width int64 // seconds of a bin
	fft   *fourier.FFT
	hann  []float64
	x     []float64 // memory
	power []complex128
	bin   []uint32 // of the series, those with packets
	n     []int64  // packets of these
	at    []int64  // by lag, sum of products
	ends  []int64  // packets of the first bins, and of the last
}

func newPeriodFinder(grid Grid) *periodFinder {
	seconds := int64(grid.Length / second)
	f := &periodFinder{width: (seconds + mostBins - 1) / mostBins}
	f.bins = int((seconds + f.width - 1) / f.width)
	if f.bins < leastActive {
		return f
	}
	f.fft = fourier.NewFFT(f.bins)
	f.hann, f.x = make([]float64, f.bins), make([]float64, f.bins)
	for i := range f.hann {
		f.hann[i] = 1
	}
	f.hann = window.Hann(f.hann)
	f.power = make([]complex128, f.bins/2+1)
	f.at = make([]int64, f.bins/2+2)
	return f
}

// find looks at a series with at least leastActive seconds, in their order.
func (f *periodFinder) find(series []hostSecond) period {
	f.gather(series)
	p := period{regularity: regularity(series)}
	total, squares := int64(0), int64(0)
	for _, n := range f.n {
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
	p.seconds, p.score = f.autocorrelate(total, squares, mean)
	p.dominance = f.dominance(mean)
	return p
}

// gather takes a series into bins.
func (f *periodFinder) gather(series []hostSecond) {
	f.bin, f.n = f.bin[:0], f.n[:0]
	for _, s := range series {
		bin := s.second / uint32(f.width)
		if last := len(f.bin) - 1; last >= 0 && f.bin[last] == bin {
			f.n[last] = min(f.n[last]+int64(s.packets), mostPackets)
			continue
		}
		f.bin, f.n = append(f.bin, bin), append(f.n, int64(s.packets))
	}
}

// autocorrelate returns the lag, in seconds, of the highest peak of the autocorrelation,
// and the correlation there; 0 where no peak stands out of what noise has. Peaks are
// those of the biased estimate, which among the multiples of a period prefers the
// shortest; the correlation is that of the samples which the lag leaves.
func (f *periodFinder) autocorrelate(total, squares int64, mean float64) (seconds int64, score float64) {
	clear(f.at)
	for i, a := range f.bin {
		for j := i + 1; j < len(f.bin); j++ {
			lag := f.bin[j] - a
			if int(lag) >= len(f.at) {
				break
			}
			f.at[lag] += f.n[i] * f.n[j]
		}
	}
	variance := float64(squares) - mean*float64(total)
	highest := 1.96 / math.Sqrt(float64(f.bins)) // what 95 % of white noise stay below
	lag := 0
	rest := overlap{f: f, mean: mean, head: total, tail: total, behind: len(f.bin)}
	before, here := math.Inf(1), rest.covariance(1)/variance
	for k := 2; k <= f.bins/2+1; k++ {
		after := rest.covariance(k) / variance
		if k > 2 && here > before && here >= after && here > highest {
			highest, lag = here, k-1
		}
		before, here = here, after
	}
	if lag == 0 {
		return 0, 0
	}
	return int64(lag) * f.width, f.correlation(lag, mean)
}

// overlap has the sums of the samples that the lag leaves: all but the last ones, and
// all but the first. The lag only grows.
type overlap struct {
	f          *periodFinder
	mean       float64
	head, tail int64
	behind     int // bins from this one on, of those with packets, are not in head
	ahead      int // those before this one are not in tail
}

// covariance is the sum of the products of the deviations from the mean of samples a
// lag apart.
func (o *overlap) covariance(lag int) float64 {
	f := o.f
	for o.behind > 0 && int(f.bin[o.behind-1]) >= f.bins-lag {
		o.behind--
		o.head -= f.n[o.behind]
	}
	for o.ahead < len(f.bin) && int(f.bin[o.ahead]) < lag {
		o.tail -= f.n[o.ahead]
		o.ahead++
	}
	return float64(f.at[lag]) - o.mean*float64(o.head+o.tail) + float64(f.bins-lag)*o.mean*o.mean
}

// correlation is the covariance at a lag over the deviations of the samples that are in
// it.
func (f *periodFinder) correlation(lag int, mean float64) float64 {
	var sum, squares [2]int64 // without the last samples, without the first
	for i, b := range f.bin {
		for end, within := range [2]bool{int(b) < f.bins-lag, int(b) >= lag} {
			if within {
				sum[end] += f.n[i]
				squares[end] += f.n[i] * f.n[i]
			}
		}
	}
	left := float64(f.bins-lag) * mean * mean
	deviation := func(end int) float64 { return float64(squares[end]) - 2*mean*float64(sum[end]) + left }
	product := deviation(0) * deviation(1)
	if product <= 0 {
		return 0
	}
	covariance := float64(f.at[lag]) - mean*float64(sum[0]+sum[1]) + left
	return max(0, min(1, covariance/math.Sqrt(product)))
}

// dominance returns the share of the power without the mean that the strongest line of
// the spectrum has, with the lines beside it: a Hann window spreads a line over three.
func (f *periodFinder) dominance(mean float64) float64 {
	for i := range f.x {
		f.x[i] = -mean * f.hann[i]
	}
	for i, b := range f.bin {
		f.x[b] += float64(f.n[i]) * f.hann[b]
	}
	f.power = f.fft.Coefficients(f.power, f.x)
	strongest, at, all := 0.0, 0, 0.0
	for k := 1; k < len(f.power); k++ {
		p := f.line(k)
		all += p
		if p > strongest {
			strongest, at = p, k
		}
	}
	if all == 0 {
		return 0
	}
	line := strongest
	if at > 1 {
		line += f.line(at - 1)
	}
	if at+1 < len(f.power) {
		line += f.line(at + 1)
	}
	return min(1, line/all)
}

// line returns the power at a frequency, of which all but the highest stand for two.
func (f *periodFinder) line(k int) float64 {
	re, im := real(f.power[k]), imag(f.power[k])
	p := re*re + im*im
	if 2*k < f.bins {
		p *= 2
	}
	return p
}

// regularity returns 1/(1+cv) of the gaps between the starts of bursts, which are seconds
// with packets behind one without; -1 where there are fewer than two gaps.
func regularity(series []hostSecond) float64 {
	n, sum, squares := int64(0), int64(0), int64(0)
	start := int64(series[0].second)
	for i := 1; i < len(series); i++ {
		if series[i].second == series[i-1].second+1 {
			continue
		}
		gap := int64(series[i].second) - start
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
