package accuracy_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// unjoined are limits under which fragments are as good as packets of their own,
// for comparison with tools that do not join them: the first counts at once.
func unjoined() defrag.Config {
	cfg := defrag.DefaultConfig()
	cfg.IPv4, cfg.IPv6 = 1, 1
	return cfg
}

// ofFragments returns the tuples of a capture that tshark joined from fragments.
func ofFragments(t *testing.T) map[string][]record {
	truth := map[string][]record{}
	readTSV(t, func(r record) {
		if r.int("ip_fragments") > 0 && r.int("ip_depth") == 1 {
			truth[r["capture"]] = append(truth[r["capture"]], r)
		}
	}, "truth", "tuples.tsv.gz")
	return truth
}

// TestFragmentPayloads compares the payload bytes each way of the tuples that
// tshark joined from fragments. (Its packets are other ones: it counts only those
// that complete a datagram.)
func TestFragmentPayloads(t *testing.T) {
	truth := ofFragments(t)
	equal, by := 0, map[string]int{}
	for _, c := range captures(t) {
		if len(truth[c["capture"]]) == 0 {
			continue
		}
		table, r := mustRun(t, uncut(), accuracy.File(capturePath(t, c["capture"])))
		got, open := map[tuple]*counts{}, map[tuple]int64{}
		for i := range table.Rows {
			if table.Null("src_port", i) {
				continue
			}
			k, swapped := rowTuple(table, i)
			if got[k] == nil {
				got[k] = new(counts)
			}
			got[k].add(rowCounts(table, i), swapped)
			open[k] += table.Int("frag_unresolved", i) + table.Int("length_mismatch_packets", i)
		}
		for _, w := range truth[c["capture"]] {
			k, swapped := truthTuple(w)
			var want counts
			want.add(truthCounts(w), swapped)
			in := &r.Accounting.By
			switch g := got[k]; {
			case g != nil && g[3] == want[3]:
				equal++
			case g != nil && open[k] > 0:
				by["never whole, or a UDP length above what is there"]++
			case g == nil && in[packet.MalformedL3].Packets+in[packet.FragmentUnresolved].Packets > 0:
				by["fragments that cannot be"]++
			case g == nil && k.a.addr == netip.MustParseAddr("192.0.2.1") && k.a.port == 161:
				by["source route: tshark takes its end for the destination"]++
			default:
				t.Errorf("%s: %v: got %v, want %v", c["capture"], k, g, want)
			}
		}
	}
	t.Logf("%d equal, %v", equal, by)
	if equal < 141 {
		t.Errorf("%d equal, want 141", equal)
	}
}

// TestFragmentOutcomes holds the exact books of the captures whose fragments are
// known one by one.
func TestFragmentOutcomes(t *testing.T) {
	for name, want := range map[string]struct {
		inFlow, malformed, unresolved int64
		stats                         defrag.Stats
	}{
		// In order; reversed; the first missing; two interleaved.
		"flows/crafted/ip_fragments.pcap": {12, 0, 2, defrag.Stats{Joined: 4, Unfinished: 1}},
		// Overlap; duplicate; the first missing; tiny; beyond 65,535.
		"malformed/crafted/fragments_overlap_dup_missing_pingofdeath.pcap": {7, 1, 1, defrag.Stats{Joined: 3, Overlaps: 1, Duplicates: 1, Oversized: 1, Unfinished: 1}},
		// Teardrop's relatives: 18 bytes before the end; overlaps; a hole.
		"flows/zeek__ipv4__fragmented-1.pcap": {2, 1, 0, defrag.Stats{Overlaps: 1, Malformed: 1, Unfinished: 1}},
		"flows/zeek__ipv4__fragmented-2.pcap": {0, 2, 1, defrag.Stats{Malformed: 2, Unfinished: 1}},
		"flows/zeek__ipv4__fragmented-3.pcap": {5, 0, 0, defrag.Stats{Unfinished: 1}},
		"flows/zeek__ipv4__fragmented-4.pcap": {6, 0, 0, defrag.Stats{Joined: 1, Overlaps: 1}},
		// RFC 5722 and RFC 6946.
		"malformed/sv__ipv6-evasion__ipv6-malformed-fragments-2__frag-2.pcap": {11, 0, 0, defrag.Stats{Overlaps: 1, Discarded: 1, Unfinished: 1}},
		"malformed/sv__ipv6-evasion__ipv6-malformed-fragments-3__frag-3.pcap": {11, 0, 0, defrag.Stats{Overlaps: 1, Discarded: 1, Unfinished: 1}},
		"flows/zeek__ipv6-http-atomic-frag.pcap":                              {38, 0, 0, defrag.Stats{}},
	} {
		_, r := mustRun(t, everything(), accuracy.File(capturePath(t, name)))
		by := &r.Accounting.By
		if by[packet.InFlow].Packets != want.inFlow || by[packet.MalformedL3].Packets != want.malformed || by[packet.FragmentUnresolved].Packets != want.unresolved {
			t.Errorf("%s: outcomes %+v", name, by)
		}
		if got := r.Inputs[0].Fragments; got != want.stats {
			t.Errorf("%s: counts %+v, want %+v", name, got, want.stats)
		}
	}
}

