package baseline

import "slices"

// A histogram is written after the moments of its feature, which say how many values it
// has and about where: its number of bins, the first one's distance from that of the mean
// level, the steps between them, and all counts but the last.

const (
	binsOrder     = 2 // Exp-Golomb orders
	firstBinOrder = 2
)

// packBins appends the histogram of a feature.
func (u *unpacker) packBins(w *bitWriter, b *block, f int) {
	all := b.total(f)
	if all.n == 0 {
		return
	}
	bins, counts := b.histograms[f].BinNumbers()
	w.golomb(uint64(len(bins))-1, binsOrder)
	w.golomb(zigzag(int64(bins[0])-u.layout.middle(f, &all)), firstBinOrder)
	u.steps = sized(u.steps, uint64(len(bins)-1))
	for i := range u.steps {
		u.steps[i] = uint64(bins[i+1]-bins[i]) - 1
	}
	w.column(u.steps)
	for i := range u.steps {
		u.steps[i] = counts[i] - 1
	}
	w.column(u.steps)
}

// total adds up the hours.
func (b *block) total(f int) cell {
	var all cell
	cells := b.of(f)
	for i := range b.hours {
		all.merge(&cells[b.hours[i].hour])
	}
	return all
}

// middle returns the bin of the value that the mean level stands for.
func (l *layout) middle(f int, all *cell) int64 {
	mean := float64(all.sum) / float64(all.n)
	return int64(l.config.Precision.Bin(l.features[f].Scale.Value(mean)))
}

// readBins reads the histogram of a feature.
func (u *unpacker) readBins(r *bitReader, f int) {
	h := &u.block.histograms[f]
	bins, counts := h.BinNumbers()
	h.Reset()
	if r.failed {
		return
	}
	all := u.block.total(f)
	if all.n == 0 {
		return
	}
	n := r.golomb(binsOrder) + 1
	first := unzigzag(r.golomb(firstBinOrder)) + u.layout.middle(f, &all)
	if r.failed || n > min(all.n, maxBins) || !r.holds(n-1) {
		r.fail()
		return
	}
	u.steps = sized(u.steps, n-1)
	bins, counts = sized(bins, n), sized(counts, n)
	r.column(u.steps)
	r.column(counts[:n-1])
	if !r.failed && (!follow(bins, first, u.steps) || !leave(counts, all.n) || h.SetBins(bins, counts) != nil) {
		r.fail()
	}
}

// sized returns a slice of n elements, in the memory of another where it suffices.
func sized[T any](s []T, n uint64) []T { return slices.Grow(s[:0], int(n))[:n] }

// follow sets the numbers of bins that are so many steps from each other, less one. It is
// false where there are none.
func follow(bins []int16, at int64, steps []uint64) bool {
	for i := range bins {
		if i > 0 {
			at += int64(min(steps[i-1], 1<<16)) + 1
		}
		if bins[i] = int16(at); int64(bins[i]) != at {
			return false
		}
	}
	return true
}

// leave makes counts of what they are more than 1, and the last one of what is left of
// all. It is false where nothing is.
func leave(counts []uint64, all uint64) bool {
	last := len(counts) - 1
	for i := range counts[:last] {
		if counts[i] >= all-1 {
			return false
		}
		counts[i]++
		all -= counts[i]
	}
	counts[last] = all
	return true
}

// maxBins is more than there are at any precision.
const maxBins = 1 << 15
