package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
	"pcapmill/model/drift/report/reporttest"
	"pcapmill/model/fingerprint/hosttest"
)

// driftHours writes a hosts table: 16 hosts with six windows in each of some hours, bytes
// and rates of which are multiplied, and host 10.0.0.1 also scans where it is asked to.
func driftHours(t *testing.T, name string, first, hours int, times float64, scan bool) string {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(first), 7))
	around := func(x float64) float64 { return x * (0.8 + 0.4*random.Float64()) }
	var rows []hosttest.Cells
	for w := range hours * 6 {
		for h := range 16 {
			bytes, packets := around(40000)*times, around(100)
			row := hosttest.Cells{
				"window_start_ns": hosttest.Begin/3600e9*3600e9 + int64(first*6+w)*hosttest.TenMins, "host": fmt.Sprintf("10.0.0.%d", h+1),
				"out_packets": int(packets), "in_packets": int(around(120)), "out_wire_bytes": int(bytes), "in_wire_bytes": int(around(90000) * times),
				"active_seconds": int(around(60)), "out_flows": int(around(20)), "fan_out": int(around(8)), "out_ports": 2, "protocols": 2,
				"gap_mean_ns": around(4e8), "gap_std_ns": around(8e8), "gap_cv": around(2), "burst_score": around(6), "outbound_ratio": around(0.45),
				"byte_asymmetry": around(-0.4), "packets_per_s": packets / 600, "wire_bytes_per_s": bytes / 600,
			}
			if scan && h == 0 {
				row["fan_out"], row["out_ports"], row["out_flows"], row["failed_out_flows"] = 250, 900, 2000, 1900
				row["gap_mean_ns"], row["gap_std_ns"], row["burst_score"], row["outbound_ratio"], row["byte_asymmetry"] = 1e6, 1e6, 1.1, 0.95, 0.9
			}
			rows = append(rows, row)
		}
	}
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := hosttest.WriteFile(filepath.Join(dir, "part-00000.parquet"), rows...); err != nil {
		t.Fatal(err)
	}
	return dir
}

func driftBaseline(t *testing.T) (baseline, learnt string) {
	t.Helper()
	baseline, learnt = filepath.Join(t.TempDir(), "normal.bl"), driftHours(t, "learnt", 0, 24, 1, false)
	run(t, "baseline", "build", learnt, "-o", baseline).want(t, job.ExitOK)
	return baseline, learnt
}

