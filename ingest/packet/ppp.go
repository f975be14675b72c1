package packet

import "encoding/binary"

// PPP protocol numbers (RFC 1661) that lead on to IP.
const (
	pppIPv4    = 0x0021
	pppIPv6    = 0x0057
	pppMPLS    = 0x0281
	pppMPLSMul = 0x0283
)

// walkPPP decodes a PPP frame at off: the address and control fields of HDLC-like
// framing (RFC 1662) where they are there, the protocol field, and MPLS labels.
// It returns the offset of the IP header and its version. Link control, compressed
// and encrypted packets and those of multilink bundles are NonIP.
func walkPPP(f []byte, off int, v *View) (int, uint8, Outcome) {
	proto, off, ok := pppProtocol(f, off)
	if !ok {
		return 0, 0, v.fail(MalformedL2, FaultShort, off)
	}
	switch proto {
	case pppIPv4:
		return off, 4, InFlow
	case pppIPv6:
		return off, 6, InFlow
	case pppMPLS, pppMPLSMul:
		if v.TagOffset == 0 { // else the labels are found from the tags before them
			v.TagOffset, v.TagType = uint16(off), etherMPLS
		}
		return walkMPLS(f, off, v)
	}
	return 0, 0, NonIP
}

// pppProtocol reads the protocol field of the PPP frame at off, which may be
// compressed to one byte (RFC 1661, 6.5), and returns the offset behind it; false
// where it is cut. An address field alone is no protocol.
func pppProtocol(f []byte, off int) (uint16, int, bool) {
	if len(f) >= off+2 && f[off] == 0xff && f[off+1] == 0x03 {
		off += 2
	}
	switch {
	case len(f) <= off, len(f) == off+1 && f[off] == 0xff:
		return 0, 0, false
	case f[off]&1 != 0:
		return uint16(f[off]), off + 1, true
	case len(f) < off+2:
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(f[off:]), off + 2, true
}

// pppoeSize is the length of a PPPoE session header (RFC 2516).
const pppoeSize = 6

// walkPPPoE skips a PPPoE session header and decodes the PPP packet behind it.
func walkPPPoE(f []byte, off int, v *View) (int, uint8, Outcome) {
	if len(f) < off+pppoeSize+1 {
		return 0, 0, v.fail(MalformedL2, FaultShort, off)
	}
	v.Link |= LinkHasPPPoE
	return walkPPP(f, off+pppoeSize, v)
}
