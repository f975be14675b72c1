package packet

// Tunnels. A packet that Walk accepted may carry another frame: behind an IP
// protocol that says so, or in a UDP datagram to a port where tunnels end. Inner
// decodes that frame into a View of its own, which may carry another one.
//
//	outer View     │ link │ IP │ UDP │ tunnel header │ link │ IP │ TCP │ payload │
//	               ^Offset     ^L4                   │
//	inner View                                       ^Offset ^L3  ^L4
//
// A port number proves nothing. What comes to one is a tunnel only if the header
// there keeps its rules (reserved bits, lengths) and what it leads to begins as
// it says; all else is payload. An IP protocol number is proof: then what cannot
// be decoded has an outcome.

// IP protocols that carry frames.
const (
	protoIPv4    = 4   // RFC 2003
	protoIPv6    = 41  // RFC 4213, 2473
	protoGRE     = 47  // RFC 2784
	protoEtherIP = 97  // RFC 3378
	protoL2TPv3  = 115 // RFC 3931
	protoMPLS    = 137 // RFC 4023
)

// UDP ports where tunnels end.
const (
	portL2TP     = 1701
	portGTPU     = 2152
	portTeredo   = 3544
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portGeneve   = 6081
	portMPLS     = 6635
	portVXLANOld = 8472 // Linux before the port was assigned
)

// Both have a bit for each of the ports, by its lowest six bits and by the six above
// them. One other port in sixty has its bits in both.
const (
	tunnelPortsLow uint64 = 1<<(portL2TP&63) | 1<<(portGTPU&63) | 1<<(portTeredo&63) | 1<<(portVXLAN&63) |
		1<<(portVXLANGPE&63) | 1<<(portGeneve&63) | 1<<(portMPLS&63) | 1<<(portVXLANOld&63)
	tunnelPortsHigh uint64 = 1<<(portL2TP>>6&63) | 1<<(portGTPU>>6&63) | 1<<(portTeredo>>6&63) | 1<<(portVXLAN>>6&63) |
		1<<(portVXLANGPE>>6&63) | 1<<(portGeneve>>6&63) | 1<<(portMPLS>>6&63) | 1<<(portVXLANOld>>6&63)
)

// carriers has a bit for each IP protocol that carries frames, UDP left out.
var carriers = [4]uint64{
	protoIPv4 >> 6:   1<<protoIPv4 | 1<<protoIPv6 | 1<<protoGRE,
	protoL2TPv3 >> 6: 1<<(protoEtherIP&63) | 1<<(protoL2TPv3&63),
	protoMPLS >> 6:   1 << (protoMPLS & 63),
}

// MayCarry reports whether the packet may carry another frame. It is cheap, and
// wrong only in saying yes: Inner makes sure.
func (v *View) MayCarry() bool {
	switch v.Protocol {
	case ProtoTCP:
		return false
	case ProtoUDP:
		d, s := v.DstPort, v.SrcPort
		return (tunnelPortsLow>>(d&63)&(tunnelPortsHigh>>(d>>6&63))|tunnelPortsLow>>(s&63)&(tunnelPortsHigh>>(s>>6&63)))&1 != 0
	}
	return carriers[v.Protocol>>6]>>(v.Protocol&63)&1 != 0
}

// form is how the bytes behind a tunnel header begin.
type form uint8

const (
	formNone   form = iota // this is no tunnel header, or nothing follows it
	formOpaque             // not decoded; cargo.out says why
	formIP                 // an IP header, the first nibble tells which
	formEther              // an Ethernet header
	formType               // what cargo.etherType names
	formPPP                // a PPP frame
)

// cargo is what a tunnel header says of the frame behind it.
type cargo struct {
	form      form
	out       Outcome // of formOpaque
	tunnel    TunnelType
	etherType uint16
	id        uint32
	at        uint32 // where the frame begins in the payload around it, within what is captured
	wire      uint32 // bytes of the frame on the wire
}

// opaque is a tunnel whose content is not decoded.
func opaque(t TunnelType, out Outcome) cargo { return cargo{form: formOpaque, tunnel: t, out: out} }

