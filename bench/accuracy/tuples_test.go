package accuracy_test

import (
	"fmt"
	"net/netip"
	"sort"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// endpoint is an address with a port.
type endpoint struct {
	addr netip.Addr
	port int64
}

// tuple is a canonical 5-tuple: a sorts before b.
type tuple struct {
	proto string
	a, b  endpoint
}

// tupleOf returns the canonical tuple and whether the ends changed places.
func tupleOf(proto string, a, b endpoint) (tuple, bool) {
	if c := a.addr.Compare(b.addr); c > 0 || c == 0 && a.port > b.port {
		return tuple{proto, b, a}, true
	}
	return tuple{proto, a, b}, false
}

// String returns the tuple as people write it.
func (k tuple) String() string {
	return fmt.Sprintf("%s %v:%d %v:%d", k.proto, k.a.addr, k.a.port, k.b.addr, k.b.port)
}

// counts are packets, frame bytes, IP bytes and payload bytes each way.
type counts [4][2]int64

func (c *counts) add(d counts, swapped bool) {
	for i := range c {
		if swapped {
			d[i][0], d[i][1] = d[i][1], d[i][0]
		}
		c[i][0] += d[i][0]
		c[i][1] += d[i][1]
	}
}

// uncut are settings under which no timeout cuts a flow.
func uncut() stages.Config {
	const long = 10 * 365 * 24 * time.Hour
	cfg := stages.DefaultConfig()
	cfg.Timeouts = stages.Timeouts{TCPIdle: long, TCPClosed: long, UDPIdle: long, OtherIdle: long}
	return cfg
}

func rowCounts(t *accuracy.Table, i int) counts {
	var c counts
	for k, kind := range []string{"packets", "wire_bytes", "ip_bytes", "payload_bytes"} {
		c[k] = [2]int64{t.Int("fwd_"+kind, i), t.Int("rev_"+kind, i)}
	}
	return c
}

var protoNames = map[int64]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmp", 132: "sctp"}

func rowTuple(t *accuracy.Table, i int) (tuple, bool) {
	src := endpoint{netip.MustParseAddr(t.Text("src_ip", i)), t.Int("src_port", i)}
	dst := endpoint{netip.MustParseAddr(t.Text("dst_ip", i)), t.Int("dst_port", i)}
	return tupleOf(protoNames[t.Int("protocol", i)], src, dst)
}

func truthTuple(r record) (tuple, bool) {
	a, _ := netip.ParseAddr(r["addr_a"])
	b, _ := netip.ParseAddr(r["addr_b"])
	return tupleOf(r["proto"], endpoint{a, r.int("port_a")}, endpoint{b, r.int("port_b")})
}

func truthCounts(r record) counts {
	return counts{
		{r.int("pkts_ab"), r.int("pkts_ba")}, {r.int("frame_bytes_ab"), r.int("frame_bytes_ba")},
		{r.int("ip_bytes_ab"), r.int("ip_bytes_ba")}, {r.int("payload_ab"), r.int("payload_ba")},
	}
}

func TestTuples(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "tuples.tsv.gz")
	total, equal := 0, 0
	for i, c := range captures(t) {
		if !sampled(i, 4) || len(truth[c["capture"]]) == 0 {
			continue
		}
		table, res, err := accuracy.Run(uncut(), accuracy.File(capturePath(t, c["capture"])))
		if err != nil {
			t.Fatal(err)
		}
		by := ""
		for o, n := range res.Accounting.By {
			if n.Packets > 0 {
				by += fmt.Sprintf(" %v=%d", packet.Outcome(o), n.Packets)
			}
		}
		ours := map[tuple]*counts{}
		frag := map[tuple]bool{}
		for i := range table.Rows {
			if table.Null("src_port", i) || table.Int("protocol", i) == 132 {
				continue
			}
			k, swapped := rowTuple(table, i)
			if ours[k] == nil {
				ours[k] = &counts{}
			}
			ours[k].add(rowCounts(table, i), swapped)
			if table.Int("fragment_packets", i) > 0 {
				frag[k] = true
			}
		}
		for _, r := range truth[c["capture"]] {
			total++
			k, swapped := truthTuple(r)
			var want counts
			want.add(truthCounts(r), swapped)
			got := ours[k]
			if got == nil {
				t.Logf("DIFF %s\t[%s] err %v\t%v\tmissing\tdepth %s frags %s\twant %v", c["capture"], by, res.Inputs[0].Err, k, r["ip_depth"], r["ip_fragments"], want)
				continue
			}
			if *got != want {
				t.Logf("DIFF %s\t[%s] frag %v\t%v\tdiffer\tdepth %s frags %s\tgot %v want %v", c["capture"], by, frag[k], k, r["ip_depth"], r["ip_fragments"], *got, want)
			} else {
				equal++
			}
			delete(ours, k)
		}
		var rest []string
		for k, c := range ours {
			rest = append(rest, fmt.Sprintf("[%s] frag %v\t%v %v", by, frag[k], k, *c))
		}
		sort.Strings(rest)
		for _, s := range rest {
			t.Logf("DIFF %s\textra\t%s", c["capture"], s)
		}
	}
	t.Logf("%d tuples, %d equal", total, equal)
}
