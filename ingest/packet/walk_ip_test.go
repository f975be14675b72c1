package packet_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"unsafe"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// edited returns a copy of frame with bytes replaced from at on.
func edited(frame []byte, at int, with ...byte) []byte {
	f := append([]byte(nil), frame...)
	copy(f[at:], with)
	return f
}

// shape is what a frame's lengths and marks must come out as.
type shape struct {
	out                packet.Outcome
	proto              uint8
	ipLen, l4          int
	l4Len              int
	payload, available int
	quality            packet.Quality
}

// checkShape walks a raw IP frame without checksums.
func checkShape(t *testing.T, frame []byte, wire int, want shape) {
	t.Helper()
	w := packet.Walker{SkipChecksums: true}
	var v packet.View
	out := w.Walk(frame, uint32(wire), packet.LinkRaw, &v)
	if out != packet.InFlow || want.out != packet.InFlow {
		if out != want.out {
			t.Errorf("%v, want %v", out, want.out)
		}
		return
	}
	got := shape{out, v.Protocol, int(v.IPLen), int(v.L4), int(v.L4Len), int(v.PayloadLen), int(v.PayloadCap), v.Quality}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestIPv4(t *testing.T) {
	opts := traffic.UDP(clientV4, serverV4, body(5), traffic.OnLink(packet.LinkRaw), traffic.IPOpts(repeat(40, 1)))
	frag := func(field ...byte) []byte { return edited(udp4, 6, field...) }
	ah := func(next, length byte, rest []byte) []byte {
		return traffic.IP(clientV4.Addr(), serverV4.Addr(), 51, join([]byte{next, length}, rest), traffic.OnLink(packet.LinkRaw))
	}
	tail := udp4[20:] // a UDP datagram of 13 bytes
	const in, trunc = packet.InFlow, packet.TruncatedPayload
	tests := []struct {
		name  string
		frame []byte
		wire  int
		want  shape
	}{
		{"plain", udp4, 33, shape{in, 17, 33, 20, 8, 5, 5, 0}},
		{"60 bytes of header", opts, 73, shape{in, 17, 73, 60, 8, 5, 5, 0}},
		{"options cut", opts[:59], 73, shape{out: packet.MalformedL3}},
		{"header cut", udp4[:19], 33, shape{out: packet.MalformedL3}},
		{"header length below 20", edited(udp4, 0, 0x44), 33, shape{out: packet.MalformedL3}},
		{"header length above total", edited(udp4, 0, 0x4f), 33, shape{out: packet.MalformedL3}},
		{"total below header", edited(udp4, 2, 0, 19), 33, shape{out: packet.MalformedL3}},
		{"total of header alone", edited(udp4, 2, 0, 20), 33, shape{out: packet.MalformedL4}},
		{"total 0: offload", edited(udp4, 2, 0, 0), 33, shape{in, 17, 33, 20, 8, 5, 5, 0}},
		{"total 0, cut", edited(udp4, 2, 0, 0)[:30], 33, shape{in, 17, 33, 20, 8, 5, 2, trunc}},
		{"total below frame: padding", join(udp4, repeat(20, 0)), 53, shape{in, 17, 33, 20, 8, 5, 5, 0}},
		{"total above frame", edited(udp4, 2, 0, 40), 33, shape{in, 17, 40, 20, 8, 5, 5, packet.LengthMismatch}},
		{"wire length below captured", udp4, 10, shape{in, 17, 33, 20, 8, 5, 5, 0}},
		{"cut in payload", udp4[:29], 33, shape{in, 17, 33, 20, 8, 5, 1, trunc}},
		{"cut before payload", udp4[:28], 33, shape{in, 17, 33, 20, 8, 5, 0, trunc}},

		{"do not fragment, reserved bit", frag(0xc0, 0), 33, shape{in, 17, 33, 20, 8, 5, 5, 0}},
		{"first fragment", frag(0x20, 0), 33, shape{in, 17, 33, 20, 8, 5, 5, packet.FirstFragment}},
		{"middle fragment", frag(0x20, 1), 33, shape{in, 17, 33, 20, 0, 13, 13, packet.LaterFragment}},
		{"last fragment", frag(0x1f, 0xff), 33, shape{in, 17, 33, 20, 0, 13, 13, packet.LaterFragment}},
		{"last fragment cut", frag(0, 1)[:25], 33, shape{in, 17, 33, 20, 0, 13, 5, packet.LaterFragment | trunc}},
		{"empty later fragment", edited(frag(0, 1), 2, 0, 20), 33, shape{in, 17, 20, 20, 0, 0, 0, packet.LaterFragment}},

		{"AH", ah(17, 4, join(repeat(22, 0), tail)), 57, shape{in, 17, 57, 44, 8, 5, 5, 0}},
		{"AH in a later fragment", edited(ah(17, 4, join(repeat(22, 0), tail)), 6, 0, 9), 57, shape{in, 51, 57, 20, 0, 37, 37, packet.LaterFragment}},
		{"AH that fills a first fragment", edited(ah(17, 4, repeat(22, 0)), 6, 0x20, 0), 44, shape{in, 51, 44, 20, 0, 24, 24, packet.FirstFragment}},
		{"AH below 12 bytes", ah(17, 0, join(repeat(22, 0), tail)), 57, shape{in, 51, 57, 20, 0, 37, 37, 0}},
		{"AH beyond the capture", ah(17, 4, join(repeat(22, 0), tail))[:43], 57, shape{in, 51, 57, 20, 0, 37, 23, trunc}},
		{"AH beyond the datagram", edited(ah(17, 4, join(repeat(22, 0), tail)), 2, 0, 40), 57, shape{out: packet.MalformedL3}},

		{"ESP", traffic.IP(clientV4.Addr(), serverV4.Addr(), 50, body(16), traffic.OnLink(packet.LinkRaw)), 36, shape{in, 50, 36, 20, 0, 16, 16, 0}},
		{"IPv6 extension number", traffic.IP(clientV4.Addr(), serverV4.Addr(), 60, body(16), traffic.OnLink(packet.LinkRaw)), 36, shape{in, 60, 36, 20, 0, 16, 16, 0}},
		{"IP in IP", traffic.IP(clientV4.Addr(), serverV4.Addr(), 4, udp4, traffic.OnLink(packet.LinkRaw)), 53, shape{in, 4, 53, 20, 0, 33, 33, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkShape(t, tt.frame, tt.wire, tt.want) })
	}
}

// ext is an IPv6 extension header of size bytes.
func ext(next byte, size int, rest ...byte) []byte {
	return append(append([]byte{next, byte(size/8 - 1)}, rest...), make([]byte, size-2-len(rest))...)
}

// v6 is a raw IPv6 packet.
func v6(next byte, parts ...[]byte) []byte {
	payload := join(parts...)
	h := []byte{0x6a, 0xb0, 0, 0, byte(len(payload) >> 8), byte(len(payload)), next, 64}
	src, dst := clientV6.Addr().As16(), serverV6.Addr().As16()
	return join(h, src[:], dst[:], payload)
}

func TestIPv6(t *testing.T) {
	tail := udp6[40:] // a UDP datagram of 13 bytes
	fragment := func(next byte, field uint16) []byte {
		return join([]byte{next, 99}, binary.BigEndian.AppendUint16(nil, field), repeat(4, 7))
	}
	chain := func(n int) []byte { return v6(60, repeat(n-1, ext(60, 8, 1, 4)...), ext(17, 8, 1, 4), tail) }
	jumbo := func(length uint32, payload []byte) []byte {
		f := v6(0, join([]byte{17, 0, 0xc2, 4}, binary.BigEndian.AppendUint32(nil, length)), payload)
		return edited(f, 4, 0, 0)
	}
	const in, trunc = packet.InFlow, packet.TruncatedPayload
	tests := []struct {
		name  string
		frame []byte
		wire  int
		want  shape
	}{
		{"plain", udp6, 53, shape{in, 17, 53, 40, 8, 5, 5, 0}},
		{"header cut", udp6[:39], 53, shape{out: packet.MalformedL3}},
		{"padding", join(udp6, repeat(9, 0)), 62, shape{in, 17, 53, 40, 8, 5, 5, 0}},
		{"length above frame", edited(udp6, 4, 0, 99), 53, shape{in, 17, 139, 40, 8, 5, 5, packet.LengthMismatch}},
		{"cut in payload", udp6[:50], 53, shape{in, 17, 53, 40, 8, 5, 2, trunc}},
		{"length 0: offload", edited(udp6, 4, 0, 0), 53, shape{in, 17, 53, 40, 8, 5, 5, 0}},
		{"length 0, no next header", edited(v6(59), 4, 0, 0), 40, shape{in, 59, 40, 40, 0, 0, 0, 0}},
		{"no next header, with data", v6(59, body(7)), 47, shape{in, 59, 47, 40, 0, 7, 7, 0}},

		{"hop-by-hop", v6(0, ext(17, 16), tail), 69, shape{in, 17, 69, 56, 8, 5, 5, 0}},
		{"destination options", v6(60, ext(17, 8), tail), 61, shape{in, 17, 61, 48, 8, 5, 5, 0}},
		{"home address", v6(60, ext(17, 24, 1, 2, 0, 0, 201, 16), tail), 77, shape{in, 17, 77, 64, 8, 5, 5, packet.UncheckedL4}},
		{"routing, at its end", v6(43, ext(17, 24, 0, 0), tail), 77, shape{in, 17, 77, 64, 8, 5, 5, 0}},
		{"routing, segments left", v6(43, ext(17, 24, 4, 1), tail), 77, shape{in, 17, 77, 64, 8, 5, 5, packet.UncheckedL4}},
		{"AH", v6(51, []byte{17, 4}, repeat(22, 0), tail), 77, shape{in, 17, 77, 64, 8, 5, 5, 0}},
		{"AH below 12 bytes", v6(51, []byte{17, 0}, repeat(22, 0), tail), 77, shape{out: packet.MalformedL3}},
		{"mobility, message", v6(135, ext(59, 16)), 56, shape{in, 135, 56, 40, 0, 16, 16, 0}},
		{"mobility, before UDP", v6(135, ext(17, 16), tail), 69, shape{in, 17, 69, 56, 8, 5, 5, 0}},
		{"HIP", v6(139, ext(59, 40)), 80, shape{in, 139, 80, 40, 0, 40, 40, 0}},
		{"HIP, before UDP", v6(139, ext(17, 40), tail), 93, shape{in, 17, 93, 80, 8, 5, 5, 0}},
		{"shim6, before UDP", v6(140, ext(17, 8), tail), 61, shape{in, 17, 61, 48, 8, 5, 5, 0}},
		{"every kind", v6(0, ext(60, 8), ext(43, 8), ext(44, 24), fragment(51, 0), []byte{135, 1}, repeat(10, 0), ext(17, 8), tail), 121, shape{in, 17, 121, 108, 8, 5, 5, 0}},
		{"32 headers", chain(32), 40 + 32*8 + 13, shape{in, 17, 309, 296, 8, 5, 5, 0}},
		{"33 headers", chain(33), 40 + 33*8 + 13, shape{out: packet.MalformedL3}},
		{"chain that ends in none", v6(60, ext(59, 8), body(3)), 51, shape{in, 59, 51, 48, 0, 3, 3, 0}},
		{"extension cut", v6(0, ext(17, 16), tail)[:55], 69, shape{out: packet.MalformedL3}},
		{"extension cut in its first bytes", v6(0, ext(17, 16), tail)[:47], 69, shape{out: packet.MalformedL3}},
		{"extension beyond the datagram", edited(v6(0, ext(17, 16), tail), 4, 0, 8), 69, shape{out: packet.MalformedL3}},
		{"datagram that ends within an extension", edited(v6(0, ext(17, 8), tail), 4, 0, 1), 61, shape{out: packet.MalformedL3}},
		{"extension of 2 KiB", v6(0, ext(17, 2048), tail), 2101, shape{in, 17, 2101, 2088, 8, 5, 5, 0}},

		{"atomic fragment", v6(44, fragment(17, 0), tail), 61, shape{in, 17, 61, 48, 8, 5, 5, 0}},
		{"first fragment", v6(44, fragment(17, 1), tail), 61, shape{in, 17, 61, 48, 8, 5, 5, packet.FirstFragment}},
		{"later fragment", v6(44, fragment(17, 8), tail), 61, shape{in, 17, 61, 48, 0, 13, 13, packet.LaterFragment}},
		{"later fragment of a header chain", v6(44, fragment(60, 9), tail), 61, shape{in, 60, 61, 48, 0, 13, 13, packet.LaterFragment}},
		{"fragment behind hop-by-hop", v6(0, ext(44, 8), fragment(17, 1), tail), 69, shape{in, 17, 69, 56, 8, 5, 5, packet.FirstFragment}},
		{"fragment header cut", v6(44, fragment(17, 1))[:47], 48, shape{out: packet.MalformedL3}},

		{"jumbogram", jumbo(70_008, join(tail[:4], repeat(2, 0), tail[6:8], make([]byte, 69_992))), 70_048, shape{in, 17, 70_048, 48, 8, 69_992, 69_992, 0}},
		{"jumbogram cut", jumbo(70_008, join(tail[:4], repeat(2, 0), tail[6:])), 70_048, shape{in, 17, 70_048, 48, 8, 69_992, 5, trunc}},
		{"jumbo length beyond any frame", jumbo(1<<31, tail), 61, shape{in, 17, 61, 48, 8, 5, 5, 0}},
		{"jumbo length below its own header", jumbo(7, tail), 61, shape{out: packet.MalformedL3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkShape(t, tt.frame, tt.wire, tt.want) })
	}
}

func TestIPFields(t *testing.T) {
	_, v := walk(packet.LinkRaw, traffic.UDP(clientV4, serverV4, nil, traffic.OnLink(packet.LinkRaw), traffic.Hops(3), traffic.Class(0xb9)))
	if v.Version != 4 || v.TTL != 3 || v.TOS != 0xb9 || netip.AddrFrom16(v.Src).Unmap() != clientV4.Addr() || netip.AddrFrom16(v.Dst).Unmap() != serverV4.Addr() {
		t.Errorf("IPv4 fields %+v", v)
	}
	_, v = walk(packet.LinkRaw, traffic.UDP(clientV6, serverV6, nil, traffic.OnLink(packet.LinkRaw), traffic.Hops(3), traffic.Class(0xb9)))
	if v.Version != 6 || v.TTL != 3 || v.TOS != 0xb9 || netip.AddrFrom16(v.Src) != clientV6.Addr() || netip.AddrFrom16(v.Dst) != serverV6.Addr() {
		t.Errorf("IPv6 fields %+v", v)
	}
	mapped := netip.MustParseAddrPort("[::ffff:192.0.2.1]:40000")
	_, v = walk(packet.LinkRaw, v6From(mapped.Addr()))
	_, v4 := walk(packet.LinkRaw, udp4)
	if v.Version != 6 || v.Src != v4.Src || v4.Version != 4 {
		t.Errorf("mapped address of version %d and %d", v.Version, v4.Version)
	}
}

func v6From(src netip.Addr) []byte {
	a := src.As16()
	return edited(udp6, 8, a[:]...)
}

// TestHash pins the address pair's hash: row order under limits depends on it.
func TestHash(t *testing.T) {
	for _, pair := range []struct {
		src, dst netip.AddrPort
		want     uint32
	}{{clientV4, serverV4, 0x15969110}, {clientV6, serverV6, 0x2a2e41a8}} {
		_, there := walk(packet.LinkEthernet, traffic.UDP(pair.src, pair.dst, nil))
		_, back := walk(packet.LinkEthernet, traffic.TCP(pair.dst, pair.src, packet.ACK, 1, 1, 1, body(9), traffic.Tagged(4)))
		if there.Hash != back.Hash || uint32(there.Hash) != pair.want>>16 {
			t.Errorf("hash %#04x there, %#04x back, want %#04x", there.Hash, back.Hash, pair.want>>16)
		}
		if int(there.Partition()) != int(pair.want>>24) {
			t.Errorf("partition %d", there.Partition())
		}
	}
}

// TestHashSpreads checks that the hosts of two networks use all partitions evenly.
func TestHashSpreads(t *testing.T) {
	for _, network := range []string{"10.0.0.0", "2001:db8::"} {
		var counts [packet.Partitions]int
		src := netip.MustParseAddr(network)
		for range 128 {
			src = src.Next()
			dst := src
			for range 128 {
				dst = dst.Next()
				_, v := walk(packet.LinkEthernet, traffic.UDP(netip.AddrPortFrom(src, 1), netip.AddrPortFrom(dst, 2), nil))
				counts[v.Partition()]++
			}
		}
		for p, n := range counts {
			if n < 24 || n > 110 { // 64 expected, standard deviation 8
				t.Errorf("%s: partition %d has %d of %d", network, p, n, 64*packet.Partitions)
			}
		}
	}
}

// TestViewSize holds the view to two cache lines.
func TestViewSize(t *testing.T) {
	if size := unsafe.Sizeof(packet.View{}); size > 128 {
		t.Errorf("View has %d bytes", size)
	}
	if size := unsafe.Sizeof(packet.Record{}); size > 24 {
		t.Errorf("Record has %d bytes", size)
	}
}
