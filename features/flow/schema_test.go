package flow_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
)

var update = flag.Bool("update", false, "rewrite testdata/schema.txt")

func newTable(t *testing.T, names ...string) *flow.Table {
	t.Helper()
	return newTableOf(t, flow.AddrText, names...)
}

func newTableOf(t *testing.T, addr flow.AddrFormat, names ...string) *flow.Table {
	t.Helper()
	table, err := flow.NewTable(names, addr)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestSchema compares the whole table's schema with its golden file, so that each
// change of a column is seen. Run with -update to accept one.
func TestSchema(t *testing.T) {
	got := newTableOf(t, flow.AddrBoth, "all").Schema.Describe()
	path := filepath.Join("testdata", "schema.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for _, line := range w {
		if !slices.Contains(g, line) {
			t.Errorf("- %s", line)
		}
	}
	for _, line := range g {
		if !slices.Contains(w, line) {
			t.Errorf("+ %s", line)
		}
	}
	t.Error("the schema differs from testdata/schema.txt, if only in order; -update accepts it")
}

// TestSchemaIsSelfExplaining holds what the design asks of every column.
func TestSchemaIsSelfExplaining(t *testing.T) {
	s := newTableOf(t, flow.AddrBoth, "all").Schema
	if n := len(newTable(t, "default").Schema.Columns); n < 120 {
		t.Errorf("%d columns by default, want at least 120", n)
	}
	for _, c := range s.Columns {
		switch {
		case c.Group == "" || c.Doc == "":
			t.Errorf("%s has no group or no doc", c.Name)
		case strings.HasSuffix(c.Name, "_ns") && c.Unit != column.Nanos && c.Unit != column.EpochNano:
			t.Errorf("%s has unit %q", c.Name, c.Unit)
		case strings.HasSuffix(c.Name, "_bytes") && c.Unit != column.Bytes:
			t.Errorf("%s has unit %q", c.Name, c.Unit)
		case strings.HasSuffix(c.Name, "_packets") && c.Unit != column.Packets:
			t.Errorf("%s has unit %q", c.Name, c.Unit)
		case (c.Unit == column.Nanos || c.Unit == column.EpochNano) && !strings.HasSuffix(c.Name, "_ns") && !strings.HasSuffix(c.Name, "_histogram"):
			t.Errorf("%s counts nanoseconds", c.Name)
		case !strings.HasSuffix(c.Doc, "."):
			t.Errorf("the doc of %s is no sentence", c.Name)
		}
	}
}

// TestCoreColumns holds the columns that the design fixes by name and order.
func TestCoreColumns(t *testing.T) {
	var got []string
	for _, c := range newTable(t, "core").Schema.Columns {
		got = append(got, c.Name)
	}
	want := strings.Fields(`flow_id conn_id piece_no tunnel_depth parent_flow_id community_id capture_id first_packet_index
		src_ip src_port dst_ip dst_port icmp_type icmp_code protocol ip_version vlan_ids start_ns start_time end_ns end_time
		duration_ns fwd_packets rev_packets fwd_wire_bytes rev_wire_bytes fwd_ip_bytes rev_ip_bytes fwd_payload_bytes
		rev_payload_bytes conn_state history end_reason`)
	if !slices.Equal(got[:len(want)], want) || !slices.Contains(got, "direction_evidence") {
		t.Errorf("core columns are %v", got)
	}
}

// TestAddrFormats: each format has its columns, in their place, and all else is the
// same.
func TestAddrFormats(t *testing.T) {
	for addr, want := range map[flow.AddrFormat]string{
		flow.AddrText:   "src_ip src_port dst_ip dst_port",
		flow.AddrBinary: "src_ip_binary src_port dst_ip_binary dst_port",
		flow.AddrBoth:   "src_ip src_ip_binary src_port dst_ip dst_ip_binary dst_port",
	} {
		var names []string
		for _, c := range newTableOf(t, addr, "default").Schema.Columns {
			names = append(names, c.Name)
		}
		if !strings.Contains(strings.Join(names, " "), "first_packet_index "+want+" icmp_type") {
			t.Errorf("%s: columns %v", addr, names)
		}
	}
	if _, err := flow.NewTable([]string{"default"}, "hex"); err == nil || !strings.Contains(err.Error(), "text, binary, both") {
		t.Errorf("unknown format: %v", err)
	}
}

func TestGroups(t *testing.T) {
	all := newTable(t, "all")
	for _, name := range flow.GroupNames() {
		table := newTable(t, name)
		for _, c := range table.Schema.Columns {
			if c.Group != name && c.Group != "core" {
				t.Errorf("group %s has column %s of %s", name, c.Name, c.Group)
			}
			if all.Schema.Index(c.Name) < 0 {
				t.Errorf("group all lacks %s", c.Name)
			}
		}
	}
	if _, err := flow.NewTable([]string{"size", "sizes"}, flow.AddrText); err == nil || !strings.Contains(err.Error(), "sizes") {
		t.Errorf("unknown group: %v", err)
	}
	if table := newTable(t, "default"); table.Extras {
		t.Error("the default groups need Extras")
	}
}

// TestFillNothing fills a batch from no rows.
func TestFillNothing(t *testing.T) {
	table := newTable(t, "all")
	b := batch.New(table.Schema)
	table.Fill(b, nil, nil, nil)
	if b.Rows != 0 {
		t.Errorf("%d rows", b.Rows)
	}
}
