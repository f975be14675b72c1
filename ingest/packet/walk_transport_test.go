package packet_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// ip4 is a raw IPv4 packet of a protocol with any body.
func ip4(protocol byte, body []byte, opts ...traffic.Option) []byte {
	return traffic.IP(clientV4.Addr(), serverV4.Addr(), protocol, body, append(opts, traffic.OnLink(packet.LinkRaw))...)
}

// segmentOf returns the transport bytes of an Ethernet frame of 14+20 bytes of
// headers.
func segmentOf(frame []byte) []byte { return frame[34:] }

func TestTransport(t *testing.T) {
	tcp := segmentOf(traffic.TCP(clientV4, serverV4, packet.ACK, 7, 9, 500, body(6), traffic.TCPOpts(traffic.Timestamps(1, 2), traffic.NOP(), traffic.NOP())))
	udp := segmentOf(traffic.UDP(clientV4, serverV4, body(6)))
	sctp := segmentOf(traffic.SCTP(clientV4, serverV4, 5, body(8)))
	echo := segmentOf(traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 8, 0, 1, body(6)))
	first := traffic.Fragmented(traffic.Fragment{More: true})
	const in, l4 = packet.InFlow, packet.MalformedL4
	const cutL4, cut, unchecked = packet.TruncatedL4, packet.TruncatedPayload, packet.UncheckedL4
	const frag, badLen = packet.FirstFragment, packet.BadL4Length
	tests := []struct {
		name  string
		frame []byte
		wire  int
		want  shape
	}{
		{"TCP", ip4(6, tcp), 58, shape{in, 6, 58, 20, 32, 6, 6, 0}},
		{"TCP offset below 20", ip4(6, edited(tcp, 12, 0x40)), 58, shape{out: l4}},
		{"TCP offset 0", ip4(6, edited(tcp, 12, 0)), 58, shape{out: l4}},
		{"TCP offset at the end", ip4(6, edited(tcp[:32], 12, 0x80)), 52, shape{in, 6, 52, 20, 32, 0, 0, 0}},
		{"TCP offset beyond the segment", ip4(6, edited(tcp, 12, 0xf0)), 58, shape{out: l4}},
		{"TCP of 19 bytes", ip4(6, tcp[:19]), 39, shape{out: l4}},
		{"TCP without data", ip4(6, nil), 20, shape{out: l4}},
		{"TCP, tiny first fragment", ip4(6, tcp[:8], first), 28, shape{in, 6, 28, 20, 8, 0, 0, frag | cutL4 | unchecked}},
		{"TCP, first fragment ends in options", ip4(6, tcp[:24], first), 44, shape{in, 6, 44, 20, 24, 0, 0, frag | cutL4 | unchecked}},
		{"TCP, first fragment too short for ports", ip4(6, tcp[:3], first), 23, shape{out: l4}},

		{"UDP", ip4(17, udp), 34, shape{in, 17, 34, 20, 8, 6, 6, 0}},
		{"UDP length 0", ip4(17, edited(udp, 4, 0, 0)), 34, shape{in, 17, 34, 20, 8, 6, 6, 0}},
		{"UDP length 7", ip4(17, edited(udp, 4, 0, 7)), 34, shape{out: l4}},
		{"UDP length 8", ip4(17, edited(udp, 4, 0, 8)), 34, shape{in, 17, 34, 20, 8, 0, 0, 0}},
		{"UDP length short", ip4(17, edited(udp, 4, 0, 11)), 34, shape{in, 17, 34, 20, 8, 3, 3, 0}},
		{"UDP length long", ip4(17, edited(udp, 4, 0, 15)), 34, shape{in, 17, 34, 20, 8, 6, 6, badLen}},
		{"UDP length long in a first fragment", ip4(17, edited(udp, 4, 4, 0), first), 34, shape{in, 17, 34, 20, 8, 6, 6, frag}},
		{"UDP of 7 bytes", ip4(17, udp[:7]), 27, shape{out: l4}},
		{"UDP, cut in payload", ip4(17, udp)[:30], 34, shape{in, 17, 34, 20, 8, 6, 2, cut}},
		{"UDP length short and cut", ip4(17, edited(udp, 4, 0, 11))[:30], 34, shape{in, 17, 34, 20, 8, 3, 2, cut}},

		{"SCTP", ip4(132, sctp), 40, shape{in, 132, 40, 20, 12, 8, 8, 0}},
		{"SCTP of 11 bytes", ip4(132, sctp[:11]), 31, shape{out: l4}},
		{"SCTP cut behind its ports", ip4(132, sctp)[:24], 40, shape{in, 132, 40, 20, 4, 8, 0, cut | cutL4 | unchecked}},

		{"ICMP", ip4(1, echo), 34, shape{in, 1, 34, 20, 8, 6, 6, 0}},
		{"ICMP of 4 bytes", ip4(1, echo[:4]), 24, shape{in, 1, 24, 20, 4, 0, 0, 0}},
		{"ICMP of 3 bytes", ip4(1, echo[:3]), 23, shape{out: l4}},
		{"ICMP cut in its header", ip4(1, echo)[:26], 34, shape{in, 1, 34, 20, 6, 6, 0, cut | cutL4}},
		{"ICMP cut before its code", ip4(1, echo)[:23], 34, shape{out: l4}},

		{"IGMP", ip4(2, body(16)), 36, shape{in, 2, 36, 20, 8, 8, 8, 0}},
		{"IGMP cut in its header", ip4(2, body(16))[:22], 36, shape{in, 2, 36, 20, 2, 8, 0, cut | cutL4}},
		{"IGMP of 5 bytes", ip4(2, body(5)), 25, shape{in, 2, 25, 20, 5, 0, 0, 0}},
		{"IGMP without data", ip4(2, nil), 20, shape{in, 2, 20, 20, 0, 0, 0, 0}},
		{"GRE", ip4(47, body(16)), 36, shape{in, 47, 36, 20, 0, 16, 16, 0}},
		{"UDP-Lite", ip4(136, body(16)), 36, shape{in, 136, 36, 20, 0, 16, 16, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkShape(t, tt.frame, tt.wire, tt.want) })
	}
}

