package decompress

import "errors"

// errLZMAShort is a chunk whose bytes end before its content.
var errLZMAShort = errors.New("LZMA chunk is too short")

// Dimensions of LZMA's model (lzma-specification.txt of the LZMA SDK).
const (
	lzmaStates      = 12
	lzmaPosStates   = 16 // at most
	lzmaLenStates   = 4
	lzmaFullDists   = 128 // distances whose low bits have contexts of their own
	lzmaEndPosModel = 14
	lzmaMinMatch    = 2
	lzmaLiterals    = 0x300 << 4 // at most, as lc + lp ≤ 4 in LZMA2
)

// prob is the probability of a zero bit, in 1/2048.
type prob uint16

const probInit prob = 1 << 10

// lzma is the state of an LZMA decoder apart from its dictionary.
type lzma struct {
	rc    rangeDecoder
	match int // bytes of the last match not copied yet

	state   int
	rep     [4]uint32 // last distances, less one
	posMask int
	litMask int
	lc      int
	lits    int // contexts of literals in use

	isMatch  [lzmaStates * lzmaPosStates]prob
	isRep    [lzmaStates]prob
	isRep0   [lzmaStates]prob
	isRep1   [lzmaStates]prob
	isRep2   [lzmaStates]prob
	isLong   [lzmaStates * lzmaPosStates]prob
	posSlot  [lzmaLenStates][64]prob
	posBits  [1 + lzmaFullDists - lzmaEndPosModel]prob
	align    [16]prob
	matchLen lzmaLength
	repLen   lzmaLength
	literals [lzmaLiterals]prob
}

// lzmaLength is the model of a match's length.
type lzmaLength struct {
	choice, choice2 prob
	low, mid        [lzmaPosStates][8]prob
	high            [256]prob
}

// properties sets lc, lp and pb from their byte and resets the state.
func (z *lzma) properties(b byte) bool {
	lc, lp, pb := int(b%9), int(b/9%5), int(b/45)
	if pb > 4 || lc+lp > 4 {
		return false
	}
	z.lc, z.litMask, z.posMask = lc, 1<<lp-1, 1<<pb-1
	z.lits = 0x300 << (lc + lp)
	z.reset()
	return true
}

// reset resets state and probabilities.
func (z *lzma) reset() {
	z.state, z.rep, z.match = 0, [4]uint32{}, 0
	for _, table := range [][]prob{
		z.isMatch[:], z.isRep[:], z.isRep0[:], z.isRep1[:], z.isRep2[:], z.isLong[:],
		z.posBits[:], z.align[:], z.literals[:z.lits],
	} {
		resetProbs(table)
	}
	for i := range z.posSlot {
		resetProbs(z.posSlot[i][:])
	}
	z.matchLen.reset()
	z.repLen.reset()
}

func (l *lzmaLength) reset() {
	l.choice, l.choice2 = probInit, probInit
	for i := range l.low {
		resetProbs(l.low[i][:])
		resetProbs(l.mid[i][:])
	}
	resetProbs(l.high[:])
}

func resetProbs(table []prob) {
	for i := range table {
		table[i] = probInit
	}
}

// decode writes into the dictionary up to position limit.
func (z *lzma) decode(d *lzmaDict, limit int) error {
	z.copyMatch(d, limit)
	for d.pos < limit {
		posState := int(d.written) & z.posMask
		if z.rc.bit(&z.isMatch[z.state<<4+posState]) == 0 {
			c := z.literal(d)
			if z.rc.over {
				return errLZMAShort
			}
			d.buf[d.pos] = c
			d.advance(1)
			continue
		}
		n := z.reference(posState)
		if z.rc.over {
			return errLZMAShort
		}
		if dist := uint64(z.rep[0]) + 1; dist > uint64(d.full) {
			if d.short && dist <= d.written {
				return errWindow
			}
			return errLZMA
		}
		z.match = n
		z.copyMatch(d, limit)
	}
	return nil
}

