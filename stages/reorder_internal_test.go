package stages

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/ingest/packet"
)

// arrival is a packet as it is read, and what the plain model makes of it.
type arrival struct {
	time  packet.Nanos
	bytes int
	input int
	index int64
	face  uint32

	mark bool // it is no packet but a watermark

	place            packet.Nanos
	outlier, stepped bool
}

// moved is where the packet clock moves without a packet: before packet pos in the order.
type moved struct {
	pos   int
	clock packet.Nanos
}

// model is the definition of the window, word by word: a list, looked through from
// end to end for each packet.
func model(list []arrival, width, from, to packet.Nanos) (order []int, marks []moved) {
	barrier, latest, started := 0, packet.Nanos(0), false
	counts := func(t packet.Nanos) bool {
		return t != packet.NoTime && t >= max(from, -1<<62) && t < 1<<62 && (t < to || to == math.MaxInt64)
	}
	witness := func(i int, against func(packet.Nanos) bool) (contradicted bool, n int) {
		for _, a := range list[i+1 : min(i+17, len(list))] {
			n++
			if counts(a.time) && against(a.time) {
				return true, n
			}
		}
		return false, n
	}
	room := func() int { // position before which packets have left for lack of room
		left, size := len(order), 0
		for left > barrier && size+256+list[order[left-1]].bytes <= 1<<20 {
			left--
			size += 256 + list[order[left]].bytes
		}
		return left
	}
	for i := range list {
		a := &list[i]
		at := len(order)
		if a.mark {
			if !counts(a.time) || !started || a.time <= latest {
				continue
			}
			if a.time > latest+int64(time.Hour) {
				if no, _ := witness(i, func(t packet.Nanos) bool { return t < a.time-int64(time.Hour) }); no {
					continue
				}
			}
			latest = a.time
			pos := room()
			for pos < len(order) && list[order[pos]].place <= latest-width {
				pos++
			}
			marks = append(marks, moved{pos, latest - width})
			continue
		}
		switch {
		case !counts(a.time):
			if a.place = latest; !started {
				a.place = packet.NoTime
			}
		case !started:
			latest, started, a.place = a.time, true, a.time
		case a.time >= latest:
			if a.time > latest+int64(time.Hour) {
				a.outlier, _ = witness(i, func(t packet.Nanos) bool { return t < a.time-int64(time.Hour) })
			}
			if !a.outlier {
				latest = a.time
			}
			a.place = latest
		default:
			if a.time < latest-int64(time.Second) {
				no, n := witness(i, func(t packet.Nanos) bool { return t > latest-int64(time.Second) && t <= latest+int64(time.Hour) })
				a.stepped = !no && n > 0
			}
			if a.stepped {
				latest, barrier, a.place = a.time, len(order), a.time
				break
			}
			if a.place = latest; width == 0 {
				break
			}
			a.place = max(a.time, latest-width)
			if left := room(); left > barrier {
				a.place = max(a.place, list[order[left-1]].place)
			}
			for at > barrier && list[order[at-1]].place > a.place {
				at--
			}
		}
		order = slices.Insert(order, at, i)
	}
	return order, marks
}

// drawArrivals draws packets in and out of order in ways that matter.
func drawArrivals(t *rapid.T) []arrival {
	steps := []time.Duration{
		0, 0, 1, time.Microsecond, time.Microsecond, time.Millisecond, time.Millisecond, 3 * time.Millisecond, 30 * time.Millisecond, 101 * time.Millisecond,
		-1, -time.Microsecond, -time.Millisecond, -2 * time.Millisecond, -40 * time.Millisecond, -100 * time.Millisecond, -150 * time.Millisecond,
	}
	rare := []time.Duration{2 * time.Hour, -2 * time.Hour, -1100 * time.Millisecond, 50 * 24 * 365 * time.Hour, -1500 * time.Millisecond, 0}
	sizes := rapid.SampledFrom([][]int{{60, 1500, 0}, {60000, 30000, 9}, {8}}).Draw(t, "sizes")
	var list []arrival
	now, index, input := int64(1e18), int64(0), 0
	disorder := rapid.IntRange(1, 20).Draw(t, "disorder")
	stick := rapid.Bool().Draw(t, "clock follows")
	stamped := rapid.Bool().Draw(t, "watermarks")
	for range rapid.IntRange(1, 400).Draw(t, "packets") {
		d := rapid.SampledFrom(steps[:10]).Draw(t, "step")
		if rapid.IntRange(0, 20).Draw(t, "odd") < disorder {
			d = rapid.SampledFrom(steps).Draw(t, "disordered step")
		}
		at := now + int64(d)
		switch k := rapid.IntRange(0, 60).Draw(t, "rare"); {
		case k < 2:
			at = rapid.SampledFrom([]int64{packet.NoTime, math.MaxInt64, math.MinInt64 + 1, 0}).Draw(t, "no time")
		case k < 4:
			at = now + int64(rapid.SampledFrom(rare).Draw(t, "rare step"))
			if rapid.Bool().Draw(t, "stays") {
				now = at
			}
		case d > 0 || stick:
			now = at
		}
		if rapid.IntRange(0, 30).Draw(t, "file") == 0 {
			input, index = input+1, 0
		}
		if stamped && rapid.IntRange(0, 8).Draw(t, "watermark") == 0 {
			ahead := rapid.SampledFrom([]time.Duration{0, time.Microsecond, 50 * time.Millisecond, 101 * time.Millisecond, time.Second, 2 * time.Hour, -time.Second}).Draw(t, "ahead")
			list = append(list, arrival{time: now + int64(ahead), mark: true, input: input, index: index + 1})
		}
		index++
		list = append(list, arrival{time: at, bytes: rapid.SampledFrom(sizes).Draw(t, "bytes"), input: input, index: index, face: uint32(rapid.IntRange(0, 2).Draw(t, "interface"))})
	}
	return list
}

