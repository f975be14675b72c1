package packet

import (
	"encoding/binary"
	"math/bits"
)

// mapped returns the second half of an IPv4 address in IPv4-mapped form,
// ::ffff:0:0/96, as a little-endian word.
func mapped(a []byte) uint64 {
	return 0xffff<<16 | uint64(binary.LittleEndian.Uint32(a))<<32
}

// walkIPv4 decodes an IPv4 header (RFC 791) and what it carries.
func (w *Walker) walkIPv4(f []byte, v *View) Outcome {
	h := f[v.L3:]
	if len(h) < 20 || h[0]>>4 != 4 {
		return v.badVersion(h, 4, 20)
	}
	hlen := uint32(h[0]&0x0f) * 4
	total := uint32(binary.BigEndian.Uint16(h[2:]))
	wire := wireFrom(v)
	if hlen < 20 || uint32(len(h)) < hlen {
		return v.fail(MalformedL3, shortOr(hlen >= 20, FaultHeaderSize), int(v.L3))
	}
	if total == 0 { // segmentation offload: the capture saw more than 16 bits can say
		total = wire
	}
	if total < hlen {
		return v.fail(MalformedL3, FaultTotal, int(v.L3))
	}
	if total > wire {
		v.Quality |= LengthMismatch
	}
	v.Version = 4
	v.TOS, v.TTL, v.Protocol, v.IPLen = h[1], h[8], h[9], total
	v.setAddrs(0, mapped(h[12:16]), 0, mapped(h[16:20]))
	if !w.SkipChecksums && sumShort(h[:hlen], 0) != 0xffff {
		v.Quality |= BadIPChecksum
	}
	frag := binary.BigEndian.Uint16(h[6:])
	v.markFragment(uint32(frag&0x1fff), frag&0x2000 != 0)
	off, proto := int(hlen), v.Protocol
	if proto == protoAH && v.Quality&LaterFragment == 0 {
		behind, next := skipAH(h, off)
		if v.Quality&FirstFragment == 0 || uint32(behind) < total { // else the transport header is in the next fragment
			off, proto = behind, next
			v.Protocol = proto
		}
	}
	out := w.walkTransport(f, v, off)
	if v.Quality&BadL4Checksum != 0 && v.Protocol != ProtoICMP && isUnderway(h[20:hlen]) {
		v.Quality ^= BadL4Checksum | UncheckedL4
	}
	return out
}

// isUnderway reports whether IPv4 options hold a source route (RFC 791) with an address
// still to come: the last one stands for the destination in checksums.
func isUnderway(options []byte) bool {
	const end, nop, loose, strict = 0, 1, 131, 137
	for i := 0; i+2 < len(options) && options[i] != end; {
		switch options[i] {
		case nop:
			i++
			continue
		case loose, strict:
			return options[i+2] < options[i+1]
		}
		i += max(2, int(options[i+1]))
	}
	return false
}

// wireFrom returns the wire bytes from the IP header on. A record that claims
// fewer than it holds is contradicted by its own bytes.
func wireFrom(v *View) uint32 {
	if wire := max(v.WireLen, v.CapLen); wire > uint32(v.L3) {
		return wire - uint32(v.L3)
	}
	return 0
}

// markFragment notes where in its datagram the packet lies.
func (v *View) markFragment(offset uint32, more bool) {
	switch {
	case offset > 0:
		v.Quality |= LaterFragment
	case more:
		v.Quality |= FirstFragment
	}
}

// IPv6 extension headers (RFC 8200, 4302, 6275, 7401, 5533).
const (
	protoHopByHop = 0
	protoRouting  = 43
	protoFragment = 44
	protoAH       = 51
	protoNoNext   = 59
	protoDestOpts = 60
	protoMobility = 135
	protoHIP      = 139
	protoShim6    = 140
)

// walkIPv6 decodes an IPv6 header (RFC 8200), its extension headers and what
// they carry.
func (w *Walker) walkIPv6(f []byte, v *View) Outcome {
	h := f[v.L3:]
	if len(h) < 40 || h[0]>>4 != 6 {
		return v.badVersion(h, 6, 40)
	}
	v.Version = 6
	v.TOS, v.TTL, v.Protocol = h[0]<<4|h[1]>>4, h[7], h[6]
	v.IPLen = uint32(binary.BigEndian.Uint16(h[4:])) + 40
	s0, s1 := binary.LittleEndian.Uint64(h[8:]), binary.LittleEndian.Uint64(h[16:])
	d0, d1 := binary.LittleEndian.Uint64(h[24:]), binary.LittleEndian.Uint64(h[32:])
	v.setAddrs(s0, s1, d0, d1)
	wire := wireFrom(v)
	if v.IPLen == 40 && v.Protocol != protoNoNext {
		v.IPLen = jumboLength(h, wire)
	}
	if v.IPLen > wire {
		v.Quality |= LengthMismatch
	}
	off := 40
	if isExtension(v.Protocol) {
		var out Outcome
		if off, out = walkExtensions(h, v); out != InFlow {
			return out
		}
	}
	return w.walkTransport(f, v, off)
}

