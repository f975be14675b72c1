package baselines_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/baselines"
	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
	"pcapmill/model/fingerprint/hosttest"
	"pcapmill/model/windows"
	"pcapmill/outputs/usage"
)

const day = int64(24 * 3600e9)

// table writes a dataset of one day, whose hosts have six windows each.
func table(t *testing.T, date int, hosts ...string) string {
	t.Helper()
	var rows, pairs []hosttest.Cells
	for w := range int64(6) {
		start := hosttest.Begin + int64(date)*day + w*hosttest.TenMins
		for i, host := range hosts {
			rows = append(rows, hosttest.Cells{"window_start_ns": start, "host": host, "out_packets": 10*i + int(w), "outbound_ratio": 0.25})
			pairs = append(pairs, hosttest.Cells{"window_start_ns": start, "src_ip": host, "dst_ip": "192.0.2.1", "dst_port": 443, "protocol": 6, "flows": 1 + date})
		}
	}
	dir := filepath.Join(t.TempDir(), "out")
	for _, name := range []string{"hosts", "pairs"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(
		hosttest.WriteFile(filepath.Join(dir, "hosts", "part-00000.parquet"), rows...),
		hosttest.WritePairs(filepath.Join(dir, "pairs", "part-00000.parquet"), pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func build(out string, tables ...string) baselines.Build {
	return baselines.Build{Out: out, Tables: tables, Keys: -1, Covered: 0.95}
}

func must(t *testing.T, b baselines.Build) *baselines.Built {
	t.Helper()
	done, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func same(t *testing.T, what, a, b string) {
	t.Helper()
	if !bytes.Equal(content(t, a), content(t, b)) {
		t.Errorf("%s: other bytes", what)
	}
}

// TestOneFile: whatever the order and the steps, the same tables give the same bytes.
func TestOneFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	a, b, c := table(t, 0, "10.0.0.1", "10.0.0.2"), table(t, 1, "10.0.0.1", "10.0.0.3"), table(t, 9, "10.0.0.2")
	must(t, build(at("all"), a, b, c))
	must(t, build(at("turned"), c, a, b))
	same(t, "another order", at("all"), at("turned"))

	for _, path := range []string{b, c, a} {
		more := build(at("grown"), path)
		more.Append = true
		must(t, more)
	}
	same(t, "one after another", at("all"), at("grown"))

	must(t, build(at("x"), a, c))
	must(t, build(at("y"), b))
	e, err := baselines.Merge(context.Background(), at("merged"), []string{at("y"), at("x")}, false)
	if err != nil || e.Hosts != 3 || e.Sources != 3 || e.Days != 3 {
		t.Fatalf("%+v, %v", e, err)
	}
	same(t, "merged", at("all"), at("merged"))
	if _, err := baselines.Merge(context.Background(), at("x"), []string{at("x"), at("y")}, false); err != nil { // into one of them
		t.Fatal(err)
	}
	same(t, "merged in place", at("all"), at("x"))

	done, err := baselines.Forget(context.Background(), at("merged"), []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.9.9.9")})
	if err != nil || done.Hosts != 1 || fmt.Sprint(done.Missing) != "[10.9.9.9]" || done.Extent.Hosts != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
}

// TestAgain: a table that is in a baseline is left out, and nothing is written then.
func TestAgain(t *testing.T) {
	out := filepath.Join(t.TempDir(), "b")
	a, b := table(t, 0, "10.0.0.1"), table(t, 1, "10.0.0.1")
	must(t, build(out, a))
	before, _ := os.Stat(out)
	done := must(t, build(out, a))
	if after, _ := os.Stat(out); !done.Nothing || len(done.Skipped) != 1 || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("%+v", done)
	}
	// What is not complete is completed; what has other tables is not replaced.
	if done = must(t, build(out, b, a)); done.Nothing || len(done.Added) != 1 || done.Added[0].Path != b {
		t.Errorf("%+v", done)
	}
	if _, err := run(build(out, a)); !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), "--append") {
		t.Errorf("others: %v", err)
	}
	forced := build(out, a)
	forced.Force = true
	if done = must(t, forced); done.Extent.Sources != 1 {
		t.Errorf("%+v", done)
	}
}

func run(b baselines.Build) (*baselines.Built, error) { return b.Run(context.Background()) }

// TestAge counts back from the newest day of the baseline.
func TestAge(t *testing.T) {
	dir := t.TempDir()
	aged, fresh := filepath.Join(dir, "aged"), filepath.Join(dir, "fresh")
	for date := range 5 {
		b := build(aged, table(t, date, "10.0.0.1"))
		b.Append, b.Days = true, 3
		done := must(t, b)
		if want := min(date+1, 3); done.Extent.Days != want || done.Forgot != (date >= 3) {
			t.Errorf("day %d: %+v", date, done)
		}
	}
	late := build(aged, table(t, 1, "10.0.0.7"))
	late.Append, late.Days = true, 3
	if done := must(t, late); done.TooOld != 6 || done.Extent.Hosts != 1 {
		t.Errorf("%+v", done)
	}
	// Without days to drop, an age changes nothing.
	old := build(fresh, table(t, 0, "10.0.0.1"))
	old.Days = 1
	if done := must(t, old); done.Forgot || done.Extent.Days != 1 {
		t.Errorf("%+v", done)
	}
}

// TestSettings are the file's where no others are asked for, and refused where they differ.
func TestSettings(t *testing.T) {
	out := filepath.Join(t.TempDir(), "b")
	first := build(out, table(t, 0, "10.0.0.1", "10.0.0.2", "10.0.0.3"))
	first.Hosts, first.Keys = 2, 5
	if done := must(t, first); done.Extent.Hosts != 2 {
		t.Errorf("%+v", done)
	}
	more := build(out, table(t, 1, "10.0.0.1"))
	more.Append = true
	must(t, more)
	for says, change := range map[string]func(*baselines.Build){
		"room for 2 hosts, not 3":     func(b *baselines.Build) { b.Hosts = 3 },
		"5 keys of a category, not 6": func(b *baselines.Build) { b.Keys = 6 },
		"not none":                    func(b *baselines.Build) { b.Keys = 0 },
		"leave one out":               func(b *baselines.Build) { b.Force = true },
		"a covered share of 2":        func(b *baselines.Build) { b.Covered = 2 },
		"--hosts is 1 to":             func(b *baselines.Build) { b.Hosts = -1 },
		"--keys is 0 or more":         func(b *baselines.Build) { b.Keys = -2 },
		"--max-age is 1d or more":     func(b *baselines.Build) { b.Days = -1 },
	} {
		wrong := build(out, table(t, 2, "10.0.0.1"))
		wrong.Append = true
		change(&wrong)
		if _, err := run(wrong); !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}

// TestNothingWhole: a baseline of nothing is no baseline.
func TestNothingWhole(t *testing.T) {
	out := filepath.Join(t.TempDir(), "b")
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := hosttest.WriteFile(path, hosttest.Cells{"part_no": 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := run(build(out, path)); !errors.Is(err, windows.ErrTable) || !strings.Contains(err.Error(), "no whole windows: 1 window (1 row) left out: in several parts; run with more --memory") {
		t.Error(err)
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was written: %v", err)
	}
}

// TestDamage: what is no baseline is refused with the reason and what to do, and stays.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	good, a := filepath.Join(dir, "good"), table(t, 0, "10.0.0.1")
	must(t, build(good, a))
	data := content(t, good)
	newer := bytes.Replace(data, []byte("baseline\n\x01"), []byte("baseline\n\x09"), 1)
	flipped := bytes.Clone(data)
	flipped[len(flipped)/2] ^= 1
	for name, test := range map[string]struct {
		data   []byte
		err    error
		advice string
	}{
		"cut": {data[:len(data)-9], baseline.ErrTampered, "restore a copy"}, "flipped": {flipped, baseline.ErrTampered, "restore a copy"},
		"newer": {newer, baseline.ErrNewer, "the pcapmill that wrote it"}, "foreign": {[]byte("{}"), baseline.ErrForeign, "another file"}, "empty": {nil, baseline.ErrForeign, "another file"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, test.data, 0o600); err != nil {
			t.Fatal(err)
		}
		append := build(path, a)
		append.Append = true
		for what, do := range map[string]func() error{
			"build": func() error { _, err := run(append); return err },
			"show": func() error {
				_, err := baselines.Show(context.Background(), path, &baselines.Request{Segment: "global"})
				return err
			},
			"list": func() error {
				_, err := baselines.List(context.Background(), path, []baseline.Kind{baseline.Host}, 1)
				return err
			},
			"merge": func() error {
				_, err := baselines.Merge(context.Background(), filepath.Join(dir, "m"), []string{good, path}, false)
				return err
			},
			"forget": func() error {
				_, err := baselines.Forget(context.Background(), path, []netip.Addr{netip.MustParseAddr("10.0.0.1")})
				return err
			},
			"check": func() error { _, err := baselines.Check(context.Background(), path); return err },
		} {
			err := do()
			if !errors.Is(err, test.err) || !strings.Contains(err.Error(), path) || !strings.Contains(baselines.Advice(err), test.advice) {
				t.Errorf("%s of %s: %v; %s", what, name, err, baselines.Advice(err))
			}
		}
		if !bytes.Equal(content(t, path), test.data) {
			t.Errorf("%s was changed", name)
		}
	}
	for _, missing := range []func() error{
		func() error { _, err := baselines.Check(context.Background(), filepath.Join(dir, "none")); return err },
		func() error {
			_, err := baselines.Merge(context.Background(), filepath.Join(dir, "m"), []string{filepath.Join(dir, "none")}, false)
			return err
		},
	} {
		if err := missing(); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
}

// TestMergeRefuses what would count twice, other settings, and to replace what is there.
func TestMergeRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	a := table(t, 0, "10.0.0.1")
	must(t, build(at("a"), a))
	must(t, build(at("ab"), a, table(t, 1, "10.0.0.1")))
	keyless := build(at("keyless"), table(t, 2, "10.0.0.1"))
	keyless.Keys = 0
	must(t, keyless)
	for says, files := range map[string][]string{
		"count twice": {at("a"), at("ab")}, "has categories none": {at("a"), at("keyless")}, "--force replaces it": {at("a")},
	} {
		out := at("new")
		if len(files) == 1 {
			out = at("ab")
		}
		if _, err := baselines.Merge(context.Background(), out, files, false); !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}

// TestShow is worked by hand: 10.0.0.1 sends 0 to 5 packets, and 1 flow a window.
func TestShow(t *testing.T) {
	out := filepath.Join(t.TempDir(), "b")
	labels := filepath.Join(t.TempDir(), "labels.csv")
	if err := os.WriteFile(labels, []byte("10.0.0.0/31,pair\n10.0.0.1,one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := build(out, table(t, 0, "10.0.0.0", "10.0.0.1"), table(t, 7, "10.0.0.1"))
	b.Labels, b.Protocols = labels, true
	must(t, b)
	v, err := baselines.Show(context.Background(), out, &baselines.Request{Segment: "10.0.0.1", Top: 1})
	if err != nil {
		t.Fatal(err)
	}
	if v.Segment != "host 10.0.0.1" || v.Windows != 12 || v.Days != 2 || v.Hosts != 1 || len(v.Categories) != 4 {
		t.Errorf("%+v", v)
	}
	if c := v.Categories[3]; c.Name != "service" || c.Distinct != 1 || c.Times != 6+48 || len(c.Keys) != 1 || c.Keys[0] != (baselines.KeyView{Key: "tcp/443", Times: 54}) {
		t.Errorf("%+v", c)
	}
	for _, f := range v.Features {
		switch f.Name {
		case "outbound_ratio":
			if f.Values != 12 || *f.Center != 0.25 || f.Std != 0 || *f.Low != 0.25 || f.Slot != "all_hours" {
				t.Errorf("%+v", f)
			}
		case "gap_mean_ns":
			if f.Values != 0 || f.Center != nil || f.P50 != nil || f.Slot != "" {
				t.Errorf("%+v", f)
			}
		}
	}
	hour := baseline.HourOfWeekOf(hosttest.Begin)
	for segment, want := range map[string]uint64{"global": 18, "subnet 10.0.0.0/24": 18, "10.0.0.1/32": 12, "label pair": 6, "label one": 12, "protocol tcp": 18} {
		v, err := baselines.Show(context.Background(), out, &baselines.Request{Segment: segment, Hour: &hour, Feature: "out_packets"})
		if err != nil || v.Windows != want || len(v.Features) != 1 || v.Features[0].Slot != "hour_of_week" || v.Features[0].Observations != want || v.Categories != nil {
			t.Errorf("%s: %+v, %v", segment, v, err)
		}
	}
	far := 168
	for says, r := range map[string]baselines.Request{
		"no windows of host 10.9.9.9": {Segment: "10.9.9.9"}, "want global": {Segment: "host x"}, "did you mean out_flows": {Segment: "global", Feature: "out_flow"},
		"hour of the week": {Segment: "global", Hour: &far}, "no windows of label x": {Segment: "label x"},
	} {
		if _, err := baselines.Show(context.Background(), out, &r); !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
	var shown strings.Builder
	if err := errors.Join(baselines.RenderView(&shown, v, 0), baselines.WriteJSON(&shown, v)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"host 10.0.0.1 of table hosts: 12 windows of 1 host on 2 days", "outbound_ratio", "tcp/443     54", `"p50": null`} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("no %q in\n%s", want, shown.String())
		}
	}
}

// TestList says what it leaves out.
func TestList(t *testing.T) {
	out := filepath.Join(t.TempDir(), "b")
	must(t, build(out, table(t, 0, "10.0.0.1", "10.0.0.2", "10.0.1.1"), table(t, 3, "10.0.0.1")))
	kinds, err := baselines.Kinds("all")
	if err != nil {
		t.Fatal(err)
	}
	l, err := baselines.List(context.Background(), out, kinds, 2)
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	if err := baselines.RenderList(&shown, l, 0); err != nil {
		t.Fatal(err)
	}
	want := `segment  name         hosts  windows  days  first day   last day
-------  -----------  -----  -------  ----  ----------  ----------
global                    3       24     2  2026-11-21  2026-11-24
subnet   10.0.0.0/24      2       18     2  2026-11-21  2026-11-24
subnet   10.0.1.0/24      1        6     1  2026-11-21  2026-11-21
host     10.0.0.1         1       12     2  2026-11-21  2026-11-24
host     10.0.0.2         1        6     1  2026-11-21  2026-11-21
1 more of kind host; --limit shows more
`
	if shown.String() != want {
		t.Errorf("got\n%s\nwant\n%s", shown.String(), want)
	}
	if _, err := baselines.List(context.Background(), out, kinds, 0); !errors.Is(err, usage.Err) {
		t.Error(err)
	}
	if _, err := baselines.Kinds("x"); !errors.Is(err, usage.Err) {
		t.Error(err)
	}
}

// TestNamesAreEscapedOnce: a backslash of a label is two for people, and itself in JSON.
func TestNamesAreEscapedOnce(t *testing.T) {
	labels := filepath.Join(t.TempDir(), "labels.csv")
	if err := os.WriteFile(labels, []byte("10.0.0.0/24,CORP\\office\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := build(filepath.Join(t.TempDir(), "b"), table(t, 0, "10.0.0.1"))
	b.Labels = labels
	must(t, b)
	l, err := baselines.List(context.Background(), b.Out, []baseline.Kind{baseline.Label}, 2)
	if err != nil {
		t.Fatal(err)
	}
	v, err := baselines.Show(context.Background(), b.Out, &baselines.Request{Segment: `label CORP\office`})
	if err != nil {
		t.Fatal(err)
	}
	var people, programs strings.Builder
	if err := errors.Join(baselines.RenderList(&people, l, 0), baselines.RenderView(&people, v, 0), baselines.WriteJSON(&programs, l), baselines.WriteJSON(&programs, v)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"label    CORP\\\\office ", "label CORP\\\\office of table"} {
		if !strings.Contains(people.String(), want) {
			t.Errorf("no %q in\n%s", want, people.String())
		}
	}
	for _, want := range []string{`"name": "CORP\\office"`, `"segment": "label CORP\\office"`} {
		if !strings.Contains(programs.String(), want) {
			t.Errorf("no %q in\n%s", want, programs.String())
		}
	}
}

// TestExchange exports and imports to the same bytes.
func TestExchange(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	b := build(at("a"), table(t, 0, "10.0.0.1", "10.0.0.2"), table(t, 4, "10.0.0.1"))
	b.Hosts, b.Protocols, b.Days = 1, true, 3
	must(t, b)
	for _, format := range []string{baselines.FormatJSON, baselines.FormatSQLite} {
		export := baselines.Export{File: at("a"), Format: format, Out: at(format)}
		if err := export.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		if e, err := baselines.Import(context.Background(), at(format), at(format+".back"), false); err != nil || e.Days != 1 {
			t.Fatalf("%+v, %v", e, err)
		}
		same(t, format, at("a"), at(format+".back"))
		if err := export.Run(context.Background(), nil); !errors.Is(err, usage.Err) {
			t.Errorf("over a file: %v", err)
		}
		export.Force = true
		if err := export.Run(context.Background(), nil); err != nil {
			t.Errorf("with force: %v", err)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for _, format := range []string{baselines.FormatJSON, baselines.FormatSQLite} {
		export := baselines.Export{File: at("a"), Format: format, Out: filepath.Join(dir, "none", format)}
		if err := export.Run(stopped, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a stop: %v", format, err)
		}
		if left, err := os.ReadDir(filepath.Join(dir, "none")); len(left) > 0 || err != nil {
			t.Errorf("%s: a stop leaves %v, %v", format, left, err)
		}
	}
	var out strings.Builder
	if err := (&baselines.Export{File: at("a"), Format: baselines.FormatJSON}).Run(context.Background(), &out); err != nil || out.String() != string(content(t, at("json"))) {
		t.Errorf("a file and stdout differ, %v", err)
	}
	if err := (&baselines.Export{File: at("a"), Format: baselines.FormatSQLite}).Run(context.Background(), &out); !errors.Is(err, usage.Err) {
		t.Errorf("a database to stdout: %v", err)
	}
	if err := (&baselines.Export{File: at("a"), Format: baselines.FormatJSON, Force: true}).Run(context.Background(), &out); !errors.Is(err, usage.Err) {
		t.Errorf("stdout, with force: %v", err)
	}
	if _, err := baselines.Import(context.Background(), at("json"), at("a"), false); !errors.Is(err, usage.Err) {
		t.Errorf("over a baseline: %v", err)
	}
	data := content(t, at("sqlite"))
	if err := errors.Join(os.WriteFile(at("cut"), data[:len(data)/2], 0o600), os.WriteFile(at("short"), []byte("x"), 0o600), os.WriteFile(at("empty"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "cut", "short", "empty"} {
		if _, err := baselines.Import(context.Background(), at(name), at("c"), false); !errors.Is(err, exchange.ErrFormat) || !strings.Contains(err.Error(), at(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(at("c")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was written: %v", err)
	}
}
