package split_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/datasets/build"
	"pcapmill/datasets/build/buildtest"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/label"
	"pcapmill/datasets/scale"
	"pcapmill/datasets/split"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
)

// dataset makes one of flows.
func dataset(t testing.TB, dir string, partRows int, flows []buildtest.Flow) *folder.Opened {
	t.Helper()
	cfg := build.DefaultConfig()
	cfg.Outcomes = []string{"labelled", "unlabelled"}
	return datasetOf(t, dir, partRows, cfg, buildtest.Flows(flows), buildtest.FlowLabels(flows))
}

// datasetOf makes one of a table and its labels.
func datasetOf(t testing.TB, dir string, partRows int, cfg build.Config, table, said *buildtest.Table) *folder.Opened {
	t.Helper()
	run := buildtest.Run(t, filepath.Join(dir, "run"), 4, partRows, table)
	labels := buildtest.Labels(t, filepath.Join(dir, "labels"), nil, []string{run}, said)
	pairs, err := build.OpenPairs([]string{run}, []string{labels})
	if err != nil {
		t.Fatal(err)
	}
	parquet := parquetfile.DefaultConfig()
	parquet.PartRows = partRows
	f, err := folder.Create(filepath.Join(dir, "ds"), folder.Spec{Kind: build.Kind, Options: cfg.Options(), Sources: build.Sources(pairs), Tool: buildtest.Tool(), Parquet: parquet})
	if err == nil {
		if _, err = build.Run(context.Background(), cfg, pairs, f); err == nil {
			err = f.Finish(nil)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	o, err := folder.Open(filepath.Join(dir, "ds"))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// divide splits a dataset into a folder.
func divide(ds *folder.Opened, out string, change func(*split.Config)) (*split.Summary, error) {
	cfg := split.DefaultConfig()
	change(&cfg)
	f, err := folder.Create(out, folder.Spec{Kind: build.Kind, Options: cfg.Options(), Sources: []folder.Source{ds.Source("dataset")}, Tool: buildtest.Tool(), Parquet: parquetfile.DefaultConfig()})
	if err != nil {
		return nil, err
	}
	defer f.Abort() //nolint:errcheck // a test
	s, err := split.Run(context.Background(), cfg, ds, f)
	if err != nil {
		return nil, err
	}
	return s, f.Finish(s.Warnings)
}

// row is what is read back of one.
type row struct {
	flow, conn, start, end int64
	packets                int64
	src, dst, label        string
	campaign               string
	capture                int32
	known                  int32
}

// rowsOf reads the rows of a split, data and keys beside one another.
func rowsOf(t testing.TB, out, name string) []row {
	t.Helper()
	var all []row
	partition := filepath.Join(out, "keys", "split="+name)
	if _, err := os.Stat(partition); err != nil {
		return nil
	}
	text := func(v *batch.Vector, i int) string {
		if v.Null(i) {
			return ""
		}
		return v.String(i)
	}
	read(t, partition, []string{"flow_id", "conn_id", "start_ns", "end_ns", "src_ip", "dst_ip", "label", "campaign", "capture"}, func(b *batch.Batch, i int) {
		v := b.Vectors
		all = append(all, row{
			flow: v[0].Int64[i], conn: v[1].Int64[i], start: v[2].Int64[i], end: v[3].Int64[i], src: v[4].String(i), dst: v[5].String(i),
			label: text(&v[6], i), campaign: text(&v[7], i), capture: v[8].Int32[i],
		})
	})
	n := 0
	read(t, filepath.Join(out, "data", "split="+name), []string{"fwd_packets", "label", "known"}, func(b *batch.Batch, i int) {
		all[n].packets = b.Vectors[0].Int64[i]
		if got := text(&b.Vectors[1], i); got != all[n].label {
			t.Errorf("%s: row %d of data is %q, of keys %q", name, n, got, all[n].label)
		}
		if len(b.Vectors) > 2 {
			all[n].known = b.Vectors[2].Int32[i]
		}
		n++
	})
	if n != len(all) {
		t.Errorf("%s: %d rows of data, %d of keys", name, n, len(all))
	}
	return all
}

// read visits rows of those of the columns that a table has.
func read(t testing.TB, path string, names []string, visit func(b *batch.Batch, i int)) {
	t.Helper()
	pick := func(s *column.Schema) (some []string, err error) {
		for _, name := range names {
			if s.Index(name) >= 0 {
				some = append(some, name)
			}
		}
		return some, nil
	}
	err := tables.Read(context.Background(), path, pick, func(b *batch.Batch) error {
		for i := range b.Rows {
			visit(b, i)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func ids(rows []row) string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprint(r.flow))
	}
	return strings.Join(all, " ")
}

func want(t *testing.T, out, train, validation, test string) {
	t.Helper()
	for i, w := range []string{train, validation, test} {
		if got := ids(rowsOf(t, out, split.Names()[i])); got != w {
			t.Errorf("%s has %q, want %q", split.Names()[i], got, w)
		}
	}
}

// hour is in ns.
const hour = int64(time.Hour)

// TestTime: ten flows, an hour apart. 3 lies across the first boundary; 6 begins within the
// embargo behind it; a connection has its pieces, 8 and 9, in test.
func TestTime(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(10) {
		flows = append(flows, buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i * hour, End: i*hour + 1, Packets: i, Label: "x"})
	}
	flows[2].End = 5 * hour // of 3: begins at 2
	flows[8].Conn = 8
	dir := t.TempDir()
	ds := dataset(t, dir, 4, flows)
	for name, c := range map[string]struct {
		change                  func(*split.Config)
		train, validation, test string
		left                    int64
	}{
		"boundaries": {func(c *split.Config) {
			c.Boundaries = []time.Time{time.Unix(0, 5*hour), time.Unix(0, 7*hour)}
		}, "1 2 4 5", "6 7", "8 9 10", 1},
		"embargo": {func(c *split.Config) {
			c.Boundaries, c.Embargo = []time.Time{time.Unix(0, 5*hour)}, 90*time.Minute
		}, "1 2 4 5", "", "8 9 10", 3},
		"shares": {func(c *split.Config) { c.Shares = [3]float64{6, 0, 4} }, "1 2 3 4 5 6", "", "7 8 9 10", 0},
		"three":  {func(c *split.Config) { c.Shares = [3]float64{50, 20, 30} }, "1 2 4 5", "6 7", "8 9 10", 1},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(dir, "out "+name)
			s, err := divide(ds, out, c.change)
			if err != nil {
				t.Fatal(err)
			}
			want(t, out, c.train, c.validation, c.test)
			left := int64(0)
			for _, l := range s.LeftOut {
				left += l.Rows
			}
			if left != c.left {
				t.Errorf("%d rows left out, want %d: %v", left, c.left, s.LeftOut)
			}
		})
	}
}

// TestWindowsByTime: a window ends where the next one begins, and does not lie across a boundary there.
func TestWindowsByTime(t *testing.T) {
	dir := t.TempDir()
	var starts []int64
	for i := range int64(10) {
		starts = append(starts, i*hour)
	}
	ds := windowsOf(t, dir, map[string][]int64{"10.0.0.1": starts})
	for name, embargo := range map[string]time.Duration{"none": 0, "half an hour": 30 * time.Minute} {
		s, err := divide(ds, filepath.Join(dir, name), func(c *split.Config) { c.Shares, c.Embargo = [3]float64{50, 20, 30}, embargo })
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, one := range s.Splits {
			got = append(got, one.Rows)
		}
		if want := map[bool][]int64{true: {5, 2, 3}, false: {5, 1, 2}}[embargo == 0]; !slices.Equal(got, want) {
			t.Errorf("embargo %s: %d rows, want %d; left out %v", name, got, want, s.LeftOut)
		}
	}
}

// TestWindowsThatOverlap: windows of run --hop are of packets that others have, too; those of a host that overlap,
// one after the other, are in one split.
func TestWindowsThatOverlap(t *testing.T) {
	starts := map[string][]int64{}
	for host := range 30 {
		for i := range int64(8) { // two runs of four, with a window's room between them
			starts[fmt.Sprintf("10.0.0.%d", host)] = append(starts[fmt.Sprintf("10.0.0.%d", host)], i*hour/2+i/4*2*hour)
		}
	}
	dir := t.TempDir()
	ds := windowsOf(t, dir, starts)
	for _, by := range []string{split.ByRandom, split.ByConn, split.ByCampaign} {
		out := filepath.Join(dir, by)
		if _, err := divide(ds, out, func(c *split.Config) { c.By, c.Block = by, time.Nanosecond }); err != nil {
			t.Fatal(err)
		}
		in := map[string]map[string]int{} // rows of a host and run, by split
		for _, name := range split.Names() {
			read(t, filepath.Join(out, "keys", "split="+name), []string{"src_ip", "start_ns"}, func(b *batch.Batch, i int) {
				run := fmt.Sprint(b.Vectors[0].String(i), b.Vectors[1].Int64[i] >= 4*hour)
				if in[run] == nil {
					in[run] = map[string]int{}
				}
				in[run][name]++
			})
		}
		apart := 0
		for run, splits := range in {
			if len(splits) > 1 {
				t.Errorf("by %s: windows of %s that overlap are in %v", by, run, splits)
			}
		}
		for host := range starts {
			if !maps.Equal(in[host+"true"], in[host+"false"]) {
				apart++
			}
		}
		if len(in) != 2*len(starts) || apart == 0 {
			t.Errorf("by %s: %d runs of windows; %d hosts have theirs apart, which nothing forbids", by, len(in), apart)
		}
	}
}

// windowsOf makes a dataset of windows of an hour, by host when they begin.
func windowsOf(t *testing.T, dir string, starts map[string][]int64) *folder.Opened {
	t.Helper()
	id := func(name string, typ column.Type, null string) column.Column {
		return column.Column{Name: name, Type: typ, Role: column.Identity, Doc: "d", Null: null}
	}
	keys := []column.Column{id("window_start_ns", column.Int64, ""), id("window_ns", column.Int64, ""), id("host", column.String, "")}
	hosts := &buildtest.Table{Schema: &column.Schema{Table: "hosts", Version: 1, Columns: append(slices.Clone(keys), id("capture_id", column.Int32, "one"), column.Column{Name: "out_packets", Type: column.Int64, Doc: "d"})}}
	labels := &buildtest.Table{Schema: &column.Schema{Table: "window_labels", Version: 1, Columns: append(slices.Clone(keys), id("outcome", column.String, ""), id("label", column.String, "n"))}}
	for _, host := range slices.Sorted(maps.Keys(starts)) {
		for i, start := range starts[host] {
			hosts.Rows = append(hosts.Rows, []any{start, hour, host, nil, int64(i)})
			labels.Rows = append(labels.Rows, []any{start, hour, host, "labelled", "x"})
		}
	}
	cfg := build.DefaultConfig()
	cfg.Table = "hosts"
	return datasetOf(t, dir, 4, cfg, hosts, labels)
}

// TestDocumentsArePrintable: what a terminal would obey in a label is in no document as it is.
func TestDocumentsArePrintable(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(4) {
		flows = append(flows, buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i, End: i, Packets: i, Label: "evil\u202e\u009b31m"})
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	if _, err := divide(dataset(t, dir, 4, flows), out, func(c *split.Config) { c.By = split.ByConn }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{build.Report, split.Report, split.Encoders} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(data), `evil\u202e\u009b31m`) || strings.ContainsAny(string(data), "\u202e\u009b") {
			t.Errorf("%s: %v %q", name, err, data)
		}
	}
}