// TestFragmentsOverInputs: fragments wait for their datagram beyond their file, and
// each keeps its place and is booked in its own.
func TestFragmentsOverInputs(t *testing.T) {
	one := traffic.Fragments(traffic.NewUDP(client, server, make([]byte, 100), traffic.Ident(1)), 60, 1)
	two := traffic.Fragments(traffic.NewUDP(other, server, make([]byte, 100), traffic.Ident(2)), 60, 2)
	three := traffic.Fragments(traffic.NewUDP(client, server, make([]byte, 100), traffic.Ident(3)), 60, 3)
	parts := []stages.Input{
		&accuracy.Packets{List: []accuracy.Packet{at(0, datagram(server, other)), at(0, one[1]), at(ms, three[2])}},
		&accuracy.Packets{},
		&accuracy.Packets{List: []accuracy.Packet{at(2*ms, two[0]), at(3*ms, one[0])}},
		&accuracy.Packets{List: []accuracy.Packet{at(4*ms, one[2])}},
	}
	table, r := mustRun(t, everything(), parts...)
	type place struct{ port, input, index, packets, unresolved int64 }
	var got []place
	for i := range table.Rows {
		got = append(got, place{table.Int("src_port", i), table.Int("capture_id", i), table.Int("first_packet_index", i),
			table.Int("fwd_packets", i) + table.Int("rev_packets", i), table.Int("frag_unresolved", i)})
	}
	want := []place{{80, 0, 1, 2, 1}, {40000, 0, 2, 3, 0}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var lost []int64
	for i := range r.Inputs {
		lost = append(lost, r.Inputs[i].Accounting.By[packet.FragmentUnresolved].Packets)
	}
	if !slices.Equal(lost, []int64{1, 0, 0, 0}) {
		t.Errorf("unresolved %v", lost)
	}
	cfg := everything()
	cfg.Inputs = stages.Independent
	table, r = mustRun(t, cfg, parts...)
	if n := r.Accounting.By[packet.FragmentUnresolved].Packets; n != 3 || sum(table, "frag_unresolved") != 2 {
		t.Errorf("independent: %d without a flow, %d in flows, want 3 and 2", n, sum(table, "frag_unresolved"))
	}
}

// TestFragmentLimits: a datagram waits for so long, and as one of so many.
func TestFragmentLimits(t *testing.T) {
	one := traffic.Fragments(traffic.NewUDP(client, server, make([]byte, 60), traffic.Ident(1)), 60, 1)
	two := traffic.Fragments(traffic.NewUDP(other, server, make([]byte, 60), traffic.Ident(2)), 60, 2)
	ping := traffic.UDP(other, netip.MustParseAddrPort("198.51.100.20:9999"), nil)
	for _, test := range []struct {
		name string
		tune func(*stages.Config)
		list []accuracy.Packet
		want defrag.Stats
	}{
		{"just in time", nil, []accuracy.Packet{at(0, one[0]), at(30*time.Second, one[1])}, defrag.Stats{Joined: 1}},
		{"too late", nil, []accuracy.Packet{at(0, one[0]), at(30*time.Second+1, one[1])}, defrag.Stats{Expired: 1, Unfinished: 1}},
		{"in time again", func(c *stages.Config) { c.Fragments.IPv4 = time.Minute }, []accuracy.Packet{at(0, one[0]), at(60*time.Second, one[1])}, defrag.Stats{Joined: 1}},
		{"another packet tells the time", asRead, []accuracy.Packet{at(0, one[0]), at(31*time.Second, ping), at(29*time.Second, one[1])}, defrag.Stats{Expired: 1, Unfinished: 1}},
		{"two at a time", func(c *stages.Config) { c.Fragments.Datagrams = 2 }, []accuracy.Packet{at(0, one[0]), at(0, two[0]), at(0, one[1]), at(0, two[1])}, defrag.Stats{Joined: 2}},
		{"one at a time", func(c *stages.Config) { c.Fragments.Datagrams = 1 }, []accuracy.Packet{at(0, one[0]), at(0, two[0]), at(0, one[1]), at(0, two[1])},
			defrag.Stats{Evicted: 3, Unfinished: 1}},
	} {
		cfg := everything()
		if test.tune != nil {
			test.tune(&cfg)
		}
		for _, block := range []int{0, 1} {
			_, r := mustRun(t, cfg, &accuracy.Packets{List: test.list, Block: block})
			if got := r.Inputs[0].Fragments; got != test.want {
				t.Errorf("%s: counts %+v, want %+v", test.name, got, test.want)
			}
		}
	}
}

// TestFragmentNotes: what becomes of a datagram is noted of the input that it began in, also
// where inputs share blocks and where the next one's packets decide.
func TestFragmentNotes(t *testing.T) {
	late, open := traffic.NewUDP(client, server, make([]byte, 60), traffic.Ident(1)), traffic.NewUDP(client, server, make([]byte, 60), traffic.Ident(2))
	ping := traffic.UDP(other, netip.MustParseAddrPort("198.51.100.20:9999"), nil)
	pings := &accuracy.Packets{List: []accuracy.Packet{at(0, ping), at(31*time.Second, ping), at(32*time.Second, ping)}}
	parts := &accuracy.Packets{List: []accuracy.Packet{at(ms, traffic.Fragments(late, 60, 1)[0]), at(20*time.Second, traffic.Fragments(open, 60, 2)[0])}}
	for name, c := range map[string]struct {
		merge bool
		in    []stages.Input
		of    int
	}{"merged": {true, []stages.Input{pings, parts}, 1}, "one after the other": {false, []stages.Input{parts, pings}, 0}} {
		cfg := everything()
		cfg.Merge = c.merge
		_, r := mustRun(t, cfg, c.in...)
		if got, none := r.Inputs[c.of].Fragments, r.Inputs[1-c.of].Fragments; got != (defrag.Stats{Expired: 1, Unfinished: 1}) || none != (defrag.Stats{}) {
			t.Errorf("%s: %+v, and of the other input %+v", name, got, none)
		}
	}
}

// TestFragmentTimesUp: what is given up ends its flow where its time was up, not
// where the capture goes on.
func TestFragmentTimesUp(t *testing.T) {
	one := traffic.Fragments(traffic.NewUDP(client, server, make([]byte, 60)), 60, 1)
	arp := []byte("\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x08\x06................")
	list := []accuracy.Packet{at(0, one[0]), at(40*time.Minute, arp), at(50*time.Minute, datagram(client, server))}
	for _, block := range []int{0, 1} {
		table, _ := mustRun(t, everything(), &accuracy.Packets{List: list, Block: block})
		if table.Rows != 2 || table.Text("end_reason", 0) != "idle_timeout" || table.Int("start_ns", 0) != int64(base) {
			t.Fatalf("%d rows, the first ends by %s", table.Rows, table.Text("end_reason", 0))
		}
	}
}

// fragmentStorm is traffic made of fragments: datagrams of both versions cut at
// random, interleaved, some of their fragments missing, again, or overlapping,
// with whole packets of the same flows among them and pauses.
func fragmentStorm(rng *rand.Rand, n int) (list []accuracy.Packet) {
	var waiting [][]byte
	now := time.Duration(0)
	for len(list) < n {
		a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(5))}), uint16(4000+rng.IntN(3)))
		b := netip.MustParseAddrPort("192.0.2.1:53")
		if rng.IntN(2) == 0 {
			a = netip.AddrPortFrom(netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", rng.IntN(5))), a.Port())
			b = netip.MustParseAddrPort("[2001:db8::99]:53")
		}
		id := uint32(rng.IntN(40))
		p := traffic.NewUDP(a, b, make([]byte, 1+rng.IntN(3000)), traffic.Ident(uint16(id)))
		if rng.IntN(5) == 0 {
			p = traffic.NewTCP(a, b, packet.ACK|packet.PSH, rng.Uint32(), 1, 500, make([]byte, 1000), traffic.Ident(uint16(id)))
		}
		frames := traffic.Fragments(p, 100+rng.IntN(1400), id)
		rng.Shuffle(len(frames), func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
		waiting = append(waiting, frames[:len(frames)-rng.IntN(2)]...)
		for len(waiting) > 0 && rng.IntN(8) > 0 && len(list) < n {
			if rng.IntN(200) == 0 {
				now += 20 * time.Second
			}
			now += time.Duration(rng.IntN(3)) * ms
			i := rng.IntN(min(len(waiting), 20))
			list = append(list, at(now, waiting[i]))
			if rng.IntN(20) > 0 {
				waiting = slices.Delete(waiting, i, i+1)
			}
			if rng.IntN(10) == 0 {
				list = append(list, at(now, traffic.UDP(a, b, []byte("whole"))))
			}
		}
	}
	return list
}

