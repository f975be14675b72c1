package traffic

import (
	"net/netip"

	"pcapmill/ingest/packet"
)

// Fault is a set of deliberate defects in a Packet.
type Fault uint8

// The defects.
const (
	BadIPChecksum   Fault = 1 << iota // IPv4 header checksum off by one
	BadL4Checksum                     // transport checksum off by one
	NoL4Checksum                      // transport checksum zero: "not computed" in UDP over IPv4
	OffloadChecksum                   // only the pseudo-header is summed, as before transmit offload
)

// MAC is an Ethernet address.
type MAC [6]byte

// VLAN is one tag. TPID 0 stands for 0x8100 on the innermost tag and 0x88a8
// (802.1ad) on those outside it. TCI holds priority, drop bit and identifier.
type VLAN struct{ TPID, TCI uint16 }

// Extension is an IPv6 extension header. Data is what follows its next-header
// and length bytes; Append pads it with zeros to a multiple of eight bytes.
type Extension struct {
	Type uint8 // 0 hop-by-hop, 43 routing, 51 authentication, 60 destination, 135 mobility
	Data []byte
}

// Packet holds every field of one frame. Lengths, next-header chains and
// checksums are derived by Append. The zero value of an optional field leaves
// that part out.
type Packet struct {
	Link           packet.LinkType // Ethernet, SLL, SLL2, raw, null or loop
	SrcMAC, DstMAC MAC
	VLANs          []VLAN   // outermost first
	PPPoE          uint16   // session identifier; 0: none
	MPLS           []uint32 // labels (20 bits), outermost first
	EtherType      uint16   // of a frame that is not IP: Payload follows the link header
	PadTo          int      // shortest frame; zero bytes follow the IP packet up to here

	Src, Dst     netip.Addr // both IPv4 or both IPv6
	TTL          uint8      // hop limit in IPv6
	TOS          uint8      // traffic class in IPv6
	ID           uint16     // IPv4 identification
	FlowLabel    uint32     // IPv6, 20 bits
	DontFragment bool       // IPv4
	IPOptions    []byte     // IPv4, padded with zeros to a multiple of four
	Extensions   []Extension
	Fragment     *Fragment // a fragment's place; nil: whole

	Protocol         uint8
	Opaque           bool // Payload is all that follows the IP headers: no transport header is written
	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Flags            uint16 // packet.FIN … packet.NS
	Window, Urgent   uint16
	TCPOptions       []byte // padded with zeros to a multiple of four
	ICMPType         uint8
	ICMPCode         uint8
	ICMPRest         uint32 // bytes 4 to 7 of the ICMP header: identifier and sequence, MTU, …
	VerificationTag  uint32 // SCTP
	Payload          []byte

	Fault Fault

	ipLength int // set by Append: the IP total length
}

// Fragment is the place of an IP fragment in its datagram.
type Fragment struct {
	Offset int    // bytes, a multiple of 8
	More   bool   // more fragments follow
	ID     uint32 // IPv6 identification; IPv4 uses Packet.ID
}

// defaults is a Packet as the short forms start it.
func defaults() Packet {
	return Packet{
		Link:   packet.LinkEthernet,
		SrcMAC: MAC{0x02, 0, 0, 0, 0, 0x01},
		DstMAC: MAC{0x02, 0, 0, 0, 0, 0x02},
		TTL:    64,
	}
}

// Append appends the encoded frame to b and returns the extended slice. It
// allocates only to grow b, and panics on fields that no frame can hold
// (payload above 65,535 bytes, unknown link type): it serves tests.
func (p *Packet) Append(b []byte) []byte {
	start := len(b)
	b, pppoe := p.appendLink(b)
	body := len(b)
	if p.EtherType != 0 {
		b = append(b, p.Payload...)
	} else {
		at := len(b)
		b = p.appendIP(b)
		p.ipLength = len(b) - at
	}
	if pppoe > 0 {
		putLength(b[pppoe:], len(b)-pppoe-2)
	}
	if len(b)-body > 0xffff+40 {
		panic("traffic: packet longer than an IP datagram can be")
	}
	for len(b)-start < p.PadTo {
		b = append(b, 0)
	}
	return b
}

// putLength writes n as a big-endian 16-bit field.
func putLength(b []byte, n int) { b[0], b[1] = byte(n>>8), byte(n) }

// be16 appends a big-endian 16-bit number.
func be16(b []byte, v uint16) []byte { return append(b, byte(v>>8), byte(v)) }

// be32 appends a big-endian 32-bit number.
func be32(b []byte, v uint32) []byte {
	return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}
