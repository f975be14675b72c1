package fingerprint

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// What of a window is known depends on the messages that the run read.
const (
	withApps = 1 << iota
	withDNS
	withHellos
)

// window is one that a row was of. Rows may be of the same one.
type window struct {
	start   int64
	capture int32
	has     uint8
}

// sums is what rows of one host add up to, all of windows of one length. What comes of it
// depends on no order.
type sums struct {
	counts   [counts]uint64
	gaps     gaps
	means    [doubles]total // of those that are joined by their mean; of nameEntropy, times the names
	entropic uint64         // names that have an entropy
	asking   uint64         // packets of rows that know of DNS
	periods  []int32        // whole seconds
	windows  []window
	rows     int64
	inexact  int64 // rows
}

// add takes a row of the host.
func (s *sums) add(r *row) error {
	if err := s.count(r); err != nil {
		return err
	}
	s.rows++
	if r.inexact {
		s.inexact++
	}
	s.note(window{r.start, r.capture, hasOf(r)})
	s.measure(r)
	return nil
}

// count adds the numbers of something, the gaps and the scores, all or none.
func (s *sums) count(r *row) error {
	sum := s.counts
	for i, n := range r.counts {
		if sum[i] += uint64(n); sum[i] > math.MaxInt64/2 {
			return fmt.Errorf("%w: more than 2^62 of %s of host %s", ErrLimit, countNames[i], r.host)
		}
	}
	gaps, fit := s.gaps.plus(uint64(r.counts[outPackets]+r.counts[inPackets]), r.doubles[gapMean], r.doubles[gapStd])
	if !fit {
		return fmt.Errorf("%w: gaps of host %s are too long to sum", ErrLimit, r.host)
	}
	means, fit := s.score(r)
	if !fit {
		return fmt.Errorf("%w: scores of host %s are too many to sum", ErrLimit, r.host)
	}
	s.counts, s.gaps, s.means = sum, gaps, means
	return nil
}

func hasOf(r *row) (has uint8) {
	for _, of := range [...]struct {
		count int
		bit   uint8
	}{{appProtocols, withApps}, {dnsQueries, withDNS}, {tlsHellos, withHellos}} {
		if r.known[of.count] {
			has |= of.bit
		}
	}
	return has
}

// note remembers a window. Parts of one mostly follow each other.
func (s *sums) note(w window) {
	if n := len(s.windows); n > 0 && s.windows[n-1].start == w.start && s.windows[n-1].capture == w.capture {
		s.windows[n-1].has |= w.has
		return
	}
	s.windows = append(s.windows, w)
}

// score returns the sums with what was measured in the window of a row.
func (s *sums) score(r *row) ([doubles]total, bool) {
	means, fits := s.means, true
	add := func(d int, x float64) {
		var fit bool
		means[d], fit = means[d].plus(x)
		fits = fits && fit
	}
	for _, d := range [...]int{burstScore, periodicityScore, spectralDominance, regularity} {
		if r.doubles[d].Known {
			add(d, r.doubles[d].X)
		}
	}
	if e := r.doubles[nameEntropy]; e.Known && r.counts[dnsNames] > 0 {
		add(nameEntropy, e.X*float64(r.counts[dnsNames]))
	}
	return means, fits
}

// measure takes what score does not.
func (s *sums) measure(r *row) {
	if r.doubles[nameEntropy].Known {
		s.entropic += uint64(r.counts[dnsNames])
	}
	if r.known[dnsQueries] {
		s.asking += uint64(r.counts[outPackets] + r.counts[inPackets])
	}
	if p := r.doubles[periodSeconds]; p.Known {
		s.periods = append(s.periods, int32(math.RoundToEven(p.X)))
	}
}

// joined is sums when all rows are in.
type joined struct {
	*sums
	number struct{ all, apps, dns, hellos uint64 } // of windows in which these are known
	first  int64                                   // begin of the first window
	last   int64                                   // begin of the last one
	length int64                                   // of a window, ns
}

// join counts the windows, which have a length.
func (s *sums) join(length int64) *joined {
	slices.SortFunc(s.windows, func(a, b window) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.capture, b.capture))
	})
	all := s.windows
	s.windows = s.windows[:0]
	for _, w := range all {
		s.note(w) // which joins neighbours
	}
	slices.Sort(s.periods)
	j := &joined{sums: s, first: s.windows[0].start, last: s.windows[len(s.windows)-1].start, length: length}
	j.number.all = uint64(len(s.windows))
	for _, w := range s.windows {
		j.number.apps += uint64(w.has & withApps / withApps)
		j.number.dns += uint64(w.has & withDNS / withDNS)
		j.number.hellos += uint64(w.has & withHellos / withHellos)
	}
	return j
}

func (j *joined) packets() uint64 { return j.counts[outPackets] + j.counts[inPackets] }
func (j *joined) bytes() uint64   { return j.counts[outBytes] + j.counts[inBytes] }
func (j *joined) flows() uint64   { return j.counts[outFlows] + j.counts[inFlows] }

// seconds returns the length of so many windows.
func (j *joined) seconds(windows uint64) float64 { return float64(windows) * (float64(j.length) / 1e9) }

// perSecond returns n over the length of the windows in which it is known.
func (j *joined) perSecond(n, windows uint64) Value {
	if windows == 0 {
		return Value{}
	}
	return known(float64(n) / j.seconds(windows))
}

func (j *joined) perHour(n, windows uint64) Value {
	if windows == 0 {
		return Value{}
	}
	return known(float64(n) * 3600 / j.seconds(windows))
}

// mean returns that of a score over the rows that have one.
func (j *joined) mean(d int) Value { return j.means[d].over(j.means[d].n) }

// period is the lower median of the windows' periods: one that occurs.
func (j *joined) period() Value {
	if len(j.periods) == 0 {
		return Value{}
	}
	return known(float64(j.periods[(len(j.periods)-1)/2]))
}

// entropyBits is the mean of the windows' entropies, each by its names.
func (j *joined) entropyBits() Value { return j.means[nameEntropy].over(j.entropic) }

// activeShare is 1 at most: windows that begin inside of a second share it.
func (j *joined) activeShare() Value {
	return known(min(1, float64(j.counts[activeSeconds])/j.seconds(j.number.all)))
}

// messageShare is 1 at most: a packet of TCP can hold several messages.
func (j *joined) messageShare() Value {
	share := ratio(j.counts[dnsQueries]+j.counts[dnsResponses], j.asking)
	share.X = min(1, share.X)
	return share
}
