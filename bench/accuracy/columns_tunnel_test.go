package accuracy_test

import (
	"net/netip"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// tunnelCases are conversations in tunnels. Headers have 14 bytes in Ethernet, 20 in
// IPv4, 8 in UDP and in VXLAN; parent_flow_id is SHA-256 of the outer key, as
// TestParents checks.
func tunnelCases() []columnCase {
	ping := traffic.UDP(client, server, []byte("0123456789"), traffic.Tagged(30))
	other := *vxlan
	other.Dst = vxlan.Src.Next().Next()
	third := *vxlan
	third.Dst = other.Dst.Next()
	gre := &traffic.Tunnel{Kind: packet.TunnelGRE, ID: 0xfffffffe, Src: vxlan.Src, Dst: vxlan.Dst}
	parts := traffic.Fragments(traffic.NewUDP(client, server, upTo(60)), 60, 1)
	around := traffic.Fragments(traffic.NewUDP(netip.AddrPortFrom(vxlan.Src, 50000), netip.AddrPortFrom(vxlan.Dst, 4789), append([]byte{8, 0, 0, 0, 0, 0, 77, 0}, ping...)), 60, 2)
	ipip := &traffic.Tunnel{Kind: packet.TunnelIPIP, Src: vxlan.Src, Dst: vxlan.Dst}
	whole := vxlan.Wrap(ping)
	cut := accuracy.Packet{Time: base, Data: whole[:14+20+8+8+14+4+20+8+4], Wire: uint32(len(whole))}
	outer := row{"tunnel_depth": 0, "tunnel_type": nil, "tunnel_id": nil, "parent_flows": nil, "parent_flow_id": nil}
	return []columnCase{
		{name: "VXLAN", list: []accuracy.Packet{at(0, vxlan.Wrap(ping)), at(time.Second, vxlan.Wrap(ping))}, want: []row{
			{"tunnel_depth": 0, "tunnel_type": nil, "tunnel_id": nil, "parent_flows": nil, "parent_flow_id": nil, "vlan_ids": nil, "dst_port": 4789,
				"fwd_wire_bytes": 2 * (14 + 20 + 8 + 8 + 14 + 4 + 38), "fwd_payload_bytes": 2 * (8 + 14 + 4 + 38)},
			{"tunnel_depth": 1, "tunnel_type": "vxlan", "tunnel_id": 77, "parent_flows": 1, "vlan_ids": []int64{30}, "link_tags": 3, "dst_port": 80, "src_mac": "02:00:00:00:00:01",
				"fwd_packets": 2, "fwd_wire_bytes": 2 * (14 + 4 + 38), "fwd_ip_bytes": 2 * 38, "fwd_payload_bytes": 20, "first_packet_index": 1, "duration_ns": time.Second},
		}},
		{name: "three tunnels in turn", list: []accuracy.Packet{
			at(0, vxlan.Wrap(ping)), at(1, other.Wrap(ping)), at(2, vxlan.Wrap(ping)), at(3, third.Wrap(ping)), at(4, vxlan.Wrap(ping)), at(5, other.Wrap(ping)),
		}, want: []row{
			{"tunnel_depth": 0, "fwd_packets": 3}, {"tunnel_depth": 1, "fwd_packets": 6, "parent_flows": 5, "first_packet_index": 1},
			{"tunnel_depth": 0, "fwd_packets": 2}, {"tunnel_depth": 0, "fwd_packets": 1},
		}},
		{name: "GRE key above the sign bit, IP alone", list: []accuracy.Packet{at(0, gre.Wrap(ping))}, want: []row{
			outer, {"tunnel_type": "gre", "tunnel_id": 0xfffffffe, "link_tags": 0, "src_mac": nil, "vlan_ids": nil, "fwd_wire_bytes": 38, "fwd_ip_bytes": 38},
		}},
		{name: "no identifier", list: []accuracy.Packet{at(0, ipip.Wrap(ping))}, want: []row{outer, {"tunnel_type": "ipip", "tunnel_id": nil, "tunnel_depth": 1}}},
		{name: "tunnel in a tunnel", list: []accuracy.Packet{at(0, gre.Wrap(vxlan.Wrap(ping)))}, want: []row{
			outer, {"tunnel_depth": 1, "tunnel_type": "gre", "parent_flows": 1}, {"tunnel_depth": 2, "tunnel_type": "vxlan", "parent_flows": 1},
		}},
		{name: "fragments in a tunnel and nowhere else", list: []accuracy.Packet{at(0, ipip.Wrap(parts[0])), at(ms, ipip.Wrap(parts[1]))}, want: []row{
			{"tunnel_depth": 0, "fwd_packets": 2, "frag_packets": 0},
			{"tunnel_depth": 1, "fwd_packets": 2, "frag_packets": 2, "fwd_payload_bytes": 60, "src_port": 40000},
		}},
		{name: "a fragment in a tunnel whose datagram never becomes whole", list: []accuracy.Packet{at(0, vxlan.Wrap(parts[0]))}, want: []row{
			outer, {"tunnel_depth": 1, "tunnel_type": "vxlan", "tunnel_id": 77, "frag_unresolved": 1, "src_port": 40000},
		}},
		{name: "an inner packet before the clock", tune: asRead, list: []accuracy.Packet{at(time.Second, ping), at(0, ipip.Wrap(ping))}, want: []row{
			{"quality_bits": 0}, {"quality_bits": 256, "tunnel_depth": 0}, {"quality_bits": 256, "tunnel_depth": 1},
		}},
		{name: "a tunnel packet in fragments before the clock", tune: asRead, list: []accuracy.Packet{at(time.Second, ping), at(0, around[0]), at(ms, around[1])}, want: []row{
			{"quality_bits": 0}, {"quality_bits": 8 | 16 | 256, "tunnel_depth": 0, "frag_packets": 2}, {"quality_bits": 256, "tunnel_depth": 1, "tunnel_type": "vxlan", "fwd_packets": 1},
		}},
		{name: "VLANs in the key, and tunnel packets in fragments", tune: func(c *stages.Config) { c.Key.VLAN = true }, list: []accuracy.Packet{at(0, vxlan.Wrap(ping)), at(ms, around[0]), at(2*ms, around[1])}, want: []row{
			{"tunnel_depth": 0, "fwd_packets": 1}, {"tunnel_depth": 1, "vlan_ids": []int64{30}, "fwd_packets": 2}, {"tunnel_depth": 0, "fwd_packets": 2},
		}},
		{name: "an inner packet cut by the capture", list: []accuracy.Packet{cut}, want: []row{
			{"quality_bits": 4 | 128}, {"quality_bits": 4 | 128, "fwd_wire_bytes": 14 + 4 + 38, "fwd_payload_bytes": 10, "truncated_payload_packets": 1},
		}},
	}
}
