package traffic

import (
	"net/netip"

	"pcapmill/ingest/packet"
)

// Option changes a field of the Packet that a short form builds.
type Option func(*Packet)

// TCP returns an Ethernet frame with a TCP segment. flags are packet.SYN and its
// like.
func TCP(src, dst netip.AddrPort, flags uint16, seq, ack uint32, window uint16, payload []byte, opts ...Option) []byte {
	p := NewTCP(src, dst, flags, seq, ack, window, payload, opts...)
	return p.Append(nil)
}

// NewTCP returns the Packet that TCP encodes.
func NewTCP(src, dst netip.AddrPort, flags uint16, seq, ack uint32, window uint16, payload []byte, opts ...Option) Packet {
	p := between(packet.ProtoTCP, src, dst, payload)
	p.Flags, p.Seq, p.Ack, p.Window = flags, seq, ack, window
	return p.with(opts)
}

// UDP returns an Ethernet frame with a UDP datagram.
func UDP(src, dst netip.AddrPort, payload []byte, opts ...Option) []byte {
	p := NewUDP(src, dst, payload, opts...)
	return p.Append(nil)
}

// NewUDP returns the Packet that UDP encodes.
func NewUDP(src, dst netip.AddrPort, payload []byte, opts ...Option) Packet {
	p := between(packet.ProtoUDP, src, dst, payload)
	return p.with(opts)
}

// SCTP returns an Ethernet frame with an SCTP packet; chunks are its encoded
// chunks.
func SCTP(src, dst netip.AddrPort, tag uint32, chunks []byte, opts ...Option) []byte {
	p := between(packet.ProtoSCTP, src, dst, chunks)
	p.VerificationTag = tag
	p = p.with(opts)
	return p.Append(nil)
}

// ICMP returns an Ethernet frame with an ICMP message, ICMPv6 where the
// addresses are IPv6. rest is bytes 4 to 7 of the header.
func ICMP(src, dst netip.Addr, typ, code uint8, rest uint32, body []byte, opts ...Option) []byte {
	p := NewICMP(src, dst, typ, code, rest, body, opts...)
	return p.Append(nil)
}

// NewICMP returns the Packet that ICMP encodes.
func NewICMP(src, dst netip.Addr, typ, code uint8, rest uint32, body []byte, opts ...Option) Packet {
	p := defaults()
	p.Protocol = packet.ProtoICMP
	if !src.Is4() {
		p.Protocol = packet.ProtoICMPv6
	}
	p.Src, p.Dst, p.Payload = src, dst, body
	p.ICMPType, p.ICMPCode, p.ICMPRest = typ, code, rest
	return p.with(opts)
}

// IP returns an Ethernet frame with any body after the IP headers: another
// protocol, a tunnel, or a damaged transport header.
func IP(src, dst netip.Addr, protocol uint8, body []byte, opts ...Option) []byte {
	p := defaults()
	p.Src, p.Dst, p.Protocol, p.Opaque, p.Payload = src, dst, protocol, true, body
	p = p.with(opts)
	return p.Append(nil)
}

// Ethernet returns a frame with any EtherType and body.
func Ethernet(etherType uint16, body []byte, opts ...Option) []byte {
	p := defaults()
	p.EtherType, p.Payload = etherType, body
	p = p.with(opts)
	return p.Append(nil)
}

// ARP returns a request (op 1) or reply (op 2) frame for IPv4.
func ARP(op uint16, srcMAC MAC, src netip.Addr, dstMAC MAC, dst netip.Addr, opts ...Option) []byte {
	body := []byte{0, 1, 8, 0, 6, 4, byte(op >> 8), byte(op)}
	body = append(append(body, srcMAC[:]...), src.AsSlice()...)
	body = append(append(body, dstMAC[:]...), dst.AsSlice()...)
	link := MACs(srcMAC, dstMAC)
	if op == 1 {
		link = MACs(srcMAC, MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	return Ethernet(etherARP, body, append([]Option{link}, opts...)...)
}

func between(protocol uint8, src, dst netip.AddrPort, payload []byte) Packet {
	p := defaults()
	p.Protocol, p.Payload = protocol, payload
	p.Src, p.SrcPort = src.Addr(), src.Port()
	p.Dst, p.DstPort = dst.Addr(), dst.Port()
	return p
}

func (p Packet) with(opts []Option) Packet {
	for _, o := range opts {
		o(&p)
	}
	return p
}