// TestHost: 10.0.0.1 and .2 talk to the server .9, and .3 to outside alone; who is in which split
// decides which rows between them are left out.
func TestHost(t *testing.T) {
	var flows []buildtest.Flow
	add := func(n int, src, dst string) {
		for range n {
			id := int64(len(flows) + 1)
			flows = append(flows, buildtest.Flow{ID: id, Src: src, Dst: dst, Start: id, End: id, Packets: id, Label: "x"})
		}
	}
	add(6, "10.0.0.1", "10.0.0.9")
	add(2, "10.0.0.2", "10.0.0.9")
	add(1, "10.0.0.2", "8.8.8.8")
	add(1, "8.8.8.8", "10.0.0.3")
	dir := t.TempDir()
	ds := dataset(t, dir, 4, flows)
	out := filepath.Join(dir, "internal")
	s, err := divide(ds, out, func(c *split.Config) { c.By, c.Shares = split.ByHost, [3]float64{60, 0, 40} })
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, "1 2 3 4 5 6", "", "9 10") // the server is where most of its clients are
	if fmt.Sprint(s.LeftOut) != "[{they are between internal hosts of two splits 2}]" {
		t.Errorf("%v", s.LeftOut)
	}
	out = filepath.Join(dir, "initiator")
	if _, err := divide(ds, out, func(c *split.Config) {
		c.By, c.Shares, c.Hosts = split.ByHost, [3]float64{60, 0, 40}, split.HostsInitiator
	}); err != nil {
		t.Fatal(err)
	}
	want(t, out, "1 2 3 4 5 6", "", "7 8 9 10")
	out = filepath.Join(dir, "named")
	s, err = divide(ds, out, func(c *split.Config) {
		c.By, c.Shares, c.TestHosts = split.ByHost, [3]float64{60, 0, 40}, []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("10.0.0.9/32"), netip.MustParsePrefix("8.8.8.8/32")}
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, "9 10", "", "1 2 3 4 5 6")
	if len(s.Warnings) != 1 || !strings.HasPrefix(s.Warnings[0], "no row belongs to 8.8.8.8/32 of --test-hosts:") { // row 10 belongs to 10.0.0.3
		t.Errorf("%q", s.Warnings)
	}
}

