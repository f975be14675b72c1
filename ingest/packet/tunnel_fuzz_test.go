package packet_test

import (
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// FuzzInner holds Inner to what its callers rely on, for any bytes in any carrier.
func FuzzInner(f *testing.F) {
	for _, tunnel := range tunnels() {
		for _, frame := range carriedFrames() {
			f.Add(tunnel.Wrap(frame), uint32(0))
		}
		f.Add((&traffic.Tunnel{Kind: packet.TunnelVXLAN, ID: 1, Src: hostA6, Dst: hostB6}).Wrap(tunnel.Wrap(carriedFrames()["TCP"])), uint32(7))
	}
	f.Add(over(3544, be(0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0), udp6), uint32(0))
	f.Add(in(115, be(0, 0, 0, 9, 1, 2, 3, 4), traffic.UDP(clientV4, serverV4, body(5))), uint32(0))
	f.Add(in(137, be(0, 1, 1, 64), udp4), uint32(0))
	f.Add(in(47, be(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0x0c, 0x21, 1, 2, 3, 4, 0, 0, 0, 0), traffic.UDP(clientV4, serverV4, body(5))), uint32(0))
	f.Fuzz(func(t *testing.T, frame []byte, beyond uint32) {
		if len(frame) > 1<<16 || beyond > 1<<20 {
			return
		}
		data := join([]byte{1, 2, 3}, frame)
		var w packet.Walker
		outer := packet.View{Offset: 3}
		if w.Walk(data[3:], uint32(len(frame))+beyond, packet.LinkEthernet, &outer) != packet.InFlow {
			return
		}
		for depth := 1; ; depth++ {
			v := packet.View{Time: 5, Clock: 6, Ordinal: 7, Quality: 0xffff, Seq: 9, TagOffset: 9}
			carries, out := w.Inner(data, &outer, &v)
			if !carries {
				return
			}
			if out >= packet.NumOutcomes || !outer.MayCarry() {
				t.Fatalf("outcome %v, may carry %v", out, outer.MayCarry())
			}
			checkAgain(t, data, &outer, v, out)
			if out != packet.InFlow {
				return
			}
			payload := outer.Offset + uint32(outer.L4) + uint32(outer.L4Len)
			if int(v.Depth) != depth || depth > len(frame)/20 || v.Tunnel == packet.TunnelNone || v.Time != 5 || v.Clock != 6 || v.Ordinal != 7 {
				t.Fatalf("layer %d of %d bytes: %+v", depth, len(frame), v)
			}
			if v.Offset < payload || v.Offset+v.CapLen > payload+outer.PayloadCap || v.WireLen+v.Offset-payload > outer.PayloadLen || v.CapLen > v.WireLen {
				t.Fatalf("%+v\nis not within %+v", v, outer)
			}
			moved := v
			moved.Offset = 3
			checkView(t, data[v.Offset:v.Offset+v.CapLen], &moved)
			outer = v
		}
	})
}

// checkAgain looks into the same packet among other bytes.
func checkAgain(t *testing.T, data []byte, outer *packet.View, v packet.View, out packet.Outcome) {
	var w packet.Walker
	end := outer.Offset + outer.CapLen
	other := join(repeat(int(outer.Offset), 0x45), data[outer.Offset:end], repeat(64, 0x45))
	again := packet.View{Time: 5, Clock: 6, Ordinal: 7}
	if _, o := w.Inner(other, outer, &again); o != out || out == packet.InFlow && again != v {
		t.Fatalf("%v %+v, among other bytes %v %+v", out, v, o, again)
	}
}

// BenchmarkInner measures looking into a packet, BenchmarkMayCarry finding that
// there is nothing to look into.
func BenchmarkInner(b *testing.B) {
	for name, tunnel := range tunnels() {
		b.Run(name, func(b *testing.B) {
			frame := tunnel.Wrap(carriedFrames()["TCP"])
			var w packet.Walker
			var outer, v packet.View
			w.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &outer)
			b.ReportAllocs()
			for b.Loop() {
				w.Inner(frame, &outer, &v)
			}
		})
	}
}

var maySink int

func BenchmarkMayCarry(b *testing.B) {
	views := make([]packet.View, 64)
	for i, frame := range [][]byte{traffic.TCP(clientV4, serverV4, packet.ACK, 1, 2, 3, nil), traffic.UDP(clientV4, serverV4, nil)} {
		for j := i; j < len(views); j += 2 {
			_, views[j] = walk(packet.LinkEthernet, frame)
		}
	}
	i := 0
	for b.Loop() {
		if views[i&63].MayCarry() {
			maySink++
		}
		i++
	}
}
