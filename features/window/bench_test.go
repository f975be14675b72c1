package window_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/window"
	"pcapmill/ingest/packet"
)

// BenchmarkSlots counts packets of 600 connections that are open at a time, a fifth of
// them over IPv6: ns/packet.
func BenchmarkSlots(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	flows := make([]packet.View, 600)
	for i := range flows {
		v := &flows[i]
		*v = packet.View{Version: 4, Protocol: packet.ProtoTCP, L4Len: 20, CapLen: 452, WireLen: 452, IPLen: 438, TCPFlags: packet.ACK}
		v.Src, v.Dst = mapped(rng.Uint32N(300)), mapped(rng.Uint32N(300))
		v.SrcPort, v.DstPort = uint16(32768+rng.IntN(28000)), uint16(rng.IntN(1000))
		v.Hash = uint16(rng.Uint32())
		if i%5 == 0 {
			v.Version = 6
			v.Src[0], v.Dst[0] = 0x20, 0x20
		}
		if i%7 == 0 {
			v.Protocol = packet.ProtoUDP
		}
	}
	views := make([]packet.View, 1<<14)
	at := 0
	for i := range views {
		if rng.IntN(3) > 0 {
			at = rng.IntN(len(flows))
		}
		v := &views[i]
		if *v = flows[at]; rng.IntN(2) == 0 {
			v.Src, v.Dst, v.SrcPort, v.DstPort = v.Dst, v.Src, v.DstPort, v.SrcPort
		}
		v.Clock = int64(i) * 500_000
	}
	c := window.NewSlotCounter(window.DefaultTick, func(*batch.Batch) error { return nil })
	b.ResetTimer()
	for b.Loop() {
		for i := range views {
			views[i].Clock += int64(len(views)) * 500_000
		}
		for rest := views; len(rest) > 0; rest = rest[512:] {
			c.Packets(rest[:512])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(views)), "ns/packet")
}

// mapped returns 10.0.0.0 plus n.
func mapped(n uint32) packet.Addr {
	a := packet.Addr{10: 0xff, 11: 0xff}
	binary.BigEndian.PutUint32(a[12:], 10<<24+n)
	return a
}
