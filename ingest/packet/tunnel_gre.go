package packet

import "encoding/binary"

// GRE protocol types that are no EtherTypes of IP, MPLS or VLANs.
const (
	greBridged   = 0x6558 // Ethernet: transparent bridging, NVGRE (RFC 7637)
	greEoIP      = 0x6400 // MikroTik
	grePPP       = 0x880b // RFC 2637
	greWCCP      = 0x883e // Web Cache Communication Protocol
	greERSPAN    = 0x88be // types I and II
	greERSPANIII = 0x22eb
)

// Flags of a GRE header's first byte.
const (
	greChecksum = 0x80
	greRouting  = 0x40
	greKey      = 0x20
	greSequence = 0x10
)

// unloadGRE decodes a GRE header (RFC 2784 with RFC 2890; version 1 by RFC 2637).
func unloadGRE(p []byte, wire uint32) cargo {
	if len(p) < 4 {
		return opaque(TunnelGRE, MalformedL2)
	}
	proto := binary.BigEndian.Uint16(p[2:])
	switch version := p[1] & 7; {
	case version == 0:
		return unloadGRE0(p, wire, proto)
	case version == 1 && proto == grePPP:
		return unloadPPTP(p, wire)
	case version == 1 && proto == greEoIP:
		return unloadEoIP(p, wire)
	}
	return opaque(TunnelGRE, UnsupportedLink)
}

// unloadGRE0 decodes version 0. Source routes (RFC 1701) are not followed: nobody
// has used them since 1994, and where they end only each protocol knows.
func unloadGRE0(p []byte, wire uint32, proto uint16) cargo {
	flags := p[0]
	if flags&greRouting != 0 {
		return opaque(TunnelGRE, UnsupportedLink)
	}
	c := cargo{form: formType, tunnel: TunnelGRE, etherType: proto, at: 4}
	if flags&greChecksum != 0 {
		c.at += 4
	}
	if flags&greKey != 0 {
		if uint32(len(p)) < c.at+4 {
			return opaque(TunnelGRE, MalformedL2)
		}
		c.id = binary.BigEndian.Uint32(p[c.at:])
		c.at += 4
	}
	if flags&greSequence != 0 {
		c.at += 4
	}
	if uint32(len(p)) < c.at {
		return opaque(TunnelGRE, MalformedL2)
	}
	switch c.wire = wire - c.at; proto {
	case greBridged:
		c.form = formEther
	case grePPP:
		c.form = formPPP
	case greWCCP:
		return c.skipWCCP(p)
	case greERSPAN, greERSPANIII:
		return c.skipERSPAN(p, flags&greSequence != 0)
	}
	return c.unlessEmpty()
}

// skip moves the frame's beginning by n bytes, which must be captured.
func (c cargo) skip(p []byte, n uint32) cargo {
	if uint32(len(p)) < c.at+n {
		return opaque(c.tunnel, MalformedL2)
	}
	c.at += n
	c.wire -= n
	return c.unlessEmpty()
}

// skipWCCP steps over the redirect header that version 2 puts in front of the IPv4
// header and version 1 does not.
func (c cargo) skipWCCP(p []byte) cargo {
	c.etherType = etherIPv4
	if uint32(len(p)) > c.at && p[c.at]>>4 == 4 {
		return c
	}
	return c.skip(p, 4)
}

// skipERSPAN decodes an ERSPAN header (draft-foschiano-erspan). Type I has none: it
// is told by the missing sequence number.
func (c cargo) skipERSPAN(p []byte, sequence bool) cargo {
	c.tunnel, c.form, c.id = TunnelERSPAN, formEther, 0
	if c.etherType == greERSPAN && !sequence {
		return c.unlessEmpty()
	}
	if uint32(len(p)) < c.at+8 {
		return opaque(TunnelERSPAN, MalformedL2)
	}
	h := p[c.at:]
	c.id = uint32(binary.BigEndian.Uint16(h[2:]) & 0x03ff)
	switch h[0] >> 4 {
	case 1:
		return c.skip(p, 8)
	case 2:
		return c.skipERSPANIII(p, h)
	}
	return opaque(TunnelERSPAN, UnsupportedLink)
}

// skipERSPANIII steps over the header of type III and the platform's part behind
// it. The frame type is 0 for Ethernet and 2 for IP.
func (c cargo) skipERSPANIII(p, h []byte) cargo {
	if len(h) < 12 {
		return opaque(TunnelERSPAN, MalformedL2)
	}
	switch h[10] >> 2 & 0x1f {
	case 0:
	case 2:
		c.form = formIP
	default:
		return opaque(TunnelERSPAN, UnsupportedLink)
	}
	if h[11]&1 != 0 {
		return c.skip(p, 20)
	}
	return c.skip(p, 12)
}

// unloadPPTP decodes the enhanced GRE header of PPTP. Without a sequence number it
// is an acknowledgement alone.
func unloadPPTP(p []byte, wire uint32) cargo {
	if len(p) < 8 || p[0]&^greSequence != greKey {
		return opaque(TunnelPPTP, MalformedL2)
	}
	length := uint32(binary.BigEndian.Uint16(p[4:]))
	if p[0]&greSequence == 0 || length == 0 {
		return cargo{}
	}
	c := cargo{form: formPPP, tunnel: TunnelPPTP, id: uint32(binary.BigEndian.Uint16(p[6:])), at: 12}
	if p[1]&0x80 != 0 { // acknowledgement number
		c.at = 16
	}
	if uint32(len(p)) < c.at {
		return opaque(TunnelPPTP, MalformedL2)
	}
	c.wire = min(wire-c.at, length)
	return c.unlessEmpty()
}

// unloadEoIP decodes MikroTik's header: length in network order, tunnel in the
// other one. Keepalives have length 0.
func unloadEoIP(p []byte, wire uint32) cargo {
	if len(p) < 8 || p[0] != greKey || p[1] != 1 {
		return opaque(TunnelEoIP, MalformedL2)
	}
	length := uint32(binary.BigEndian.Uint16(p[4:]))
	return cargo{
		form: formEther, tunnel: TunnelEoIP, id: uint32(binary.LittleEndian.Uint16(p[6:])),
		at: 8, wire: min(wire-8, length),
	}.unlessEmpty()
}
