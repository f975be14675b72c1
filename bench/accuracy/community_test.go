package accuracy_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// idFacts are what the rules for Community IDs look at, for a whole capture:
// tshark gives an ID per frame, of its innermost header, not per flow.
type idFacts struct {
	capture   record
	result    *stages.Result
	tunnels   bool // some packet carries another IP packet, also as a quotation
	fragments bool
	cut       bool // a captured ICMP header is not whole
	headers   bool // IPv4 authentication header, IPv6 routing or mobility header
	plain     map[string]bool
	outer     map[string]bool // IDs of flows that carry others
}

// tunnelProtocol lists IP protocols that carry IP packets; PIM quotes them.
func tunnelProtocol(p int64) bool {
	switch p {
	case 4, 41, 47, 97, 103, 137:
		return true
	}
	return false
}

// tunnelPort lists UDP ports of tunnels, of GTP control messages that quote
// packets, and of sFlow.
func tunnelPort(p int64) bool {
	switch p {
	case 2123, 2152, 3386, 3544, 4789, 6081, 6343, 8472:
		return true
	}
	return false
}

func factsOf(c record, table *accuracy.Table, r *stages.Result, deep bool) *idFacts {
	f := &idFacts{capture: c, result: r, tunnels: deep, plain: map[string]bool{}, outer: map[string]bool{}}
	carriers := map[int64]bool{}
	for i := range table.Rows {
		if !table.Null("parent_flow_id", i) {
			carriers[table.Int("parent_flow_id", i)] = true
		}
	}
	f.fragments = r.Accounting.By[packet.FragmentUnresolved].Packets > 0
	for i := range table.Rows {
		protocol := table.Int("protocol", i)
		f.outer[table.Text("community_id", i)] = f.outer[table.Text("community_id", i)] || carriers[table.Int("flow_id", i)]
		f.tunnels = f.tunnels || tunnelProtocol(protocol) ||
			protocol == packet.ProtoUDP && (tunnelPort(table.Int("src_port", i)) || tunnelPort(table.Int("dst_port", i)))
		f.fragments = f.fragments || table.Int("frag_packets", i) > 0
		f.cut = f.cut || !table.Null("icmp_type", i) && table.Int("truncated_payload_packets", i) > 0
		f.headers = f.headers || protocol == 50 || packet.Quality(table.Int("quality_bits", i))&packet.UncheckedL4 != 0
		switch protocol {
		case packet.ProtoICMP, packet.ProtoTCP, packet.ProtoUDP, packet.ProtoSCTP:
		default:
			f.plain[table.Text("community_id", i)] = true
			f.headers = f.headers || table.Int("ip_version", i) == 6 && protocol != packet.ProtoICMPv6
		}
	}
	return f
}

// rule says why the frames with an ID are not the same. more is whether we count
// more of them.
func (f *idFacts) rule(id string, more bool) string {
	a := f.result.Accounting
	switch {
	case f.result.Inputs[0].Rejected:
		return "capture not read"
	case more && f.outer[id]:
		return "flow around others"
	case f.tunnels:
		return "tunnel or quoted packet"
	case f.fragments:
		return "fragments"
	case a.By[packet.InFlow] != a.Read:
		return "malformed, or interface not usable"
	case a.Read.Packets != f.capture.int("tshark_packets"):
		return "packets read"
	case more && f.plain[id]:
		return "no TCP, UDP, SCTP or ICMPv4: tshark leaves frames out"
	case f.headers || f.cut:
		return "AH, routing or mobility header; cut ICMP header"
	}
	return ""
}

// tsharkFrames returns the number of a row's frames that have ports for tshark: of
// a fragmented datagram only the last one. Outside TCP packets without data are few.
func tsharkFrames(t *accuracy.Table, row int) int64 {
	if t.Int("frag_packets", row) > 0 && t.Int("frag_unresolved", row) == 0 && t.Int("protocol", row) != packet.ProtoTCP {
		return sum1(t, row, "fwd_data_packets", "rev_data_packets")
	}
	return sum1(t, row, "fwd_packets", "rev_packets")
}

