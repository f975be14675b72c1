package accuracy_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// innermost describes the rows that nothing lies in, but for what the link layer or
// the tunnels around them show: addresses, times and counts.
func innermost(t *accuracy.Table) (rows []string) {
	carriers := map[int64]bool{}
	for i := range t.Rows {
		if !t.Null("parent_flow_id", i) {
			carriers[t.Int("parent_flow_id", i)] = true
		}
	}
	for i := range t.Rows {
		if carriers[t.Int("flow_id", i)] {
			continue
		}
		var b strings.Builder
		for _, name := range []string{
			"protocol", "src_ip", "src_port", "dst_ip", "dst_port", "icmp_type", "start_ns", "end_ns", "fwd_packets", "rev_packets",
			"fwd_ip_bytes", "rev_ip_bytes", "fwd_payload_bytes", "rev_payload_bytes", "conn_state", "history", "community_id",
			"syn_rtt_ns", "fwd_iat_mean_ns", "fwd_ttl_min", "quality_bits", "fwd_psh_packets",
		} {
			fmt.Fprint(&b, t.Show(name, i), " ")
		}
		rows = append(rows, b.String())
	}
	slices.Sort(rows)
	return rows
}

// TestCraftedTunnels: one set of IP packets behind 19 tunnels and link layers comes
// out the same, each conversation with a parent where something is around it.
func TestCraftedTunnels(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "formats", "crafted_tunnels")
	files, err := filepath.Glob(filepath.Join(dir, "*.pcap"))
	if err != nil || len(files) != 19 {
		t.Fatal(len(files), err)
	}
	// ah_transport holds fewer packets: TestTuples compares it with tshark.
	outside := map[string]int64{ // depth of the conversations
		"ah_transport": 0, "mpls1": 0, "mpls3": 0, "mpls_pw_cw_eth": 0, "pppoe": 0, "qinq_88a8": 0, "vlan": 0, "vlan_triple": 0, "vlan_gre_vxlan": 2,
	}
	want, _ := mustRun(t, everything(), accuracy.File(filepath.Join(dir, "vlan.pcap")))
	rows := innermost(want)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".pcap")
		depth, known := outside[name]
		if !known {
			depth = 1
		}
		var hash string
		for workers := 1; workers <= 3; workers++ {
			cfg := everything()
			cfg.Workers = workers
			table, result := mustRun(t, cfg, accuracy.File(file))
			if hash == "" {
				hash = table.Hash()
			}
			if table.Hash() != hash {
				t.Errorf("%s: %d workers make a difference", name, workers)
			}
			checkParents(t, name, table)
			if got := innermost(table); name != "ah_transport" && !slices.Equal(got, rows) {
				t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(rows, "\n     "))
			}
			deepest := int64(0)
			for i := range table.Rows {
				deepest = max(deepest, table.Int("tunnel_depth", i))
			}
			if deepest != depth {
				t.Errorf("%s: depth %d, want %d", name, deepest, depth)
			}
			if inner := result.Inputs[0].Inner[packet.InFlow]; inner != depth*27 {
				t.Errorf("%s: %d inner packets, want %d", name, inner, depth*27)
			}
		}
	}
}

// checkParents checks that each inner row names one that is around it: one layer
// further out, begun no later, seen when the inner one began.
func checkParents(t *testing.T, name string, table *accuracy.Table) (inner int) {
	t.Helper()
	ids := map[int64]int{}
	for i := range table.Rows {
		ids[table.Int("flow_id", i)] = i
	}
	for i := range table.Rows {
		depth := table.Int("tunnel_depth", i)
		if (depth > 0) == table.Null("parent_flow_id", i) || (depth > 0) == table.Null("tunnel_type", i) {
			t.Errorf("%s: row %d at depth %d: parent %s, tunnel %s", name, i, depth, table.Show("parent_flow_id", i), table.Show("tunnel_type", i))
			continue
		}
		if depth == 0 {
			continue
		}
		inner++
		p, ok := ids[table.Int("parent_flow_id", i)]
		switch {
		case !ok:
			t.Errorf("%s: row %d: parent %d is not in the table", name, i, table.Int("parent_flow_id", i))
		case table.Int("tunnel_depth", p) != depth-1 || table.Int("first_packet_index", p) > table.Int("first_packet_index", i) || table.Int("end_ns", p) < table.Int("start_ns", i):
			t.Errorf("%s: row %d: parent is row %d", name, i, p)
		}
	}
	return inner
}