// copyMatch copies what is left of a match, up to position limit.
func (z *lzma) copyMatch(d *lzmaDict, limit int) {
	n := min(z.match, limit-d.pos)
	if n == 0 {
		return
	}
	z.match -= n
	dist := int(z.rep[0]) + 1
	from := d.pos - dist
	if from < 0 {
		from += len(d.buf)
	}
	if dist >= n && from+n <= len(d.buf) {
		copy(d.buf[d.pos:d.pos+n], d.buf[from:from+n])
	} else {
		for i := d.pos; i < d.pos+n; i++ {
			d.buf[i] = d.buf[from]
			if from++; from == len(d.buf) {
				from = 0
			}
		}
	}
	d.advance(n)
}

// literal decodes a byte.
func (z *lzma) literal(d *lzmaDict) byte {
	prev := 0
	if d.full > 0 {
		prev = int(d.back(1))
	}
	context := (int(d.written)&z.litMask)<<z.lc + prev>>(8-z.lc)
	probs := z.literals[0x300*context:][:0x300]
	symbol := 1
	if z.state >= 7 {
		symbol = z.rc.matched(probs, int(d.back(int(z.rep[0])+1)))
	}
	for symbol < 0x100 {
		symbol = symbol<<1 | z.rc.bit(&probs[symbol])
	}
	switch {
	case z.state < 4:
		z.state = 0
	case z.state < 10:
		z.state -= 3
	default:
		z.state -= 6
	}
	return byte(symbol)
}

// reference decodes a match: it returns the length and puts the distance in rep[0].
func (z *lzma) reference(posState int) int {
	if z.rc.bit(&z.isRep[z.state]) == 0 {
		n := z.matchLen.decode(&z.rc, posState)
		z.rep = [4]uint32{z.distance(n), z.rep[0], z.rep[1], z.rep[2]}
		z.after(7, 10)
		return n + lzmaMinMatch
	}
	if z.rc.bit(&z.isRep0[z.state]) == 0 {
		if z.rc.bit(&z.isLong[z.state<<4+posState]) == 0 {
			z.after(9, 11)
			return 1
		}
	} else {
		z.repeated()
	}
	n := z.repLen.decode(&z.rc, posState)
	z.after(8, 11)
	return n + lzmaMinMatch
}

// repeated moves one of the older distances to the front.
func (z *lzma) repeated() {
	r := &z.rep
	switch {
	case z.rc.bit(&z.isRep1[z.state]) == 0:
		r[0], r[1] = r[1], r[0]
	case z.rc.bit(&z.isRep2[z.state]) == 0:
		r[0], r[1], r[2] = r[2], r[0], r[1]
	default:
		r[0], r[1], r[2], r[3] = r[3], r[0], r[1], r[2]
	}
}

// after sets the state behind a match, which depends on whether a literal stood
// before it.
func (z *lzma) after(literal, match int) {
	if z.state < 7 {
		z.state = literal
	} else {
		z.state = match
	}
}

func (l *lzmaLength) decode(rc *rangeDecoder, posState int) int {
	if rc.bit(&l.choice) == 0 {
		return rc.tree(l.low[posState][:], 3)
	}
	if rc.bit(&l.choice2) == 0 {
		return 8 + rc.tree(l.mid[posState][:], 3)
	}
	return 16 + rc.tree(l.high[:], 8)
}

// distance decodes the distance, less one, of a match of length n + 2.
func (z *lzma) distance(n int) uint32 {
	slot := z.rc.tree(z.posSlot[min(n, lzmaLenStates-1)][:], 6)
	if slot < 4 {
		return uint32(slot)
	}
	bits := slot>>1 - 1
	dist := uint32(2|slot&1) << bits
	if slot < lzmaEndPosModel {
		return dist + uint32(z.rc.reverse(z.posBits[int(dist)-slot:], bits))
	}
	dist += z.rc.direct(bits-4) << 4
	return dist + uint32(z.rc.reverse(z.align[:], 4))
}
