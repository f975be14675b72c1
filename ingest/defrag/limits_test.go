package defrag_test

import (
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
)

// TestTimes: a datagram's time is up after the timeout of its version, counted
// from its first fragment, and in that order.
func TestTimes(t *testing.T) {
	b := newBench(t, defrag.Config{Datagrams: 10, Bytes: 1 << 20, IPv4: 30 * time.Second, IPv6: time.Minute})
	const s = packet.Nanos(time.Second)
	head := piece{0, bytesOf(8, 0), true}
	b.add(head.frame(true, 1), 0, 0)
	b.add(head.frame(false, 2), 0, 5*s)
	b.add(piece{8, bytesOf(8, 0), true}.frame(false, 2), 0, 20*s)
	b.add(head.frame(false, 3), 0, 30*s)
	for _, step := range []struct{ clock, deadline packet.Nanos }{{35 * s, 0}, {35*s + 1, 35 * s}, {61 * s, 60 * s}, {61 * s, 60 * s}, {1000 * s, 0}} {
		d := b.table.Expired(step.clock, b.counts)
		if (d != nil) != (step.deadline != 0) || d != nil && d.Deadline != step.deadline {
			t.Errorf("at %d s: %+v, want one of %d s", step.clock/s, d, step.deadline/s)
		}
	}
	if b.count.Expired != 3 || b.table.Len() != 0 || b.table.Bytes() != 0 {
		t.Errorf("%d expired, %d left with %d bytes", b.count.Expired, b.table.Len(), b.table.Bytes())
	}
}

// TestOldestOfBothVersions: what is given up is what began first, whatever its version, and only beyond
// a limit; of two whose time is up together the first goes first.
func TestOldestOfBothVersions(t *testing.T) {
	head := piece{0, bytesOf(8, 0), true}
	begin := func(cfg defrag.Config, six ...bool) *bench {
		b := newBench(t, cfg)
		for i, s := range six {
			b.add(head.frame(s, uint32(i)), 0, packet.Nanos(i/2))
		}
		return b
	}
	cfg := defrag.Config{Datagrams: 3, Bytes: 1 << 20, IPv4: time.Second, IPv6: time.Second}
	for _, six := range [][]bool{{false, true, true, false}, {true, false, false, true}, {true, true, false, true}, {false, false, true, false}} {
		for name, next := range map[string]func(*bench) *defrag.Datagram{
			"excess":  func(b *bench) *defrag.Datagram { return b.table.Excess(b.counts) },
			"oldest":  func(b *bench) *defrag.Datagram { return b.table.Oldest(b.counts) },
			"expired": func(b *bench) *defrag.Datagram { return b.table.Expired(packet.Nanos(10*time.Second), b.counts) },
		} {
			b := begin(cfg, six...)
			want := []int64{0, 1, 2, 3}
			if name == "excess" { // three may stay
				want = want[:1]
			}
			for _, at := range want {
				if due := packet.Nanos(at/2) + packet.Nanos(time.Second); b.table.Due() != due {
					t.Errorf("%v: due at %d, want %d", six, b.table.Due(), due)
				}
				if d := next(b); d == nil || d.Pieces[0].View.Ordinal != at {
					t.Fatalf("%s of %v: %+v, want that of packet %d", name, six, d, at)
				}
			}
			if d := next(b); d != nil || b.table.Len() != 4-len(want) {
				t.Errorf("%s of %v: another one, of %d", name, six, b.table.Len())
			}
			if n := b.count.Evicted + b.count.Unfinished + b.count.Expired; n != int64(len(want)) {
				t.Errorf("%s of %v: counts %+v", name, six, b.count)
			}
		}
	}
	cfg.Bytes = begin(cfg, false, true).table.Bytes()
	b := begin(cfg, false, true)
	if d := b.table.Excess(b.counts); d != nil {
		t.Errorf("given up with all of %d bytes", cfg.Bytes)
	}
	b.add(piece{8, bytesOf(8, 0), true}.frame(true, 1), 0, 1)
	if d := b.table.Excess(b.counts); d == nil || d.Pieces[0].View.Ordinal != 0 || b.table.Excess(b.counts) != nil {
		t.Errorf("%+v beyond %d bytes", d, cfg.Bytes)
	}
	b = newBench(t, cfg)
	b.add(head.frame(false, 1), 3, 0)
	b.add(head.frame(true, 1), 0, 0)
	size := int64(len(head.frame(false, 1)) + len(head.frame(true, 1)))
	if held := b.table.Packets(); held != (packet.Tally{Packets: 2, CapturedBytes: size - 3, WireBytes: size}) {
		t.Errorf("holds %+v, want 2 packets of %d bytes", held, size)
	}
	b.table.Oldest(b.counts)
	b.table.Oldest(b.counts)
	if b.table.Due() != math.MaxInt64 || b.table.Packets() != (packet.Tally{}) {
		t.Errorf("empty, but due at %d", b.table.Due())
	}
}

