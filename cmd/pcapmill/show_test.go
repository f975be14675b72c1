package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/job"
)

// TestShowEveryTable looks into each table of a run in every way.
func TestShowEveryTable(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-q", "--features", "all", "-o", out).want(t, job.ExitOK)
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		tables++
		table := filepath.Join(out, e.Name())
		for _, args := range [][]string{
			{}, {"--stats"}, {"--order", "capture_id:desc", "--head", "3"}, {"--where", "capture_id = 0 and not capture_id is null", "--tail", "2", "--utc"},
		} {
			for _, format := range []string{"table", "text", "csv", "tsv", "json", "jsonl"} {
				r := run(t, append([]string{"show", table, "--format", format}, args...)...).want(t, job.ExitOK)
				if r.out == "" && format != "jsonl" && format != "text" {
					t.Errorf("%s %v as %s: nothing is shown", e.Name(), args, format)
				}
			}
		}
	}
	if tables < 3 {
		t.Errorf("only %d tables", tables)
	}
}

func TestShowFlags(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-q", "-o", out).want(t, job.ExitOK)
	flows := filepath.Join(out, "flows")
	two := []string{"show", flows, "--select", "ip_version, protocol", "--order", "ip_version,protocol:desc", "--head", "1"}
	for separator, want := range map[string]string{";": "4;132\n", "tab": "4\t132\n", `\t`: "4\t132\n", "space": "4 132\n", "": "4,132\n"} {
		r := run(t, append(two, "--format", "csv", "--no-header", "--separator", separator)...).want(t, job.ExitOK)
		if r.out != want {
			t.Errorf("separator %q: %q, want %q", separator, r.out, want)
		}
	}
	for _, args := range [][]string{
		{"--separator", ";;", "--format", "csv"}, {"--separator", "é", "--format", "csv"}, {"--separator", ";"}, {"--separator", "x", "--format", "csv"},
		{"--format", "xml"}, {"--head", "x"}, {"--order", "nope"}, {"--select", "nope*"}, {"--where", "("}, {"--units", "--format", "json"},
	} {
		if r := run(t, append([]string{"show", flows}, args...)...).want(t, job.ExitUsage); r.err == "" || r.out != "" {
			t.Errorf("%q: %q on stdout, %q on stderr", args, r.out, r.err)
		}
	}
	run(t, "show", filepath.Join(out, "flow")).want(t, job.ExitRejected).says(t, "did you mean flows?")
	run(t, "show", flows, "--order", "start_ns").want(t, job.ExitOK).says(t, "The first 20 rows")
	if r := run(t, "show", flows, "--head", "20").want(t, job.ExitOK); strings.Contains(r.out, "…") || strings.Contains(r.out, "not shown") {
		t.Error("what goes to a program is cut")
	}
}
