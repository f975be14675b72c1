package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// nesting are headers in headers. Up to the limits a packet is decoded, above
// them it is malformed, and neither takes more than a pass over its bytes.
func nesting() []Case {
	return []Case{
		bad("vlan_tags_16", packet.InFlow, query(1, traffic.Tagged(ids(16)...))),
		bad("vlan_tags_17", packet.MalformedL2, query(1, traffic.Tagged(ids(17)...))),
		bad("vlan_tags_1000", packet.MalformedL2, query(1, traffic.Tagged(ids(1000)...))),
		bad("vlan_tags_to_the_end_of_the_frame", packet.MalformedL2, traffic.Ethernet(0x8100, repeated(300, 0, 1, 0x81, 0))),
		bad("mpls_labels_16", packet.InFlow, query(1, traffic.Labelled(labels(16)...))),
		bad("mpls_labels_17", packet.MalformedL2, query(1, traffic.Labelled(labels(17)...))),
		bad("mpls_labels_5000", packet.MalformedL2, query(1, traffic.Labelled(labels(5000)...))),
		bad("snap_in_snap", packet.NonIP, traffic.Ethernet(16, []byte{0xaa, 0xaa, 3, 0, 0, 0, 0, 8, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0})),
		bad("vlan_around_pppoe_around_mpls", packet.InFlow, pppoeMPLS()),
		bad("ipv6_extensions_32", packet.InFlow, query6(traffic.Extended(extensions(32)...))),
		bad("ipv6_extensions_33", packet.MalformedL3, query6(traffic.Extended(extensions(33)...))),
		bad("ipv6_extensions_1000", packet.MalformedL3, query6(traffic.Extended(extensions(1000)...))),
		bad("ipv6_extension_of_2040_bytes", packet.InFlow, query6(traffic.Extended(traffic.Extension{Type: 60, Data: make([]byte, 2046)}))),
		bad("ip_in_ip_8", packet.InFlow, wrapped(8, ipip)),
		bad("ip_in_ip_9", packet.InFlow, wrapped(9, ipip)),
		bad("ip_in_ip_1000", packet.InFlow, wrapped(1000, ipip)),
		bad("four_in_six_in_four_100", packet.InFlow, wrapped(100, alternating)),
		bad("gre_in_gre_100", packet.InFlow, wrapped(100, greIP)),
		bad("gre_of_ethernet_in_gre_100", packet.InFlow, wrapped(100, greEthernet)),
		bad("vxlan_in_vxlan_50", packet.InFlow, wrapped(50, vxlan)),
		bad("geneve_in_geneve_50", packet.InFlow, wrapped(50, geneve)),
		bad("gtp_in_gtp_50", packet.InFlow, wrapped(50, gtpu)),
		bad("every_tunnel_in_every_other", packet.InFlow, wrapped(40, everyTunnel)),
	}
}

func ids(n int) []uint16 {
	out := make([]uint16, n)
	for i := range out {
		out[i] = uint16(i%4094 + 1)
	}
	return out
}

func labels(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i + 16)
	}
	return out
}

func repeated(n int, b ...byte) []byte {
	var out []byte
	for range n {
		out = append(out, b...)
	}
	return out
}

func extensions(n int) []traffic.Extension {
	out := make([]traffic.Extension, n)
	for i := range out {
		out[i] = traffic.Extension{Type: 60, Data: make([]byte, 6)}
	}
	return out
}

// pppoeMPLS is a query behind a tag, a PPPoE session of MPLS, and a label.
func pppoeMPLS() []byte {
	f := query(1, traffic.Tagged(5), traffic.InPPPoE(9))
	const protocolEnd = 14 + 4 + 8
	return join(f[:protocolEnd-2], []byte{0x02, 0x81, 0, 1, 1, 64}, f[protocolEnd:])
}

// A tunnel wraps an IP packet into another one; n is its place in the nest.
type tunnel func(n int, inner []byte) []byte

// wrapped is a frame of n tunnels, one in the other, around a query.
func wrapped(n int, t tunnel) []byte {
	inner := query(1, traffic.OnLink(packet.LinkRaw))
	for i := range n {
		inner = t(i, inner)
	}
	etherType := uint16(0x0800)
	if inner[0]>>4 == 6 {
		etherType = 0x86dd
	}
	return traffic.Ethernet(etherType, inner)
}

func rawIP(protocol uint8, n int, body []byte) []byte {
	return traffic.IP(host(n+100), host(n+101), protocol, body, traffic.OnLink(packet.LinkRaw))
}

func rawUDP(dst uint16, n int, body []byte) []byte {
	return traffic.UDP(port(host(n+100), 50000), port(host(n+101), dst), body, traffic.OnLink(packet.LinkRaw))
}

// ethernetOf puts an IP packet into an Ethernet frame.
func ethernetOf(inner []byte) []byte { return traffic.Ethernet(0x0800, inner) }

func ipip(n int, inner []byte) []byte { return rawIP(4, n, inner) }

func alternating(n int, inner []byte) []byte {
	if n%2 == 1 {
		return rawIP(41, n, inner)
	}
	return traffic.IP(host6(n), host6(n+1), 4, inner, traffic.OnLink(packet.LinkRaw))
}

func greIP(n int, inner []byte) []byte { return rawIP(47, n, join([]byte{0, 0, 8, 0}, inner)) }

func greEthernet(n int, inner []byte) []byte {
	return rawIP(47, n, join([]byte{0x20, 0, 0x65, 0x58}, u32(uint32(n)), ethernetOf(inner)))
}

func vxlan(n int, inner []byte) []byte {
	return rawUDP(4789, n, join([]byte{8, 0, 0, 0}, u32(uint32(n)<<8), ethernetOf(inner)))
}

func geneve(n int, inner []byte) []byte {
	return rawUDP(6081, n, join([]byte{0, 0, 0x65, 0x58}, u32(uint32(n)<<8), ethernetOf(inner)))
}

func gtpu(n int, inner []byte) []byte {
	return rawUDP(2152, n, join([]byte{0x30, 0xff}, u16(uint16(len(inner))), u32(uint32(n)), inner))
}

func everyTunnel(n int, inner []byte) []byte {
	return []tunnel{ipip, greIP, greEthernet, vxlan, geneve, gtpu}[n%6](n, inner)
}
