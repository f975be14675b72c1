package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// tunnel says how an inner flow is carried.
type tunnel struct {
	around [2]uint32 // hashes of the tunnel conversations around the latest packets
	count  uint32    // changes to one that is not among them
	id     uint32    // see packet.View.TunnelID
	kind   packet.TunnelType
}

// Enter counts the tunnel conversation around a packet of an inner flow, by a
// hash of its endpoints that is the same for both directions.
func (r *Row) Enter(around uint32) {
	t := &r.tunnel
	if t.count > 0 && (around == t.around[0] || around == t.around[1]) {
		return
	}
	t.around[1], t.around[0] = t.around[0], around
	t.count++
}

var (
	ifInner = &condition{"not inside a tunnel", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.Key.Depth > 0)
		}
	}}
	ifParent = &condition{"no enclosing tunnel flow", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.HasParent)
		}
	}}
	ifTunnelID = &condition{"not inside a tunnel with an identifier", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.tunnel.kind.HasID())
		}
	}}
)

func tunnelColumns() []Def {
	return []Def{
		enum("tunnel_type", attr{when: ifInner}, "What carries the first packet, of the innermost tunnel: ipip, gre, pptp, erspan, eoip, vxlan, vxlan_gpe, geneve, gtp_u, l2tp, teredo, etherip or mpls.",
			packet.TunnelNames(), func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.tunnel.kind)
				}
			}),
		field64("tunnel_id", attr{role: column.LeakProne, when: ifTunnelID}, "Its identifier: VNI, TEID, GRE key, PPTP call, ERSPAN or L2TPv3 session, EoIP tunnel, L2TP tunnel × 65536 + session, last MPLS label; 0 where the header leaves it out.", func(r *Row) *uint32 { return &r.tunnel.id }),
		field64("parent_flows", attr{unit: column.Count, when: ifInner},
			"Tunnel conversations that carried the flow's packets; one that returns after two others counts again.", func(r *Row) *uint32 { return &r.tunnel.count }),
	}
}
