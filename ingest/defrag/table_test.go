package defrag_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
)

var (
	v4, w4 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.2")
	v6, w6 = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
)

// piece is a fragment to be made.
type piece struct {
	from int
	data []byte
	more bool
}

func (p piece) to() int { return p.from + len(p.data) }

// frame encodes a UDP fragment.
func (p piece) frame(six bool, id uint32, opts ...traffic.Option) []byte {
	q := traffic.Packet{
		Link: packet.LinkEthernet, Src: v4, Dst: w4, TTL: 64, ID: uint16(id), Protocol: packet.ProtoUDP, Opaque: true, Payload: p.data,
		Fragment: &traffic.Fragment{Offset: p.from, More: p.more, ID: id},
	}
	if six {
		q.Src, q.Dst = v6, w6
	}
	for _, o := range opts {
		o(&q)
	}
	return q.Append(nil)
}

// bench feeds frames to a Table as the feeder does.
type bench struct {
	t      testing.TB
	table  *defrag.Table
	block  packet.Block
	count  defrag.Stats
	number int64
}

func newBench(t testing.TB, cfg defrag.Config) *bench {
	return &bench{t: t, table: defrag.New(cfg), block: packet.Block{FirstIndex: 1}}
}

// counts says where all that becomes of datagrams is counted.
func (b *bench) counts(*defrag.Datagram) *defrag.Stats { return &b.count }

// add gives the table a frame; cut bytes are missing at its end.
func (b *bench) add(frame []byte, cut int, clock packet.Nanos) (*defrag.Datagram, packet.Fault) {
	b.t.Helper()
	v := packet.View{Clock: clock, Time: clock, Ordinal: b.number, Offset: uint32(len(b.block.Data))}
	b.number++
	b.block.Data = append(b.block.Data, frame[:len(frame)-cut]...)
	var w packet.Walker
	if out := w.Walk(frame[:len(frame)-cut], uint32(len(frame)), packet.LinkEthernet, &v); out != packet.InFlow || !v.IsFragment() {
		b.t.Fatalf("outcome %v, marks %b: not a fragment", out, v.Quality)
	}
	return b.table.Add(&b.block, &v, b.block.Invite(&v), &b.count)
}

// nextBlock does what the end of a block does: its memory gets other contents.
func (b *bench) nextBlock() {
	b.table.Keep()
	for i := range b.block.Data {
		b.block.Data[i] = 0xee
	}
	b.block.Data = b.block.Data[:0]
	b.block.FirstOrdinal, b.block.FirstIndex = b.number, b.number+1
}

// joined returns the data of a whole datagram and holds that its headers are in
// order.
func (b *bench) joined(d *defrag.Datagram) []byte {
	b.t.Helper()
	frame, wire, ok := d.AppendFrame([]byte("in front"))
	if !ok {
		b.t.Fatal("too long")
	}
	frame = frame[len("in front"):]
	v := d.Head().View
	var w packet.Walker
	out := w.Rejoin(frame, wire, &v)
	if out == packet.MalformedL4 {
		return frame[v.L4:]
	}
	if out != packet.InFlow || v.IsFragment() || v.Quality&(packet.BadIPChecksum|packet.LengthMismatch) != 0 {
		b.t.Fatalf("outcome %v, marks %b", out, v.Quality)
	}
	return frame[v.L4:]
}

// model joins fragments byte by byte.
type model struct {
	six   bool
	data  [1 << 10]int16 // byte plus one; 0: not there
	seen  []piece
	end   int
	ended bool
	void  bool
}

// add returns the whole once it is there.
func (m *model) add(p piece) []byte {
	m.seen = append(m.seen, p)
	if m.void {
		return nil
	}
	over, beyond := false, false
	for i := p.from; i < p.to(); i++ {
		over = over || m.data[i] != 0
	}
	for i := p.to(); i < len(m.data); i++ {
		beyond = beyond || m.data[i] != 0
	}
	contradicts := m.ended && (p.to() > m.end || !p.more && p.to() != m.end) || !p.more && beyond
	switch {
	case over && m.again(p):
		return nil
	case m.six && (over || contradicts):
		m.void = true
		return nil
	case contradicts:
		return nil
	}
	for i, c := range p.data {
		if m.data[p.from+i] == 0 {
			m.data[p.from+i] = int16(c) + 1
		}
	}
	if !p.more {
		m.end, m.ended = p.to(), true
	}
	if !m.ended {
		return nil
	}
	var whole []byte
	for _, c := range m.data[:m.end] {
		if c == 0 {
			return nil
		}
		whole = append(whole, byte(c-1))
	}
	return whole
}

