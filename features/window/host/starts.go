package host

import (
	"slices"

	"pcapmill/ingest/packet"
)

// byPair brings the starts into an order in which those of a pair lie together, and
// returns where each pair's end: those of pair i are [ends[i-1], ends[i]).
func (r *startReader) byPair(f *flows) (sorted []start, ends []uint32) {
	ends = zeros(&r.ends, f.pairs.len()+1)
	for at := range f.starts.lists {
		list := f.starts.slab(at)
		for i := range list {
			ends[list[i].pair+1]++
		}
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	sorted = zeros(&r.sorted, f.starts.len())
	for at := range f.starts.lists {
		list := f.starts.slab(at)
		for i := range list {
			place := &ends[list[i].pair]
			sorted[*place] = list[i]
			*place++
		}
	}
	return sorted, ends
}

// startReader sums the starts of one pair after the other up. It has memory for that.
type startReader struct {
	times []packet.Nanos
	sizes []uint64

	sorted []start // memory of byPair
	ends   []uint32
}

// read sums starts up, which are of one pair, in any order.
func (r *startReader) read(of []start) starts {
	var s starts
	if len(of) == 0 {
		return s
	}
	r.times, r.sizes = r.times[:0], r.sizes[:0]
	for i := range of {
		r.times, r.sizes = append(r.times, of[i].time), append(r.sizes, of[i].sent)
		s.sent.add(of[i].sent)
	}
	slices.Sort(r.times)
	slices.Sort(r.sizes)
	s.first, s.last = r.times[0], r.times[len(r.times)-1]
	for i, t := range r.times[1:] {
		r.times[i] = t - r.times[i]
		s.gaps.add(uint64(r.times[i]))
	}
	s.sizes = 1
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
