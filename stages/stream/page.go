package stream

import "math/bits"

const (
	pageBytes = 2048 // a usual segment, or two halves of one
	pageWords = pageBytes / 64
)

// page holds bytes of pageBytes neighbouring places.
type page struct {
	some uint32            // bit i: have[i] is not zero
	have [pageWords]uint64 // bit per byte held
	data [pageBytes]byte
	next *page // in the list of free ones
}

// run returns where the stretch that begins at i ends, at most at to, and whether
// its bytes are all held or all missing.
func (p *page) run(i, to int) (end int, held bool) {
	held = p.have[i/64]>>(i%64)&1 == 1
	for i < to {
		word := p.have[i/64]
		if held {
			word = ^word
		}
		if n := bits.TrailingZeros64(word >> (i % 64)); n < 64-i%64 {
			return min(i+n, to), held
		}
		i += 64 - i%64
	}
	return to, held
}

// from returns the first byte held at or behind i, pageBytes if there is none.
func (p *page) from(i int) int {
	if word := p.have[i/64] >> (i % 64); word != 0 {
		return i + bits.TrailingZeros64(word)
	}
	rest := p.some &^ (2<<(i/64) - 1)
	if rest == 0 {
		return pageBytes
	}
	w := bits.TrailingZeros32(rest)
	return w*64 + bits.TrailingZeros64(p.have[w])
}

// mark notes that bytes i to end are held, or no longer, and returns the words touched.
func (p *page) mark(i, end int, held bool) (words int64) {
	for i < end {
		w, n := i/64, min(64-i%64, end-i)
		mask := (^uint64(0) >> (64 - n)) << (i % 64)
		if held {
			p.have[w] |= mask
		} else {
			p.have[w] &^= mask
		}
		p.some &^= 1 << w
		if p.have[w] != 0 {
			p.some |= 1 << w
		}
		i += n
		words++
	}
	return words
}
