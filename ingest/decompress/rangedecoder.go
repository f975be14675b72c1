package decompress

import "encoding/binary"

// rangeDecoder is LZMA's arithmetic decoder over the bytes of one chunk.
type rangeDecoder struct {
	width, code uint32
	in          []byte // the rest of the chunk
	over        bool   // more bytes were asked for than there are
}

// start begins a chunk.
func (r *rangeDecoder) start(chunk []byte) bool {
	if len(chunk) < 5 || chunk[0] != 0 {
		return false
	}
	r.width, r.code = 1<<32-1, binary.BigEndian.Uint32(chunk[1:])
	r.in, r.over = chunk[5:], false
	return true
}

// finished reports whether the chunk was used to its last bit.
func (r *rangeDecoder) finished() bool {
	r.normalize()
	return !r.over && len(r.in) == 0 && r.code == 0
}

// normalize keeps the width above 2^24.
func (r *rangeDecoder) normalize() {
	if r.width >= 1<<24 {
		return
	}
	r.width <<= 8
	r.code <<= 8
	if len(r.in) == 0 {
		r.over = true
		return
	}
	r.code |= uint32(r.in[0])
	r.in = r.in[1:]
}

// bit decodes a bit and adapts its probability.
func (r *rangeDecoder) bit(p *prob) int {
	if r.width < 1<<24 {
		r.normalize()
	}
	bound := r.width >> 11 * uint32(*p)
	if r.code < bound {
		r.width = bound
		*p += (1<<11 - *p) >> 5
		return 0
	}
	r.width -= bound
	r.code -= bound
	*p -= *p >> 5
	return 1
}

// direct decodes n bits of equal probability, high ones first.
func (r *rangeDecoder) direct(n int) uint32 {
	var v uint32
	for range n {
		r.normalize()
		r.width >>= 1
		v <<= 1
		if r.code >= r.width {
			r.code -= r.width
			v |= 1
		}
	}
	return v
}

// tree decodes n bits, high ones first, each in the context of those before.
func (r *rangeDecoder) tree(probs []prob, n int) int {
	m := 1
	for range n {
		m = m<<1 | r.bit(&probs[m])
	}
	return m - 1<<n
}

// reverse is tree with the low bits first.
func (r *rangeDecoder) reverse(probs []prob, n int) int {
	m, v := 1, 0
	for i := range n {
		b := r.bit(&probs[m])
		m = m<<1 | b
		v |= b << i
	}
	return v
}

// matched decodes the bits of a literal behind a match, as long as they agree
// with the byte that the match would have gone on with.
func (r *rangeDecoder) matched(probs []prob, match int) int {
	symbol := 1
	for symbol < 0x100 {
		expected := match >> 7 & 1
		match <<= 1
		b := r.bit(&probs[(1+expected)<<8+symbol])
		symbol = symbol<<1 | b
		if b != expected {
			break
		}
	}
	return symbol
}
