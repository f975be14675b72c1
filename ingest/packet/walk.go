package packet

import "encoding/binary"

// Limits of the header walk. A packet that exceeds one is malformed: no real
// network nests that deep, and each bounds the work a hostile packet can ask for.
const (
	maxLinkTags    = 16          // VLAN tags and SNAP headers together, and as many MPLS labels
	maxIPv6Headers = 32          // extension headers
	maxL3          = 0xffff - 40 // offset of the IP header: that of the transport header fits too
)

// EtherTypes that lead on to IP.
const (
	etherIPv4     = 0x0800
	etherARP      = 0x0806
	etherVLAN     = 0x8100
	etherIPv6     = 0x86dd
	etherMPLS     = 0x8847
	etherMPLSMul  = 0x8848
	etherPPPoE    = 0x8864
	etherQinQ     = 0x88a8
	etherQinQ9100 = 0x9100
	etherQinQ9200 = 0x9200
	etherMaxLen   = 1500 // up to here the field is an IEEE 802.3 length
)

// Walker decodes frames into Views. The zero value verifies checksums; a Walker
// has no other state and may be shared.
type Walker struct {
	SkipChecksums bool // leave BadIPChecksum and BadL4Checksum unset
}

// Walk decodes one frame. It sets every field of v except Time, Clock, Ordinal
// and Offset, and returns InFlow where v can be counted in a flow; with any
// other outcome v is incomplete. frame holds the captured bytes, wire the length
// the frame had; v keeps no reference to frame.
func (w *Walker) Walk(frame []byte, wire uint32, link LinkType, v *View) Outcome {
	version, out := v.enter(frame, wire, link)
	switch {
	case out != InFlow:
		return out
	case version == 4 && w.plainIPv4(frame[v.L3:], v):
		return InFlow
	case version == 6 && w.plainIPv6(frame[v.L3:], v):
		return InFlow
	}
	return w.walkIP(frame, version, v)
}

// enter sets what is known of a frame up to the IP header and returns the IP version.
func (v *View) enter(frame []byte, wire uint32, link LinkType) (uint8, Outcome) {
	v.CapLen, v.WireLen = uint32(len(frame)), wire
	v.Link, v.TagOffset, v.TagType = 0, 0, 0
	v.VLANKey, v.TunnelID, v.Depth, v.Tunnel = 0, 0, 0, TunnelNone
	l3, version, out := walkLink(frame, link, v)
	if out == InFlow && l3 > maxL3 {
		out = v.fail(MalformedL2, FaultNesting, l3)
	}
	v.L3 = uint16(l3)
	return version, out
}

// walkIP decodes any packet from its IP header on.
func (w *Walker) walkIP(frame []byte, version uint8, v *View) Outcome {
	v.clear()
	if version == 4 {
		return w.walkIPv4(frame, v)
	}
	return w.walkIPv6(frame, v)
}

// clear sets the fields from the IP header on to zero, as not every packet sets
// each. It goes field by field: a whole View would be made elsewhere and copied.
func (v *View) clear() {
	v.IPLen, v.PayloadLen, v.PayloadCap, v.Hash = 0, 0, 0, 0
	v.Src, v.Dst = Addr{}, Addr{}
	v.SrcPort, v.DstPort, v.Protocol, v.Version = 0, 0, 0, 0
	v.TCPFlags, v.Window, v.Seq, v.Ack = 0, 0, 0, 0
	v.L4, v.L4Len, v.TTL, v.TOS = 0, 0, 0, 0
	v.ICMPType, v.ICMPCode, v.Quality = 0, 0, 0
}

// etherSize is the length of an Ethernet header.
const etherSize = 14

// walkLink returns the offset of the IP header and the IP version.
func walkLink(f []byte, link LinkType, v *View) (l3 int, version uint8, out Outcome) {
	if link == LinkEthernet {
		if len(f) < etherSize {
			return 0, 0, v.fail(MalformedL2, FaultShort, 0)
		}
		v.Link = LinkHasMAC
		return walkEtherType(f, 12, v)
	}
	return walkOtherLink(f, link, v)
}

// rawVersion reads the IP version from the first nibble at off.
func rawVersion(f []byte, off int, v *View) (int, uint8, Outcome) {
	if len(f) <= off {
		return 0, 0, v.fail(MalformedL3, FaultShort, off)
	}
	switch f[off] >> 4 {
	case 4:
		return off, 4, InFlow
	case 6:
		return off, 6, InFlow
	}
	return 0, 0, v.fail(MalformedL3, FaultVersion, off)
}

