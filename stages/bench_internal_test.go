package stages

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// loop is an input that delivers the same block again and again, with time going
// on, so that a stage can be measured without a file.
type loop struct {
	data    []byte
	records []packet.Record
	left    int
	span    int64
}

// newLoop returns n blocks over the given number of UDP and TCP flows.
func newLoop(flows, n int) *loop {
	l := &loop{left: n}
	server := netip.MustParseAddrPort("192.0.2.1:443")
	payload := make([]byte, 380)
	for i := range 256 {
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i % flows >> 8), byte(i % flows), 1}), 40000)
		frame := traffic.TCP(client, server, packet.ACK|packet.PSH, uint32(1000+i/flows*380), 1, 65535, payload)
		l.records = append(l.records, packet.Record{
			Time: int64(i) * 1e5, Offset: uint32(len(l.data)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)),
		})
		l.data = append(l.data, frame...)
	}
	l.span = 256 * 1e5
	return l
}

func (l *loop) Open(context.Context) (Source, error) { return l, nil }
func (l *loop) Close(*InputSummary) error            { return nil }
func (l *loop) Interfaces() []packet.Interface {
	return []packet.Interface{{Link: packet.LinkEthernet}}
}

func (l *loop) Fill(b *packet.Block) error {
	if l.left == 0 {
		return io.EOF
	}
	l.left--
	b.Data = append(b.Data, l.data...)
	b.Records = append(b.Records, l.records...)
	for i := range l.records {
		l.records[i].Time += l.span
	}
	return nil
}

// walked returns a block with all its headers walked.
func walked(tb testing.TB, cfg *Config) *packet.Block {
	tb.Helper()
	l := newLoop(64, 1)
	f := newFeeder(cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	b := &packet.Block{Lists: make([][]packet.Ref, 1), Interfaces: l.Interfaces()}
	if err := l.Fill(b); err != nil {
		tb.Fatal(err)
	}
	if err := f.walk(context.Background(), b); err != nil {
		tb.Fatal(err)
	}
	return b
}

// BenchmarkWalkBlock gives packets their outcome and view.
func BenchmarkWalkBlock(b *testing.B) {
	cfg := DefaultConfig()
	l := newLoop(64, 1<<30)
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	block := &packet.Block{Lists: make([][]packet.Ref, 1), Interfaces: l.Interfaces()}
	if err := l.Fill(block); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		block.Views, block.Lists[0] = block.Views[:0], block.Lists[0][:0]
		if err := f.walk(context.Background(), block); err != nil {
			b.Fatal(err)
		}
	}
	perPacket(b, len(block.Records))
}

// BenchmarkFlowTable files packets under 64 open flows and counts them.
func BenchmarkFlowTable(b *testing.B) {
	cfg := DefaultConfig()
	block := walked(b, &cfg)
	t := newFlowTable(&cfg, false)
	t.packets(block, block.Lists[0])
	b.ReportAllocs()
	for b.Loop() {
		t.packets(block, block.Lists[0])
	}
	perPacket(b, len(block.Lists[0]))
}

// BenchmarkRun is the whole path without files: blocks in, batches out.
func BenchmarkRun(b *testing.B) {
	cfg := DefaultConfig()
	const blocks = 2000
	for b.Loop() {
		if _, err := Run(context.Background(), cfg, []Input{newLoop(64, blocks)}, discard{}, new(Progress)); err != nil {
			b.Fatal(err)
		}
	}
	perPacket(b, blocks*256)
}

type discard struct{}

func (discard) Write(*batch.Batch) error            { return nil }
func (d discard) Open(*column.Schema) (Sink, error) { return d, nil }
func (discard) Capture(string) (PacketSink, error)  { return nil, nil }

func perPacket(b *testing.B, packets int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packets), "ns/packet")
}

// The steady path allocates nothing: packets of open flows are walked and counted
// in memory that is there already.
func TestSteadyPathDoesNotAllocate(t *testing.T) {
	cfg := DefaultConfig()
	block := walked(t, &cfg)
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	table := newFlowTable(&cfg, false)
	table.packets(block, block.Lists[0])
	allocs := testing.AllocsPerRun(100, func() {
		block.Views, block.Lists[0] = block.Views[:0], block.Lists[0][:0]
		if err := f.walk(context.Background(), block); err != nil {
			t.Fatal(err)
		}
		table.packets(block, block.Lists[0])
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a block of %d packets, want 0", allocs, len(block.Records))
	}
}

// BenchmarkFragments walks blocks in which all packets are fragments, whose
// datagrams begin in one block and end in the next.
func BenchmarkFragments(b *testing.B) {
	cfg := DefaultConfig()
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	p := traffic.NewUDP(netip.MustParseAddrPort("10.0.0.1:4000"), netip.MustParseAddrPort("10.0.0.2:53"), make([]byte, 1000))
	block := &packet.Block{Lists: make([][]packet.Ref, 1), Interfaces: []packet.Interface{{Link: packet.LinkEthernet}}, Data: make([]byte, 0, blockBytes)}
	for i := range 128 {
		p.ID = uint16(i)
		frames := traffic.Fragments(p, 1000, 0)
		for _, frame := range frames {
			block.Records = append(block.Records, packet.Record{Time: int64(i), Offset: uint32(len(block.Data)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame))})
			block.Data = append(block.Data, frame...)
		}
	}
	records := block.Records
	slices.SortStableFunc(records, func(x, y packet.Record) int { return int(x.CapLen) - int(y.CapLen) })
	data := len(block.Data)
	b.ReportAllocs()
	for b.Loop() {
		for _, half := range [][]packet.Record{records[:128], records[128:]} {
			block.Records, block.Data = half, block.Data[:data]
			block.Views, block.Lists[0], block.Origins = block.Views[:0], block.Lists[0][:0], block.Origins[:0]
			if err := f.walk(context.Background(), block); err != nil {
				b.Fatal(err)
			}
			block.FirstOrdinal += 128
		}
	}
	perPacket(b, 256)
}
