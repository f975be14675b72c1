package stages

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"pcapmill/ingest/packet"
)

// flooded are shards under a limit, fed with datagrams that are all flows of their own.
type flooded struct {
	shards []*shard
	hasher keyHasher
	clock  packet.Nanos
	sent   int64
}

// newFlooded starts so many shards. What they send is given back once no shard can send
// what comes before it, as the sequencer does.
func newFlooded(t *testing.T, shards int) *flooded {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Workers, cfg.MaxFlows = shards, MinFlows
	f := &flooded{hasher: newKeyHasher(&cfg), clock: 1_700_000_000_000_000_000}
	out := make(chan chunk)
	t.Cleanup(func() { close(out) })
	go merge(out, shards)
	div := newDivider(cfg.MaxFlows, cfg.Streams.Total, shards)
	for i := range shards {
		s := newShard(i, &cfg, false)
		s.wires = &wires{chunks: out, progress: new(Progress)}
		s.divider = div
		f.shards = append(f.shards, s)
	}
	return f
}

// merge gives rows back in the order of the table.
func merge(out <-chan chunk, shards int) {
	waiting, heads := make([][]endedRow, shards), make([]order, shards)
	homes := make([]*returns, shards)
	for c := range out {
		waiting[c.shard], heads[c.shard] = append(waiting[c.shard], c.rows...), c.upTo
		if c.home != nil {
			homes[c.shard] = c.home
		}
		low := heads[0]
		for _, h := range heads {
			if h.less(low) {
				low = h
			}
		}
		for i, rows := range waiting {
			n := 0
			for n < len(rows) && rows[n].at.less(low) {
				n++
			}
			if n > 0 {
				homes[i].give(slices.Clone(rows[:n]))
				waiting[i] = rows[n:]
			}
		}
	}
}