// walkEtherType continues at the two-byte EtherType or length field at off.
func walkEtherType(f []byte, off int, v *View) (int, uint8, Outcome) {
	t := binary.BigEndian.Uint16(f[off:])
	switch t {
	case etherIPv4:
		return off + 2, 4, InFlow
	case etherIPv6:
		return off + 2, 6, InFlow
	}
	v.TagOffset, v.TagType = uint16(off+2), t
	return walkTagChain(f, off+2, t, v)
}

// walkTags follows VLAN and other tags, LLC and SNAP headers, PPPoE and MPLS
// labels to the IP header. off is the first byte after the EtherType or length
// field that held t.
func walkTags(f []byte, off int, t uint16, v *View) (int, uint8, Outcome) {
	if t != etherIPv4 && t != etherIPv6 {
		v.TagOffset, v.TagType = uint16(off), t // beyond 16 bits no IP header is accepted either: maxL3
	}
	return walkTagChain(f, off, t, v)
}

// walkTagChain is walkTags behind a tag that has been noted already.
func walkTagChain(f []byte, off int, t uint16, v *View) (int, uint8, Outcome) {
	for range maxLinkTags + 1 {
		switch t {
		case etherIPv4:
			return off, 4, InFlow
		case etherIPv6:
			return off, 6, InFlow
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			if len(f) < off+4 {
				return 0, 0, v.fail(MalformedL2, FaultShort, off)
			}
			v.Link |= LinkHasVLAN
			t = binary.BigEndian.Uint16(f[off+2:])
			off += 4
		case etherMPLS, etherMPLSMul:
			return walkMPLS(f, off, v)
		case etherPPPoE:
			return walkPPPoE(f, off, v)
		default:
			if isISL(f, off, t) {
				v.Link |= LinkHasVLAN
			}
			next, behind, out := walkOtherTag(f, off, t)
			if out != InFlow {
				v.TagType = t
				return 0, 0, v.fail(out, FaultShort, off)
			}
			off, t = next, behind
		}
	}
	return 0, 0, v.fail(MalformedL2, FaultNesting, off)
}

// walkMPLS skips the label stack (RFC 3032).
func walkMPLS(f []byte, off int, v *View) (int, uint8, Outcome) {
	again := v.Link&LinkHasMPLS != 0
	v.Link |= LinkHasMPLS
	for range maxLinkTags {
		if len(f) < off+4 {
			return 0, 0, v.fail(MalformedL2, FaultShort, off)
		}
		bottom := f[off+2]&1 != 0
		off += 4
		if bottom {
			return afterLabels(f, off, again, v)
		}
	}
	return 0, 0, v.fail(MalformedL2, FaultNesting, off)
}

// snapSize is the length of an LLC header with SNAP.
const snapSize = 8

// walkLLC decodes IEEE 802.2 LLC and, behind it, SNAP with an EtherType. It
// returns the offset of what follows and its EtherType. t is the value of the
// length field, which is an EtherType not known here if it is no length.
func walkLLC(f []byte, off int, t uint16) (int, uint16, Outcome) {
	if t > etherMaxLen {
		return 0, 0, NonIP
	}
	if len(f) < off+3 {
		return 0, 0, MalformedL2
	}
	dsap, ssap, control := f[off], f[off+1], f[off+2]
	switch {
	case dsap == 0x06 && ssap == 0x06 && control == 0x03:
		return off + 3, etherIPv4, InFlow
	case dsap == 0xfe && ssap == 0xfe && control == 0x03 && len(f) > off+3:
		if t := nlpidType(f[off+3]); t != 0 {
			return off + 4, t, InFlow
		}
	}
	if dsap != 0xaa || ssap != 0xaa || control != 0x03 {
		return 0, 0, NonIP
	}
	if len(f) < off+snapSize {
		return 0, 0, MalformedL2
	}
	t = binary.BigEndian.Uint16(f[off+6:])
	if f[off+3] != 0 || f[off+4] != 0 || f[off+5] != 0 && f[off+5] != 0xf8 || t <= etherMaxLen {
		return 0, 0, NonIP
	}
	return off + snapSize, t, InFlow
}
