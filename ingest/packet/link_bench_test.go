package packet_test

import (
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// BenchmarkWalkLinks is BenchmarkWalk for the same packet behind other link types.
func BenchmarkWalkLinks(b *testing.B) {
	ip := traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 500, body(384), traffic.OnLink(packet.LinkRaw))
	wlan := append([]byte{0, 0, 8, 0, 0, 0, 0, 0, 8, 1}, make([]byte, 22)...)
	for _, l := range []struct {
		name string
		link packet.LinkType
		head []byte
	}{
		{"raw", packet.LinkRaw, nil},
		{"sll", packet.LinkSLL, append(make([]byte, 14), 8, 0)},
		{"ppp", 9, []byte{0xff, 3, 0, 0x21}},
		{"radiotap", 127, append(wlan, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
	} {
		b.Run(l.name, func(b *testing.B) {
			frame := append(append([]byte{}, l.head...), ip...)
			w := packet.Walker{SkipChecksums: true}
			var v packet.View
			for b.Loop() {
				w.Walk(frame, uint32(len(frame)), l.link, &v)
			}
		})
	}
}
