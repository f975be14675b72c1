package packet

import "encoding/binary"

// The link types of this file begin with a header that the capturing system made
// up, not one of a network.

// linkNFLOG decodes Linux's netfilter log: address family, version, resource and
// attributes in the capturing host's byte order, one of them the packet.
func linkNFLOG(f []byte, off int, v *View) hop {
	if len(f) < off+4 {
		return v.short(off)
	}
	if f[off+1] != 0 {
		return v.wrong(off)
	}
	first, other := binary.ByteOrder(binary.LittleEndian), binary.ByteOrder(binary.BigEndian)
	if len(f) >= off+8 && f[off+6] == 0 { // kinds of attributes are numbers from 1 to 255
		first, other = other, first
	}
	at, ok := nflogPayload(f, off+4, v.WireLen, first)
	if !ok {
		at, ok = nflogPayload(f, off+4, v.WireLen, other)
	}
	switch {
	case !ok:
		return v.wrong(off)
	case at > len(f): // the capture ends before the packet
		return v.short(off)
	case at == 0: // a log entry without the packet
		return stop(NonIP)
	}
	if version := familyVersion(uint32(f[off])); version != 0 {
		return end(at, version, InFlow)
	}
	return guessIP(f, at, v)
}

// nflogPayload returns where the packet is, an offset beyond f where the capture has
// not so much of a frame of wire bytes, 0 where there is none; false where
// the attributes contradict themselves in this byte order.
func nflogPayload(f []byte, off int, wire uint32, order binary.ByteOrder) (int, bool) {
	const payload, header = 9, 4
	for len(f) >= off+header {
		size, kind := int(order.Uint16(f[off:])), order.Uint16(f[off+2:])
		switch {
		case kind == payload && size >= header: // may be cut short by the snaplen
			return off + header, true
		case size < header || len(f) < off+size && uint64(wire) < uint64(off+size):
			return 0, false
		}
		off += (size + 3) &^ 3
	}
	if uint64(len(f)) < uint64(wire) {
		return len(f) + 1, true
	}
	return 0, true
}

// guessIP takes what is at off for an IP packet if its first four bits say so.
func guessIP(f []byte, off int, v *View) hop {
	h := end(rawVersion(f, off, v))
	if h.out != InFlow {
		return stop(NonIP)
	}
	return h
}

// linkPFLOG decodes the packet filter log of OpenBSD and its relatives: its
// length without padding, the address family, and fields that differ by system.
func linkPFLOG(f []byte, off int, v *View) hop {
	const least = 45
	if len(f) < off+4 {
		return v.short(off)
	}
	size := int(f[off])
	if size < least {
		return v.wrong(off)
	}
	if end := off + (size+3)&^3; len(f) < end {
		return v.beyond(off, uint64(end))
	}
	if version := familyVersion(uint32(f[off+1])); version != 0 {
		return end(off+(size+3)&^3, version, InFlow)
	}
	return stop(NonIP)
}

// pktapSize is the least length of an Apple packet tap header.
const pktapSize = 108

// linkPKTAP decodes Apple's packet tap: length, record type, and the link type of
// the frame behind it.
func linkPKTAP(f []byte, off int, v *View) hop {
	if len(f) < off+pktapSize {
		return v.short(off)
	}
	size := binary.LittleEndian.Uint32(f[off:])
	if size < pktapSize {
		return v.wrong(off)
	}
	if uint64(size) > uint64(len(f)-off) {
		return v.beyond(off, uint64(off)+uint64(size))
	}
	if binary.LittleEndian.Uint32(f[off+4:]) != 1 { // no packet
		return stop(NonIP)
	}
	return into(LinkType(binary.LittleEndian.Uint32(f[off+8:])), off+int(size))
}

// linkUser2 decodes a packet tap under the number that Apple used at first. The
// number is for private use: what does not look like a packet tap is NonIP.
func linkUser2(f []byte, off int, v *View) hop {
	if len(f) < off+12 {
		return stop(NonIP)
	}
	size, kind, link := binary.LittleEndian.Uint32(f[off:]), binary.LittleEndian.Uint32(f[off+4:]), binary.LittleEndian.Uint32(f[off+8:])
	if size < pktapSize || uint64(off)+uint64(size) > uint64(max(v.WireLen, v.CapLen)) || kind != 1 || link > linkMax {
		return stop(NonIP)
	}
	return linkPKTAP(f, off, v)
}

// linkIPNet decodes Solaris' header of the IP layer: version, address family,
// addresses of zones.
func linkIPNet(f []byte, off int, v *View) hop {
	const header = 24
	if len(f) < off+header {
		return v.short(off)
	}
	switch f[off+1] {
	case 2:
		return end(off+header, 4, InFlow)
	case 26: // Solaris' AF_INET6
		return end(off+header, 6, InFlow)
	}
	return stop(NonIP)
}

// linkENC decodes OpenBSD's header of decrypted IPsec: address family, security
// parameter index, flags.
func linkENC(f []byte, off int, v *View) hop {
	const header = 12
	if len(f) < off+header {
		return v.short(off)
	}
	if version := familyAt(f, off); version != 0 {
		return end(off+header, version, InFlow)
	}
	return stop(NonIP)
}

// linkNetAnalyzer decodes the header of Hilscher's analyser before an Ethernet
// frame with its check sequence, and the preamble where it is there too.
func linkNetAnalyzer(preamble int) linkDecoder {
	return func(f []byte, off int, v *View) hop {
		if len(f) < off+4+preamble {
			return v.short(off)
		}
		h := into(LinkEthernet, off+4+preamble)
		return h.without(min(v.trailer(fcsSize), len(f)-h.off))
	}
}

// linkERF decodes the extensible record format of Endace: time stamp, type,
// flags, lengths, and extension headers as long as bit 7 of each says so.
func linkERF(f []byte, off int, v *View) hop {
	const header, extended = 16, 0x80
	if len(f) < off+header {
		return v.short(off)
	}
	kind := f[off+8]
	next := off + header
	for more := kind&extended != 0; more; next += 8 {
		if len(f) < next+8 {
			return v.short(off)
		}
		more = f[next]&extended != 0
	}
	switch kind &^ extended {
	case 1, 10, 15, 19: // HDLC
		return linkPPP(f, next, v)
	case 5, 17: // HDLC of one of a line's channels, behind four bytes that say which
		return linkPPP(f, min(next+4, len(f)), v)
	case 2, 11, 16, 20: // Ethernet, behind two bytes
		if len(f) < next+2 {
			return v.short(off)
		}
		return into(LinkEthernet, next+2)
	case 21:
		return into(LinkInfiniBand, next)
	case 22:
		return end(next, 4, InFlow)
	case 23:
		return end(next, 6, InFlow)
	}
	return stop(NonIP)
}
