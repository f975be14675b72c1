package hostile

import (
	"strconv"
	"strings"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// payloads are contents made for whoever parses them: pointers that loop, counts
// that lie, strings without end. The flows are sound.
func payloads() []Case {
	dns := func(b ...byte) [][]byte { return [][]byte{traffic.UDP(server(), client(1), b)} }
	web := func(text string) [][]byte { return inSegments(80, []byte(text)) }
	tls := func(b ...byte) [][]byte { return inSegments(443, b) }
	return []Case{
		bad("dns_pointer_to_itself", packet.InFlow, dns(0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1)...),
		bad("dns_pointers_in_a_ring", packet.InFlow, dns(0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 14, 0xc0, 12, 0, 1, 0, 1)...),
		bad("dns_pointer_beyond_the_message", packet.InFlow, dns(0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 1, 0, 1)...),
		bad("dns_65535_records_announced", packet.InFlow, dns(0, 1, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)...),
		bad("dns_ladder_of_pointers", packet.InFlow, dns(append([]byte{0, 1, 0x80, 0, 0x10, 0, 0, 0, 0, 0, 0, 0}, ladder(4000)...)...)...),
		bad("dns_name_of_control_characters", packet.InFlow, traffic.UDP(client(1), server(), traffic.DNS(1, []string{"\x1b]0;owned\x07", "=cmd|' /C calc'!A0", "<script>"}, false))),
		bad("dns_over_tcp_length_lies", packet.InFlow, inSegments(53, append([]byte{0xff, 0xff}, make([]byte, 20)...))...),
		bad("http_ten_thousand_headers", packet.InFlow, web("GET / HTTP/1.1\r\n"+strings.Repeat("a: b\r\n", 10_000))...),
		bad("http_header_line_of_64_kilobytes", packet.InFlow, web("GET / HTTP/1.1\r\nCookie: "+strings.Repeat("x", 64<<10))...),
		bad("http_folded_without_end", packet.InFlow, web("GET / HTTP/1.1\r\nX: y\r\n"+strings.Repeat(" \r\n", 20_000))...),
		bad("http_chunk_of_all_ones", packet.InFlow, web("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")...),
		bad("http_content_length_negative", packet.InFlow, web("HTTP/1.1 200 OK\r\nContent-Length: -"+strconv.Itoa(1<<62)+"\r\n\r\n")...),
		bad("http_user_agent_of_terminal_escapes", packet.InFlow, web("GET / HTTP/1.1\r\nUser-Agent: \x1b]52;c;b3duZWQ=\x07\x00\xff\r\n\r\n")...),
		bad("tls_record_of_64_kilobytes_announced", packet.InFlow, tls(0x16, 3, 3, 0xff, 0xff, 1, 0xff, 0xff, 0xff)...),
		bad("tls_hello_of_ten_thousand_extensions", packet.InFlow, tls(hello(repeated(10_000, 0xfa, 0xfa, 0, 0))...)...),
		bad("tls_server_name_of_60_kilobytes", packet.InFlow, tls(hello(join([]byte{0, 0}, u16(60_005), u16(60_003), []byte{0}, u16(60_000), bytesOf(60_000, 'a')))...)...),
		bad("tls_server_name_length_lies", packet.InFlow, tls(hello([]byte{0, 0, 0, 5, 0, 3, 0, 0xff, 0xff})...)...),
		bad("tls_alpn_not_alphanumeric", packet.InFlow, tls(hello([]byte{0, 16, 0, 5, 0, 3, 2, 0xff, 0})...)...),
		bad("tls_alerts_only", packet.InFlow, tls(repeated(500, 0x15, 3, 3, 0, 2, 2, 40)...)...),
		bad("quic_of_all_ones", packet.InFlow, traffic.UDP(client(1), port(host(1), 443), bytesOf(1200, 0xff))),
		bad("quic_connection_id_of_255_bytes", packet.InFlow, traffic.UDP(client(1), port(host(1), 443), []byte{0xc0, 0, 0, 0, 1, 255, 1, 2})),
		bad("ssh_banner_without_end", packet.InFlow, inSegments(22, []byte("SSH-2.0-"+strings.Repeat("x", 50_000)))...),
		bad("dhcp_options_without_end", packet.InFlow, traffic.UDP(port(host(7), 68), port(host(1), 67), join(make([]byte, 236), []byte{99, 130, 83, 99}, repeated(100, 12, 255)))),
		bad("smb_offsets_beyond_the_message", packet.InFlow, inSegments(445, join([]byte{0, 0, 0, 64, 0xfe, 'S', 'M', 'B'}, bytesOf(60, 0xff)))...),
	}
}

// inSegments is data from a client to a port of a server, 1,400 bytes a segment.
func inSegments(dst uint16, data []byte) [][]byte {
	var frames [][]byte
	for seq := 0; seq < len(data); seq += 1400 {
		part := data[seq:min(seq+1400, len(data))]
		frames = append(frames, traffic.TCP(client(3), port(host(1), dst), packet.ACK|packet.PSH, uint32(seq), 1, 65535, part))
	}
	return frames
}

// ladder is n pointers, each to the one before.
func ladder(n int) []byte {
	out := u16(0xc000 | 12)
	for i := range n {
		out = append(out, u16(0xc000|uint16(12+2*i))...)
	}
	return out
}

// hello is a TLS ClientHello with the given extensions.
func hello(extensions []byte) []byte {
	body := join([]byte{3, 3}, make([]byte, 32), []byte{0, 0, 2, 0x13, 1, 1, 0}, u16(uint16(len(extensions))), extensions)
	handshake := append([]byte{1, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return join([]byte{0x16, 3, 1}, u16(uint16(len(handshake))), handshake)
}
