package defrag_test

import (
	"testing"

	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
)

// FuzzTable feeds packets without a link header, each behind two bytes of length,
// to a small table: every fragment comes out once, nothing exceeds the limits, and
// a whole datagram is one that can be.
func FuzzTable(f *testing.F) {
	seed := func(frames ...[]byte) {
		var b []byte
		for _, p := range frames {
			p = p[14:] // the Ethernet header
			b = append(append(b, byte(len(p)>>8), byte(len(p))), p...)
		}
		f.Add(b)
	}
	for _, six := range []bool{false, true} {
		a := piece{0, bytesOf(16, 'a'), true}.frame(six, 1)
		seed(a, piece{16, bytesOf(5, 'b'), false}.frame(six, 1))
		seed(piece{16, bytesOf(5, 'b'), false}.frame(six, 1), a, a)
		seed(a, piece{8, bytesOf(16, 'b'), true}.frame(six, 1), piece{24, bytesOf(1, 'c'), false}.frame(six, 1))
		seed(a, piece{65528, bytesOf(40, 'b'), false}.frame(six, 1), piece{8, bytesOf(3, 'b'), true}.frame(six, 1))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := defrag.DefaultConfig()
		cfg.Datagrams, cfg.Bytes = 3, 128<<10
		b := newBench(t, cfg)
		in, out := 0, 0
		release := func(d *defrag.Datagram) {
			out += len(d.Pieces)
			b.table.Release(d)
		}
		var w packet.Walker
		for clock := packet.Nanos(0); len(data) >= 2; clock += 5_000_000_000 {
			n := min(int(data[0])<<8|int(data[1]), len(data)-2)
			frame := data[2 : 2+n]
			data = data[2+n:]
			v := packet.View{Clock: clock, Ordinal: b.number, Offset: uint32(len(b.block.Data))}
			b.number++
			b.block.Data = append(b.block.Data, frame...)
			if w.Walk(frame, uint32(n+int(clock%7)), packet.LinkRaw, &v) != packet.InFlow || !v.IsFragment() {
				b.nextBlock()
				continue
			}
			for d := b.table.Expired(clock, b.counts); d != nil; d = b.table.Expired(clock, b.counts) {
				release(d)
			}
			d, fault := b.table.Add(&b.block, &v, b.block.Invite(&v), &b.count)
			if fault != packet.FaultNone {
				continue
			}
			in++
			if d != nil {
				checkWhole(t, d)
				release(d)
			}
			for d := b.table.Excess(b.counts); d != nil; d = b.table.Excess(b.counts) {
				release(d)
			}
			if b.table.Len() > cfg.Datagrams || b.table.Bytes() > cfg.Bytes {
				t.Fatalf("%d datagrams, %d bytes", b.table.Len(), b.table.Bytes())
			}
		}
		for d := b.table.Oldest(b.counts); d != nil; d = b.table.Oldest(b.counts) {
			release(d)
		}
		if in != out || b.table.Bytes() != 0 {
			t.Fatalf("%d fragments in, %d out, %d bytes left", in, out, b.table.Bytes())
		}
	})
}

// checkWhole decodes a whole datagram.
func checkWhole(t *testing.T, d *defrag.Datagram) {
	frame, wire, ok := d.AppendFrame(nil)
	if !ok {
		return
	}
	v := d.Head().View
	if len(frame) > int(wire) || wire > uint32(v.L3)+40+65535 {
		t.Fatalf("%d bytes of %d", len(frame), wire)
	}
	var w packet.Walker
	if out := w.Rejoin(frame, wire, &v); out == packet.InFlow {
		end := uint32(v.L4) + uint32(v.L4Len) + v.PayloadCap
		if end > uint32(len(frame)) || v.PayloadCap > v.PayloadLen || v.Quality&packet.BadIPChecksum != 0 && v.Version == 4 {
			t.Fatalf("payload ends at %d of %d, marks %b", end, len(frame), v.Quality)
		}
	}
}
