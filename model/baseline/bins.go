package baseline

// A histogram is written after the moments of its feature, which say how many values it
// has and about where: its number of bins, the first one's distance from that of the mean
// level, the steps between them, and all counts but the last.

const (
	binsOrder     = 2 // Exp-Golomb orders
	firstBinOrder = 2
)

// packBins appends the histogram of a feature.
func (l *layout) packBins(w *bitWriter, b *block, f int) {
	all := b.total(f)
	if all.n == 0 {
		return
	}
	bins, counts := b.histograms[f].BinNumbers()
	w.golomb(uint64(len(bins))-1, binsOrder)
	w.golomb(zigzag(int64(bins[0])-l.middle(f, &all)), firstBinOrder)
	steps, others := make([]uint64, len(bins)-1), make([]uint64, len(bins)-1)
	for i := range steps {
		steps[i] = uint64(bins[i+1]-bins[i]) - 1
		others[i] = counts[i] - 1
	}
	w.column(steps)
	w.column(others)
}

// total adds up the hours.
func (b *block) total(f int) cell {
	var all cell
	for i := range b.hours {
		all.merge(&b.hours[i].cells[f])
	}
	return all
}

// middle returns the bin of the value that the mean level stands for.
func (l *layout) middle(f int, all *cell) int64 {
	mean := float64(all.sum) / float64(all.n)
	return int64(l.config.Precision.Bin(l.features[f].Scale.Value(mean)))
}

// readBins reads the histogram of a feature.
func (l *layout) readBins(r *bitReader, b *block, f int) {
	if r.failed {
		return
	}
	all := b.total(f)
	if all.n == 0 {
		return
	}
	n := r.golomb(binsOrder) + 1
	bin := unzigzag(r.golomb(firstBinOrder)) + l.middle(f, &all)
	if r.failed || n > min(all.n, maxBins) || !r.holds(n-1) || bin != int64(int16(bin)) {
		r.fail()
		return
	}
	steps, counts := make([]uint64, n-1), make([]uint64, n)
	r.column(steps)
	r.column(counts[:n-1])
	bins := make([]int16, n)
	left := all.n
	for i := range bins {
		if i > 0 {
			bin += int64(min(steps[i-1], 1<<16)) + 1
		}
		if bins[i] = int16(bin); int64(bins[i]) != bin {
			r.fail()
		}
		if uint64(i) < n-1 {
			counts[i]++
			left -= min(counts[i], left)
		}
	}
	counts[n-1] = left
	if b.histograms[f].SetBins(bins, counts) != nil || b.histograms[f].Count() != all.n {
		r.fail()
	}
}

// maxBins is more than there are at any precision.
const maxBins = 1 << 15
