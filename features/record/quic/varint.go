package quic

import "encoding/binary"

// varint reads an integer of 1 to 8 bytes (RFC 9000 §16) and what is behind it.
func varint(b []byte) (value uint64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, b, false
	}
	n := 1 << (b[0] >> 6)
	if len(b) < n {
		return 0, b, false
	}
	switch rest = b[n:]; n {
	case 1:
		value = uint64(b[0])
	case 2:
		value = uint64(binary.BigEndian.Uint16(b)) &^ (3 << 14)
	case 4:
		value = uint64(binary.BigEndian.Uint32(b)) &^ (3 << 30)
	default:
		value = binary.BigEndian.Uint64(b) &^ (3 << 62)
	}
	return value, rest, true
}

// prefixed reads a varint and as many bytes.
func prefixed(b []byte) (bytes, rest []byte, ok bool) {
	n, rest, ok := varint(b)
	if !ok || n > uint64(len(rest)) {
		return nil, b, false
	}
	return rest[:n], rest[n:], true
}
