package stages

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

const (
	tcpEthernet = "6\n40 0 0 12\n21 0 3 2048\n48 0 0 23\n21 0 1 6\n6 0 0 262144\n6 0 0 0\n" // ip proto 6
	bothTCP     = "ip proto 6"
)

func TestFilterValidate(t *testing.T) {
	for _, c := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, ""},
		{Filter{Expr: "tcp"}, ""},
		{Filter{Expr: "ether host 1:2:3:4:5:6"}, ""}, // some link types answer it
		{Filter{Expr: "tcp", Inside: true}, ""},
		{Filter{DDD: tcpEthernet}, ""},
		{Filter{Expr: "tcp", DDD: tcpEthernet}, "not both"},
		{Filter{Inside: true}, "needs a filter expression"},
		{Filter{Inside: true, DDD: tcpEthernet}, "needs a filter expression"},
		{Filter{Expr: "host example.com"}, `"example.com" at position 6`},
		{Filter{Expr: "arp", Inside: true}, `"arp" at position 1`},
		{Filter{Expr: "mpls and vlan"}, `"vlan" at position 10`},
		{Filter{DDD: "2\n5 0 0 4294967295\n6 0 0 0\n"}, "backwards"},
	} {
		cfg := DefaultConfig()
		cfg.Filter = c.filter
		err := cfg.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.filter, err, c.want)
		}
	}
}

// filtered walks a block of packets, a quarter each TCP in both directions, the
// second behind a VLAN tag, UDP over IPv6 and ICMP, and returns the outcomes.
func filtered(t *testing.T, cfg Config, change func(b *packet.Block)) (packet.Accounting, error) {
	t.Helper()
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	b := steadyBlock()
	b.Lists = make([][]packet.Ref, 1)
	if change != nil {
		change(b)
	}
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	for _, r := range b.Records {
		f.Inputs[0].Accounting.Read.Add(r.CapLen, r.WireLen)
	}
	err := f.walk(context.Background(), b)
	if err == nil && !f.Inputs[0].Accounting.Conserved() {
		t.Errorf("%+v: packets are lost: %+v", cfg.Filter, f.Inputs[0].Accounting)
	}
	return f.Inputs[0].Accounting, err
}

func TestFilterDrops(t *testing.T) {
	for _, c := range []struct {
		filter Filter
		in     int64
	}{
		{Filter{}, 2000},
		{Filter{Expr: bothTCP}, 500}, // the tagged ones are not seen behind their tag
		{Filter{Expr: "vlan and tcp"}, 500},
		{Filter{Expr: bothTCP, Inside: true}, 1000},
		{Filter{Expr: "vlan 7 and tcp", Inside: true}, 500},
		{Filter{DDD: tcpEthernet}, 500},
		{Filter{Expr: "not tcp"}, 1500},
		{Filter{Expr: "ip6 or icmp"}, 1000},
	} {
		cfg := DefaultConfig()
		cfg.Filter = c.filter
		a, err := filtered(t, cfg, nil)
		if err != nil {
			t.Errorf("%+v: %v", c.filter, err)
		}
		if a.By[packet.InFlow].Packets != c.in || a.By[packet.Filtered].Packets != 2000-c.in {
			t.Errorf("%+v: %d in flows, %d filtered; want %d in flows", c.filter, a.By[packet.InFlow].Packets, a.By[packet.Filtered].Packets, c.in)
		}
	}
}

