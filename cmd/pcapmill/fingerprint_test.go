package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/model/fingerprint"
	"pcapmill/model/fingerprint/hosttest"
)

// hostTables writes a dataset with the hosts table of an hour, in two parts: a server, a
// sensor that reports every 30 s, and a client of the third window on; and a folder with
// the table of the hour after, in which the sensor scans. It returns dataset and folder.
func hostTables(t *testing.T) (dataset, later string) {
	t.Helper()
	dir := t.TempDir()
	dataset, later = filepath.Join(dir, "out"), filepath.Join(dir, "later")
	var hour, after []hosttest.Cells
	for i := range int64(6) {
		start := hosttest.Begin + i*hosttest.TenMins
		server := hosttest.Cells{
			"window_start_ns": start, "host": "10.0.0.1", "out_packets": 900, "in_packets": 600, "out_wire_bytes": 900_000, "in_wire_bytes": 60_000,
			"active_seconds": 400, "in_flows": 100, "fan_in": 20, "in_ports": 1, "protocols": 1, "gap_mean_ns": 4e8, "gap_std_ns": 8e8, "burst_score": 9.0,
		}
		sensor := hosttest.Cells{
			"window_start_ns": start, "host": "10.0.0.7", "out_packets": 40, "in_packets": 40, "out_wire_bytes": 8000, "in_wire_bytes": 4000,
			"active_seconds": 20, "out_flows": 20, "fan_out": 1, "out_ports": 1, "protocols": 1, "burst_score": 2.0, "regularity": 0.99, "period_s": 30,
		}
		scanner := hosttest.Cells{
			"window_start_ns": start + 6*hosttest.TenMins, "host": "10.0.0.7", "out_packets": 500, "in_packets": 100, "out_wire_bytes": 30000, "in_wire_bytes": 6000,
			"active_seconds": 300, "out_flows": 400, "failed_out_flows": 390, "fan_out": 200, "out_ports": 2, "protocols": 1, "burst_score": 5.0,
		}
		hour, after = append(hour, server, sensor), append(after, scanner)
		if i >= 2 {
			hour = append(hour, hosttest.Cells{"window_start_ns": start, "host": "2001:db8::5", "out_packets": 3, "out_wire_bytes": 300, "active_seconds": 3, "burst_score": 1.0})
		}
	}
	for path, rows := range map[string][]hosttest.Cells{
		filepath.Join(dataset, "hosts", "part-00000.parquet"): hour[:7], filepath.Join(dataset, "hosts", "part-00001.parquet"): hour[7:],
		filepath.Join(later, "part-00000.parquet"): after,
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := hosttest.WriteFile(path, rows...); err != nil {
			t.Fatal(err)
		}
	}
	return dataset, later
}

