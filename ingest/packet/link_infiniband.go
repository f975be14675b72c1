package packet

import "encoding/binary"

// linkIPoIB decodes IP over InfiniBand (RFC 4391) behind a global routing header
// or what stands in its place: EtherType and two bytes of zero.
func linkIPoIB(f []byte, off int, v *View) hop {
	return walkIPoIB(f, off+40, v)
}

// walkIPoIB decodes the encapsulation header at off.
func walkIPoIB(f []byte, off int, v *View) hop {
	if len(f) < off+4 {
		return v.short(off)
	}
	t := binary.BigEndian.Uint16(f[off:])
	if f[off+2] != 0 || f[off+3] != 0 || t <= etherMaxLen {
		return stop(NonIP)
	}
	return end(walkTags(f, off+4, t, v))
}

// linkInfiniBand decodes a local routing header, the global one if there is one,
// and transport headers of unreliable datagrams, which carry IP.
func linkInfiniBand(f []byte, off int, v *View) hop {
	const local, global, transport, datagram = 8, 40, 12, 8
	const rawIPv6, ibaLocal, ibaGlobal = 1, 2, 3
	const sendOnly, sendOnlyImmediate = 0x64, 0x65
	if len(f) < off+local {
		return v.short(off)
	}
	next := f[off+1] & 0x03
	off += local
	switch next {
	case rawIPv6:
		return end(off, 6, InFlow)
	case ibaGlobal:
		off += global
	case ibaLocal:
	default:
		return stop(NonIP)
	}
	if len(f) < off+transport+datagram {
		return v.short(off)
	}
	switch f[off] {
	case sendOnly:
		return walkIPoIB(f, off+transport+datagram, v)
	case sendOnlyImmediate:
		return walkIPoIB(f, off+transport+datagram+4, v)
	}
	return stop(NonIP)
}
