package parquetfile

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// The shape of DELTA_BINARY_PACKED as other writers have it: blocks of four
// miniblocks, each with a bit width of its own.
const (
	blockValues = 128
	miniBlocks  = 4
	miniValues  = blockValues / miniBlocks
)

// deltaHeader is room for the page's header, which is known when the page ends:
// block size, miniblocks, number of values, first value.
const deltaHeader = 4 * binary.MaxVarintLen64

// maxDeltaBlock is the longest block with the slack that packing may write over.
const maxDeltaBlock = binary.MaxVarintLen64 + miniBlocks + blockValues*8 + 8

// deltaPacker encodes the integers of one page as they come. Only an open block
// of values is held: staging a page's values to encode them when it ends reads
// them again from memory that is cold by then.
type deltaPacker[T int32 | int64] struct {
	out   []byte             // deltaHeader bytes of room, then the finished blocks
	open  [1 + blockValues]T // the value before the open block, then the block's
	n     int                // values in the open block
	count int                // values in the page
	first T
	page  extent[T]
}

func (p *deltaPacker[T]) reset() {
	p.out, p.n, p.count, p.page = p.out[:0], 0, 0, extent[T]{}
}

// add encodes more values of the page.
func (p *deltaPacker[T]) add(v []T) {
	if len(v) == 0 {
		return
	}
	i := 0
	if p.count == 0 {
		p.first, p.open[0], p.page, i = v[0], v[0], extent[T]{v[0], v[0], true}, 1
		p.out = slices.Grow(p.out, deltaHeader)[:deltaHeader]
	}
	p.count += len(v)
	if i == 0 || p.n > 0 {
		n := copy(p.open[1+p.n:], v[i:])
		p.n, i = p.n+n, i+n
		if p.n < blockValues {
			return
		}
		p.block(&p.open)
	}
	for ; len(v)-i >= blockValues; i += blockValues {
		p.block((*[1 + blockValues]T)(v[i-1:]))
	}
	p.open[0] = v[i-1]
	p.n = copy(p.open[1:], v[i:])
}

// block appends the encoded block of the values after the first of b.
func (p *deltaPacker[T]) block(b *[1 + blockValues]T) {
	if isUniform(b) { // many a column is 0 nearly always
		p.page.lo, p.page.hi = min(p.page.lo, b[1]), max(p.page.hi, b[1])
		p.out = append(p.out, make([]byte, 1+miniBlocks)...) // least delta and widths
		return
	}
	var deltas [blockValues]int64
	k := packBlock(&deltas, b)
	p.page.lo, p.page.hi = min(p.page.lo, k.lo), max(p.page.hi, k.hi)
	p.append(&deltas, &k)
}

// isUniformPortable reports whether all values are the same.
func isUniformPortable[T int32 | int64](b *[1 + blockValues]T) bool {
	for _, x := range b {
		if x != b[0] {
			return false
		}
	}
	return true
}

// packed is what is known of a block whose deltas are counted from the least one.
type packed[T int32 | int64] struct {
	least  int64
	used   [miniBlocks]uint64 // bits set in any delta of each miniblock
	lo, hi T                  // bounds of the values
}

// packBlockPortable stores what each difference between neighbours in b is above
// the least one. They wrap around in the column's own width.
func packBlockPortable[T int32 | int64](deltas *[blockValues]int64, b *[1 + blockValues]T) packed[T] {
	last := b[0]
	lo, hi := last, last
	least := b[1] - last
	for i := range deltas {
		x := b[i+1]
		d := x - last
		deltas[i] = int64(d)
		least, lo, hi, last = min(least, d), min(lo, x), max(hi, x), x
	}
	k := packed[T]{least: int64(least), lo: lo, hi: hi}
	for i, d := range deltas {
		u := unsigned(T(d) - least)
		deltas[i] = int64(u)
		k.used[i/miniValues] |= u
	}
	return k
}

// unsigned returns the bits of x.
func unsigned[T int32 | int64](x T) uint64 {
	if T(1)<<31 < 0 { // 32 bits
		return uint64(uint32(x))
	}
	return uint64(x)
}