// TestCampaign: campaigns stay whole, and benign flows are divided by blocks of time.
func TestCampaign(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(24) {
		f := buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i * hour / 4, End: i*hour/4 + 1, Packets: i, Label: "BENIGN", Campaign: "all"}
		if i%4 == 0 {
			f.Label, f.Campaign = "scan", fmt.Sprint("c", i/8)
		}
		flows = append(flows, f)
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	s, err := divide(dataset(t, dir, 7, flows), out, func(c *split.Config) { c.By, c.Stratify, c.Shares = split.ByCampaign, true, [3]float64{2, 1, 1} })
	if err != nil {
		t.Fatal(err)
	}
	if s.Units != 3+6 { // three campaigns of two flows, six hours of three
		t.Errorf("%d units", s.Units)
	}
	blocks, campaigns := map[int64]string{}, map[string]string{}
	for _, name := range split.Names() {
		for _, r := range rowsOf(t, out, name) {
			if was, known := blocks[r.start/hour]; r.label == "BENIGN" && known && was != name {
				t.Errorf("an hour is in %s and %s", was, name)
			} else if r.label == "BENIGN" {
				blocks[r.start/hour] = name
			}
			if was, known := campaigns[r.campaign]; r.label == "scan" && known && was != name {
				t.Errorf("campaign %s is in %s and %s", r.campaign, was, name)
			} else if r.label == "scan" {
				campaigns[r.campaign] = name
			}
		}
	}
	if len(campaigns) != 3 {
		t.Errorf("campaigns %v", campaigns)
	}
}

