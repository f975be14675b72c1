package build_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/datasets/build"
	"pcapmill/datasets/build/buildtest"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
)

// week is a handful of flows with every outcome.
func week() []buildtest.Flow {
	return []buildtest.Flow{
		{ID: 1, Src: "10.0.0.1", Dst: "10.0.0.9", SrcPort: 1000, DstPort: 80, Start: 10, End: 20, Packets: 3, Mean: 1.5, State: "SF", Label: "DoS", Campaign: "r1"},
		{ID: 2, Conn: 1, Src: "10.0.0.1", Dst: "10.0.0.9", SrcPort: 1000, DstPort: 80, Start: 20, End: 30, Packets: 4, Mean: 2.5, State: "SF", Label: "DoS", Campaign: "r1"},
		{ID: 3, Src: "10.0.0.2", Dst: "10.0.0.9", Start: 12, End: 12, State: "", Outcome: "unlabelled"},
		{ID: 4, Src: "10.0.0.2", Dst: "10.0.0.8", SrcPort: 5, DstPort: 22, Start: 15, End: 45, Packets: 9, Mean: 7, State: "S0", Outcome: "ambiguous"},
		{ID: 5, Src: "10.0.0.3", Dst: "10.0.0.9", SrcPort: 5, DstPort: 22, Start: 16, End: 46, Packets: 1, Mean: 8, State: "S0", Label: "Brute - Attempted", Campaign: "r2", Attempt: 1, Capture: 1},
		{ID: 6, Src: "10.0.0.3", Dst: "10.0.0.9", SrcPort: 6, DstPort: 22, Start: 17, End: 47, Packets: 2, Mean: 9, State: "SF", Label: "Brute", Campaign: "r2", Capture: 1},
	}
}

// made builds a dataset of one run.
func made(t *testing.T, flows []buildtest.Flow, options map[string]string, change func(*build.Config)) (*build.Summary, string) {
	t.Helper()
	dir := t.TempDir()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 2, 3, buildtest.Flows(flows))
	labels := buildtest.Labels(t, filepath.Join(dir, "labels"), options, []string{run}, buildtest.FlowLabels(flows))
	s, out, err := ofFolders(filepath.Join(dir, "ds"), change, []string{run}, []string{labels})
	if err != nil {
		t.Fatal(err)
	}
	return s, out
}

func ofFolders(out string, change func(*build.Config), runs, labels []string) (*build.Summary, string, error) {
	cfg := build.DefaultConfig()
	cfg.MinClass = 0
	if change != nil {
		change(&cfg)
	}
	pairs, err := build.OpenPairs(runs, labels)
	if err != nil {
		return nil, "", err
	}
	f, err := folder.Create(out, folder.Spec{Kind: build.Kind, Options: cfg.Options(), Sources: build.Sources(pairs), Tool: buildtest.Tool(), Parquet: parquetfile.DefaultConfig()})
	if err != nil {
		return nil, "", err
	}
	defer f.Abort() //nolint:errcheck // a test
	s, err := build.Run(context.Background(), cfg, pairs, f)
	if err != nil {
		return nil, "", err
	}
	return s, out, f.Finish(s.Notes)
}

