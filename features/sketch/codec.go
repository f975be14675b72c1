package sketch

import "encoding/binary"

// First bytes: the kind of summary, and the version of its encoding in the lower half.
const (
	momentsHeader   = 0x11
	histogramHeader = 0x21
	distinctHeader  = 0x31
	topKHeader      = 0x41
)

// opened returns what follows a header and the byte with the parameter of a summary.
func opened(b []byte, header byte) (parameter byte, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, ErrCorrupt
	}
	if b[0] != header {
		return 0, nil, ErrVersion
	}
	if len(b) < 2 {
		return 0, nil, ErrCorrupt
	}
	return b[1], b[2:], nil
}

// reader takes numbers off a slice. After the first that is cut, too large or longer than
// it need be, failed is set, and it returns zeros.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) fail() {
	r.rest, r.failed = nil, true
}

// number reads an unsigned varint (LEB128, as encoding/binary writes).
func (r *reader) number() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		v := r.rest[0]
		r.rest = r.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || r.rest[n-1] == 0 { // a last group of zeros: the number is shorter
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads a number of values.
func (r *reader) count() uint64 {
	v := r.number()
	if v > MaxCount {
		r.fail()
		return 0
	}
	return v
}

// wide reads what appendWide wrote.
func (r *reader) wide() wide {
	var v wide
	for i := 0; i < len(r.rest); i++ {
		group, place := uint64(r.rest[i]&0x7f), 7*i
		if !v.or(group, place) {
			break
		}
		if r.rest[i] >= 0x80 {
			continue
		}
		if group == 0 && i > 0 {
			break
		}
		r.rest = r.rest[i+1:]
		return v
	}
	r.fail()
	return wide{}
}

// or sets the seven bits from a place on, and reports whether they fit.
func (a *wide) or(group uint64, place int) bool {
	word, shift := place/64, place%64
	if word >= len(a) {
		return group == 0
	}
	a[word] |= group << shift
	over := group >> (64 - shift) // 0 for shift 0, as Go defines shifts
	if word+1 < len(a) {
		a[word+1] |= over
		return true
	}
	return over == 0
}

// bytes reads n bytes, which stay the slice's.
func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// end returns what is left, or ErrCorrupt.
func (r *reader) end() ([]byte, error) {
	if r.failed {
		return nil, ErrCorrupt
	}
	return r.rest, nil
}

// appendWide writes an integer as a varint of up to 28 bytes.
func appendWide(dst []byte, v wide) []byte {
	for v[1]|v[2] != 0 {
		dst = append(dst, byte(v[0])|0x80)
		v = wide{v[0]>>7 | v[1]<<57, v[1]>>7 | v[2]<<57, v[2] >> 7}
	}
	return binary.AppendUvarint(dst, v[0])
}