// again reports whether the fragment that has p's first taken byte is p.
func (m *model) again(p piece) bool {
	for _, q := range m.seen[:len(m.seen)-1] {
		if q.from == p.from && q.to() == p.to() && q.more == p.more && bytes.Equal(q.data, p.data) {
			return true
		}
	}
	return false
}

// cut divides a datagram into fragments at random.
func cut(rng *rand.Rand, data []byte) (list []piece) {
	step := 8 * (1 + rng.IntN(1+len(data)/8))
	for from := 0; from < len(data); {
		to := min(from+8*(1+rng.IntN(step/8)), len(data))
		list = append(list, piece{from, data[from:to], to < len(data)})
		from = to
	}
	return list
}

// spoil adds fragments that come again, overlap or lie.
func spoil(rng *rand.Rand, list []piece, data []byte) []piece {
	for range rng.IntN(4) {
		p := list[rng.IntN(len(list))]
		switch rng.IntN(4) {
		case 0, 1: // the same again
		case 2: // another place, other bytes
			p.from = 8 * rng.IntN(len(data)/8+1)
			p.data = make([]byte, 8*(1+rng.IntN(20)))
			p.more = true
			for i := range p.data {
				p.data[i] = byte(rng.Uint32())
			}
		case 3: // another end
			p.more = false
		}
		if p.from > 0 || p.more {
			list = append(list, p)
		}
	}
	return list
}

// TestAgainstModel joins random fragments in random order, with duplicates,
// overlaps and lies among them, and compares with a map of bytes.
func TestAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	whole, void := 0, 0
	for round := range 20_000 {
		six := rng.IntN(2) == 0
		data := make([]byte, 9+rng.IntN(400))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		list := cut(rng, data)
		if len(list) == 1 {
			continue
		}
		if rng.IntN(2) == 0 {
			list = spoil(rng, list, data)
		}
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		b, m := newBench(t, defrag.DefaultConfig()), &model{six: six}
		for i, p := range list {
			d, fault := b.add(p.frame(six, uint32(round)), 0, 0)
			if fault != packet.FaultNone {
				t.Fatalf("fault %d of %d bytes at %d", fault, len(p.data), p.from)
			}
			want := m.add(p)
			if (d != nil) != (want != nil) {
				t.Fatalf("round %d, fragment %d: whole %v, want %v", round, i, d != nil, want != nil)
			}
			if d == nil {
				if rng.IntN(3) == 0 {
					b.nextBlock()
				}
				continue
			}
			if got := b.joined(d); !bytes.Equal(got, want) {
				t.Fatalf("round %d: got %x, want %x", round, got, want)
			}
			if len(d.Pieces) != len(m.seen) {
				t.Fatalf("round %d: %d fragments, want %d", round, len(d.Pieces), len(m.seen))
			}
			b.table.Release(d)
			m = &model{six: six}
			whole++
		}
		if m.void {
			void++
		}
		if left := b.table.Len(); (left > 0) != (len(m.seen) > 0) {
			t.Fatalf("round %d: %d datagrams left, %d fragments", round, left, len(m.seen))
		}
	}
	t.Logf("%d datagrams whole, %d discarded", whole, void)
	if whole < 10_000 || void < 500 {
		t.Error("too few of either")
	}
}

func bytesOf(n int, c byte) []byte { return bytes.Repeat([]byte{c}, n) }

