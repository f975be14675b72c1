package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/model/fingerprint/hosttest"
)

// demoTables writes the dataset of the generated capture.
func demoTables(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	output(t, "run", "--demo", "-o", out, "--quiet")
	return out
}

// ruled runs a command line and returns its exit code, stdout and stderr.
func ruled(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	errs, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer errs.Close() //nolint:errcheck // only read again
	var out bytes.Buffer
	code = execute(append([]string{"pcapmill", "rules"}, args...), streams{out: &out, err: errs})
	said, err := os.ReadFile(errs.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, out.String(), string(said)
}

const siteRules = `
version: 1
rules:
  - id: udp
    title: A flow of UDP
    severity: high
    table: flows
    where: protocol = 17
  - id: many-names
    title: Names
    severity: low
    table: dns
    aggregate: distinct(query_name)
    threshold: 1
`

// TestRulesRun: exit codes, what goes where, and which rules are applied.
func TestRulesRun(t *testing.T) {
	out, site := demoTables(t), save(t, "site.yaml", siteRules)
	wrong := save(t, "wrong.yaml", "version: 1\nrules:\n  - {id: a, title: t, table: flows, where: protcol = 17}\n")
	none := save(t, "none.yaml", "version: 1\nrules:\n  - {id: a, titel: t}\n")
	for name, test := range map[string]struct {
		args   []string
		code   int
		says   string // on stdout
		stderr string
	}{
		"ours":       {[]string{"run", out}, job.ExitDrift, "src_ip 203.0.113.66", ""}, // which scans
		"skipped":    {[]string{"run", out, "--only", "volume-spike"}, job.ExitUsage, "no alerts\n\n0 rules applied, 1 skipped\n  skipped volume-spike: it needs a baseline", "no rule could be applied"},
		"alerts":     {[]string{"run", out, "--rules", site}, job.ExitDrift, "high  udp: A flow of UDP", ""},
		"low":        {[]string{"run", out, "--rules", site, "--only", "many-names"}, job.ExitOK, "1 alert of 1 rule; the worst is low", ""},
		"low fails":  {[]string{"run", out, "--rules", site, "--without", "udp", "--fail-on", "low"}, job.ExitDrift, "distinct(query_name) is", ""},
		"high":       {[]string{"run", out, "--rules", site, "--fail-on", "critical"}, job.ExitOK, "the worst is high", ""},
		"both":       {[]string{"run", out, "--rules", site, "--shipped"}, job.ExitDrift, "skipped new-country", ""},
		"a table":    {[]string{"run", filepath.Join(out, "flows"), "--rules", site}, job.ExitDrift, "skipped many-names: there is no table dns", ""},
		"markdown":   {[]string{"run", out, "--rules", site, "--format", "markdown"}, job.ExitDrift, "| **high** | `udp` |", ""},
		"junit":      {[]string{"run", out, "--rules", site, "--format", "junit"}, job.ExitDrift, `<testcase classname="rules.flows" name="udp" time="0">`, ""},
		"wrong":      {[]string{"run", out, "--rules", wrong}, job.ExitUsage, "", "did you mean protocol"},
		"no rules":   {[]string{"run", out, "--rules", none}, job.ExitUsage, "", `line 3, column 13: rule a: a rule has no key "titel"`},
		"no file":    {[]string{"run", out, "--rules", none + "x"}, job.ExitUsage, "", "no such file"},
		"no rule":    {[]string{"run", out, "--only", "port-scn"}, job.ExitUsage, "", "no rule is called port-scn; did you mean port-scan"},
		"no table":   {[]string{"run", out + "x"}, job.ExitRejected, "", "table cannot be read"},
		"not a base": {[]string{"run", out, "--baseline", site}, job.ExitRejected, "", "not a baseline"},
		"two names":  {[]string{"run", out, filepath.Join(out, "hosts")}, job.ExitUsage, "", "is named twice"},
		"memory":     {[]string{"run", out, "--memory", "1KiB"}, job.ExitUsage, "", "less than 1 MiB"},
	} {
		code, stdout, stderr := ruled(t, test.args...)
		if code != test.code || !strings.Contains(stdout, test.says) || !strings.Contains(stderr, test.stderr) || test.stderr == "" && stderr != "" {
			t.Errorf("%s: exit %d\n%s%s", name, code, stdout, stderr)
		}
	}
}

// TestRulesJSON: both forms are the same twice, and a line is an alert.
func TestRulesJSON(t *testing.T) {
	out, site := demoTables(t), save(t, "site.yaml", siteRules)
	_, first, _ := ruled(t, "run", out, "--rules", site, "--format", "json")
	_, again, _ := ruled(t, "run", out, "--rules", site, "--format", "json")
	var doc struct {
		Summary struct{ Alerts int }
		Alerts  []struct{ ID, Severity string }
	}
	if err := json.Unmarshal([]byte(first), &doc); err != nil || first != again || doc.Summary.Alerts != len(doc.Alerts) || len(doc.Alerts) < 2 {
		t.Errorf("%v: %s", err, first)
	}
	_, _, notes := ruled(t, "run", out, "--rules", site, "--format", "jsonl", "--shipped")
	if !strings.Contains(notes, "skipped volume-spike: it needs a baseline") {
		t.Errorf("nothing is said of what is skipped: %s", notes)
	}
	_, lines, _ := ruled(t, "run", out, "--rules", site, "--format", "jsonl")
	for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		var alert struct {
			Time  time.Time `json:"@timestamp"`
			Event struct{ Kind, ID string }
			Rule  struct{ ID, Name string }
		}
		if err := json.Unmarshal([]byte(line), &alert); err != nil || alert.Event.Kind != "alert" || alert.Event.ID != doc.Alerts[i].ID || alert.Time.IsZero() || alert.Rule.ID == "" {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// TestRulesBaseline builds a baseline of a sensor's hour, after which it moves ten times as much.
func TestRulesBaseline(t *testing.T) {
	dir := t.TempDir()
	var hours, spike []hosttest.Cells
	for i := range int64(24) {
		row := hosttest.Cells{
			"window_start_ns": hosttest.Begin + i*hosttest.TenMins, "host": "10.0.0.7", "out_packets": 1000, "in_packets": 900,
			"out_wire_bytes": 600_000, "in_wire_bytes": 60_000, "wire_bytes_per_s": 1100.0, "active_seconds": 100, "burst_score": 2.0,
		}
		hours = append(hours, row)
	}
	spike = append(spike, hosttest.Cells{
		"window_start_ns": hosttest.Begin + 25*hosttest.TenMins, "host": "10.0.0.7", "out_packets": 10000, "in_packets": 900,
		"out_wire_bytes": 6_600_000, "in_wire_bytes": 60_000, "wire_bytes_per_s": 11100.0, "active_seconds": 100, "burst_score": 2.0,
	})
	for name, rows := range map[string][]hosttest.Cells{"usual": hours, "now": spike} {
		if err := os.MkdirAll(filepath.Join(dir, name, "hosts"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := hosttest.WriteFile(filepath.Join(dir, name, "hosts", "part-00000.parquet"), rows...); err != nil {
			t.Fatal(err)
		}
	}
	base := filepath.Join(dir, "net.baseline")
	output(t, "baseline", "build", "-q", "-o", base, filepath.Join(dir, "usual"))
	for name, want := range map[string]int{"usual": job.ExitOK, "now": job.ExitDrift} {
		code, stdout, stderr := ruled(t, "run", filepath.Join(dir, name), "--baseline", base)
		if code != want || want == job.ExitDrift && !strings.Contains(stdout, "medium  volume-spike") {
			t.Errorf("%s: exit %d\n%s%s", name, code, stdout, stderr)
		}
	}
}

// TestRulesListAndCheck: what comes with pcapmill is right, and is a file to begin with.
func TestRulesListAndCheck(t *testing.T) {
	_, ours, _ := ruled(t, "list", "--format", "yaml")
	site := save(t, "site.yaml", siteRules)
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"list":      {[]string{"list"}, job.ExitOK, "volume-spike"},
		"list file": {[]string{"list", site}, job.ExitOK, "many-names"},
		"list json": {[]string{"list", site, "--format", "json"}, job.ExitOK, `"id": "many-names"`},
		"list yaml": {[]string{"list", site, "--format", "yaml"}, job.ExitUsage, ""},
		"ours":      {[]string{"check", save(t, "ours.yaml", ours)}, job.ExitOK, "ok: 16 rules\n"},
		"twice":     {[]string{"check", site, site}, job.ExitUsage, "rule udp: line 4: there is a rule of that id in"},
		"wrong": {
			[]string{"check", save(t, "x.yaml", "version: 1\nrules:\n- {id: a, title: t, table: flwos, where: a = 1}\n- {id: b, title: t, table: dns, where: rcod = 1}\n"), save(t, "y.yaml", "version: 3\n")},
			job.ExitUsage, "no table is called flwos; did you mean flows?",
		},
	} {
		code, stdout, stderr := ruled(t, test.args...)
		if code != test.code || !strings.Contains(stdout, test.says) {
			t.Errorf("%s: exit %d\n%s%s", name, code, stdout, stderr)
		}
		if name == "wrong" && strings.Count(stdout, "\n") != 3 {
			t.Errorf("wrong lines\n%s", stdout)
		}
	}
}
