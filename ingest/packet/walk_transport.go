package packet

import "encoding/binary"

// walkTransport decodes the transport header at off from the IP header.
func (w *Walker) walkTransport(f []byte, v *View, off int) Outcome {
	if uint32(off) > v.IPLen || int(v.L3)+off > 0xffff {
		return v.fail(MalformedL3, FaultTotal, int(v.L3))
	}
	v.L4 = v.L3 + uint16(off)
	segment := v.IPLen - uint32(off) // bytes of the transport segment on the wire
	if wire := wireFrom(v); v.IPLen > wire {
		segment = 0
		if wire > uint32(off) {
			segment = wire - uint32(off)
		}
	}
	b := f[min(int(v.L4), len(f)):]
	if uint32(len(b)) > segment {
		b = b[:segment]
	}
	if uint32(len(b)) < segment {
		v.Quality |= TruncatedPayload
	}
	v.PayloadLen, v.PayloadCap = segment, uint32(len(b))
	if v.Quality&LaterFragment != 0 {
		return InFlow
	}
	switch v.Protocol {
	case ProtoTCP:
		return w.walkTCP(b, segment, v)
	case ProtoUDP:
		return w.walkUDP(b, segment, v)
	case ProtoSCTP:
		return walkSCTP(b, segment, v)
	case ProtoICMP, ProtoICMPv6:
		return w.walkICMP(b, segment, v)
	case ProtoIGMP:
		v.setShortHeader(segment, len(b))
	}
	return InFlow
}

// setHeader splits a segment into transport header and payload.
func (v *View) setHeader(header int, segment uint32, captured int) {
	v.L4Len = uint8(header)
	v.PayloadLen = segment - uint32(header)
	v.PayloadCap = uint32(captured - header)
}

// setShortHeader is setHeader for a header of eight bytes that may be shorter,
// in the capture and also on the wire.
func (v *View) setShortHeader(segment uint32, captured int) {
	header := min(8, segment)
	present := min(header, uint32(captured))
	if present < header {
		v.Quality |= TruncatedL4
	}
	v.L4Len, v.PayloadLen, v.PayloadCap = uint8(present), segment-header, uint32(captured)-present
}

// cutHeader accepts a transport header that the capture's snaplen cut short, as
// long as the ports are there. A header too short on the wire is malformed,
// unless its rest is in another fragment.
func (v *View) cutHeader(b []byte, segment, need uint32) Outcome {
	if segment < need && v.Quality&FirstFragment == 0 || len(b) < 4 {
		return v.fail(MalformedL4, FaultShort, int(v.L4))
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	v.Quality |= TruncatedL4 | UncheckedL4
	v.L4Len = uint8(len(b))
	v.PayloadLen = segment - min(need, segment)
	v.PayloadCap = 0
	return InFlow
}

// walkTCP decodes a TCP header (RFC 9293).
func (w *Walker) walkTCP(b []byte, segment uint32, v *View) Outcome {
	if len(b) < 20 {
		return v.cutTCP(b, segment)
	}
	hlen := int(b[12]>>4) * 4
	if hlen < 20 {
		return v.fail(MalformedL4, FaultHeaderSize, int(v.L4))
	}
	v.tcpFields(b)
	v.Window = binary.BigEndian.Uint16(b[14:])
	if hlen > len(b) {
		return v.cutHeader(b, segment, uint32(hlen))
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	v.setHeader(hlen, segment, len(b))
	w.checksum(b, 16, segment, v)
	return InFlow
}

// cutTCP decodes a TCP header of which fewer than 20 bytes are there.
func (v *View) cutTCP(b []byte, segment uint32) Outcome {
	hlen := uint32(20)
	if len(b) > 12 {
		if hlen = uint32(b[12]>>4) * 4; hlen < 20 {
			return v.fail(MalformedL4, FaultHeaderSize, int(v.L4))
		}
	}
	if len(b) >= 14 {
		v.tcpFields(b)
	}
	if len(b) >= 16 {
		v.Window = binary.BigEndian.Uint16(b[14:])
	}
	return v.cutHeader(b, segment, hlen)
}

// tcpFields sets what the first 14 bytes of a TCP header hold.
func (v *View) tcpFields(b []byte) {
	v.Seq, v.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	v.TCPFlags = uint16(b[13]) | uint16(b[12]&1)<<8
}

// walkUDP decodes a UDP header (RFC 768).
func (w *Walker) walkUDP(b []byte, segment uint32, v *View) Outcome {
	if len(b) < 8 {
		return v.cutHeader(b, segment, 8)
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	length := uint32(binary.BigEndian.Uint16(b[4:]))
	sum := binary.BigEndian.Uint16(b[6:])
	switch {
	case length == 0: // jumbogram or offload: the IP length decides
		length = segment
	case length < 8:
		return v.fail(MalformedL4, FaultUDPLength, int(v.L4))
	case length > segment:
		if v.Quality&FirstFragment == 0 {
			v.Quality |= BadL4Length
		}
		length = segment
	}
	b = b[:min(uint32(len(b)), length)]
	v.setHeader(8, length, len(b))
	if sum == 0 && v.Version == 4 {
		return InFlow // sender computed none
	}
	w.checksum(b, 6, length, v)
	return InFlow
}

// walkSCTP decodes the SCTP common header (RFC 9260). Its CRC32c is not checked.
func walkSCTP(b []byte, segment uint32, v *View) Outcome {
	if len(b) < 12 {
		return v.cutHeader(b, segment, 12)
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	v.setHeader(12, segment, len(b))
	return InFlow
}

// walkICMP decodes type and code and maps them to ports as Community ID v1 does,
// so that a request and its reply have mirrored keys.
func (w *Walker) walkICMP(b []byte, segment uint32, v *View) Outcome {
	if len(b) < 4 {
		return v.fail(MalformedL4, FaultShort, int(v.L4))
	}
	v.ICMPType, v.ICMPCode = b[0], b[1]
	v.SrcPort, v.DstPort, _ = ICMPPorts(v.Protocol, v.ICMPType, v.ICMPCode)
	v.setShortHeader(segment, len(b))
	w.checksum(b, 2, segment, v)
	return InFlow
}

// checksum verifies the Internet checksum of a transport segment, whose checksum
// field is at the given offset, and marks the packet. Cut and fragmented segments
// cannot be verified, nor can those whose lengths contradict each other.
func (w *Walker) checksum(b []byte, at int, segment uint32, v *View) {
	if w.SkipChecksums {
		return
	}
	const unverifiable = FirstFragment | UncheckedL4 | LengthMismatch | BadL4Length
	if uint32(len(b)) < segment || v.Quality&unverifiable != 0 {
		v.Quality |= UncheckedL4
		return
	}
	var pseudo uint64
	if v.Protocol != ProtoICMP {
		pseudo = v.pseudoSum(segment)
	}
	v.Quality |= verify(b, at, pseudo)
}

// verify returns the mark of a segment with the sum of its pseudo-header, whose
// checksum field is at the given offset. A field that holds just the
// pseudo-header's sum is how captures on the sending host show checksum offload;
// it is wrong on paper but was never on the wire.
func verify(b []byte, at int, pseudo uint64) Quality {
	switch {
	case sumBytes(b, pseudo) == 0xffff:
		return 0
	case pseudo != 0 && binary.LittleEndian.Uint16(b[at:]) == sumShort(nil, pseudo):
		return UncheckedL4
	}
	return BadL4Checksum
}
