package verify_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/ipc"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/text"
	"pcapmill/outputs/verify"
)

// schema is a flows table with the columns that are counted. As a table of
// another name it serves the other formats.
func schema(table string) *column.Schema {
	s := &column.Schema{Table: table, Version: 1}
	for _, name := range []string{"fwd_packets", "rev_packets", "fwd_wire_bytes", "rev_wire_bytes"} {
		s.Columns = append(s.Columns, column.Column{Name: name, Type: column.Int64, Doc: "A count."})
	}
	s.Columns = append(s.Columns,
		column.Column{Name: "tunnel_depth", Type: column.Int32, Doc: "A depth."},
		column.Column{Name: "dns_name", Type: column.Text, Doc: "A name.", Null: "where none"})
	return s
}

// rows: at depth 0 there are 3+2+5+0 = 10 packets of 300+200+500+0 = 1000 bytes.
var rows = []sinktest.Row{
	{int64(3), int64(2), int64(300), int64(200), int64(0), "a\n\"b\""},
	{int64(4), int64(4), int64(400), int64(400), int64(1), nil},
	{int64(5), int64(0), int64(500), int64(0), int64(0), ""},
}

type writer interface {
	Write(*batch.Batch) error
	Close() error
}

// dataset is what the tests build, and what they change of it before it is built.
type dataset struct {
	plan   string
	footer string // plan in the footers
	flows  *column.Schema
	change func(*manifest.Manifest)
}

func newDataset() dataset {
	plan := strings.Repeat("ab", 32)
	return dataset{plan: plan, footer: plan, flows: schema("flows"), change: func(*manifest.Manifest) {}}
}

func (d dataset) open(format string, w io.Writer, s *column.Schema) (writer, error) {
	meta := map[string]string{"plan_id": d.footer}
	switch format {
	case "parquet":
		return parquetfile.NewFile(w, s, parquetfile.DefaultConfig(), meta)
	case "csv":
		return text.NewCSV(w, s, text.DefaultCSV())
	case "tsv":
		return text.NewCSV(w, s, text.CSVConfig{Comma: '\t', Header: true, Raw: true})
	case "jsonl":
		return text.NewJSONL(w, s), nil
	}
	return ipc.NewFile(w, s, ipc.DefaultConfig(), meta)
}

