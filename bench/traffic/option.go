package traffic

import "pcapmill/ingest/packet"

// OnLink sets the link type: raw, null, loop, SLL or SLL2 in place of Ethernet.
func OnLink(link packet.LinkType) Option { return func(p *Packet) { p.Link = link } }

// MACs sets the Ethernet addresses.
func MACs(src, dst MAC) Option { return func(p *Packet) { p.SrcMAC, p.DstMAC = src, dst } }

// Tagged adds VLAN tags with these identifiers, outermost first.
func Tagged(ids ...uint16) Option {
	return func(p *Packet) {
		for _, id := range ids {
			p.VLANs = append(p.VLANs, VLAN{TCI: id})
		}
	}
}

// Labelled adds MPLS labels, outermost first.
func Labelled(labels ...uint32) Option {
	return func(p *Packet) { p.MPLS = append(p.MPLS, labels...) }
}

// InPPPoE puts the packet into a PPPoE session (not 0).
func InPPPoE(session uint16) Option { return func(p *Packet) { p.PPPoE = session } }

// Padded pads the frame to size bytes.
func Padded(size int) Option { return func(p *Packet) { p.PadTo = size } }

// Hops sets TTL or hop limit.
func Hops(n uint8) Option { return func(p *Packet) { p.TTL = n } }

// Class sets TOS or traffic class.
func Class(tos uint8) Option { return func(p *Packet) { p.TOS = tos } }

// Ident sets the IPv4 identification.
func Ident(id uint16) Option { return func(p *Packet) { p.ID = id } }

// Unfragmented sets the IPv4 don't-fragment bit.
func Unfragmented() Option { return func(p *Packet) { p.DontFragment = true } }

// IPOpts sets the IPv4 options.
func IPOpts(b []byte) Option { return func(p *Packet) { p.IPOptions = b } }

// Extended adds IPv6 extension headers in order.
func Extended(ext ...Extension) Option {
	return func(p *Packet) { p.Extensions = append(p.Extensions, ext...) }
}

// Fragmented marks the packet as the fragment at offset (a multiple of 8); the
// id is for IPv6, IPv4 takes Ident. See Fragments for cutting a datagram.
func Fragmented(f Fragment) Option { return func(p *Packet) { p.Fragment = &f } }

// Broken adds deliberate defects.
func Broken(f Fault) Option { return func(p *Packet) { p.Fault |= f } }

// TCPOpts sets the TCP options, joined in order.
func TCPOpts(opts ...[]byte) Option {
	return func(p *Packet) {
		for _, o := range opts {
			p.TCPOptions = append(p.TCPOptions, o...)
		}
	}
}

// MSS returns the maximum segment size option.
func MSS(size uint16) []byte { return []byte{2, 4, byte(size >> 8), byte(size)} }

// WindowScale returns the window scale option.
func WindowScale(shift uint8) []byte { return []byte{3, 3, shift} }

// SACKPermitted returns the SACK-permitted option.
func SACKPermitted() []byte { return []byte{4, 2} }

// Timestamps returns the time stamp option.
func Timestamps(value, echo uint32) []byte {
	return be32(be32([]byte{8, 10}, value), echo)
}

// NOP returns a no-operation option, used for alignment.
func NOP() []byte { return []byte{1} }
