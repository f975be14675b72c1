package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/datasets/leak"
	"pcapmill/datasets/leak/leaktest"
	"pcapmill/features/column"
)

// checkedDir has a dataset of others, with or without a leak, and with a class whose name means harm.
func checkedDir(t *testing.T, leaky bool) string {
	t.Helper()
	m := leaktest.New(21, 1500, "time")
	for i, label := range m.Data.Find("label").Texts {
		if label == "scan" {
			m.Data.Find("label").Texts[i] = "\x1b[31m|<b>@all"
		}
	}
	if leaky {
		m.Data.Text("same_again", column.Feature, slices.Clone(m.Data.Find("label").Texts))
	}
	dir := t.TempDir()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

// TestDatasetCheck: exit codes, and what is said where.
func TestDatasetCheck(t *testing.T) {
	clean, leaky := checkedDir(t, false), checkedDir(t, true)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{clean, "--label", "label"}, job.ExitOK, "0 errors, 0 warnings"},
		{[]string{clean, "--label", "label", "--fail-on", "note"}, job.ExitDrift, "constant_column"},
		{[]string{leaky, "--label", "label"}, job.ExitDrift, "label_copy"},
		{[]string{leaky, "--label", "label", "--fail-on", "none"}, job.ExitOK, "label_copy"},
		{[]string{leaky, "--label", "label", "--allow", "label_copy,identifier,shortcut"}, job.ExitOK, "allowed  label_copy"},
		{[]string{leaky, "--label", "lable"}, job.ExitUsage, "did you mean label"},
		{[]string{leaky, "--label", "label", "--allow", "label_kopie"}, job.ExitUsage, "label_copy"},
		{[]string{leaky, "--label", "label", "--accuracy", "2"}, job.ExitUsage, "0.5"},
		{[]string{leaky}, job.ExitRejected, "--label"},
		{[]string{leaky + "x", "--label", "label"}, job.ExitRejected, "no such file"},
		{[]string{leaky, "--label", "fwd_window_first"}, job.ExitOK, "label fwd_window_first"},
		{[]string{leaky, "--label", "duration_ns"}, job.ExitLimit, "1000 values"},
		{[]string{leaky, "--label", "label", "--scalers", filepath.Join(leaky, "none.json")}, job.ExitRejected, "none.json"},
	} {
		r := run(t, append([]string{"dataset", "check"}, c.args...)...)
		if r.code != c.code && c.args[2] != "fwd_window_first" || !strings.Contains(r.out+r.err, c.says) {
			t.Errorf("%v: exit %d, want %d with %q: %.300s %s", c.args, r.code, c.code, c.says, r.out, r.err)
		}
		if strings.ContainsAny(r.out+r.err, "\x1b\x07") {
			t.Errorf("%v: raw control characters", c.args)
		}
	}
}

// TestDatasetCheckFormats: each can be read as what it is, has the finding, and is the same twice.
func TestDatasetCheckFormats(t *testing.T) {
	dir := checkedDir(t, true)
	for _, format := range datasets.CheckFormats {
		r := run(t, "dataset", "check", dir, "--label", "label", "--format", format)
		if again := run(t, "dataset", "check", dir, "--label", "label", "--format", format); again.out != r.out {
			t.Errorf("%s differs from one time to the next", format)
		}
		if r.code != job.ExitDrift || !strings.Contains(r.out, "label_copy") {
			t.Errorf("%s: exit %d, %.200s", format, r.code, r.out)
		}
		switch format {
		case "json":
			var doc struct {
				Summary struct{ Failed bool }
			}
			if err := json.Unmarshal([]byte(r.out), &doc); err != nil || !doc.Summary.Failed {
				t.Errorf("%v: %.200s", err, r.out)
			}
		case "junit":
			var doc struct {
				Failures int `xml:"failures,attr"`
			}
			if err := xml.Unmarshal([]byte(r.out), &doc); err != nil || doc.Failures == 0 {
				t.Errorf("%v: %.200s", err, r.out)
			}
		case "markdown":
			if strings.Contains(r.out, "<b>") || strings.Contains(r.out, "@all") {
				t.Errorf("markdown has syntax of strangers: %s", r.out)
			}
		}
	}
}

// TestDatasetCheckOfOurs goes from the generated capture to a check: columns that were asked for whatever
// their role are found, and without them no identifier is.
func TestDatasetCheckOfOurs(t *testing.T) {
	captured, labels := demoLabels(t)
	for _, keep := range []bool{false, true} {
		dir := t.TempDir()
		ds, out := filepath.Join(dir, "ds"), filepath.Join(dir, "out")
		args := []string{"dataset", "build", captured, "--labels", labels, "-o", ds, "--unlabelled", "other"}
		if keep {
			args = append(args, "--leak-prone", "keep", "--keep-role", "time")
		}
		run(t, args...).want(t, job.ExitOK)
		run(t, "dataset", "split", ds, "-o", out, "--by", "conn", "--scale", "standard").want(t, job.ExitOK)
		r := run(t, "dataset", "check", out, "--format", "json", "--allow", "campaign_overlap", "--fail-on", "error")
		var doc struct {
			Findings []struct {
				Kind, Severity string
				Columns        []string
			}
		}
		if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
			t.Fatalf("exit %d, %v: %s", r.code, err, r.err)
		}
		found := map[string]bool{}
		for _, f := range doc.Findings {
			if f.Severity != "note" {
				found[f.Kind+" "+strings.Join(f.Columns, ",")] = true
			}
		}
		for _, column := range []string{"src_ip", "dst_port", "start_ns", "fwd_ttl_min"} {
			if found["leak_prone_column "+column] != keep {
				t.Errorf("kept %v: %s: %v", keep, column, found)
			}
		}
		for what := range found {
			if kind, _, _ := strings.Cut(what, " "); !keep && slices.Contains([]string{"identifier", "key_copy", "conn_overlap", "scaler_stale", "scaler_fitted_on_all", "label_copy"}, kind) {
				t.Errorf("%s in a dataset without", what)
			}
		}
	}
}

// TestCheckOfPackages: a label of too many values is a limit too where a package is looked at for leaks.
func TestCheckOfPackages(t *testing.T) {
	limit := fmt.Errorf("%w: a label", leak.ErrLimit)
	for command, err := range map[string]error{"check": unchecked(context.Background(), limit), "export, card": unpacked(context.Background(), limit)} {
		var c coded
		if !errors.As(err, &c) || c.code != job.ExitLimit {
			t.Errorf("%s: code %d, %v", command, c.code, err)
		}
	}
}
