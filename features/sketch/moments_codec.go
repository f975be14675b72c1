package sketch

import "encoding/binary"

// What the two lowest bits of the first number say; above them is the count.
const (
	momentsOutside = 1 << iota // the number outside follows at the end
	momentsBeyond              // the sum of squares is not the least that it can be
	momentsShift   = iota
)

// AppendBinary appends the Moments, at most 59 bytes: header and scale, then varints of
// the count, of the sum (zigzag), of half of what the squares have beyond leastSquares, and
// of the number outside; the last two only where there is any. A constant takes two bytes
// and those of its count and sum; nothing at all takes three.
func (m *Moments) AppendBinary(dst []byte) []byte {
	beyond := m.squares.minus(m.leastSquares()).half()
	head := m.n << momentsShift
	if m.outside > 0 {
		head |= momentsOutside
	}
	if !beyond.isZero() {
		head |= momentsBeyond
	}
	dst = binary.AppendUvarint(append(dst, momentsHeader, byte(m.scale)), head)
	if m.n > 0 {
		dst = appendWide(dst, m.zigzag())
	}
	if !beyond.isZero() {
		dst = appendWide(dst, beyond)
	}
	if m.outside > 0 {
		dst = binary.AppendUvarint(dst, m.outside)
	}
	return dst
}

// Decode reads what AppendBinary wrote from the beginning of b and returns what follows.
// On an error, m is as before.
func (m *Moments) Decode(b []byte) (rest []byte, err error) {
	parameter, rest, err := opened(b, momentsHeader)
	if err != nil {
		return nil, err
	}
	r, read := reader{rest: rest}, Moments{scale: int8(parameter)}
	if read.scale < MinScale || read.scale > MaxScale {
		return nil, ErrCorrupt
	}
	head := r.number()
	if read.n = head >> momentsShift; read.n > MaxCount || read.n == 0 && head&momentsBeyond != 0 {
		return nil, ErrCorrupt
	}
	if read.n > 0 && !read.setSum(r.wide()) {
		return nil, ErrCorrupt
	}
	if head&momentsBeyond != 0 && !read.setBeyond(r.wide()) {
		return nil, ErrCorrupt
	}
	if head&momentsBeyond == 0 {
		read.squares = read.leastSquares()
	}
	if head&momentsOutside != 0 {
		if read.outside = r.count(); read.outside == 0 {
			return nil, ErrCorrupt
		}
	}
	if rest, err = r.end(); err != nil {
		return nil, err
	}
	*m = read
	return rest, nil
}

// zigzag is twice the sum, or, of a negative one, twice its magnitude less one.
func (m *Moments) zigzag() wide {
	sum, negative := m.magnitude()
	if sum = sum.double(); negative {
		sum = sum.minus(wide{1})
	}
	return sum
}

// setSum sets the sum from its zigzag form, and reports whether n values can have it.
func (m *Moments) setSum(z wide) bool {
	negative := z[0]&1 == 1
	sum := z.half()
	if negative {
		sum = sum.plus(wide{1})
	}
	if sum.exceeds(times(m.n, largest)) {
		return false
	}
	m.sumLo, m.sumHi = sum[0], sum[1]
	if negative {
		minus := wide{}.minus(sum)
		m.sumLo, m.sumHi = minus[0], minus[1]
	}
	return true
}

// setBeyond sets the sum of squares from half of what it has beyond the least, and reports
// whether n values in range can have it.
func (m *Moments) setBeyond(half wide) bool {
	most := times(largest, largest).times(m.n)
	if half.isZero() || m.n == 1 || half.exceeds(most) {
		return false
	}
	m.squares = m.leastSquares().plus(half.double())
	return !m.squares.exceeds(most)
}
