package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// tunnels are tunnel headers that end early or lie. Whatever is inside, the outer
// packet is sound and counts in its flow; what an inner layer comes to is no
// disposition of its packet.
func tunnels() []Case {
	inner := query(1, traffic.OnLink(packet.LinkRaw))
	gre := func(b ...byte) []byte { return traffic.IP(host(7), host(1), 47, b) }
	udp := func(dst uint16, b ...byte) []byte { return traffic.UDP(port(host(7), 50000), port(host(1), dst), b) }
	return []Case{
		bad("gre_and_nothing", packet.InFlow, gre()),
		bad("gre_cut", packet.InFlow, gre(0, 0, 8)),
		bad("gre_all_flags_and_nothing", packet.InFlow, gre(0xff, 0xff, 8, 0)),
		bad("gre_routing_of_length_zero", packet.InFlow, gre(join([]byte{0x40, 0, 8, 0, 0, 0, 0, 0}, []byte{8, 0, 0, 0}, inner)...)),
		bad("gre_of_version_seven", packet.InFlow, gre(join([]byte{0, 7, 8, 0}, inner)...)),
		bad("pptp_key_longer_than_the_packet", packet.InFlow, gre(0x30, 0x81, 0x88, 0x0b, 0xff, 0xff, 0, 1)),
		bad("erspan_cut", packet.InFlow, gre(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0)),
		bad("erspan3_with_subheader_beyond_the_packet", packet.InFlow, gre(0, 0, 0x22, 0xeb, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
		bad("gre_keepalive_to_itself", packet.InFlow, gre(join([]byte{0, 0, 8, 0}, rawIP(47, 0, []byte{0, 0, 0, 0}))...)),
		noted("ip_in_ip_of_a_fragment", packet.InFlow, traffic.IP(host(7), host(1), 4, traffic.IP(host(3), host(4), 17, make([]byte, 16), traffic.OnLink(packet.LinkRaw), traffic.Fragmented(traffic.Fragment{Offset: 8, More: true})))),
		bad("ip_in_ip_of_one_byte", packet.InFlow, traffic.IP(host(7), host(1), 4, []byte{0x45})),
		bad("ip_in_ip_inner_length_beyond_the_outer", packet.InFlow, traffic.IP(host(7), host(1), 4, patched(inner, 2, 0xff, 0xff))),
		bad("six_in_four_that_holds_four", packet.InFlow, traffic.IP(host(7), host(1), 41, inner)),
		bad("vxlan_cut", packet.InFlow, udp(4789, 8, 0, 0)),
		bad("vxlan_without_its_flag", packet.InFlow, udp(4789, join(make([]byte, 8), ethernetOf(inner))...)),
		bad("vxlan_of_half_an_ethernet_header", packet.InFlow, udp(4789, 8, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6)),
		bad("geneve_options_beyond_the_packet", packet.InFlow, udp(6081, 0x3f, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3, 4)),
		bad("gtp_length_beyond_the_packet", packet.InFlow, udp(2152, join([]byte{0x30, 0xff, 0xff, 0xff, 0, 0, 0, 1}, inner)...)),
		bad("gtp_extension_of_length_zero", packet.InFlow, udp(2152, join([]byte{0x34, 0xff, 0, 60, 0, 0, 0, 1, 0, 0, 0, 0x85, 0, 0x85, 0, 0}, inner)...)),
		bad("gtp_extensions_to_the_end", packet.InFlow, udp(2152, join([]byte{0x34, 0xff, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0x85}, repeated(250, 1, 0, 0, 0x85))...)),
		bad("l2tp_offset_beyond_the_packet", packet.InFlow, udp(1701, 0x02, 0x02, 0, 1, 0, 1, 0xff, 0xff, 0xff, 3, 0, 0x21)),
		bad("l2tp_all_flags", packet.InFlow, udp(1701, 0xff, 0xff, 0xff, 0xff)),
		bad("teredo_authentication_beyond_the_packet", packet.InFlow, udp(3544, 0, 1, 255, 255, 0, 0)),
		bad("teredo_origin_twice", packet.InFlow, udp(3544, join(repeated(2, 0, 0, 1, 2, 3, 4, 5, 6), query6(traffic.OnLink(packet.LinkRaw)))...)),
		bad("etherip_of_nothing", packet.InFlow, traffic.IP(host(7), host(1), 97, []byte{0x30, 0})),
		bad("eoip_length_lies", packet.InFlow, gre(0x20, 0x01, 0x64, 0x00, 0xff, 0xff, 1, 0, 1, 2, 3, 4)),
		bad("esp_around_anything", packet.InFlow, traffic.IP(host(7), host(1), 50, noise(64, 5))),
	}
}