// TestPolicy plays the attacks that have names.
func TestPolicy(t *testing.T) {
	a, c := bytesOf(32, 'a'), bytesOf(32, 'c')
	for _, test := range []struct {
		name  string
		six   bool
		list  []piece
		want  []byte // nil: never whole
		count defrag.Stats
	}{
		{"teardrop: the second inside the first", false, []piece{{0, a, true}, {8, c[:8], false}}, nil, defrag.Stats{Overlaps: 1}},
		{"overlap: the first wins, the rest fills", false, []piece{{0, a, true}, {16, c, false}}, append(bytesOf(32, 'a'), c[:16]...), defrag.Stats{Joined: 1, Overlaps: 1}},
		{"overlap in front: the first wins", false, []piece{{16, c, false}, {0, a, true}}, append(bytesOf(16, 'a'), c...), defrag.Stats{Joined: 1, Overlaps: 1}},
		{"overlap over all", false, []piece{{8, c[:8], true}, {24, c[:8], true}, {0, bytesOf(40, 'a'), true}, {40, c[:3], false}},
			[]byte("aaaaaaaaccccccccaaaaaaaaccccccccaaaaaaaaccc"), defrag.Stats{Joined: 1, Overlaps: 1}},
		{"overlap in IPv6", true, []piece{{0, a, true}, {16, c, false}}, nil, defrag.Stats{Overlaps: 1, Discarded: 1}},
		{"nothing helps after an overlap in IPv6", true, []piece{{0, a, true}, {16, c, true}, {32, c, false}}, nil, defrag.Stats{Overlaps: 1, Discarded: 1}},
		{"the same again", false, []piece{{0, a, true}, {0, a, true}, {32, c, false}}, append(bytesOf(32, 'a'), c...), defrag.Stats{Joined: 1, Duplicates: 1}},
		{"the same again in IPv6", true, []piece{{0, a, true}, {0, a, true}, {32, c, false}}, append(bytesOf(32, 'a'), c...), defrag.Stats{Joined: 1, Duplicates: 1}},
		{"the same place, other bytes", false, []piece{{0, a, true}, {0, c, true}, {32, c, false}}, append(bytesOf(32, 'a'), c...), defrag.Stats{Joined: 1, Overlaps: 1}},
		{"the same place, other bytes in IPv6", true, []piece{{0, a, true}, {0, c, true}, {32, c, false}}, nil, defrag.Stats{Overlaps: 1, Discarded: 1}},
		{"two ends", false, []piece{{32, c[:8], false}, {40, c[:8], false}, {0, a, true}}, append(bytesOf(32, 'a'), c[:8]...), defrag.Stats{Joined: 1, Conflicts: 1}},
		{"two ends in IPv6", true, []piece{{32, c[:8], false}, {40, c[:8], false}, {0, a, true}}, nil, defrag.Stats{Conflicts: 1, Discarded: 1}},
		{"an end before what is there", false, []piece{{64, c, true}, {32, c[:8], false}, {0, a, true}}, nil, defrag.Stats{Conflicts: 1}},
		{"a hole", false, []piece{{0, a, true}, {40, c, false}}, nil, defrag.Stats{}},
		{"tiny fragments", false, []piece{{0, a[:8], true}, {8, a[:8], true}, {16, a[:1], false}}, a[:17], defrag.Stats{Joined: 1}},
	} {
		b := newBench(t, defrag.DefaultConfig())
		var got []byte
		for i, p := range test.list {
			d, _ := b.add(p.frame(test.six, 7), 0, 0)
			if d != nil && i != len(test.list)-1 {
				t.Errorf("%s: whole after %d fragments", test.name, i+1)
			}
			if d != nil {
				got = b.joined(d)
			}
		}
		if !bytes.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if b.count != test.count {
			t.Errorf("%s: counts %+v, want %+v", test.name, b.count, test.count)
		}
		if b.table.Len() != 1-min(1, len(test.want)) {
			t.Errorf("%s: %d datagrams held", test.name, b.table.Len())
		}
	}
}

// TestFaults holds which fragments are impossible by themselves.
func TestFaults(t *testing.T) {
	hop := traffic.Extended(traffic.Extension{Type: 0, Data: make([]byte, 6)})
	for _, test := range []struct {
		name string
		six  bool
		p    piece
		opts []traffic.Option
		want packet.Fault
	}{
		{"no multiple of eight", false, piece{0, bytesOf(12, 0), true}, nil, packet.FaultLength},
		{"no multiple of eight in IPv6", true, piece{8, bytesOf(12, 0), true}, nil, packet.FaultLength},
		{"at the end it need not be one", true, piece{8, bytesOf(12, 0), false}, nil, packet.FaultNone},
		{"nothing in it", false, piece{8, nil, false}, nil, packet.FaultLength},
		{"65,535 bytes", false, piece{65512, bytesOf(3, 0), false}, nil, packet.FaultNone},
		{"ping of death", false, piece{65512, bytesOf(4, 0), false}, nil, packet.FaultTooLong},
		{"65,535 bytes in IPv6", true, piece{65528, bytesOf(7, 0), false}, nil, packet.FaultNone},
		{"ping of death in IPv6", true, piece{65528, bytesOf(8, 0), false}, nil, packet.FaultTooLong},
		{"the same with a header more", true, piece{65520, bytesOf(8, 0), false}, []traffic.Option{hop}, packet.FaultTooLong},
	} {
		b := newBench(t, defrag.DefaultConfig())
		if _, fault := b.add(test.p.frame(test.six, 1, test.opts...), 0, 0); fault != test.want {
			t.Errorf("%s: fault %d, want %d", test.name, fault, test.want)
		}
		if held := b.table.Len() == 1; held != (test.want == packet.FaultNone) {
			t.Errorf("%s: held %v", test.name, held)
		}
	}
}

