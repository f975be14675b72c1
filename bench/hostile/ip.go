package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// ipHeaders are frames whose IP header ends early or contradicts itself. Where
// addresses and protocol are there, the packet counts in a flow.
func ipHeaders() []Case {
	return append(four(), six()...)
}

func four() []Case {
	q := query(1)
	ports := []byte{0x9c, 0x40, 0, 53}
	return []Case{
		bad("ipv4_header_cut", packet.MalformedL3, cut(q, atIP+1), cut(q, atIP+19)),
		bad("ipv4_version_nine", packet.MalformedL3, patched(q, atIP, 0x95)),
		bad("ipv4_version_six_in_its_place", packet.MalformedL3, patched(q, atIP, 0x65)),
		bad("ipv4_header_length_below_five", packet.MalformedL3, patched(q, atIP, 0x44), patched(q, atIP, 0x40)),
		bad("ipv4_header_length_beyond_the_frame", packet.MalformedL3, patched(cut(q, atL4+8), atIP, 0x4f)),
		bad("ipv4_total_below_its_header", packet.MalformedL3, patched(q, atIP+2, 0, 19)),
		bad("ipv4_total_of_its_header_alone", packet.MalformedL4, patched(q, atIP+2, 0, 20)),
		bad("ipv4_total_cuts_the_ports", packet.MalformedL4, patched(q, atIP+2, 0, 23)),
		bad("ipv4_total_zero_as_offloading_writes_it", packet.InFlow, patched(q, atIP+2, 0, 0)),
		bad("ipv4_total_beyond_the_wire", packet.InFlow, patched(q, atIP+2, 0xff, 0xff)),
		bad("ipv4_options_overrun_their_header", packet.InFlow, query(1, traffic.IPOpts([]byte{7, 255, 4, 0}))),
		bad("ipv4_option_of_length_zero", packet.InFlow, query(1, traffic.IPOpts([]byte{7, 0, 0, 0}))),
		bad("ipv4_forty_bytes_of_options", packet.InFlow, query(1, traffic.IPOpts(bytesOf(40, 1)))),
		bad("ipv4_source_route", packet.InFlow, query(1, traffic.IPOpts([]byte{0x83, 7, 4, 10, 0, 0, 9, 0}))),
		bad("ipv4_reserved_flag", packet.InFlow, patched(q, atIP+6, 0x80)),
		bad("ipv4_ttl_zero", packet.InFlow, query(1, traffic.Hops(0))),
		bad("ipv4_protocol_255", packet.InFlow, traffic.IP(host(7), host(1), 255, ports)),
		bad("ipv4_protocol_zero", packet.InFlow, traffic.IP(host(7), host(1), 0, ports)),
		bad("ipv4_from_itself_to_itself", packet.InFlow, traffic.UDP(server(), server(), ports)),
		bad("ipv4_from_everywhere_to_everywhere", packet.InFlow, patched(q, atIP+12, 255, 255, 255, 255, 255, 255, 255, 255)),
		bad("ipv4_from_nowhere_to_nowhere", packet.InFlow, patched(q, atIP+12, 0, 0, 0, 0, 0, 0, 0, 0)),
		bad("authentication_header_cut", packet.InFlow, traffic.IP(host(7), host(1), 51, []byte{17, 4, 0, 0})),
		bad("authentication_header_beyond_the_packet", packet.InFlow, traffic.IP(host(7), host(1), 51, join([]byte{17, 255}, make([]byte, 30)))),
		bad("authentication_header_of_length_zero", packet.InFlow, traffic.IP(host(7), host(1), 51, join([]byte{17, 0}, make([]byte, 30)))),
	}
}

func six() []Case {
	q := query6()
	behind := func(protocol uint8, body ...byte) []byte { return traffic.IP(host6(2), host6(1), protocol, body) }
	extended := func(e ...traffic.Extension) []byte { return query6(traffic.Extended(e...)) }
	return []Case{
		bad("ipv6_header_cut", packet.MalformedL3, cut(q, atIP+1), cut(q, atIP+39)),
		bad("ipv6_version_four_in_its_place", packet.MalformedL3, patched(q, atIP, 0x40)),
		bad("ipv6_length_beyond_the_wire", packet.InFlow, patched(q, atIP+4, 0xff, 0xff)),
		bad("ipv6_length_cuts_the_ports", packet.MalformedL4, patched(q, atIP+4, 0, 3)),
		bad("ipv6_length_zero_without_jumbo", packet.InFlow, patched(q, atIP+4, 0, 0)),
		bad("ipv6_no_next_header", packet.InFlow, behind(59)),
		bad("ipv6_no_next_header_but_bytes", packet.InFlow, behind(59, 1, 2, 3, 4)),
		bad("ipv6_extension_cut", packet.MalformedL3, behind(0, 17, 0, 1)),
		bad("ipv6_extension_beyond_the_packet", packet.MalformedL3, behind(60, 17, 255, 0, 0, 0, 0, 0, 0)),
		bad("ipv6_hop_by_hop_behind_another", packet.InFlow, extended(traffic.Extension{Type: 60, Data: make([]byte, 6)}, traffic.Extension{Type: 0, Data: make([]byte, 6)})),
		bad("ipv6_hop_by_hop_twice", packet.InFlow, extended(traffic.Extension{Type: 0, Data: make([]byte, 6)}, traffic.Extension{Type: 0, Data: make([]byte, 6)})),
		bad("ipv6_option_beyond_its_header", packet.InFlow, extended(traffic.Extension{Type: 60, Data: []byte{201, 255, 0, 0, 0, 0}})),
		bad("ipv6_routing_with_127_segments_left", packet.InFlow, extended(traffic.Extension{Type: 43, Data: []byte{0, 127, 0, 0, 0, 0}})),
		bad("ipv6_jumbo_of_four_gigabytes", packet.InFlow, patched(behind(0, join([]byte{17, 0, 0xc2, 4, 0xff, 0xff, 0xff, 0xff}, udpHeader(20), make([]byte, 12))...), atIP+4, 0, 0)),
		bad("ipv6_jumbo_shorter_than_its_header", packet.MalformedL4, patched(behind(0, join([]byte{17, 0, 0xc2, 4, 0, 0, 0, 9}, udpHeader(20), make([]byte, 12))...), atIP+4, 0, 0)),
		bad("ipv6_authentication_beyond_the_packet", packet.MalformedL3, behind(51, 17, 255, 0, 0, 0, 0, 0, 0)),
		bad("ipv6_mobility_without_next", packet.InFlow, behind(135, 59, 0, 5, 0, 0, 0, 0, 0)),
		bad("ipv6_fragment_header_cut", packet.MalformedL3, behind(44, 17, 0, 0, 1)),
		bad("ipv6_mapped_ipv4_addresses", packet.InFlow, patched(q, atIP+8, join(make([]byte, 10), []byte{0xff, 0xff, 10, 0, 0, 1}, make([]byte, 10), []byte{0xff, 0xff, 10, 0, 0, 2})...)),
		bad("ipv6_from_multicast", packet.InFlow, patched(q, atIP+8, 0xff, 0x02)),
		bad("ipv6_unspecified_to_unspecified", packet.InFlow, patched(q, atIP+8, make([]byte, 32)...)),
	}
}

// udpHeader is a UDP header of ports 40000 and 53 without a checksum.
func udpHeader(length uint16) []byte { return join(u16(40000), u16(53), u16(length), u16(0)) }
