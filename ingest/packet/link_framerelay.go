package packet

import "encoding/binary"

// linkFrameRelay decodes a Q.922 address of two to four bytes and what follows:
// RFC 2427, or Cisco's encapsulation with an EtherType.
func linkFrameRelay(f []byte, off int, v *View) hop {
	size := 0
	for size = 1; ; size++ {
		if size > 4 {
			return v.wrong(off)
		}
		if len(f) < off+size {
			return v.short(off)
		}
		if f[off+size-1]&1 != 0 {
			break
		}
	}
	if size < 2 {
		return v.wrong(off)
	}
	if off += size; len(f) < off+2 {
		return v.short(off)
	}
	if f[off] != 0x03 {
		if t := binary.BigEndian.Uint16(f[off:]); t > etherMaxLen {
			return end(walkTags(f, off+2, t, v))
		}
		return stop(NonIP)
	}
	return walkRFC2427(f, off+1, v)
}

// linkFrameRelayDirection decodes frame relay behind a byte with the direction.
func linkFrameRelayDirection(f []byte, off int, v *View) hop {
	return linkFrameRelay(f, min(off+1, len(f)), v)
}

// walkRFC2427 decodes the protocol identifier behind the control field.
func walkRFC2427(f []byte, off int, v *View) hop {
	const snap, ppp, fragment = 0x80, 0xcf, 0xb1
	if len(f) > off && f[off] == 0 { // padding
		off++
	}
	if len(f) <= off {
		return v.short(off)
	}
	id := f[off]
	off++
	switch id {
	case snap:
		return walkSNAP(f, off, 0, v)
	case ppp: // RFC 1973
		return end(walkPPP(f, off, v))
	case fragment:
		if len(f) < off+2 {
			return v.short(off)
		}
		if f[off]&fragmentBegin == 0 {
			return stop(v.fail(FragmentUnresolved, FaultLinkPiece, off))
		}
		return stop(NonIP)
	}
	if t := nlpidType(id); t != 0 {
		return end(walkTags(f, off, t, v))
	}
	return stop(NonIP)
}

// walkSNAP decodes organisation and protocol of a SNAP header at off that has no
// EtherType by itself: RFC 2427 and RFC 2684 also bridge Ethernet frames there,
// behind a padding of the given length.
func walkSNAP(f []byte, off, padding int, v *View) hop {
	if len(f) < off+5 {
		return v.short(off)
	}
	protocol := binary.BigEndian.Uint16(f[off+3:])
	switch uint32(f[off])<<16 | uint32(f[off+1])<<8 | uint32(f[off+2]) {
	case 0:
		if protocol <= etherMaxLen {
			return stop(NonIP)
		}
		return end(walkTags(f, off+5, protocol, v))
	case 0x0080c2:
		if len(f) < off+5+padding {
			return v.short(off)
		}
		h := into(LinkEthernet, off+5+padding)
		switch protocol {
		case 1: // with the frame check sequence
			return h.without(v.trailer(fcsSize))
		case 7:
			return h
		}
	}
	return stop(NonIP)
}

// Bits of the fragmentation header of FRF.12 and FRF.16.
const (
	fragmentBegin   = 0x80
	fragmentControl = 0x20
)

// linkMultilinkFrameRelay decodes the header of FRF.16. Only a fragment that
// begins a frame can be decoded.
func linkMultilinkFrameRelay(f []byte, off int, v *View) hop {
	switch {
	case len(f) < off+2:
		return v.short(off)
	case f[off]&fragmentControl != 0:
		return stop(NonIP)
	case f[off]&fragmentBegin == 0:
		return stop(v.fail(FragmentUnresolved, FaultLinkPiece, off))
	}
	return linkFrameRelay(f, off+2, v)
}

// trailer returns how many of the last n bytes on the wire are in the capture.
func (v *View) trailer(n uint32) int {
	cut := max(v.WireLen, v.CapLen) - v.CapLen
	return int(min(n-min(n, cut), v.CapLen))
}
