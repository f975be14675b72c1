package stages

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// TestNamesLikeAList holds what is found against a list of all that was told, while
// names are forgotten too.
func TestNamesLikeAList(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 7))
	addr := func(n int) packet.Addr { return packet.Addr{15: byte(n), 3: byte(n >> 8), 9: byte(n >> 16)} }
	type key struct {
		epoch        int32
		client, addr packet.Addr
	}
	list := map[key][]int64{}
	n := newNames(1)
	found := 0
	for i := range int64(3 * namesKept) {
		k := key{int32(i >> 17), addr(rng.IntN(4)), addr(rng.IntN(1 << rng.IntN(18)))}
		n.enter(&nameReport{epoch: k.epoch, ordinal: i, time: i, Name: record.Name{Client: k.client, Addr: k.addr, Name: strconv.FormatInt(i, 10), TTL: 9}})
		list[k] = append(list[k], i)
		if i%7 > 0 {
			continue
		}
		row := &flow.Row{ConnStart: i - int64(rng.IntN(3*namesKept)), StartOrdinal: i}
		row.Epoch, row.Key.Src, row.Key.Dst = max(0, k.epoch-int32(rng.IntN(2))), addr(rng.IntN(4)), addr(rng.IntN(1<<rng.IntN(18)))
		told, want := list[key{row.Epoch, row.Key.Src, row.Key.Dst}], ""
		for j := len(told) - 1; j >= max(0, len(told)-namesTried) && told[j] > i-namesKept; j-- {
			if told[j] <= row.ConnStart && (told[j] < row.ConnStart || told[j] < row.StartOrdinal) {
				want = strconv.FormatInt(told[j], 10)
				found++
				break
			}
		}
		if got := n.find(row); got != want {
			t.Fatalf("name %d: %q is found, want %q", i, got, want)
		}
	}
	if found < 1000 || n.latest.used > namesKept {
		t.Errorf("%d names were found, %d places are taken", found, n.latest.used)
	}
}

// TestNamesLieTogether holds that names do not take an object of the heap each, and are right
// when they are long, the same, or empty.
func TestNamesLieTogether(t *testing.T) {
	n := newNames(1)
	name := func(i int64) string {
		switch i % 50 {
		case 7:
			return strings.Repeat("x", 255)
		case 8:
			return ""
		}
		return strconv.FormatInt(i/2+1e15, 10) // each twice
	}
	next := int64(0)
	enter := func() {
		for range 2 * namesTogether {
			n.enter(&nameReport{time: next, Name: record.Name{Client: packet.Addr{15: byte(next)}, Addr: packet.Addr{15: byte(next >> 8)}, Name: name(next)}})
			next++
		}
	}
	for n.next < 2*namesKept {
		enter()
	}
	// The names that report makes in this test, and their pieces of memory.
	made := testing.AllocsPerRun(10, func() {
		for range 2 * namesTogether {
			_ = name(next)
			next++
		}
	})
	if allocs := testing.AllocsPerRun(10, enter) - made; allocs > namesTogether/10 {
		t.Errorf("%.0f objects for %d names", allocs, 2*namesTogether)
	}
	for i := n.next - namesKept; i < n.next; i++ {
		if got, want := n.at(i).Name.Name, name(n.at(i).time); got != want {
			t.Fatalf("name %d is %q, want %q", i, got, want)
		}
	}
}

// TestSortedKeepsTheOrderOfAPacket sorts reports of which many are of one packet.
func TestSortedKeepsTheOrderOfAPacket(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	reports := make([]nameReport, 1000)
	for i := range reports {
		reports[i] = nameReport{place: int64(rng.IntN(90)), ordinal: int64(i)}
	}
	list := sorted(reports)
	for i := range list[1:] {
		if a, b := &list[i], &list[i+1]; a.place > b.place || a.place == b.place && a.ordinal > b.ordinal {
			t.Fatalf("report %d of packet %d is in front of %d of %d", a.ordinal, a.place, b.ordinal, b.place)
		}
	}
	if len(list) != len(reports) || sorted(nil) != nil {
		t.Errorf("%d reports", len(list))
	}
}
