package quic

import "encoding/binary"

// Frames of Initial packets (RFC 9000 §12.4, table 3).
const (
	framePing   = 0x01
	frameAck    = 0x02
	frameAckECN = 0x03
	frameCrypto = 0x06
	frameClose  = 0x1c
)

// frame is a frame that says something here.
type frame struct {
	kind   uint64
	offset uint64 // CRYPTO
	code   uint64 // CONNECTION_CLOSE: of the error
	of     uint64 // CONNECTION_CLOSE: type of the frame that it was
	data   []byte // CRYPTO, and the reason of a CONNECTION_CLOSE
}

// nextFrame reads up to the next CRYPTO or CONNECTION_CLOSE frame; more is false where
// there is none, ok where the payload is malformed.
func nextFrame(b []byte) (f frame, rest []byte, more, ok bool) {
	for {
		b = skipPadding(b)
		if len(b) == 0 {
			return f, nil, false, true
		}
		if f.kind, b, ok = varint(b); !ok {
			return f, nil, false, false
		}
		switch f.kind {
		case framePing:
		case frameAck, frameAckECN:
			if b, ok = skipAck(b, f.kind == frameAckECN); !ok {
				return f, nil, false, false
			}
		case frameCrypto:
			if f.offset, b, ok = varint(b); !ok {
				return f, nil, false, false
			}
			f.data, b, ok = prefixed(b)
			return f, b, ok, ok
		case frameClose:
			b, ok = f.close(b)
			return f, b, ok, ok
		default:
			return f, nil, false, false
		}
	}
}

// skipPadding skips the zeros that fill Initial packets up, by the word.
func skipPadding(b []byte) []byte {
	for len(b) >= 8 && binary.LittleEndian.Uint64(b) == 0 {
		b = b[8:]
	}
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// skipAck skips an ACK frame: the largest number, a delay, a count of ranges, the first
// range, the others with two numbers each, and three counts with ECN.
func skipAck(b []byte, ecn bool) (rest []byte, ok bool) {
	var ranges uint64
	for i := range 4 {
		value, rest, ok := varint(b)
		if !ok {
			return b, false
		}
		if b = rest; i == 2 {
			ranges = value
		}
	}
	if ranges > uint64(len(b)) {
		return b, false
	}
	numbers := 2 * ranges
	if ecn {
		numbers += 3
	}
	for range numbers {
		if _, b, ok = varint(b); !ok {
			return b, false
		}
	}
	return b, true
}

// close reads a CONNECTION_CLOSE frame.
func (f *frame) close(b []byte) (rest []byte, ok bool) {
	if f.code, b, ok = varint(b); !ok {
		return b, false
	}
	if f.of, b, ok = varint(b); !ok {
		return b, false
	}
	f.data, b, ok = prefixed(b)
	return b, ok
}
