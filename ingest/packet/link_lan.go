package packet

import "encoding/binary"

// walkLLCFrame decodes LLC at off, of a medium with MAC addresses at dst and src.
func walkLLCFrame(f []byte, off int, v *View, dst, src int) hop {
	return end(walkTags(f, off, 0, v)).withMACs(dst, src)
}

// linkFDDI decodes a frame control byte, two addresses and LLC.
func linkFDDI(f []byte, off int, v *View) hop {
	const header, kind, llc = 13, 0x70, 0x50
	if len(f) < off+header {
		return v.short(off)
	}
	if f[off]&kind != llc { // tokens, station management, MAC frames
		return stop(NonIP)
	}
	return walkLLCFrame(f, off+header, v, off+1, off+7)
}

// linkTokenRing decodes access and frame control, two addresses, source routing
// where the source address announces it, and LLC (IEEE 802.5).
func linkTokenRing(f []byte, off int, v *View) hop {
	const header, llc, routed = 14, 0x40, 0x80
	if len(f) < off+header {
		return v.short(off)
	}
	if f[off+1]&0xc0 != llc {
		return stop(NonIP)
	}
	size := header
	if f[off+8]&routed != 0 {
		if len(f) < off+header+2 {
			return v.short(off)
		}
		route := int(f[off+header] & 0x1f)
		if route < 2 || route%2 != 0 {
			return v.wrong(off)
		}
		if end := off + header + route; len(f) < end {
			return v.beyond(off, uint64(end))
		}
		size += route
	}
	h := walkLLCFrame(f, off+size, v, off+2, off+8)
	if size > header {
		h.more |= hopRouted
	}
	return h
}

// linkFibreChannel decodes the network header of RFC 2625, whose two 64-bit
// names hold MAC addresses, and LLC.
func linkFibreChannel(f []byte, off int, v *View) hop {
	const header, ieee = 16, 0x10
	if len(f) < off+header {
		return v.short(off)
	}
	if f[off]&0xf0 != ieee || f[off+8]&0xf0 != ieee {
		return end(walkTags(f, off+header, 0, v))
	}
	return walkLLCFrame(f, off+header, v, off+2, off+10)
}

// linkFireWire decodes the header that Apple gives IP over IEEE 1394: two 64-bit
// identifiers and an EtherType.
func linkFireWire(f []byte, off int, v *View) hop {
	if len(f) < off+18 {
		return v.short(off)
	}
	return end(walkEtherType(f, off+16, v))
}

// linkARCNet decodes RFC 1051 and RFC 1201 as BSD captures them, with the
// fragmentation header of each packet.
func linkARCNet(f []byte, off int, v *View) hop {
	if len(f) < off+3 {
		return v.short(off)
	}
	return walkARCNet(f, off+3, f[off+2], true, v)
}

// linkARCNetLinux decodes the form of Linux, which has two bytes more before the
// type.
func linkARCNetLinux(f []byte, off int, v *View) hop {
	if len(f) < off+5 {
		return v.short(off)
	}
	return walkARCNet(f, off+5, f[off+4], false, v)
}

// walkARCNet continues behind the type: RFC 1201 has a split flag and a sequence
// number there, and may have a longer form of both.
func walkARCNet(f []byte, off int, t uint8, exceptions bool, v *View) hop {
	const ip1051, ip, ip6 = 240, 212, 196
	etherType := uint16(etherIPv4)
	switch t {
	case ip1051:
		return end(walkTags(f, off, etherIPv4, v))
	case ip6:
		etherType = etherIPv6
	case ip:
	default:
		return stop(NonIP)
	}
	const header, longer = 3, 4
	if len(f) < off+header {
		return v.short(off)
	}
	if exceptions && f[off] == 0xff {
		if off += longer; len(f) < off+header {
			return v.short(off)
		}
	}
	if split := f[off]; split != 0 && split&1 == 0 { // the first fragment's flag is odd
		return stop(v.fail(FragmentUnresolved, FaultLinkPiece, off))
	}
	return end(walkTags(f, off+header, etherType, v))
}

// linkSymantec decodes Symantec's firewall header.
func linkSymantec(f []byte, off int, v *View) hop {
	const header = 44
	if len(f) < off+header {
		return v.short(off)
	}
	t := binary.BigEndian.Uint16(f[off+6:])
	if t <= etherMaxLen {
		return stop(NonIP)
	}
	return end(walkTags(f, off+header, t, v))
}
