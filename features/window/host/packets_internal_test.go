package host

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pcapmill/ingest/packet"
)

// TestPacketsBeyond32Bits: a host's packets are counted on where their counter begins
// anew, and so are those of a second; its peak stays at the most that it can say.
func TestPacketsBeyond32Bits(t *testing.T) {
	p := NewPackets(Grid{Length: packet.Nanos(time.Minute)}, HashKey{1, 2}, 10, 10)
	v := packet.View{Version: 4, WireLen: 60, Src: packet.Addr{10: 0xff, 11: 0xff, 12: 10}, Dst: packet.Addr{10: 0xff, 11: 0xff, 12: 11}}
	p.Add([]packet.View{v})
	src := &p.hosts[p.recent.find(p, &v)[out]]
	src.packets[out], src.inSecond = math.MaxUint32-1, math.MaxUint32-1
	p.Add([]packet.View{v, v, v})
	s := p.Take()
	s.finish(newPeriodFinder(p.grid), new(ranking))
	row := hostRow{}
	row.setPackets(s, 0)
	if n := row.packets(out); n != math.MaxUint32+2 || row.seen.peak != math.MaxUint32 || row.all() != n {
		t.Errorf("%d packets, at most %d in a second", n, row.seen.peak)
	}
}

// TestRanking compares the order of addresses with that of a sort, among them those of
// IPv6 that look like IPv4, lie next to such, or are the first and the last.
func TestRanking(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	k := new(ranking)
	for _, n := range []int{0, 1, 5, 3000} {
		var all []ranked
		for i := range n {
			var a packet.Addr
			version := uint8(4 + 2*rng.IntN(2))
			switch a[10], a[11] = 0xff, 0xff; {
			case version == 4 || rng.IntN(3) > 0:
				a[12+rng.IntN(4)] = uint8(rng.IntN(4))
			case rng.IntN(2) == 0:
				a[10+rng.IntN(2)] = uint8(rng.IntN(256))
			default:
				for j := range a {
					a[j] = uint8(rng.IntN(256))
				}
			}
			if slices.ContainsFunc(all, func(r ranked) bool { return r.rank == rankOf(&a, version) }) {
				continue
			}
			all = append(all, ranked{rankOf(&a, version), uint32(i + 1)})
			k.add(&a, version, uint32(i+1))
		}
		slices.SortFunc(all, func(a, b ranked) int { return a.compare(b.rank) })
		got := k.take(nil)
		if len(got) != len(all) {
			t.Fatalf("%d of %d hosts", len(got), len(all))
		}
		for i := range all {
			if got[i] != all[i].number {
				t.Fatalf("of %d hosts, the one in place %d is wrong", len(all), i)
			}
		}
	}
}