// TestLongerHeadersThanRoom: each fragment is possible, their whole is not.
func TestLongerHeadersThanRoom(t *testing.T) {
	for options, want := range map[int]bool{0: true, 4: true, 8: false} {
		b := newBench(t, defrag.DefaultConfig())
		b.add(piece{65504, bytesOf(7, 0), false}.frame(false, 1), 0, 0)
		for from := 8000; from < 65504; from += 8000 {
			b.add(piece{from, bytesOf(min(8000, 65504-from), 0), true}.frame(false, 1), 0, 0)
		}
		d, _ := b.add(piece{0, bytesOf(8000, 0), true}.frame(false, 1, traffic.IPOpts(make([]byte, options))), 0, 0)
		if d == nil {
			t.Fatal("not whole")
		}
		if _, _, ok := d.AppendFrame(nil); ok != want {
			t.Errorf("%d bytes in one datagram: %v", 20+options+65511, ok)
		}
	}
}

// TestCutByTheCapture: a datagram whose bytes are not all there is whole by its
// lengths, and ends where they do.
func TestCutByTheCapture(t *testing.T) {
	b := newBench(t, defrag.DefaultConfig())
	b.add(piece{0, bytesOf(32, 'a'), true}.frame(false, 1), 0, 0)
	b.add(piece{32, bytesOf(32, 'b'), true}.frame(false, 1), 20, 0)
	d, _ := b.add(piece{64, bytesOf(5, 'c'), false}.frame(false, 1), 0, 0)
	if d == nil {
		t.Fatal("not whole")
	}
	frame, wire, _ := d.AppendFrame(nil)
	if want := string(bytesOf(32, 'a')) + string(bytesOf(12, 'b')); string(frame[34:]) != want || wire != 34+69 {
		t.Errorf("%q of %d bytes, want %q of %d", frame[34:], wire, want, 34+69)
	}
}

// TestKeys: what differs in one of these belongs to another datagram.
func TestKeys(t *testing.T) {
	b := newBench(t, defrag.DefaultConfig())
	p := piece{8, bytesOf(8, 0), true}
	for i, f := range [][]byte{
		p.frame(false, 1), p.frame(false, 2), p.frame(true, 1), p.frame(true, 1<<16+1),
		p.frame(false, 1, func(q *traffic.Packet) { q.Protocol = packet.ProtoTCP }),
		p.frame(false, 1, func(q *traffic.Packet) { q.Src, q.Dst = q.Dst, q.Src }),
	} {
		b.add(f, 0, 0)
		if b.table.Len() != i+1 {
			t.Errorf("frame %d: %d datagrams", i, b.table.Len())
		}
	}
	b.add(p.frame(true, 1, func(q *traffic.Packet) { q.Protocol = packet.ProtoTCP }), 0, 0)
	if b.table.Len() != 6 {
		t.Error("the next header of a later IPv6 fragment tells datagrams apart, against RFC 8200")
	}
}

// TestExtensionHeaders: headers in front of the fragment header stay, those behind
// it are data; atomic fragment headers in front change nothing.
func TestExtensionHeaders(t *testing.T) {
	ah := traffic.Extension{Type: 51, Data: make([]byte, 14)}
	options := traffic.Extension{Type: 60, Data: make([]byte, 6)}
	atomic := traffic.Extension{Type: 44, Data: make([]byte, 6)}
	udp := append([]byte{0, 5, 0, 6, 0, 16, 0, 0}, "eight by"...)
	for name, ext := range map[string][]traffic.Extension{"none": nil, "AH": {ah}, "three": {options, ah, atomic}} {
		b := newBench(t, defrag.DefaultConfig())
		b.add(piece{8, udp[8:], false}.frame(true, 9, traffic.Extended(ext...)), 0, 0)
		b.nextBlock()
		d, _ := b.add(piece{0, udp[:8], true}.frame(true, 9, traffic.Extended(ext...)), 0, 0)
		if d == nil {
			t.Fatalf("%s: not whole", name)
		}
		if got := b.joined(d); !bytes.Equal(got, udp) {
			t.Errorf("%s: got %q", name, got)
		}
		frame, wire, _ := d.AppendFrame(nil)
		v := d.Head().View
		var w packet.Walker
		w.Rejoin(frame, wire, &v)
		if v.SrcPort != 5 || v.DstPort != 6 || string(frame[v.L4+8:]) != "eight by" {
			t.Errorf("%s: ports %d and %d", name, v.SrcPort, v.DstPort)
		}
	}
}
