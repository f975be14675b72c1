package packet_test

import (
	"bytes"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

var (
	clientV4 = netip.MustParseAddrPort("192.0.2.1:40000")
	serverV4 = netip.MustParseAddrPort("198.51.100.7:443")
	clientV6 = netip.MustParseAddrPort("[2001:db8::1]:40000")
	serverV6 = netip.MustParseAddrPort("[2001:db8:1::7]:443")
)

// body returns n bytes that are neither constant nor zero.
func body(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8 + 3)
	}
	return b
}

// steadyFrames are the frames that the cost of the walk is stated for.
func steadyFrames() map[string][]byte {
	return map[string][]byte{
		"udp4_64B":        traffic.UDP(clientV4, serverV4, body(22)),
		"tcp4_450B":       traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 500, body(384), traffic.TCPOpts(traffic.NOP(), traffic.NOP(), traffic.Timestamps(1, 2))),
		"tcp6_1500B":      traffic.TCP(clientV6, serverV6, packet.ACK, 1, 1, 500, body(1426)),
		"vlan_tcp4_450B":  traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 500, body(392), traffic.Tagged(10)),
		"qinq_udp6_100B":  traffic.UDP(clientV6, serverV6, body(30), traffic.Tagged(10, 20)),
		"frag6_udp6_100B": traffic.UDP(clientV6, serverV6, body(30), traffic.Fragmented(traffic.Fragment{Offset: 8, ID: 1})),
	}
}

func BenchmarkWalk(b *testing.B) {
	for _, name := range []string{"udp4_64B", "tcp4_450B", "tcp6_1500B", "vlan_tcp4_450B", "qinq_udp6_100B"} {
		frame := steadyFrames()[name]
		for _, skip := range []bool{true, false} {
			label := name + "/checksums"
			if skip {
				label = name + "/skip"
			}
			b.Run(label, func(b *testing.B) { benchmarkWalk(b, frame, skip) })
		}
	}
}

func benchmarkWalk(b *testing.B, frame []byte, skip bool) {
	w := packet.Walker{SkipChecksums: skip}
	var v packet.View
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		w.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v)
	}
	if v.Protocol == 0 || v.Quality != 0 {
		b.Fatalf("frame not accepted: %+v", v)
	}
}

func TestWalkDoesNotAllocate(t *testing.T) {
	var w packet.Walker
	var v packet.View
	for name, frame := range steadyFrames() {
		frame := bytes.Clone(frame)
		allocs := testing.AllocsPerRun(100, func() {
			if w.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v) != packet.InFlow {
				t.Errorf("%s: not in flow", name)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations per packet", name, allocs)
		}
	}
}