func save(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFingerprint(t *testing.T) {
	out, _ := hostTables(t)
	r := run(t, "fingerprint", out).want(t, job.ExitOK)
	all, err := fingerprint.Read(strings.NewReader(r.out))
	if err != nil || len(all) != 3 || all[0].Windows != 6 || all[2].Windows != 4 {
		t.Fatalf("%v, %v", all, err)
	}
	document := save(t, "hosts.json", r.out)
	for _, from := range []string{filepath.Join(out, "hosts"), document} {
		if again := run(t, "fingerprint", from).want(t, job.ExitOK); again.out != r.out {
			t.Errorf("from %s: another document", from)
		}
	}
	parts := run(t, "fingerprint", filepath.Join(out, "hosts", "part-00001.parquet"), filepath.Join(out, "hosts", "part-00000.parquet")).want(t, job.ExitOK)
	if parts.out != r.out {
		t.Error("from the parts in another order: another document")
	}
	table := run(t, "fingerprint", document, "--format", "table").want(t, job.ExitOK)
	if lines := strings.Split(strings.TrimSpace(table.out), "\n"); len(lines) != 5 || !strings.Contains(lines[2], "server") || !strings.Contains(lines[4], "2001:db8::5") {
		t.Errorf("%s", table.out)
	}
	text := run(t, "fingerprint", out, "--format", "text", "--host", "10.0.0.7,10.9.9.9").want(t, job.ExitOK).says(t, "no row of host 10.9.9.9")
	if !strings.HasPrefix(text.out, "10.0.0.7\n6 windows of 10m0s") || !strings.Contains(text.out, "class automated: active_share 0.03333 ≤ 0.5; regularity 0.99 ≥ 0.9") || strings.Contains(text.out, "10.0.0.1") {
		t.Errorf("%s", text.out)
	}
}

// TestFingerprintWithoutHosts: a dataset that has no such table says so, and how to make it.
func TestFingerprintWithoutHosts(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put("manifest.json")
	put("flows/part-00000.parquet")
	for _, command := range []string{"fingerprint", "inspect"} {
		run(t, command, dir).want(t, job.ExitRejected).says(t, "has no table hosts; run makes it with --windows hosts")
	}
	put("tables.sqlite")
	run(t, "fingerprint", dir).want(t, job.ExitRejected).says(t, "holds .sqlite files, and only Parquet is read here")
}

func TestCompare(t *testing.T) {
	out, later := hostTables(t)
	document := save(t, "hosts.json", run(t, "fingerprint", out).want(t, job.ExitOK).out)
	for _, metric := range fingerprint.Metrics() {
		same := run(t, "compare", document, out, "--host", "10.0.0.7", "--metric", string(metric)).want(t, job.ExitOK)
		if !strings.Contains(same.out, "\nmatch: "+string(metric)) {
			t.Errorf("%s", same.out)
		}
		other := run(t, "compare", out, "--host", "10.0.0.7", "--target-host", "10.0.0.1", "--metric", string(metric)).want(t, job.ExitOK)
		if !strings.Contains(other.out, "\nno match: "+string(metric)) {
			t.Errorf("%s", other.out)
		}
	}
	r := run(t, "compare", document, later, "--host", "10.0.0.7", "--scale", out, "--threshold", "0.9", "--format", "json").want(t, job.ExitOK)
	var c struct {
		Match     bool
		Threshold float64
		Source    string
		Deltas    []struct {
			Feature string
			Percent *float64
		}
	}
	if err := json.Unmarshal([]byte(r.out), &c); err != nil || c.Match || c.Threshold != 0.9 || c.Source != "10.0.0.7 of "+document {
		t.Errorf("%v: %s", err, r.out)
	}
	for _, d := range c.Deltas {
		switch d.Feature {
		case "out_flows_per_hour":
			if d.Percent == nil || *d.Percent != 1900 {
				t.Errorf("%v", d.Percent)
			}
		case "failed_out_ratio":
			if d.Percent != nil {
				t.Errorf("%v percent of 0", *d.Percent)
			}
		}
	}
}

func TestInspect(t *testing.T) {
	out, later := hostTables(t)
	r := run(t, "inspect", out, later, "--host", "10.0.0.7", "--feature", "fan_out", "--timeline", "--limit", "8", "--scale", out).want(t, job.ExitOK)
	if lines := strings.Split(r.out, "\n"); !strings.Contains(r.out, "fan_out in each window, without 4 older ones\n2026-11-21T06:40:00Z  1 ") || !strings.Contains(lines[len(lines)-2], "T07:50:00Z  200 ") {
		t.Errorf("%s", r.out)
	}
	r = run(t, "inspect", later, "--format", "json").want(t, job.ExitOK)
	if !json.Valid([]byte(r.out)) || !strings.Contains(r.out, `"class": "scanner"`) {
		t.Errorf("%s", r.out)
	}
}

// TestFingerprintsRefused: exit codes, and that what is wrong is said in harmless words.
func TestFingerprintsRefused(t *testing.T) {
	out, later := hostTables(t)
	document := save(t, "hosts.json", run(t, "fingerprint", out).want(t, job.ExitOK).out)
	short := filepath.Join(t.TempDir(), "minutes.parquet")
	if err := hosttest.WriteFile(short, hosttest.Cells{"host": "10.0.0.7", "window_ns": hosttest.Minute}); err != nil {
		t.Fatal(err)
	}
	minutes := filepath.Join(t.TempDir(), "minutes.parquet") // two hosts, of whom a scale can be made
	if err := hosttest.WriteFile(minutes, hosttest.Cells{"host": "10.0.0.1", "window_ns": hosttest.Minute}, hosttest.Cells{"host": "10.0.0.2", "window_ns": hosttest.Minute}); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.parquet")
	if err := hosttest.WriteFile(bad, hosttest.Cells{"host": "\x1b[2J"}); err != nil {
		t.Fatal(err)
	}
	demo := filepath.Join(t.TempDir(), "demo")
	run(t, "run", "--demo", "-q", "-o", demo).want(t, job.ExitOK)
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{job.ExitUsage, "none of the hosts is there", []string{"fingerprint", out, "--host", "10.9.9.9"}},
		{job.ExitUsage, ": row 0: windows of different lengths", []string{"fingerprint", out, short}}, // the first of short
		{job.ExitUsage, "--host", []string{"fingerprint", out, "--host", "nobody"}},
		{job.ExitUsage, "has 3 of them; name one", []string{"inspect", out}},
		{job.ExitUsage, "no such feature", []string{"inspect", later, "--feature", "nope"}},
		{job.ExitUsage, "--timeline is of one --feature", []string{"inspect", later, "--timeline"}},
		{job.ExitUsage, "--limit below 1", []string{"inspect", later, "--limit", "0"}},
		{job.ExitUsage, "compared with itself", []string{"compare", later}},
		{job.ExitUsage, "windows of different lengths", []string{"compare", later, short}},
		{job.ExitUsage, "60000000000 ns those of --scale", []string{"compare", later, out, "--host", "10.0.0.7", "--scale", minutes}},
		{job.ExitUsage, "60000000000 ns those of --scale", []string{"inspect", later, "--scale", minutes}},
		{job.ExitUsage, "no number", []string{"compare", later, out, "--host", "10.0.0.7", "--threshold", "NaN"}},
		{job.ExitUsage, "takes two at least", []string{"compare", later, out, "--host", "10.0.0.7", "--scale", later}},
		{job.ExitRejected, "no column host", []string{"fingerprint", filepath.Join(demo, "flows")}},
		{job.ExitRejected, `\x1b[2J is no address`, []string{"fingerprint", bad}},
		{job.ExitRejected, "is a document", []string{"inspect", document, "--host", "10.0.0.7", "--feature", "fan_out", "--timeline"}},
		{job.ExitRejected, "no such file", []string{"fingerprint", filepath.Join(out, "nope.json")}},
		{job.ExitRejected, "not a document of fingerprints", []string{"fingerprint", save(t, "x.json", "{}")}},
		{job.ExitRejected, "unknown version", []string{"fingerprint", save(t, "x.json", strings.Replace(run(t, "fingerprint", later).out, `"schema_version": 1`, `"schema_version": 9`, 1))}},
	} {
		if r := run(t, c.args...).want(t, c.code).says(t, c.says); r.out != "" || strings.Contains(r.err, "\x1b") {
			t.Errorf("%q: %q on stdout, %q on stderr", c.args, r.out, r.err)
		}
	}
}

