package packet

import "encoding/binary"

// id24 reads a 24-bit identifier that a reserved byte follows.
func id24(b []byte) uint32 { return binary.BigEndian.Uint32(b) >> 8 }

// unloadVXLAN decodes a VXLAN header (RFC 7348): the I flag set, all reserved bits
// zero but those of the group policy extension.
func unloadVXLAN(p []byte, wire uint32) cargo {
	const policy, dontLearn, applied = 0x80, 0x40, 0x08
	switch {
	case len(p) < 8 || p[0]&^policy != 0x08 || p[7] != 0:
		return cargo{}
	case p[0]&policy == 0 && (p[1]|p[2]|p[3]) != 0:
		return cargo{}
	case p[1]&^(dontLearn|applied) != 0:
		return cargo{}
	}
	return cargo{form: formEther, tunnel: TunnelVXLAN, id: id24(p[4:]), at: 8, wire: wire - 8}.ifEther(p)
}

// unloadVXLANGPE decodes the header of the generic protocol extension
// (draft-ietf-nvo3-vxlan-gpe). Packets of its own (flag O) carry nothing.
func unloadVXLANGPE(p []byte, wire uint32) cargo {
	const valid, next, broadcast = 0x08, 0x04, 0x02
	if len(p) < 8 || p[0]&^(valid|next|broadcast) != 0 || p[0]&(valid|next) == 0 || (p[1]|p[2]|p[7]) != 0 {
		return cargo{}
	}
	c := cargo{form: formEther, tunnel: TunnelVXLANGPE, id: id24(p[4:]), at: 8, wire: wire - 8}
	if p[0]&next == 0 {
		if p[3] != 0 {
			return cargo{}
		}
		return c.ifEther(p)
	}
	switch p[3] {
	case 1:
		c.form, c.etherType = formType, etherIPv4
	case 2:
		c.form, c.etherType = formType, etherIPv6
	case 3:
	case 5:
		c.form, c.etherType = formType, etherMPLS
	default: // 4 is a network service header
		return opaque(TunnelVXLANGPE, NonIP)
	}
	return c.ifType(p)
}

// unloadGeneve decodes a Geneve header and its options (RFC 8926).
func unloadGeneve(p []byte, wire uint32) cargo {
	if len(p) < 8 || p[0]&0xc0 != 0 || p[1]&0x3f != 0 || p[7] != 0 {
		return cargo{}
	}
	at := 8 + uint32(p[0]&0x3f)*4
	if wire < at || !geneveOptions(p[8:min(at, uint32(len(p)))], at > uint32(len(p))) {
		return cargo{}
	}
	if uint32(len(p)) < at {
		return opaque(TunnelGeneve, MalformedL2)
	}
	c := cargo{form: formType, tunnel: TunnelGeneve, etherType: binary.BigEndian.Uint16(p[2:]), id: id24(p[4:]), at: at, wire: wire - at}
	if c.etherType == greBridged {
		c.form = formEther
	}
	return c.ifType(p)
}

// geneveOptions reports whether options fill their space exactly, or would but
// for where the capture cuts them. Each has a header of four bytes.
func geneveOptions(b []byte, cut bool) bool {
	for len(b) >= 4 {
		size := 4 + int(b[3]&0x1f)*4
		if size > len(b) {
			return cut
		}
		b = b[size:]
	}
	return len(b) == 0 || cut
}

// gtpUser is the GTP-U message that carries a packet (G-PDU).
const gtpUser = 255

