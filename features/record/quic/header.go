package quic

import "encoding/binary"

// Type is a kind of packet with a long header.
type Type uint8

// The types, whose bits in the header depend on the version.
const (
	Initial Type = iota
	ZeroRTT
	Handshake
	Retry
	VersionNegotiation
	Unknown // of a version that is not read
)

// maxID is the longest connection ID of the versions that are read here.
const maxID = 20

// Header is a long header. Its bytes are those of the datagram.
type Header struct {
	Version    Version
	Type       Type
	DCID, SCID []byte
	Token      []byte // of an Initial or a Retry packet
	Fixed      bool   // the second bit is set, as in all versions but Version Negotiation

	number  int // offset of the packet number
	end     int // of the packet
	rest    []byte
	payload bool // number and end are set: there is something encrypted
}

const (
	longForm = 0x80
	fixedBit = 0x40
)

// parse reads the long header that b begins with, and where its packet ends; only
// packets that say their length have another behind them.
func (h *Header) parse(b []byte) (Reason, bool) {
	*h = Header{Type: Unknown, end: len(b)}
	if len(b) < 7 || b[0]&longForm == 0 {
		return Truncated, false
	}
	h.Version, h.Fixed = Version(binary.BigEndian.Uint32(b[1:])), b[0]&fixedBit != 0
	if h.Version.nibbles() {
		return Truncated, h.nibbles(b)
	}
	var ok bool
	if h.DCID, h.rest, ok = connectionID(b[5:]); !ok {
		return Truncated, false
	}
	if h.SCID, h.rest, ok = connectionID(h.rest); !ok {
		return Truncated, false
	}
	c := h.Version.crypto()
	if h.Version == Negotiation {
		h.Type = VersionNegotiation
		return 0, true
	}
	if c == nil {
		return 0, true
	}
	if len(h.DCID) > maxID || len(h.SCID) > maxID {
		return ID, false
	}
	h.Type = c.typeOf(b[0] >> 4 & 3)
	return h.body(b)
}

// connectionID reads a length and as many bytes.
func connectionID(b []byte) (id, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, b, false
	}
	end := 1 + int(b[0])
	if len(b) < end {
		return nil, b, false
	}
	return b[1:end], b[end:], true
}

func (c *crypto) typeOf(bits uint8) Type {
	switch bits {
	case c.initial:
		return Initial
	case c.zero:
		return ZeroRTT
	case c.handshake:
		return Handshake
	}
	return Retry
}

// body reads what comes behind the connection IDs.
func (h *Header) body(b []byte) (Reason, bool) {
	var ok bool
	switch h.Type {
	case Retry:
		if len(h.rest) < tagBytes {
			return Truncated, false
		}
		h.Token = h.rest[:len(h.rest)-tagBytes]
		return 0, true
	case Initial:
		if h.Token, h.rest, ok = prefixed(h.rest); !ok {
			return Truncated, false
		}
	}
	length, rest, ok := varint(h.rest)
	if !ok {
		return Truncated, false
	}
	h.rest, h.number, h.payload = rest, len(b)-len(rest), true
	if length > uint64(len(rest)) {
		return Length, false
	}
	h.end = h.number + int(length)
	return 0, true
}

// nibbles reads the connection IDs of old versions: half a byte for each length, which
// is 0 or 3 less than it is.
func (h *Header) nibbles(b []byte) bool {
	lengths, rest := b[5], b[6:]
	size := func(n byte) int {
		if n == 0 {
			return 0
		}
		return int(n) + 3
	}
	d, s := size(lengths>>4), size(lengths&15)
	if d+s > len(rest) {
		return false
	}
	h.DCID, h.SCID, h.rest = rest[:d], rest[d:d+s], rest[d+s:]
	return true
}

// Versions returns the versions of a Version Negotiation packet, as bytes: four each.
func (h *Header) Versions() []byte {
	if h.Type != VersionNegotiation {
		return nil
	}
	return h.rest[:len(h.rest)&^3]
}
