package packet

import "encoding/binary"

// linkEthernet decodes an Ethernet header inside another one.
func linkEthernet(f []byte, off int, v *View) hop {
	if len(f) < off+etherSize {
		return v.short(off)
	}
	return end(walkEtherType(f, off+12, v)).withMACs(off, off+macSize)
}

// linkRaw decodes packets without a link-layer header.
func linkRaw(f []byte, off int, v *View) hop { return end(rawVersion(f, off, v)) }

func linkIPv4(_ []byte, off int, _ *View) hop { return end(off, 4, InFlow) }

func linkIPv6(_ []byte, off int, _ *View) hop { return end(off, 6, InFlow) }

// linkMPLS decodes frames that begin with a label stack.
func linkMPLS(f []byte, off int, v *View) hop {
	v.TagOffset, v.TagType = uint16(off), etherMPLS
	return end(walkMPLS(f, off, v))
}

// linkLoopback decodes the 4-byte address family of BSD loopback captures. NULL
// is in the byte order of the capturing host and LOOP in network order; as all
// families are below 256 both orders can be told apart.
func linkLoopback(f []byte, off int, v *View) hop {
	if len(f) < off+4 {
		return v.short(off)
	}
	if version := familyAt(f, off); version != 0 {
		return end(off+4, version, InFlow)
	}
	switch binary.BigEndian.Uint16(f[off+2:]) { // some writers put an EtherType there
	case etherIPv4:
		return end(off+4, 4, InFlow)
	case etherIPv6:
		return end(off+4, 6, InFlow)
	}
	return stop(NonIP)
}

// familyAt returns the IP version that the 4-byte address family at off stands
// for, in either byte order; 0 for other families.
func familyAt(f []byte, off int) uint8 {
	family := binary.BigEndian.Uint32(f[off:])
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(f[off:])
	}
	return familyVersion(family)
}

// familyVersion returns the IP version of an address family.
func familyVersion(family uint32) uint8 {
	switch family {
	case 2: // AF_INET everywhere
		return 4
	case 10, 24, 28, 30: // AF_INET6 on Linux, NetBSD and OpenBSD, FreeBSD, Darwin
		return 6
	}
	return 0
}

// linkSLIP decodes serial line IP: a header of the capturing system, then the
// packet, decompressed.
func linkSLIP(f []byte, off int, v *View) hop {
	const header = 16
	if len(f) < off+header {
		return v.short(off)
	}
	return end(rawVersion(f, off+header, v))
}
