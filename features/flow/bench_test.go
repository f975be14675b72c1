package flow_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/features/batch"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// conversation returns a block with n data packets of one TCP connection, walked.
func conversation(n int) *packet.Block {
	client, server := netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("192.0.2.1:443")
	b := &packet.Block{}
	var w packet.Walker
	payload := make([]byte, 400)
	for i := range n {
		frame := traffic.TCP(client, server, packet.ACK|packet.PSH, 1000+uint32(i)*400, 1, 65535, payload)
		v := packet.View{Time: int64(i) * 1e6, Clock: int64(i) * 1e6, Ordinal: int64(i), Offset: uint32(len(b.Data))}
		b.Data = append(b.Data, frame...)
		if out := w.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v); out != packet.InFlow {
			panic(out.String())
		}
		b.Views = append(b.Views, v)
	}
	return b
}

// BenchmarkObserve counts packets of one flow that stays in the cache.
func BenchmarkObserve(b *testing.B) {
	block := conversation(64)
	var r flow.Row
	r.Begin(&block.Views[0])
	o := flow.Options{PayloadBytes: 64}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Observe(block, &block.Views[i&63], flow.Fwd, &o)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/packet")
}

// differingRows returns n Rows that differ in addresses, protocol, length, gaps
// and sizes, so that no branch of the columns is predictable by repetition.
func differingRows(n int) []*flow.Row {
	rng := rand.New(rand.NewPCG(1, 2))
	block := conversation(64)
	o := flow.Options{PayloadBytes: 64}
	state, refs := make([]flow.Row, n), make([]*flow.Row, n)
	for i := range state {
		r := &state[i]
		refs[i] = r
		v := block.Views[0]
		v.Protocol = []uint8{packet.ProtoTCP, packet.ProtoTCP, packet.ProtoUDP}[rng.IntN(3)]
		v.Src[14], v.Src[15] = byte(rng.Uint32()), byte(rng.Uint32())
		r.Key = flow.Key{Src: v.Src, Dst: v.Dst, SrcPort: uint16(i), DstPort: v.DstPort, Protocol: v.Protocol, Version: v.Version}
		r.Begin(&v)
		for range 1 + rng.IntN(16) {
			at := v.Time + int64(rng.ExpFloat64()*1e8)
			protocol := v.Protocol
			v = block.Views[rng.IntN(len(block.Views))]
			v.Time, v.Clock, v.Protocol = at, at, protocol
			v.WireLen += rng.Uint32N(1000)
			v.PayloadLen *= rng.Uint32N(3)
			r.Observe(block, &v, rng.IntN(2), &o)
		}
	}
	return refs
}

// BenchmarkFill turns rows into the default columns.
func BenchmarkFill(b *testing.B) {
	const rows = 4096
	table, err := flow.NewTable([]string{"default"}, flow.AddrText)
	if err != nil {
		b.Fatal(err)
	}
	refs := differingRows(rows)
	out := batch.New(table.Schema)
	out.Reserve(rows)
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		table.Fill(out, refs, nil, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows*len(table.Schema.Columns)), "ns/cell")
}