// TestParents holds parent_flow_id over all captures, and counts inner rows.
func TestParents(t *testing.T) {
	rows, with := 0, 0
	loadSample(t, 29, func(t *testing.T, c record, p *accuracy.Packets) {
		if c.int("backward_steps") > 0 {
			return // end_ns, start_ns: the latest time says nothing there
		}
		cfg := everything()
		cfg.Workers = 2
		table, _ := mustRun(t, cfg, p)
		if n := checkParents(t, c["capture"], table); n > 0 {
			rows += n
			with++
		}
	})
	t.Logf("%d inner rows in %d captures", rows, with)
	floor(t, rows, 235)
}

// vxlan puts a frame into a tunnel between two hosts.
var vxlan = &traffic.Tunnel{Kind: packet.TunnelVXLAN, ID: 77, Src: netip.MustParseAddr("203.0.113.1"), Dst: netip.MustParseAddr("203.0.113.2")}

// TestParentsOfPieces: a long conversation in a long tunnel, both cut at the same
// time, and one whose tunnel goes silent and ends before it.
func TestParentsOfPieces(t *testing.T) {
	var list []accuracy.Packet
	for i := range 100 {
		list = append(list, at(time.Duration(i)*time.Second, vxlan.Wrap(segment(client, server, packet.ACK, uint32(i), 1, 100, nil))))
	}
	cfg := everything()
	cfg.Timeouts.Active = 30 * time.Second
	for _, workers := range []int{1, 2, 3} {
		cfg.Workers = workers
		table, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 7})
		if table.Rows != 8 { // pieces begin with packets 0, 31, 62 and 93, within and without
			t.Fatalf("%d rows", table.Rows)
		}
		checkParents(t, "pieces", table)
		for i := range table.Rows { // the piece around begins with the same packet
			if table.Int("tunnel_depth", i) == 1 && table.Int("first_packet_index", i) != table.Int("first_packet_index", i-1) || table.Int("parent_flow_id", i) != 0 && table.Int("parent_flow_id", i) != table.Int("flow_id", i-1) {
				t.Errorf("row %d: parent %d, the row before is %d", i, table.Int("parent_flow_id", i), table.Int("flow_id", i-1))
			}
		}
	}
	list = nil
	for i := range 5 { // a minute ends the UDP flow around, five minutes the TCP flow within
		list = append(list, at(time.Duration(i)*2*time.Minute, vxlan.Wrap(segment(client, server, packet.ACK, uint32(i), 1, 100, nil))))
	}
	for _, workers := range []int{1, 2, 3} {
		cfg := everything()
		cfg.Workers = workers
		table, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 1})
		const inner = 4 // four flows around have ended before it, the fifth begins later
		if table.Rows != 6 || table.Int("tunnel_depth", inner) != 1 || table.Int("parent_flow_id", inner) != table.Int("flow_id", 0) || table.Int("parent_flows", inner) != 1 {
			t.Errorf("%d workers: %d rows, of depth %d with parent %d, want %d", workers, table.Rows,
				table.Int("tunnel_depth", inner), table.Int("parent_flow_id", inner), table.Int("flow_id", 0))
		}
	}
}

// TestTunnelDepth: eight tunnels in each other are looked into, or as many as asked.
func TestTunnelDepth(t *testing.T) {
	frame := segment(client, server, packet.SYN, 1, 0, 100, nil)
	ipip := &traffic.Tunnel{Kind: packet.TunnelIPIP, Src: vxlan.Src, Dst: vxlan.Dst}
	for range 10 {
		frame = ipip.Wrap(frame)
	}
	for limit := range stages.MaxTunnelDepth + 1 {
		cfg := everything()
		cfg.Tunnels = limit
		table, r := mustRun(t, cfg, &accuracy.Packets{List: []accuracy.Packet{at(0, frame)}})
		inner, beyond := r.Inputs[0].Inner[packet.InFlow], r.Inputs[0].Inner[packet.OverLimit]
		if table.Rows != limit+1 || inner != int64(limit) || (beyond == 1) != (limit > 0) {
			t.Errorf("limit %d: %d rows, %d inner packets, %d over the limit", limit, table.Rows, inner, beyond)
		}
	}
}

