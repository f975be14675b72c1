package labels_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/label/coverage"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/verify"
)

// demo is the generated capture and its dataset, made once.
var demo = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "h-labels")
	if err != nil {
		return "", err
	}
	var capture bytes.Buffer
	if _, err := traffic.Demo(&capture); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "demo.pcapng")
	if err := os.WriteFile(path, capture.Bytes(), 0o600); err != nil {
		return "", err
	}
	o := job.DefaultOptions()
	o.Args, o.Out = []string{path}, filepath.Join(dir, "out")
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	_, err = job.Run(context.Background(), o, job.IO{})
	return dir, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := demo(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// demoDir has demo.pcapng and its dataset out.
func demoDir(t testing.TB) string {
	t.Helper()
	dir, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// label labels the demo's flows by rules.
func label(t testing.TB, rules ...string) labels.Label {
	return labels.Label{
		Tables: filepath.Join(demoDir(t), "out"), Rules: rules, Out: filepath.Join(t.TempDir(), "labels"),
		Source: source.Options{AlertLabel: source.LabelCategory}, Match: match.DefaultConfig(), Attempt: labels.AttemptSuffix,
		Tool: manifest.Tool{Name: "pcapmill", Version: "test"},
	}
}

func must(t testing.TB, l labels.Label) *labels.Labelled {
	t.Helper()
	done, err := l.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// file writes a source of labels.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read hands over rows of a table as maps of its columns' texts; nulls are not in them.
func read(t testing.TB, path string, columns []string, take func(map[string]string)) {
	t.Helper()
	pick := func(*column.Schema) ([]string, error) { return columns, nil }
	err := tables.Read(context.Background(), path, pick, func(b *batch.Batch) error {
		for i := range b.Rows {
			row := map[string]string{}
			for k, name := range columns {
				v := &b.Vectors[k]
				switch c := &b.Schema.Columns[k]; {
				case v.Null(i):
				case c.Type == column.Int64:
					row[name] = fmt.Sprint(v.Int64[i])
				case c.Type == column.Int32:
					row[name] = fmt.Sprint(v.Int32[i])
				default:
					row[name] = v.String(i)
				}
			}
			take(row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func flowsOf(r *coverage.Report, name string) int64 {
	for _, l := range r.Labels {
		if l.Label == name {
			return l.Flows
		}
	}
	return 0
}

// TestDemo: the scan of the generated capture, which is 300 flows (bench/traffic), is found whole
// and nothing else with it; what refused is an attempt; what never matched says why.
func TestDemo(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	l.To = []string{labels.ToRecords, labels.ToWindows}
	r := must(t, l).Report
	refused := int64(0)
	read(t, filepath.Join(l.Tables, "flows"), []string{"src_ip", "conn_state"}, func(row map[string]string) {
		if row["src_ip"] == "203.0.113.66" && row["conn_state"] == "REJ" {
			refused++
		}
	})
	if got := [2]int64{flowsOf(r, "port scan - Attempted"), flowsOf(r, "port scan")}; got != [2]int64{refused, 300 - refused} {
		t.Errorf("attempted and done: %v; %d were refused", got, refused)
	}
	var silent []string
	for _, rule := range r.Rules {
		if rule.Hits == 0 {
			silent = append(silent, fmt.Sprint(rule.ID, " ", rule.Miss.Wrong, " ", rule.Miss.FlowID != nil))
		}
	}
	if want := []string{"late-scan [time] true", "nobody [hosts] false"}; !slices.Equal(silent, want) {
		t.Errorf("never matched: %q, want %q", silent, want)
	}
	if len(r.Conflicts) != 1 || r.Conflicts[0].A != "lookups: dns lookup" || r.Conflicts[0].Flows != r.Outcomes[2].Flows {
		t.Errorf("conflicts %+v, outcomes %+v", r.Conflicts, r.Outcomes)
	}
	if report, err := verify.Folder(context.Background(), l.Out, verify.DefaultConfig()); err != nil || !report.OK() {
		t.Errorf("%v, %v", err, report)
	}
	roles := map[string]string{}
	read(t, filepath.Join(l.Out, "window_labels"), []string{"host", "label", "role"}, func(row map[string]string) {
		roles[row["host"]] += row["label"] + "/" + row["role"]
	})
	if roles["203.0.113.66"] != "port scan - Attempted/attacker" || roles["192.0.2.20"] != "port scan - Attempted/victim" {
		t.Errorf("roles %v, %v", roles["203.0.113.66"], roles["192.0.2.20"])
	}
}

// TestOrder: there is a row for each flow, in the order of the flows table, and hits count.
func TestOrder(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	must(t, l)
	var flows []string
	read(t, filepath.Join(l.Tables, "flows"), []string{"flow_id", "capture_id"}, func(row map[string]string) { flows = append(flows, row["flow_id"]+" "+row["capture_id"]) })
	hits := map[string]int{}
	read(t, filepath.Join(l.Out, "label_hits"), []string{"flow_id"}, func(row map[string]string) { hits[row["flow_id"]]++ })
	at := 0
	read(t, filepath.Join(l.Out, "flow_labels"), []string{"flow_id", "capture_id", "hits"}, func(row map[string]string) {
		if row["flow_id"]+" "+row["capture_id"] != flows[at] || row["hits"] != fmt.Sprint(hits[row["flow_id"]]) {
			t.Errorf("row %d is %v, want flow %s with %d hits", at, row, flows[at], hits[row["flow_id"]])
		}
		at++
	})
	if at != len(flows) {
		t.Errorf("%d rows of %d flows", at, len(flows))
	}
}

// TestAttempts: attempts are called as is asked for.
func TestAttempts(t *testing.T) {
	want := map[string]string{labels.AttemptSuffix: "port scan - Attempted labelled", labels.AttemptSame: "port scan labelled", labels.AttemptDrop: " ambiguous"}
	for how, expected := range want {
		l := label(t, "testdata/demo.yaml")
		l.Attempt = how
		done := must(t, l)
		n, labelled := 0, int64(0)
		read(t, filepath.Join(l.Out, "flow_labels"), []string{"label", "outcome", "attempt"}, func(row map[string]string) {
			if row["outcome"] == "labelled" {
				labelled++
			}
			if row["attempt"] == "" {
				return
			}
			n++
			if got := row["label"] + " " + row["outcome"]; got != expected || row["attempt"] != "1" {
				t.Errorf("%s: %q, attempt %s", how, got, row["attempt"])
			}
		})
		if n == 0 {
			t.Errorf("%s: no attempts", how)
		}
		var chosen, rules, pairs int64 // each label is said of its flow once
		read(t, filepath.Join(l.Out, "label_hits"), []string{"chosen"}, func(row map[string]string) {
			if row["chosen"] == "1" {
				chosen++
			}
		})
		for _, r := range done.Report.Rules {
			rules += r.Flows
		}
		for _, p := range done.Report.Pairs {
			if p.Label != "" {
				pairs += p.Flows
			}
		}
		if chosen != labelled || rules != labelled || pairs != labelled {
			t.Errorf("%s: %d flows are labelled, %d by chosen hits, %d by rules, %d of hosts", how, labelled, chosen, rules, pairs)
		}
	}
}

// files are the bytes of all files of a folder but execution.json, which says when it was made.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "execution.json" {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSameBytes: workers, and where sources and the folder are, change nothing.
func TestSameBytes(t *testing.T) {
	rules, err := os.ReadFile("testdata/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	one, many := label(t, "testdata/demo.yaml"), label(t, file(t, "demo.yaml", string(rules)))
	one.Match.Workers, many.Match.Workers = 1, 7
	for _, l := range []*labels.Label{&one, &many} {
		l.To, l.Packets, l.PcapML = []string{labels.ToRecords, labels.ToWindows}, []string{filepath.Join(demoDir(t), "demo.pcapng")}, true
		must(t, *l)
	}
	a, b := files(t, one.Out), files(t, many.Out)
	for name := range a {
		if name != manifest.Name && a[name] != b[name] { // which has the sources' paths
			t.Errorf("%s has other bytes", name)
		}
	}
	if len(a) != len(b) || len(a) < 9 {
		t.Errorf("%d and %d files", len(a), len(b))
	}
}

// TestAgain: what is done is not done again; other rules are refused without --force.
func TestAgain(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	must(t, l)
	before := files(t, l.Out)
	if !must(t, l).Nothing {
		t.Error("it was done again")
	}
	other := l
	other.Rules = []string{file(t, "other.yaml", "version: 1\nrules: [{id: a, label: b, protocol: tcp}]\n")}
	if _, err := other.Run(context.Background()); !errors.Is(err, publish.ErrOther) {
		t.Error(err)
	}
	if after := files(t, l.Out); after[manifest.Name] != before[manifest.Name] {
		t.Error("it is another one")
	}
	other.Force = true
	if done := must(t, other); done.Nothing || flowsOf(done.Report, "b") == 0 {
		t.Error("it was not replaced")
	}
	if done := must(t, l2(l)); done.Report.Version != must(t, l2(l)).Report.Version {
		t.Error("the version of the same labels changes")
	}
}

// l2 is the same labelling into another folder.
func l2(l labels.Label) labels.Label {
	dir, _ := os.MkdirTemp(filepath.Dir(l.Out), "again")
	l.Out = filepath.Join(dir, "labels")
	return l
}

// TestVersion: other bytes of a source, or another option, are another version; the flows and
// workers are not.
func TestVersion(t *testing.T) {
	rules := "version: 1\nrules: [{id: a, label: b, protocol: tcp}]\n"
	version := func(content string, change func(*labels.Label)) string {
		l := label(t, file(t, "r.yaml", content))
		change(&l)
		return must(t, l).Report.Version
	}
	plain := version(rules, func(*labels.Label) {})
	for what, other := range map[string]string{
		"bytes":    version(rules+"\n", func(*labels.Label) {}),
		"slack":    version(rules, func(l *labels.Label) { l.Match.After = time.Hour }),
		"attempts": version(rules, func(l *labels.Label) { l.Attempt = labels.AttemptSame }),
		"skipped":  version(rules, func(l *labels.Label) { l.Skip = []string{"x"} }),
		"tool":     version(rules, func(l *labels.Label) { l.Tool.Version = "other" }),
	} {
		if other == plain {
			t.Errorf("%s do not change the version", what)
		}
	}
	if version(rules, func(l *labels.Label) { l.Match.Workers, l.To = 3, []string{labels.ToWindows} }) != plain {
		t.Error("workers, or tables, change the version")
	}
}

// TestPackets: each flow has as many packets with its label as the flows table counts; and
// pcapML's comments, read as a source, say of each packet what the table says.
func TestPackets(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	l.Packets, l.PcapML = []string{filepath.Join(demoDir(t), "demo.pcapng")}, true
	r := must(t, l).Report
	want := map[string]int64{}
	depth0 := map[string]bool{}
	read(t, filepath.Join(l.Tables, "flows"), []string{"flow_id", "tunnel_depth", "fwd_packets", "rev_packets"}, func(row map[string]string) {
		var fwd, rev int64
		fmt.Sscan(row["fwd_packets"], &fwd)
		fmt.Sscan(row["rev_packets"], &rev)
		want[row["flow_id"]] = fwd + rev
		depth0[row["flow_id"]] = row["tunnel_depth"] == "0"
	})
	got := map[string]int64{}
	rows := int64(0)
	read(t, filepath.Join(l.Out, "packet_labels"), []string{"flow_id"}, func(row map[string]string) { got[row["flow_id"]]++; rows++ })
	for id, n := range want {
		if depth0[id] && got[id] != n {
			t.Errorf("flow %s has %d packets, and not %d", id, got[id], n)
		}
	}
	c := r.Captures[0]
	if c.Rows != rows || c.NoFlow+c.Several+c.Fragments != 0 || c.Packets != c.Rows+c.Others {
		t.Errorf("%+v, %d rows", c, rows)
	}
	compared := labels.Compare{A: l.Out, B: filepath.Join(l.Out, "packets-000-demo.pcapng")}
	both, err := compared.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if both.Agree != both.Rows || both.Rows != c.Labelled || both.OnlyB != 0 {
		t.Errorf("%d of %d agree; %d were labelled, %d more in the comments", both.Agree, both.Rows, c.Labelled, both.OnlyB)
	}
}

// TestPacketsTwice: a capture that is named twice would give each of its packets two rows, and one of other
// flows none; labels that are there stay where either is refused.
func TestPacketsTwice(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	must(t, l)
	demo := filepath.Join(demoDir(t), "demo.pcapng")
	l.Force = true
	for _, l.Packets = range [][]string{{demo, demo}, {demo, file(t, "demo.pcapng", "")}, {file(t, "other.pcap", "")}} {
		if _, err := l.Run(context.Background()); !errors.Is(err, usage.Err) {
			t.Errorf("%v: %v", l.Packets, err)
		}
		if _, err := os.Stat(filepath.Join(l.Out, "manifest.json")); err != nil {
			t.Errorf("%v: %v", l.Packets, err)
		}
	}
}

// eve is an alert about the first flow of the scan, as Suricata writes it; at is its time, and
// packet the number of its packet, 0 for none.
func eve(at string, packet string) string {
	if packet != "" {
		packet = `"pcap_cnt":` + packet + ","
	}
	return fmt.Sprintf(`{"timestamp":"%s","event_type":"alert","src_ip":"203.0.113.66","src_port":33000,"dest_ip":"192.0.2.20","dest_port":1,"proto":"TCP",%s"alert":{"gid":1,"signature_id":7,"signature":"a probe","category":"Scan","severity":2}}`+"\n", at, packet)
}

// TestUnmatched: an alert that matches nothing is listed with the reason, its nearest flow, and
// what zone would match.
func TestUnmatched(t *testing.T) {
	lines := ""
	for range 4 {
		lines += eve("2026-03-02T12:00:30.000000+0000", "")
	}
	l := label(t, file(t, "eve.json", lines))
	r := must(t, l).Report
	if r.Events.Unmatched != 4 || len(r.Events.Reasons) != 1 || r.Events.Reasons[0] != (coverage.Count{Name: "time", Flows: 4}) {
		t.Fatalf("%+v", r.Events)
	}
	m := r.Events.First[0].Miss
	if m == nil || m.OffNs > -3*3600e9+10e6 || m.OffNs < -3*3600e9 || !strings.HasPrefix(m.Flow, "203.0.113.66 33000 > 192.0.2.20 1 tcp at 2026-03-02T09:00:30") {
		t.Errorf("%+v", m)
	}
	if len(r.Shifts) != 1 || !strings.HasPrefix(r.Shifts[0].Advice, "eve.json: times moved by -03:00 would match 4 of 4 events, and as given match 0 of 4 events") {
		t.Errorf("%+v", r.Shifts)
	}
	data, err := os.ReadFile(filepath.Join(l.Out, "unmatched.jsonl"))
	var event coverage.Event
	if err != nil || strings.Count(string(data), "\n") != 4 || json.Unmarshal([]byte(strings.SplitN(string(data), "\n", 2)[0]), &event) != nil || event.ID != "1:7" || event.Reason != "time" {
		t.Errorf("%v %s", err, data)
	}
}

// TestZoneAdvice: where times were read in a wrong zone, the right one is named.
func TestZoneAdvice(t *testing.T) {
	line := "03/02/2026-09:00:30.000000  [**] [1:7:1] a probe [**] [Classification: Scan] [Priority: 2] {TCP} 203.0.113.66:33000 -> 192.0.2.20:1\n"
	for hours, want := range map[int]string{-5: "that would be --zone=+00:00", 2: "that would be --zone=+00:00"} {
		l := label(t, file(t, "fast.log", strings.Repeat(line, 4)))
		l.Source.Zone = time.FixedZone("here", hours*3600)
		if r := must(t, l).Report; len(r.Shifts) != 1 || !strings.HasSuffix(r.Shifts[0].Advice, want) {
			t.Errorf("%d: %+v", hours, r.Shifts)
		}
	}
}

// TestNamed: a packet that an alert names by its number is marked, and no other one.
func TestNamed(t *testing.T) {
	number := ""
	read(t, filepath.Join(demoDir(t), "out", "flows"), []string{"src_ip", "src_port", "first_packet_index"}, func(row map[string]string) {
		if row["src_ip"] == "203.0.113.66" && row["src_port"] == "33000" {
			number = row["first_packet_index"]
		}
	})
	for _, before := range []int{0, 300} { // alerts of the flow, more of which are hits than are handed over
		alerts := strings.Repeat(eve("2026-03-02T09:00:30.000000+0000", ""), before) + eve("2026-03-02T09:00:30.000000+0000", number)
		l := label(t, file(t, "eve.json", alerts))
		l.Packets = []string{filepath.Join(demoDir(t), "demo.pcapng")}
		must(t, l)
		var named []string
		read(t, filepath.Join(l.Out, "packet_labels"), []string{"packet_index", "named", "label"}, func(row map[string]string) {
			if row["named"] == "1" {
				named = append(named, row["packet_index"]+" "+row["label"])
			}
		})
		if want := []string{number + " Scan"}; !slices.Equal(named, want) {
			t.Errorf("behind %d alerts: named are %q, want %q", before, named, want)
		}
	}
}

// TestRefused: lines that are not understood are counted, and the rest is used.
func TestRefused(t *testing.T) {
	l := label(t, file(t, "eve.json", eve("2026-03-02T09:00:30.000000+0000", "")+"{\"event_type\":\"alert\",\n"))
	done := must(t, l)
	if done.Refused != 1 || flowsOf(done.Report, "Scan") != 1 || len(done.Report.Sources[0].Refusals) != 1 {
		t.Errorf("%d refused, %+v", done.Refused, done.Report.Sources)
	}
}

// TestSkip takes labels as if nobody had said them, and says so.
func TestSkip(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	l.Skip = []string{"dns*", "web"}
	r := must(t, l).Report
	if flowsOf(r, "web") != 0 || flowsOf(r, "to the resolver") == 0 || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, "2 things") }) {
		t.Errorf("%+v, %q", r.Labels, r.Notes)
	}
}

// TestFromName labels all flows of a capture by its name.
func TestFromName(t *testing.T) {
	l := label(t)
	l.Source.FromName = []string{"demo*=generated"}
	if r := must(t, l).Report; flowsOf(r, "generated") != r.Flows {
		t.Errorf("%+v", r.Labels)
	}
}

// TestMisuse is refused before anything is written, each with what is wrong.
func TestMisuse(t *testing.T) {
	rules := "testdata/demo.yaml"
	for what, c := range map[string]struct {
		change func(*labels.Label)
		want   error
	}{
		"nothing says":     {func(l *labels.Label) { l.Rules = nil }, usage.Err},
		"attempts":         {func(l *labels.Label) { l.Attempt = "x" }, usage.Err},
		"comments alone":   {func(l *labels.Label) { l.PcapML = true }, usage.Err},
		"tables":           {func(l *labels.Label) { l.To = []string{"x"} }, usage.Err},
		"no dataset":       {func(l *labels.Label) { l.Tables = filepath.Join(l.Tables, "..", "absent") }, tables.ErrTable},
		"no flows":         {func(l *labels.Label) { l.Tables = t.TempDir() }, tables.ErrTable},
		"another table":    {func(l *labels.Label) { l.Tables = filepath.Join(l.Tables, "dns") }, tables.ErrTable},
		"a foreign folder": {func(l *labels.Label) { l.Out = filepath.Dir(file(t, "x", "not ours")) }, publish.ErrForeign},
		"its own tables":   {func(l *labels.Label) { l.Out, l.Force = l.Tables, true }, folder.ErrInput},
		"another capture":  {func(l *labels.Label) { l.Packets = []string{file(t, "x.pcap", "no capture")} }, usage.Err},
		"no rules":         {func(l *labels.Label) { l.Rules = []string{"absent.yaml"} }, source.ErrOpen},
	} {
		l := label(t, rules)
		c.change(&l)
		if _, err := l.Run(context.Background()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := folder.Open(filepath.Join(filepath.Dir(l.Out), "labels")); err == nil {
			t.Errorf("%s: there is a folder", what)
		}
	}
}

// TestFlowsAlone labels a flows table without its dataset.
func TestFlowsAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flows")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(demoDir(t), "out", "flows"))); err != nil {
		t.Fatal(err)
	}
	whole, alone := label(t, "testdata/demo.yaml"), label(t, "testdata/demo.yaml")
	table := whole
	alone.Tables, table.Tables, table.Out = dir, filepath.Join(whole.Tables, "flows"), filepath.Join(t.TempDir(), "labels")
	must(t, whole)
	must(t, alone)
	must(t, table)
	a, b, c := files(t, whole.Out), files(t, alone.Out), files(t, table.Out)
	name := filepath.Join("label_hits", "part-00000.parquet")
	if a["unmatched.jsonl"] != b["unmatched.jsonl"] || len(b) != len(a)-1 { // no manifest of a step before
		t.Errorf("%d and %d files", len(a), len(b))
	}
	if a[name] != c[name] || a[manifest.Name] == b[manifest.Name] {
		t.Error("a dataset's flows table by itself gives other labels")
	}
}

// TestStopped leaves nothing.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l := label(t, "testdata/demo.yaml")
	if _, err := l.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat(l.Out); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestCheck says what rules contradict one another.
func TestCheck(t *testing.T) {
	c, err := labels.Check(context.Background(), []string{"testdata/demo.yaml"}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := labels.WriteCheck(&out, c, "text", 0); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"6 rules, 0 events, 0 scores\n", "lookups    dns lookup       resolver  to the resolver  ambiguous\n", "scan       port scan        edge      web              port scan\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for _, pair := range c.Contrary { // of other times, and of other hosts
		if pair.A.ID == "scan" && pair.B.ID == "late-scan" || pair.A.ID == "scan" && pair.B.ID == "resolver" {
			t.Errorf("%s and %s cannot hit one flow", pair.A.ID, pair.B.ID)
		}
	}
}

// TestCheckGroups: rules of large groups were compared host by host, which took a day for 150 kB.
func TestCheckGroups(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\ngroups:\n")
	for group := range 2 {
		fmt.Fprintf(&b, "  g%d: [10.0.0.%d", group, group)
		for i := range 5000 {
			fmt.Fprintf(&b, ", %d.1.%d.%d", 10+group, i>>8, i&255)
		}
		b.WriteString("]\n")
	}
	b.WriteString("rules:\n")
	for i := range 600 {
		fmt.Fprintf(&b, "- {id: r%d, label: l%d, src: g%d, direction: forward}\n", i, i, i%2)
	}
	c, err := labels.Check(context.Background(), []string{file(t, "rules.yaml", b.String())}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if pairs := int64(len(c.Contrary)) + c.MoreContr; c.Compared != 600 || pairs != 2*300*299/2 {
		t.Errorf("%d pairs of %d rules", pairs, c.Compared)
	}
}

// TestImport: imported rules label what the original ones do.
func TestImport(t *testing.T) {
	out := filepath.Join(t.TempDir(), "rules.yaml")
	done, err := (&labels.Import{Rules: []string{"testdata/demo.yaml"}, Out: out}).Run(context.Background())
	if err != nil || done.Rules != 6 {
		t.Fatal(err, done)
	}
	a, b := label(t, "testdata/demo.yaml"), label(t, out)
	must(t, a)
	must(t, b)
	r, err := (&labels.Compare{A: a.Out, B: b.Out}).Run(context.Background())
	if err != nil || r.Agree != r.Rows || r.Rows != 470 {
		t.Errorf("%v %+v", err, r)
	}
	if _, err := (&labels.Import{Rules: []string{"testdata/demo.yaml"}, Out: out}).Run(context.Background()); !errors.Is(err, usage.Err) {
		t.Error(err)
	}
	none := file(t, "eve.json", eve("2026-03-02T09:00:30.000000+0000", ""))
	if _, err := (&labels.Import{Rules: []string{none}, Writer: &bytes.Buffer{}}).Run(context.Background()); !errors.Is(err, usage.Err) {
		t.Error(err)
	}
}

// TestImportOfTooMany: what label would refuse to read is not written, in number or in bytes.
func TestImportOfTooMany(t *testing.T) {
	many := func(n int, label string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s:\n", label)
		for i := range n {
			fmt.Fprintf(&b, "    - srcIP=10.0.%d.%d\n", i>>8, i&255)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		n    int
		of   string
		want error
	}{"most": {source.MaxRules, "x", nil}, "more": {source.MaxRules + 1, "x", source.ErrLimit}, "long": {source.MaxRules, strings.Repeat("x", 500), source.ErrLimit}} {
		out := filepath.Join(t.TempDir(), "rules.yaml")
		_, err := (&labels.Import{Rules: []string{file(t, name+".config", many(c.n, c.of))}, Out: out}).Run(context.Background())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		_, there := os.Stat(out)
		if (there == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, there)
		}
		if c.want != nil {
			continue
		}
		if _, err := source.Read(context.Background(), []string{out}, source.Options{}); err != nil {
			t.Errorf("%s is not read: %v", name, err)
		}
	}
}

// TestChangedTables: a dataset to which flows were added is not the one that its manifest lists.
func TestChangedTables(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	dir := filepath.Join(t.TempDir(), "changed")
	if err := os.CopyFS(dir, os.DirFS(l.Tables)); err != nil {
		t.Fatal(err)
	}
	part, err := os.ReadFile(filepath.Join(dir, "flows", "part-00000.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "flows", "part-00001.parquet"), part, 0o600); err != nil {
		t.Fatal(err)
	}
	l.Tables = dir
	if _, err := l.Run(context.Background()); !errors.Is(err, tables.ErrTable) || !strings.Contains(err.Error(), "pcapmill verify") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(l.Out, "manifest.json")); err == nil {
		t.Error("there are labels of it")
	}
}