// TestFilterLinkTypes: an expression is compiled for each link type met; one
// without an answer ends the run, and a program is for one link type. Packets
// that are not decoded are not asked about.
func TestFilterLinkTypes(t *testing.T) {
	interfaces := func(links ...packet.LinkType) func(b *packet.Block) {
		return func(b *packet.Block) {
			b.Interfaces = nil
			for _, l := range links {
				b.Interfaces = append(b.Interfaces, packet.Interface{Link: l})
			}
			for i := range b.Records {
				r := &b.Records[i]
				if r.Interface = uint32(i % len(links)); links[r.Interface] == packet.LinkRaw {
					r.Offset, r.CapLen, r.WireLen = r.Offset+14, r.CapLen-14, r.WireLen-14
				}
			}
		}
	}
	two := interfaces(packet.LinkEthernet, packet.LinkRaw)
	for _, c := range []struct {
		filter Filter
		change func(b *packet.Block)
		want   string
		in     int64
	}{
		{Filter{Expr: "ip proto 6 or udp or icmp"}, two, "", 1500}, // tagged TCP is on the raw interface: no IP there
		{Filter{Expr: "ip6"}, two, "", 500},
		{Filter{Expr: "ether multicast"}, two, "not on link type raw", 0},
		{Filter{DDD: tcpEthernet}, two, "one link type, but there are packets of ethernet and raw", 0},
		{Filter{Expr: "ip6"}, interfaces(packet.LinkEthernet, 147), "", 500},
		{Filter{DDD: tcpEthernet}, interfaces(packet.LinkEthernet, 147), "", 500},
		{Filter{Expr: "tcp and udp"}, nil, "no packet can match", 0},
	} {
		cfg := DefaultConfig()
		cfg.Filter = c.filter
		a, err := filtered(t, cfg, c.change)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.filter, err)
		case c.want != "" && (!errors.Is(err, ErrFilter) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: %v, want %q", c.filter, err, c.want)
		case c.want == "" && a.By[packet.InFlow].Packets != c.in:
			t.Errorf("%+v: %d in flows, want %d", c.filter, a.By[packet.InFlow].Packets, c.in)
		}
	}
}

// TestFilterMovesNoClock: a packet that is left out is one that is not there.
func TestFilterMovesNoClock(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Filter = Filter{Expr: bothTCP}
	b := steadyBlock()
	b.Lists = make([][]packet.Ref, 1)
	last := len(b.Records) - 1 // ICMP
	b.Records[last].Time += 1e9
	f := newFeeder(&cfg, nil)
	f.Inputs = make([]InputSummary, 1)
	if err := f.walk(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if b.Clock != b.Records[0].Time || f.Inputs[0].Last != b.Records[0].Time {
		t.Errorf("the clock is at %d, the input's last packet at %d, want %d", b.Clock, f.Inputs[0].Last, b.Records[0].Time)
	}
}

// TestFilterAllocates nothing per packet.
func TestFilterAllocates(t *testing.T) {
	for _, filter := range []Filter{
		{Expr: "tcp port 443 and not net 172.16.0.0/12 and tcp[tcpflags] & tcp-syn = 0"},
		{Expr: "vlan 7 and tcp[2:2] = 40000 or udp port 53 or icmp[0] = 8", Inside: true},
		{DDD: tcpEthernet},
	} {
		cfg := DefaultConfig()
		cfg.Filter = filter
		f := newFeeder(&cfg, nil)
		f.Inputs = make([]InputSummary, 1)
		b := steadyBlock()
		b.Lists = make([][]packet.Ref, 1)
		run := func() {
			b.Views, b.Lists[0] = b.Views[:0], b.Lists[0][:0]
			if err := f.walk(context.Background(), b); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if n := testing.AllocsPerRun(20, run); n > 0 {
			t.Errorf("%+v: %v allocations for %d packets", filter, n, len(b.Records))
		}
	}
}

// BenchmarkFilter gives packets their outcome behind a filter.
func BenchmarkFilter(b *testing.B) {
	for name, filter := range map[string]Filter{
		"none": {}, "tcp": {Expr: "tcp"}, "long": {Expr: "tcp port 443 and not net 172.16.0.0/12 and tcp[tcpflags] & tcp-syn = 0"},
		"inside": {Expr: "tcp port 443", Inside: true}, "ddd": {DDD: tcpEthernet},
	} {
		b.Run(name, func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.Filter = filter
			block := steadyBlock()
			block.Lists = make([][]packet.Ref, 1)
			f := newFeeder(&cfg, nil)
			f.Inputs = make([]InputSummary, 1)
			for b.Loop() {
				block.Views, block.Lists[0] = block.Views[:0], block.Lists[0][:0]
				if err := f.walk(context.Background(), block); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(block.Records)), "ns/packet")
		})
	}
}
