package quic

import "encoding/binary"

// Hint reports whether a port speaks for QUIC: HTTP/3, and DNS over QUIC.
func Hint(src, dst uint16) bool {
	const https, doq = 443, 853
	return src == https || dst == https || src == doq || dst == doq
}

// HasLongHeader reports whether a datagram begins with a packet that has something to
// read: none does once a connection is made.
func HasLongHeader(b []byte) bool {
	return len(b) > 0 && (b[0]&longForm != 0 || earlyGoogle(b))
}

// leastInitial is what a datagram with a client's first packet has at least
// (RFC 9000 §14.1).
const leastInitial = 1200

// Recognise reports whether a datagram begins with a packet that has a long header of a
// version that there is. One of a reserved version, which is there to be refused, must
// be as long as a first packet is.
func Recognise(b []byte, cut bool) bool {
	var h Header
	if len(b) < 7 || b[0]&longForm == 0 {
		return earlyGoogle(b)
	}
	reason, ok := h.parse(b)
	if !ok && (reason != Length || !cut) {
		return false
	}
	switch {
	case h.Type == VersionNegotiation:
		return offers(&h)
	case h.Version.reserved():
		return h.Fixed && len(h.DCID) <= maxID && len(h.SCID) <= maxID && len(b) >= leastInitial
	}
	return h.Fixed && h.Version.known()
}

// leastChosen is how long a connection ID is at least that a client makes up for its
// server, and finds in a Version Negotiation packet as the sender's (RFC 9000 §7.2, §17.2.1).
const leastChosen = 8

// offers reports whether a Version Negotiation packet, which begins like much that is no
// QUIC, has nothing but whole versions, one of which there is. A query of DNS to a server
// that is not asked to recurse can be such but for the connection IDs: its counts of no
// authorities and one OPT record are version 1.
func offers(h *Header) bool {
	if len(h.rest)%4 != 0 || len(h.DCID) > maxID || len(h.SCID) < leastChosen || len(h.SCID) > maxID {
		return false
	}
	for rest := h.rest; len(rest) > 0; rest = rest[4:] {
		if v := Version(binary.BigEndian.Uint32(rest)); v.known() || v.reserved() {
			return true
		}
	}
	return false
}

// earlyGoogle reports a packet of Google's versions before Q044: flags that say that
// there is a version behind a connection ID of 8 bytes or none.
func earlyGoogle(b []byte) bool {
	_, _, ok := earlyHeader(b)
	return ok
}

func earlyHeader(b []byte) (v Version, dcid []byte, ok bool) {
	const hasVersion, hasID, unused = 0x01, 0x08, 0xc0
	if len(b) < 13 || b[0]&hasVersion == 0 || b[0]&unused != 0 {
		return 0, nil, false
	}
	rest := b[1:]
	if b[0]&hasID != 0 {
		dcid, rest = rest[:8], rest[8:]
	}
	v = Version(binary.BigEndian.Uint32(rest))
	return v, dcid, v.google()
}