// TestAdrift: rows of attacks that belong to no campaign are counted, as blocks of time divide them.
func TestAdrift(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(9) {
		flows = append(flows, buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i * hour, End: i * hour, Label: [3]string{"BENIGN", "scan", "bot"}[i%3], Campaign: [3]string{"", "c", ""}[i%3]})
	}
	dir := t.TempDir()
	s, err := divide(dataset(t, dir, 7, flows), filepath.Join(dir, "out"), func(c *split.Config) { c.By = split.ByCampaign })
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Warnings); !strings.Contains(got, "3 rows of labels that are not benign have no campaign") {
		t.Error(got)
	}
}

// mixed draws flows whose connections, hosts, campaigns and captures cross one another.
func mixed(t *rapid.T) []buildtest.Flow {
	n := rapid.IntRange(20, 120).Draw(t, "flows")
	flows := make([]buildtest.Flow, n)
	draw := func(most int, name string) int { return rapid.IntRange(0, most).Draw(t, name) }
	for i := range flows {
		id := int64(i + 1)
		start := int64(draw(1000, "start")) * int64(time.Minute)
		f := buildtest.Flow{
			ID: id, Src: fmt.Sprint("10.0.0.", draw(12, "src")), Dst: fmt.Sprint([]string{"10.0.0.", "8.8.8."}[draw(1, "net")], draw(12, "dst")), Capture: int32(draw(3, "capture")),
			Start: start, End: start + int64(draw(60, "length"))*int64(time.Minute), Packets: id, Label: []string{"BENIGN", "scan", "flood", "rare"}[draw(3, "label")],
		}
		if f.Label != "BENIGN" {
			f.Campaign = fmt.Sprint(f.Label, draw(4, "campaign"))
		}
		if i > 0 && draw(3, "piece") == 0 { // of the connection before, as pieces are
			last := flows[i-1]
			f.Conn, f.Src, f.Dst, f.Capture = last.Conn, last.Src, last.Dst, last.Capture
			if f.Conn == 0 {
				f.Conn = last.ID
			}
		}
		flows[i] = f
	}
	return flows
}

