package accuracy_test

import (
	"io/fs"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/stages"
)

func (r record) float(name string) float64 {
	x, _ := strconv.ParseFloat(r[name], 64)
	return x
}

// profileCaptures lists the captures for which a profile has a CSV.
func profileCaptures(t *testing.T, profile string) (names []string) {
	root := filepath.Join(sharedtest.Dir(t), "truth", "profiles", profile)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".csv.gz") {
			rel, _ := filepath.Rel(root, path)
			names = append(names, strings.TrimSuffix(filepath.ToSlash(rel), ".csv.gz"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// view reads a row with the initiator of another tool in front.
type view struct {
	t    *accuracy.Table
	row  int
	flip bool
}

func (v view) name(dir, rest string) string {
	switch {
	case v.flip && dir == "fwd_":
		dir = "rev_"
	case v.flip && dir == "rev_":
		dir = "fwd_"
	}
	return dir + rest
}

func (v view) int(dir, rest string) int64     { return v.t.Int(v.name(dir, rest), v.row) }
func (v view) float(dir, rest string) float64 { return v.t.Float(v.name(dir, rest), v.row) }

// near reports whether two numbers are equal but for rounding, or by at most
// slack.
func near(a, b, slack float64) bool {
	return math.Abs(a-b) <= slack+1e-9*math.Max(math.Abs(a), math.Abs(b))
}

var nfstreamSides = [][2]string{{"bidirectional", ""}, {"src2dst", "fwd_"}, {"dst2src", "rev_"}}

// compareNFStream reports the first column in which a row differs.
func compareNFStream(r record, v view) (column string, got, want float64) {
	fail := func(name string, ours, slack float64) bool {
		if !near(ours, r.float(name), slack) && column == "" {
			column, got, want = name, ours, r.float(name)
		}
		return column != ""
	}
	both := func(dir, rest string) float64 {
		if dir == "" {
			return float64(v.int("fwd_", rest) + v.int("rev_", rest))
		}
		return float64(v.int(dir, rest))
	}
	for _, side := range nfstreamSides {
		theirs, dir := side[0], side[1]
		packets := both(dir, "packets")
		fail(theirs+"_packets", packets, 0)
		if v.t.Int("tunnel_depth", v.row) == 0 { // in a tunnel NFStream takes the frame around it
			fail(theirs+"_bytes", both(dir, "wire_bytes"), 0)
			fail(theirs+"_min_ps", float64(v.int(dir, "wire_min_bytes")), 0)
			fail(theirs+"_mean_ps", v.float(dir, "wire_mean_bytes"), 0)
			fail(theirs+"_stddev_ps", v.float(dir, "wire_std_bytes"), 1e-6)
			fail(theirs+"_max_ps", float64(v.int(dir, "wire_max_bytes")), 0)
		}
		// NFStream cuts each time to milliseconds first, so that a gap can be off by
		// less than one.
		fail(theirs+"_min_piat_ms", float64(v.int(dir, "iat_min_ns"))/1e6, 1)
		fail(theirs+"_max_piat_ms", float64(v.int(dir, "iat_max_ns"))/1e6, 1)
		fail(theirs+"_mean_piat_ms", v.float(dir, "iat_mean_ns")/1e6, 1/math.Max(1, packets-1))
		fail(theirs+"_stddev_piat_ms", v.float(dir, "iat_std_ns")/1e6, 2)
		for _, flag := range []string{"syn", "cwr", "ece", "urg", "ack", "psh", "rst", "fin"} {
			fail(theirs+"_"+flag+"_packets", both(dir, flag+"_packets"), 0)
		}
	}
	fail("bidirectional_duration_ms", float64(v.int("", "duration_ns"))/1e6, 1)
	return column, got, want
}

// likeNFStream are timeouts as NFStream's. It cuts a flow when its age reaches
// the active timeout, we when it exceeds it.
func likeNFStream() stages.Config {
	cfg := stages.DefaultConfig()
	const idle = 2 * time.Minute
	cfg.Timeouts = stages.Timeouts{TCPIdle: idle, TCPClosed: idle, UDPIdle: idle, OtherIdle: idle, Active: 30*time.Minute - 1}
	cfg.Fragments = unjoined()
	return cfg
}

// startKey finds a flow by its ends and the millisecond of its first packet.
type startKey struct {
	tuple
	ms int64
}

// rowIndex is our table as the rules look at it.
type rowIndex struct {
	rows   map[startKey]view
	reused map[tuple]bool // a new connection began on the tuple
	known  map[tuple]bool
	late   map[tuple]bool
	huge   map[tuple]bool // frames longer than Ethernet's, from segmentation offload
	tagged map[tuple]bool // VLAN tags
	closed map[tuple]bool // by FIN or RST
	padded map[tuple]bool // bytes behind the IP packet, or more than Ethernet before it
	tied   map[tuple]bool // packets at one instant
	table  *accuracy.Table
}

func indexRows(table *accuracy.Table) *rowIndex {
	x := &rowIndex{map[startKey]view{}, map[tuple]bool{}, map[tuple]bool{}, map[tuple]bool{}, map[tuple]bool{}, map[tuple]bool{}, map[tuple]bool{}, map[tuple]bool{}, map[tuple]bool{}, table}
	for i := range table.Rows {
		k, swapped := rowTuple(table, i)
		x.rows[startKey{k, table.Int("start_ns", i) / 1e6}] = view{table, i, swapped}
		x.known[k] = true
		x.reused[k] = x.reused[k] || table.Text("end_reason", i) == "ports_reused"
		x.late[k] = x.late[k] || table.Int("late_packets", i) > 0
		x.huge[k] = x.huge[k] || table.Int("wire_max_bytes", i) > 1518
		x.closed[k] = x.closed[k] || strings.ContainsAny(table.Text("history", i), "FfRr")
		frames := table.Int("fwd_packets", i) + table.Int("rev_packets", i)
		around := sum1(table, i, "fwd_wire_bytes", "rev_wire_bytes") - sum1(table, i, "fwd_ip_bytes", "rev_ip_bytes")
		x.padded[k] = x.padded[k] || around > 14*frames
		x.tagged[k] = x.tagged[k] || !table.Null("vlan_ids", i)
		x.tied[k] = x.tied[k] || !table.Null("iat_min_ns", i) && table.Int("iat_min_ns", i) == 0
	}
	return x
}

// sum1 adds up integer columns of one row.
func sum1(t *accuracy.Table, row int, names ...string) (total int64) {
	for _, name := range names {
		total += t.Int(name, row)
	}
	return total
}

// find returns the row that another tool's flow is, its initiator in front.
func (x *rowIndex) find(k tuple, swapped bool, ms int64) (view, bool) {
	v, ok := x.rows[startKey{k, ms}]
	v.flip = v.flip != swapped
	return v, ok
}

// nfstreamRule says why NFStream's flow is not ours.
func nfstreamRule(c record, x *rowIndex, k tuple) string {
	switch {
	case c.int("backward_steps") > 0 || x.late[k]:
		return "time runs back: NFStream moves the packet's time forward"
	case x.reused[k]:
		return "NFStream joins connections that follow each other on the same ports"
	case k.proto == "icmp":
		return "ICMP: NFStream joins all types between two hosts"
	case !x.known[k]:
		return "NFStream decodes a tunnel, or bytes that are no IP"
	case sum(x.table, "frag_packets") > 0:
		return "fragments"
	case x.huge[k]:
		return "NFStream loses frames of segmentation offload, and keeps sizes in 16 bits"
	case x.tagged[k]:
		return "NFStream has the VLAN in the key"
	case c.int("captured_bytes") < c.int("original_bytes"):
		return "NFStream drops IPv6 packets that are cut"
	}
	return ""
}

// TestNFStream compares sizes, gaps and flags of every flow with NFStream's.
func TestNFStream(t *testing.T) {
	byName := map[string]record{}
	for _, c := range captures(t) {
		byName[c["capture"]] = c
	}
	equal, by := 0, map[string]int{}
	for i, name := range profileCaptures(t, "nfstream_acc0") {
		if !sampled(i, 9) {
			continue
		}
		table, _ := mustRun(t, likeNFStream(), accuracy.File(capturePath(t, name)))
		x := indexRows(table)
		readCSV(t, func(r record) {
			k, swapped := tupleOf(protoNames[r.int("protocol")], endpointOf(r["src_ip"], r.int("src_port")), endpointOf(r["dst_ip"], r.int("dst_port")))
			column, got, want := "flow", 0.0, 1.0
			if v, ok := x.find(k, swapped, r.int("bidirectional_first_seen_ms")); ok {
				column, got, want = compareNFStream(r, v)
			}
			if column == "" {
				equal++
				return
			}
			rule := nfstreamRule(byName[name], x, k)
			by[rule]++
			if rule == "" {
				t.Errorf("unexplained: %s %v: %s is %v, want %v", name, k, column, got, want)
			}
		}, "truth", "profiles", "nfstream_acc0", name+".csv.gz")
	}
	t.Logf("%d flows equal, %v", equal, by)
	floor(t, equal, 13814)
}