// part writes the rows as part n.
func (d dataset) part(t testing.TB, table *publish.Table, n int, format string, s *column.Schema) manifest.Part {
	t.Helper()
	f, err := table.Part(n, format)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.open(format, f, s)
	if err != nil {
		t.Fatal(err)
	}
	kept := rows
	if n > 0 {
		kept = nil
	}
	for _, b := range sinktest.Batches(s, kept, 10) {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := f.Commit(nil)
	if err != nil {
		t.Fatal(err)
	}
	return manifest.Part{Path: p.Path, Rows: int64(len(kept)), Bytes: p.Bytes, SHA256: p.SHA256}
}

// tempDir returns an empty folder, in memory where the system has such a place.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pcapmill-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// build writes the dataset: flows in two parts, and a table in each other format.
func (d dataset) build(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(tempDir(t), "out")
	out, _, err := publish.Open(dir, publish.Owner{PlanID: d.plan})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	m := &manifest.Manifest{PlanID: d.plan, Tables: []manifest.Table{}}
	for name, format := range map[string]string{"flows": "parquet", "dns": "csv", "tls": "tsv", "http": "jsonl", "ssh": "arrow"} {
		s := schema(name)
		if name == "flows" {
			s = d.flows
		}
		table, err := out.Table(name)
		if err != nil {
			t.Fatal(err)
		}
		entry := manifest.Table{Name: name, Rows: 3, SchemaSHA256: s.Hash()}
		for n := range 2 {
			entry.Parts = append(entry.Parts, d.part(t, table, n, format, s))
		}
		m.Tables = append(m.Tables, entry)
	}
	slices.SortFunc(m.Tables, func(a, b manifest.Table) int { return strings.Compare(a.Name, b.Name) })
	f, err := out.Create("errors.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "packets")
	p, err := f.Commit(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Files = []manifest.File{manifest.File(p)}
	account(m)
	d.change(m)
	if err := out.Finish(m, &manifest.Execution{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// account fills two inputs, 12 packets in all, 10 of them in flows.
func account(m *manifest.Manifest) {
	one := manifest.Accounting{PacketsRead: 7, CapturedBytes: 600, WireBytes: 700}
	one.Add("in_flow", 6, 500, 600)
	one.Add("non_ip", 1, 100, 100)
	two := manifest.Accounting{PacketsRead: 5, CapturedBytes: 400, WireBytes: 500}
	two.Add("in_flow", 4, 350, 400)
	two.Add("non_ip", 1, 50, 100)
	one.StreamBytes, one.StreamBy = 640, manifest.Counts{{Outcome: "headers", N: 24}, {Outcome: "packets", N: 600}, {Outcome: "records", N: 16}}
	two.StreamBytes, two.StreamBy = 424, manifest.Counts{{Outcome: "headers", N: 24}, {Outcome: "packets", N: 400}}
	m.Options = map[string]string{"packets": "0"}
	m.Inputs = []manifest.Input{
		{Path: "a.pcap", Outcome: manifest.Complete, Packets: 7, Accounting: &one},
		{Path: "b.pcap", Outcome: manifest.Complete, Packets: 5, Accounting: &two},
	}
	m.Accounting = manifest.Accounting{PacketsRead: 12, CapturedBytes: 1000, WireBytes: 1200}
	m.Accounting.Add("in_flow", 10, 850, 1000)
	m.Accounting.Add("non_ip", 2, 150, 200)
	m.Accounting.StreamBytes = 1064
	m.Accounting.StreamBy = manifest.Counts{{Outcome: "headers", N: 48}, {Outcome: "packets", N: 1000}, {Outcome: "records", N: 16}}
	m.SelfChecks = m.Accounting.SelfChecks("")
}

func check(t testing.TB, dir string) verify.Report {
	t.Helper()
	report, err := verify.Folder(context.Background(), dir, verify.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestWholeDataset(t *testing.T) {
	r := check(t, newDataset().build(t))
	if !r.OK() || len(r.Unchecked)+len(r.Others) != 0 {
		t.Fatalf("%v, unchecked %q, others %q", r.Findings, r.Unchecked, r.Others)
	}
	if r.Tables != 5 || r.Parts != 10 || r.Rows != 15 || r.Bytes == 0 {
		t.Errorf("%+v", r)
	}
}

// TestChangedBytes changes bytes of each file of the dataset in turn, with
// PCAPMILL_ACCEPT=1 every one.
func TestChangedBytes(t *testing.T) {
	dir := newDataset().build(t)
	for _, path := range files(t, dir) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		step := len(data)/60 | 1 // a sample; odd, so that every alignment is met
		if os.Getenv("PCAPMILL_ACCEPT") != "" {
			step = 1
		}
		for i := 0; i < len(data); i += step {
			changed := bytes.Clone(data)
			changed[i] ^= 1 << (i % 8)
			os.WriteFile(path, changed, 0o600)
			if r := check(t, dir); r.OK() {
				t.Fatalf("%s: byte %d of %d changed and nobody noticed", path, i, len(data))
			}
		}
		os.WriteFile(path, data, 0o600)
	}
	if r := check(t, dir); !r.OK() {
		t.Fatalf("restored, but %v", r.Findings)
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestChangedFolder: what happens to a folder after it was published.
func TestChangedFolder(t *testing.T) {
	const flows0 = "flows/part-00000.parquet"
	for _, c := range []struct {
		name   string
		change func(dir string) error
		want   string // the first finding begins with it; empty: none
	}{
		{"part gone", func(dir string) error { return os.Remove(filepath.Join(dir, flows0)) }, flows0 + ": missing: is listed"},
		{"part cut", func(dir string) error { return os.Truncate(filepath.Join(dir, flows0), 100) }, flows0 + ": size: 100 bytes"},
		{"part emptied", func(dir string) error { return os.Truncate(filepath.Join(dir, flows0), 0) }, flows0 + ": size: 0 bytes"},
		{"text cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "dns/part-00000.csv"), 20) }, "dns/part-00000.csv: size"},
		{"part is folder", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, flows0)), os.Mkdir(filepath.Join(dir, flows0), 0o700))
		}, flows0 + ": missing"},
		{"part is link", func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, flows0), filepath.Join(dir, "x")), os.Symlink("../x", filepath.Join(dir, flows0)))
		}, flows0 + ": missing: " + filepath.FromSlash(flows0) + " is no regular file"},
		{"file gone", func(dir string) error { return os.Remove(filepath.Join(dir, "errors.pcapng")) }, "errors.pcapng: missing"},
		{"part extra", func(dir string) error { return put(dir, "flows/part-00002.parquet") }, "flows/part-00002.parquet: stray"},
		{"any file in a table", func(dir string) error { return put(dir, "flows/x.txt") }, "flows/x.txt: stray"},
		{"table extra", func(dir string) error { return put(dir, "hosts/part-00000.parquet") }, "hosts/part-00000.parquet: stray"},
		{"execution gone", func(dir string) error { return os.Remove(filepath.Join(dir, "execution.json")) }, ""},
		{"file of another's", func(dir string) error { return put(dir, "notes.txt") }, ""},
		{"folder of another's", func(dir string) error { return put(dir, "plots/a.png") }, ""},
		{"left by an interrupted run", func(dir string) error { return put(dir, ".pcapmill-run.json") }, ""},
		{"manifest cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "manifest.json"), 500) }, "manifest.json: manifest: "},
	} {
		dir := newDataset().build(t)
		if err := c.change(dir); err != nil {
			t.Fatal(err)
		}
		r := check(t, dir)
		switch {
		case c.want == "" && !r.OK():
			t.Errorf("%s: %v", c.name, r.Findings)
		case c.want != "" && (r.OK() || !strings.HasPrefix(r.Findings[0].String(), c.want)):
			t.Errorf("%s: findings %v, want %s", c.name, r.Findings, c.want)
		}
	}
}

func put(dir, name string) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600))
}

