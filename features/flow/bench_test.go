package flow_test

import (
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

// BenchmarkFill turns rows into the default columns.
func BenchmarkFill(b *testing.B) {
	const rows = 4096
	table, err := flow.NewTable([]string{"default"})
	if err != nil {
		b.Fatal(err)
	}
	block := conversation(8)
	o := flow.Options{PayloadBytes: 64}
	state := make([]flow.Row, rows)
	refs := make([]*flow.Row, rows)
	for i := range state {
		v := &block.Views[0]
		state[i].Key = flow.Key{Src: v.Src, Dst: v.Dst, SrcPort: uint16(i), DstPort: v.DstPort, Protocol: v.Protocol, Version: v.Version}
		state[i].Begin(v)
		for j := range block.Views {
			state[i].Observe(block, &block.Views[j], j&1, &o)
		}
		refs[i] = &state[i]
	}
	out := batch.New(table.Schema)
	out.Reserve(rows)
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		table.Fill(out, refs, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows*len(table.Schema.Columns)), "ns/cell")
}
