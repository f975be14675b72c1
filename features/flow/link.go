package flow

import (
	"encoding/binary"

	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

const maxTags = 4 // VLAN tags and MPLS labels kept per flow

// linkLayer is what the link layer of the flow's first packet says.
type linkLayer struct {
	macs   [12]byte // destination, source as on the wire
	vlan   [maxTags]uint16
	mpls   [maxTags]uint32
	vlans  uint8 // number of tags, also above maxTags
	labels uint8
	flags  uint8 // packet.LinkHas… bits
	rev    bool  // the first packet came from the responder
}

func (l *linkLayer) observe(b *packet.Block, v *packet.View, dir int) {
	if v.Link&packet.LinkTagBits == 0 {
		return
	}
	f := v.Frame(b)
	l.flags, l.rev = v.Link&packet.LinkTagBits, dir == Rev
	if dst, src, ok := b.MACs(v); ok {
		copy(l.macs[:6], dst[:])
		copy(l.macs[6:], src[:])
	} else {
		l.flags &^= packet.LinkHasMAC
	}
	if v.Link&(packet.LinkHasVLAN|packet.LinkHasMPLS) == 0 {
		return
	}
	l.vlans, l.labels = 0, 0
	packet.LinkTags(f, v, func(vlan uint16) {
		if l.vlans < maxTags {
			l.vlan[l.vlans] = vlan
		}
		l.vlans++
	}, func(label uint32) {
		if l.labels < maxTags {
			l.mpls[l.labels] = label
		}
		l.labels++
	})
}

// mac returns the address of the initiator's or responder's side.
func (l *linkLayer) mac(dir int) []byte {
	if (dir == Fwd) == l.rev {
		return l.macs[0:6]
	}
	return l.macs[6:12]
}

// macColumn declares the MAC address of one side.
func macColumn(name, doc string, dir int) Def {
	return coded(name, attr{role: column.LeakProne, when: ifMAC}, doc,
		func(r *Row) wordKey {
			if r.link.flags&packet.LinkHasMAC == 0 {
				return wordKey{}
			}
			m := r.link.mac(dir)
			return wordKey{1, uint64(binary.BigEndian.Uint32(m)), uint64(binary.BigEndian.Uint16(m[4:]))}
		},
		func(r *Row, dst []byte) []byte { return appendMAC(dst, r.link.mac(dir)) })
}

var (
	ifMAC = &condition{"the link layer has no MAC addresses", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.link.flags&packet.LinkHasMAC != 0)
		}
	}}
	ifVLAN = &condition{"the first packet had no VLAN tag", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.link.vlans > 0)
		}
	}}
	ifMPLS = &condition{"the first packet had no MPLS label", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.link.labels > 0)
		}
	}}
)

func vlanColumn() Def {
	return list32("vlan_ids", attr{role: column.LeakProne, when: ifVLAN, source: "IEEE 802.1Q"},
		"VLAN identifiers of the first packet, outermost first, at most 4.", func(r *Row, dst []int32) []int32 {
			for _, id := range r.link.vlan[:min(r.link.vlans, maxTags)] {
				dst = append(dst, int32(id))
			}
			return dst
		})
}

func linkColumns() []Def {
	return []Def{
		macColumn("src_mac", "MAC address on the initiator's side, from the first packet.", Fwd),
		macColumn("dst_mac", "MAC address on the responder's side, from the first packet.", Rev),
		list32("mpls_labels", attr{role: column.LeakProne, when: ifMPLS, source: "RFC 3032"},
			"MPLS labels of the first packet, outermost first, at most 4.", func(r *Row, dst []int32) []int32 {
				for _, label := range r.link.mpls[:min(r.link.labels, maxTags)] {
					dst = append(dst, int32(label))
				}
				return dst
			}),
		field32("link_tags", attr{unit: column.Bits}, "Link-layer parts of the first packet: 1 MAC addresses, 2 VLAN, 4 MPLS, 8 PPPoE.", func(r *Row) *uint8 { return &r.link.flags }),
	}
}