// policy draws one, with all that goes with it.
func policy(t *rapid.T, c *split.Config) {
	c.By = rapid.SampledFrom(split.Policies()).Draw(t, "by")
	c.Shares[split.Validation] = rapid.SampledFrom([]float64{0, 15}).Draw(t, "validation")
	c.Seed = uint64(rapid.IntRange(0, 5).Draw(t, "seed"))
	if c.By == split.ByTime {
		c.Embargo = time.Duration(rapid.IntRange(0, 60).Draw(t, "embargo")) * time.Minute
	} else {
		c.Stratify = rapid.Bool().Draw(t, "stratify")
	}
	if rapid.Bool().Draw(t, "initiator") {
		c.Hosts = split.HostsInitiator
	}
	if rapid.Bool().Draw(t, "group") {
		c.Groups = []string{"campaign"}
	}
	c.UnknownN = rapid.IntRange(0, 1).Draw(t, "unknown")
	if c.UnknownN > 0 && c.Shares[split.Validation] > 0 {
		c.Validated = rapid.Bool().Draw(t, "validated")
	}
}

// TestProperties: whatever the policy, what it does not divide is in one split; every row is in
// one or counted; training has no unknown class; and neither the order of rows nor how parts are
// cut changes which row is where.
func TestProperties(t *testing.T) {
	base := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		dir := filepath.Join(base, fmt.Sprint(n))
		defer os.RemoveAll(dir) //nolint:errcheck // a test
		flows := mixed(rt)
		var cfg split.Config
		set := func(c *split.Config) {
			policy(rt, c)
			cfg = *c
		}
		out := filepath.Join(dir, "out")
		s, err := divide(dataset(t, dir, rapid.IntRange(5, 50).Draw(rt, "part"), flows), out, set)
		if errors.Is(err, usage.Err) && cfg.UnknownN > 0 {
			return // too few classes
		}
		if err != nil {
			rt.Fatal(err)
		}
		where := map[int64]string{}
		groups := map[string]string{}
		for _, name := range split.Names() {
			for _, r := range rowsOf(t, out, name) {
				where[r.flow] = name
				for _, group := range groupsOf(&cfg, &r) {
					if was, known := groups[group]; known && was != name {
						rt.Fatalf("by %s: %s is in %s and %s", cfg.By, group, was, name)
					}
					groups[group] = name
				}
				if r.flow != r.packets {
					rt.Fatalf("row of flow %d has the data of %d", r.flow, r.packets)
				}
				unknown := slices.Contains(s.Unknown, r.label)
				if unknown && (name == "train" || name == "validation" && !cfg.Validated) || cfg.UnknownN > 0 && unknown == (r.known == 1) {
					rt.Fatalf("%s in %s, known %d", r.label, name, r.known)
				}
			}
		}
		left := int64(0)
		for _, l := range s.LeftOut {
			left += l.Rows
		}
		if int64(len(where))+left != int64(len(flows)) {
			rt.Fatalf("%d rows in splits, %d left out, of %d", len(where), left, len(flows))
		}
		sameIn(t, rt, dir, flows, &cfg, where)
	})
}

