package stages

import (
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
