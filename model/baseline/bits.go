package baseline

import (
	"encoding/binary"
	"math/bits"
)

// bitWriter appends numbers to bytes, highest bit first.
type bitWriter struct {
	out  []byte
	word uint64 // its n lowest bits follow out
	n    uint   // below 32
}

// put appends the n lowest bits of v.
func (w *bitWriter) put(v uint64, n uint) {
	if n > 32 {
		w.put(v>>32, n-32)
		n = 32
	}
	w.word = w.word<<n | v&(1<<n-1)
	if w.n += n; w.n >= 32 {
		w.n -= 32
		w.out = binary.BigEndian.AppendUint32(w.out, uint32(w.word>>w.n))
	}
}

// end returns the bytes, with zeros up to a full one.
func (w *bitWriter) end() []byte {
	w.put(0, -w.n%8)
	for ; w.n > 0; w.n -= 8 {
		w.out = append(w.out, byte(w.word>>(w.n-8)))
	}
	return w.out
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
	q := v >> k
	for ; q >= 32; q -= 32 {
		w.put(1<<32-1, 32)
	}
	w.put(1<<(q+1)-2, uint(q)+1)
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
	return parameterOf(sum, len(vs))
}

func parameterOf(sum uint64, n int) uint {
	return uint(max(bits.Len64(sum/uint64(n)), 1) - 1)
}

// bitReader takes what a bitWriter wrote. After the first thing that it did not write,
// failed is set and it returns zeros.
type bitReader struct {
	in     []byte
	at     int    // first byte of which word has nothing
	word   uint64 // what comes next, the first bit highest; others may follow behind the first n
	n      uint   // bits of word
	failed bool
}

func newBitReader(b []byte) bitReader { return bitReader{in: b} }

func (r *bitReader) fail() { r.in, r.at, r.word, r.n, r.failed = nil, 0, 0, 0, true }

// fill gets 56 bits at least into word, where so many follow.
func (r *bitReader) fill() {
	if r.at+8 <= len(r.in) {
		r.word |= binary.BigEndian.Uint64(r.in[r.at:]) >> r.n
		r.at += int(63-r.n) / 8
		r.n |= 56
		return
	}
	for ; r.n <= 56 && r.at < len(r.in); r.at++ {
		r.word |= uint64(r.in[r.at]) << (56 - r.n)
		r.n += 8
	}
}

// get returns n bits, up to 63.
func (r *bitReader) get(n uint) uint64 {
	if n > 32 {
		high := r.get(n - 32)
		return high<<32 | r.get(32)
	}
	if r.n < n {
		if r.fill(); r.n < n {
			r.fail()
			return 0
		}
	}
	v := r.word >> 32 >> (32 - n)
	r.word <<= n
	r.n -= n
	return v
}

func (r *bitReader) flag() bool { return r.get(1) == 1 }

func (r *bitReader) golomb(k uint) uint64 {
	if r.n < 56 {
		r.fill()
	}
	zeros := uint(bits.LeadingZeros64(r.word))
	if size := 2*zeros + k + 1; size <= r.n {
		v := r.word << zeros >> (63 - zeros - k)
		r.word <<= size
		r.n -= size
		return v - 1<<k
	}
	return r.longGolomb(k)
}

// longGolomb is golomb of more bits than there are in a word, or of none that are right.
func (r *bitReader) longGolomb(k uint) uint64 {
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
	if r.n < 56 {
		r.fill()
	}
	if q := uint(bits.LeadingZeros64(^r.word)); q+1+k <= r.n && q <= 2*uint(n) && q <= maxNumber>>k {
		v := uint64(q)<<k + r.word<<(q+1)>>1>>(63-k)
		r.word <<= q + 1 + k
		r.n -= q + 1 + k
		return v
	}
	return r.longRice(k, n)
}

// longRice is rice of more bits than there are in a word, or of none that are right.
func (r *bitReader) longRice(k uint, n int) uint64 {
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

// left returns how many bytes follow, with the one that was begun.
func (r *bitReader) left() int { return len(r.in) - (8*r.at-int(r.n))/8 }

// holds reports whether a column of n numbers can be in what is left.
func (r *bitReader) holds(n uint64) bool { return n <= shortColumn || n <= 8*uint64(r.left()) }

func (r *bitReader) riceColumn(vs []uint64) {
	k := uint(r.get(parameterBits)) // one too large for the numbers shows below
	for i := r.shortRices(vs, k); i < len(vs); i++ {
		if vs[i] = r.rice(k, len(vs)); r.failed {
			return
		}
	}
	sum, some := uint64(0), uint64(0)
	for _, v := range vs {
		sum += v
		some |= v
	}
	if len(vs) <= shortColumn && some == 0 || parameterOf(sum, len(vs)) != k {
		r.fail()
	}
}

// shortRices reads those numbers from the beginning of a column that take 56 bits at most
// and are far from the end of the bytes, which is nearly all. It returns how many: what a
// block costs is this loop first of all.
func (r *bitReader) shortRices(vs []uint64, k uint) int {
	if k > 32 {
		return 0
	}
	in, at, word, n := r.in, r.at, r.word, r.n
	most := min(2*uint(len(vs)), 55-k)
	i := 0
	for ; i < len(vs); i++ {
		if n < 56 {
			if uint(at)+8 > uint(len(in)) {
				break
			}
			word |= binary.BigEndian.Uint64(in[at:]) >> (n & 63)
			at += int(63-n) / 8
			n |= 56
		}
		q := uint(bits.LeadingZeros64(^word))
		if q > most {
			break
		}
		x := word << ((q + 1) & 63)
		vs[i] = uint64(q)<<(k&63) + x>>1>>((63-k)&63)
		word = x << (k & 63)
		n -= q + 1 + k
	}
	r.at, r.word, r.n = at, word, n
	return i
}

// end returns the bytes behind the last one that was begun, whose other bits must be 0.
func (r *bitReader) end() (rest []byte, ok bool) {
	if r.get(r.n%8) != 0 {
		r.fail()
	}
	return r.in[r.at-int(r.n)/8:], !r.failed
}
