package sketch

// BinNumbers returns the numbers of the bins that are not empty, ascending, and their counts,
// for a container with an encoding of its own. Both are the Histogram's and valid until it
// changes.
func (h *Histogram) BinNumbers() (bins []int16, counts []uint64) { return h.bins, h.counts }

// SetBins makes the content what BinNumbers of another returned, and keeps both slices. Bins
// that are out of order or of no value at this Precision, and counts that are 0 or more
// than MaxCount together, are ErrCorrupt; h is then as before.
func (h *Histogram) SetBins(bins []int16, counts []uint64) error {
	if len(bins) != len(counts) {
		return ErrCorrupt
	}
	n, last := uint64(0), h.precision.last()
	for i, bin := range bins {
		if bin < -last || bin > last || i > 0 && bin <= bins[i-1] || counts[i] == 0 || counts[i] > MaxCount-n {
			return ErrCorrupt
		}
		n += counts[i]
	}
	h.n, h.invalid, h.bins, h.counts = n, 0, bins, counts
	return nil
}