// Inner decodes the frame that outer carries, of which data[outer.Offset:] holds
// the captured bytes. carries is whether there is a tunnel header; out is then
// what became of the frame behind it. With InFlow, and only then, every field of
// v is set except Time, Clock and Ordinal: Offset, CapLen and WireLen are those
// of the inner frame, which begins at its link header, or at its IP header where
// there is none, and L3 and L4 are offsets in it.
func (w *Walker) Inner(data []byte, outer, v *View) (carries bool, out Outcome) {
	if !outer.MayCarry() || outer.Quality&LaterFragment != 0 {
		return false, InFlow
	}
	start := outer.Offset + uint32(outer.L4) + uint32(outer.L4Len)
	p := data[start : start+outer.PayloadCap : start+outer.PayloadCap]
	c := unload(p, outer)
	switch c.form {
	case formNone:
		return false, InFlow
	case formOpaque:
		v.Offset, v.Depth = start, outer.Depth+1
		return true, v.fail(c.out, FaultTunnel, 0)
	}
	p = p[c.at:]
	if uint32(len(p)) > c.wire {
		p = p[:c.wire]
	}
	v.Offset, v.CapLen, v.WireLen = start+c.at, uint32(len(p)), c.wire
	v.Link, v.TagOffset, v.TagType = 0, 0, 0
	v.VLANKey, v.Depth, v.Tunnel, v.TunnelID = 0, outer.Depth+1, c.tunnel, c.id
	l3, version, out := c.walkLink(p, v)
	if out == InFlow && l3 > maxL3 {
		out = v.fail(MalformedL2, FaultNesting, l3)
	}
	if out != InFlow {
		return true, out
	}
	v.L3 = uint16(l3)
	if version == 4 && w.plainIPv4(p[l3:], v) || version == 6 && w.plainIPv6(p[l3:], v) {
		return true, InFlow
	}
	return true, w.walkIP(p, version, v)
}

// walkLink returns the offset of the inner IP header and the IP version.
func (c *cargo) walkLink(f []byte, v *View) (l3 int, version uint8, out Outcome) {
	switch c.form {
	case formEther:
		return walkLink(f, LinkEthernet, v)
	case formPPP:
		return walkPPP(f, 0, v)
	case formIP:
		return rawVersion(f, 0, v)
	}
	switch {
	case c.etherType == etherIPv4:
		return 0, 4, InFlow
	case c.etherType == etherIPv6:
		return 0, 6, InFlow
	case c.etherType <= etherMaxLen: // no EtherType
		return 0, 0, NonIP
	}
	return walkTags(f, 0, c.etherType, v)
}

// unload looks at the header of the tunnel that a packet's payload p may be.
func unload(p []byte, outer *View) cargo {
	if outer.PayloadLen == 0 {
		return cargo{}
	}
	switch outer.Protocol {
	case ProtoUDP:
		return unloadUDP(p, outer)
	case protoIPv4:
		return cargo{form: formType, tunnel: TunnelIPIP, etherType: etherIPv4, wire: outer.PayloadLen}
	case protoIPv6:
		return cargo{form: formType, tunnel: TunnelIPIP, etherType: etherIPv6, wire: outer.PayloadLen}
	case protoGRE:
		return unloadGRE(p, outer.PayloadLen)
	case protoEtherIP:
		return unloadEtherIP(p, outer.PayloadLen)
	case protoL2TPv3:
		return unloadL2TPv3(p, 0, outer.PayloadLen, outer.room())
	case protoMPLS:
		return unloadMPLS(p, outer.PayloadLen)
	}
	return cargo{}
}

// unloadUDP looks for a tunnel header that either port announces.
func unloadUDP(p []byte, outer *View) cargo {
	if c := unloadPort(p, outer, outer.DstPort); c.form != formNone || outer.SrcPort == outer.DstPort {
		return c
	}
	return unloadPort(p, outer, outer.SrcPort)
}

// room returns the most bytes that lengths inside the payload may add up to. What
// a first fragment holds of a datagram is decoded as a packet that is cut.
func (v *View) room() uint32 {
	if v.Quality&FirstFragment != 0 {
		return max(v.PayloadLen, 0xffff)
	}
	return v.PayloadLen
}

func unloadPort(p []byte, outer *View, port uint16) cargo {
	wire, room := outer.PayloadLen, outer.room()
	switch port {
	case portVXLAN, portVXLANOld:
		return unloadVXLAN(p, wire)
	case portVXLANGPE:
		return unloadVXLANGPE(p, wire)
	case portGeneve:
		return unloadGeneve(p, wire)
	case portGTPU:
		return unloadGTPU(p, wire, room)
	case portL2TP:
		return unloadL2TP(p, wire, room)
	case portTeredo:
		return unloadTeredo(p, wire, room)
	case portMPLS:
		return unloadMPLSPort(p, wire, room)
	}
	return cargo{}
}

// unloadEtherIP decodes an EtherIP header: version 3 in four bits, the others zero.
func unloadEtherIP(p []byte, wire uint32) cargo {
	switch {
	case len(p) < 2:
		return opaque(TunnelEtherIP, MalformedL2)
	case p[0] != 0x30 || p[1] != 0:
		return opaque(TunnelEtherIP, UnsupportedLink)
	}
	return cargo{form: formEther, tunnel: TunnelEtherIP, at: 2, wire: wire - 2}.unlessEmpty()
}

// unlessEmpty is the cargo where there is one: keepalives are headers alone.
func (c cargo) unlessEmpty() cargo {
	if c.wire == 0 {
		return cargo{}
	}
	return c
}