// TestInnerOutcomes counts what cannot be decoded, apart from the packets.
func TestInnerOutcomes(t *testing.T) {
	gre := func(body ...byte) accuracy.Packet {
		return at(0, traffic.IP(vxlan.Src, vxlan.Dst, 47, body))
	}
	list := []accuracy.Packet{
		gre(0, 0, 8, 0, 0x45, 0), gre(0, 0, 0x20, 0, 1, 2, 3), gre(0x40, 0, 8, 0, 0, 0, 0, 0), gre(0),
		at(0, vxlan.Wrap(traffic.TCP(client, server, packet.SYN, 1, 0, 0, nil)[:50])),
		at(0, vxlan.Wrap(traffic.UDP(client, server, nil))),
	}
	table, r := mustRun(t, everything(), &accuracy.Packets{List: list})
	want := [packet.NumOutcomes]int64{packet.InFlow: 1, packet.MalformedL4: 1, packet.MalformedL3: 1, packet.NonIP: 1, packet.UnsupportedLink: 1, packet.MalformedL2: 1}
	if got := r.Inputs[0].Inner; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := r.Accounting.By[packet.InFlow].Packets; n != 6 || sumOuter(table, "fwd_packets", "rev_packets") != 6 {
		t.Errorf("%d packets in flows", n)
	}
}

// TestInnerDuplicates: of packets that are dropped nothing is in a flow, the layers in tunnels
// neither.
func TestInnerDuplicates(t *testing.T) {
	frame := vxlan.Wrap(traffic.UDP(client, server, nil))
	malformed := vxlan.Wrap(traffic.TCP(client, server, packet.SYN, 1, 0, 0, nil)[:50])
	other := vxlan.Wrap(traffic.Ethernet(0x0806, make([]byte, 28)))
	for mode, want := range map[stages.DuplicateMode]int64{stages.DuplicatesMark: 2, stages.DuplicatesDrop: 1} {
		cfg := everything()
		cfg.Duplicates.Mode = mode
		tables, r, err := accuracy.RunTables(cfg, &accuracy.Packets{List: []accuracy.Packet{
			at(0, frame), at(ms, frame), at(2*ms, malformed), at(3*ms, malformed), at(4*ms, other), at(5*ms, other),
		}})
		if err != nil || len(r.Failed()) > 0 {
			t.Fatalf("%s: %v, %v", mode, err, r.Failed())
		}
		inner := r.Inputs[0].Inner
		if n := inner[packet.InFlow]; n != want || sum(tables["flows"], "fwd_packets") != 4*want {
			t.Errorf("%s: %d inner packets in flows, want %d; rows have %d", mode, n, want, sum(tables["flows"], "fwd_packets"))
		}
		if n := tables["errors"].Rows; int64(n) != want {
			t.Errorf("%s: %d rows of errors, want %d", mode, n, want)
		}
		if inner[packet.MalformedL4] != want || inner[packet.NonIP] != want {
			t.Errorf("%s: inner packets %v, want %d malformed and %d of no IP", mode, inner, want, want)
		}
	}
}

// TestKeyParts: the same addresses and ports in two VLANs and two tunnels.
func TestKeyParts(t *testing.T) {
	other := *vxlan
	other.ID = 78
	syn := segment(client, server, packet.SYN, 1, 0, 100, nil)
	var list []accuracy.Packet
	for i, frame := range [][]byte{
		segment(client, server, packet.SYN, 1, 0, 100, nil, traffic.Tagged(1)), segment(client, server, packet.SYN, 1, 0, 100, nil, traffic.Tagged(2)),
		segment(server, client, synACK, 1, 2, 100, nil, traffic.Tagged(1)), syn,
		vxlan.Wrap(syn), other.Wrap(syn), vxlan.Wrap(segment(server, client, synACK, 9, 2, 100, nil)),
		vxlan.Wrap(segment(client, server, packet.SYN, 1, 0, 100, nil, traffic.Tagged(1))),
	} {
		list = append(list, at(time.Duration(i)*ms, frame))
	}
	for _, tt := range []struct {
		key            string
		outside, inner int // TCP flows
	}{
		{"", 1, 1}, {"vlan", 3, 2}, {"tunnel", 1, 2}, {"vlan,tunnel", 3, 3},
	} {
		cfg := everything()
		cfg.Key, _ = stages.ParseKey(strings.FieldsFunc(tt.key, func(r rune) bool { return r == ',' }))
		if cfg.Key.String() != tt.key {
			t.Errorf("key %q is read as %q", tt.key, cfg.Key)
		}
		var count [2]int
		var hash string
		for _, workers := range []int{1, 3} {
			cfg.Workers = workers
			table, _ := mustRun(t, cfg, &accuracy.Packets{List: list})
			count = [2]int{}
			ids := map[int64]bool{}
			for i := range table.Rows {
				ids[table.Int("flow_id", i)] = true
				if table.Int("protocol", i) == packet.ProtoTCP {
					count[table.Int("tunnel_depth", i)]++
				}
			}
			if hash == "" {
				hash = table.Hash()
			}
			if len(ids) != table.Rows || table.Hash() != hash {
				t.Errorf("key %q: %d flow_ids for %d rows, or %d workers make a difference", tt.key, len(ids), table.Rows, workers)
			}
			checkParents(t, tt.key, table)
		}
		if count != [2]int{tt.outside, tt.inner} {
			t.Errorf("key %q: %v flows, want %d and %d", tt.key, count, tt.outside, tt.inner)
		}
	}
	if _, err := stages.ParseKey([]string{"vlan", "vni"}); err == nil {
		t.Error("an unknown part of the key was accepted")
	}
}

