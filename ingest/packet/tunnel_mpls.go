package packet

import "encoding/binary"

// MPLS does not say what it carries either. Behind the last label is an IP header,
// told by its first nibble, or an Ethernet frame: a pseudowire (RFC 4448), with a
// control word whose first nibble is 0 or without one. Ethernet behind labels
// that are on the link is a part of the link, as VLAN tags are: its IP packet is
// the frame's first one and no tunnel is around it.

// afterLabels returns the offset of the IP header behind a label stack that ends at
// off, and the IP version.
func afterLabels(f []byte, off int, again bool, v *View) (l3 int, version uint8, out Outcome) {
	rest := restOf(v, off)
	l3, version, out = rawVersion(f, off, v)
	if len(f) <= off && rest > 0 {
		return 0, 0, out
	}
	if out == InFlow && isSureIP(f[off:], rest) {
		return l3, version, InFlow
	}
	at := pseudowire(f, off, v)
	switch {
	case at == 0 && out == InFlow && !isOtherEther(f[off:], rest):
		return l3, version, InFlow
	case again:
		return 0, 0, NonIP
	case at == 0 && out != InFlow && uint32(len(f)-off) < rest && len(f) < off+frameSize(f[off]): // what it is, the capture lacks
		return 0, 0, v.fail(MalformedL2, FaultShort, off)
	case at == 0:
		return 0, 0, NonIP
	}
	offset, t := v.TagOffset, v.TagType
	if l3, version, out = walkEtherType(f, at+12, v); out == InFlow {
		v.TagOffset, v.TagType = offset, t
	}
	return l3, version, out
}

// pseudowire returns where the Ethernet frame begins that a label stack ending at
// off carries; 0 where none can be told. The beginning of a tagged frame's addresses
// may look like a control word, and the rest with the tag like an untagged frame: that
// there is no control word is asked first. In a frame that is cut one counts.
func pseudowire(f []byte, off int, v *View) int {
	if len(f) <= off {
		return 0
	}
	rest := restOf(v, off)
	word := len(f) >= off+18 && f[off]>>4 == 0
	bare, cut := likeEther(f[off:], rest)
	switch {
	case bare:
		return off
	case word && isEther(f[off+4:], rest-4):
		return off + 4
	case word && f[off] == 0 && f[off+1] == 0 && isTag(binary.BigEndian.Uint16(f[off+16:])):
		return off + 4
	case cut:
		return off
	}
	return 0
}

// frameSize is the length of an Ethernet header that begins with first, of the control word's first nibble
// with that.
func frameSize(first byte) int {
	if first>>4 == 0 {
		return 4 + etherSize
	}
	return etherSize
}

// isTag reports whether an EtherType leads on to IP.
func isTag(t uint16) bool {
	switch t {
	case etherIPv4, etherIPv6, etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200, etherMPLS, etherMPLSMul, etherPPPoE:
		return true
	}
	return false
}

// restOf returns the wire bytes of the frame from off on.
func restOf(v *View, off int) uint32 {
	if wire := max(v.WireLen, v.CapLen); wire > uint32(off) {
		return wire - uint32(off)
	}
	return 0
}

// unloadMPLS decodes labels behind an IP header (RFC 4023).
func unloadMPLS(p []byte, wire uint32) cargo {
	label, _, ok := lastLabel(p)
	if !ok {
		return opaque(TunnelMPLS, MalformedL2)
	}
	return cargo{form: formType, tunnel: TunnelMPLS, etherType: etherMPLS, id: label, wire: wire}
}

// unloadMPLSPort decodes labels in UDP (RFC 7510), where only what they lead to
// proves that they are labels.
func unloadMPLSPort(p []byte, wire, room uint32) cargo {
	label, at, ok := lastLabel(p)
	if !ok || uint32(at) >= wire {
		return cargo{}
	}
	f, rest := p[at:], room-uint32(at)
	if !isIP(f, rest) && !isEther(f, rest) && (len(f) < 4 || f[0]>>4 != 0 || !isEther(f[4:], rest-4)) {
		return cargo{}
	}
	return cargo{form: formType, tunnel: TunnelMPLS, etherType: etherMPLS, id: label, wire: wire}
}

// lastLabel returns the label at the bottom of a stack and where the stack ends.
func lastLabel(p []byte) (label uint32, end int, ok bool) {
	for range maxLinkTags {
		if len(p) < end+4 {
			return 0, 0, false
		}
		entry := binary.BigEndian.Uint32(p[end:])
		end += 4
		if entry&0x100 != 0 {
			return entry >> 12, end, true
		}
	}
	return 0, 0, false
}
