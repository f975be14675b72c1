package packet

import "encoding/binary"

// Bits of an L2TP header's first two bytes (RFC 2661, 3.1).
const (
	l2tpControl  = 0x8000
	l2tpLength   = 0x4000
	l2tpSequence = 0x0800
	l2tpOffset   = 0x0200
	l2tpPriority = 0x0100
	l2tpVersion  = 0x000f
)

// unloadL2TP decodes the header of a data message over UDP, of version 2 (RFC 2661)
// or 3 (RFC 3931, 4.1.2).
func unloadL2TP(p []byte, wire, room uint32) cargo {
	if len(p) < 8 {
		return cargo{}
	}
	bits := binary.BigEndian.Uint16(p)
	if bits == 3 && p[2] == 0 && p[3] == 0 {
		c := unloadL2TPv3(p, 4, wire, room)
		if c.form == formOpaque { // the port alone proves nothing
			return cargo{}
		}
		return c
	}
	if bits&^(l2tpLength|l2tpSequence|l2tpOffset|l2tpPriority|l2tpVersion) != 0 || bits&l2tpVersion != 2 {
		return cargo{}
	}
	return unloadL2TPv2(p, bits, wire, room)
}

// unloadL2TPv2 decodes the fields that the bits announce. Where there is no length
// that fits, only IP proves the header to be one.
func unloadL2TPv2(p []byte, bits uint16, wire, room uint32) cargo {
	at, end := uint32(2), room
	if bits&l2tpLength != 0 {
		if end = uint32(binary.BigEndian.Uint16(p[2:])); end > room {
			return cargo{}
		}
		at = 4
	}
	c := cargo{form: formPPP, tunnel: TunnelL2TP, id: binary.BigEndian.Uint32(p[at:]), at: at + 4}
	if bits&l2tpSequence != 0 {
		c.at += 4
	}
	if bits&l2tpOffset != 0 {
		if uint32(len(p)) < c.at+2 {
			return cargo{}
		}
		c.at += 2 + uint32(binary.BigEndian.Uint16(p[c.at:]))
	}
	if c.at >= min(end, wire) || uint32(len(p)) < c.at {
		return cargo{}
	}
	c.wire = min(end, wire) - c.at
	if proved := bits&l2tpLength != 0 && end == wire; !proved && !isPPP(p[c.at:], end-c.at) {
		return cargo{}
	}
	return c
}

// unloadL2TPv3 decodes a data message of version 3, whose session identifier is at
// the given offset. What follows, a cookie of 0, 4 or 8 bytes, a sublayer of 0 or
// 4, and a frame of any link layer, was agreed upon when the session was set up:
// it is told by where a frame begins that leads to IP.
func unloadL2TPv3(p []byte, at, wire, room uint32) cargo {
	if uint32(len(p)) < at+4 {
		return opaque(TunnelL2TP, MalformedL2)
	}
	id := binary.BigEndian.Uint32(p[at:])
	if id == 0 { // control message
		return cargo{}
	}
	c, cut := cargo{tunnel: TunnelL2TP, id: id}, cargo{}
	for c.at = at + 4; c.at <= at+16 && c.at < uint32(len(p)); c.at += 4 {
		c.wire = wire - c.at
		whole, begun := likeEther(p[c.at:], room-c.at)
		switch {
		case whole:
			c.form = formEther
			return c
		case isPPP(p[c.at:], room-c.at):
			c.form = formPPP
			return c
		case begun && cut.form == formNone:
			cut = c
			cut.form = formEther
		}
	}
	switch {
	case cut.form != formNone:
		return cut
	case uint32(len(p)) < min(wire, at+4+etherSize): // what it is, the capture lacks
		return opaque(TunnelL2TP, MalformedL2)
	}
	return opaque(TunnelL2TP, NonIP)
}