// append appends a block: the least delta, the miniblocks' widths, and the bits
// of what each delta is above the least.
func (p *deltaPacker[T]) append(deltas *[blockValues]int64, k *packed[T]) {
	at := len(p.out)
	p.out = slices.Grow(p.out, maxDeltaBlock)
	dst := p.out[at : at+maxDeltaBlock]
	n := binary.PutVarint(dst, k.least)
	widths := dst[n : n+miniBlocks]
	n += miniBlocks
	for i, used := range k.used {
		width := bits.Len64(used)
		widths[i] = byte(width)
		pack(dst[n:], (*[miniValues]int64)(deltas[i*miniValues:]), width)
		n += miniValues / 8 * width
	}
	p.out = p.out[:at+n]
}

// bounds returns the page's, which has no values to come.
func (p *deltaPacker[T]) bounds() extent[T] {
	if p.n > 0 {
		p.tail()
	}
	return p.page
}

// finish returns the page's bytes, good until the next reset. A page of nulls
// has a header too.
func (p *deltaPacker[T]) finish() []byte {
	if p.count == 0 {
		p.first, p.out = 0, slices.Grow(p.out, deltaHeader)[:deltaHeader]
	}
	if p.n > 0 {
		p.tail()
	}
	var header [deltaHeader]byte
	h := binary.AppendUvarint(header[:0], blockValues)
	h = binary.AppendUvarint(h, miniBlocks)
	h = binary.AppendUvarint(h, uint64(p.count))
	h = binary.AppendVarint(h, int64(p.first))
	at := deltaHeader - len(h)
	copy(p.out[at:], h)
	return p.out[at:]
}

// tail encodes the last block. What is missing of it continues in steps of the
// least delta, so that its bits are zero and miniblocks without values have none.
func (p *deltaPacker[T]) tail() {
	least := p.open[1] - p.open[0]
	for i := range p.n {
		x := p.open[1+i]
		least = min(least, x-p.open[i])
		p.page.lo, p.page.hi = min(p.page.lo, x), max(p.page.hi, x)
	}
	for i := p.n; i < blockValues; i++ {
		p.open[1+i] = p.open[i] + least
	}
	var deltas [blockValues]int64
	k := packBlockPortable(&deltas, &p.open)
	p.append(&deltas, &k)
	p.n = 0
}

// pack stores the low width bits of each value, the first lowest, and may write
// up to eight bytes beyond. Values are joined in registers by fours or pairs
// where their widths allow.
func pack(dst []byte, v *[miniValues]int64, width int) {
	w := uint(width)
	switch {
	case w == 0:
	case w <= 16:
		packFours(dst, v, w)
	case w <= 32:
		packPairs(dst, v, w)
	default:
		packOnes(dst, v, w)
	}
}

func packFours(dst []byte, v *[miniValues]int64, w uint) {
	acc, n := uint64(0), uint(0)
	for i := 0; i < miniValues; i += 4 {
		x := uint64(v[i]) | uint64(v[i+1])<<(w&63) | uint64(v[i+2])<<(2*w&63) | uint64(v[i+3])<<(3*w&63)
		acc |= x << (n & 63)
		if n += 4 * w; n >= 64 {
			binary.LittleEndian.PutUint64(dst, acc)
			dst = dst[8:]
			n -= 64
			acc = x >> (4*w - n)
		}
	}
	binary.LittleEndian.PutUint64(dst, acc)
}

func packPairs(dst []byte, v *[miniValues]int64, w uint) {
	acc, n := uint64(0), uint(0)
	for i := 0; i < miniValues; i += 2 {
		x := uint64(v[i]) | uint64(v[i+1])<<(w&63)
		acc |= x << (n & 63)
		if n += 2 * w; n >= 64 {
			binary.LittleEndian.PutUint64(dst, acc)
			dst = dst[8:]
			n -= 64
			acc = x >> (2*w - n)
		}
	}
	binary.LittleEndian.PutUint64(dst, acc)
}

func packOnes(dst []byte, v *[miniValues]int64, w uint) {
	acc, n := uint64(0), uint(0)
	for _, x := range v {
		acc |= uint64(x) << (n & 63)
		if n += w; n >= 64 {
			binary.LittleEndian.PutUint64(dst, acc)
			dst = dst[8:]
			n -= 64
			acc = uint64(x) >> (w - n)
		}
	}
	binary.LittleEndian.PutUint64(dst, acc)
}
