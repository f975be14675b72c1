package packet

import "encoding/binary"

// LinkTags calls vlan for each VLAN identifier and label for each MPLS label
// between the link header and the IP header of a frame that Walk accepted,
// outermost first. It is meant for a flow's first packet, not for each one.
func LinkTags(f []byte, v *View, vlan func(uint16), label func(uint32)) {
	linkTags(f, v, vlan, label, func(uint16) {})
}

// PPPoESessions calls session for each session that a PPPoE header there names.
func PPPoESessions(f []byte, v *View, session func(uint16)) {
	if v.Link&LinkHasPPPoE != 0 {
		linkTags(f, v, func(uint16) {}, func(uint32) {}, session)
	}
}

func linkTags(f []byte, v *View, vlan func(uint16), label func(uint32), session func(uint16)) {
	off, t := int(v.TagOffset), v.TagType
	for (off != 0 || t != 0) && off+4 <= int(v.L3) && off+4 <= len(f) {
		switch t {
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			vlan(binary.BigEndian.Uint16(f[off:]) & 0x0fff)
			t = binary.BigEndian.Uint16(f[off+2:])
			off += 4
		case etherMPLS, etherMPLSMul:
			label(binary.BigEndian.Uint32(f[off:]) >> 12)
			bottom := f[off+2]&1 != 0
			off += 4
			if bottom {
				if off = frameBehind(f, off, v); off == 0 {
					return
				}
				t = binary.BigEndian.Uint16(f[off-2:])
			}
		case tagDSA:
			vlan(binary.BigEndian.Uint16(f[off+2:]) & 0x0fff)
			off, t = dsaEnd(f, off)
		default:
			switch {
			case t == etherPPPoE:
				session(binary.BigEndian.Uint16(f[off+2:]))
			case isISL(f, off, t):
				vlan(islVLAN(f, off))
			}
			off, t = stepOver(f, off, t)
		}
	}
}

// stepOver returns where a header that is no tag ends and the type of what
// follows it; offset 0 where nothing may follow.
func stepOver(f []byte, off int, t uint16) (int, uint16) {
	if t == etherPPPoE {
		if proto, end, ok := pppProtocol(f, off+pppoeSize); ok && (proto == pppMPLS || proto == pppMPLSMul) {
			return end, etherMPLS
		}
		return 0, 0
	}
	if end, next, out := walkOtherTag(f, off, t); out == InFlow {
		return end, next
	}
	return 0, 0
}

// frameBehind returns the offset behind the EtherType of the Ethernet frame that a
// label stack ending at off carries; 0 where it carries IP.
func frameBehind(f []byte, off int, v *View) int {
	if off >= int(v.L3) {
		return 0
	}
	if at := pseudowire(f, off, v); at != 0 {
		return at + 14
	}
	return 0
}
