package match_test

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// row is a flow of a table made by a test; ports, type and code are label.None for none.
type row struct {
	id, conn         int64
	piece            int32
	depth            int32
	community        string
	capture          int32
	packet           int64
	src, dst         string
	srcPort, dstPort int32
	icmp, code       int32
	protocol         int32
	vlans            []int32
	start, end       int64
	fwd, rev         int64 // packets
	payload          [2]int64
	state            string
}

// tcp returns a flow with ports.
func tcp(id int64, src string, srcPort int32, dst string, dstPort int32, start, end int64) row {
	return row{id: id, conn: id, packet: 1, src: src, dst: dst, srcPort: srcPort, dstPort: dstPort, icmp: label.None, code: label.None,
		protocol: 6, start: start, end: end, fwd: 2, rev: 2, payload: [2]int64{10, 20}, state: "SF", community: "1:x"}
}

// ping returns a flow of ICMP.
func ping(id int64, src, dst string, kind, code int32, start, end int64) row {
	r := tcp(id, src, label.None, dst, label.None, start, end)
	r.icmp, r.code, r.protocol = kind, code, 1
	return r
}

func flowsSchema(binary bool) *column.Schema {
	address, suffix := column.String, ""
	if binary {
		address, suffix = column.Binary, "_binary"
	}
	s := &column.Schema{Table: "flows", Version: 1, Columns: []column.Column{
		{Name: "flow_id", Type: column.Int64}, {Name: "conn_id", Type: column.Int64},
		{Name: "piece_no", Type: column.Int32}, {Name: "tunnel_depth", Type: column.Int32},
		{Name: "community_id", Type: column.Text}, {Name: "capture_id", Type: column.Int32},
		{Name: "first_packet_index", Type: column.Int64},
		{Name: "src_ip" + suffix, Type: address}, {Name: "src_port", Type: column.Int32, Null: "no ports"},
		{Name: "dst_ip" + suffix, Type: address}, {Name: "dst_port", Type: column.Int32, Null: "no ports"},
		{Name: "icmp_type", Type: column.Int32, Null: "not ICMP"}, {Name: "icmp_code", Type: column.Int32, Null: "not ICMP"},
		{Name: "protocol", Type: column.Int32}, {Name: "vlan_ids", Type: column.ListInt32, Null: "no tags"},
		{Name: "start_ns", Type: column.Int64}, {Name: "end_ns", Type: column.Int64},
		{Name: "fwd_packets", Type: column.Int64}, {Name: "rev_packets", Type: column.Int64},
		{Name: "fwd_payload_bytes", Type: column.Int64}, {Name: "rev_payload_bytes", Type: column.Int64},
		{Name: "conn_state", Type: column.String},
	}}
	for i := range s.Columns {
		s.Columns[i].Doc = "As of flows."
	}
	return s
}

// write makes a table of the rows.
func write(t testing.TB, rows []row, binary bool) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "part-0.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	schema := flowsSchema(binary)
	out, err := parquetfile.NewFile(f, schema, parquetfile.DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := batch.New(schema)
	for i := range rows {
		rows[i].append(t, b, binary)
	}
	if err := out.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (r *row) append(t testing.TB, b *batch.Batch, binary bool) {
	t.Helper()
	b.Rows++
	at := 0
	next := func() *batch.Vector { at++; return &b.Vectors[at-1] }
	long := func(v int64) { n := next(); n.Int64 = append(n.Int64, v) }
	short := func(v int32) { n := next(); n.Int32 = append(n.Int32, v) }
	maybe := func(v int32) {
		n, valid := next(), byte(1)
		if v < 0 {
			v, valid = 0, 0
		}
		n.Int32, n.Valid = append(n.Int32, v), append(n.Valid, valid)
	}
	address := func(s string) {
		if !binary {
			next().AppendText([]byte(s))
			return
		}
		next().AppendText(netip.MustParseAddr(s).AsSlice())
	}
	long(r.id)
	long(r.conn)
	short(r.piece)
	short(r.depth)
	next().AppendText([]byte(r.community))
	short(r.capture)
	long(r.packet)
	address(r.src)
	maybe(r.srcPort)
	address(r.dst)
	maybe(r.dstPort)
	maybe(r.icmp)
	maybe(r.code)
	short(r.protocol)
	v, valid := next(), byte(1)
	if len(r.vlans) == 0 {
		valid = 0
	}
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Int32 = append(v.Int32, r.vlans...)
	v.Offsets, v.Valid = append(v.Offsets, int32(len(v.Int32))), append(v.Valid, valid)
	long(r.start)
	long(r.end)
	long(r.fwd)
	long(r.rev)
	long(r.payload[0])
	long(r.payload[1])
	next().AppendText([]byte(r.state))
}

// rule returns one that fits all flows, of source 0.
func rule(id, name string) label.Rule {
	return label.Rule{Meaning: label.Meaning{ID: id, Label: name}, Depth: label.AnyDepth}
}

// event returns one that says a tuple and a time, of source 0.
func event(name, src string, srcPort int32, dst string, dstPort int32, at int64) label.Event {
	e := label.Event{Meaning: label.Meaning{ID: name, Label: name}, Time: at, Last: at, SrcPort: srcPort, DstPort: dstPort, Protocol: label.None, Depth: label.AnyDepth}
	if src != "" {
		e.Src = netip.MustParseAddr(src)
	}
	if dst != "" {
		e.Dst = netip.MustParseAddr(dst)
	}
	return e
}

func set(rules []label.Rule, events ...label.Event) *label.Set {
	return &label.Set{Sources: make([]label.Source, 2), Rules: rules, Events: events}
}

func nets(all ...string) label.Hosts {
	var h label.Hosts
	for _, s := range all {
		h = append(h, netip.MustParsePrefix(s))
	}
	return h
}

// run labels rows, and returns what was handed over with hits of its own.
func run(t testing.TB, rows []row, s *label.Set, change func(*match.Config)) ([]match.Row, *match.Report) {
	t.Helper()
	return runTable(t, write(t, rows, false), s, change)
}

func runTable(t testing.TB, dir string, s *label.Set, change func(*match.Config)) ([]match.Row, *match.Report) {
	t.Helper()
	c := match.DefaultConfig()
	if change != nil {
		change(&c)
	}
	var out []match.Row
	in := match.Input{Flows: dir, Captures: []string{"in/a.pcap", "in/b.pcap"}, Set: s}
	report, err := match.Run(context.Background(), in, c, func(r *match.Row) error {
		hits := append([]match.Hit(nil), r.Hits...)
		out = append(out, match.Row{FlowID: r.FlowID, ConnID: r.ConnID, CaptureID: r.CaptureID, Outcome: r.Outcome, Start: r.Start, Hits: hits, More: r.More, Naming: slices.Clone(r.Naming)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

// TestRowHosts: a row says hosts as text, whichever form the table has them in.
func TestRowHosts(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 7, 9), tcp(2, "2001:db8::1", 1, "::ffff:10.0.0.2", 2, 8, 9)}
	for _, binary := range []bool{false, true} {
		at := 0
		_, err := match.Run(context.Background(), match.Input{Flows: write(t, rows, binary), Set: set(nil)}, match.DefaultConfig(), func(r *match.Row) error {
			if want := &rows[at]; r.Src() != want.src || r.Dst() != want.dst || r.Start != want.start {
				t.Errorf("binary %v: %s > %s at %d, want %+v", binary, r.Src(), r.Dst(), r.Start, want)
			}
			at++
			return nil
		})
		if err != nil || at != len(rows) {
			t.Error(at, err)
		}
	}
}