// unloadGTPU decodes a GTP-U header of version 1 and its extension headers (3GPP TS
// 29.281). The length counts from the ninth byte on.
func unloadGTPU(p []byte, wire, room uint32) cargo {
	if len(p) < 8 || p[0]&0xf8 != 0x30 || p[1] != gtpUser {
		return cargo{}
	}
	length := uint32(binary.BigEndian.Uint16(p[2:]))
	if length > room-8 {
		return cargo{}
	}
	c := cargo{form: formIP, tunnel: TunnelGTPU, id: binary.BigEndian.Uint32(p[4:]), at: 8}
	if p[0]&7 != 0 {
		at, ok := gtpExtensions(p, p[0]&4 != 0, length+8)
		if !ok {
			return cargo{}
		}
		if uint32(len(p)) < at {
			return opaque(TunnelGTPU, MalformedL2)
		}
		c.at = at
	}
	c.wire = min(wire, length+8) - min(wire, c.at)
	return c.gtpContent(p, length+8-c.at)
}

// gtpExtensions returns where the optional fields and the extension headers end.
// Each header has its length in front, in units of four bytes, and the next
// one's type behind.
func gtpExtensions(p []byte, more bool, end uint32) (at uint32, ok bool) {
	at = 12
	for more && at <= uint32(len(p)) && p[at-1] != 0 {
		if at == uint32(len(p)) {
			return at + 4, at+4 <= end
		}
		size := uint32(p[at]) * 4
		if size == 0 || at+size > end {
			return 0, false
		}
		at += size
	}
	return at, at <= end
}

// gtpContent tells IP from Ethernet, which no field does.
func (c cargo) gtpContent(p []byte, room uint32) cargo {
	f := p[c.at:]
	whole, cut := likeEther(f, room)
	switch {
	case c.wire == 0:
		return cargo{}
	case len(f) == 0 || isIP(f, room):
		return c
	case whole:
		c.form = formEther
		return c
	case uint32(len(f)) < c.wire && beginsIP(f, room):
		return c
	case cut:
		c.form = formEther
		return c
	case uint32(len(f)) < c.wire && len(f) < etherSize: // what it is, the capture lacks
		return opaque(TunnelGTPU, MalformedL2)
	}
	return opaque(TunnelGTPU, NonIP)
}

// Teredo's indications (RFC 4380, 5.1.1) begin with a zero byte and these.
const (
	teredoOrigin = 0
	teredoAuth   = 1
)

// unloadTeredo looks for an IPv6 packet that fills a UDP datagram to the byte,
// behind an authentication and an origin indication, which both may be missing.
func unloadTeredo(p []byte, wire, room uint32) cargo {
	at := uint32(0)
	if len(p) >= 4 && p[0] == 0 && p[1] == teredoAuth {
		at = 13 + uint32(p[2]) + uint32(p[3])
	}
	if uint32(len(p)) >= at+2 && p[at] == 0 && p[at+1] == teredoOrigin {
		at += 8
	}
	if uint32(len(p)) < at+6 || p[at]>>4 != 6 {
		return cargo{}
	}
	length := uint32(binary.BigEndian.Uint16(p[at+4:])) + 40
	if length != wire-at && (room == wire || length < wire-at) {
		return cargo{}
	}
	return cargo{form: formType, tunnel: TunnelTeredo, etherType: etherIPv6, at: at, wire: wire - at}
}

// ifEther is the cargo where an Ethernet frame can begin there: one that
// announces IP leads to its first nibble.
func (c cargo) ifEther(p []byte) cargo {
	f := p[c.at:]
	if c.wire < 14 || len(f) > 14 && !agrees(binary.BigEndian.Uint16(f[12:]), f[14]) {
		return cargo{}
	}
	return c
}

// ifType is ifEther for a frame of any form.
func (c cargo) ifType(p []byte) cargo {
	if c.form == formEther {
		return c.ifEther(p)
	}
	if f := p[c.at:]; c.wire == 0 || len(f) > 0 && !agrees(c.etherType, f[0]) {
		return cargo{}
	}
	return c
}

// agrees reports whether the byte behind an EtherType is what it says. Only IP has
// its version there.
func agrees(etherType uint16, first byte) bool {
	switch etherType {
	case etherIPv4:
		return first>>4 == 4
	case etherIPv6:
		return first>>4 == 6
	}
	return true
}
