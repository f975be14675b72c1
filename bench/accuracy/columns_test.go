package accuracy_test

import (
	"bytes"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

const ms = time.Millisecond

// row are expected values by column name: int, float64, string, []int64, or nil
// for null. Columns left out are not looked at.
type row map[string]any

// columnCase is a small capture with the values worked out by hand.
type columnCase struct {
	name string
	tune func(*stages.Config)
	list []accuracy.Packet
	want []row
}

// same reports whether row i holds the wanted value.
func same(t *accuracy.Table, name string, i int, want any) bool {
	if want == nil || t.Null(name, i) {
		return want == nil && t.Null(name, i)
	}
	switch want := want.(type) {
	case int:
		return t.Int(name, i) == int64(want)
	case time.Duration:
		return t.Int(name, i) == int64(want)
	case float64:
		return near(t.Float(name, i), want, 1e-12)
	case string:
		return t.Text(name, i) == want
	case []int64:
		return slices.Equal(t.List(name, i), want)
	}
	panic("no such value")
}

func (c *columnCase) run(t *testing.T, seen map[string]bool) {
	cfg := everything()
	cfg.Flow.PayloadBytes = 128
	if c.tune != nil {
		c.tune(&cfg)
	}
	table, _ := mustRun(t, cfg, &accuracy.Packets{List: c.list})
	if table.Rows != len(c.want) {
		t.Errorf("%s: %d rows, want %d", c.name, table.Rows, len(c.want))
		return
	}
	for i, want := range c.want {
		for name, value := range want {
			seen[name] = true
			if !same(table, name, i, value) {
				t.Errorf("%s: row %d: %s is %s, want %v", c.name, i, name, table.Show(name, i), value)
			}
		}
	}
}

// segment is a TCP packet between client and server; opts may change any field.
func segment(from, to netip.AddrPort, flags uint16, seq, ack uint32, window uint16, payload []byte, opts ...traffic.Option) []byte {
	return traffic.TCP(from, to, flags, seq, ack, window, payload, opts...)
}

const (
	synACK = packet.SYN | packet.ACK
	finACK = packet.FIN | packet.ACK
	pshACK = packet.PSH | packet.ACK
)

// upTo returns the bytes 0, 1, … n-1.
func upTo(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// conversation is a TCP connection from SYN to the last ACK. Frames have 54 bytes
// before options and payload: 14 Ethernet, 20 IPv4, 20 TCP.
var conversation = []accuracy.Packet{
	at(0, segment(client, server, packet.SYN, 1000, 0, 64240, nil, traffic.TCPOpts(traffic.MSS(1460), traffic.WindowScale(7), traffic.NOP()), traffic.Class(0x2a))),
	at(20*ms, segment(server, client, synACK, 5000, 1001, 65160, nil, traffic.TCPOpts(traffic.MSS(1400)), traffic.Hops(50))),
	at(30*ms, segment(client, server, packet.ACK, 1001, 5001, 502, nil)),
	at(40*ms, segment(client, server, pshACK, 1001, 5001, 502, bytes.Repeat([]byte("a"), 100), traffic.Class(3), traffic.Hops(63))),
	at(70*ms, segment(server, client, packet.ACK, 5001, 1101, 0, upTo(128), traffic.Hops(60))),
	at(100*ms, segment(client, server, packet.ACK, 1101, 5129, 600, nil)),
	at(6100*ms, segment(client, server, finACK, 1101, 5129, 600, nil)),
	at(6200*ms, segment(server, client, finACK, 5129, 1102, 100, nil, traffic.Hops(60))),
	at(6250*ms, segment(client, server, packet.ACK, 1102, 5130, 600, nil)),
}

// conversationRow has every column but those of streams and messages. Sizes: forward 62 54 154 54 54 54, reverse
// 58 182 54. Gaps in ms: 20 10 10 30 30 6000 100 50; forward 30 10 60 6000 150;
// reverse 50 6130.
var conversationRow = row{
	"piece_no": 0, "tunnel_depth": 0, "parent_flow_id": nil, "tunnel_type": nil, "tunnel_id": nil, "parent_flows": nil, "capture_id": 0, "first_packet_index": 1,
	"src_ip": "192.0.2.10", "src_port": 40000, "dst_ip": "198.51.100.20", "dst_port": 80,
	"icmp_type": nil, "icmp_code": nil, "protocol": 6, "ip_version": 4, "vlan_ids": nil,
	"start_ns": int(base), "start_time": int(base / 1000), "end_ns": int(base) + 6_250_000_000, "end_time": int(base/1000) + 6_250_000,
	"duration_ns": 6250 * ms,
	"fwd_packets": 6, "rev_packets": 3, "fwd_wire_bytes": 432, "rev_wire_bytes": 294, "fwd_ip_bytes": 432 - 6*14, "rev_ip_bytes": 294 - 3*14,
	"fwd_payload_bytes": 100, "rev_payload_bytes": 128, "fwd_data_packets": 1, "rev_data_packets": 1,
	"conn_state": "SF", "history": "ShADdwFf", "end_reason": "tcp_closed", "end_reason_code": 3, "direction_evidence": "syn",

	"wire_min_bytes": 54, "wire_mean_bytes": 726. / 9, "wire_std_bytes": math.Sqrt((78628 - 726.*726/9) / 8), "wire_max_bytes": 182,
	"fwd_wire_min_bytes": 54, "fwd_wire_mean_bytes": 72., "fwd_wire_std_bytes": math.Sqrt((39224 - 432.*432/6) / 5), "fwd_wire_max_bytes": 154,
	"rev_wire_min_bytes": 54, "rev_wire_mean_bytes": 98., "rev_wire_std_bytes": math.Sqrt((39404 - 294.*294/3) / 2), "rev_wire_max_bytes": 182,
	"fwd_payload_min_bytes": 100, "fwd_payload_mean_bytes": 100., "fwd_payload_std_bytes": nil, "fwd_payload_max_bytes": 100,
	"rev_payload_min_bytes": 128, "rev_payload_mean_bytes": 128., "rev_payload_std_bytes": nil, "rev_payload_max_bytes": 128,

	"iat_min_ns": 10 * ms, "iat_mean_ns": 781.25e6, "iat_std_ns": 1e6 * math.Sqrt((36_014_900-6250.*6250/8)/7), "iat_max_ns": 6000 * ms,
	"fwd_iat_min_ns": 10 * ms, "fwd_iat_mean_ns": 1250e6, "fwd_iat_std_ns": 1e6 * math.Sqrt((36_027_100-6250.*6250/5)/4), "fwd_iat_max_ns": 6000 * ms,
	"rev_iat_min_ns": 50 * ms, "rev_iat_mean_ns": 3090e6, "rev_iat_std_ns": 1e6 * 3040 * math.Sqrt2, "rev_iat_max_ns": 6130 * ms,

	"packets_per_s": 1.44, "wire_bytes_per_s": 116.16, "fwd_packets_per_s": 0.96, "rev_packets_per_s": 0.48, "producer_consumer_ratio": -28. / 228,

	"fwd_tcp_flags": 0x1b, "fwd_fin_packets": 1, "fwd_syn_packets": 1, "fwd_rst_packets": 0, "fwd_psh_packets": 1,
	"fwd_ack_packets": 5, "fwd_urg_packets": 0, "fwd_ece_packets": 0, "fwd_cwr_packets": 0,
	"rev_tcp_flags": 0x13, "rev_fin_packets": 1, "rev_syn_packets": 1, "rev_rst_packets": 0, "rev_psh_packets": 0,
	"rev_ack_packets": 3, "rev_urg_packets": 0, "rev_ece_packets": 0, "rev_cwr_packets": 0,

	"syn_rtt_ns": 20 * ms, "ack_rtt_ns": 10 * ms, "handshake_ns": 30 * ms,
	"fwd_retransmitted_packets": 0, "fwd_retransmitted_bytes": 0, "fwd_out_of_order_packets": 0, "fwd_gap_bytes": 0,
	"rev_retransmitted_packets": 0, "rev_retransmitted_bytes": 0, "rev_out_of_order_packets": 0, "rev_gap_bytes": 0,
	"fwd_zero_window_packets": 0, "rev_zero_window_packets": 1, "fwd_tcp_header_bytes": 28 + 5*20, "rev_tcp_header_bytes": 24 + 2*20,
	"fwd_window_first": 64240, "fwd_window_max": 64240, "rev_window_first": 65160, "rev_window_max": 65160,
	"fwd_mss": 1460, "fwd_window_scale": 7, "fwd_tcp_options": 1<<1 | 1<<2 | 1<<3, "rev_mss": 1400, "rev_window_scale": nil, "rev_tcp_options": 1 << 2,

	"active_periods": 2, "active_min_ns": 100 * ms, "active_mean_ns": 125e6, "active_std_ns": 25e6 * math.Sqrt2, "active_max_ns": 150 * ms,
	"idle_min_ns": 6000 * ms, "idle_mean_ns": 6e9, "idle_std_ns": nil, "idle_max_ns": 6000 * ms, "subflows": 2,
	"fwd_bulks": 0, "fwd_bulk_packets": 0, "fwd_bulk_payload_bytes": 0, "fwd_bulk_ns": 0,
	"rev_bulks": 0, "rev_bulk_packets": 0, "rev_bulk_payload_bytes": 0, "rev_bulk_ns": 0,
	"fwd_payload_entropy_bits": 0., "fwd_payload_printable_ratio": 1., "rev_payload_entropy_bits": 7., "rev_payload_printable_ratio": 98. / 128,

	"fwd_ttl_min": 63, "fwd_ttl_max": 64, "fwd_dscp": 10, "fwd_ecn": 2, "fwd_ecn_ce_packets": 1,
	"rev_ttl_min": 50, "rev_ttl_max": 60, "rev_dscp": 0, "rev_ecn": 0, "rev_ecn_ce_packets": 0,
	"src_mac": "02:00:00:00:00:01", "dst_mac": "02:00:00:00:00:02", "mpls_labels": nil, "link_tags": 1,
	"quality_bits": 0, "late_packets": 0, "frag_packets": 0, "frag_unresolved": 0, "truncated_l4_packets": 0, "truncated_payload_packets": 0,
	"bad_ip_checksum_packets": 0, "bad_l4_checksum_packets": 0, "length_mismatch_packets": 0, "duplicate_packets": 0,

	"fwd_size_histogram": []int64{5, 0, 1, 0, 0, 0, 0, 0}, "rev_size_histogram": []int64{2, 0, 1, 0, 0, 0, 0, 0},
	"fwd_iat_histogram": []int64{0, 0, 0, 0, 3, 1, 1, 0}, "rev_iat_histogram": []int64{0, 0, 0, 0, 1, 0, 1, 0},
	"first_sizes_bytes": []int64{62, 58, 54, 154, 182, 54, 54, 54, 54}, "first_directions": []int64{0, 1, 0, 0, 1, 0, 0, 1, 0},
	"first_iats_ns":   []int64{0, 20e6, 10e6, 10e6, 30e6, 30e6, 6000e6, 100e6, 50e6},
	"first_tcp_flags": []int64{2, 18, 16, 24, 16, 16, 17, 17, 16},
}

// lone are the columns of a flow of one UDP datagram without payload.
var lone = columnCase{
	name: "one datagram without payload", list: []accuracy.Packet{at(0, traffic.UDP(client, netip.MustParseAddrPort("198.51.100.20:9999"), nil))},
	want: []row{also(unsaid, streams(nil, nil), row{
		"app_protocol": nil, "app_protocol_source": "none",
		"fwd_packets": 1, "rev_packets": 0, "duration_ns": 0, "conn_state": "S0", "history": "D", "end_reason": "end_of_capture", "end_reason_code": 4,
		"direction_evidence": "first_packet", "wire_mean_bytes": 42., "wire_std_bytes": nil, "fwd_wire_std_bytes": nil, "rev_wire_min_bytes": nil,
		"rev_wire_mean_bytes": nil, "rev_wire_std_bytes": nil, "rev_wire_max_bytes": nil, "fwd_payload_min_bytes": nil, "fwd_payload_mean_bytes": nil,
		"iat_min_ns": nil, "iat_mean_ns": nil, "iat_std_ns": nil, "iat_max_ns": nil, "packets_per_s": nil, "wire_bytes_per_s": nil, "fwd_packets_per_s": nil,
		"rev_packets_per_s": nil, "producer_consumer_ratio": nil, "fwd_tcp_flags": nil, "fwd_syn_packets": nil, "rev_ack_packets": nil, "syn_rtt_ns": nil,
		"ack_rtt_ns": nil, "handshake_ns": nil, "fwd_retransmitted_packets": nil, "fwd_gap_bytes": nil, "fwd_window_first": nil, "rev_window_max": nil, "fwd_mss": nil,
		"fwd_tcp_options": nil, "active_periods": 1, "active_min_ns": 0, "active_mean_ns": 0., "active_std_ns": nil, "active_max_ns": 0, "idle_min_ns": nil,
		"idle_mean_ns": nil, "idle_max_ns": nil, "subflows": 1, "fwd_payload_entropy_bits": nil, "fwd_payload_printable_ratio": nil, "rev_ttl_min": nil,
		"rev_ttl_max": nil, "rev_dscp": nil, "rev_ecn": nil, "rev_ecn_ce_packets": 0, "first_iats_ns": []int64{0}, "rev_size_histogram": []int64{0, 0, 0, 0, 0, 0, 0, 0},
	})},
}

// data is a segment of n bytes from client to server in a connection joined
// midway.
func data(seq uint32, n int) []byte {
	return segment(client, server, packet.ACK, seq, 1, 500, make([]byte, n))
}

// sequenceCases place segments in sequence space.
func sequenceCases() []columnCase {
	steps := func(frames ...[]byte) (list []accuracy.Packet) {
		for i, f := range frames {
			list = append(list, at(time.Duration(i)*ms, f))
		}
		return list
	}
	const wrap = 1<<32 - 64
	return []columnCase{
		{name: "a hole is filled", list: steps(data(1000, 100), data(1200, 100), data(1100, 100)),
			want: []row{{"fwd_out_of_order_packets": 1, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 0}}},
		{name: "a hole stays", list: steps(data(1000, 100), data(1200, 100)),
			want: []row{{"fwd_out_of_order_packets": 0, "fwd_gap_bytes": 100, "fwd_retransmitted_packets": 0}}},
		{name: "a hole is filled in part, then with more than was missing", list: steps(data(1000, 100), data(1300, 100), data(1100, 50), data(1150, 300)),
			want: []row{{"fwd_out_of_order_packets": 2, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 0, "fwd_retransmitted_bytes": 0}}},
		{name: "a hole is filled in its middle, behind it and before", list: steps(data(1000, 100), data(1400, 100), data(1200, 100), data(1300, 100), data(1100, 100)),
			want: []row{{"fwd_out_of_order_packets": 3, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 0}}},
		{name: "the older of two holes is filled in its middle, and all of both", list: steps(data(1000, 100), data(1400, 100), data(1600, 100), data(1200, 100), data(1300, 300)),
			want: []row{{"fwd_out_of_order_packets": 2, "fwd_gap_bytes": 100, "fwd_retransmitted_packets": 0}}},
		{name: "the younger hole is filled, the older in its middle and behind", list: steps(data(1000, 100), data(1400, 100), data(1600, 100), data(1500, 100), data(1200, 100), data(1300, 100), data(1100, 100)),
			want: []row{{"fwd_out_of_order_packets": 4, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 0}}},
		{name: "the younger hole is filled, another one comes, the older is filled", list: steps(data(1000, 100), data(1200, 100), data(1400, 100), data(1300, 100), data(1600, 100), data(1100, 100)),
			want: []row{{"fwd_out_of_order_packets": 2, "fwd_gap_bytes": 100, "fwd_retransmitted_packets": 0}}},
		{name: "a segment over two holes", list: steps(data(1000, 100), data(1200, 100), data(1400, 100), data(1100, 400)),
			want: []row{{"fwd_out_of_order_packets": 1, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 0}}},
		{name: "two holes, the older filled", list: steps(data(1000, 100), data(1200, 100), data(1400, 100), data(1100, 100)),
			want: []row{{"fwd_out_of_order_packets": 1, "fwd_gap_bytes": 100}}},
		{name: "a segment again", list: steps(data(1000, 100), data(1100, 100), data(1000, 100)),
			want: []row{{"fwd_out_of_order_packets": 0, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 1, "fwd_retransmitted_bytes": 100}}},
		{name: "a filled hole again", list: steps(data(1000, 100), data(1200, 100), data(1100, 100), data(1100, 100)),
			want: []row{{"fwd_out_of_order_packets": 1, "fwd_gap_bytes": 0, "fwd_retransmitted_packets": 1, "fwd_retransmitted_bytes": 100}}},
		{name: "keep-alives with a byte and without", list: steps(data(1000, 100), data(1099, 1), data(1099, 0), data(1100, 10)),
			want: []row{{"fwd_retransmitted_packets": 0, "fwd_gap_bytes": 0, "fwd_payload_bytes": 111}}},
		{name: "one byte again that is no keep-alive", list: steps(data(1000, 100), data(1050, 1)),
			want: []row{{"fwd_retransmitted_packets": 1, "fwd_retransmitted_bytes": 1}}},
		{name: "past 2^32", list: steps(data(wrap, 100), data(36, 10), data(wrap, 100), data(100, 10)),
			want: []row{{"fwd_retransmitted_packets": 1, "fwd_retransmitted_bytes": 100, "fwd_gap_bytes": 54, "fwd_out_of_order_packets": 0}}},
		{name: "SYN, SYN+ACK and FIN again", list: steps(
			segment(client, server, packet.SYN, 100, 0, 1, nil), segment(client, server, packet.SYN, 100, 0, 1, nil),
			segment(server, client, synACK, 900, 101, 1, nil), segment(server, client, synACK, 900, 101, 1, nil),
			segment(client, server, finACK, 101, 901, 1, nil), segment(client, server, finACK, 101, 901, 1, nil)),
			want: []row{{"fwd_retransmitted_packets": 2, "rev_retransmitted_packets": 1, "fwd_retransmitted_bytes": 0, "fwd_gap_bytes": 0, "syn_rtt_ns": 1 * ms}}},
		{name: "windows of zero", list: steps(
			segment(client, server, packet.SYN, 100, 0, 0, nil), segment(client, server, packet.ACK, 101, 0, 0, nil),
			segment(client, server, packet.ACK, 101, 0, 7, nil), segment(client, server, packet.RST, 101, 0, 0, nil)),
			want: []row{{"fwd_zero_window_packets": 1, "fwd_window_first": 0, "fwd_window_max": 7}}},
		{name: "a RST with a reason is no data in sequence", list: steps(data(1000, 100), segment(client, server, packet.RST, 1100, 0, 0, []byte("reason")), data(1100, 10)),
			want: []row{{"fwd_retransmitted_packets": 0, "fwd_gap_bytes": 0, "fwd_payload_bytes": 116}}},
	}
}

// directionCases say who the initiator is, and by what evidence.
func directionCases() []columnCase {
	dns, high := netip.MustParseAddrPort("198.51.100.20:53"), netip.MustParseAddrPort("198.51.100.20:9999")
	likeZeek := func(c *stages.Config) { c.Timeouts.Zeek = true }
	router := netip.MustParseAddr("fe80::1")
	reply := traffic.ICMP(server.Addr(), client.Addr(), 0, 0, 1, nil)
	request := traffic.ICMP(client.Addr(), server.Addr(), 8, 0, 1, nil)
	return []columnCase{
		{name: "SYN+ACK first", list: []accuracy.Packet{at(0, segment(server, client, synACK, 1, 1, 1, nil))}, want: []row{{
			"src_port": 40000, "dst_port": 80, "direction_evidence": "syn_ack", "fwd_packets": 0, "rev_packets": 1, "history": "^h",
			"src_mac": "02:00:00:00:00:02", "dst_mac": "02:00:00:00:00:01", "first_directions": []int64{1},
		}}},
		{name: "SYN+ACK first by Zeek's rules, which wait for what follows", tune: likeZeek, list: []accuracy.Packet{at(0, segment(high, client, synACK, 1, 2, 1, nil)), at(ms, segment(client, high, packet.ACK, 2, 2, 1, nil))},
			want: []row{{"src_port": 40000, "dst_port": 9999, "direction_evidence": "syn_ack", "fwd_packets": 1, "rev_packets": 1, "history": "^hA"}}},
		{name: "SYN after its SYN+ACK", list: []accuracy.Packet{at(0, segment(server, client, synACK, 500, 101, 1, nil)), at(ms, segment(client, server, packet.SYN, 100, 0, 1, nil))},
			want: []row{{"src_port": 40000, "fwd_packets": 1, "rev_packets": 1, "fwd_syn_packets": 1, "rev_syn_packets": 1, "first_directions": []int64{1, 0}}}},
		{name: "answer from a known port first", list: []accuracy.Packet{at(0, traffic.UDP(dns, client, []byte("y"))), at(ms, traffic.UDP(client, dns, []byte("x")))},
			want: []row{{"src_port": 40000, "dst_port": 53, "direction_evidence": "port", "fwd_packets": 1, "rev_packets": 1, "history": "^dD"}}},
		{name: "echo reply first", list: []accuracy.Packet{at(0, reply), at(ms, request)}, want: []row{{
			"src_ip": "192.0.2.10", "icmp_type": 8, "icmp_code": 0, "src_port": nil, "dst_port": nil, "direction_evidence": "icmp",
			"fwd_packets": 1, "rev_packets": 1, "protocol": 1, "conn_state": "OTH", "history": "",
		}}},
		{name: "router advertisement to all nodes", list: []accuracy.Packet{at(0, traffic.ICMP(router, netip.MustParseAddr("ff02::1"), 134, 0, 0, nil))}, want: []row{{
			"src_ip": "fe80::1", "dst_ip": "ff02::1", "icmp_type": 134, "direction_evidence": "first_packet", "fwd_packets": 1, "rev_packets": 0,
		}}},
		{name: "router advertisement of IPv4", list: []accuracy.Packet{at(0, traffic.ICMP(client.Addr(), netip.MustParseAddr("224.0.0.1"), 9, 0, 0, nil))},
			want: []row{{"src_ip": "192.0.2.10", "icmp_type": 9, "direction_evidence": "first_packet", "fwd_packets": 1, "rev_packets": 0}}},
		{name: "router advertisement that was asked for", list: []accuracy.Packet{at(0, traffic.ICMP(router, netip.MustParseAddr("fe80::2"), 134, 0, 0, nil))},
			want: []row{{"src_ip": "fe80::2", "icmp_type": 133, "direction_evidence": "icmp", "fwd_packets": 0, "rev_packets": 1}}},
		{name: "unreachable is no answer", list: []accuracy.Packet{at(0, traffic.ICMP(client.Addr(), server.Addr(), 3, 3, 0, nil)), at(ms, traffic.ICMP(server.Addr(), client.Addr(), 3, 3, 0, nil))},
			want: []row{{"icmp_type": 3, "icmp_code": 3, "fwd_packets": 1, "rev_packets": 0}, {"icmp_type": 3, "fwd_packets": 1, "rev_packets": 0}}},
		{name: "from an end to itself", list: []accuracy.Packet{at(0, segment(server, server, packet.SYN, 1, 0, 1, nil)), at(ms, segment(server, server, synACK, 9, 2, 1, nil))},
			want: []row{{"fwd_packets": 2, "rev_packets": 0}}},
	}
}

// every returns frames that come one step after the other.
func every(step time.Duration, frames ...[]byte) (list []accuracy.Packet) {
	for i, f := range frames {
		list = append(list, at(time.Duration(i)*step, f))
	}
	return list
}

// linkCases are packets behind tags, with defects, cut or in fragments.
func linkCases() []columnCase {
	body := []byte("0123456789")
	v6, w6 := netip.MustParseAddrPort("[2001:db8::1]:40000"), netip.MustParseAddrPort("[2001:db8::2]:9999")
	shortTo := func(frame []byte, n int) accuracy.Packet {
		return accuracy.Packet{Time: base, Data: frame[:n], Wire: uint32(len(frame))}
	}
	tcp := segment(client, server, packet.ACK, 7, 1, 99, body, traffic.TCPOpts(traffic.Timestamps(1, 2)))
	big := traffic.NewUDP(client, server, make([]byte, 100))
	pieces := traffic.Fragments(big, 60, 1) // 20 bytes of IP header, 40 of body: 40, 40, 28
	opening := traffic.Fragments(traffic.NewTCP(client, server, packet.SYN, 100, 0, 1000, nil), 28, 1)
	answer := traffic.Fragments(traffic.NewTCP(server, client, synACK, 900, 101, 2000, nil), 36, 1)
	halfway := traffic.Fragments(traffic.NewTCP(server, client, packet.ACK, 901, 101, 2000, body), 36, 1)
	return []columnCase{
		{name: "two VLAN tags", list: []accuracy.Packet{at(0, traffic.UDP(client, server, body, traffic.Tagged(100, 7)))},
			want: []row{{"vlan_ids": []int64{100, 7}, "link_tags": 3, "fwd_wire_bytes": 14 + 8 + 38, "fwd_ip_bytes": 38, "mpls_labels": nil}}},
		{name: "MPLS", list: []accuracy.Packet{at(0, traffic.UDP(client, server, body, traffic.Labelled(16001, 42)))},
			want: []row{{"mpls_labels": []int64{16001, 42}, "link_tags": 5, "vlan_ids": nil}}},
		{name: "PPPoE", list: []accuracy.Packet{at(0, traffic.UDP(client, server, body, traffic.InPPPoE(3)))}, want: []row{{"link_tags": 9, "fwd_ip_bytes": 38}}},
		{name: "padding is no payload", list: []accuracy.Packet{at(0, traffic.UDP(client, server, body, traffic.Padded(60)))},
			want: []row{{"fwd_wire_bytes": 60, "fwd_ip_bytes": 38, "fwd_payload_bytes": 10}}},
		{name: "IPv6", list: []accuracy.Packet{at(0, traffic.UDP(v6, w6, body))},
			want: []row{{"ip_version": 6, "src_ip": "2001:db8::1", "fwd_wire_bytes": 14 + 40 + 18, "fwd_ip_bytes": 58, "fwd_payload_bytes": 10}}},
		{name: "wrong checksums", list: []accuracy.Packet{
			at(0, traffic.UDP(client, server, body, traffic.Broken(traffic.BadIPChecksum))),
			at(ms, traffic.UDP(client, server, body, traffic.Broken(traffic.BadL4Checksum))),
			at(2*ms, traffic.UDP(client, server, body, traffic.Broken(traffic.NoL4Checksum))),
		}, want: []row{{"quality_bits": 32 | 64, "bad_ip_checksum_packets": 1, "bad_l4_checksum_packets": 1, "fwd_packets": 3}}},
		{name: "checksums left alone", tune: func(c *stages.Config) { c.Checksums = false },
			list: []accuracy.Packet{at(0, traffic.UDP(client, server, body, traffic.Broken(traffic.BadIPChecksum|traffic.BadL4Checksum)))},
			want: []row{{"quality_bits": 0, "bad_ip_checksum_packets": 0, "bad_l4_checksum_packets": 0}}},
		{name: "payload cut", list: []accuracy.Packet{shortTo(traffic.UDP(client, server, body), 46)}, want: []row{{
			"quality_bits": 4 | 128, "truncated_payload_packets": 1, "truncated_l4_packets": 0, "fwd_payload_bytes": 10, "fwd_wire_bytes": 52,
			"fwd_payload_entropy_bits": 2., "fwd_payload_printable_ratio": 1.,
		}}},
		{name: "TCP options cut", list: []accuracy.Packet{shortTo(tcp, 54+2)}, want: []row{{
			"quality_bits": 2 | 4 | 128, "truncated_l4_packets": 1, "fwd_payload_bytes": 10, "fwd_tcp_header_bytes": 32, "fwd_ack_packets": 1, "fwd_window_first": 99,
		}}},
		{name: "TCP header cut behind the flags", list: []accuracy.Packet{shortTo(tcp, 34+14)}, want: []row{{
			"truncated_l4_packets": 1, "fwd_ack_packets": 1, "fwd_window_first": nil, "fwd_tcp_header_bytes": 32, "fwd_payload_bytes": 10,
		}}},
		{name: "TCP header cut behind its length", list: []accuracy.Packet{shortTo(tcp, 34+13)}, want: []row{{
			"truncated_l4_packets": 1, "fwd_tcp_flags": 0, "fwd_tcp_header_bytes": 32, "fwd_payload_bytes": 10,
		}}},
		{name: "TCP header cut before the flags", list: []accuracy.Packet{shortTo(tcp, 34+8)}, want: []row{{"src_port": 40000, "fwd_tcp_flags": 0, "fwd_gap_bytes": 0, "fwd_window_first": nil}}},
		{name: "fragments", list: []accuracy.Packet{at(0, pieces[0]), at(ms, pieces[1]), at(3*ms, pieces[2])}, want: []row{{
			"src_port": 40000, "dst_port": 80, "fwd_packets": 3, "frag_packets": 3, "frag_unresolved": 0, "quality_bits": 8 | 16, "late_packets": 0,
			"fwd_wire_bytes": 74 + 74 + 62, "fwd_ip_bytes": 60 + 60 + 48, "fwd_payload_bytes": 100, "fwd_data_packets": 1, "fwd_payload_max_bytes": 100,
			"start_ns": int(base), "duration_ns": 3 * ms, "fwd_iat_min_ns": ms, "fwd_iat_max_ns": 2 * ms, "first_packet_index": 1,
			"first_sizes_bytes": []int64{74, 74, 62}, "first_iats_ns": []int64{0, 1e6, 2e6}, "conn_state": "S0", "history": "D",
		}}},
		{name: "fragments, the last one first", list: []accuracy.Packet{at(0, pieces[2]), at(ms, pieces[1]), at(3*ms, pieces[0])}, want: []row{{
			"src_port": 40000, "fwd_packets": 3, "frag_packets": 3, "frag_unresolved": 0, "quality_bits": 8 | 16, "fwd_payload_bytes": 100,
			"start_ns": int(base), "duration_ns": 3 * ms, "first_packet_index": 1, "first_sizes_bytes": []int64{62, 74, 74},
		}}},
		{name: "a handshake in fragments", list: every(ms, opening[0], opening[1], opening[2], answer[0], answer[1]), want: []row{{
			"src_port": 40000, "fwd_packets": 3, "rev_packets": 2, "frag_packets": 5, "conn_state": "S1", "history": "Sh", "end_reason": "end_of_capture",
			"direction_evidence": "syn", "fwd_syn_packets": 1, "rev_syn_packets": 1, "syn_rtt_ns": 2 * ms, "first_directions": []int64{0, 0, 0, 1, 1},
		}}},
		{name: "the answer to a handshake in fragments", list: every(ms, answer[1], answer[0]), want: []row{{
			"src_port": 40000, "fwd_packets": 0, "rev_packets": 2, "rev_wire_bytes": 14 + 36 + 14 + 24, "history": "^h", "direction_evidence": "syn_ack", "first_directions": []int64{1, 1},
		}}},
		{name: "a connection halfway in fragments", list: every(ms, halfway[0], halfway[1]), want: []row{{
			"src_port": 40000, "fwd_packets": 0, "rev_packets": 2, "rev_payload_bytes": 10, "history": "^d", "direction_evidence": "port",
		}}},
		{name: "fragments without an end", list: []accuracy.Packet{at(0, pieces[1]), at(ms, pieces[0])}, want: []row{{
			"src_port": 40000, "fwd_packets": 2, "frag_packets": 2, "frag_unresolved": 2, "quality_bits": 1 | 8 | 16 | 128, "fwd_payload_bytes": 32,
			"fwd_ip_bytes": 120, "start_ns": int(base), "duration_ns": ms, "first_sizes_bytes": []int64{74, 74},
		}}},
		{name: "fragments without a beginning", list: []accuracy.Packet{at(0, pieces[1]), at(ms, pieces[2])}},
		{name: "a packet between fragments", list: []accuracy.Packet{at(0, pieces[0]), at(ms, traffic.UDP(client, server, body)), at(2*ms, pieces[1]), at(4*ms, pieces[2])}, want: []row{{
			"fwd_packets": 4, "frag_packets": 3, "fwd_payload_bytes": 110, "fwd_data_packets": 2, "quality_bits": 8 | 16, "late_packets": 0,
			"start_ns": int(base) + int(ms), "duration_ns": 3 * ms, "first_sizes_bytes": []int64{52, 74, 74, 62}, "first_iats_ns": []int64{0, -1e6, 1e6, 2e6},
			"fwd_iat_min_ns": ms, "fwd_iat_max_ns": 2 * ms, "first_packet_index": 2,
		}}},
		{name: "late in its flow", tune: asRead, list: []accuracy.Packet{at(0, data(1, 1)), at(10*ms, data(2, 1)), at(5*ms, data(3, 1)), at(20*ms, data(4, 1))}, want: []row{{
			"quality_bits": 256, "late_packets": 1, "iat_min_ns": 10 * ms, "iat_mean_ns": 10e6, "iat_std_ns": 0., "fwd_iat_max_ns": 10 * ms, "duration_ns": 20 * ms,
			"first_iats_ns": []int64{0, 10e6, -5e6, 10e6}, "fwd_iat_histogram": []int64{0, 0, 0, 0, 2, 0, 0, 0},
		}}},
		{name: "late, and put in its place", list: []accuracy.Packet{at(0, data(1, 1)), at(10*ms, data(2, 1)), at(5*ms, data(3, 1)), at(20*ms, data(4, 1))}, want: []row{{
			"quality_bits": 0, "late_packets": 0, "iat_min_ns": 5 * ms, "fwd_iat_max_ns": 10 * ms, "duration_ns": 20 * ms, "first_packet_index": 1,
			"first_iats_ns": []int64{0, 5e6, 5e6, 10e6},
		}}},
		{name: "time far ahead", list: []accuracy.Packet{at(0, data(1, 1)), at(48*time.Hour, data(2, 1)), at(5*ms, data(3, 1))}, want: []row{{
			"quality_bits": 4096, "late_packets": 1, "end_ns": int(base) + int(48*time.Hour), "fwd_packets": 3,
		}}},
		{name: "seen twice", tune: marked, list: []accuracy.Packet{at(0, data(1, 1)), at(ms, hopped), at(2*ms, data(2, 1))}, want: []row{{
			"quality_bits": 8192, "duplicate_packets": 1, "fwd_packets": 3,
		}}},
	}
}

// hopped is data(1, 1) behind a router.
var hopped = segment(client, server, packet.ACK, 1, 1, 500, make([]byte, 1), traffic.Hops(63))

// asRead keeps packets in the order of the capture.
func asRead(c *stages.Config) { c.Reorder = 0 }

// marked marks duplicates.
func marked(c *stages.Config) { c.Duplicates.Mode = stages.DuplicatesMark }

// pieceCases cut flows and join packets to runs.
func pieceCases() []columnCase {
	ping := datagram(client, netip.MustParseAddrPort("198.51.100.20:9999"))
	short := func(c *stages.Config) { c.Timeouts.Active = 30 * time.Second }
	bulk := func(d time.Duration) accuracy.Packet { return at(d, data(uint32(d/ms), 10)) }
	return []columnCase{
		{name: "active timeout", tune: short, list: every(10*time.Second, ping, ping, ping, ping, ping, ping, ping, ping, ping, ping, ping), want: []row{
			{"piece_no": 0, "fwd_packets": 4, "end_reason": "active_timeout", "end_reason_code": 2, "duration_ns": 30 * time.Second, "iat_mean_ns": 10e9, "active_periods": 4},
			{"piece_no": 1, "fwd_packets": 4, "end_reason": "active_timeout", "start_ns": int(base) + 40e9, "first_packet_index": 5, "iat_std_ns": 0., "first_iats_ns": []int64{0, 10e9, 10e9, 10e9}},
			{"piece_no": 2, "fwd_packets": 3, "end_reason": "end_of_capture", "fwd_iat_max_ns": 10 * time.Second, "idle_mean_ns": 10e9},
		}},
		{name: "a connection over two pieces", tune: short, list: []accuracy.Packet{
			at(0, segment(client, server, packet.SYN, 100, 0, 1000, nil, traffic.TCPOpts(traffic.MSS(1460)))),
			at(time.Second, segment(server, client, synACK, 900, 101, 2000, nil)),
			at(2*time.Second, segment(client, server, packet.ACK, 101, 901, 1000, make([]byte, 10))),
			at(31*time.Second, segment(client, server, packet.ACK, 101, 901, 3000, make([]byte, 10))),
			at(32*time.Second, segment(client, server, packet.ACK, 121, 901, 3000, make([]byte, 10))),
			at(33*time.Second, segment(server, client, packet.RST, 901, 0, 0, nil)),
		}, want: []row{
			{"piece_no": 0, "conn_state": "S1", "history": "ShD", "syn_rtt_ns": time.Second, "ack_rtt_ns": time.Second, "fwd_mss": 1460, "fwd_retransmitted_packets": 0, "direction_evidence": "syn"},
			{"piece_no": 1, "conn_state": "RSTR", "history": "ShDTr", "syn_rtt_ns": nil, "ack_rtt_ns": nil, "fwd_mss": nil, "fwd_tcp_options": nil, "fwd_window_first": 3000,
				"fwd_retransmitted_packets": 1, "fwd_gap_bytes": 10, "end_reason": "tcp_reset", "fwd_packets": 2, "rev_packets": 1, "fwd_payload_bytes": 20, "direction_evidence": "syn"},
		}},
		{name: "tags are those of a piece's first packet", tune: short, list: every(31*time.Second, traffic.UDP(client, server, nil, traffic.Tagged(7)), traffic.UDP(client, server, nil), traffic.UDP(client, server, nil, traffic.Labelled(42)), traffic.UDP(client, server, nil)), want: []row{
			{"piece_no": 0, "vlan_ids": []int64{7}, "link_tags": 3}, {"piece_no": 1, "vlan_ids": nil, "link_tags": 1},
			{"piece_no": 2, "vlan_ids": nil, "mpls_labels": []int64{42}, "link_tags": 5}, {"piece_no": 3, "mpls_labels": nil, "link_tags": 1, "src_mac": "02:00:00:00:00:01"},
		}},
		{name: "idle timeout", list: every(61*time.Second, ping, ping), want: []row{{"end_reason": "idle_timeout", "end_reason_code": 1, "piece_no": 0}, {"end_reason": "end_of_capture", "piece_no": 0}}},
		{name: "idle for the timeout just", list: every(time.Minute, ping, ping), want: []row{{"fwd_packets": 2}}},
		{name: "a new SYN", list: every(time.Second, segment(client, server, packet.SYN, 100, 0, 1, nil), segment(client, server, packet.SYN, 500, 0, 1, nil)),
			want: []row{{"end_reason": "ports_reused", "end_reason_code": 3, "conn_state": "S0"}, {"end_reason": "end_of_capture", "fwd_gap_bytes": 0}}},
		{name: "bulks", list: []accuracy.Packet{
			bulk(0), bulk(100 * ms), bulk(200 * ms), bulk(300 * ms), bulk(400 * ms), // five: a bulk
			at(450*ms, segment(server, client, packet.ACK, 1, 1, 500, []byte("stop"))), // ends it
			bulk(500 * ms), bulk(600 * ms), bulk(700 * ms), // three: none, as a pause follows
			bulk(3000 * ms), bulk(3100 * ms), bulk(3200 * ms), bulk(3300 * ms), // four: another
		}, want: []row{{"fwd_bulks": 2, "fwd_bulk_packets": 9, "fwd_bulk_payload_bytes": 90, "fwd_bulk_ns": 700 * ms, "rev_bulks": 0, "rev_bulk_ns": 0, "subflows": 2}}},
		{name: "acknowledgements do not end a bulk", list: []accuracy.Packet{
			bulk(0), at(50*ms, segment(server, client, packet.ACK, 1, 10, 500, nil)), bulk(100 * ms), bulk(200 * ms), bulk(300 * ms),
		}, want: []row{{"fwd_bulks": 1, "fwd_bulk_packets": 4, "fwd_bulk_ns": 300 * ms}}},
		{name: "data of the other side at one instant ends a bulk", list: []accuracy.Packet{
			bulk(0), at(0, segment(server, client, packet.ACK, 1, 1, 500, []byte("stop"))), bulk(100 * ms), bulk(200 * ms), bulk(300 * ms),
		}, want: []row{{"fwd_bulks": 0, "fwd_bulk_packets": 0, "fwd_bulk_payload_bytes": 0, "fwd_bulk_ns": 0}}},
		{name: "a bulk behind data of the other side with a later time", list: []accuracy.Packet{
			at(9*time.Second, segment(server, client, packet.ACK, 1, 1, 500, []byte("stop"))), at(10*time.Second, segment(client, server, packet.ACK, 1, 5, 500, nil)), bulk(8000 * ms), bulk(8100 * ms), bulk(8200 * ms), bulk(8300 * ms),
		}, want: []row{{"fwd_bulks": 1, "fwd_bulk_packets": 4, "fwd_bulk_payload_bytes": 40, "fwd_bulk_ns": 300 * ms, "late_packets": 4}}},
		{name: "gaps of just 5 s and 1 s", list: []accuracy.Packet{at(0, ping), at(5*time.Second, ping), at(6*time.Second, ping), at(11*time.Second+1, ping)},
			want: []row{{"active_periods": 2, "active_min_ns": 0, "active_max_ns": 6 * time.Second, "idle_min_ns": 5*time.Second + 1, "subflows": 3}}},
	}
}

// TestColumns compares every column with values worked out by hand.
func TestColumns(t *testing.T) {
	seen := map[string]bool{"flow_id": true, "conn_id": true, "community_id": true} // their own tests
	spoken := row{"app_protocol": "http", "app_protocol_source": "port"}
	cases := []columnCase{{name: "conversation", list: conversation, want: []row{also(conversationRow, unsaid, spoken, streams(plain(100), plain(128)))}}, lone}
	cases = append(cases, sequenceCases()...)
	cases = append(cases, directionCases()...)
	cases = append(cases, linkCases()...)
	cases = append(cases, pieceCases()...)
	cases = append(cases, tunnelCases()...)
	cases = append(cases, saidCases()...)
	for i := range cases {
		cases[i].run(t, seen)
	}
	table, _ := mustRun(t, everything(), &accuracy.Packets{List: conversation})
	for _, c := range table.Schema.Columns {
		if !seen[c.Name] {
			t.Errorf("no expectation for column %s", c.Name)
		}
	}
}

// TestFlowIDs holds that ids are what the column says: the same in every run over
// the same packets, other for other keys and times, and shared within a
// connection.
func TestFlowIDs(t *testing.T) {
	ping := datagram(client, server)
	cfg := everything()
	cfg.Timeouts.Active = time.Second
	list := []accuracy.Packet{at(0, ping), at(2*time.Second, ping), at(5*time.Minute, ping), at(5*time.Minute, datagram(other, server))}
	table, _ := mustRun(t, cfg, &accuracy.Packets{List: list})
	if table.Rows != 4 {
		t.Fatalf("%d rows, want 4", table.Rows)
	}
	id := func(i int) int64 { return table.Int("flow_id", i) }
	conn := func(i int) int64 { return table.Int("conn_id", i) }
	if conn(0) != id(0) || conn(1) != id(0) || id(1) == id(0) || conn(2) != id(2) || conn(3) != id(3) {
		t.Errorf("ids %d %d %d %d of connections %d %d %d %d", id(0), id(1), id(2), id(3), conn(0), conn(1), conn(2), conn(3))
	}
	again, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 1})
	if err := sameRows(table, again); err != nil {
		t.Error(err)
	}
	// Community ID specification, version 1, seed 0: 128.232.110.120:34855 to
	// 66.35.250.204:80 over TCP.
	a, b := netip.MustParseAddrPort("128.232.110.120:34855"), netip.MustParseAddrPort("66.35.250.204:80")
	table, _ = mustRun(t, cfg, &accuracy.Packets{List: []accuracy.Packet{at(0, segment(a, b, packet.SYN, 1, 0, 1, nil)), at(ms, segment(b, a, synACK, 1, 2, 1, nil))}})
	if got := table.Text("community_id", 0); got != "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" {
		t.Errorf("community_id %s", got)
	}
}

// TestTimestampsRoundDown holds that times before 1970 round down as well.
func TestTimestampsRoundDown(t *testing.T) {
	table, _ := mustRun(t, everything(), &accuracy.Packets{List: []accuracy.Packet{accuracy.Whole(-1, datagram(client, server))}})
	if got := table.Int("start_time", 0); got != -1 {
		t.Errorf("start_time of -1 ns is %d µs, want -1", got)
	}
	if c := table.Schema.Columns[table.Schema.Index("start_time")]; c.Type != column.Timestamp {
		t.Error(fmt.Sprint("start_time is ", c.Type))
	}
}