// TestStatsPlus: all counts add up.
func TestStatsPlus(t *testing.T) {
	var a, b defrag.Stats
	va, vb := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	for i := range va.NumField() {
		va.Field(i).SetInt(int64(i + 1))
		vb.Field(i).SetInt(int64(100 * (i + 1)))
	}
	a.Plus(&b)
	for i := range va.NumField() {
		if got := va.Field(i).Int(); got != int64(101*(i+1)) {
			t.Errorf("%s is %d, want %d", va.Type().Field(i).Name, got, 101*(i+1))
		}
	}
}

// TestHeadsWithoutTails holds a million heads against the limits.
func TestHeadsWithoutTails(t *testing.T) {
	cfg := defrag.DefaultConfig()
	b := newBench(t, cfg)
	frame := piece{0, bytesOf(64, 0), true}.frame(true, 0)
	id := len(frame) - 64 - 4
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	last := int64(-1)
	for i := range 1_000_000 {
		frame[id], frame[id+1], frame[id+2], frame[id+3] = byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
		b.add(frame, 0, packet.Nanos(i))
		for d := b.table.Excess(b.counts); d != nil; d = b.table.Excess(b.counts) {
			if at := d.Pieces[0].View.Ordinal; at != last+1 {
				t.Fatalf("packet %d goes after packet %d", at, last)
			}
			last++
			b.table.Release(d)
		}
		if b.table.Bytes() > cfg.Bytes || b.table.Len() > cfg.Datagrams {
			t.Fatalf("%d bytes in %d datagrams", b.table.Bytes(), b.table.Len())
		}
		if i%1000 == 0 {
			b.nextBlock()
		}
	}
	b.nextBlock()
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d datagrams, charged %d bytes, the heap grew by %d", b.table.Len(), b.table.Bytes(), held)
	if held > cfg.Bytes {
		t.Errorf("the heap grew by %d bytes", held)
	}
	if b.count.Evicted != 1_000_000-int64(b.table.Len()) {
		t.Errorf("%d evicted, %d left", b.count.Evicted, b.table.Len())
	}
}

// TestManyPieces holds the memory of datagrams with as many fragments as can be.
func TestManyPieces(t *testing.T) {
	cfg := defrag.DefaultConfig()
	b := newBench(t, cfg)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 300_000 { // every second eight bytes, from the end: nothing becomes whole
		at := 65496 - i%4093*16
		b.add(piece{at, bytesOf(8, 0), true}.frame(true, uint32(i/4093)), 0, 0)
		for d := b.table.Excess(b.counts); d != nil; d = b.table.Excess(b.counts) {
			b.table.Release(d)
		}
		if i%1000 == 0 {
			b.nextBlock()
		}
	}
	b.nextBlock()
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d datagrams, charged %d bytes, the heap grew by %d", b.table.Len(), b.table.Bytes(), held)
	if held > cfg.Bytes*11/10 {
		t.Errorf("the heap grew by %d bytes", held)
	}
}

// TestOverlapFlood: a large fragment over thousands of small ones copies their list where it
// fills a hole, which can be once, and not each time that another comes.
func TestOverlapFlood(t *testing.T) {
	b := newBench(t, defrag.DefaultConfig())
	for at := 8; at < 65_000; at += 16 {
		b.add(piece{at, bytesOf(8, 0), true}.frame(false, 1), 0, 0)
	}
	large := piece{8, bytesOf(64_992, 1), true}.frame(false, 1)
	b.add(large, 64_990, 0)
	b.nextBlock()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const times = 1000
	for range times {
		b.add(large, 64_990, 0)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / times; n > 4<<10 || b.count.Overlaps != times+1 {
		t.Errorf("%d bytes allocated for each of %d overlaps", n, b.count.Overlaps)
	}
}

func TestConfig(t *testing.T) {
	good := defrag.DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, spoil := range []func(*defrag.Config){
		func(c *defrag.Config) { c.Datagrams = 0 }, func(c *defrag.Config) { c.Bytes = 1 << 10 },
		func(c *defrag.Config) { c.IPv4 = 0 }, func(c *defrag.Config) { c.IPv6 = 1 << 62 },
	} {
		c := good
		spoil(&c)
		if c.Validate() == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}