// TestDrift goes through a night's steps: what is as usual passes, what is not fails, in
// every output of one run, and again without a further alert.
func TestDrift(t *testing.T) {
	base, learnt := driftBaseline(t)
	same, large := driftHours(t, "same", 30, 6, 1, false), driftHours(t, "large", 40, 6, 3, false)
	if r := run(t, "drift", "--baseline", base, same).want(t, job.ExitOK); !strings.HasPrefix(r.out, "no drift\n") {
		t.Errorf("%s", r.out)
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	args := []string{"drift", "--baseline", base, large, "--report", in("r.json"), "--report", in("r.MD"), "--report", in("r.xml"), "--report", in("r.html"), "--report", in("r.txt"), "--alerts", in("alerts.jsonl")}
	first := run(t, args...).want(t, job.ExitDrift).says(t, " alerts added, 0 known")
	if !strings.HasPrefix(first.out, "drift: ") || !strings.Contains(first.out, "out_wire_bytes") || strings.Contains(first.out, "\x1b") {
		t.Errorf("%s", first.out)
	}
	before := map[string]string{}
	for _, name := range []string{"r.json", "r.MD", "r.xml", "r.html", "r.txt", "alerts.jsonl"} {
		before[name] = readFile(t, in(name))
		if info, err := os.Stat(in(name)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if before["r.txt"] != first.out {
		t.Error("the text is another in a file than in a pipe")
	}
	if err := xml.Unmarshal([]byte(before["r.xml"]), new(struct{})); err != nil {
		t.Error(err)
	}
	again := run(t, args...).want(t, job.ExitDrift).says(t, "0 alerts added")
	for name, text := range before {
		if again.out != first.out || readFile(t, in(name)) != text {
			t.Errorf("%s is another the second time", name)
		}
	}
	if r := run(t, "drift", "--baseline", base, large, "--fail-on", "never", "-o", in("o.json"), "--format", "json").want(t, job.ExitOK); r.out != "" || readFile(t, in("o.json")) != before["r.json"] {
		t.Errorf("%s", r.out)
	}
	if r := run(t, "drift", "--baseline", base, learnt, "--fail-on", "never").want(t, job.ExitOK); !strings.Contains(r.out, "note: The baseline has learnt "+learnt) {
		t.Errorf("%s", r.out)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDriftOfHosts: a host that drifts is found, can be asked for, and can be suppressed.
func TestDriftOfHosts(t *testing.T) {
	base, _ := driftBaseline(t)
	scan := driftHours(t, "scan", 40, 6, 1, true)
	read := func(args ...string) *drift.Report {
		var r drift.Report
		out := run(t, append([]string{"drift", "--baseline", base, scan, "--format", "json", "--fail-on", "never"}, args...)...).want(t, job.ExitOK).out
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		return &r
	}
	if r := read("--host", "10.0.0.1"); r.Verdict < drift.High || len(r.Hosts) != 1 || r.Hosts[0].Host != "10.0.0.1" {
		t.Errorf("%+v", r)
	}
	if r := read("--host", "10.0.0.2,10.0.0.3"); len(r.Hosts) != 0 || r.Verdict >= drift.High {
		t.Errorf("%+v", r)
	}
	run(t, "drift", "--baseline", base, scan, "--host", "10.9.9.9").want(t, job.ExitUsage)
	if r := read("--host", "10.0.0.2,10.0.0.2"); len(r.Asked) != 1 || r.Asked[0].Windows == 0 {
		t.Errorf("%+v", r.Asked)
	}
	if r := read("--host", "10.9.9.9,10.0.0.2"); !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.HasPrefix(s, "10.9.9.9 is neither") }) {
		t.Errorf("%q", r.Notes)
	}
	known := save(t, "known.yaml", "- match: {host: 10.0.0.1}\n  reason: its owner scans\n  until: 2099-12-31\n- match: {segment: '*'}\n  reason: so does the network\n  until: 2099-12-31\n")
	if r := read("--suppress", known); r.Verdict != drift.None || len(r.Hosts) == 0 || r.Hosts[0].Suppressed == nil || r.Hosts[0].Suppressed.Reason != "its owner scans" {
		t.Errorf("%+v", r)
	}
	run(t, "drift", "--baseline", base, scan, "--suppress", known, "--fail-on", "low").want(t, job.ExitOK)
	run(t, "drift", "--baseline", base, scan, "--fail-on", "high").want(t, job.ExitDrift)
	over := save(t, "over.yaml", "- match: {segment: '*'}\n  reason: once\n  until: 2020-12-31\n")
	if r := run(t, "drift", "--baseline", base, scan, "--suppress", over).want(t, job.ExitDrift); !strings.Contains(r.out, "note: The suppression in line 1 ended on 2020-12-31: once") {
		t.Errorf("%s", r.out)
	}
}

// TestDriftOfSegments: tables are read as those of the baseline were.
func TestDriftOfSegments(t *testing.T) {
	labels := save(t, "labels.csv", "10.0.0.0/28,lab\n")
	learnt, large := driftHours(t, "learnt", 0, 24, 1, false), driftHours(t, "large", 40, 6, 3, false)
	base := filepath.Join(t.TempDir(), "labels.bl")
	run(t, "baseline", "build", learnt, "-o", base, "--labels", labels).want(t, job.ExitOK)
	const segment, note = "label lab", "note: The baseline has labels, and no --labels says"
	if r := run(t, "drift", "--baseline", base, large, "--labels", labels).want(t, job.ExitDrift); !strings.Contains(r.out, segment) || strings.Contains(r.out, note) {
		t.Errorf("%s", r.out)
	}
	if r := run(t, "drift", "--baseline", base, large).want(t, job.ExitDrift); strings.Contains(r.out, segment) || !strings.Contains(r.out, note) {
		t.Errorf("%s", r.out)
	}
	run(t, "drift", "--baseline", base, large, "--labels", save(t, "bad.csv", "lab\n")).want(t, job.ExitRejected)
}

// TestDriftRefused: exit codes, what to do next, and that nothing is written.
func TestDriftRefused(t *testing.T) {
	base, _ := driftBaseline(t)
	now := driftHours(t, "now", 40, 1, 1, false)
	whole := readFile(t, base)
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link") // another path to the folder
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(dir, "..", "part.md") // a table may have any name
	if err := os.WriteFile(part, []byte(readFile(t, filepath.Join(now, "part-00000.parquet"))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{job.ExitUsage, "missing flags: --baseline", []string{now}},
		{job.ExitUsage, "--fail-on must be one of", []string{now, "--baseline", base, "--fail-on", "all"}},
		{job.ExitUsage, "--format must be one of", []string{now, "--baseline", base, "--format", "pdf"}},
		{job.ExitUsage, "its ending is none of .txt, .json, .md, .xml, .html", []string{now, "--baseline", base, "--report", "x.pdf"}},
		{job.ExitUsage, "is named for two outputs", []string{now, "--baseline", base, "--report", "x.md", "--report", "./x.md"}},
		{job.ExitUsage, "is named for two outputs", []string{now, "--baseline", base, "-o", filepath.Join(link, "r.txt")}},
		{job.ExitUsage, "is read, and cannot be an output", []string{now, "--baseline", base, "-o", base}},
		{job.ExitUsage, "is read, and cannot be an output", []string{part, "--baseline", base, "--report", part}},
		{job.ExitUsage, "is read, and cannot be an output", []string{now, "--baseline", base, "-o", filepath.Join(now, "part-00000.parquet")}},
		{job.ExitUsage, "--covered 2 is no share", []string{now, "--baseline", base, "--covered", "2"}},
		{job.ExitUsage, "--covered NaN is no share", []string{now, "--baseline", base, "--covered", "NaN"}},
		{job.ExitUsage, "--to is not behind --from", []string{now, "--baseline", base, "--from", "0", "--to", "0"}},
		{job.ExitUsage, "--to is not behind --from", []string{now, "--baseline", base, "--from", "600", "--to", "600"}},
		{job.ExitUsage, "--top below 0", []string{now, "--baseline", base, "--top=-1"}},
		{job.ExitUsage, "--alert-period below 0", []string{now, "--baseline", base, "--alert-period=-1s"}},
		{job.ExitUsage, `an entry has no key "untill"; did you mean until`, []string{now, "--baseline", base, "--suppress", save(t, "s.yaml", "- match: {host: 10.0.0.1}\n  reason: x\n  untill: 2026-01-01\n")}},
		{job.ExitUsage, "no such file", []string{now, "--baseline", base, "--suppress", filepath.Join(dir, "none.yaml")}},
		{job.ExitRejected, "baselines by baseline build", []string{now, "--baseline", filepath.Join(dir, "none.bl")}},
		{job.ExitRejected, "name another file", []string{now, "--baseline", save(t, "x.bl", "nothing of ours, but longer than a hash would be, so that it is looked at")}},
		{job.ExitRejected, "restore a copy", []string{now, "--baseline", save(t, "cut.bl", whole[:len(whole)/2])}},
		{job.ExitRejected, "restore a copy", []string{now, "--baseline", save(t, "bent.bl", whole[:60]+"x"+whole[61:])}},
		{job.ExitRejected, "there are no whole windows: ", []string{driftHours(t, "empty", 40, 0, 1, false), "--baseline", base}},
		{job.ExitRejected, "no such file", []string{filepath.Join(dir, "none"), "--baseline", base}},
	} {
		args := append([]string{"drift", "--report", filepath.Join(dir, "r.txt"), "--alerts", filepath.Join(dir, "a.jsonl")}, c.args...)
		if r := run(t, args...).want(t, c.code).says(t, c.says); r.out != "" {
			t.Errorf("%q: %s", c.args, r.out)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 0 {
		t.Errorf("%v is there, %v", all, err)
	}
	if readFile(t, base) != whole {
		t.Error("the baseline was overwritten")
	}
}

// TestDriftUnknown: what a table cannot tell is said, as "without drift" is not true of it.
func TestDriftUnknown(t *testing.T) {
	base, _ := driftBaseline(t)
	now := filepath.Join(t.TempDir(), `C:\now`)
	if err := os.Rename(driftHours(t, "now", 40, 1, 1, false), now); err != nil {
		t.Fatal(err)
	}
	r := run(t, "drift", "--baseline", base, now)
	for _, note := range []string{
		`/C:\\now has no pairs table beside it: its services, peers and endpoints are not judged`,
		`/C:\\now has no manifest: whether its captures are whole is not known`,
	} {
		if strings.Count(r.out, note) != 1 {
			t.Errorf("%q is not there:\n%s", note, r.out)
		}
	}
}

// TestDriftUnwritten: an output that fails is exit code 6, whatever the verdict, and the
// others are written.
func TestDriftUnwritten(t *testing.T) {
	dir := t.TempDir()
	foreign := save(t, "foreign.jsonl", "precious\n")
	blocked := filepath.Join(dir, "folder.json")
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--report", blocked}, {"--alerts", foreign}} {
		text := filepath.Join(dir, "r.txt")
		code, out := delivered(t, reporttest.Rich(), append(args, "--report", text)...)
		if code != job.ExitOutput || out == "" || readFile(t, text) != out {
			t.Errorf("%q: exit code %d, %d bytes", args, code, len(out))
		}
		if err := os.Remove(text); err != nil {
			t.Error(err)
		}
	}
	if readFile(t, foreign) != "precious\n" {
		t.Error("a file that is none of ours was changed")
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// delivered returns the exit code and stdout for a report and flags.
func delivered(t *testing.T, r *drift.Report, flags ...string) (code int, out string) {
	t.Helper()
	grammar := &cli{}
	var b bytes.Buffer
	log, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s := streams{out: &b, err: log}
	parser, err := newParser(grammar, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"drift", "table", "--baseline", "b"}, flags...)); err != nil {
		t.Fatal(err)
	}
	o, err := grammar.Drift.outputs(s)
	if err != nil {
		t.Fatal(err)
	}
	return failed(s, o.deliver(context.Background(), s, r)), b.String()
}

// TestDriftExitCodes holds exit codes to severities.
func TestDriftExitCodes(t *testing.T) {
	for s := drift.None; s <= drift.Critical; s++ {
		for _, on := range []string{"low", "medium", "high", "critical", "never"} {
			r := reporttest.Quiet()
			r.Verdict = s
			want := job.ExitOK
			if from, err := drift.ParseSeverity(on); err == nil && s >= from {
				want = job.ExitDrift
			}
			if code, _ := delivered(t, r, "--fail-on", on); code != want {
				t.Errorf("%s with --fail-on %s: exit code %d, want %d", s, on, code, want)
			}
		}
	}
}

// TestDriftFormats: what is written is what the packages write.
func TestDriftFormats(t *testing.T) {
	for _, f := range drifts.Formats() {
		var want bytes.Buffer
		if err := f.Write(&want, reporttest.Rich(), report.Options{FailOn: drift.High, Top: 2}); err != nil {
			t.Fatal(err)
		}
		if _, out := delivered(t, reporttest.Rich(), "--format", f.Name, "--fail-on", "high", "--top", "2"); out != want.String() {
			t.Errorf("%s:\n%s", f.Name, out)
		}
	}
}

// TestDriftNoNumber: a report with a number that is none is a fault of ours.
func TestDriftNoNumber(t *testing.T) {
	r := reporttest.Rich()
	nan := 0.0
	nan /= nan
	r.Items[0].Current = &nan
	if code, out := delivered(t, r, "--fail-on", "never"); code != job.ExitInternal || out != "" {
		t.Errorf("exit code %d: %s", code, out)
	}
}