// TestFingerprintFiles: what is written to files reads back as the document, whichever kind it
// is, and nothing but fingerprints is ever replaced.
func TestFingerprintFiles(t *testing.T) {
	out, later := hostTables(t)
	dir := t.TempDir()
	document, table := filepath.Join(dir, "hosts.json"), filepath.Join(dir, "hosts.parquet")
	want := run(t, "fingerprint", out).want(t, job.ExitOK).out
	run(t, "fingerprint", out, "-o", document).want(t, job.ExitOK)
	run(t, "fingerprint", document, "--format", "parquet", "-o", table).want(t, job.ExitOK)
	for _, file := range []string{document, table} {
		if r := run(t, "fingerprint", file).want(t, job.ExitOK); r.out != want {
			t.Errorf("%s: another document", file)
		}
		if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	for _, args := range [][]string{
		{"inspect", "--host", "10.0.0.7", "--feature", "regularity"}, {"compare", "--host", "10.0.0.7", "--target-host", "10.0.0.1"},
		{"fingerprint", "--host", "10.0.0.7"},
	} {
		a := run(t, append(args, document)...).want(t, job.ExitOK).out
		b := run(t, append(args, table)...).want(t, job.ExitOK).out
		if strings.ReplaceAll(a, document, "") != strings.ReplaceAll(b, table, "") {
			t.Errorf("%v: %s\n%s", args, a, b)
		}
	}
	run(t, "compare", document, table, "--host", "10.0.0.7", "--scale", table).want(t, job.ExitOK)

	run(t, "fingerprint", later, "-o", document).want(t, job.ExitUsage).says(t, "--force")
	run(t, "fingerprint", later, "-o", table, "--format", "parquet").want(t, job.ExitUsage).says(t, "--force")
	run(t, "fingerprint", later, "-o", document, "--force").want(t, job.ExitOK)
	run(t, "fingerprint", later, "-o", table, "--format", "parquet", "--force").want(t, job.ExitOK)
	if a, b := run(t, "fingerprint", document), run(t, "fingerprint", table); a.out != b.out || a.out == want {
		t.Error("the files were not replaced")
	}
	foreign := save(t, "notes.json", "{}")
	run(t, "fingerprint", out, "-o", foreign, "--force").want(t, job.ExitOutput).says(t, "not written by pcapmill")
	run(t, "fingerprint", out, "-o", dir, "--force").want(t, job.ExitUsage)
	run(t, "fingerprint", out, "-o", filepath.Join(dir, "x.json"), "--format", "parquet").want(t, job.ExitUsage).says(t, ".parquet")
	run(t, "fingerprint", out, "-o", filepath.Join(dir, "x.parquet")).want(t, job.ExitUsage).says(t, ".json")
	run(t, "fingerprint", out, "-o", filepath.Join(dir, "x.json"), "--format", "text").want(t, job.ExitUsage)
	run(t, "fingerprint", out, "--format", "parquet").want(t, job.ExitUsage).says(t, "--out")
	run(t, "fingerprint", out, "--force").want(t, job.ExitUsage)
	run(t, "fingerprint", table, out).want(t, job.ExitRejected).says(t, "not joined")
	run(t, "fingerprint", out, table).want(t, job.ExitRejected).says(t, "not joined")
	run(t, "inspect", table, "--host", "10.0.0.7", "--feature", "regularity", "--timeline").want(t, job.ExitRejected)
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left: %v", entries)
	}
	if data, _ := os.ReadFile(foreign); string(data) != "{}" {
		t.Error("a foreign file was written over")
	}
}
