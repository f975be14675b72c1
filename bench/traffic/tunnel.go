package traffic

import (
	"fmt"
	"net/netip"

	"pcapmill/ingest/packet"
)

// Tunnel writes what carries a frame or packet: a header of its own, and UDP and IP
// as the tunnel needs them. Fields that a kind has no place for are ignored.
type Tunnel struct {
	Kind     packet.TunnelType
	Src, Dst netip.Addr
	ID       uint32 // VNI, TEID, GRE key, call, session or label
	Sequence bool   // GRE, PPTP, GTP-U, L2TP: with a sequence number
	Checksum bool   // GRE: with a checksum (left zero)
	Bare     bool   // GRE without a key, L2TP without a length, PPP without address and control, ERSPAN type I, a pseudowire without control word
	Ethernet bool   // GRE, Geneve, VXLAN-GPE, MPLS: the frame with its Ethernet header, not its IP packet alone
	Options  []byte // Geneve options, GTP-U extension headers (the first one's type in front), Teredo indications
	Outer    []Option
}

// Ports that tunnels end at.
const (
	portL2TP     = 1701
	portGTPU     = 2152
	portTeredo   = 3544
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portGeneve   = 6081
	portMPLS     = 6635
)

// Wrap returns the Ethernet frame that carries the given one. Kinds that carry IP
// take what is behind the frame's Ethernet header and VLAN tags.
func (t *Tunnel) Wrap(frame []byte) []byte {
	ip, etherType := network(frame)
	switch t.Kind {
	case packet.TunnelIPIP:
		return IP(t.Src, t.Dst, ipProtocol(etherType), ip, t.Outer...)
	case packet.TunnelGRE, packet.TunnelERSPAN, packet.TunnelEoIP, packet.TunnelPPTP:
		return IP(t.Src, t.Dst, 47, t.gre(frame, ip, etherType), t.Outer...)
	case packet.TunnelEtherIP:
		return IP(t.Src, t.Dst, 97, append([]byte{0x30, 0}, frame...), t.Outer...)
	}
	port, body := t.datagram(frame, ip, etherType)
	from := sourcePort(ip)
	if t.Kind == packet.TunnelGTPU || t.Kind == packet.TunnelL2TP {
		from = port
	}
	return UDP(netip.AddrPortFrom(t.Src, from), netip.AddrPortFrom(t.Dst, port), body, t.Outer...)
}

// sourcePort is drawn from addresses and ports, as real tunnels spread conversations
// over paths.
func sourcePort(ip []byte) uint16 {
	at, end := 12, 24
	if ip[0]>>4 == 6 {
		at, end = 8, 44
	}
	port := uint16(0)
	for _, b := range ip[min(at, len(ip)):min(end, len(ip))] {
		port = port*31 + uint16(b)
	}
	return 49152 | port&0x3fff
}

// ipProtocol is the IP protocol that carries packets of an EtherType.
func ipProtocol(etherType uint16) uint8 {
	if etherType == etherIPv6 {
		return 41
	}
	return 4
}

// network returns the packet behind an Ethernet frame's tags and its type.
func network(frame []byte) ([]byte, uint16) {
	at := 12
	for {
		switch t := uint16(frame[at])<<8 | uint16(frame[at+1]); t {
		case etherVLAN, etherQinQ, 0x9100:
			at += 4
		default:
			return frame[at+2:], t
		}
	}
}

// gre returns a GRE header and what it carries.
func (t *Tunnel) gre(frame, ip []byte, etherType uint16) []byte {
	switch t.Kind {
	case packet.TunnelEoIP:
		b := be16([]byte{0x20, 1, 0x64, 0}, uint16(len(frame)))
		return append(append(b, byte(t.ID), byte(t.ID>>8)), frame...)
	case packet.TunnelPPTP:
		ppp := t.ppp(ip, etherType)
		b := be16(be16([]byte{0x30, 1, 0x88, 0x0b}, uint16(len(ppp))), uint16(t.ID))
		return append(be32(b, 7), ppp...)
	case packet.TunnelERSPAN:
		if t.Bare {
			return append([]byte{0, 0, 0x88, 0xbe}, frame...)
		}
		b := be32([]byte{0x10, 0, 0x88, 0xbe}, 9)
		b = be16(append(b, 0x10, 5), uint16(t.ID&0x3ff))
		return append(be32(b, 0x0000_0001), frame...)
	}
	flags, body := byte(0), ip
	if t.Ethernet {
		etherType, body = 0x6558, frame
	}
	var fields []byte
	if t.Checksum {
		flags, fields = flags|0x80, be32(fields, 0)
	}
	if !t.Bare {
		flags, fields = flags|0x20, be32(fields, t.ID)
	}
	if t.Sequence {
		flags, fields = flags|0x10, be32(fields, 11)
	}
	return append(append(be16([]byte{flags, 0}, etherType), fields...), body...)
}

