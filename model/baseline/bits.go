package baseline

import "math/bits"

// bitWriter appends numbers to bytes, highest bit first.
type bitWriter struct {
	out  []byte
	last uint // free bits of the last byte
}

// put appends the n lowest bits of v.
func (w *bitWriter) put(v uint64, n uint) {
	for n > 0 {
		if w.last == 0 {
			w.out, w.last = append(w.out, 0), 8
		}
		take := min(n, w.last)
		n -= take
		w.last -= take
		w.out[len(w.out)-1] |= byte(v>>n&(1<<take-1)) << w.last
	}
}

func (w *bitWriter) flag(set bool) {
	v := uint64(0)
	if set {
		v = 1
	}
	w.put(v, 1)
}

// golomb appends a number below maxNumber in the Exp-Golomb code of order k: v + 2^k with
// as many zeros before it as it has bits beyond k+1.
func (w *bitWriter) golomb(v uint64, k uint) {
	v += 1 << k
	n := uint(bits.Len64(v))
	w.put(0, n-k-1)
	w.put(v, n)
}

// rice appends a number in the Rice code of parameter k: v>>k ones, a zero, k bits.
func (w *bitWriter) rice(v uint64, k uint) {
	for q := v >> k; q > 0; q-- {
		w.put(1, 1)
	}
	w.put(0, 1)
	w.put(v, k)
}

// column appends numbers that are much alike: whether any is not 0, and if so their
// parameter and their Rice codes; one alone has an Exp-Golomb code, which needs none. Of
// long columns each number has a bit at least, so that no few bytes claim many.
func (w *bitWriter) column(vs []uint64) {
	if len(vs) == 0 {
		return
	}
	if len(vs) <= shortColumn {
		some := anySet(vs)
		if w.flag(some); !some {
			return
		}
	}
	if len(vs) == 1 {
		w.golomb(vs[0]-1, golombOrder)
		return
	}
	k := parameter(vs)
	w.put(uint64(k), parameterBits)
	for _, v := range vs {
		w.rice(v, k)
	}
}

const (
	golombOrder   = 5
	parameterBits = 6
	shortColumn   = 64
	maxNumber     = 1 << 59 // 24 of them do not wrap
)

func anySet(vs []uint64) bool {
	for _, v := range vs {
		if v != 0 {
			return true
		}
	}
	return false
}

// parameter returns the Rice parameter of numbers whose sum is below 2^64: the binary logarithm of
// their mean, which is near the best, and which the reader can check.
func parameter(vs []uint64) uint {
	sum := uint64(0)
	for _, v := range vs {
		sum += v
	}
	return uint(max(bits.Len64(sum/uint64(len(vs))), 1) - 1)
}

// bitReader takes what a bitWriter wrote. After the first thing that it did not write,
// failed is set and it returns zeros.
type bitReader struct {
	in     []byte
	left   uint // unread bits of in[0]
	failed bool
}

func newBitReader(b []byte) bitReader { return bitReader{in: b, left: 8} }

func (r *bitReader) fail() { r.in, r.failed = nil, true }

func (r *bitReader) get(n uint) uint64 {
	v := uint64(0)
	for n > 0 {
		if len(r.in) == 0 {
			r.fail()
			return 0
		}
		take := min(n, r.left)
		n -= take
		r.left -= take
		v = v<<take | uint64(r.in[0])>>r.left&(1<<take-1)
		if r.left == 0 {
			r.in, r.left = r.in[1:], 8
		}
	}
	return v
}

func (r *bitReader) flag() bool { return r.get(1) == 1 }

func (r *bitReader) golomb(k uint) uint64 {
	zeros := uint(0)
	for r.get(1) == 0 {
		if zeros++; r.failed || zeros+k > 59 {
			r.fail()
			return 0
		}
	}
	n := zeros + k
	return 1<<n + r.get(n) - 1<<k
}

// rice reads a number that is no more than n times the mean, which is below 2^(k+1).
func (r *bitReader) rice(k uint, n int) uint64 {
	q := uint64(0)
	for r.get(1) == 1 {
		if q++; q > 2*uint64(n) || q > maxNumber>>k {
			r.fail()
			return 0
		}
	}
	return q<<k + r.get(k)
}

// column reads numbers into vs.
func (r *bitReader) column(vs []uint64) {
	clear(vs)
	switch {
	case len(vs) == 0 || len(vs) <= shortColumn && !r.flag():
	case len(vs) == 1:
		vs[0] = r.golomb(golombOrder) + 1
	default:
		r.riceColumn(vs)
	}
}

// holds reports whether a column of n numbers can be in what is left.
func (r *bitReader) holds(n uint64) bool { return n <= shortColumn || n <= 8*uint64(len(r.in)) }

func (r *bitReader) riceColumn(vs []uint64) {
	k := uint(r.get(parameterBits)) // one too large for the numbers shows below
	for i := range vs {
		if vs[i] = r.rice(k, len(vs)); r.failed {
			return
		}
	}
	if len(vs) <= shortColumn && !anySet(vs) || parameter(vs) != k {
		r.fail()
	}
}

// end returns the bytes behind the last one that was begun, whose other bits must be 0.
func (r *bitReader) end() (rest []byte, ok bool) {
	if r.left < 8 && r.get(r.left) != 0 {
		r.fail()
	}
	return r.in, !r.failed
}