// groupsOf names what a row may not share with rows of another split.
func groupsOf(cfg *split.Config, r *row) []string {
	all := []string{fmt.Sprint("conn ", r.conn)}
	if (len(cfg.Groups) > 0 || cfg.By == split.ByCampaign) && r.campaign != "" {
		all = append(all, "campaign "+r.campaign)
	}
	switch cfg.By {
	case split.ByCapture:
		all = append(all, fmt.Sprint("capture ", r.capture))
	case split.ByHost:
		if cfg.Hosts == split.HostsInitiator {
			return append(all, "host "+r.src)
		}
		all = append(all, "host "+r.src)
		if strings.HasPrefix(r.dst, "10.") {
			all = append(all, "host "+r.dst)
		}
	}
	return all
}

// sameIn divides the flows in another order, in other parts.
func sameIn(t *testing.T, rt *rapid.T, dir string, flows []buildtest.Flow, cfg *split.Config, where map[int64]string) {
	turned := slices.Clone(flows)
	slices.Reverse(turned)
	out := filepath.Join(dir, "turned out")
	if _, err := divide(dataset(t, filepath.Join(dir, "turned"), 1000, turned), out, func(c *split.Config) { *c = *cfg }); err != nil {
		rt.Fatal(err)
	}
	n := 0
	for _, name := range split.Names() {
		for _, r := range rowsOf(t, out, name) {
			n++
			if where[r.flow] != name {
				rt.Fatalf("by %s, in another order flow %d is in %s and not %s", cfg.By, r.flow, name, where[r.flow])
			}
		}
	}
	if n != len(where) {
		rt.Fatalf("in another order %d rows are in splits, and not %d", n, len(where))
	}
}

// TestShares: of many small units shares are reached to a row or two, of each class too when
// they are stratified.
func TestShares(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(2000) {
		f := buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i, End: i, Packets: i, Label: "most"}
		if i%20 == 0 {
			f.Label = "few"
		}
		flows = append(flows, f)
	}
	dir := t.TempDir()
	ds := dataset(t, dir, 4000, flows)
	for _, stratify := range []bool{false, true} {
		s, err := divide(ds, filepath.Join(dir, fmt.Sprint("out", stratify)), func(c *split.Config) { c.By, c.Stratify = split.ByRandom, stratify })
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range []int64{1400, 300, 300} {
			if got := s.Splits[i].Rows; got < n-1 || got > n+1 {
				t.Errorf("%s has %d rows, want %d", s.Splits[i].Split, got, n)
			}
			few := s.Splits[i].Classes[1].Rows
			if w := []int64{70, 15, 15}[i]; stratify && few != w {
				t.Errorf("%s has %d rows of few, want %d", s.Splits[i].Split, few, w)
			}
		}
	}
}

// TestFew: where units are few and of very different size, no split is empty as long as there
// are enough.
func TestFew(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(60) {
		flows = append(flows, buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i, End: i, Packets: i, Label: "x", Capture: int32(max(0, i-57))})
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	if _, err := divide(dataset(t, dir, 100, flows), out, func(c *split.Config) { c.By = split.ByCapture }); err != nil {
		t.Fatal(err)
	}
	for i, n := range []int{58, 1, 1} {
		if rows := rowsOf(t, out, split.Names()[i]); len(rows) != n {
			t.Errorf("%s has %d rows, want %d", split.Names()[i], len(rows), n)
		}
	}
}

