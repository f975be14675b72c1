package accuracy_test

import (
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// TestFilterIsAnEarlierCut: the rows of a filtered run are those of a capture
// from which the other packets were taken out before, and those packets are
// counted.
func TestFilterIsAnEarlierCut(t *testing.T) {
	expressions := []string{"tcp", "not tcp", "udp port 53 or icmp", "ip6", "len > 100", "ip[8] > 60 and not src net 10.0.0.0/8"}
	filters := map[string]map[packet.LinkType]*filter.Filter{}
	for _, text := range expressions {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		filters[text] = map[packet.LinkType]*filter.Filter{}
		for _, link := range filter.LinkTypes() {
			if filters[text][link], err = e.Compile(link); err != nil {
				t.Fatal(err)
			}
		}
	}
	runs := 0
	loadSample(t, 31, func(t *testing.T, c record, p *accuracy.Packets) {
		text := expressions[runs%len(expressions)]
		if slices.ContainsFunc(p.Interfaces, func(i packet.Interface) bool {
			return packet.Supported(i.Link) && !slices.Contains(filter.LinkTypes(), i.Link)
		}) {
			return // a link type that filters do not know ends the run
		}
		left := *p
		left.List = nil
		for _, q := range p.List {
			face := p.Interfaces[q.Interface]
			f := filters[text][face.Link]
			if face.Note != "" || f == nil || f.Match(q.Data, q.Wire) {
				left.List = append(left.List, q)
			}
		}
		cfg := everything()
		cfg.Reorder = 0 // filtered packets take part in the reorder window
		want, before := mustRun(t, cfg, &left)
		cfg.Filter = stages.Filter{Expr: text}
		got, r := mustRun(t, cfg, p)
		if r.Inputs[0].TimeOutliers > 0 || before.Inputs[0].TimeOutliers > 0 {
			return // whether a jump is believed depends on the packet read next, matching or not
		}
		runs++
		if err := sameRows(want, got, "first_packet_index", "flow_id", "conn_id", "parent_flow_id"); err != nil { // ids of late flows have the number of a packet in them
			t.Errorf("%s: %s: %v", c["capture"], text, err)
		}
		if n := r.Accounting.By[packet.Filtered].Packets; n != int64(len(p.List)-len(left.List)) {
			t.Errorf("%s: %s: %d packets filtered, want %d", c["capture"], text, n, len(p.List)-len(left.List))
		}
	})
	t.Logf("%d captures", runs)
}

// TestFilterInside over the shared captures: what is selected is in flow rows
// that the filter describes, and conservation holds.
func TestFilterInside(t *testing.T) {
	loadSample(t, 31, func(t *testing.T, c record, p *accuracy.Packets) {
		cfg := everything()
		cfg.Tunnels = 0 // a packet goes in for any of its layers, and then all of them are rows
		_, all := mustRun(t, cfg, p)
		cfg.Filter = stages.Filter{Expr: "tcp or udp portrange 0-1023", Inside: true}
		some, r := mustRun(t, cfg, p)
		for i := range some.Rows {
			protocol, src, dst := some.Int("protocol", i), some.Int("src_port", i), some.Int("dst_port", i)
			if protocol != 6 && (protocol != 17 || src > 1023 && dst > 1023) {
				t.Errorf("%s: a flow of protocol %d, ports %d and %d", c["capture"], protocol, src, dst)
			}
		}
		cfg.Filter.Expr = "not (tcp or udp portrange 0-1023)"
		_, others := mustRun(t, cfg, p)
		reached := func(r *stages.Result) int64 { // fragments may lose their datagram to the other half
			return r.Accounting.By[packet.InFlow].Packets + r.Accounting.By[packet.FragmentUnresolved].Packets
		}
		halves := reached(r) + reached(others)
		if want := reached(all); halves != want {
			t.Errorf("%s: the two halves have %d packets in flows, the whole %d", c["capture"], halves, want)
		}
	})
}
