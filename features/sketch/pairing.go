package sketch

// tally are numbers of values of a reference and of what is compared with it.
type tally struct{ r, c uint64 }

// step is a bin that one of the two has, with the values up to its lower and upper edge.
type step struct {
	bin           int16
	before, after tally
}

// pairing are two Histograms side by side.
type pairing struct {
	Precision
	n     tally
	steps []step
}

// pair brings two Histograms of values side by side, the finer one at the precision of
// the other.
func pair(reference, current *Histogram) (*pairing, error) {
	if reference.n == 0 || current.n == 0 {
		return nil, ErrEmpty
	}
	p := &pairing{Precision: min(reference.precision, current.precision), n: tally{reference.n, current.n}}
	r, c := reference.atMost(p.Precision), current.atMost(p.Precision)
	p.steps = make([]step, 0, len(r.bins)+len(c.bins))
	var before tally
	for i, j := 0, 0; i < len(r.bins) || j < len(c.bins); {
		s := step{before: before, after: before}
		takeR := j == len(c.bins) || i < len(r.bins) && r.bins[i] <= c.bins[j]
		takeC := i == len(r.bins) || j < len(c.bins) && c.bins[j] <= r.bins[i]
		if takeR {
			s.bin, s.after.r = r.bins[i], before.r+r.counts[i]
			i++
		}
		if takeC {
			s.bin, s.after.c = c.bins[j], before.c+c.counts[j]
			j++
		}
		p.steps, before = append(p.steps, s), s.after
	}
	return p, nil
}

// atMost returns the Histogram at no more than a precision.
func (h *Histogram) atMost(p Precision) *Histogram {
	if h.precision <= p {
		return h
	}
	c, _ := h.Coarsen(p) // fails for higher ones alone
	return &c
}

// lead is by how much of its whole the one is ahead of the other: F_c - F_r.
func (p *pairing) lead(r, c uint64) float64 {
	return float64(c)/float64(p.n.c) - float64(r)/float64(p.n.r)
}

// leads returns the least and the greatest lead at a value within a step: all of the
// reference may lie before it and nothing of the other, or the reverse; a bin of zeros
// is passed at once.
func (p *pairing) leads(s *step) (least, greatest float64) {
	if s.bin == 0 {
		a, b := p.lead(s.before.r, s.before.c), p.lead(s.after.r, s.after.c)
		return min(a, b), max(a, b)
	}
	return p.lead(s.after.r, s.before.c), p.lead(s.before.r, s.after.c)
}
