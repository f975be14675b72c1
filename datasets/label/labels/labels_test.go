package labels_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/labels"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
)

// written writes batches as a table of one part and returns its path.
func written(t testing.TB, dir string, schema *column.Schema, fill func(sink func(*batch.Batch) error) error) string {
	t.Helper()
	var out bytes.Buffer
	f, err := parquetfile.NewFile(&out, schema, parquetfile.DefaultConfig(), nil)
	if err == nil {
		err = errors.Join(fill(f.Write), f.Close())
	}
	path := filepath.Join(dir, schema.Table+".parquet")
	if err == nil {
		err = os.WriteFile(path, out.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// rowsOf reads a table as text: a line a row, cells by |, nulls as -.
func rowsOf(t testing.TB, path string, columns ...string) []string {
	t.Helper()
	var lines []string
	err := tables.Read(context.Background(), path, func(s *column.Schema) ([]string, error) { return columns, nil }, func(b *batch.Batch) error {
		for i := range b.Rows {
			cells := make([]string, len(b.Vectors))
			for k := range b.Vectors {
				cells[k] = cellOf(b, k, i)
			}
			lines = append(lines, strings.Join(cells, "|"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func cellOf(b *batch.Batch, k, i int) string {
	v := &b.Vectors[k]
	if v.Null(i) {
		return "-"
	}
	switch b.Schema.Columns[k].Type {
	case column.Int64, column.Timestamp:
		return fmt.Sprint(v.Int64[i])
	case column.Int32:
		return fmt.Sprint(v.Int32[i])
	case column.Double:
		return fmt.Sprint(v.Float64[i])
	case column.ListString:
		var all []string
		for _, code := range v.Codes[v.Offsets[i]:v.Offsets[i+1]] {
			all = append(all, v.Dict[code])
		}
		return strings.Join(all, ",")
	case column.ListInt64:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(v.Int64[v.Offsets[i]:v.Offsets[i+1]]), " ", ","), "[]")
	}
	return v.String(i)
}

// TestSchemas: all tables are well formed, of one name each, and have nothing to learn from.
func TestSchemas(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range labels.Tables() {
		if err := table.Schema.Validate(); err != nil || table.Doc == "" || seen[table.Schema.Table] {
			t.Errorf("%s: %v", table.Schema.Table, err)
		}
		seen[table.Schema.Table] = true
		for _, c := range table.Schema.Columns {
			if c.Role == column.Feature {
				t.Errorf("%s.%s is a feature", table.Schema.Table, c.Name)
			}
		}
	}
}

// TestFlowRows: whatever is said of a flow is null unless it is labelled.
func TestFlowRows(t *testing.T) {
	row := labels.Flow{
		FlowID: 7, Capture: 1, Outcome: label.Labelled, Label: "scan", Category: "recon", MITRE: "T1046", Attempt: 1, Campaign: "night", RuleID: "r",
		Source: "bad\xff.yaml", SourceKind: label.YAMLRules, Confidence: 0.5, Overlap: 0.25, Reversed: true, Hits: 2, Version: "v",
	}
	path := written(t, t.TempDir(), labels.FlowSchema(), func(sink func(*batch.Batch) error) error {
		w := labels.NewFlows(sink)
		for _, o := range []label.Outcome{label.Labelled, label.Unlabelled, label.Ambiguous} {
			row.Outcome = o
			if err := w.Add(&row); err != nil {
				return err
			}
			row.Attempt, row.Confidence = labels.NoAttempt, -1
		}
		if w.Rows() != 3 {
			t.Error(w.Rows())
		}
		return w.Flush()
	})
	var all []string
	for _, c := range labels.FlowSchema().Columns {
		all = append(all, c.Name)
	}
	want := []string{
		"7|1|labelled|scan|recon|T1046|1|night|r|bad\uFFFD.yaml|rules|0.5|0.25|1|2|v",
		"7|1|unlabelled|-|-|-|-|-|-|-|-|-|-|-|2|v",
		"7|1|ambiguous|-|-|-|-|-|-|-|-|-|-|-|2|v",
	}
	if got := rowsOf(t, path, all...); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestHitRows: a line, a confidence and an attempt that the source does not give are null.
func TestHitRows(t *testing.T) {
	path := written(t, t.TempDir(), labels.HitSchema(), func(sink func(*batch.Batch) error) error {
		w := labels.NewHits(sink)
		return errors.Join(
			w.Add(&labels.Hit{FlowID: 1, RuleID: "r", Label: "l", Category: "c", Priority: -2, Source: "s", Line: 3, Confidence: 0, Overlap: 1, Reversed: true, Attempt: 0, Distance: -5, Shared: 2, Chosen: true}),
			w.Add(&labels.Hit{FlowID: 2, Label: "m", Source: "s", Confidence: -1, Attempt: labels.NoAttempt, Shared: 1}), w.Flush())
	})
	want := []string{"1|r|l|c|-2|s|3|0|1|1|0|-5|2|1", "2|-|m|-|0|s|-|-|0|0|-|0|1|0"}
	var all []string
	for _, c := range labels.HitSchema().Columns {
		all = append(all, c.Name)
	}
	if got := rowsOf(t, path, all...); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestRecords: messages have the label of their flow; those of flows that are not there are
// unlabelled; a packet that an event names is marked.
func TestRecords(t *testing.T) {
	schema := &column.Schema{Table: "dns", Version: 1, Columns: []column.Column{
		{Name: "flow_id", Type: column.Int64, Doc: "d"}, {Name: "capture_id", Type: column.Int32, Doc: "d"}, {Name: "packet_index", Type: column.Int64, Doc: "d"},
		{Name: "direction", Type: column.String, Doc: "d"},
	}}
	dir := t.TempDir()
	in := written(t, dir, schema, func(sink func(*batch.Batch) error) error {
		b := batch.New(schema)
		b.Vectors[3].Bytes, b.Vectors[3].Offsets = []byte("fwdrevfwdrev"), []int32{0, 3, 6, 9, 12}
		b.Vectors[0].Int64, b.Vectors[1].Int32, b.Vectors[2].Int64, b.Rows = []int64{5, 9, 5, 6}, []int32{0, 0, 1, 0}, []int64{1, 2, 3, 4}, 4
		return sink(b)
	})
	book := labels.NewBook(tables.NewView())
	err := errors.Join(book.Add(6, label.Ambiguous, "", "night", labels.NoRole), book.Add(5, label.Labelled, "scan", "night", labels.NoRole))
	book.Done()
	out := written(t, dir, labels.RecordSchema(), func(sink func(*batch.Batch) error) error {
		w := labels.NewRecords(sink)
		return errors.Join(err, book.Records(context.Background(), "dns", in, &labels.Named{Packets: labels.Places{{Capture: 1, Packet: 3}: true, {Capture: 0, Packet: 1}: false}}, w), w.Flush())
	})
	want := []string{"dns|0|5|0|1|labelled|scan|night|0", "dns|1|9|0|2|unlabelled|-|-|0", "dns|2|5|1|3|labelled|scan|night|1", "dns|3|6|0|4|ambiguous|-|-|0"}
	if got := rowsOf(t, out, "record_table", "record_row", "flow_id", "capture_id", "packet_index", "outcome", "label", "campaign", "named"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestRecordsNamed: an alert on a transaction names the last message of its direction that was
// complete by its packet: of HTTP that of the transaction, of others whichever it is. The packet itself is not meant.
func TestRecordsNamed(t *testing.T) {
	for table, want := range map[string][]string{"http": {"1 fwd", "2 rev"}, "tls": {"2 rev", "3 fwd"}} {
		schema := &column.Schema{Table: table, Version: 1, Columns: []column.Column{
			{Name: "flow_id", Type: column.Int64, Doc: "d"}, {Name: "capture_id", Type: column.Int32, Doc: "d"}, {Name: "packet_index", Type: column.Int64, Doc: "d"},
			{Name: "direction", Type: column.String, Doc: "d"}, {Name: "exchange", Type: column.Int64, Doc: "d"},
		}}
		dir := t.TempDir()
		in := written(t, dir, schema, func(sink func(*batch.Batch) error) error {
			b := batch.New(schema)
			b.Vectors[0].Int64, b.Vectors[1].Int32, b.Vectors[2].Int64 = []int64{5, 5, 5, 5, 6, 5}, []int32{0, 0, 0, 0, 0, 1}, []int64{1, 2, 3, 4, 1, 1}
			b.Vectors[3].Bytes, b.Vectors[3].Offsets = []byte("fwdrevfwdrevfwdfwd"), []int32{0, 3, 6, 9, 12, 15, 18}
			b.Vectors[4].Int64, b.Rows = []int64{1, 1, 2, 2, 1, 1}, 6
			return sink(b)
		})
		named := &labels.Named{
			Packets: labels.Places{{Capture: 0, Packet: 3}: false},
			Messages: []labels.Message{
				{FlowID: 5, Transaction: 1, Packet: 3}, {FlowID: 5, Transaction: 1, Packet: 3}, {FlowID: 5, Transaction: 1, Reverse: true, Packet: 3},
				{FlowID: 5, Transaction: 9, Packet: 3}, {FlowID: 6, Transaction: 1, Reverse: true, Packet: 9}, {FlowID: 7, Transaction: 1, Packet: 9},
				{FlowID: 5, Transaction: 1, Capture: 1, Packet: 0},
			},
		}
		out := written(t, dir, labels.RecordSchema(), func(sink func(*batch.Batch) error) error {
			w := labels.NewRecords(sink)
			return errors.Join(labels.NewBook(tables.NewView()).Records(context.Background(), table, in, named, w), w.Flush())
		})
		sides := []string{"fwd", "rev", "fwd", "rev", "fwd", "fwd"}
		var got []string
		for i, row := range rowsOf(t, out, "packet_index", "named") {
			if packet, is := strings.CutSuffix(row, "|1"); is {
				got = append(got, packet+" "+sides[i])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: named are %q, want %q", table, got, want)
		}
	}
}

// TestRecordsRefuses tables that lack what rows are told by, or have it of another type.
func TestRecordsRefuses(t *testing.T) {
	schema := &column.Schema{Table: "dns", Version: 1, Columns: []column.Column{
		{Name: "flow_id", Type: column.String, Doc: "d"}, {Name: "capture_id", Type: column.Int32, Doc: "d"}, {Name: "packet_index", Type: column.Int64, Doc: "d"},
	}}
	in := written(t, t.TempDir(), schema, func(func(*batch.Batch) error) error { return nil })
	w := labels.NewRecords(func(*batch.Batch) error { return nil })
	if err := labels.NewBook(tables.NewView()).Records(context.Background(), "dns", in, &labels.Named{}, w); !errors.Is(err, tables.ErrTable) {
		t.Error(err)
	}
}

// testFlow is a row of a flows table.
type testFlow struct {
	id         int64
	depth      int32
	src, dst   string
	start, end int64
	outcome    label.Outcome
	name       string
	role       labels.Role
	capture    int32
}

func flowsSchema() *column.Schema {
	s := &column.Schema{Table: "flows", Version: 1}
	for _, c := range []column.Column{
		{Name: "flow_id", Type: column.Int64}, {Name: "tunnel_depth", Type: column.Int32}, {Name: "src_ip", Type: column.String}, {Name: "dst_ip", Type: column.String},
		{Name: "start_ns", Type: column.Int64}, {Name: "end_ns", Type: column.Int64}, {Name: "capture_id", Type: column.Int32},
	} {
		c.Doc = "d"
		s.Columns = append(s.Columns, c)
	}
	return s
}

func hostsSchema() *column.Schema {
	return &column.Schema{Table: "hosts", Version: 1, Columns: []column.Column{
		{Name: "window_start_ns", Type: column.Int64, Doc: "d"}, {Name: "window_ns", Type: column.Int64, Doc: "d"}, {Name: "host", Type: column.String, Doc: "d"},
		{Name: "capture_id", Type: column.Int32, Doc: "d", Null: "n"},
	}}
}

// hostRow is a row of a hosts table.
type hostRow struct {
	start   int64
	host    string
	capture int32 // and 1 more; 0: null
}

// campaignOf is that of a flow: even ones are of one, odd ones of another.
func campaignOf(f *testFlow) string { return [2]string{"even", "odd"}[f.id%2] }

// windowLabels labels the windows, 10 ns long, of the hosts' rows.
func windowLabels(t testing.TB, dir string, flows []testFlow, hosts []hostRow) []string {
	t.Helper()
	out := windowTable(t, dir, flows, hosts)
	return rowsOf(t, out, "window_start_ns", "host", "outcome", "label", "role", "flows", "labelled_flows", "ambiguous_flows", "labels", "label_flows")
}

// windowTable is windowLabels before it is read.
func windowTable(t testing.TB, dir string, flows []testFlow, hosts []hostRow) string {
	t.Helper()
	book := labels.NewBook(tables.NewView())
	f := written(t, dir, flowsSchema(), func(sink func(*batch.Batch) error) error {
		b := batch.New(flowsSchema())
		for _, x := range flows {
			v := b.Vectors
			v[0].Int64, v[1].Int32 = append(v[0].Int64, x.id), append(v[1].Int32, x.depth)
			b.Vectors[2].AppendText([]byte(x.src))
			b.Vectors[3].AppendText([]byte(x.dst))
			v[4].Int64, v[5].Int64 = append(v[4].Int64, x.start), append(v[5].Int64, x.end)
			v[6].Int32 = append(v[6].Int32, x.capture)
			b.Rows++
			if err := book.Add(x.id, x.outcome, x.name, campaignOf(&x), x.role); err != nil {
				return err
			}
		}
		return sink(b)
	})
	book.Done()
	h := written(t, dir, hostsSchema(), func(sink func(*batch.Batch) error) error {
		b := batch.New(hostsSchema())
		for _, x := range hosts {
			v := b.Vectors
			v[0].Int64, v[1].Int64 = append(v[0].Int64, x.start), append(v[1].Int64, 10)
			b.Vectors[2].AppendText([]byte(x.host))
			v[3].Int32, v[3].Valid = append(v[3].Int32, max(x.capture-1, 0)), append(v[3].Valid, byte(min(x.capture, 1)))
			b.Rows++
		}
		return sink(b)
	})
	return written(t, dir, labels.WindowSchema(), func(sink func(*batch.Batch) error) error {
		w := labels.NewWindows(book, sink)
		return errors.Join(book.Windows(context.Background(), f, h, w), w.Flush())
	})
}

// TestWindowsOfNoAddress: hosts are kept, and a table of a stranger can have millions of bytes in each.
func TestWindowsOfNoAddress(t *testing.T) {
	h := written(t, t.TempDir(), hostsSchema(), func(sink func(*batch.Batch) error) error {
		b := batch.New(hostsSchema())
		v := b.Vectors
		v[0].Int64, v[1].Int64, b.Rows = []int64{0}, []int64{10}, 1
		v[2].AppendText([]byte(strings.Repeat("a", 65)))
		v[3].Int32, v[3].Valid = []int32{0}, []byte{0}
		return sink(b)
	})
	book := labels.NewBook(tables.NewView())
	w := labels.NewWindows(book, func(*batch.Batch) error { return nil })
	if err := book.Windows(context.Background(), h, h, w); !errors.Is(err, tables.ErrTable) || !strings.Contains(err.Error(), "65 bytes") {
		t.Error(err)
	}
}

// TestWindowCampaigns: a window is of the campaign of most flows with its label.
func TestWindowCampaigns(t *testing.T) {
	flows := []testFlow{
		{1, 0, "a", "b", 5, 12, label.Labelled, "scan", labels.Attacker, 0}, // windows 0 and 10
		{2, 0, "a", "c", 10, 10, label.Labelled, "scan", labels.Attacker, 0},
		{4, 0, "a", "c", 25, 35, label.Labelled, "scan", labels.Attacker, 0}, // windows 20 and 30
		{6, 0, "a", "c", 32, 33, label.Labelled, "scan", labels.Attacker, 0},
		{5, 0, "a", "c", 31, 34, label.Labelled, "scan", labels.Attacker, 0},
		{7, 0, "a", "c", 31, 34, label.Labelled, "web", labels.Attacker, 0}, // odd campaigns have as many flows there
		{3, 0, "a", "c", 40, 41, label.Ambiguous, "", labels.NoRole, 0},
	}
	out := windowTable(t, t.TempDir(), flows, []hostRow{{0, "a", 0}, {10, "a", 0}, {20, "a", 0}, {30, "a", 0}, {40, "a", 0}, {50, "a", 0}})
	want := []string{"0|scan|odd", "10|scan|even", "20|scan|even", "30|scan|even", "40|-|-", "50|-|-"}
	if got := rowsOf(t, out, "window_start_ns", "label", "campaign"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestWindows is worked by hand: the label of most flows, a tie, what began before the window,
// an end on its edge, roles, inner flows, parts of one window.
func TestWindows(t *testing.T) {
	flows := []testFlow{
		{1, 0, "a", "b", 5, 12, label.Labelled, "scan", labels.Attacker, 0},  // windows 0 and 10
		{2, 0, "a", "c", 10, 10, label.Labelled, "scan", labels.Attacker, 0}, // window 10
		{3, 0, "b", "a", 11, 20, label.Labelled, "web", labels.NoRole, 0},    // windows 10 and 20
		{4, 0, "a", "b", 21, 22, label.Ambiguous, "", labels.NoRole, 0},
		{5, 0, "a", "b", 31, 32, label.Ambiguous, "", labels.NoRole, 0},
		{6, 1, "a", "b", 0, 99, label.Labelled, "inner", labels.Attacker, 0}, // does not count
		{7, 0, "a", "a", 41, 42, label.Labelled, "self", labels.Attacker, 0},
		{8, 0, "c", "a", 19, 19, label.Unlabelled, "", labels.NoRole, 0},
	}
	hosts := []hostRow{{0, "a", 0}, {0, "b", 0}, {10, "a", 0}, {10, "a", 0}, {10, "b", 0}, {20, "a", 0}, {30, "a", 0}, {40, "a", 0}, {50, "a", 0}, {10, "c", 0}}
	want := []string{
		"0|a|labelled|scan|attacker|1|1|0|scan|1",
		"0|b|labelled|scan|victim|1|1|0|scan|1",
		"10|a|labelled|scan|attacker|4|3|0|scan,web|2,1",
		"10|b|ambiguous|-|-|2|2|0|scan,web|1,1",
		"10|c|labelled|scan|victim|2|1|0|scan|1",
		"20|a|labelled|web|-|2|1|1|web|1",
		"30|a|ambiguous|-|-|1|0|1||",
		"40|a|labelled|self|attacker|1|1|0|self|1",
		"50|a|unlabelled|-|-|0|0|0||",
	}
	if got := windowLabels(t, t.TempDir(), flows, hosts); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWindowsApart: where captures were read by themselves, so were their windows.
func TestWindowsApart(t *testing.T) {
	flows := []testFlow{
		{1, 0, "a", "b", 1, 2, label.Labelled, "scan", labels.Attacker, 0},
		{2, 0, "a", "b", 1, 2, label.Labelled, "web", labels.NoRole, 1},
	}
	want := []string{"0|a|labelled|scan|attacker|1|1|0|scan|1", "0|a|labelled|web|-|1|1|0|web|1"}
	if got := windowLabels(t, t.TempDir(), flows, []hostRow{{0, "a", 1}, {0, "a", 2}}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestWindowsBrute compares with looking at every flow for every window.
func TestWindowsBrute(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		names := []string{"", "x", "y", "z"}
		hostNames := []string{"a", "b", "c"}
		var flows []testFlow
		for i := range rapid.IntRange(0, 30).Draw(r, "flows") {
			f := testFlow{id: int64(i), src: rapid.SampledFrom(hostNames).Draw(r, "src"), dst: rapid.SampledFrom(hostNames).Draw(r, "dst")}
			f.start = rapid.Int64Range(-40, 100).Draw(r, "start")
			f.end = f.start + rapid.Int64Range(0, 60).Draw(r, "length")
			f.depth = int32(rapid.IntRange(0, 9).Draw(r, "depth") / 9)
			if f.name = rapid.SampledFrom(names).Draw(r, "label"); f.name != "" {
				f.outcome = label.Labelled
			} else if rapid.Bool().Draw(r, "ambiguous") {
				f.outcome = label.Ambiguous
			}
			flows = append(flows, f)
		}
		var hosts []hostRow
		for range rapid.IntRange(1, 20).Draw(r, "rows") {
			hosts = append(hosts, hostRow{10 * rapid.Int64Range(-4, 12).Draw(r, "window"), rapid.SampledFrom(hostNames).Draw(r, "host"), 0})
		}
		dir, err := os.MkdirTemp("", "h-windows")
		if err != nil {
			r.Fatal(err)
		}
		defer os.RemoveAll(dir)
		got := windowLabels(t, dir, flows, hosts)
		want := bruteWindows(flows, hosts)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			r.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func bruteWindows(flows []testFlow, hosts []hostRow) (lines []string) {
	seen := map[hostRow]bool{}
	for _, h := range hosts {
		if seen[h] {
			continue
		}
		seen[h] = true
		all, ambiguous, labelled, counts := 0, 0, 0, map[string]int{}
		for _, f := range flows {
			if f.depth != 0 || f.src != h.host && f.dst != h.host || f.end < h.start || f.start >= h.start+10 {
				continue
			}
			all++
			switch f.outcome {
			case label.Ambiguous:
				ambiguous++
			case label.Labelled:
				labelled++
				counts[f.name]++
			}
		}
		var names, numbers []string
		for n := all; n > 0; n-- {
			for _, name := range []string{"x", "y", "z"} {
				if counts[name] == n {
					names, numbers = append(names, name), append(numbers, fmt.Sprint(n))
				}
			}
		}
		outcome, name := "unlabelled", "-"
		switch {
		case len(names) > 1 && numbers[0] == numbers[1], len(names) == 0 && ambiguous > 0:
			outcome = "ambiguous"
		case len(names) > 0:
			outcome, name = "labelled", names[0]
		}
		lines = append(lines, fmt.Sprintf("%d|%s|%s|%s|-|%d|%d|%d|%s|%s", h.start, h.host, outcome, name, all, labelled, ambiguous, strings.Join(names, ","), strings.Join(numbers, ",")))
	}
	return lines
}

// TestBookLimit: more labels than are kept are refused, never merged.
func TestBookLimit(t *testing.T) {
	book := labels.NewBook(tables.NewView())
	for i := range labels.MaxLabels {
		if err := book.Add(int64(i), label.Labelled, fmt.Sprint(i), "", labels.NoRole); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Add(-1, label.Labelled, "one more", "", labels.NoRole); !errors.Is(err, labels.ErrLimit) {
		t.Error(err)
	}
	if err := book.Add(-1, label.Labelled, "7", "", labels.NoRole); err != nil {
		t.Error(err)
	}
}
