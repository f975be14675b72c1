package host_test

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/flow/connstate"
	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/fit"
)

const second = packet.Nanos(time.Second)

// cells are the values of a row by column; nil where one is null.
type cells map[string]any

// tables gathers what a Book writes.
type tables struct {
	t            *testing.T
	hosts, pairs []cells
}

func (c *tables) take(rows *[]cells, schema *column.Schema) func(*batch.Batch) error {
	return func(b *batch.Batch) error {
		c.t.Helper()
		if err := fit.Check(schema, b); err != nil {
			c.t.Fatal(err)
		}
		for i := range b.Rows {
			*rows = append(*rows, cellsOf(b, i))
		}
		return nil
	}
}

func cellsOf(b *batch.Batch, row int) cells {
	values := cells{}
	for i := range b.Vectors {
		v, c := &b.Vectors[i], &b.Schema.Columns[i]
		if v.Null(row) {
			values[c.Name] = nil
			continue
		}
		switch c.Type {
		case column.Int32:
			values[c.Name] = int64(v.Int32[row])
		case column.Double:
			values[c.Name] = v.Float64[row]
			if x := v.Float64[row]; math.IsNaN(x) || math.IsInf(x, 0) {
				panic(c.Name + " is no finite number")
			}
		case column.String:
			values[c.Name] = v.String(row)
		default:
			values[c.Name] = v.Int64[row]
		}
	}
	return values
}

// bench has Packets and a Book that are fed as a run feeds them.
type bench struct {
	tables
	*host.Book
	packets *host.Packets
	epoch   int32
}

// settings are those of a bench.
type settings struct {
	window  time.Duration
	life    packet.Nanos
	memory  int64
	most    int // hosts
	seconds int
	heard   host.Heard
	single  bool
}

func ordinary() settings {
	return settings{window: 10 * time.Minute, life: 2100 * second, memory: 1 << 30, most: 1 << 20, seconds: 1 << 20, heard: host.Heard{Any: true, DNS: true, Hellos: true}}
}

func newBench(t *testing.T, s settings) *bench {
	t.Helper()
	grid, err := host.NewGrid(s.window)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{tables: tables{t: t}}
	key := host.HashKey{0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f}
	b.Book = host.NewBook(host.Config{
		Grids: []host.Grid{grid}, Life: s.life, Memory: s.memory, Single: s.single, Heard: s.heard, Key: key,
		Hosts: true, Pairs: true,
	})
	b.Connect(b.take(&b.hosts, host.HostsSchema()), b.take(&b.pairs, host.PairsSchema()))
	b.packets = host.NewPackets(grid, key, s.most, s.seconds)
	return b
}

// see gives Packets some Views.
func (b *bench) see(views ...packet.View) {
	for {
		views = views[b.packets.Add(views):]
		if len(views) == 0 {
			b.Heard(b.epoch, b.packets.Place())
			return
		}
		at, over := b.packets.Over(views[0].Clock)
		if !over {
			at = b.packets.Place()
		}
		b.Arrive(host.Stretch{Seen: b.packets.Take(), Epoch: b.epoch, Capture: b.epoch, At: at, Rest: over})
	}
}

// endEpoch ends the epoch of Packets.
func (b *bench) endEpoch() {
	if !b.packets.Empty() {
		end, _ := b.packets.Over(0)
		b.Arrive(host.Stretch{Seen: b.packets.Take(), Epoch: b.epoch, Capture: b.epoch, At: end, Rest: true})
	}
	b.packets.Forget()
	b.epoch++
	b.Heard(b.epoch, packet.NoTime)
}

// add gives the Book a row.
func (b *bench) add(r *flow.Row, app *flow.App) {
	b.t.Helper()
	if b.Waits(r.Epoch, r.Close) {
		b.t.Fatalf("the Book waits for a stretch at %d", r.Close)
	}
	if err := b.Advance(r.Epoch, r.Close); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Add(r, app); err != nil {
		b.t.Fatal(err)
	}
}

// finish ends the run.
func (b *bench) finish() *bench {
	b.t.Helper()
	if !b.packets.Empty() {
		b.endEpoch()
	}
	b.Heard(math.MaxInt32, packet.NoTime)
	if b.Waits(math.MaxInt32, packet.NoTime) {
		b.t.Fatal("the Book waits at the end")
	}
	if err := b.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b
}

func addr(text string) packet.Addr { return netip.MustParseAddr(text).As16() }

// sent is a packet of n bytes from one address to another.
func sent(at packet.Nanos, from, to string, n uint32) packet.View {
	v := packet.View{Time: at, Clock: at, Src: addr(from), Dst: addr(to), Version: 4, WireLen: n, CapLen: n, Protocol: packet.ProtoUDP}
	if netip.MustParseAddr(from).Is6() {
		v.Version = 6
	}
	v.Hash = uint16(v.Src[15]) + uint16(v.Dst[15]) // the same in both directions
	return v
}

// exchange is a UDP flow: its packets, and the row that they make.
func exchange(port uint16, views ...packet.View) *flow.Row {
	r := new(flow.Row)
	first := &views[0]
	r.Key = flow.Key{Src: first.Src, Dst: first.Dst, SrcPort: 40000, DstPort: port, Protocol: packet.ProtoUDP, Version: first.Version}
	r.Begin(first)
	for i := range views {
		v := views[i]
		v.L4Len, v.PayloadLen = 8, 1
		dir := flow.Fwd
		if v.Src != first.Src {
			dir = flow.Rev
		}
		r.Conn.Packet(&v, connstate.Side(dir), connstate.Policy{})
		v.PayloadLen = 0 // nothing of it is there to be looked at
		r.Observe(new(packet.Block), &v, dir, &flow.Options{})
	}
	r.ConnStart, r.Close = r.StartTime, r.LastClock+60*second
	return r
}

// check compares columns of a row.
func check(t *testing.T, what string, got, want cells) {
	t.Helper()
	for name, w := range want {
		g, ok := got[name]
		if x, isInt := w.(int); isInt {
			w = int64(x)
		}
		if a, real := w.(float64); real && g != nil {
			if b := g.(float64); math.Abs(a-b) > 1e-9*max(1, math.Abs(a)) {
				t.Errorf("%s: %s is %v, want %v", what, name, b, a)
			}
			continue
		}
		if !ok || g != w {
			t.Errorf("%s: %s is %v, want %v", what, name, g, w)
		}
	}
}