// TestWrongManifest: a manifest that agrees with itself and with the bytes, but
// says what is not so.
func TestWrongManifest(t *testing.T) {
	flows := func(m *manifest.Manifest) *manifest.Table { return &m.Tables[1] }
	for _, c := range []struct {
		name, want string
		change     func(*manifest.Manifest)
	}{
		{"rows of a part", "flows/part-00000.parquet: rows: 3 rows, listed are 2", func(m *manifest.Manifest) { flows(m).Parts[0].Rows, flows(m).Parts[1].Rows = 2, 1 }},
		{"rows of a table", "flows: rows: the table lists 4 rows, its parts 3", func(m *manifest.Manifest) { flows(m).Rows = 4 }},
		{"rows of csv", "dns/part-00000.csv: rows: 3 rows, listed are 4", func(m *manifest.Manifest) { m.Tables[0].Parts[0].Rows, m.Tables[0].Rows = 4, 4 }},
		{"rows of jsonl", "http/part-00001.jsonl: rows: 0 rows, listed are 1", func(m *manifest.Manifest) { m.Tables[2].Parts[1].Rows, m.Tables[2].Rows = 1, 4 }},
		{"rows of arrow", "ssh/part-00000.arrow: rows: 3 rows", func(m *manifest.Manifest) { m.Tables[3].Parts[0].Rows, m.Tables[3].Rows = 4, 4 }},
		{"rows of tsv", "tls/part-00000.tsv: rows: 3 rows", func(m *manifest.Manifest) { m.Tables[4].Parts[0].Rows, m.Tables[4].Rows = 4, 4 }},
		{"schema", "flows/part-00000.parquet: schema", func(m *manifest.Manifest) { flows(m).SchemaSHA256 = strings.Repeat("0", 64) }},
		{"schema of arrow", "ssh/part-00000.arrow: schema", func(m *manifest.Manifest) { m.Tables[3].SchemaSHA256 = strings.Repeat("0", 64) }},
		{"errors of packets", "errors: errors: 0 rows, the manifest sums up 2 errors", func(m *manifest.Manifest) {
			m.Tables = append(m.Tables, manifest.Table{Name: "errors", SchemaSHA256: strings.Repeat("0", 64)})
			m.Errors = []manifest.ErrorCount{{Layer: "dns", Outcome: "in_flow", Reason: "cut_message", N: 2}}
		}},
		{"errors without rows", "errors: errors: 0 packets are malformed_l4, the accounting has 1", func(m *manifest.Manifest) {
			m.Tables = append(m.Tables, manifest.Table{Name: "errors", SchemaSHA256: strings.Repeat("0", 64)})
			m.Accounting.Add("malformed_l4", 1, 0, 0)
			m.Inputs[0].Accounting.Add("malformed_l4", 1, 0, 0)
			m.Accounting.PacketsRead++
			m.Inputs[0].Accounting.PacketsRead++
			m.Inputs[0].Packets++
		}},
		{"capture that is no file", "other.pcapng: errors: holds packets", func(m *manifest.Manifest) { m.Captures = []manifest.Capture{{Path: "other.pcapng"}} }},
		{"packets in flows", "flows: flows: rows of depth 0 have 10 packets, the accounting has 9 in_flow", func(m *manifest.Manifest) { m.Accounting.Packets[0].N = 9 }},
		{"wire bytes in flows", "flows: flows: rows of depth 0 have 1000 wire bytes", func(m *manifest.Manifest) { m.Accounting.WireBy[0].N = 999 }},
		{"packets read", "accounting: packets read", func(m *manifest.Manifest) { m.Accounting.PacketsRead = 13 }},
		{"captured bytes", "accounting: captured bytes read", func(m *manifest.Manifest) { m.Accounting.CapturedBytes = 1 }},
		{"wire bytes", "accounting: wire bytes read", func(m *manifest.Manifest) { m.Accounting.WireBytes = 1 }},
		{"packets of an input", "accounting: the inputs have 13 packets", func(m *manifest.Manifest) { m.Inputs[0].Packets = 8 }},
		{"equation of an input", "accounting: inputs[1]: packets read", func(m *manifest.Manifest) { m.Inputs[1].Accounting.PacketsRead = 6 }},
		{"an outcome of an input", "accounting: in_flow captured bytes: 849 in the inputs", func(m *manifest.Manifest) {
			m.Inputs[1].Accounting.CapturedBy[0].N--
			m.Inputs[1].Accounting.CapturedBytes--
			m.Inputs[1].Accounting.StreamBy[1].N--
			m.Inputs[1].Accounting.StreamBy[0].N++
			m.Accounting.StreamBy[1].N--
			m.Accounting.StreamBy[0].N++
		}},
		{"stream bytes", "accounting: inputs[0]: stream bytes = sum over kinds: 641 and 640", func(m *manifest.Manifest) { m.Inputs[0].Accounting.StreamBytes++ }},
		{"stream bytes of the run", "accounting: headers stream bytes: 48 in the inputs, 49 in the run", func(m *manifest.Manifest) {
			m.Accounting.StreamBy[0].N++
			m.Accounting.StreamBytes++
		}},
		{"bytes of packets", "accounting: inputs[1]: the stream has 401 bytes of packets, 400 were read", func(m *manifest.Manifest) {
			m.Inputs[1].Accounting.StreamBy[1].N++
			m.Inputs[1].Accounting.StreamBy[0].N--
			m.Accounting.StreamBy[1].N++
			m.Accounting.StreamBy[0].N--
		}},
		{"bytes left of a complete input", "accounting: inputs[1]: complete, but 7 bytes were left", func(m *manifest.Manifest) {
			for _, a := range []*manifest.Accounting{&m.Accounting, m.Inputs[1].Accounting} {
				a.StreamBy, a.StreamBytes = append(a.StreamBy, manifest.Count{Outcome: "trailing", N: 7}), a.StreamBytes+7
			}
		}},
		{"lost ranges", "accounting: inputs[0]: 0 bytes lost, 5 in the list of ranges", func(m *manifest.Manifest) {
			m.Inputs[0].Lost, m.Inputs[0].LostRanges = []manifest.Range{{Offset: 1, Bytes: 5, Reason: "bad_block"}}, 1
		}},
		{"a failed self check", "self_check: rows: 1 and 2", func(m *manifest.Manifest) {
			m.SelfChecks = append(m.SelfChecks, manifest.NewSelfCheck("rows", 1, 2))
		}},
	} {
		d := newDataset()
		d.change = c.change
		r := check(t, d.build(t))
		if r.OK() || !strings.HasPrefix(r.Findings[0].String(), c.want) {
			t.Errorf("%s: findings %v, want %s", c.name, r.Findings, c.want)
		}
	}
}

