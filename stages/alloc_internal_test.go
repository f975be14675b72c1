package stages

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// steadyBlock returns a block with packets of many flows that all go on.
func steadyBlock() *packet.Block {
	b := &packet.Block{Interfaces: []packet.Interface{{Link: packet.LinkEthernet}}, Data: make([]byte, 0, 1<<20), FirstIndex: 1}
	add := func(frame []byte) {
		b.Records = append(b.Records, packet.Record{
			Time: 1_700_000_000_000_000_000, Offset: uint32(len(b.Data)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)),
		})
		b.Data = append(b.Data, frame...)
	}
	payload := []byte("some bytes of payload")
	for i := range 500 {
		a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 40000)
		c := netip.MustParseAddrPort("192.0.2.1:443")
		d := netip.MustParseAddrPort("[2001:db8::1]:53")
		e := netip.AddrPortFrom(netip.MustParseAddr(fmt.Sprintf("2001:db8:1::%x", i+1)), 5000)
		add(traffic.TCP(a, c, packet.ACK|packet.PSH, 1000, 1, 500, payload))
		add(traffic.TCP(c, a, packet.ACK, 1, 1021, 500, nil, traffic.Tagged(7)))
		add(traffic.UDP(e, d, payload))
		add(traffic.ICMP(a.Addr(), c.Addr(), 8, 0, 1, payload))
	}
	return b
}

// TestSteadyPathAllocates nothing: header walk, flow table and features of
// packets whose flows are known.
func TestSteadyPathAllocates(t *testing.T) {
	for _, features := range []string{"default", "all"} {
		for _, zeek := range []bool{false, true} {
			cfg := DefaultConfig()
			cfg.Timeouts.Zeek = zeek
			f := newFeeder(&cfg, nil)
			f.Inputs = make([]InputSummary, 1)
			table := newFlowTable(&cfg, features == "all")
			b := steadyBlock()
			b.Lists = make([][]packet.Ref, 1)
			run := func() {
				b.Views, b.Lists[0] = b.Views[:0], b.Lists[0][:0]
				if err := f.walk(context.Background(), b); err != nil {
					t.Fatal(err)
				}
				table.packets(b, b.Lists[0])
				table.sweep(b.Clock)
			}
			run()
			if n := testing.AllocsPerRun(20, run); n > 0 {
				t.Errorf("%s features, zeek %v: %v allocations for %d packets", features, zeek, n, len(b.Records))
			}
			if table.buckets.used != 1500 {
				t.Errorf("%d flows, want 1500", table.buckets.used)
			}
		}
	}
}
