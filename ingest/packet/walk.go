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
	etherVLAN     = 0x8100
	etherIPv6     = 0x86dd
	etherMPLS     = 0x8847
	etherMPLSMul  = 0x8848
	etherPPPoE    = 0x8864
	etherQinQ     = 0x88a8
	etherQinQ9100 = 0x9100
	etherQinQ9200 = 0x9200
	etherMaxLen   = 1500 // up to here the field is an IEEE 802.3 length
	cookedLLC     = 4    // ETH_P_802_2 in a Linux cooked header
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
		out = MalformedL2
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

// walkLink returns the offset of the IP header and the IP version.
func walkLink(f []byte, link LinkType, v *View) (l3 int, version uint8, out Outcome) {
	switch link {
	case LinkEthernet:
		if len(f) < 14 {
			return 0, 0, MalformedL2
		}
		v.Link = LinkHasMAC
		return walkEtherType(f, 12, v)
	case LinkRaw, LinkRawBSD, LinkRawOpen:
		return rawVersion(f, 0)
	case LinkIPv4:
		return 0, 4, InFlow
	case LinkIPv6:
		return 0, 6, InFlow
	case LinkNull, LinkLoop:
		return walkLoopback(f)
	case LinkSLL:
		return walkCooked(f, v, 16, 14, 2)
	case LinkSLL2:
		return walkCooked(f, v, 20, 0, 8)
	}
	return 0, 0, UnsupportedLink
}

// rawVersion reads the IP version from the first nibble at off.
func rawVersion(f []byte, off int) (int, uint8, Outcome) {
	if len(f) <= off {
		return 0, 0, MalformedL3
	}
	switch f[off] >> 4 {
	case 4:
		return off, 4, InFlow
	case 6:
		return off, 6, InFlow
	}
	return 0, 0, MalformedL3
}

// walkLoopback decodes the 4-byte address family of BSD loopback captures. NULL
// is in the byte order of the capturing host and LOOP in network order; as all
// families are below 256 both orders can be told apart.
func walkLoopback(f []byte) (int, uint8, Outcome) {
	if len(f) < 4 {
		return 0, 0, MalformedL2
	}
	family := binary.BigEndian.Uint32(f)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(f)
	}
	switch family {
	case 2: // AF_INET everywhere
		return 4, 4, InFlow
	case 10, 24, 28, 30: // AF_INET6 on Linux, NetBSD/OpenBSD, FreeBSD, Darwin
		return 4, 6, InFlow
	}
	switch binary.BigEndian.Uint16(f[2:]) { // some writers put an EtherType there
	case etherIPv4:
		return 4, 4, InFlow
	case etherIPv6:
		return 4, 6, InFlow
	}
	return 0, 0, NonIP
}

// cookedNotEther reports whether the protocol field of a cooked header is no
// EtherType, which its ARPHRD type tells. (GRE, 778, has a GRE protocol type
// there: those of IP are the EtherTypes.)
func cookedNotEther(hatype uint16) bool {
	switch hatype {
	case 770, 801, 802, 803, 804, 805, 824: // frame relay, 802.11 flavours, 802.15.4, netlink
		return true
	}
	return false
}

// walkCooked decodes Linux cooked headers: header length, offset of the
// protocol and of the ARPHRD field.
func walkCooked(f []byte, v *View, header, protoAt, hatypeAt int) (int, uint8, Outcome) {
	if len(f) < header {
		return 0, 0, MalformedL2
	}
	if cookedNotEther(binary.BigEndian.Uint16(f[hatypeAt:])) {
		return 0, 0, NonIP
	}
	proto := binary.BigEndian.Uint16(f[protoAt:])
	switch {
	case proto == cookedLLC:
		proto = 0 // what follows is as behind an 802.3 length
	case proto <= etherMaxLen: // Linux's own numbers: raw 802.3, CAN, …
		return 0, 0, NonIP
	}
	return walkTags(f, header, proto, v)
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
	return walkTags(f, off+2, t, v)
}

// walkTags follows VLAN tags, SNAP headers, PPPoE and MPLS labels to the IP
// header. off is the first byte after the EtherType or length field that held t.
func walkTags(f []byte, off int, t uint16, v *View) (int, uint8, Outcome) {
	v.TagOffset, v.TagType = uint16(off), t
	for range maxLinkTags + 1 {
		switch t {
		case etherIPv4:
			return off, 4, InFlow
		case etherIPv6:
			return off, 6, InFlow
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			if len(f) < off+4 {
				return 0, 0, MalformedL2
			}
			v.Link |= LinkHasVLAN
			t = binary.BigEndian.Uint16(f[off+2:])
			off += 4
		case etherMPLS, etherMPLSMul:
			return walkMPLS(f, off, v)
		case etherPPPoE:
			return walkPPPoE(f, off, v)
		default:
			var out Outcome
			if off, t, out = walkLLC(f, off, t); out != InFlow {
				return 0, 0, out
			}
		}
	}
	return 0, 0, MalformedL2
}

// walkMPLS skips the label stack (RFC 3032). What follows is IP if the first
// nibble says so; pseudowires start with another nibble.
func walkMPLS(f []byte, off int, v *View) (int, uint8, Outcome) {
	v.Link |= LinkHasMPLS
	for range maxLinkTags {
		if len(f) < off+4 {
			return 0, 0, MalformedL2
		}
		bottom := f[off+2]&1 != 0
		off += 4
		if bottom {
			if l3, version, out := rawVersion(f, off); out == InFlow {
				return l3, version, InFlow
			}
			return 0, 0, NonIP
		}
	}
	return 0, 0, MalformedL2
}

// PPP protocol numbers (RFC 1661) that lead on to IP.
const (
	pppIPv4    = 0x0021
	pppIPv6    = 0x0057
	pppMPLS    = 0x0281
	pppMPLSMul = 0x0283
)

// pppoeSize is the length of a PPPoE session header (RFC 2516) with the PPP
// protocol field.
const pppoeSize = 8

// walkPPPoE skips a PPPoE session header.
func walkPPPoE(f []byte, off int, v *View) (int, uint8, Outcome) {
	if len(f) < off+pppoeSize-1 {
		return 0, 0, MalformedL2
	}
	v.Link |= LinkHasPPPoE
	proto, end := uint16(f[off+6]), off+pppoeSize-1
	if proto&1 == 0 { // else compressed to one byte (RFC 1661, 6.5)
		if len(f) < off+pppoeSize {
			return 0, 0, MalformedL2
		}
		proto, end = binary.BigEndian.Uint16(f[off+6:]), off+pppoeSize
	}
	switch proto {
	case pppIPv4:
		return end, 4, InFlow
	case pppIPv6:
		return end, 6, InFlow
	case pppMPLS, pppMPLSMul:
		return walkMPLS(f, end, v)
	}
	return 0, 0, NonIP
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
	if dsap == 0x06 && ssap == 0x06 && control == 0x03 {
		return off + 3, etherIPv4, InFlow
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