// TestFragmentInvariants holds over fragments what holds over all packets: neither
// shards nor blocks nor cuts into files show.
func TestFragmentInvariants(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	check := func(name string, cfg stages.Config, p *accuracy.Packets) {
		t.Helper()
		want, r := mustRun(t, cfg, p)
		for _, block := range []int{1, 3, 100} {
			in := *p
			in.Block, cfg.Workers = block, 1+rng.IntN(8)
			got, s := mustRun(t, cfg, &in)
			if got.Hash() != want.Hash() || r.Inputs[0].Accounting != s.Inputs[0].Accounting || r.Inputs[0].Fragments != s.Inputs[0].Fragments {
				t.Errorf("%s: %d workers, blocks of %d: %v", name, cfg.Workers, block, sameRows(want, got))
			}
		}
		got, s := mustRun(t, cfg, cut(rng, p, 1+rng.IntN(19))...)
		if err := sameRows(want, got, "capture_id", "first_packet_index"); err != nil || r.Accounting != s.Accounting {
			t.Errorf("%s, cut: %v", name, err)
		}
	}
	for i := range 12 {
		cfg := everything()
		cfg.Timeouts.Zeek = i%3 == 2
		if i%2 == 1 {
			cfg.Fragments = defrag.Config{Datagrams: 1 + rng.IntN(30), Bytes: 128 << 10, IPv4: time.Second, IPv6: 15 * time.Second}
		}
		check(fmt.Sprint("storm ", i), cfg, &accuracy.Packets{List: fragmentStorm(rng, 1500)})
	}
	for i, c := range captures(t) {
		if c.int("ip_fragments") == 0 || c.int("packets") > 1000 && !sampled(i, 1<<30) {
			continue
		}
		p, _ := accuracy.Load(capturePath(t, c["capture"]))
		if p.Err = nil; len(p.List) > 0 {
			check(c["capture"], everything(), p)
		}
	}
}

