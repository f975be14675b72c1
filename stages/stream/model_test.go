package stream_test

import (
	"bytes"
	"math/rand"
	"testing"

	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// roomy never runs into a limit in these tests.
func roomy(o stream.Overlap) stream.Config {
	return stream.Config{Bytes: 1 << 20, Buffer: 64 << 10, Total: 1 << 20, Overlap: o}
}

// piece is a stretch of a stream, as a segment carries it.
type piece struct {
	at   int
	data []byte
}

// feed plays pieces behind a SYN with the number isn.
func feed(cfg stream.Config, isn uint32, pieces []piece) (*tape, *stream.Stats) {
	s, p, out := new(stream.Stream), stream.NewPool(cfg), new(tape)
	s.Add(p, stream.Forward, &stream.Segment{Seq: isn, Flags: packet.SYN}, out)
	for _, c := range pieces {
		scratch := bytes.Clone(c.data)
		s.Add(p, stream.Forward, &stream.Segment{Seq: isn + 1 + uint32(c.at), Wire: uint32(len(c.data)), Payload: scratch}, out)
		clear(scratch) // nobody may have kept it
	}
	s.Close(p, out)
	return out, s.Stats(stream.Forward)
}

// cut divides a stream at random and adds copies of stretches of it.
func cut(r *rand.Rand, data []byte) (pieces []piece) {
	for at := 0; at < len(data); {
		n := min(1+r.Intn(400), len(data)-at)
		pieces = append(pieces, piece{at, data[at : at+n]})
		at += n
	}
	for range r.Intn(len(pieces) + 1) {
		at := r.Intn(len(data))
		n := min(2+r.Intn(900), len(data)-at)
		pieces = append(pieces, piece{at, data[at : at+n]})
	}
	return pieces
}

// shuffle moves pieces by a few positions, or wholly.
func shuffle(r *rand.Rand, pieces []piece) {
	window := 1 + r.Intn(len(pieces))
	for i := range pieces {
		j := min(i+r.Intn(window), len(pieces)-1)
		pieces[i], pieces[j] = pieces[j], pieces[i]
	}
}

func randomBytes(r *rand.Rand, n int) []byte {
	data := make([]byte, n)
	r.Read(data)
	return data
}

// TestStreamComesBack: cut, shuffled, repeated and overlapping as it may be, a
// stream is delivered as it was sent, at every initial number.
func TestStreamComesBack(t *testing.T) {
	for seed := range int64(2000) {
		r := rand.New(rand.NewSource(seed))
		data := randomBytes(r, 1+r.Intn(8000))
		pieces := cut(r, data)
		shuffle(r, pieces)
		isn := []uint32{0, 1 << 31, -uint32(r.Intn(len(data)+2)) - 1, r.Uint32()}[seed%4]
		out, stats := feed(roomy(stream.Overlap(seed/4%2)), isn, pieces)
		if !bytes.Equal(out.bytes[0], data) || stats.Gaps != 0 || stats.ConflictBytes != 0 || stats.Limited != 0 {
			t.Fatalf("seed %d: %d of %d bytes, %+v", seed, len(out.bytes[0]), len(data), stats)
		}
	}
}

// reference is the overlap rule byte by byte: what is delivered stays, of what
// waits the first or last wins. It returns the bytes in conflict, too.
func reference(size int, pieces []piece, last bool) (data []byte, conflicts int64) {
	got, held, pos, high := make([]byte, size), make([]bool, size), 0, 0
	for _, c := range pieces {
		if end := c.at + len(c.data); len(c.data) == 1 && end == high {
			continue // a keep-alive
		}
		high = max(high, c.at+len(c.data))
		for i, b := range c.data {
			at := c.at + i
			if at >= pos && held[at] && got[at] != b {
				conflicts++
			}
			if at >= pos && (!held[at] || last) {
				got[at], held[at] = b, true
			}
		}
		for pos < size && held[pos] {
			pos++
		}
	}
	return got, conflicts
}

// TestConflictsEqualReference compares conflicting overlaps with reference.
func TestConflictsEqualReference(t *testing.T) {
	conflicting := 0
	for seed := range int64(4000) {
		r := rand.New(rand.NewSource(seed))
		data := randomBytes(r, 1+r.Intn(5000))
		pieces := cut(r, data)
		for i := range pieces {
			if pieces[i].data = bytes.Clone(pieces[i].data); r.Intn(2) == 0 {
				pieces[i].data[r.Intn(len(pieces[i].data))] ^= 0x55
			}
		}
		shuffle(r, pieces)
		policy := stream.Overlap(seed % 2)
		want, conflicts := reference(len(data), pieces, policy == stream.LastWins)
		out, stats := feed(roomy(policy), r.Uint32(), pieces)
		if !bytes.Equal(out.bytes[0], want) || stats.ConflictBytes != conflicts {
			t.Fatalf("seed %d: differs from the reference; %d conflicts, want %d", seed, stats.ConflictBytes, conflicts)
		}
		if conflicts > 0 {
			conflicting++
		}
	}
	if conflicting < 1000 {
		t.Errorf("only %d cases had conflicts", conflicting)
	}
}

// TestEveryCut cuts a stream into two segments at every byte, in both orders, over
// pages, the wrap and the sign of the numbers.
func TestEveryCut(t *testing.T) {
	data := randomBytes(rand.New(rand.NewSource(1)), 2*stream.PageBytes+100)
	for _, isn := range []uint32{5, 1<<31 - 2000, 1<<32 - 2100} {
		for at := 1; at < len(data); at++ {
			a, b := piece{0, data[:at]}, piece{at, data[at:]}
			for _, pieces := range [][]piece{{a, b}, {b, a}} {
				out, stats := feed(roomy(stream.FirstWins), isn, pieces)
				if !bytes.Equal(out.bytes[0], data) || stats.Gaps+stats.Limited != 0 {
					t.Fatalf("number %d, cut at %d: %d bytes", isn, at, len(out.bytes[0]))
				}
			}
		}
	}
}

// TestBeyondTheNumbers: a stream of more than 4 GiB, every other segment swapped.
func TestBeyondTheNumbers(t *testing.T) {
	cfg := roomy(stream.FirstWins)
	cfg.Bytes = 1 << 40
	s, p, out := new(stream.Stream), stream.NewPool(cfg), new(counter)
	s.Add(p, stream.Forward, &stream.Segment{Seq: 77, Flags: packet.SYN}, out)
	const size = 30_000
	block := make([]byte, size)
	seq, want := uint32(78), int64(0)
	for ; want < 5<<30; want += 2 * size {
		for _, at := range []uint32{seq + size, seq} {
			s.Add(p, stream.Forward, &stream.Segment{Seq: at, Wire: size, Payload: block}, out)
		}
		seq += 2 * size
	}
	s.Close(p, out)
	if stats := s.Stats(stream.Forward); stats.Delivered != want || out.delivered[0] != want || stats.Gaps != 0 {
		t.Errorf("%d of %d delivered, %d gaps", stats.Delivered, want, stats.Gaps)
	}
}

// counter is a Consumer that only counts.
type counter struct{ delivered, gaps [2]int64 }

func (c *counter) Deliver(dir stream.Dir, data []byte) { c.delivered[dir] += int64(len(data)) }
func (c *counter) Gap(dir stream.Dir, n int64)         { c.gaps[dir] += n }
func (c *counter) Restart()                            {}
