package stream

import (
	"bytes"
	"math/rand"
	"testing"

	"pcapmill/ingest/packet"
)

// content is the byte of a sequence number, so that a byte at a wrong place shows.
func content(seq uint32) byte { return byte(seq * 2654435761 >> 24) }

// witness checks what it gets against content, from the start of each direction on.
type witness struct {
	t       *testing.T
	s       *Stream
	got     [2]int64 // bytes and gaps of the connection
	altered bool     // some segment did not carry content
}

func (w *witness) Deliver(dir Dir, data []byte) {
	if len(data) == 0 {
		w.t.Error("nothing delivered")
	}
	seq := w.s.halves[dir].start + uint32(w.got[dir])
	for i, b := range data {
		if !w.altered && b != content(seq+uint32(i)) {
			w.t.Fatalf("direction %d: byte %d is of another place", dir, w.got[dir]+int64(i))
		}
	}
	w.got[dir] += int64(len(data))
}

func (w *witness) Gap(dir Dir, n int64) {
	if n <= 0 {
		w.t.Errorf("gap of %d", n)
	}
	w.got[dir] += n
}

func (w *witness) Restart() { w.got = [2]int64{} }

const opBytes = 7

// decode makes a segment of a few fuzz bytes, near the number base.
func decode(op []byte, base uint32) (dir Dir, seg Segment, altered bool) {
	seg.Seq = base + uint32(op[1]) + uint32(op[2]&31)<<8
	seg.Ack = base + uint32(op[3]) + uint32(op[4]&31)<<8
	seg.Wire = uint32(op[5]) << (op[2] >> 6 * 2)
	seg.Flags = packet.ACK
	for i, flag := range []uint16{packet.SYN, packet.FIN, packet.RST} {
		if op[0]>>(2*i+1)&3 == 3 {
			seg.Flags |= flag
		}
	}
	if op[0]&0x80 != 0 {
		seg.Flags &^= packet.ACK
	}
	seg.Payload = make([]byte, seg.Wire-seg.Wire*uint32(op[6]&3)/4)
	for i := range seg.Payload {
		seg.Payload[i] = content(seg.first() + uint32(i))
	}
	if altered = op[6] == 0xFC && len(seg.Payload) > 0; altered {
		seg.Payload[0] ^= 1
	}
	return Dir(op[0] & 1), seg, altered
}

// fuzzConfigs are small, so that limits are met.
var fuzzConfigs = []Config{
	{Bytes: 1 << 20, Buffer: 16 << 10, Total: 1 << 20},
	{Bytes: 1 << 20, Buffer: 16 << 10, Total: 1 << 20, Overlap: LastWins},
	{Bytes: 3000, Buffer: 4096, Total: 1 << 20},
	{Bytes: 1 << 20, Buffer: 5000, Total: 3 * 2500},
	{Bytes: 1 << 20, Total: 1 << 20},
	{Bytes: 1 << 20, Buffer: 1 << 20},
}

// FuzzHalf: no input makes it panic, keep more than allowed or deliver a byte twice
// or at the wrong place.
func FuzzHalf(f *testing.F) {
	f.Add([]byte{0, 0})
	f.Add(append([]byte{0, 250}, "\x06\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x08\x00\x00\x01\x00\x00\x00\x08\x00"...))
	for seed := range int64(40) {
		data := make([]byte, 2+opBytes*(5+seed*2))
		rand.New(rand.NewSource(seed)).Read(data)
		f.Add(data)
	}
	f.Fuzz(fuzzHalf)
}

func fuzzHalf(t *testing.T, data []byte) {
	if len(data) < 2 {
		return
	}
	p := NewPool(fuzzConfigs[int(data[0])%len(fuzzConfigs)])
	full, base := p.left, -uint32(data[1])*16
	s := new(Stream)
	w := &witness{t: t, s: s}
	for ops := data[2:]; len(ops) >= opBytes; ops = ops[opBytes:] {
		dir, seg, altered := decode(ops, base)
		w.altered = w.altered || altered
		s.Add(p, dir, &seg, w)
		clear(seg.Payload)
		checkStream(t, s, p, w, full)
	}
	s.Close(p, w)
	checkStream(t, s, p, w, full)
	if p.left != full || !s.Done(Forward) || !s.Done(Backward) {
		t.Fatalf("Close leaves %d pages of %d", p.left, full)
	}
}

// checkStream checks what must hold between any two segments.
func checkStream(t *testing.T, s *Stream, p *Pool, w *witness, full int64) {
	t.Helper()
	pages := int32(0)
	for i := range s.halves {
		h := &s.halves[i]
		if h.state == holding && h.pos != 0 || h.state == open && h.first <= h.pos || h.pos > h.limit {
			t.Fatalf("direction %d: state %d, at %d, held from %d, limit %d", i, h.state, h.pos, h.first, h.limit)
		}
		if h.state >= open && w.got[i] != h.pos-h.origin || w.got[i] > p.cfg.Bytes {
			t.Fatalf("direction %d: %d bytes of %d", i, w.got[i], h.pos-h.origin)
		}
		if !w.altered && h.ConflictBytes != 0 {
			t.Fatalf("direction %d: %d bytes in conflict", i, h.ConflictBytes)
		}
		if h.ring != nil {
			checkRing(t, h)
			pages += h.ring.count
		}
	}
	if pages != s.pages || pages > p.flowPages || p.left != full-int64(pages) {
		t.Fatalf("%d pages held, %d counted, %d allowed, %d of %d left", pages, s.pages, p.flowPages, p.left, full)
	}
}

// checkRing checks the summaries of a ring against its bits.
func checkRing(t *testing.T, h *half) {
	t.Helper()
	count := int32(0)
	for i, pg := range h.ring.pages {
		if used := h.ring.used[i/64]>>(i%64)&1 == 1; used != (pg != nil) {
			t.Fatalf("slot %d: used %v", i, used)
		}
		if pg == nil {
			continue
		}
		count++
		for j, word := range pg.have {
			if pg.some>>j&1 == 1 != (word != 0) || pg.some == 0 {
				t.Fatalf("page %d: summary %x, word %d is %x", i, pg.some, j, word)
			}
		}
	}
	first := int(h.first % pageBytes)
	if count != h.ring.count || count == 0 || h.ring.pages[h.ring.slot(h.first)].from(first) != first {
		t.Fatalf("%d pages, counted %d, first at %d", count, h.ring.count, h.first)
	}
}

// TestRandomSegments runs the fuzz target on more than its seeds.
func TestRandomSegments(t *testing.T) {
	for seed := range int64(20_000) {
		r := rand.New(rand.NewSource(seed))
		data := make([]byte, 2+opBytes*r.Intn(60))
		r.Read(data)
		for i := 2; i < len(data); i += opBytes {
			if r.Intn(8) > 0 {
				data[i] &= 1 // most segments are data
			}
		}
		fuzzHalf(t, bytes.Clone(data))
	}
}
