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
// there is none, ok where the payload is malformed. google: two frames are of the form
// of Google's T051.
func nextFrame(b []byte, google bool) (f frame, rest []byte, more, ok bool) {
	for {
		b = skipPadding(b)
		if len(b) == 0 {
			return f, nil, false, true
		}
		if google {
			if b, ok = googleFrame(b, &f); !ok || f.kind == frameCrypto {
				return f, b, ok, ok
			}
			continue
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
			b, ok = f.crypto(b)
			return f, b, ok, ok
		case frameClose:
			b, ok = f.close(b)
			return f, b, ok, ok
		default:
			return f, nil, false, false
		}
	}
}

// crypto reads a CRYPTO frame.
func (f *frame) crypto(b []byte) (rest []byte, ok bool) {
	if f.offset, b, ok = varint(b); !ok {
		return b, false
	}
	f.data, b, ok = prefixed(b)
	return b, ok
}

// googleFrame reads a CRYPTO frame, or skips an ACK frame, in the form that T051 has
// them in. ACK: 01nullmm, the largest number in 1, 2, 4 or 6 bytes as ll says, a delay
// in 2, the first range in as many as mm says, a count of times. Others that it has, and
// an ACK with more ranges or times, do not come before hellos.
func googleFrame(b []byte, f *frame) (rest []byte, ok bool) {
	const ping, ack, ackMask, crypto = 0x07, 0x40, 0xe0, 0x08
	switch {
	case b[0] == crypto:
		f.kind = frameCrypto
		return f.crypto(b[1:])
	case b[0] == ping:
		return b[1:], true
	case b[0]&ackMask != ack:
		return b, false
	}
	sizes := [4]int{1, 2, 4, 6}
	n := 1 + sizes[b[0]>>2&3] + 2 + sizes[b[0]&3] + 1
	if len(b) < n || b[n-1] != 0 {
		return b, false
	}
	return b[n:], true
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
