package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// transportHeaders are frames whose transport header ends early or contradicts
// itself. A header that the sender cut short is malformed; one that the capture
// cut short is not, as long as the ports are there.
func transportHeaders() []Case {
	return append(tcpHeaders(), otherHeaders()...)
}

func tcpHeaders() []Case {
	s := segment()
	withOptions := func(b ...byte) []byte { return segment(traffic.TCPOpts(b)) }
	return []Case{
		bad("tcp_and_nothing", packet.MalformedL4, traffic.IP(host(7), host(1), 6, nil)),
		bad("tcp_of_ports_alone", packet.MalformedL4, traffic.IP(host(7), host(1), 6, []byte{1, 2, 3, 4})),
		bad("tcp_of_19_bytes", packet.MalformedL4, traffic.IP(host(7), host(1), 6, append([]byte{1, 2, 3, 4}, make([]byte, 15)...))),
		bad("tcp_data_offset_below_five", packet.MalformedL4, patched(s, atL4+12, 0x40), patched(s, atL4+12, 0)),
		bad("tcp_data_offset_beyond_the_segment", packet.MalformedL4, patched(traffic.IP(host(7), host(1), 6, make([]byte, 24)), atL4+12, 0xf0)),
		bad("tcp_without_flags", packet.InFlow, patched(s, atL4+13, 0)),
		bad("tcp_with_all_flags", packet.InFlow, patched(s, atL4+12, 0x51, 0xff)),
		bad("tcp_syn_fin_rst_at_once", packet.InFlow, patched(s, atL4+13, byte(packet.SYN|packet.FIN|packet.RST))),
		bad("tcp_ports_zero", packet.InFlow, patched(s, atL4, 0, 0, 0, 0)),
		bad("tcp_option_of_length_zero", packet.InFlow, withOptions(8, 0, 0, 0)),
		bad("tcp_option_of_length_one", packet.InFlow, withOptions(3, 1, 1, 1)),
		bad("tcp_option_beyond_the_header", packet.InFlow, withOptions(5, 34, 0, 0)),
		bad("tcp_option_at_the_last_byte", packet.InFlow, withOptions(1, 1, 1, 2)),
		bad("tcp_sack_of_no_whole_block", packet.InFlow, withOptions(5, 6, 0, 0, 0, 1, 0, 0)),
		bad("tcp_forty_end_of_options", packet.InFlow, withOptions(make([]byte, 40)...)),
		bad("tcp_mptcp_remove_address_overrun", packet.InFlow, withOptions(30, 3, 0x40, 1, 30, 40, 0x40, 2)),
		bad("tcp_fast_open_cookie_of_34_bytes", packet.InFlow, withOptions(append([]byte{34, 36}, make([]byte, 34)...)...)),
		bad("tcp_window_scale_of_255", packet.InFlow, withOptions(3, 3, 255, 1)),
		bad("tcp_mss_of_zero", packet.InFlow, withOptions(2, 4, 0, 0)),
		bad("tcp_land", packet.InFlow, traffic.TCP(port(host(1), 80), port(host(1), 80), packet.SYN, 1, 0, 512, nil)),
	}
}

func otherHeaders() []Case {
	q := query(1)
	body := func(protocol uint8, b ...byte) []byte { return traffic.IP(host(7), host(1), protocol, b) }
	body6 := func(protocol uint8, b ...byte) []byte { return traffic.IP(host6(7), host6(1), protocol, b) }
	return []Case{
		bad("udp_and_nothing", packet.MalformedL4, body(17)),
		bad("udp_of_seven_bytes", packet.MalformedL4, body(17, 1, 2, 3, 4, 0, 7, 0)),
		bad("udp_length_below_its_header", packet.MalformedL4, patched(q, atL4+4, 0, 7), patched(q, atL4+4, 0, 1)),
		bad("udp_length_zero", packet.InFlow, patched(q, atL4+4, 0, 0)),
		bad("udp_length_beyond_the_packet", packet.InFlow, patched(q, atL4+4, 0xff, 0xff)),
		bad("udp_length_short_of_the_packet", packet.InFlow, patched(q, atL4+4, 0, 8)),
		bad("udp_over_six_without_checksum", packet.InFlow, patched(query6(), atL4Six+6, 0, 0)),
		bad("udp_ports_zero", packet.InFlow, patched(q, atL4, 0, 0, 0, 0)),
		bad("udp_lite", packet.InFlow, body(136, 0x9c, 0x40, 0, 53, 0, 8, 0, 0)),
		bad("icmp_and_nothing", packet.MalformedL4, body(1)),
		bad("icmp_of_three_bytes", packet.MalformedL4, body(1, 8, 0, 0)),
		bad("icmp_of_four_bytes", packet.InFlow, body(1, 8, 0, 0xf7, 0xff)),
		bad("icmp_of_an_unassigned_type", packet.InFlow, traffic.ICMP(host(7), host(1), 255, 255, 0, nil)),
		bad("icmp_error_quotes_nothing", packet.InFlow, traffic.ICMP(host(7), host(1), 3, 1, 0, nil)),
		bad("icmp_error_quotes_itself", packet.InFlow, traffic.ICMP(host(7), host(1), 3, 1, 0, traffic.ICMP(host(7), host(1), 3, 1, 0, nil)[atIP:])),
		bad("icmp_redirect_to_itself", packet.InFlow, traffic.ICMP(host(7), host(1), 5, 1, 0x0a000007, query(1)[atIP:])),
		bad("icmpv6_over_four", packet.InFlow, body(58, 128, 0, 0, 0, 0, 1, 0, 1)),
		bad("icmp_over_six", packet.InFlow, body6(1, 8, 0, 0, 0, 0, 1, 0, 1)),
		bad("icmpv6_neighbour_option_of_length_zero", packet.InFlow, traffic.ICMP(host6(7), host6(1), 135, 0, 0, append(make([]byte, 16), 1, 0, 0, 0, 0, 0, 0, 0))),
		bad("sctp_of_ports_alone", packet.MalformedL4, body(132, 1, 2, 3, 4)),
		bad("sctp_chunk_of_length_zero", packet.InFlow, traffic.SCTP(port(host(7), 1), port(host(1), 2), 9, []byte{0, 3, 0, 0})),
		bad("sctp_chunk_beyond_the_packet", packet.InFlow, traffic.SCTP(port(host(7), 1), port(host(1), 2), 9, []byte{0, 3, 0xff, 0xff})),
		bad("dccp_of_four_bytes", packet.InFlow, body(33, 1, 2, 3, 4)),
		bad("igmp_and_nothing", packet.InFlow, body(2)),
		bad("esp_of_three_bytes", packet.InFlow, body(50, 1, 2, 3)),
		bad("ospf_of_one_byte", packet.InFlow, body(89, 2)),
	}
}
