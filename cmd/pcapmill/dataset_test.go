package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/datasets/build"
	"pcapmill/datasets/build/buildtest"
	"pcapmill/datasets/split"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// demoLabels labels the flows of the generated capture: those of UDP are of one class, those of
// TCP of another, and all else is unlabelled.
func demoLabels(t *testing.T) (run, labels string) {
	t.Helper()
	run = demoTables(t)
	var flows []buildtest.Flow
	pick := func(*column.Schema) ([]string, error) { return []string{"flow_id", "capture_id", "protocol"}, nil }
	err := tables.Read(context.Background(), filepath.Join(run, "flows"), pick, func(b *batch.Batch) error {
		for i := range b.Rows {
			f := buildtest.Flow{ID: b.Vectors[0].Int64[i], Capture: b.Vectors[1].Int32[i], Outcome: "unlabelled"}
			switch b.Vectors[2].Int32[i] {
			case 6:
				f.Outcome, f.Label, f.Campaign = "", "tcp", "t"
			case 17:
				f.Outcome, f.Label, f.Campaign = "", "udp", "u"
			}
			flows = append(flows, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	labels = buildtest.Labels(t, filepath.Join(t.TempDir(), "labels"), map[string]string{"predicate_columns": "protocol"}, []string{run}, buildtest.FlowLabels(flows))
	return run, labels
}

// TestDataset goes from the generated capture to scaled splits, and finds the same bytes when it
// is done again.
func TestDataset(t *testing.T) {
	captured, labels := demoLabels(t)
	dir := t.TempDir()
	again := [2]map[string]string{}
	for i := range again {
		ds, out := filepath.Join(dir, "ds", string(rune('a'+i))), filepath.Join(dir, "out", string(rune('a'+i)))
		if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(ds), 0o700); err != nil {
			t.Fatal(err)
		}
		r := run(t, "dataset", "build", captured, "--labels", labels, "-o", ds, "--unlabelled", "other", "--sample", "90%")
		if r.code != job.ExitOK || !strings.Contains(r.err, "rows of flows") || !strings.Contains(r.err, "udp") {
			t.Fatalf("%d, %s", r.code, r.err)
		}
		r = run(t, "dataset", "split", ds, "-o", out, "--by", "conn", "--stratify", "--scale", "robust", "--impute", "median", "--log1p")
		if r.code != job.ExitOK || !strings.Contains(r.err, "train: ") {
			t.Fatalf("%d, %s", r.code, r.err)
		}
		for _, dir := range []string{ds, out} {
			if r := run(t, "verify", dir); r.code != job.ExitOK {
				t.Errorf("verify: %d, %s", r.code, r.err)
			}
		}
		again[i] = hashes(t, out)
	}
	if len(again[0]) < 12 || !maps.Equal(again[0], again[1]) {
		t.Errorf("%v and %v", again[0], again[1])
	}
	r := run(t, "dataset", "split", filepath.Join(dir, "ds", "a"), "-o", filepath.Join(dir, "out", "a"), "--by", "conn", "--stratify", "--scale", "robust", "--impute", "median", "--log1p")
	if r.code != job.ExitOK || !strings.Contains(r.err, "nothing to do") {
		t.Errorf("again: %d, %s", r.code, r.err)
	}
	r = run(t, "show", filepath.Join(dir, "out", "a", "data"), "--where", "label = udp", "--select", "label", "--head", "1", "--format", "csv")
	if r.code != job.ExitOK || !strings.Contains(r.out, "udp") {
		t.Errorf("show: %d, %s%s", r.code, r.out, r.err)
	}
	var s build.Summary
	data, err := os.ReadFile(filepath.Join(dir, "out", "a", build.Report))
	if err != nil || json.Unmarshal(data, &s) != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(s.Columns, func(c build.Column) bool { return c.Name == "protocol" || c.Name == "src_ip" }) {
		t.Error("a column that labels are made of is in data")
	}
}

// hashes are those of all files that the manifest of a folder lists, steps before it aside.
func hashes(t *testing.T, dir string) map[string]string {
	t.Helper()
	var m struct {
		Tables []struct {
			Parts []struct{ Path, SHA256 string }
		}
		Files []struct{ Path, SHA256 string }
	}
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || json.Unmarshal(data, &m) != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, table := range m.Tables {
		for _, p := range table.Parts {
			all[p.Path] = p.SHA256
		}
	}
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Path, "step-") { // a step's own manifest names where its sources were
			all[f.Path] = f.SHA256
		}
	}
	return all
}

// TestDatasetErrors: what is wrong has its exit code, and one clear line.
func TestDatasetErrors(t *testing.T) {
	captured, labels := demoLabels(t)
	dir := t.TempDir()
	ds := filepath.Join(dir, "ds")
	if r := run(t, "dataset", "build", captured, "--labels", labels, "-o", ds, "-q"); r.code != job.ExitOK || r.err != "" {
		t.Fatalf("%d, %s", r.code, r.err)
	}
	badMap := save(t, "map.yaml", "map:\n  a: [b]\n")
	out := filepath.Join(dir, "out")
	for name, c := range map[string]struct {
		args []string
		code int
		text string
	}{
		"condition":    {[]string{"build", captured, "--labels", labels, "-o", out, "--where", "protcol = 6"}, job.ExitUsage, "protocol"},
		"column":       {[]string{"build", captured, "--labels", labels, "-o", out, "--columns", "protcol"}, job.ExitUsage, "protocol"},
		"map":          {[]string{"build", captured, "--labels", labels, "-o", out, "--map", badMap}, job.ExitUsage, "line 2"},
		"table":        {[]string{"build", captured, "--labels", labels, "-o", out, "--table", "slots"}, job.ExitUsage, "slots"},
		"sample":       {[]string{"build", captured, "--labels", labels, "-o", out, "--sample", "0"}, job.ExitUsage, "no sample"},
		"no labels":    {[]string{"build", captured, "--labels", captured, "-o", out}, job.ExitRejected, "no labels were made of"},
		"no folder":    {[]string{"build", filepath.Join(dir, "none"), "--labels", labels, "-o", out}, job.ExitRejected, "none"},
		"other table":  {[]string{"build", captured, "--labels", labels, "-o", out, "--table", "dns"}, job.ExitRejected, "label --tables records writes it"},
		"in the way":   {[]string{"build", captured, "--labels", labels, "-o", dir}, job.ExitOutput, "not empty"},
		"policy":       {[]string{"split", ds, "-o", out, "--by", "conn", "--embargo", "1h"}, job.ExitUsage, "by time"},
		"network":      {[]string{"split", ds, "-o", out, "--by", "host", "--test-hosts", "10.0.0.0/40"}, job.ExitUsage, "no network"},
		"unknown":      {[]string{"split", ds, "-o", out, "--open-world", "tcpp"}, job.ExitUsage, "tcp"},
		"no dataset":   {[]string{"split", captured, "-o", out}, job.ExitRejected, "folder of kind run; dataset build makes one"},
		"three shares": {[]string{"split", ds, "-o", out, "--shares", "80,20"}, job.ExitUsage, "three shares"},
	} {
		r := run(t, append([]string{"dataset"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.err, c.text) || strings.Count(strings.TrimSpace(r.err), "\n") > 1 {
			t.Errorf("%s: %d, %s", name, r.code, r.err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%s leaves its folder", name)
		}
	}
	if r := run(t, "dataset", "split", ds, "-o", out, "--by", "random", "-q"); r.code != job.ExitOK {
		t.Fatalf("%d, %s", r.code, r.err)
	}
	if _, err := os.Stat(filepath.Join(out, split.Scalers)); err != nil {
		t.Error(err)
	}
}

// TestDatasetForceKeeps: what cannot be made takes nothing of what --force would replace.
func TestDatasetForceKeeps(t *testing.T) {
	captured, labels := demoLabels(t)
	dir := t.TempDir()
	ds, out := filepath.Join(dir, "ds"), filepath.Join(dir, "out")
	for _, args := range [][]string{{"build", captured, "--labels", labels, "-o", ds}, {"split", ds, "-o", out, "--by", "conn"}} {
		if r := run(t, append([]string{"dataset"}, args...)...); r.code != job.ExitOK {
			t.Fatalf("%d, %s", r.code, r.err)
		}
	}
	before := [2]map[string]string{hashes(t, ds), hashes(t, out)}
	build, split := []string{"dataset", "build", captured, "--labels", labels, "-o", ds, "--force"}, []string{"dataset", "split", ds, "-o", out, "--force"}
	for _, args := range [][]string{
		append(slices.Clone(build), "--where", "colour = red"), append(slices.Clone(build), "--columns", "colour"),
		append(slices.Clone(split), "--group", "colour"), append(slices.Clone(split), "--open-world", "colour"),
	} {
		if r := run(t, args...); r.code != job.ExitUsage || !strings.Contains(r.err, "colour") {
			t.Errorf("%q: %d, %s", args, r.code, r.err)
		}
		for i, dir := range []string{ds, out} {
			if r := run(t, "verify", dir); r.code != job.ExitOK || !maps.Equal(before[i], hashes(t, dir)) {
				t.Fatalf("%q: %s is not as it was: %d, %s", args, dir, r.code, r.err)
			}
		}
	}
	if r := run(t, append(split, "--by", "random")...); r.code != job.ExitOK {
		t.Errorf("%d, %s", r.code, r.err)
	}
}
