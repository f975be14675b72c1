package packet

import "encoding/binary"

// linkPPP decodes PPP with or without HDLC-like framing (RFC 1662), and Cisco
// HDLC, which captures of both types hold.
func linkPPP(f []byte, off int, v *View) hop {
	if isCiscoHDLC(f, off) {
		return linkCiscoHDLC(f, off, v)
	}
	return linkPPPD(f, off, v)
}

// linkPPPD decodes PPP whose address field holds the direction.
func linkPPPD(f []byte, off int, v *View) hop {
	if len(f) >= off+2 && f[off] <= 1 && f[off+1] == 0x03 {
		off += 2
	}
	if len(f) == off+1 && uint64(v.WireLen) > uint64(len(f)) { // of an address or of a protocol
		return v.short(off)
	}
	return end(walkPPP(f, off, v))
}

// linkPPPDirection decodes PPP behind a byte that holds the direction.
func linkPPPDirection(f []byte, off int, v *View) hop {
	return end(walkPPP(f, min(off+1, len(f)), v))
}

// linkPPPoE decodes PPPoE session packets without their Ethernet header.
func linkPPPoE(f []byte, off int, v *View) hop {
	v.TagOffset, v.TagType = uint16(off), etherPPPoE
	return end(walkPPPoE(f, off, v))
}

// isCiscoHDLC reports whether the frame begins with Cisco's address field, for
// one receiver or for all, and its control field.
func isCiscoHDLC(f []byte, off int) bool {
	return len(f) >= off+2 && (f[off] == 0x0f || f[off] == 0x8f) && f[off+1] == 0
}

// linkCiscoHDLC decodes Cisco HDLC: address, control, EtherType. On links that
// changed over to PPP its frames are PPP's.
func linkCiscoHDLC(f []byte, off int, v *View) hop {
	if len(f) >= off+2 && f[off] == 0xff && f[off+1] == 0x03 {
		return end(walkPPP(f, off, v))
	}
	if len(f) < off+4 {
		return v.short(off)
	}
	t := binary.BigEndian.Uint16(f[off+2:])
	if t <= etherMaxLen {
		return stop(NonIP)
	}
	return end(walkTags(f, off+4, t, v))
}

// linkCiscoHDLCDirection decodes Cisco HDLC behind a byte that holds the direction.
func linkCiscoHDLCDirection(f []byte, off int, v *View) hop {
	return linkCiscoHDLC(f, min(off+1, len(f)), v)
}