// TestCommunityIDs compares, for each Community ID, the number of packets in our
// flows with the number of frames to which tshark gives that ID.
func TestCommunityIDs(t *testing.T) {
	truth, deep := map[string][]record{}, map[string]bool{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "communityid.tsv.gz")
	readTSV(t, func(r record) { deep[r["capture"]] = deep[r["capture"]] || r.int("ip_depth") > 1 }, "truth", "tuples.tsv.gz")
	equal, by := 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 29) || len(truth[c["capture"]]) == 0 {
			continue
		}
		table, r := mustRun(t, uncut(), accuracy.File(capturePath(t, c["capture"])))
		facts := factsOf(c, table, r, deep[c["capture"]])
		explain := func(id string, got, want int64) {
			rule := facts.rule(id, got > want)
			by[rule]++
			if rule == "" {
				t.Errorf("unexplained: %s: %s has %d packets, want %d", c["capture"], id, got, want)
			}
		}
		ours := map[string]int64{}
		for i := range table.Rows {
			if !table.Null("community_id", i) {
				ours[table.Text("community_id", i)] += tsharkFrames(table, i)
			}
		}
		for _, r := range truth[c["capture"]] {
			id := r["community_id"]
			if ours[id] == r.int("frames") {
				equal++
			} else {
				explain(id, ours[id], r.int("frames"))
			}
			delete(ours, id)
		}
		for id, n := range ours {
			explain(id, n, 0)
		}
	}
	t.Logf("%d equal, %v", equal, by)
	floor(t, equal, 23453)
}

// published is a flow with the Community ID that another project gives it.
type published struct {
	capture, id string
	tuple
}

// eve is a Suricata event.
type eve struct {
	SrcIP       string `json:"src_ip"`
	SrcPort     int64  `json:"src_port"`
	DestIP      string `json:"dest_ip"`
	DestPort    int64  `json:"dest_port"`
	Proto       string `json:"proto"`
	CommunityID string `json:"community_id"`
}

func (e *eve) published(capture string) published {
	k, _ := tupleOf(strings.ToLower(e.Proto), endpointOf(e.SrcIP, e.SrcPort), endpointOf(e.DestIP, e.DestPort))
	return published{capture, e.CommunityID, k}
}

func endpointOf(addr string, port int64) endpoint {
	a, _ := netip.ParseAddr(addr)
	return endpoint{a, port}
}

// arkimeSession is the part of an Arkime session that names its flow.
type arkimeSession struct {
	Capture string
	Session struct {
		IPProtocol          int64
		Source, Destination struct {
			IP             string
			Port           int64
			Packets, Bytes int64
		}
		Network struct {
			CommunityID string `json:"community_id"`
		}
	}
}

// publishedIDs collects what Arkime and Suricata say.
func publishedIDs(t *testing.T) []published {
	var all []published
	readJSONL(t, func(v *arkimeSession) {
		s := &v.Session
		k, _ := tupleOf(protoNames[s.IPProtocol], endpointOf(s.Source.IP, s.Source.Port), endpointOf(s.Destination.IP, s.Destination.Port))
		all = append(all, published{v.Capture, s.Network.CommunityID, k})
	}, "truth", "published", "arkime_sessions.jsonl.gz")
	readJSONL(t, func(v *struct {
		Capture string
		Row     eve
	}) {
		all = append(all, v.Row.published(v.Capture))
	}, "truth", "published", "vast_pairs.jsonl.gz")
	for _, c := range captures(t) {
		dir := filepath.Dir(c["capture"])
		if _, err := os.Stat(filepath.Join(capturePath(t, dir), "eve.json")); err != nil || filepath.Base(c["capture"])[:7] != "capture" {
			continue
		}
		readJSONL(t, func(e *eve) { all = append(all, e.published(c["capture"])) }, "captures", dir, "eve.json")
	}
	return slices.DeleteFunc(all, func(p published) bool { return p.id == "" || p.proto != "tcp" && p.proto != "udp" })
}

// TestPublishedCommunityIDs compares with what Arkime and Suricata give to the
// same TCP and UDP flows.
func TestPublishedCommunityIDs(t *testing.T) {
	tables := map[string]map[tuple]string{}
	equal, missing, same := 0, 0, 0
	for _, p := range publishedIDs(t) {
		if tables[p.capture] == nil {
			table, _ := mustRun(t, uncut(), accuracy.File(capturePath(t, p.capture)))
			ids := map[tuple]string{}
			for i := range table.Rows {
				if !table.Null("src_port", i) {
					k, _ := rowTuple(table, i)
					ids[k] = table.Text("community_id", i)
				}
			}
			tables[p.capture] = ids
		}
		switch id, ok := tables[p.capture][p.tuple]; {
		case !ok:
			missing++ // behind a link type not read yet: TestTuples has it
		case id != p.id && p.a.addr == p.b.addr:
			same++ // Suricata orders the ports otherwise there than the specification does
		case id != p.id:
			t.Errorf("%s: %v: got %s, want %s", p.capture, p.tuple, id, p.id)
		default:
			equal++
		}
	}
	t.Logf("%d equal, %d flows not seen, %d from an address to itself differ in Suricata", equal, missing, same)
	floor(t, equal, 2405)
}