// jumboLength returns the datagram length where the length field is 0: that of
// a jumbo payload option (RFC 2675), else what the wire holds (offload).
func jumboLength(h []byte, wire uint32) uint32 {
	if h[6] == protoHopByHop && len(h) >= 48 && h[42] == 0xc2 && h[43] == 4 {
		if n := binary.BigEndian.Uint32(h[44:]); n <= 1<<24 {
			return n + 40
		}
	}
	return max(wire, 40)
}

func isExtension(p uint8) bool {
	switch p {
	case protoHopByHop, protoRouting, protoFragment, protoAH, protoDestOpts, protoMobility, protoHIP, protoShim6:
		return true
	}
	return false
}

// walkExtensions follows the chain of extension headers and returns the offset
// of the transport header from the IP header.
func walkExtensions(h []byte, v *View) (int, Outcome) {
	off := 40
	for range maxIPv6Headers + 1 {
		if !isExtension(v.Protocol) {
			return off, InFlow
		}
		if len(h) < off+8 {
			return 0, v.fail(MalformedL3, FaultShort, int(v.L3)+off)
		}
		next, size := h[off], (int(h[off+1])+1)*8
		switch v.Protocol {
		case protoFragment:
			field := binary.BigEndian.Uint16(h[off+2:])
			v.markFragment(uint32(field>>3), field&1 != 0)
			size = 8
		case protoAH:
			if size = (int(h[off+1]) + 2) * 4; size < ahSize {
				return 0, v.fail(MalformedL3, FaultHeaderSize, int(v.L3)+off)
			}
		case protoRouting:
			if h[off+3] != 0 { // segments left: the final destination is inside
				v.Quality |= UncheckedL4
			}
		case protoMobility, protoHIP, protoShim6:
			if next == protoNoNext { // the message itself, not a prefix of one
				return off, InFlow
			}
		}
		if len(h) < off+size {
			return 0, v.fail(MalformedL3, FaultShort, int(v.L3)+off)
		}
		if v.Protocol == protoDestOpts && hasHomeAddress(h[off:off+size]) {
			v.Quality |= UncheckedL4
		}
		v.Protocol = next
		off += size
		if v.Quality&LaterFragment != 0 {
			return off, InFlow
		}
	}
	return 0, v.fail(MalformedL3, FaultNesting, int(v.L3)+off)
}

// hasHomeAddress reports whether a destination options header holds a home
// address (RFC 6275), which stands for the source address in checksums.
func hasHomeAddress(options []byte) bool {
	for i := 2; i+1 < len(options); {
		switch options[i] {
		case 0: // one byte of padding
			i++
		case 201:
			return true
		default:
			i += 2 + int(options[i+1])
		}
	}
	return false
}

// ahSize is the length of an authentication header (RFC 4302) without its check value.
const ahSize = 12

// skipAH steps over an authentication header behind an IPv4 header.
func skipAH(h []byte, off int) (int, uint8) {
	if len(h) < off+ahSize {
		return off, protoAH
	}
	size := (int(h[off+1]) + 2) * 4
	if size < ahSize || len(h) < off+size {
		return off, protoAH
	}
	return off + size, h[off]
}

// pairHash hashes an address pair, given as little-endian words, so that both
// directions agree: it sees the smaller and the larger word of each half, not
// sums, which many pairs of one network share. It is fixed: partitions, and with
// them row order under limits, depend on it.
func pairHash(a0, a1, b0, b1 uint64) uint32 {
	h := Fold(min(a1, b1)^0x9e3779b97f4a7c15, max(a1, b1)^0xc2b2ae3d27d4eb4f)
	h = Fold(min(a0, b0)^h, max(a0, b0)^0x165667b19e3779f9)
	return uint32(h >> 32)
}

// Fold multiplies and adds up the halves of the product without carry: a step of a hash.
func Fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