// TestFragmentsOfNothing: a datagram that is whole and yet no packet takes all its
// fragments along.
func TestFragmentsOfNothing(t *testing.T) {
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	cut := func(step int, protocol uint8, payload []byte) (list []accuracy.Packet) {
		for from := 0; from < len(payload); from += step {
			end := min(from+step, len(payload))
			p := traffic.Packet{Link: packet.LinkEthernet, Src: a, Dst: b, TTL: 64, Protocol: protocol, Opaque: true, Payload: payload[from:end],
				Fragment: &traffic.Fragment{Offset: from, More: end < len(payload), ID: 9}}
			list = append(list, at(0, p.Append(nil)))
		}
		return list
	}
	nested := append([]byte{17, 0, 0, 1, 0, 0, 0, 5}, "\x00\x35\x00\x36\x00\x10\x00\x00and data"...)
	short := []byte("\x00\x35\x00\x36\x00\x00\x00\x00\x00\x00\x00\x00\x40\x10\x00\x00\x00\x00\x00\x00") // a TCP header said to be of 16 bytes
	for _, test := range []struct {
		name string
		list []accuracy.Packet
		want packet.Outcome
	}{
		{"a fragment within fragments", cut(16, 44, nested), packet.MalformedL3},
		{"a TCP header that is none", cut(8, 6, short), packet.MalformedL4},
	} {
		table, r := mustRun(t, everything(), &accuracy.Packets{List: test.list})
		if n := r.Accounting.By[test.want].Packets; table.Rows != 0 || n != int64(len(test.list)) {
			t.Errorf("%s: %d rows, outcomes %+v", test.name, table.Rows, r.Accounting.By)
		}
	}
}