// flood sends n datagrams within a tenth of a second to partitions of one shard.
func (f *flooded) flood(t *testing.T, to, n int) {
	t.Helper()
	for n > 0 {
		b := &packet.Block{FirstView: f.sent, FirstOrdinal: f.sent, FirstIndex: 1, Lists: make([][]packet.Ref, len(f.shards))}
		for range min(n, 3000) {
			v := packet.View{Time: f.clock, Clock: f.clock, Ordinal: f.sent, Protocol: packet.ProtoUDP, Version: 4, SrcPort: 1, DstPort: 2}
			binary.BigEndian.PutUint32(v.Src[12:], uint32(f.sent))
			partition := int(f.sent) % (packet.Partitions / len(f.shards)) * len(f.shards)
			v.Hash = uint16(partition+to) << 8
			b.Lists[to] = append(b.Lists[to], packet.Ref{View: uint32(len(b.Views)), Hash: f.hasher.hash(&v)})
			b.Views = append(b.Views, v)
			f.sent++
			f.clock += 10_000
		}
		n -= len(b.Views)
		b.Clock = f.clock
		b.Hold(len(f.shards), nil)
		done := make(chan error)
		for _, s := range f.shards {
			go func() { done <- s.take(context.Background(), b) }()
		}
		for range f.shards {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// rows counts the Rows that are in memory.
func (f *flooded) rows() (n int) {
	for _, s := range f.shards {
		for _, slab := range s.table.arena.rows {
			n += len(slab)
		}
	}
	return n
}

// planned is how many Rows the plan counts, and a quarter for slabs that are not full
// while flows move from shard to shard.
func (f *flooded) planned() int { return (MinFlows + rowsAway) * 5 / 4 }

// TestFloodTakesWhatIsPlanned: many times the flows that fit leave nothing behind but
// those that fit, whatever the number of shards.
func TestFloodTakesWhatIsPlanned(t *testing.T) {
	for _, shards := range []int{1, 4} {
		f := newFlooded(t, shards)
		for round := range 10 {
			for s := range f.shards {
				f.flood(t, s, 40_000/shards)
			}
			if rows := f.rows(); rows > f.planned() {
				t.Fatalf("%d shards, round %d: %d Rows, planned are %d", shards, round, rows, f.planned())
			}
		}
		for i, s := range f.shards {
			filed, entries, open := 0, 0, 0
			for _, slot := range s.table.wheel.slots {
				filed += cap(slot)
			}
			for p := range s.table.openIn {
				open += int(s.table.openIn[p])
				entries += len(s.table.pressure.idle[p]) + len(s.table.pressure.expiry[p])
			}
			if few := 2 * 64 * packet.Partitions / shards; filed > 0 || entries > 4*open+few {
				t.Errorf("shard %d of %d: %d entries in the wheel, %d in heaps, of %d flows", i, shards, filed, entries, open)
			}
		}
	}
}

// TestTrimLeavesWhatIsOpen: of the heaps by which flows are evicted and end, entries of flows that are open are left,
// in memory of their number, and the same flows end as without.
func TestTrimLeavesWhatIsOpen(t *testing.T) {
	f, same := newFlooded(t, 2), newFlooded(t, 2)
	for range 5 {
		for _, one := range []*flooded{f, same} {
			one.flood(t, 0, 30_000)
			one.flood(t, 1, 5_000)
		}
		for i, s := range f.shards {
			s.table.trim()
			entries, room, open := 0, 0, 0
			for p := range s.table.openIn {
				open += int(s.table.openIn[p])
				for _, q := range []lazyHeap{s.table.pressure.idle[p], s.table.pressure.expiry[p]} {
					entries, room = entries+len(q), room+cap(q)
				}
			}
			if most := 3*open + 2*16*packet.Partitions/2; open == 0 || entries < 2*open || room > most {
				t.Errorf("shard %d: %d entries and room for %d of %d flows", i, entries, room, open)
			}
		}
	}
	for i, s := range f.shards {
		other := same.shards[i].table
		if s.table.openIn != other.openIn || s.table.evicted != other.evicted {
			t.Errorf("shard %d: %d flows were evicted, %d without trimming; or other partitions have them", i, s.table.evicted, other.evicted)
		}
	}
}

// TestFloodThatMovesOn: what the flows of one shard took is there for those of the next.
func TestFloodThatMovesOn(t *testing.T) {
	f := newFlooded(t, 4)
	for round := range 8 {
		f.flood(t, round%4, 60_000)
		if rows := f.rows(); rows > f.planned() {
			t.Fatalf("round %d: %d Rows, planned are %d", round, rows, f.planned())
		}
		f.clock += 100_000_000_000 // all have ended
		f.flood(t, round%4, 20_000)
	}
}

// TestPlanCountsSizesAsTheyAre: the plan's numbers are those of the structures.
func TestPlanCountsSizesAsTheyAre(t *testing.T) {
	for name, size := range map[string][2]uintptr{
		"View": {unsafe.Sizeof(packet.View{}), 128}, "Ref": {unsafe.Sizeof(packet.Ref{}), 8}, "Record": {unsafe.Sizeof(packet.Record{}), 24},
		"Outsider": {unsafe.Sizeof(packet.Outsider{}), 80}, "saved entry": {unsafe.Sizeof(savedEntry{}), 64},
		"rowMeta": {unsafe.Sizeof(rowMeta{}), 24}, "heard": {unsafe.Sizeof(heard{}), heardBytes}, "tcpTalk": {unsafe.Sizeof(tcpTalk{}), tcpTalkBytes}, "talk": {unsafe.Sizeof(talk{}), talkBytes},
		"lazyEntry": {unsafe.Sizeof(lazyEntry{}), 32}, "sighting": {unsafe.Sizeof(sighting{}), 32},
		"ended row": {2*unsafe.Sizeof(ended{}) + 8 + unsafe.Sizeof(endedRow{}), rowOverhead},
	} {
		if size[0] > size[1] {
			t.Errorf("a %s has %d bytes, planned are %d", name, size[0], size[1])
		}
	}
	cfg := DefaultConfig()
	plan, err := PlanMemory(1<<30, 50<<20, &cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, term := range plan.Terms {
		sum += term.Bytes()
	}
	if left := plan.Total - sum; left < 0 || left > 10_000 {
		t.Errorf("the terms leave %d bytes", left)
	}
}

// TestLeastMemoryIsEnough: what an error says is needed is enough, and a MiB less is not.
func TestLeastMemoryIsEnough(t *testing.T) {
	for _, streams := range []int64{0, 10 << 20} { // a share of all, or what was asked for
		plan := func(total int64) error {
			cfg := DefaultConfig()
			if cfg.Streams.Total = streams; streams == 0 {
				cfg.Streams.Total = StreamShare(total)
			}
			_, err := PlanMemory(total, 150<<20, &cfg, true)
			return err
		}
		for _, total := range []int64{1, 100 << 20, 400 << 20} {
			var given, least int64
			if _, err := fmt.Sscanf(fmt.Sprint(plan(total)), "%d bytes of memory are too few: at least %d MiB are needed", &given, &least); err != nil || given != total {
				t.Fatalf("%d: %v, %v", total, plan(total), err)
			}
			if enough, less := plan(least<<20), plan((least-1)<<20); enough != nil || less == nil {
				t.Errorf("of %d, %d MiB: %v; one less: %v", total, least, enough, less)
			}
		}
	}
}

// TestArenaUsesItsSlabsAgain: Rows keep their numbers apart after slabs were given up.
func TestArenaUsesItsSlabsAgain(t *testing.T) {
	a := newArena(MinFlows, 1, 3)
	for range 3 {
		seen := map[uint32]bool{}
		var ids []uint32
		for range 20 * a.slab {
			id := a.alloc()
			if seen[id] {
				t.Fatalf("%d was returned twice", id)
			}
			seen[id] = true
			a.row(id).StartTime, a.metaOf(id).life = int64(id), a.metaOf(id).life+1
			a.extra(id).Clear()
			ids = append(ids, id)
		}
		a.free(ids[a.slab/2:]) // the first slab is in use still
		a.shrink()
		if there := len(a.rows) - len(a.vacant); there != 1 || len(a.unused) != a.slab/2 {
			t.Errorf("%d slabs are left, with %d Rows unused", there, len(a.unused))
		}
		a.free(ids[:a.slab/2])
	}
	if len(a.rows) != 20 {
		t.Errorf("%d slabs were made for 20", len(a.rows))
	}
}
