package stages

import (
	"math/rand/v2"
	"strconv"
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
