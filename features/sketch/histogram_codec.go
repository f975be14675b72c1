package sketch

import "encoding/binary"

// What the two lowest bits of the first number say; above them is the number of bins.
const (
	histogramInvalid  = 1 << iota // the number of NaN follows at the end
	histogramNegative             // there are negative values
	histogramShift    = iota
)

// A bin is written as the number (count-1)<<stepBits | s, where s+1 is the step from the
// bin before; where s is stepMore, what the step has beyond stepMore+1 follows. So bins
// close to each other, of up to 32 values, take a byte each. The first one's step is from
// the bin below zero's, or from below all bins where there are negative values.
const (
	stepBits = 2
	stepMore = 1<<stepBits - 1
)

// AppendBinary appends the Histogram: header and precision, then the bins.
func (h *Histogram) AppendBinary(dst []byte) []byte {
	head := uint64(len(h.bins)) << histogramShift
	if h.invalid > 0 {
		head |= histogramInvalid
	}
	before := int16(-1)
	if len(h.bins) > 0 && h.bins[0] < 0 {
		head |= histogramNegative
		before = -h.precision.last() - 1
	}
	dst = binary.AppendUvarint(append(dst, histogramHeader, byte(h.precision)), head)
	for i, bin := range h.bins {
		step := uint64(bin-before) - 1
		dst = binary.AppendUvarint(dst, (h.counts[i]-1)<<stepBits|min(step, stepMore))
		if step >= stepMore {
			dst = binary.AppendUvarint(dst, step-stepMore)
		}
		before = bin
	}
	if h.invalid > 0 {
		dst = binary.AppendUvarint(dst, h.invalid)
	}
	return dst
}

// Decode reads what AppendBinary wrote from the beginning of b and returns what follows.
// It allocates no more than ten bytes for each byte read. On an error, h is as before.
func (h *Histogram) Decode(b []byte) (rest []byte, err error) {
	parameter, rest, err := opened(b, histogramHeader)
	if err != nil {
		return nil, err
	}
	r, read := reader{rest: rest}, Histogram{precision: Precision(parameter)}
	if read.precision > Highest {
		return nil, ErrCorrupt
	}
	head := r.number()
	before := int64(-1)
	if head&histogramNegative != 0 {
		before = -int64(read.precision.last()) - 1
	}
	if err := read.readBins(&r, head>>histogramShift, before); err != nil {
		return nil, err
	}
	if head&histogramNegative != 0 && (len(read.bins) == 0 || read.bins[0] >= 0) {
		return nil, ErrCorrupt
	}
	if head&histogramInvalid != 0 {
		if read.invalid = r.count(); read.invalid == 0 {
			return nil, ErrCorrupt
		}
	}
	if rest, err = r.end(); err != nil {
		return nil, err
	}
	*h = read
	return rest, nil
}

// readBins reads n bins, whose first step is from a bin before.
func (h *Histogram) readBins(r *reader, n uint64, before int64) error {
	if n > uint64(len(r.rest)) { // each has a byte, so that no claim is believed
		return ErrCorrupt
	}
	if n > 0 {
		h.bins, h.counts = make([]int16, 0, n), make([]uint64, 0, n)
	}
	last := int64(h.precision.last())
	for range n {
		v := r.number()
		step := v & stepMore
		if step == stepMore {
			step += min(r.number(), uint64(2*last+1))
		}
		count := v>>stepBits + 1
		before += int64(step) + 1
		if r.failed || before > last || count > MaxCount-h.n {
			return ErrCorrupt
		}
		h.n += count
		h.bins, h.counts = append(h.bins, int16(before)), append(h.counts, count)
	}
	return nil
}
