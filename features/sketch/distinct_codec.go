package sketch

import "encoding/binary"

// The byte after the header says which form follows.
const (
	distinctExact     = 0 // varint of the number, hashes of 8 bytes, big-endian, ascending
	distinctRegisters = 1 // registerNo ranks of 6 bits, the first in the highest bits
	registerBytes     = registerNo * 6 / 8
)

// AppendBinary appends the Distinct: 3 bytes and 8 for each hash, or 3,074.
func (d *Distinct) AppendBinary(dst []byte) []byte {
	if d.registers != nil {
		return d.registers.append(append(dst, distinctHeader, distinctRegisters))
	}
	dst = binary.AppendUvarint(append(dst, distinctHeader, distinctExact), uint64(len(d.hashes)))
	for _, h := range d.hashes {
		dst = binary.BigEndian.AppendUint64(dst, h)
	}
	return dst
}

func (r *registers) append(dst []byte) []byte {
	for i := 0; i < len(r); i += 4 {
		v := uint32(r[i])<<18 | uint32(r[i+1])<<12 | uint32(r[i+2])<<6 | uint32(r[i+3])
		dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
	}
	return dst
}

// Decode reads what AppendBinary wrote from the beginning of b and returns what follows.
// On an error, d is as before.
func (d *Distinct) Decode(b []byte) (rest []byte, err error) {
	form, rest, err := opened(b, distinctHeader)
	if err != nil {
		return nil, err
	}
	r, read := reader{rest: rest}, Distinct{}
	switch form {
	case distinctExact:
		read.hashes = r.hashes()
	case distinctRegisters:
		read.registers = r.registers()
	default:
		r.fail()
	}
	if rest, err = r.end(); err != nil {
		return nil, err
	}
	*d = read
	return rest, nil
}

func (r *reader) hashes() []uint64 {
	n := r.number()
	if n > MaxExact {
		r.fail()
		return nil
	}
	b := r.bytes(8 * n)
	if len(b) == 0 {
		return nil
	}
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = binary.BigEndian.Uint64(b[8*i:])
		if i > 0 && hashes[i] <= hashes[i-1] {
			r.fail()
			return nil
		}
	}
	return hashes
}

func (r *reader) registers() *registers {
	b := r.bytes(registerBytes)
	if b == nil {
		return nil
	}
	read, set := new(registers), uint8(0)
	for i := range read {
		at := i / 4 * 3
		v := uint32(b[at])<<16 | uint32(b[at+1])<<8 | uint32(b[at+2])
		read[i] = uint8(v>>(18-6*(i%4))) & 63
		if set |= read[i]; read[i] > ranks {
			r.fail()
			return nil
		}
	}
	if set == 0 { // more than MaxExact values set a register at least
		r.fail()
	}
	return read
}
