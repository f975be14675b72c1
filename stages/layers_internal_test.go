package stages

import (
	"context"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// tunnelBlock returns a block of n packets, each in several tunnels or none.
func tunnelBlock(n, deep int) *packet.Block {
	b := &packet.Block{Interfaces: []packet.Interface{{Link: packet.LinkEthernet}}, FirstIndex: 1, Lists: make([][]packet.Ref, 3)}
	client, server := netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("198.51.100.1:443")
	a, z := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	kinds := []packet.TunnelType{packet.TunnelVXLAN, packet.TunnelIPIP, packet.TunnelGRE, packet.TunnelGeneve, packet.TunnelGTPU}
	for i := range n {
		frame := traffic.TCP(client, server, packet.ACK, uint32(i), 1, 500, []byte("payload"))
		for layer := range i % (deep + 1) {
			frame = (&traffic.Tunnel{Kind: kinds[(i+layer)%len(kinds)], ID: 7, Src: a, Dst: z}).Wrap(frame)
		}
		b.Records = append(b.Records, packet.Record{Time: 1e18, Offset: uint32(len(b.Data)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame))})
		b.Data = append(b.Data, frame...)
	}
	return b
}

// TestLayers: Views stand in the order of packets, outer layers first, each marked
// as what it is, and nothing is allocated once there is room for them.
func TestLayers(t *testing.T) {
	const packets, deep = 300, MaxTunnelDepth + 1
	cfg := DefaultConfig()
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	b := tunnelBlock(packets, deep)
	walk := func() {
		b.Views = b.Views[:0]
		for i := range b.Lists {
			b.Lists[i] = b.Lists[i][:0]
		}
		if err := f.walk(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	walk()
	at := 0
	for i := range packets {
		for depth := range min(i%(deep+1), MaxTunnelDepth) + 1 {
			v := &b.Views[at]
			more := depth < min(i%(deep+1), MaxTunnelDepth)
			if v.Ordinal != int64(i) || int(v.Depth) != depth || (v.Link&packet.LinkCarries != 0) != more || v.Time != 1e18 || v.Clock != 1e18 {
				t.Fatalf("packet %d, layer %d: %+v", i, depth, v)
			}
			at++
		}
	}
	if at != len(b.Views) {
		t.Errorf("%d views, want %d", len(b.Views), at)
	}
	if n := f.Inputs[0].Inner; n[packet.InFlow] != int64(at-packets) || n[packet.OverLimit] != packets/(deep+1) {
		t.Errorf("inner layers: %v", n)
	}
	listed := 0
	for s, list := range b.Lists {
		for _, ref := range list {
			if int(b.Views[ref.View].Partition())%len(b.Lists) != s {
				t.Errorf("view %d is in the list of shard %d", ref.View, s)
			}
		}
		listed += len(list)
	}
	if listed != len(b.Views) {
		t.Errorf("%d views in lists, want %d", listed, len(b.Views))
	}
	if n := testing.AllocsPerRun(20, walk); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
