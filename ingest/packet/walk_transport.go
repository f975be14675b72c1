package packet

import "encoding/binary"

// walkTransport decodes the transport header at off from the IP header.
func (w *Walker) walkTransport(f []byte, v *View, off int) Outcome {
	if uint32(off) > v.IPLen || int(v.L3)+off > 0xffff {
		return MalformedL3
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
		v.setHeader(min(8, len(b)), segment, len(b))
	}
	return InFlow
}

// setHeader splits a segment into transport header and payload.
func (v *View) setHeader(header int, segment uint32, captured int) {
	v.L4Len = uint8(header)
	v.PayloadLen = segment - uint32(header)
	v.PayloadCap = uint32(captured - header)
}

// cutHeader accepts a transport header that the capture's snaplen cut short, as
// long as the ports are there. A header too short on the wire is malformed.
func (v *View) cutHeader(b []byte, segment, need uint32) Outcome {
	if segment < need || len(b) < 4 {
		return MalformedL4
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	v.Quality |= TruncatedL4 | UncheckedL4
	v.L4Len = uint8(len(b))
	v.PayloadLen = segment - need
	v.PayloadCap = 0
	return InFlow
}

// walkTCP decodes a TCP header (RFC 9293).
func (w *Walker) walkTCP(b []byte, segment uint32, v *View) Outcome {
	if len(b) < 20 {
		if len(b) >= 14 {
			v.tcpFields(b)
		}
		return v.cutHeader(b, segment, 20)
	}
	hlen := int(b[12]>>4) * 4
	if hlen < 20 || uint32(hlen) > segment {
		return MalformedL4
	}
	v.SrcPort, v.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	v.tcpFields(b)
	v.Window = binary.BigEndian.Uint16(b[14:])
	if hlen > len(b) { // options cut by the snaplen
		v.Quality |= TruncatedL4
		v.L4Len, v.PayloadLen, v.PayloadCap = uint8(len(b)), segment-uint32(hlen), 0
		return InFlow
	}
	v.setHeader(hlen, segment, len(b))
	w.checksum(b, segment, v)
	return InFlow
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
		return MalformedL4
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
	w.checksum(b, length, v)
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
		return MalformedL4
	}
	v.ICMPType, v.ICMPCode = b[0], b[1]
	v.SrcPort, v.DstPort, _ = ICMPPorts(v.Protocol, v.ICMPType, v.ICMPCode)
	v.setHeader(min(8, len(b)), segment, len(b))
	w.checksum(b, segment, v)
	return InFlow
}

// checksum verifies the Internet checksum of a transport segment and marks the
// packet. Cut and fragmented segments cannot be verified. A field that holds
// just the pseudo-header's sum is how Linux captures show checksum offload; it
// is wrong on paper but was never on the wire.
func (w *Walker) checksum(b []byte, segment uint32, v *View) {
	if w.SkipChecksums {
		return
	}
	if uint32(len(b)) < segment || v.Quality&(FirstFragment|UncheckedL4) != 0 {
		v.Quality |= UncheckedL4
		return
	}
	var pseudo uint64
	if v.Protocol != ProtoICMP {
		pseudo = v.pseudoSum(segment)
	}
	if sumBytes(b, pseudo) == 0xffff {
		return
	}
	v.Quality |= BadL4Checksum
}