// generated is a capture of mixed traffic, each packet in one of several tunnels or
// none, with the truth of the conversations.
func generated(t *testing.T, tunnels ...*traffic.Tunnel) (*accuracy.Packets, []traffic.FlowTruth) {
	t.Helper()
	var truth []traffic.FlowTruth
	o, err := traffic.DefaultOptions("vlan")
	if err != nil {
		t.Fatal(err)
	}
	o = o.Times(0.02)
	o.OnFlow = func(f *traffic.FlowTruth) error { truth = append(truth, *f); return nil }
	w := &collector{tunnels: tunnels}
	if _, err := traffic.Generate("mixed", w, o); err != nil {
		t.Fatal(err)
	}
	return &accuracy.Packets{List: w.list}, truth
}

type collector struct {
	tunnels []*traffic.Tunnel
	list    []accuracy.Packet
}

// WritePacket implements traffic.PacketWriter: a conversation has one tunnel.
func (c *collector) WritePacket(ts packet.Nanos, wire uint32, data []byte) error {
	sum := 0
	for _, b := range data[26:34] { // of the addresses, in either order
		sum += int(b)
	}
	if n := sum % (len(c.tunnels) + 1); n > 0 && data[12] == 8 {
		return c.tunnels[n-1].Over(writer(c.keep)).WritePacket(ts, wire, data)
	}
	return c.keep(ts, wire, data)
}

func (c *collector) keep(ts packet.Nanos, wire uint32, data []byte) error {
	c.list = append(c.list, accuracy.Packet{Time: ts, Wire: wire, Data: slices.Clone(data)})
	return nil
}

type writer func(packet.Nanos, uint32, []byte) error

func (w writer) WritePacket(ts packet.Nanos, wire uint32, data []byte) error {
	return w(ts, wire, data)
}

// TestGeneratedTunnels runs generated traffic through tunnels of ten kinds: the
// innermost rows are the conversations written, whatever the number of workers,
// and the capture cut into files gives the same rows.
func TestGeneratedTunnels(t *testing.T) {
	a, b := vxlan.Src, vxlan.Dst
	in, truth := generated(t,
		&traffic.Tunnel{Kind: packet.TunnelGRE, ID: 5, Src: a, Dst: b}, &traffic.Tunnel{Kind: packet.TunnelGRE, Ethernet: true, Bare: true, Src: a, Dst: b}, vxlan,
		&traffic.Tunnel{Kind: packet.TunnelGeneve, Ethernet: true, ID: 5, Src: a, Dst: b}, &traffic.Tunnel{Kind: packet.TunnelGTPU, ID: 5, Src: a, Dst: b},
		&traffic.Tunnel{Kind: packet.TunnelIPIP, Src: a, Dst: b}, &traffic.Tunnel{Kind: packet.TunnelERSPAN, ID: 5, Src: a, Dst: b}, &traffic.Tunnel{Kind: packet.TunnelL2TP, ID: 5, Src: a, Dst: b},
		&traffic.Tunnel{Kind: packet.TunnelPPTP, ID: 5, Src: a, Dst: b}, &traffic.Tunnel{Kind: packet.TunnelMPLS, ID: 5, Ethernet: true, Src: a, Dst: b})
	cfg := uncut()
	cfg.Features = []string{"all"}
	cfg.Workers = 1
	want, result := mustRun(t, cfg, in)
	if n := result.Inputs[0].Inner[packet.InFlow]; n < int64(len(in.List))/3 || result.Inputs[0].Inner != [packet.NumOutcomes]int64{packet.InFlow: n} {
		t.Errorf("inner layers of %d packets: %v", len(in.List), result.Inputs[0].Inner)
	}
	checkParents(t, "generated", want)
	checkTruth(t, want, truth)
	rng := rand.New(rand.NewPCG(9, 10))
	for _, workers := range []int{2, 3, 8} {
		cfg.Workers = workers
		moved := *in
		moved.Block = 1 + rng.IntN(300)
		if got, _ := mustRun(t, cfg, &moved); got.Hash() != want.Hash() {
			t.Errorf("%d workers: %v", workers, sameRows(want, got))
		}
		got, _ := mustRun(t, cfg, cut(rng, in, 20)...)
		if err := sameRows(want, got, "capture_id", "first_packet_index"); err != nil {
			t.Errorf("cut: %v", err)
		}
	}
}

