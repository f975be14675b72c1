package host

import (
	"slices"

	"pcapmill/ingest/packet"
)

// startReader sums the starts of one pair after the other up. It has memory for that.
type startReader struct {
	times []packet.Nanos
	sizes []uint64
}

// begin begins with another pair.
func (r *startReader) begin() { r.times, r.sizes = r.times[:0], r.sizes[:0] }

// add takes where a flow begins, and the wire bytes of its first piece from the initiator.
// They may come in any order.
func (r *startReader) add(time packet.Nanos, sent uint64) {
	r.times, r.sizes = append(r.times, time), append(r.sizes, sent)
}

// read sums up what there was since begin.
func (r *startReader) read() (s starts) {
	if len(r.times) == 0 {
		return s
	}
	for _, sent := range r.sizes {
		s.sent.add(sent)
	}
	if s.sizes = 1; len(r.times) == 1 { // as nearly everywhere
		s.first, s.last = r.times[0], r.times[0]
		return s
	}
	slices.Sort(r.times)
	slices.Sort(r.sizes)
	s.first, s.last = r.times[0], r.times[len(r.times)-1]
	for i, t := range r.times[1:] {
		r.times[i] = t - r.times[i]
		s.gaps.add(uint64(r.times[i]))
	}
	for i, size := range r.sizes[1:] {
		if size != r.sizes[i] {
			s.sizes++
		}
	}
	s.middle = median(r.times[:len(r.times)-1])
	return s
}

// median returns that of values, which it sorts; 0 of none.
func median(values []packet.Nanos) float64 {
	slices.Sort(values)
	n := len(values)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return float64(values[n/2])
	}
	below, above := values[n/2-1], values[n/2]
	return float64(below) + float64(above-below)/2
}