// column returns a column's values as text, - for null.
func values(t *testing.T, path, name string) []string {
	t.Helper()
	var all []string
	pick := func(*column.Schema) ([]string, error) { return []string{name}, nil }
	err := tables.Read(context.Background(), path, pick, func(b *batch.Batch) error {
		v, c := &b.Vectors[0], &b.Schema.Columns[0]
		for i := range b.Rows {
			switch {
			case v.Null(i):
				all = append(all, "-")
			case c.Type == column.Int64:
				all = append(all, fmt.Sprint(v.Int64[i]))
			case c.Type == column.Int32:
				all = append(all, fmt.Sprint(v.Int32[i]))
			case c.Type == column.Double:
				all = append(all, fmt.Sprint(v.Float64[i]))
			default:
				all = append(all, v.String(i))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantColumn(t *testing.T, ds, table, name, want string) {
	t.Helper()
	if got := strings.Join(values(t, filepath.Join(ds, table), name), " "); got != want {
		t.Errorf("%s of %s: %s, want %s", name, table, got, want)
	}
}

func names(cols []build.Column) (all []string) {
	for _, c := range cols {
		all = append(all, c.Name)
	}
	return all
}

// TestBuild: of six flows the labelled ones are in, with features and labels alone in data and
// all the rest beside it.
func TestBuild(t *testing.T) {
	s, ds := made(t, week(), nil, nil)
	if got := fmt.Sprint(names(s.Columns)); got != "[protocol fwd_packets fwd_mean state label category mitre attempt]" {
		t.Errorf("columns %s", got)
	}
	if s.Rows != 4 || s.Read != 6 || fmt.Sprint(s.LeftOut) != "[{no source says anything of them 1} {they are ambiguous 1}]" {
		t.Errorf("%d of %d rows, %v", s.Rows, s.Read, s.LeftOut)
	}
	wantColumn(t, ds, "data", "fwd_packets", "3 4 1 2")
	wantColumn(t, ds, "data", "label", "DoS DoS Brute - Attempted Brute")
	wantColumn(t, ds, "data", "attempt", "- - 1 -")
	for name, want := range map[string]string{
		"flow_id": "1 2 5 6", "conn_id": "1 1 5 6", "run": "0 0 0 0", "capture_id": "0 0 1 1", "capture": "0 0 1 1", "packet_index": "- - - -",
		"start_ns": "10 20 16 17", "end_ns": "20 30 46 47", "src_ip": "10.0.0.1 10.0.0.1 10.0.0.3 10.0.0.3", "dst_port": "80 80 22 22",
		"outcome": "labelled labelled labelled labelled", "label": "DoS DoS Brute - Attempted Brute", "campaign": "r1 r1 r2 r2", "overlap": "1 1 1 1", "confidence": "- - - -",
	} {
		wantColumn(t, ds, "keys", name, want)
	}
	wantColumn(t, ds, "captures", "name", "capture-0.pcap capture-1.pcap")
	if c := s.Classes[0]; *c.Label != "DoS" || c.Rows != 2 || c.Share != 0.5 || *c.Weight != 4.0/(3*2) {
		t.Errorf("class %+v", c)
	}
	data, err := os.ReadFile(filepath.Join(ds, build.Report))
	var report build.Summary
	if err != nil || json.Unmarshal(data, &report) != nil || report.Rows != 4 {
		t.Errorf("report: %v %s", err, data)
	}
}

// TestRows: which rows stay, and what they are called.
func TestRows(t *testing.T) {
	m, err := build.ParseMap([]byte("map:\n  DoS: flood\n  Brute: guess\ndrop: [Brute - Attempted]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*build.Config)
		ids    string
		labels string
	}{
		"condition":  {func(c *build.Config) { c.Where = "dst_port = 22 and fwd_packets > 1" }, "6", "Brute"},
		"unlabelled": {func(c *build.Config) { c.Unlabelled = "BENIGN" }, "1 2 3 5 6", "DoS DoS BENIGN Brute - Attempted Brute"},
		"outcomes":   {func(c *build.Config) { c.Outcomes = []string{"unlabelled", "ambiguous"} }, "3 4", "- -"},
		"ambiguous":  {func(c *build.Config) { c.Ambiguous = "odd" }, "1 2 4 5 6", "DoS DoS odd Brute - Attempted Brute"},
		"same":       {func(c *build.Config) { c.Attempted = build.AttemptSame }, "1 2 5 6", "DoS DoS Brute Brute"},
		"no attempt": {func(c *build.Config) { c.Attempted = build.AttemptDrop }, "1 2 6", "DoS DoS Brute"},
		"map":        {func(c *build.Config) { c.Map = m }, "1 2 6", "flood flood guess"},
		"small":      {func(c *build.Config) { c.MinClass, c.Small = 2, build.SmallDrop }, "1 2", "DoS DoS"},
		"small kept": {func(c *build.Config) { c.MinClass = 2 }, "1 2 5 6", "DoS DoS Brute - Attempted Brute"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ds := made(t, week(), nil, c.change)
			wantColumn(t, ds, "keys", "flow_id", c.ids)
			wantColumn(t, ds, "data", "label", c.labels)
		})
	}
}

// TestColumns: which columns there are, and the notes on those that tell too much.
func TestColumns(t *testing.T) {
	options := map[string]string{"predicate_columns": "fwd_packets,rev_mean"}
	labelled := " label category mitre attempt"
	for name, c := range map[string]struct {
		change func(*build.Config)
		want   string
		notes  int
	}{
		"label-derived": {func(*build.Config) {}, "protocol state", 0},
		"asked for":     {func(c *build.Config) { c.Columns = []string{"fwd_packets", "s*"} }, "fwd_packets state", 1},
		"globs":         {func(c *build.Config) { c.Columns, c.LeakProne = []string{"*_ip", "*_port"}, build.LeakWarn }, "src_ip src_port dst_ip dst_port", 4},
		"kept":          {func(c *build.Config) { c.Columns, c.LeakProne = []string{"*_ip"}, build.LeakKeep }, "src_ip dst_ip", 0},
		"dropped":       {func(c *build.Config) { c.Drop = []string{"stat?"} }, "protocol", 0},
		"roles":         {func(c *build.Config) { c.KeepRoles, c.Drop = []column.Role{column.Time}, []string{"protocol"} }, "start_ns end_ns state", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := made(t, week(), options, c.change)
			if got := strings.Join(names(s.Columns), " "); got != c.want+labelled {
				t.Errorf("%s, want %s", got, c.want)
			}
			if len(s.Notes) != c.notes {
				t.Errorf("notes %q, want %d", s.Notes, c.notes)
			}
		})
	}
}

// TestOrder: labels in another order are found by their keys, and labels of other rows refused.
func TestOrder(t *testing.T) {
	flows := week()
	dir := t.TempDir()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 2, 3, buildtest.Flows(flows))
	labelled := func(name string, flows []buildtest.Flow) string {
		return buildtest.Labels(t, filepath.Join(dir, name), nil, []string{run}, buildtest.FlowLabels(flows))
	}
	turned := slices.Clone(flows)
	slices.Reverse(turned)
	s, ds, err := ofFolders(filepath.Join(dir, "ds"), nil, []string{run}, []string{labelled("turned", turned)})
	if err != nil {
		t.Fatal(err)
	}
	wantColumn(t, ds, "data", "label", "DoS DoS Brute - Attempted Brute")
	if fmt.Sprint(s.Notes) != "[labels are in another order than rows: they were joined by their keys]" {
		t.Errorf("notes %q", s.Notes)
	}
	little := func(c *build.Config) { c.Memory = 100 }
	long := slices.Clone(flows)
	long[0].Label = strings.Repeat("a", label.MaxLabel+1)
	for name, c := range map[string]struct {
		labels string
		change func(*build.Config)
		want   error
		text   string
	}{
		"fewer":   {labelled("fewer", flows[:5]), nil, build.ErrInput, "no row for flow_id 6"},
		"others":  {labelled("others", append(turned, buildtest.Flow{ID: 7})), nil, build.ErrInput, "1 rows of flow_labels are about none"},
		"twice":   {labelled("twice", append(slices.Clone(turned), turned[0])), nil, build.ErrInput, "about the same row"},
		"long":    {labelled("long", long), nil, build.ErrLimit, "too many bytes in a label: 8193"},
		"no room": {filepath.Join(dir, "turned"), little, build.ErrLimit, "too many labels"},
	} {
		_, _, err := ofFolders(filepath.Join(dir, "out"), c.change, []string{run}, []string{c.labels})
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPairs: runs find the labels that were made of them, and captures of different runs have
// different numbers.
func TestPairs(t *testing.T) {
	dir := t.TempDir()
	var runs, labels []string
	for i := range 2 {
		flows := week()[:2+i]
		for k := range flows {
			flows[k].ID += int64(100 * i)
			flows[k].Capture = int32(i)
			flows[k].Outcome = ""
			flows[k].Label = fmt.Sprint("day", i)
		}
		runs = append(runs, buildtest.Run(t, filepath.Join(dir, fmt.Sprint("run", i)), 2, 3, buildtest.Flows(flows)))
		labels = append(labels, buildtest.Labels(t, filepath.Join(dir, fmt.Sprint("labels", i)), nil, runs[i:], buildtest.FlowLabels(flows)))
	}
	s, ds, err := ofFolders(filepath.Join(dir, "ds"), nil, runs, []string{labels[1], labels[0]})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Notes, "\n"); !strings.Contains(got, "runs 0 and 1 have read the same capture, capture-0.pcap") { // as the hashes of its inputs say
		t.Errorf("notes %q", s.Notes)
	}
	moved := slices.Clone(runs) // what runs are called is in no byte
	for i := range moved {
		moved[i] += " elsewhere"
		if err := os.Rename(runs[i], moved[i]); err != nil {
			t.Fatal(err)
		}
	}
	again, _, err := ofFolders(filepath.Join(dir, "again"), nil, moved, labels)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.Notes, s.Notes) {
		t.Errorf("notes %q, and %q of folders of other names", s.Notes, again.Notes)
	}
	runs = moved
	wantColumn(t, ds, "keys", "run", "0 0 1 1 1")
	wantColumn(t, ds, "keys", "capture", "0 0 3 3 3")
	wantColumn(t, ds, "data", "label", "day0 day0 day1 day1 day1")
	wantColumn(t, ds, "captures", "capture", "0 1 2 3")
	for name, c := range map[string]struct{ runs, labels []string }{
		"no labels":   {runs, labels[:1]},
		"other run":   {runs[:1], labels},
		"two of them": {runs[:1], []string{labels[0], labels[0]}},
		"run twice":   {[]string{runs[0], runs[1], runs[0]}, labels},
	} {
		if _, err := build.OpenPairs(c.runs, c.labels); !errors.Is(err, build.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManyRuns: a dataset of more runs than the steps behind a folder may be could be made, and not be read.
func TestManyRuns(t *testing.T) {
	for n, want := range map[int]error{490: folder.ErrFolder, 491: build.ErrLimit} { // none of them is there
		if _, err := build.OpenPairs(make([]string, n), nil); !errors.Is(err, want) {
			t.Errorf("%d runs: %v, want %v", n, err, want)
		}
	}
}

// id is a column of a key.
func id(name string, typ column.Type) column.Column {
	return column.Column{Name: name, Type: typ, Role: column.Identity, Doc: "d"}
}

// TestMessages: rows of a table of messages have the labels of their own table, and the
// connection of their flow.
func TestMessages(t *testing.T) {
	dns := &buildtest.Table{Schema: &column.Schema{Table: "dns", Version: 1, Columns: []column.Column{
		id("flow_id", column.Int64), id("capture_id", column.Int32), id("packet_index", column.Int64), id("time_ns", column.Int64),
		id("src_ip", column.String), id("dst_ip", column.String), {Name: "answers", Type: column.Int32, Doc: "d"},
	}}}
	labels := &buildtest.Table{Schema: &column.Schema{Table: "record_labels", Version: 1, Columns: []column.Column{
		id("record_table", column.String), id("flow_id", column.Int64), id("packet_index", column.Int64), id("outcome", column.String),
		{Name: "label", Type: column.String, Doc: "d", Null: "n"}, {Name: "campaign", Type: column.String, Doc: "d", Null: "n"},
	}}}
	for i := range int64(4) {
		dns.Rows = append(dns.Rows, []any{i/2 + 1, int32(0), 10 + i, 100 + i, "10.0.0.1", "10.0.0.2", int32(i)})
		labels.Rows = append(labels.Rows, []any{"tls", i, i, "unlabelled", nil, nil}, []any{"dns", i/2 + 1, 10 + i, "labelled", fmt.Sprint("c", i%2), "night"})
	}
	dir := t.TempDir()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 1, 3, dns, buildtest.Flows(week()))
	said := buildtest.Labels(t, filepath.Join(dir, "labels"), nil, []string{run}, labels)
	_, ds, err := ofFolders(filepath.Join(dir, "ds"), func(c *build.Config) { c.Table = "dns" }, []string{run}, []string{said})
	if err != nil {
		t.Fatal(err)
	}
	wantColumn(t, ds, "data", "answers", "0 1 2 3")
	wantColumn(t, ds, "data", "label", "c0 c1 c0 c1")
	wantColumn(t, ds, "keys", "conn_id", "1 1 1 1") // flow 2 is a piece of 1
	wantColumn(t, ds, "keys", "end_ns", "100 101 102 103")
	wantColumn(t, ds, "keys", "campaign", "night night night night")
}

// TestBinaryAddresses: keys have the addresses that text would have, those of IPv6 with one of IPv4 in them too.
func TestBinaryAddresses(t *testing.T) {
	dns := &buildtest.Table{Schema: &column.Schema{Table: "dns", Version: 1, Columns: []column.Column{
		id("flow_id", column.Int64), id("capture_id", column.Int32), id("packet_index", column.Int64), id("time_ns", column.Int64),
		id("src_ip_binary", column.Binary), id("dst_ip_binary", column.Binary), {Name: "answers", Type: column.Int32, Doc: "d"},
	}}}
	labels := &buildtest.Table{Schema: &column.Schema{Table: "record_labels", Version: 1, Columns: []column.Column{
		id("record_table", column.String), id("flow_id", column.Int64), id("packet_index", column.Int64), id("outcome", column.String), {Name: "label", Type: column.String, Doc: "d", Null: "n"},
	}}}
	texts := []string{"10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"}
	for i, text := range texts {
		raw := string(netip.MustParseAddr(text).AsSlice())
		dns.Rows = append(dns.Rows, []any{int64(1), int32(0), int64(i), int64(i), raw, raw, int32(i)})
		labels.Rows = append(labels.Rows, []any{"dns", int64(1), int64(i), "labelled", "c"})
	}
	dir := t.TempDir()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 1, 3, dns, buildtest.Flows(week()))
	said := buildtest.Labels(t, filepath.Join(dir, "labels"), nil, []string{run}, labels)
	_, ds, err := ofFolders(filepath.Join(dir, "ds"), func(c *build.Config) { c.Table = "dns" }, []string{run}, []string{said})
	if err != nil {
		t.Fatal(err)
	}
	wantColumn(t, ds, "keys", "src_ip", strings.Join(texts, " "))
	wantColumn(t, ds, "keys", "dst_ip", strings.Join(texts, " "))
}

// TestText: people are told how many columns are not in data, and why.
func TestText(t *testing.T) {
	s, _ := made(t, week(), map[string]string{"predicate_columns": "fwd_packets"}, func(c *build.Config) { c.Drop = []string{"state"} })
	var b strings.Builder
	if err := s.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range s.Excluded {
		counts[e.Reason+" "+e.Role]++
	}
	for _, want := range []string{"1 that rules ask for", "1 dropped by name", fmt.Sprint(counts["its role is not kept leak_prone"], " leak_prone"), "4 label columns", fmt.Sprint("not in data: ", len(s.Excluded))} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q lacks %q", b.String(), want)
		}
	}
}

// TestWindows: rows of hosts find the labels of their window, however many parts it has.
func TestWindows(t *testing.T) {
	id := func(name string, typ column.Type, null string) column.Column {
		return column.Column{Name: name, Type: typ, Role: column.Identity, Doc: "d", Null: null}
	}
	keys := []column.Column{id("window_start_ns", column.Int64, ""), id("window_ns", column.Int64, ""), id("host", column.String, "")}
	hosts := &buildtest.Table{Schema: &column.Schema{Table: "hosts", Version: 1, Columns: append(slices.Clone(keys), id("capture_id", column.Int32, "one"), column.Column{Name: "out_packets", Type: column.Int64, Doc: "d"})}}
	labels := &buildtest.Table{Schema: &column.Schema{Table: "window_labels", Version: 1, Columns: append(slices.Clone(keys), id("outcome", column.String, ""), id("label", column.String, "n"))}}
	hosts.Rows = [][]any{{int64(0), int64(60), "a", nil, int64(1)}, {int64(0), int64(60), "b", nil, int64(2)}, {int64(60), int64(60), "a", nil, int64(3)}, {int64(60), int64(60), "a", nil, int64(4)}}
	labels.Rows = [][]any{{int64(60), int64(60), "a", "labelled", "X"}, {int64(0), int64(60), "b", "unlabelled", nil}, {int64(0), int64(60), "a", "labelled", "Y"}}
	dir := t.TempDir()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 1, 3, hosts)
	said := buildtest.Labels(t, filepath.Join(dir, "labels"), nil, []string{run}, labels)
	s, ds, err := ofFolders(filepath.Join(dir, "ds"), func(c *build.Config) { c.Table = "hosts" }, []string{run}, []string{said})
	if err != nil {
		t.Fatal(err)
	}
	wantColumn(t, ds, "data", "label", "Y X X")
	for name, want := range map[string]string{"src_ip": "a a a", "start_ns": "0 60 60", "end_ns": "60 120 120", "flow_id": "- - -", "dst_ip": "- - -", "capture": "- - -", "campaign": "- - -"} {
		wantColumn(t, ds, "keys", name, want)
	}
	if s.Columns[0].Sees != build.SeesWindow {
		t.Errorf("%+v", s.Columns[0])
	}
}

// TestAttemptsByTheirLabel: tables of labels of messages and windows have no column that tells attempts.
func TestAttemptsByTheirLabel(t *testing.T) {
	id := func(name string, typ column.Type, null string) column.Column {
		return column.Column{Name: name, Type: typ, Role: column.Identity, Doc: "d", Null: null}
	}
	keys := []column.Column{id("window_start_ns", column.Int64, ""), id("window_ns", column.Int64, ""), id("host", column.String, "")}
	hosts := &buildtest.Table{Schema: &column.Schema{Table: "hosts", Version: 1, Columns: append(slices.Clone(keys), id("capture_id", column.Int32, "one"), column.Column{Name: "out_packets", Type: column.Int64, Doc: "d"})}}
	labels := &buildtest.Table{Schema: &column.Schema{Table: "window_labels", Version: 1, Columns: append(slices.Clone(keys), id("outcome", column.String, ""), id("label", column.String, "n"))}}
	for i, name := range []string{"X - Attempted", "X", "Y"} {
		host := fmt.Sprint("h", i)
		hosts.Rows = append(hosts.Rows, []any{int64(0), int64(60), host, nil, int64(i)})
		labels.Rows = append(labels.Rows, []any{int64(0), int64(60), host, "labelled", name})
	}
	for _, c := range []struct{ made, asked, want string }{
		{"suffix", build.AttemptKeep, "X - Attempted X Y"}, {"suffix", build.AttemptSame, "X X Y"}, {"suffix", build.AttemptDrop, "X Y"},
		{"same", build.AttemptSame, "X X Y"}, {"same", build.AttemptDrop, ""}, {"drop", build.AttemptDrop, "X Y"},
	} {
		dir := t.TempDir()
		run := buildtest.Run(t, filepath.Join(dir, "run"), 1, 3, hosts)
		said := buildtest.Labels(t, filepath.Join(dir, "labels"), map[string]string{"attempted": c.made}, []string{run}, labels)
		s, ds, err := ofFolders(filepath.Join(dir, "ds"), func(cfg *build.Config) { cfg.Table, cfg.Attempted = "hosts", c.asked }, []string{run}, []string{said})
		switch {
		case c.want == "":
			if !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), "attempts") {
				t.Errorf("%+v: %v", c, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", c, err)
		default:
			wantColumn(t, ds, "data", "label", c.want)
			if c.asked == build.AttemptDrop && (len(s.LeftOut) != 1 || s.LeftOut[0].Rows != 1) {
				t.Errorf("%+v: left out %+v", c, s.LeftOut)
			}
		}
	}
}

// TestWindowsOfCaptures: where captures were read independently, a host has a window of its own in each,
// with a label of its own.
func TestWindowsOfCaptures(t *testing.T) {
	id := func(name string, typ column.Type, null string) column.Column {
		return column.Column{Name: name, Type: typ, Role: column.Identity, Doc: "d", Null: null}
	}
	keys := []column.Column{id("window_start_ns", column.Int64, ""), id("window_ns", column.Int64, ""), id("host", column.String, ""), id("capture_id", column.Int32, "one")}
	hosts := &buildtest.Table{Schema: &column.Schema{Table: "hosts", Version: 1, Columns: append(slices.Clone(keys), column.Column{Name: "out_packets", Type: column.Int64, Doc: "d"})}}
	labels := &buildtest.Table{Schema: &column.Schema{Table: "window_labels", Version: 1, Columns: append(slices.Clone(keys), id("outcome", column.String, ""), id("label", column.String, "n"))}}
	hosts.Rows = [][]any{{int64(0), int64(60), "a", int32(0), int64(1)}, {int64(0), int64(60), "a", int32(1), int64(2)}}
	labels.Rows = [][]any{{int64(0), int64(60), "a", int32(1), "labelled", "Y"}, {int64(0), int64(60), "a", int32(0), "labelled", "X"}}
	dir := t.TempDir()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 2, 3, hosts)
	said := buildtest.Labels(t, filepath.Join(dir, "labels"), nil, []string{run}, labels)
	_, ds, err := ofFolders(filepath.Join(dir, "ds"), func(c *build.Config) { c.Table = "hosts" }, []string{run}, []string{said})
	if err != nil {
		t.Fatal(err)
	}
	wantColumn(t, ds, "data", "label", "X Y")
	wantColumn(t, ds, "keys", "capture", "0 1")
}
