package packet

// Addr is an IPv4 address in its IPv4-mapped form or an IPv6 address. The
// version is kept beside it, because ::ffff:a.b.c.d on the wire is IPv6.
type Addr [16]byte

// TCP flag bits as in the header's thirteenth and fourteenth byte.
const (
	FIN uint16 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	NS // historic nonce sum, now AE (RFC 9768)
)

// IP protocol numbers with meaning here.
const (
	ProtoICMP   = 1
	ProtoIGMP   = 2
	ProtoTCP    = 6
	ProtoUDP    = 17
	ProtoICMPv6 = 58
	ProtoSCTP   = 132
)

// Quality are marks of what was wrong or special with a packet although it
// could be counted in a flow.
type Quality uint16

// The marks.
const (
	Unresolved       Quality = 1 << iota // fragment of a datagram that never became whole
	TruncatedL4                          // capture ends inside the transport header
	TruncatedPayload                     // capture ends inside the payload
	FirstFragment                        // offset 0, more fragments follow
	LaterFragment                        // offset above 0: no transport header, unless it made its datagram whole
	BadIPChecksum                        // IPv4 header checksum does not verify
	BadL4Checksum                        // transport checksum verifiable and wrong
	UncheckedL4                          // transport checksum present but not verifiable (cut, fragment, offload mark)
	Late                                 // time is before the packet clock
	NoTimestamp                          // capture gives no time; the packet clock stands in
	LengthMismatch                       // wire length shorter than the IP total length says
	BadL4Length                          // UDP length or TCP data offset contradicts the IP length
	TimeOutlier                          // time is far ahead of the packets read next: the packet clock does not follow it
	Repeated                             // a duplicate of an earlier packet, counted all the same
)

// View is one packet after the header walk: the fields that flows need, and
// where each layer starts inside Block.Data. It holds no pointers.
type View struct {
	Time    Nanos // packet time; the clock where the capture has none
	Clock   Nanos // running maximum of packet time up to and including this packet
	Ordinal int64 // run-wide packet number in reading order, from 0

	Offset     uint32 // of the frame in Block.Data
	CapLen     uint32 // bytes present
	WireLen    uint32 // bytes the frame had
	IPLen      uint32 // IPv4 total length, or IPv6 payload length + 40
	PayloadLen uint32 // transport payload bytes on the wire
	PayloadCap uint32 // transport payload bytes present
	VLANKey    uint32 // the layer's VLAN stack, packed, where flows are kept apart by it; else 0
	TunnelID   uint32 // VNI, TEID, GRE key or the like of the tunnel around this layer; 0 without one

	Src, Dst         Addr
	SrcPort, DstPort uint16 // ICMP: as Community ID v1 maps type and code
	Protocol         uint8
	Version          uint8 // 4 or 6

	TCPFlags uint16
	Window   uint16 // raw TCP window field
	Seq, Ack uint32

	L3       uint16 // offset of the IP header within the frame
	L4       uint16 // offset of the transport header within the frame
	L4Len    uint8  // bytes of the transport header; 0 where absent
	TTL      uint8  // hop limit in IPv6
	TOS      uint8  // traffic class in IPv6
	ICMPType uint8
	ICMPCode uint8
	Link     uint8 // LinkHas… bits
	Quality  Quality

	TagOffset uint16 // offset behind the first EtherType or length field, where it does not name IP; else 0, and where the frame begins behind it
	TagType   uint16 // that field's value

	Hash   uint16     // of the address pair, direction-free; the partition is its top 8 bits
	Depth  uint8      // tunnel headers around this layer: the View before it in Block.Views is the next outer one
	Tunnel TunnelType // that carries this layer
}

// Link bits: which optional link-layer parts the frame has.
const (
	LinkHasMAC  uint8 = 1 << iota // the link layer has MAC addresses: Block.MACs
	LinkHasVLAN                   // at least one 802.1Q/802.1ad tag
	LinkHasMPLS                   // at least one MPLS label
	LinkHasPPPoE
	LinkCarries // an inner layer follows as the next View
)

// LinkTagBits are the Link bits about the link layer's parts.
const LinkTagBits = LinkHasMAC | LinkHasVLAN | LinkHasMPLS | LinkHasPPPoE

// Frame returns the captured bytes of the packet. Of a fragment they end with its
// payload: the View that completes a datagram lies in the frame of the whole
// datagram, longer than CapLen, and the others may have lost their data.
func (v *View) Frame(b *Block) []byte {
	end := v.Offset + v.CapLen
	if v.IsFragment() {
		end = v.Offset + uint32(v.L4) + uint32(v.L4Len) + v.PayloadCap
	}
	return b.Data[v.Offset:end:end]
}

// Transport returns the captured bytes from the transport header on, as far as
// the IP datagram (in UDP, the UDP datagram) reaches. Where there is no transport
// header it is what Payload is.
func (v *View) Transport(b *Block) []byte {
	start := v.Offset + uint32(v.L4)
	return b.Data[start : start+uint32(v.L4Len)+v.PayloadCap]
}

// Payload returns the captured transport payload.
func (v *View) Payload(b *Block) []byte {
	start := v.Offset + uint32(v.L4) + uint32(v.L4Len)
	return b.Data[start : start+v.PayloadCap]
}

// Partitions is the fixed number of partitions that flows are divided into. It
// never depends on the number of workers.
const Partitions = 256

// Partition returns the packet's partition.
func (v *View) Partition() uint8 { return uint8(v.Hash >> 8) }