// TestCutTCP cuts a TCP packet at every length: what is reported never depends on
// bytes that are gone, and lengths on the wire not on the capture.
func TestCutTCP(t *testing.T) {
	frame := traffic.TCP(clientV4, serverV4, packet.ACK|packet.PSH|packet.NS, 0x01020304, 0x05060708, 0x090a, body(10),
		traffic.TCPOpts(traffic.Timestamps(1, 2), traffic.NOP(), traffic.NOP()))
	var w packet.Walker
	for n := range len(frame) + 1 {
		var v packet.View
		out := w.Walk(frame[:n], uint32(len(frame)), packet.LinkEthernet, &v)
		l4 := n - 34
		want := packet.InFlow
		switch {
		case n < 14:
			want = packet.MalformedL2
		case n < 34:
			want = packet.MalformedL3
		case l4 < 4:
			want = packet.MalformedL4
		}
		if out != want {
			t.Fatalf("%d bytes: %v, want %v", n, out, want)
		}
		if want != packet.InFlow {
			continue
		}
		if v.SrcPort != 40000 || v.DstPort != 443 || v.IPLen != 62 || v.WireLen != 76 || v.CapLen != uint32(n) {
			t.Fatalf("%d bytes: %+v", n, v)
		}
		if v.PayloadLen != 10 && l4 >= 13 || v.PayloadLen != 22 && l4 < 13 { // 22: a header of 20 bytes assumed
			t.Errorf("%d bytes: payload %d", n, v.PayloadLen)
		}
		if int(v.L4Len) != min(l4, 32) || int(v.PayloadCap) != max(0, l4-32) {
			t.Errorf("%d bytes: header %d, payload %d captured", n, v.L4Len, v.PayloadCap)
		}
		if got := v.Quality&packet.TruncatedL4 != 0; got != (l4 < 32) {
			t.Errorf("%d bytes: marks %b", n, v.Quality)
		}
		if got := v.Quality&packet.UncheckedL4 != 0; got != (n < len(frame)) {
			t.Errorf("%d bytes: marks %b", n, v.Quality)
		}
		known := l4 >= 14
		if flags := packet.ACK | packet.PSH | packet.NS; known != (v.TCPFlags == flags && v.Seq == 0x01020304 && v.Ack == 0x05060708) || (v.Window == 0x090a) != (l4 >= 16) {
			t.Errorf("%d bytes: flags %#x seq %#x ack %#x window %#x", n, v.TCPFlags, v.Seq, v.Ack, v.Window)
		}
	}
}

func TestTCPFlagBits(t *testing.T) {
	for bit := range 9 {
		_, v := walk(packet.LinkEthernet, traffic.TCP(clientV4, serverV4, 1<<bit, 1, 2, 3, nil))
		if v.TCPFlags != 1<<bit {
			t.Errorf("bit %d: %#x", bit, v.TCPFlags)
		}
	}
}