// checkTruth compares the conversations in a table with those written.
func checkTruth(t *testing.T, table *accuracy.Table, truth []traffic.FlowTruth) {
	t.Helper()
	ours := map[string]int{}
	for _, row := range innermostCounts(table) {
		ours[row]++
	}
	for i := range truth {
		f := &truth[i]
		sport, dport := f.SrcPort, f.DstPort
		if f.Proto == packet.ProtoICMP || f.Proto == packet.ProtoICMPv6 {
			sport, dport = 0, 0
		}
		row := fmt.Sprintln(f.Proto, f.Src, sport, f.Dst, dport, f.FirstNs, f.LastNs, f.FwdPackets, f.RevPackets, f.FwdIPBytes, f.RevIPBytes, f.FwdPayloadBytes, f.RevPayloadBytes)
		if ours[row]--; ours[row] < 0 {
			t.Errorf("no row for %s", row)
		}
		if ours[row] <= 0 {
			delete(ours, row)
		}
	}
	if len(ours) > 0 {
		t.Errorf("%d rows that nobody wrote: %v", len(ours), ours)
	}
}

func innermostCounts(t *accuracy.Table) (rows []string) {
	for i := range t.Rows {
		if t.Text("src_ip", i) == vxlan.Src.String() {
			continue // all of them are around others
		}
		rows = append(rows, fmt.Sprintln(t.Int("protocol", i), t.Text("src_ip", i), t.Int("src_port", i), t.Text("dst_ip", i), t.Int("dst_port", i), t.Int("start_ns", i), t.Int("end_ns", i),
			t.Int("fwd_packets", i), t.Int("rev_packets", i), t.Int("fwd_ip_bytes", i), t.Int("rev_ip_bytes", i), t.Int("fwd_payload_bytes", i), t.Int("rev_payload_bytes", i)))
	}
	return rows
}

// TestTunnelsUnderLimit: more inner flows than may be open. Whatever is evicted,
// each inner row has the parent that was around it, and the number of workers does
// not show.
func TestTunnelsUnderLimit(t *testing.T) {
	o, err := traffic.DefaultOptions("manyflows")
	if err != nil {
		t.Fatal(err)
	}
	o.Flows, o.Duration = 40_000, 20*time.Second
	w := &collector{}
	if _, err := traffic.Generate("manyflows", vxlan.Over(writer(w.keep)), o); err != nil {
		t.Fatal(err)
	}
	in := &accuracy.Packets{List: w.list, Block: 2000}
	var hash string
	for _, workers := range []int{1, 3} {
		cfg := stages.DefaultConfig()
		cfg.Workers, cfg.MaxFlows = workers, stages.MinFlows
		table, _ := mustRun(t, cfg, in)
		evicted := 0
		for i := range table.Rows {
			if table.Text("end_reason", i) == "evicted" {
				evicted++
			}
		}
		if hash == "" {
			hash = table.Hash()
		}
		if inner := checkParents(t, "limit", table); inner < 40_000 || evicted == 0 || table.Hash() != hash {
			t.Errorf("%d workers: %d inner rows, %d evicted, same table %v", workers, inner, evicted, table.Hash() == hash)
		}
	}
}