// dealt returns a reader of the packets in blocks of random sizes, none of which
// spans two inputs.
func dealt(t *rapid.T, f *feeder, list []arrival) func(context.Context) (*packet.Block, error) {
	most := rapid.SampledFrom([]int{1, 3, 20, 200}).Draw(t, "block")
	next := 0
	return func(ctx context.Context) (*packet.Block, error) {
		if next == len(list) {
			return nil, nil
		}
		b, err := f.pool.get(ctx)
		if err != nil {
			return nil, err
		}
		b.Input, b.FirstOrdinal, b.FirstIndex = list[next].input, int64(next), list[next].index
		b.Interfaces = []packet.Interface{{ID: b.Input}, {ID: 1000 + b.Input}}
		for n := rapid.IntRange(1, most).Draw(t, "records"); n > 0 && next < len(list) && list[next].input == b.Input; n-- {
			a := &list[next]
			if a.mark {
				b.Watermark = a.time
				next++
				break
			}
			data := make([]byte, a.bytes)
			if len(data) >= 8 {
				binary.BigEndian.PutUint64(data, uint64(next))
			}
			b.Records = append(b.Records, packet.Record{Time: a.time, Offset: uint32(len(b.Data)), CapLen: uint32(a.bytes), WireLen: uint32(next), Interface: a.face})
			b.Data = append(b.Data, data...)
			next++
		}
		return b, nil
	}
}

// TestWindow compares the window with the model: the order of packets, which of
// them are outliers, and that each is still what it was.
func TestWindow(t *testing.T) { rapid.Check(t, windowProperty) }

func FuzzWindow(f *testing.F) {
	f.Add([]byte{})
	f.Add(binary.BigEndian.AppendUint64(nil, 0x0102030405060708))
	f.Fuzz(rapid.MakeFuzz(windowProperty))
}

func windowProperty(t *rapid.T) {
	list := drawArrivals(t)
	cfg := DefaultConfig()
	cfg.Reorder = rapid.SampledFrom([]time.Duration{100 * time.Millisecond, 0, time.Microsecond, time.Hour}).Draw(t, "window")
	if rapid.IntRange(0, 3).Draw(t, "range") == 0 {
		cfg.From, cfg.To = list[0].time, list[0].time+int64(time.Second)
		if cfg.From < 0 || cfg.From >= cfg.To {
			cfg.From, cfg.To = 0, math.MaxInt64
		}
	}
	f := newFeeder(&cfg, newBlockPool(windowBlocks+restBlocks, blockBytes, 1))
	f.Inputs = make([]InputSummary, list[len(list)-1].input+1)
	f.window.read = dealt(t, f, list)
	want, marks := model(list, int64(cfg.Reorder), cfg.From, cfg.To)
	clock := packet.NoTime // that watermarks have moved it to
	at, steps := 0, int64(0)
	feeds := rapid.IntRange(0, 1).Draw(t, "feeds") == 1
	read, done := f.window.read, false
	f.window.begin(func(ctx context.Context) (*packet.Block, error) {
		if feeds && rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
			return nil, nil
		}
		b, err := read(ctx)
		done = b == nil
		return b, err
	}, feeds)
	for {
		b, err := f.window.next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if f.mark != 0 {
			clock, f.mark = max(clock, f.mark), 0
		}
		if b == nil {
			if !f.window.rests {
				break
			}
			if w := f.window; len(w.held) > 0 && w.held[0].place(0) <= w.now-w.width {
				t.Fatalf("a packet at %d is held, the latest is at %d", w.held[0].place(0), w.now)
			}
			f.window.begin(f.window.read, !done)
			continue
		}
		if len(b.Records) == 0 || b.Origins != nil && len(b.Origins) != len(b.Records) {
			t.Fatalf("%d records, %d origins", len(b.Records), len(b.Origins))
		}
		for i := range b.Records {
			check(t, b, i, list, want[at])
			if said := movedTo(marks, at); said != clock {
				t.Fatalf("before packet %d the clock was moved to %d, want %d", at, clock, said)
			}
			at++
		}
		f.pool.put(b)
	}
	if at != len(want) {
		t.Fatalf("%d packets came out of %d", at, len(want))
	}
	if said := movedTo(marks, at); said != clock {
		t.Fatalf("at the end the clock was moved to %d, want %d", clock, said)
	}
	for i := range list {
		if list[i].stepped {
			steps++
		}
	}
	for i := range f.Inputs {
		steps -= f.Inputs[i].ClockSteps
	}
	if steps != 0 {
		t.Errorf("%d clock steps are not counted", steps)
	}
	if free := len(f.pool.free); free != windowBlocks+restBlocks {
		t.Errorf("%d blocks came back of %d", free, windowBlocks+restBlocks)
	}
}

