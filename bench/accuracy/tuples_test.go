package accuracy_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
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
	cfg.Reorder = 0 // tshark takes packets as they come
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

// difference is a tuple that tshark and pcapmill count differently, with all that
// the rules look at.
type difference struct {
	tuple
	truth     record  // nil: only ours
	got, want *counts // got nil: only tshark's
	fragments int64   // of our rows
	lengths   int64   // length_mismatch_packets of our rows
	inner     bool    // some of our rows lie in a tunnel
	result    *stages.Result
	capture   record
	sampled   bool // the capture carries sFlow
}

func (d *difference) outcome(o packet.Outcome) int64 { return d.result.Accounting.By[o].Packets }

// missing is the number of packets that tshark counts and we do not.
func (d *difference) missing() int64 {
	n := d.want[0][0] + d.want[0][1]
	if d.got != nil {
		n -= d.got[0][0] + d.got[0][1]
	}
	return n
}

// only reports whether nothing but the named kinds of bytes differ (2 IP, 3
// payload).
func (d *difference) only(kinds ...int) bool {
	if d.got == nil || d.truth == nil {
		return false
	}
	a, b := *d.got, *d.want
	for _, k := range kinds {
		a[k], b[k] = [2]int64{}, [2]int64{}
	}
	return a == b
}

// otherTunnels are parts of the names of captures with tunnels that are not looked
// into: 802.11 in GRE, PIM register messages, AYIYA, CAPWAP, packets in OpenFlow, and
// WireGuard, whose keys a capture brings along.
var otherTunnels = []string{"gre-aruba", "pim-packet-assortment", "ayiya", "capwap", "of13_ericsson", "wireguard-ping-tcp-dsb"}

// rules say why tshark and pcapmill count a tuple differently. The first one that
// holds counts.
var rules = []struct {
	name  string
	holds func(*difference) bool
}{
	{"fragments", func(d *difference) bool {
		return d.truth.int("ip_fragments") > 0 || d.fragments > 0
	}},
	{"capture not read", func(d *difference) bool {
		return d.result.Inputs[0].Rejected
	}},
	{"interface not usable", func(d *difference) bool {
		return d.got == nil && d.outcome(packet.UnsupportedLink) >= d.missing()
	}},
	{"UDP length above IP length", func(d *difference) bool {
		return d.proto == "udp" && d.only(3) && d.lengths > 0 && d.got[3][0] <= d.want[3][0] && d.got[3][1] <= d.want[3][1]
	}},
	{"malformed header", func(d *difference) bool {
		n := d.outcome(packet.MalformedL3) + d.outcome(packet.MalformedL4)
		return n > 0 && n >= d.missing()
	}},
	{"header quoted in sFlow", func(d *difference) bool {
		return d.sampled && d.missing() > 0
	}},
	{"tunnel of another kind", func(d *difference) bool {
		return d.got == nil && d.truth.int("ip_depth") > 1 && slices.ContainsFunc(otherTunnels, func(part string) bool {
			return strings.Contains(d.capture["capture"], part)
		})
	}},
	{"IPv6 payload length 0", func(d *difference) bool {
		return d.a.addr.Is6() && d.only(2, 3) && d.want[2][0]+d.want[2][1] == 40*(d.want[0][0]+d.want[0][1])
	}},
	{"frame check sequence", func(d *difference) bool {
		return d.only(3) && d.result.Inputs[0].Interfaces[0].FCSBytes > 0
	}},
	{"packets read", func(d *difference) bool {
		return d.result.Accounting.Read.Packets != d.capture.int("tshark_packets")
	}},
}

func (d *difference) rule() string {
	for _, r := range rules {
		if r.holds(d) {
			return r.name
		}
	}
	return ""
}

// String shows both counts.
func (d *difference) String() string {
	return fmt.Sprintf("%s: %v: got %v, want %v", d.capture["capture"], d.tuple, d.got, d.want)
}

// compareTuples calls report for each tuple that differs and returns the number of
// those that are equal.
func compareTuples(table *accuracy.Table, truth []record, report func(difference)) (equal int) {
	ours := map[tuple]*difference{}
	for i := range table.Rows {
		if table.Null("src_port", i) || table.Int("protocol", i) == packet.ProtoSCTP {
			continue
		}
		k, swapped := rowTuple(table, i)
		d := ours[k]
		if d == nil {
			d = &difference{tuple: k, got: &counts{}, want: &counts{}}
			ours[k] = d
		}
		d.got.add(rowCounts(table, i), swapped)
		d.fragments += table.Int("frag_packets", i)
		d.lengths += table.Int("length_mismatch_packets", i)
		d.inner = d.inner || table.Int("tunnel_depth", i) > 0
	}
	for _, r := range truth {
		k, swapped := truthTuple(r)
		d := ours[k]
		if d == nil {
			d = &difference{tuple: k, want: &counts{}}
		}
		delete(ours, k)
		d.truth = r
		d.want.add(truthCounts(r), swapped)
		if d.inner { // tshark counts the whole frame for each layer in it
			d.got[1] = d.want[1]
		}
		if d.got != nil && *d.got == *d.want {
			equal++
			continue
		}
		report(*d)
	}
	for _, d := range ours {
		report(*d)
	}
	return equal
}

// TestTuples compares packets, frame, IP and payload bytes each way of every TCP
// and UDP 5-tuple with tshark's.
func TestTuples(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "tuples.tsv.gz")
	equal, by := 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 29) || len(truth[c["capture"]]) == 0 {
			continue
		}
		table, result := mustRun(t, uncut(), accuracy.File(capturePath(t, c["capture"])))
		samples := slices.ContainsFunc(truth[c["capture"]], func(r record) bool { return r["port_b"] == "6343" || r["port_a"] == "6343" })
		equal += compareTuples(table, truth[c["capture"]], func(d difference) {
			d.result, d.capture, d.sampled = result, c, samples
			rule := d.rule()
			by[rule]++
			if rule == "" {
				t.Errorf("unexplained: %v", &d)
			}
		})
	}
	t.Logf("%d tuples equal; %v", equal, by)
	floor(t, equal, 22143)
}