// TestChecksums holds the checksum marks to frames whose state is known.
func TestChecksums(t *testing.T) {
	const good, bad, unchecked = 0, packet.BadL4Checksum, packet.UncheckedL4
	broken := traffic.Broken(traffic.BadL4Checksum)
	none := traffic.Broken(traffic.NoL4Checksum)
	offload := traffic.Broken(traffic.OffloadChecksum)
	data := body(33)
	route := func(kind, pointer byte) traffic.Option { // an option of no meaning, one address behind it
		return traffic.IPOpts([]byte{1, 148, 4, 0, 0, kind, 7, pointer, 192, 0, 2, 99})
	}
	routed := func(frame []byte) []byte { return edited(frame, 30, 203, 0, 113, 7) } // on the way to its destination
	tests := []struct {
		name  string
		frame []byte
		want  packet.Quality
	}{
		{"TCP", traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 1, data), good},
		{"TCP bad", traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 1, data, broken), bad},
		{"TCP offloaded", traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 1, data, offload), unchecked},
		{"TCP zero", traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 1, data, none), bad},
		{"TCP over IPv6", traffic.TCP(clientV6, serverV6, packet.ACK, 1, 1, 1, data), good},
		{"TCP over IPv6 bad", traffic.TCP(clientV6, serverV6, packet.ACK, 1, 1, 1, data, broken), bad},
		{"TCP over IPv6 offloaded", traffic.TCP(clientV6, serverV6, packet.ACK, 1, 1, 1, data, offload), unchecked},
		{"UDP", traffic.UDP(clientV4, serverV4, data), good},
		{"UDP bad", traffic.UDP(clientV4, serverV4, data, broken), bad},
		{"UDP none", traffic.UDP(clientV4, serverV4, data, none), good},
		{"UDP offloaded", traffic.UDP(clientV4, serverV4, data, offload), unchecked},
		{"UDP padded", traffic.UDP(clientV4, serverV4, body(1), traffic.Padded(60)), good},
		{"UDP first fragment", traffic.UDP(clientV4, serverV4, data, traffic.Fragmented(traffic.Fragment{More: true})), packet.FirstFragment | unchecked},
		{"UDP later fragment", traffic.UDP(clientV4, serverV4, data, traffic.Fragmented(traffic.Fragment{Offset: 8})), packet.LaterFragment},
		{"UDP over IPv6", traffic.UDP(clientV6, serverV6, data), good},
		{"UDP over IPv6 bad", traffic.UDP(clientV6, serverV6, data, broken), bad},
		{"UDP over IPv6 none", traffic.UDP(clientV6, serverV6, data, none), bad}, // RFC 8200: must not be zero
		{"UDP atomic fragment", traffic.UDP(clientV6, serverV6, data, traffic.Fragmented(traffic.Fragment{})), good},
		{"UDP with a route to go", traffic.UDP(clientV6, serverV6, data, traffic.Extended(traffic.Extension{Type: 43, Data: []byte{4, 1}})), unchecked},
		{"UDP too long for its packet", edited(traffic.UDP(clientV4, serverV4, data), 38, 1, 0), packet.BadL4Length | unchecked},
		{"ICMP", traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 8, 0, 7, data), good},
		{"ICMP bad", traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 8, 0, 7, data, broken), bad},
		{"ICMPv6", traffic.ICMP(clientV6.Addr(), serverV6.Addr(), 128, 0, 7, data), good},
		{"ICMPv6 bad", traffic.ICMP(clientV6.Addr(), serverV6.Addr(), 128, 0, 7, data, broken), bad},
		{"SCTP", traffic.SCTP(clientV4, serverV4, 1, data, broken), good}, // CRC32c is not checked
		{"IPv4 bad", traffic.UDP(clientV4, serverV4, data, traffic.Broken(traffic.BadIPChecksum)), packet.BadIPChecksum},
		{"IPv4 options", traffic.UDP(clientV4, serverV4, data, traffic.IPOpts(body(37))), good},
		{"TCP with a loose route to go", routed(traffic.TCP(clientV4, serverV4, packet.SYN, 1, 0, 1, nil, route(131, 4))), packet.BadIPChecksum | unchecked},
		{"UDP with a strict route to go", routed(traffic.UDP(clientV4, serverV4, data, route(137, 4))), packet.BadIPChecksum | unchecked},
		{"UDP with a route at its end", traffic.UDP(clientV4, serverV4, data, route(131, 8)), good},
		{"UDP with a route at its end bad", traffic.UDP(clientV4, serverV4, data, route(131, 8), broken), bad},
		{"UDP with a recorded route bad", traffic.UDP(clientV4, serverV4, data, route(7, 4), broken), bad},
		{"UDP with a route behind the options' end bad", traffic.UDP(clientV4, serverV4, data, traffic.IPOpts([]byte{0, 131, 7, 4}), broken), bad},
		{"ICMP with a route to go", routed(traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 8, 0, 7, data, route(131, 4))), packet.BadIPChecksum},
		{"ICMP with a route to go bad", traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 8, 0, 7, data, route(131, 4), broken), bad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if out, v := walk(packet.LinkEthernet, tt.frame); out != packet.InFlow || v.Quality != tt.want {
				t.Errorf("%v, marks %b, want %b", out, v.Quality, tt.want)
			}
			w, v := packet.Walker{SkipChecksums: true}, packet.View{}
			w.Walk(tt.frame, uint32(len(tt.frame)), packet.LinkEthernet, &v)
			if v.Quality&(packet.BadIPChecksum|packet.BadL4Checksum) != 0 {
				t.Errorf("marks %b without verification", v.Quality)
			}
			cut := tt.frame[:len(tt.frame)-1]
			w.SkipChecksums = false
			w.Walk(cut, uint32(len(tt.frame)), packet.LinkEthernet, &v)
			if v.Quality&packet.BadL4Checksum != 0 {
				t.Errorf("cut: marks %b", v.Quality)
			}
		})
	}
}

