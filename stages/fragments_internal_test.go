package stages

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// walkFrames walks frames in blocks of the given number of packets and returns
// the Views with the blocks that they lie in.
func walkFrames(t *testing.T, cfg Config, frames [][]byte, size int) (blocks []*packet.Block) {
	t.Helper()
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	for first := 0; first < len(frames); first += size {
		b := &packet.Block{
			Lists: make([][]packet.Ref, 1), Interfaces: []packet.Interface{{Link: packet.LinkEthernet}},
			FirstOrdinal: int64(first), FirstIndex: int64(first) + 1,
		}
		for i, frame := range frames[first:min(first+size, len(frames))] {
			b.Records = append(b.Records, packet.Record{
				Time: int64(first + i), Offset: uint32(len(b.Data)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)),
			})
			b.Data = append(b.Data, frame...)
		}
		b.EndOfEpoch = first+size >= len(frames)
		if err := f.walk(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
	if in := f.Inputs[0].Accounting.By[packet.InFlow]; in.Packets != int64(len(frames)) {
		t.Errorf("in flow %+v, want all %d packets", in, len(frames))
	}
	return blocks
}

// TestJoinedView: the View of a whole datagram has its headers, its payload and its
// packet's own lengths; those of the other fragments have headers and nothing else.
func TestJoinedView(t *testing.T) {
	a, c := netip.MustParseAddrPort("192.0.2.1:4000"), netip.MustParseAddrPort("198.51.100.2:53")
	payload := make([]byte, 1000)
	for i := range payload {
		payload[i] = byte(i * 7)
	}
	p := traffic.NewUDP(a, c, payload, traffic.Tagged(5), traffic.Ident(9))
	whole := p.Append(nil)
	frames := traffic.Fragments(p, 420, 0) // 20 of header and 400, 400, 208 of data
	frames[0], frames[2] = frames[2], frames[0]
	for _, size := range []int{1, 2, 3} {
		blocks := walkFrames(t, DefaultConfig(), frames, size)
		b := blocks[len(blocks)-1]
		if len(b.Views) != 3 {
			t.Fatalf("blocks of %d: %d views in the last, want 3", size, len(b.Views))
		}
		for i := range b.Views {
			v := &b.Views[i]
			if v.Ordinal != int64(i) || v.Time != int64(i) || v.Clock != 2 || v.CapLen != uint32(len(frames[i])) || v.WireLen != v.CapLen || v.SrcPort != 4000 || v.DstPort != 53 {
				t.Errorf("blocks of %d: view %d is %+v", size, i, v)
			}
			if f := v.Frame(b); !bytes.Equal(f[:18], frames[i][:18]) || len(f) < 38 {
				t.Errorf("blocks of %d: view %d: frame %x", size, i, f)
			}
			if o := b.OriginOfView(v); o.Index != int64(i)+1 {
				t.Errorf("blocks of %d: view %d comes from %+v", size, i, o)
			}
			if i < 2 && (v.PayloadLen != 0 || v.L4Len != 0 || len(v.Payload(b)) != 0) {
				t.Errorf("blocks of %d: view %d has a payload", size, i)
			}
		}
		v := &b.Views[2]
		if !bytes.Equal(v.Payload(b), payload) || v.PayloadLen != 1000 || v.IPLen != 420 || v.Quality != packet.FirstFragment {
			t.Errorf("blocks of %d: %d bytes of payload, %+v", size, len(v.Payload(b)), v)
		}
		if f := v.Frame(b); !bytes.Equal(f, whole) {
			t.Errorf("blocks of %d: the joined frame is\n%x, want\n%x", size, f[:60], whole[:60])
		}
	}
}

// TestCarriedInFragments: what a datagram in fragments carries is what it is in one packet:
// its VLAN is in the key, and what is wrong with it has its place among the Views, wherever
// a block ends.
func TestCarriedInFragments(t *testing.T) {
	a, c := netip.MustParseAddrPort("192.0.2.1:4789"), netip.MustParseAddrPort("198.51.100.2:4789")
	x, y := netip.MustParseAddrPort("10.0.0.1:4000"), netip.MustParseAddrPort("10.0.0.2:80")
	tunnel := func(inner []byte) traffic.Packet {
		return traffic.NewUDP(a, c, append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, inner...), traffic.Ident(9))
	}
	cfg := DefaultConfig()
	cfg.Key.VLAN, cfg.Errors = true, true

	p := tunnel(traffic.TCP(x, y, packet.ACK, 1, 1, 500, make([]byte, 900), traffic.Tagged(5)))
	alone := walkFrames(t, cfg, [][]byte{p.Append(nil)}, 1)[0].Views
	b := walkFrames(t, cfg, traffic.Fragments(p, 420, 9), 3)[0]
	if len(alone) != 2 || alone[1].VLANKey == 0 || len(b.Views) != 4 || b.Views[3].Depth != 1 || b.Views[3].VLANKey != alone[1].VLANKey {
		t.Errorf("in fragments %+v, in one packet %+v", b.Views, alone)
	}

	wrong := traffic.TCP(x, y, packet.ACK, 1, 1, 500, make([]byte, 900))
	wrong[14+20+12] = 0 // a header of no bytes
	before := traffic.UDP(x, y, nil)
	frames := append([][]byte{before, before}, traffic.Fragments(tunnel(wrong), 420, 9)...)
	for _, size := range []int{1, 2, 3, len(frames)} {
		var places []int64
		for _, b := range walkFrames(t, cfg, frames, size) {
			for i := range b.Outsiders {
				places = append(places, b.FirstView+int64(b.Outsiders[i].Before))
			}
		}
		if want := []int64{int64(len(frames))}; !slices.Equal(places, want) {
			t.Errorf("blocks of %d: what is wrong has the places %v, want %v", size, places, want)
		}
	}
}

