package traffic

import (
	"fmt"

	"pcapmill/ingest/packet"
)

// EtherTypes and PPP protocol numbers that Append writes.
const (
	etherIPv4  = 0x0800
	etherARP   = 0x0806
	etherVLAN  = 0x8100
	etherQinQ  = 0x88a8
	etherIPv6  = 0x86dd
	etherMPLS  = 0x8847
	etherPPPoE = 0x8864
	pppIPv4    = 0x0021
	pppIPv6    = 0x0057
	pppMPLS    = 0x0281
)

// appendLink appends all headers before IP. pppoe is the index of the PPPoE
// length field, 0 without one (no frame starts with it).
func (p *Packet) appendLink(b []byte) (out []byte, pppoe int) {
	switch p.Link {
	case packet.LinkRaw, packet.LinkRawBSD, packet.LinkRawOpen, packet.LinkIPv4, packet.LinkIPv6:
		return b, 0
	case packet.LinkNull:
		return append(b, p.family(), 0, 0, 0), 0
	case packet.LinkLoop:
		return append(b, 0, 0, 0, p.family()), 0
	case packet.LinkEthernet:
		b = append(b, p.DstMAC[:]...)
		b = append(b, p.SrcMAC[:]...)
		return p.appendTags(b, len(p.VLANs))
	case packet.LinkSLL:
		b = append(b, 0, 0, 0, 1, 0, 6)
		b = append(b, p.SrcMAC[:]...)
		b = append(b, 0, 0)
		return p.appendTags(b, len(p.VLANs))
	case packet.LinkSLL2:
		return p.appendSLL2(b), 0
	}
	panic(fmt.Sprintf("traffic: cannot write link type %v", p.Link))
}

// appendSLL2 appends the cooked header of version 2, which carries the protocol
// first and so takes no tags here.
func (p *Packet) appendSLL2(b []byte) []byte {
	b = be16(b, p.innerType())
	b = append(b, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6)
	b = append(b, p.SrcMAC[:]...)
	return append(b, 0, 0)
}

// appendTags appends VLAN tags, PPPoE and MPLS, each announced by the type
// field before it, and the type of what follows.
func (p *Packet) appendTags(b []byte, tags int) ([]byte, int) {
	for i, tag := range p.VLANs {
		b = be16(b, tag.tpid(i == tags-1))
		b = be16(b, tag.TCI)
	}
	if p.PPPoE == 0 {
		b = be16(b, p.innerType())
		return p.appendMPLS(b), 0
	}
	b = be16(b, etherPPPoE)
	b = append(b, 0x11, 0)
	b = be16(b, p.PPPoE)
	at := len(b)
	b = append(b, 0, 0)
	b = be16(b, p.pppType())
	return p.appendMPLS(b), at
}

// tpid returns the tag's type field.
func (v VLAN) tpid(innermost bool) uint16 {
	switch {
	case v.TPID != 0:
		return v.TPID
	case innermost:
		return etherVLAN
	}
	return etherQinQ
}

// appendMPLS appends the label stack, the last label marked as its bottom.
func (p *Packet) appendMPLS(b []byte) []byte {
	for i, label := range p.MPLS {
		entry := label<<12 | 64
		if i == len(p.MPLS)-1 {
			entry |= 1 << 8
		}
		b = be32(b, entry)
	}
	return b
}

// innerType is the EtherType that announces what follows the tags.
func (p *Packet) innerType() uint16 {
	switch {
	case len(p.MPLS) > 0 && p.Link != packet.LinkSLL2:
		return etherMPLS
	case p.EtherType != 0:
		return p.EtherType
	case p.Src.Is4():
		return etherIPv4
	}
	return etherIPv6
}

// pppType is innerType as a PPP protocol number.
func (p *Packet) pppType() uint16 {
	switch {
	case len(p.MPLS) > 0:
		return pppMPLS
	case p.Src.Is4():
		return pppIPv4
	}
	return pppIPv6
}

// family is the BSD address family of the null and loop headers.
func (p *Packet) family() byte {
	if p.Src.Is4() {
		return 2
	}
	return 30
}
