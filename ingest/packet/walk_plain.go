package packet

import (
	"encoding/binary"
	"math/bits"
)

// Nearly all packets are whole TCP or UDP segments behind an IPv4 header without
// options or an IPv6 header without extensions, and all their lengths agree. The
// functions here do for them at once what the walk does step by step, and leave
// all others to it, whatever they have set of the View by then. For what they
// accept both agree to the bit, which a test and a fuzz target hold them to.

// plainIPv4 decodes the packet that h begins with, false where it is not plain.
func (w *Walker) plainIPv4(h []byte, v *View) bool {
	if len(h) < 28 || h[0] != 0x45 || binary.BigEndian.Uint16(h[6:])&0x3fff != 0 {
		return false
	}
	total := uint32(binary.BigEndian.Uint16(h[2:]))
	if total < 28 || uint32(len(h)) < total {
		return false
	}
	src, dst := binary.LittleEndian.Uint32(h[12:]), binary.LittleEndian.Uint32(h[16:])
	v.setAddrs(0, 0xffff<<16|uint64(src)<<32, 0, 0xffff<<16|uint64(dst)<<32)
	v.Version, v.TOS, v.TTL, v.Protocol = 4, h[1], h[8], h[9]
	v.IPLen, v.L4 = total, v.L3+20
	pseudo := uint64(h[9])<<8 + uint64(bits.ReverseBytes32(total-20)) + uint64(src) + uint64(dst)
	if !w.plainTransport(h[20:total], pseudo, v) {
		return false
	}
	if !w.SkipChecksums && sumHeader((*[20]byte)(h)) != 0xffff {
		v.Quality |= BadIPChecksum
	}
	return true
}

// plainIPv6 decodes the packet that h begins with, false where it is not plain.
func (w *Walker) plainIPv6(h []byte, v *View) bool {
	if len(h) < 48 || h[0]>>4 != 6 {
		return false
	}
	total := uint32(binary.BigEndian.Uint16(h[4:])) + 40
	if total < 48 || uint32(len(h)) < total {
		return false
	}
	s0, s1 := binary.LittleEndian.Uint64(h[8:]), binary.LittleEndian.Uint64(h[16:])
	d0, d1 := binary.LittleEndian.Uint64(h[24:]), binary.LittleEndian.Uint64(h[32:])
	v.setAddrs(s0, s1, d0, d1)
	v.Version, v.TOS, v.TTL, v.Protocol = 6, h[0]<<4|h[1]>>4, h[7], h[6]
	v.IPLen, v.L4 = total, v.L3+40
	return w.plainTransport(h[40:total], v.pseudoSum(total-40), v)
}

// plainTransport decodes a whole segment of TCP or UDP, false for anything else.
func (w *Walker) plainTransport(b []byte, pseudo uint64, v *View) bool {
	at := 16
	switch {
	case v.Protocol == ProtoTCP && len(b) >= 20:
		hlen := uint32(b[12]>>4) * 4
		if hlen < 20 || uint32(len(b)) < hlen {
			return false
		}
		v.tcpFields(b)
		v.Window, v.L4Len = binary.BigEndian.Uint16(b[14:]), uint8(hlen)
	case v.Protocol == ProtoUDP && int(binary.BigEndian.Uint16(b[4:])) == len(b):
		v.Seq, v.Ack, v.TCPFlags, v.Window, v.L4Len = 0, 0, 0, 0, 8
		at = 6
	default:
		return false
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	v.ICMPType, v.ICMPCode, v.Quality = 0, 0, 0
	v.PayloadLen = uint32(len(b)) - uint32(v.L4Len)
	v.PayloadCap = v.PayloadLen
	if w.SkipChecksums || at == 6 && v.Version == 4 && b[6] == 0 && b[7] == 0 {
		return true // or the sender computed none
	}
	v.Quality = verify(b, at, pseudo)
	return true
}

// setAddrs sets the addresses, given as little-endian words, and their hash.
// They are written as whole words: the hashes and comparisons to come read them
// so, and a load that spans two stores stalls.
func (v *View) setAddrs(s0, s1, d0, d1 uint64) {
	binary.LittleEndian.PutUint64(v.Src[:], s0)
	binary.LittleEndian.PutUint64(v.Src[8:], s1)
	binary.LittleEndian.PutUint64(v.Dst[:], d0)
	binary.LittleEndian.PutUint64(v.Dst[8:], d1)
	v.Hash = uint16(pairHash(s0, s1, d0, d1) >> 16)
}

// sumHeader is sumWords for an IPv4 header without options.
func sumHeader(h *[20]byte) uint16 {
	sum, c := bits.Add64(binary.LittleEndian.Uint64(h[0:]), binary.LittleEndian.Uint64(h[8:]), 0)
	sum, c = bits.Add64(sum, uint64(binary.LittleEndian.Uint32(h[16:])), c)
	return foldSum(sum>>32 + sum&0xffffffff + c)
}