// TestInnerFragments: fragments inside a tunnel wait too, behind the layer around
// the one that completes them; packets are booked once, by their outer layer.
func TestInnerFragments(t *testing.T) {
	cfg := DefaultConfig()
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	a, c := netip.MustParseAddrPort("192.0.2.1:4000"), netip.MustParseAddrPort("198.51.100.2:53")
	frames := traffic.Fragments(traffic.NewUDP(a, c, make([]byte, 100)), 60, 0)
	around := traffic.UDP(netip.MustParseAddrPort("10.0.0.1:4789"), netip.MustParseAddrPort("10.0.0.2:4789"), nil)
	b := &packet.Block{FirstIndex: 1, EndOfEpoch: true}
	view := func(frame []byte, ordinal int64, depth uint8, tunnel uint32) {
		v := packet.View{Ordinal: ordinal, Time: ordinal, Clock: ordinal, Offset: uint32(len(b.Data))}
		if out := f.walker.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v); out != packet.InFlow {
			t.Fatal(out)
		}
		v.Depth, v.TunnelID = depth, tunnel
		b.Data, b.Views = append(b.Data, frame...), append(b.Views, v)
	}
	for i, n := range []int{0, 1, 0, 2} { // the third lies in another tunnel
		view(around, int64(i), 0, 0)
		view(frames[n], int64(i), 1, []uint32{7, 7, 8, 7}[i])
	}
	f.clock = clock{now: 3, started: true}
	f.join(b)
	type seen struct {
		ordinal int64
		depth   uint8
		marks   packet.Quality
		payload uint32
	}
	var got []seen
	for i := range b.Views {
		v := &b.Views[i]
		got = append(got, seen{v.Ordinal, v.Depth, v.Quality &^ packet.UncheckedL4, v.PayloadLen})
	}
	want := []seen{
		{0, 0, 0, 0}, {1, 0, 0, 0}, {2, 0, 0, 0}, {3, 0, 0, 0},
		{0, 1, packet.FirstFragment, 0}, {1, 1, packet.LaterFragment, 0}, {3, 1, packet.LaterFragment, 100},
		{2, 1, packet.FirstFragment | packet.Unresolved, 32},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if f.Inputs[0].Accounting != (packet.Accounting{}) {
		t.Errorf("inner fragments are booked: %+v", f.Inputs[0].Accounting)
	}
	table := newFlowTable(&cfg, false)
	b.Lists = make([][]packet.Ref, 1)
	f.deal(b)
	table.packets(b, b.Lists[0])
	var begun []layerStart
	for _, r := range table.reports {
		begun = append(begun, r.start)
	}
	if len(begun) != 1 || begun[0] != (layerStart{ordinal: 0, depth: 1}) {
		t.Errorf("reports %+v, want that the inner flow begins with packet 0", begun)
	}
}