// TestReport: sessions of one class, worked out by hand: pairs with 3 and 1 rows count as
// 16/10 equal ones.
func TestReport(t *testing.T) {
	flows := []buildtest.Flow{
		{ID: 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: hour, End: 2 * hour, Label: "x", Campaign: "a"},
		{ID: 2, Conn: 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: 2 * hour, End: 3 * hour, Label: "x", Campaign: "a"},
		{ID: 3, Src: "10.0.0.2", Dst: "10.0.0.1", Start: 2 * hour, End: 4 * hour, Label: "x", Campaign: "b"},
		{ID: 4, Src: "10.0.0.1", Dst: "10.0.0.3", Start: 2 * hour, End: 3 * hour, Label: "x", Campaign: "b"},
		{ID: 5, Src: "10.0.0.1", Dst: "10.0.0.3", Start: 2 * hour, End: 3 * hour, Label: "y"},
		{ID: 6, Src: "10.0.0.1", Dst: "10.0.0.3", Start: 9 * hour, End: 9 * hour, Label: "x", Campaign: "b"},
	}
	dir := t.TempDir()
	s, err := divide(dataset(t, dir, 4, flows), filepath.Join(dir, "out"), func(c *split.Config) { c.Boundaries = []time.Time{time.Unix(0, 9*hour)} })
	if err != nil {
		t.Fatal(err)
	}
	train := s.Splits[0]
	x := train.Classes[0]
	if *x.Label != "x" || x.Rows != 4 || x.Connections != (split.Distinct{N: 3, Exact: true}) || x.Hosts.N != 3 || x.Pairs.N != 2 || x.Campaigns.N != 2 || *x.EffectivePairs != 1.6 || *x.EffectiveCampaigns != 2 {
		t.Errorf("%+v", x)
	}
	if *train.Imbalance != 4 || *train.First != "1970-01-01T01:00:00Z" || *train.Last != "1970-01-01T04:00:00Z" || train.Asked != nil {
		t.Errorf("%+v", train)
	}
	if fmt.Sprint(s.Warnings) != "[test has no rows of y]" {
		t.Errorf("warnings %q", s.Warnings)
	}
}