// slowSum is the checksum sum of RFC 1071, section 4.1, in network byte order.
func slowSum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 != 0 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// TestChecksumLengths verifies and breaks UDP datagrams of every length, at every
// alignment, against a sum made word by word.
func TestChecksumLengths(t *testing.T) {
	fills := map[string]func(i int) byte{
		"mixed": func(i int) byte { return byte(i*131 + 7) },
		"ones":  func(int) byte { return 0xff },
		"zeros": func(int) byte { return 0 },
	}
	for name, fill := range fills {
		for n := range 700 {
			payload := make([]byte, n)
			for i := range payload {
				payload[i] = fill(i)
			}
			frame := join(repeat(n%8, 0xee), traffic.UDP(clientV4, serverV4, payload))[n%8:]
			checkSum(t, fmt.Sprint(name, n), frame)
		}
	}
}

func checkSum(t *testing.T, name string, frame []byte) {
	t.Helper()
	udp := frame[34:]
	pseudo := join(frame[26:34], []byte{0, 17}, udp[4:6])
	for _, flip := range []byte{0, 1, 0x80} {
		udp[len(udp)-1] ^= flip
		want := packet.Quality(0)
		if slowSum(join(pseudo, udp)) != 0xffff {
			want = packet.BadL4Checksum
		}
		if _, v := walk(packet.LinkEthernet, frame); v.Quality != want || (want == 0) != (flip == 0) {
			t.Fatalf("%s flipped %x: marks %b, want %b", name, flip, v.Quality, want)
		}
		udp[len(udp)-1] ^= flip
	}
}

// TestICMPPorts holds the mapping to the tables of the Community ID v1
// specification (request and reply types are ports of each other; all other
// types are one-way, with type and code as ports).
func TestICMPPorts(t *testing.T) {
	pairs := map[uint8]map[uint8]uint8{
		packet.ProtoICMP: {8: 0, 13: 14, 15: 16, 17: 18, 10: 9},
		packet.ProtoICMPv6: {
			128: 129, // echo
			133: 134, // router solicitation and advertisement
			135: 136, // neighbour solicitation and advertisement
			130: 131, // multicast listener query and report
			139: 140, // who are you
			144: 145, // home agent address discovery
		},
	}
	for protocol, requests := range pairs {
		peers, replies := map[uint8]uint8{}, map[uint8]bool{}
		for request, reply := range requests {
			peers[request], peers[reply], replies[reply] = reply, request, true
		}
		for typ := range 256 {
			peer, paired := peers[uint8(typ)]
			src, dst, oneWay := packet.ICMPPorts(protocol, uint8(typ), 77)
			want := uint16(77)
			if paired {
				want = uint16(peer)
			}
			if src != uint16(typ) || dst != want || oneWay == paired {
				t.Errorf("protocol %d type %d: ports %d %d, one way %v", protocol, typ, src, dst, oneWay)
			}
			if packet.ICMPReply(protocol, uint8(typ)) != replies[uint8(typ)] {
				t.Errorf("protocol %d type %d: reply %v", protocol, typ, !replies[uint8(typ)])
			}
		}
	}
}

func TestICMPFields(t *testing.T) {
	_, v := walk(packet.LinkEthernet, traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 3, 4, 1500, body(28)))
	if v.ICMPType != 3 || v.ICMPCode != 4 || v.SrcPort != 3 || v.DstPort != 4 {
		t.Errorf("unreachable: %+v", v)
	}
	_, there := walk(packet.LinkEthernet, traffic.ICMP(clientV6.Addr(), serverV6.Addr(), 128, 0, 1, nil))
	_, back := walk(packet.LinkEthernet, traffic.ICMP(serverV6.Addr(), clientV6.Addr(), 129, 0, 1, nil))
	if there.SrcPort != back.DstPort || there.DstPort != back.SrcPort || there.Src != back.Dst {
		t.Errorf("echo %d %d, reply %d %d", there.SrcPort, there.DstPort, back.SrcPort, back.DstPort)
	}
}