// ppp returns a PPP frame.
func (t *Tunnel) ppp(ip []byte, etherType uint16) []byte {
	proto := uint16(pppIPv4)
	if etherType == etherIPv6 {
		proto = pppIPv6
	}
	if t.Bare { // and the protocol's first byte left out
		return append([]byte{byte(proto)}, ip...)
	}
	return append(be16([]byte{0xff, 3}, proto), ip...)
}

// datagram returns the port and the content of a UDP datagram.
func (t *Tunnel) datagram(frame, ip []byte, etherType uint16) (port uint16, body []byte) {
	switch t.Kind {
	case packet.TunnelVXLAN:
		return portVXLAN, append(be32([]byte{8, 0, 0, 0}, t.ID<<8), frame...)
	case packet.TunnelVXLANGPE:
		next := byte(1)
		switch {
		case t.Ethernet:
			next, ip = 3, frame
		case etherType == etherIPv6:
			next = 2
		}
		return portVXLANGPE, append(be32([]byte{0x0c, 0, 0, next}, t.ID<<8), ip...)
	case packet.TunnelGeneve:
		if t.Ethernet {
			etherType, ip = 0x6558, frame
		}
		b := be32(be16([]byte{byte(len(t.Options) / 4), 0}, etherType), t.ID<<8)
		return portGeneve, append(append(b, t.Options...), ip...)
	case packet.TunnelGTPU:
		return portGTPU, t.gtp(ip)
	case packet.TunnelL2TP:
		return portL2TP, t.l2tp(t.ppp(ip, etherType))
	case packet.TunnelTeredo:
		return portTeredo, append(append([]byte{}, t.Options...), ip...)
	case packet.TunnelMPLS:
		b := be32(nil, t.ID<<12|1<<8|64)
		switch {
		case t.Ethernet && !t.Bare:
			return portMPLS, append(be32(b, 0), frame...)
		case t.Ethernet:
			return portMPLS, append(b, frame...)
		}
		return portMPLS, append(b, ip...)
	}
	panic(fmt.Sprintf("traffic: cannot write a tunnel of kind %v", t.Kind))
}

func (t *Tunnel) gtp(ip []byte) []byte {
	flags, fields := byte(0x30), []byte(nil)
	if t.Sequence || len(t.Options) > 0 {
		flags, fields = flags|2, []byte{0, 1, 0, 0}
	}
	if len(t.Options) > 0 {
		flags |= 4
		fields = append(fields[:3], t.Options...)
	}
	b := be32(be16([]byte{flags, 255}, uint16(len(fields)+len(ip))), t.ID)
	return append(append(b, fields...), ip...)
}

func (t *Tunnel) l2tp(ppp []byte) []byte {
	var fields []byte
	flags := uint16(2)
	if t.Sequence {
		flags, fields = flags|0x0800, be32(fields, 3<<16)
	}
	if len(t.Options) > 0 { // offset padding
		flags, fields = flags|0x0200, append(be16(fields, uint16(len(t.Options))), t.Options...)
	}
	if t.Bare {
		return append(append(be32(be16(nil, flags), t.ID), fields...), ppp...)
	}
	b := be16(be16(nil, flags|0x4000), uint16(8+len(fields)+len(ppp)))
	return append(append(be32(b, t.ID), fields...), ppp...)
}

// Over returns a writer that passes packets on through the tunnel. Its packets are
// longer than those it is given; truth that counts the latter is that of the
// flows inside.
func (t *Tunnel) Over(w PacketWriter) PacketWriter { return tunnelled{t, w} }

type tunnelled struct {
	tunnel *Tunnel
	w      PacketWriter
}

// WritePacket implements PacketWriter.
func (t tunnelled) WritePacket(ts packet.Nanos, wire uint32, data []byte) error {
	frame := t.tunnel.Wrap(data)
	return t.w.WritePacket(ts, wire+uint32(len(frame)-len(data)), frame)
}