func TestOtherPlanInFooter(t *testing.T) {
	d := newDataset()
	d.footer = "another"
	r := check(t, d.build(t))
	if len(r.Findings) != 4 || r.Findings[0].Check != verify.CheckPlan {
		t.Errorf("%v", r.Findings)
	}
}

func TestFlowsWithoutCoreColumn(t *testing.T) {
	d := newDataset()
	d.flows.Columns[4].Name = "depth"
	r := check(t, d.build(t))
	if r.OK() || !strings.Contains(r.Findings[0].String(), "has no column tunnel_depth") {
		t.Errorf("%v", r.Findings)
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	dir := newDataset().build(t)
	os.Chmod(filepath.Join(dir, "flows"), 0o750)
	os.Chmod(filepath.Join(dir, "manifest.json"), 0o604)
	r := check(t, dir)
	if len(r.Findings) != 2 || r.Findings[0].Check != verify.CheckMode || !strings.Contains(r.Findings[0].Detail, "0750") {
		t.Errorf("%v", r.Findings)
	}
	cfg := verify.DefaultConfig()
	cfg.AnyMode = true
	if r, err := verify.Folder(context.Background(), dir, cfg); err != nil || !r.OK() {
		t.Errorf("with any mode: %v, %v", r.Findings, err)
	}
}

func TestNoDataset(t *testing.T) {
	if _, err := verify.Folder(context.Background(), t.TempDir(), verify.DefaultConfig()); !errors.Is(err, verify.ErrNoDataset) {
		t.Errorf("empty folder: %v", err)
	}
	if _, err := verify.Folder(context.Background(), filepath.Join(t.TempDir(), "none"), verify.DefaultConfig()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := verify.Folder(context.Background(), t.TempDir(), verify.Config{}); err == nil {
		t.Error("a config of zeros was accepted")
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := verify.Folder(ctx, newDataset().build(t), verify.DefaultConfig()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	dir := newDataset().build(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		put(dir, "flows/"+name)
	}
	cfg := verify.DefaultConfig()
	cfg.MaxFinds = 3
	r, err := verify.Folder(context.Background(), dir, cfg)
	if err != nil || len(r.Findings) != 3 || r.Dropped != 1 {
		t.Errorf("%d findings, %d dropped, %v", len(r.Findings), r.Dropped, err)
	}
}

func TestFindingIsOneHarmlessLine(t *testing.T) {
	f := verify.Finding{Check: "stray", Path: "flows/a\n\x1b[2J", Detail: "is not listed"}
	if got := f.String(); got != `flows/a\n\x1b[2J: stray: is not listed` {
		t.Errorf("%q", got)
	}
}
