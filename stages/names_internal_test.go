package stages

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// TestNamesInTheOrderOfTheirPackets: which of two names that were told at one instant is
// the later one does not depend on which shard's report has come when a flow ends there.
func TestNamesInTheOrderOfTheirPackets(t *testing.T) {
	client, addr := packet.Addr{1}, packet.Addr{2}
	report := func(place int64, name string) []nameReport {
		return []nameReport{{clock: 10, place: place, ordinal: place, time: 10, Name: record.Name{Client: client, Addr: addr, Name: name, TTL: 60}}}
	}
	row := func(start packet.Nanos, ordinal int64) *flow.Row {
		return &flow.Row{Key: flow.Key{Src: client, Dst: addr}, StartTime: start, ConnStart: start, StartOrdinal: ordinal}
	}
	evicted := order{close: 10, rank: 3} // by the packet before those that tell names
	for _, early := range []bool{false, true} {
		n := newNames(2)
		n.add(1, report(7, "later"))
		if early {
			n.add(0, report(5, "earlier"))
		}
		if app := n.settle(row(9, 2), evicted, nil); app != nil {
			t.Errorf("early %v: a name that was told behind: %q", early, app.Text(flow.DNSName))
		}
		if !early {
			n.add(0, report(5, "earlier"))
		}
		if app := n.settle(row(11, 20), instant(0, 20), nil); app.Text(flow.DNSName) != "later" {
			t.Errorf("early %v: %q", early, app.Text(flow.DNSName))
		}
	}
}

// TestNamesAreRelieved enters the same reports with the rows that ask for them alone,
// and ahead of them too: what is found is the same, and less waits.
func TestNamesAreRelieved(t *testing.T) {
	const reports, rows = 8 * namesAhead, 40
	rng := rand.New(rand.NewPCG(3, 5))
	addr := func(n int) packet.Addr { return packet.Addr{15: byte(n), 14: byte(n >> 8)} }
	ask, ahead := newNames(3), newNames(3)
	most, found := 0, 0
	for i := range reports {
		clock := packet.Nanos(i / 1000) // many share an instant
		r := nameReport{clock: clock, place: placeOf(int64(i)), ordinal: int64(i), time: clock, Name: record.Name{
			Client: addr(rng.IntN(3)), Addr: addr(rng.IntN(500)), Name: strconv.Itoa(i), TTL: 100,
		}}
		shard := rng.IntN(3)
		ask.add(shard, []nameReport{r})
		ahead.add(shard, []nameReport{r})
		if i%100 == 0 {
			ahead.relieve(order{close: clock, rank: placeOf(int64(i) - 50)})
		}
		most = max(most, ahead.waiting)
		if (i+1)%(reports/rows) != 0 {
			continue
		}
		at := order{close: clock, rank: placeOf(int64(i)) + 1}
		for range 100 {
			row := &flow.Row{StartOrdinal: int64(i - rng.IntN(reports/rows)), StartTime: clock, ConnStart: clock}
			row.Key.Src, row.Key.Dst = addr(rng.IntN(3)), addr(rng.IntN(500))
			want, got := ask.settle(row, at, nil).Text(flow.DNSName), ahead.settle(row, at, nil).Text(flow.DNSName)
			if want != got {
				t.Fatalf("report %d: %q, want %q", i, got, want)
			}
			if want != "" {
				found++
			}
		}
	}
	if most > namesAhead+1000 {
		t.Errorf("%d reports waited", most)
	}
	if found < 1000 {
		t.Errorf("only %d names were found", found)
	}
	if len(ask.ring) != namesKept/namesTogether {
		t.Errorf("%d stretches of names", len(ask.ring))
	}
}
