package stream_test

import (
	"testing"

	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// player feeds one direction of a stream behind a SYN with the number 0.
type player struct {
	s               stream.Stream
	p               *stream.Pool
	out             counter
	data            []byte
	segments, bytes int64
}

func newPlayer(cfg stream.Config) *player {
	p := &player{p: stream.NewPool(cfg), data: make([]byte, 64<<10)}
	p.add(stream.Segment{Seq: ^uint32(0), Flags: packet.SYN})
	return p
}

func (p *player) add(seg stream.Segment) {
	p.segments++
	p.bytes += int64(len(seg.Payload))
	p.s.Add(p.p, stream.Forward, &seg, &p.out)
}

// send sends n bytes at a place.
func (p *player) send(at, n int) {
	p.add(stream.Segment{Seq: uint32(at), Wire: uint32(n), Payload: p.data[:n]})
}

// ack acknowledges all before a place.
func (p *player) ack(at int) {
	p.segments++
	p.s.Add(p.p, stream.Backward, &stream.Segment{Seq: 7, Ack: uint32(at), Flags: packet.ACK}, &p.out)
}

// shapes are what would cost more than linear work if anything here searched a list.
// n is about the number of segments.
var shapes = map[string]func(p *player, n int){
	"bytes in order": func(p *player, n int) {
		for i := range n {
			p.send(i, 1)
		}
	},
	"bytes in reverse": func(p *player, n int) {
		for i := n - 1; i >= 0; i-- {
			p.send(i, 1)
		}
	},
	"every other byte, then the others": func(p *player, n int) {
		for i := 1; i < n; i += 2 {
			p.send(i, 1)
		}
		for i := 0; i < n; i += 2 {
			p.send(i, 1)
		}
	},
	"every other byte, then one segment after another over all": func(p *player, n int) {
		for i := 1; i < n; i += 2 {
			p.send(i, 1)
		}
		for i := 0; i < n; i += 1000 {
			p.send(i, 1000)
		}
	},
	"pairs swapped, a byte far ahead": func(p *player, n int) {
		p.send(900_000, 1)
		for i := 0; i < n; i += 2 {
			p.send(i+1, 1)
			p.send(i, 1)
		}
	},
	"holes acknowledged one by one": func(p *player, n int) {
		for i := 1; i < n; i += 2 {
			p.send(i, 1)
		}
		for i := range n {
			p.ack(i)
		}
	},
	"the same ACK again and again": func(p *player, n int) {
		p.send(2, 1)
		p.send(900_000, 1)
		for range n {
			p.ack(1)
		}
	},
	"a byte a page": func(p *player, n int) {
		for i := range n {
			p.send(1+i*stream.PageBytes, 1)
		}
	},
	"each beyond the buffer": func(p *player, n int) {
		for i := range n {
			p.send((i+1)*(1<<20+1)%(1<<31), 1)
		}
	},
	"the same bytes held again and again": func(p *player, n int) {
		for i := range n {
			p.data[i%8]++
			p.send(1, 8)
		}
	},
	"new connections that leave a byte": func(p *player, n int) {
		for i := 0; i < n; i += 3 {
			p.add(stream.Segment{Seq: uint32(i), Flags: packet.SYN})
			p.send(i+900_000, 1)
			p.add(stream.Segment{Seq: uint32(i + 1), Flags: packet.RST})
		}
	},
	"both ends towards the middle": func(p *player, n int) {
		for i := 1; i < n/2; i++ {
			p.send(i, 1)
			p.send(n-i, 1)
		}
	},
}

// TestWorkIsLinear counts words, pages and bytes looked at.
func TestWorkIsLinear(t *testing.T) {
	const perUnit = 24 // steps a segment or byte; the ring's summary alone has 9 words
	for name, shape := range shapes {
		for _, overlap := range []stream.Overlap{stream.FirstWins, stream.LastWins} {
			for _, n := range []int{10_000, 40_000, 160_000} {
				p := newPlayer(stream.Config{Bytes: 1 << 40, Buffer: 1 << 20, Total: 4 << 20, Overlap: overlap})
				shape(p, n)
				p.s.Close(p.p, &p.out)
				if steps := p.p.Steps(); steps > perUnit*(p.segments+p.bytes) {
					t.Errorf("%s: %d segments of %d bytes take %d steps", name, p.segments, p.bytes, steps)
				}
			}
		}
	}
}

// TestNothingAllocated: neither in order nor, once a page is there, out of order.
func TestNothingAllocated(t *testing.T) {
	cfg := stream.DefaultConfig()
	cfg.Bytes = 1 << 40
	p := newPlayer(cfg)
	at := 0
	check := func(name string, swap int) {
		t.Helper()
		if n := testing.AllocsPerRun(1000, func() {
			p.send(at+swap, 1000)
			p.send(at+1000-swap, 1000)
			p.ack(at + 2000)
			at += 2000
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	check("in order", 0)
	check("out of order", 1000)
	if stats := p.s.Stats(stream.Forward); stats.Delivered != int64(at) || stats.Held == 0 {
		t.Errorf("%d of %d bytes, %+v", stats.Delivered, at, stats)
	}
}

// TestZeroCopy: in-order data is the segment's own memory.
func TestZeroCopy(t *testing.T) {
	p, same := newPlayer(stream.DefaultConfig()), &identity{}
	same.want = p.data[:100]
	p.s.Add(p.p, stream.Forward, &stream.Segment{Seq: 0, Wire: 100, Payload: same.want}, same)
	if !same.seen {
		t.Error("the data delivered is a copy")
	}
}

type identity struct {
	counter
	want []byte
	seen bool
}

func (c *identity) Deliver(_ stream.Dir, data []byte) { c.seen = &data[0] == &c.want[0] }

// TestPoolIsBounded: however many flows hold data, no more pages are taken than fit Total.
func TestPoolIsBounded(t *testing.T) {
	cfg := stream.DefaultConfig()
	cfg.Total = 100_000
	p := stream.NewPool(cfg)
	if got := p.Left(); got != cfg.Total/p.PageMemory() {
		t.Fatalf("%d pages", got)
	}
	var out counter
	flows := make([]stream.Stream, 1000)
	for i := range flows {
		flows[i].Add(p, stream.Forward, &stream.Segment{Seq: 1, Flags: packet.SYN}, &out)
		flows[i].Add(p, stream.Forward, &stream.Segment{Seq: 5, Wire: 2, Payload: []byte("ab")}, &out)
	}
	limited := 0
	for i := range flows {
		limited += int(flows[i].Stats(stream.Forward).Limited)
	}
	if held := int(cfg.Total / p.PageMemory()); p.Left() != 0 || limited != len(flows)-held {
		t.Errorf("%d pages left, %d flows gave a hole up", p.Left(), limited)
	}
}