// TestScaled: scalers know training alone, and all splits are scaled by them.
func TestScaled(t *testing.T) {
	var flows []buildtest.Flow
	for i := range int64(6) {
		flows = append(flows, buildtest.Flow{ID: i + 1, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i * hour, End: i * hour, Packets: i, Mean: 1, State: fmt.Sprint("s", i), Label: "x"})
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	if _, err := divide(dataset(t, dir, 4, flows), out, func(c *split.Config) {
		c.Boundaries, c.Scale = []time.Time{time.Unix(0, 3*hour)}, scale.Config{Method: scale.MinMax, Impute: scale.None}
	}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, name := range []string{"train", "test"} {
		read(t, filepath.Join(out, "scaled", "split="+name), []string{"fwd_packets", "state", "label"}, func(b *batch.Batch, i int) {
			got = append(got, fmt.Sprint(b.Vectors[0].Float64[i], b.Vectors[1].Int32[i], b.Vectors[2].Int32[i]))
		})
	}
	if fmt.Sprint(got) != "[0 0 0 0.5 1 0 1 2 0 1.5 3 0 2 3 0 2.5 3 0]" {
		t.Errorf("%v", got)
	}
	for _, name := range []string{split.Scalers, split.Encoders, split.Report, build.Report} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestMain draws fewer cases than usual: each writes folders.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	m.Run()
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	ds := dataset(t, dir, 4, []buildtest.Flow{{ID: 1, Src: "10.0.0.1", Dst: "10.0.0.2", Label: "x"}, {ID: 2, Src: "10.0.0.1", Dst: "10.0.0.2", Label: "y"}})
	for name, c := range map[string]struct {
		change func(*split.Config)
		text   string
	}{
		"policy":         {func(c *split.Config) { c.By = "moon" }, "by moon"},
		"shares":         {func(c *split.Config) { c.Shares[split.Test] = 0 }, "shares are"},
		"stratified":     {func(c *split.Config) { c.Stratify = true }, "not stratified"},
		"embargo":        {func(c *split.Config) { c.By, c.Embargo = split.ByConn, time.Hour }, "by time"},
		"group":          {func(c *split.Config) { c.Groups = []string{"campain"} }, "campaign"},
		"no such label":  {func(c *split.Config) { c.Unknown = []string{"z"} }, "no row has the label z"},
		"too many":       {func(c *split.Config) { c.UnknownN = 2 }, "of 2 classes"},
		"both":           {func(c *split.Config) { c.UnknownN, c.Unknown = 1, []string{"x"} }, "or a number"},
		"no validation":  {func(c *split.Config) { c.UnknownN, c.Validated, c.Shares[split.Validation] = 1, true, 0 }, "no validation"},
		"boundaries":     {func(c *split.Config) { c.Boundaries = []time.Time{time.Unix(2, 0), time.Unix(1, 0)} }, "earlier"},
		"nothing scaled": {func(c *split.Config) { c.Scale.Impute = scale.Mean }, "imputed"},
	} {
		if _, err := divide(ds, filepath.Join(dir, "out"), c.change); !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	out := filepath.Join(dir, "split")
	if _, err := divide(ds, out, func(c *split.Config) { c.By = split.ByConn }); err != nil {
		t.Fatal(err)
	}
	again, err := folder.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := divide(again, filepath.Join(dir, "again"), func(*split.Config) {}); !errors.Is(err, split.ErrInput) {
		t.Errorf("a split dataset: %v", err)
	}
}

// TestLongLabel: labels are kept, so that one of any length could take any amount of memory.
func TestLongLabel(t *testing.T) {
	dir := t.TempDir()
	cfg := build.DefaultConfig()
	cfg.Unlabelled = strings.Repeat("a", label.MaxLabel+1)
	flows := []buildtest.Flow{{ID: 1, Src: "10.0.0.1", Dst: "10.0.0.2", Label: "x"}, {ID: 2, Src: "10.0.0.1", Dst: "10.0.0.2", Outcome: "unlabelled"}}
	ds := datasetOf(t, dir, 4, cfg, buildtest.Flows(flows), buildtest.FlowLabels(flows))
	if _, err := divide(ds, filepath.Join(dir, "out"), func(*split.Config) {}); !errors.Is(err, split.ErrLimit) {
		t.Error(err)
	}
}

// TestLongValues: of values by which rows are put together, long ones are kept as their hash, and are as different as
// they are.
func TestLongValues(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", 300) + fmt.Sprint(n) }
	var flows []buildtest.Flow
	for i := range 60 {
		flows = append(flows, buildtest.Flow{ID: int64(i + 1), Conn: int64(i + 1), Src: long(i % 6), Dst: "10.0.0.2", Label: "x", Campaign: long(i % 6)})
	}
	dir := t.TempDir()
	ds := dataset(t, dir, 4, flows)
	for name, change := range map[string]func(*split.Config){
		"group": func(c *split.Config) { c.By, c.Groups = split.ByConn, []string{"campaign"} },
		"host":  func(c *split.Config) { c.By, c.Hosts = split.ByHost, split.HostsInitiator },
	} {
		out := filepath.Join(dir, name)
		if _, err := divide(ds, out, change); err != nil {
			t.Fatal(err)
		}
		in, splits := map[string]string{}, map[string]bool{}
		for _, part := range split.Names() {
			for _, r := range rowsOf(t, out, part) {
				if was, known := in[r.src]; known && was != part {
					t.Errorf("by %s: rows of one value are in %s and %s", name, was, part)
				}
				in[r.src], splits[part] = part, true
			}
		}
		if len(in) != 6 || len(splits) != 3 {
			t.Errorf("by %s: %d values in %d splits", name, len(in), len(splits))
		}
	}
}