// movedTo returns how far watermarks have moved the clock before a packet.
func movedTo(marks []moved, packet int) int64 {
	clock := int64(math.MinInt64)
	for _, m := range marks {
		if m.pos <= packet {
			clock = max(clock, m.clock)
		}
	}
	return clock
}

// check compares one packet with what was read.
func check(t *rapid.T, b *packet.Block, i int, list []arrival, want int) {
	o, r, a := b.OriginOf(i), &b.Records[i], &list[want]
	if o.Ordinal != int64(want) || r.Time != a.time || int(r.CapLen) != a.bytes || int(r.WireLen) != want {
		t.Fatalf("packet %d (time %d) comes where %d (time %d) belongs", o.Ordinal, r.Time, want, a.time)
	}
	if o.Index != a.index || int(o.Input) != a.input || o.Outlier != a.outlier {
		t.Fatalf("packet %d is number %d of input %d, outlier %v; want %d, %d, %v", want, o.Index, o.Input, o.Outlier, a.index, a.input, a.outlier)
	}
	if data := b.Data[r.Offset:][:r.CapLen]; len(data) >= 8 && binary.BigEndian.Uint64(data) != uint64(want) {
		t.Fatalf("packet %d has the bytes of %d", want, binary.BigEndian.Uint64(data))
	}
	v := packet.View{Offset: r.Offset, Ordinal: o.Ordinal}
	if got := b.OriginOfView(&v); got.Input != o.Input || got.Index != o.Index {
		t.Fatalf("packet %d is located as number %d of input %d", want, got.Index, got.Input)
	}
	if known := int(r.Interface) < len(b.Interfaces); known != (a.face < 2) || known && b.Interfaces[r.Interface].ID != a.input+1000*int(a.face) {
		t.Fatalf("packet %d has another interface", want)
	}
}

// BenchmarkWindow is what the window costs a packet: in order, out of order by
// some microseconds, by more than a block, and with absurd times throughout.
func BenchmarkWindow(b *testing.B) {
	for _, c := range []struct {
		name string
		time func(i int64) packet.Nanos
	}{
		{"in order", func(i int64) packet.Nanos { return i * 1000 }},
		{"near", func(i int64) packet.Nanos { return i*1000 - i%7*2500 }},
		{"over blocks", func(i int64) packet.Nanos { return i*1000 - i%50/49*600_000 }},
		{"backwards by thousands", func(i int64) packet.Nanos { return i/4000*4_000_000 - i%4000*1000 }},
		{"centuries", func(i int64) packet.Nanos { return i % 2 * (1<<32 - 1) * 1e9 }},
	} {
		b.Run(c.name, func(b *testing.B) {
			cfg := DefaultConfig()
			f := newFeeder(&cfg, newBlockPool(windowBlocks+restBlocks, blockBytes, 1))
			f.Inputs = make([]InputSummary, 1)
			var n int64
			f.window.read = func(ctx context.Context) (*packet.Block, error) {
				if n >= int64(b.N) {
					return nil, nil
				}
				p, err := f.pool.get(ctx)
				p.FirstOrdinal, p.FirstIndex, p.Data = n, n+1, p.Data[:600*400]
				for i := range uint32(600) {
					p.Records = append(p.Records, packet.Record{Time: c.time(n), Offset: i * 400, CapLen: 400, WireLen: 400})
					n++
				}
				return p, err
			}
			b.ReportAllocs()
			for {
				p, err := f.window.next(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				if p == nil {
					break
				}
				f.pool.put(p)
			}
		})
	}
}
