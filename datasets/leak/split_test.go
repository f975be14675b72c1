package leak_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/leak"
	"pcapmill/datasets/leak/leaktest"
	"pcapmill/datasets/scale"
	"pcapmill/datasets/split"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
)

var tool = manifest.Tool{Name: "pcapmill", Version: "test"}

// finished writes tables as a folder of one step.
func finished(t *testing.T, dir string, options map[string]string, batches ...*batch.Batch) *folder.Opened {
	t.Helper()
	f, err := folder.Create(dir, folder.Spec{Kind: build.Kind, Options: options, Tool: tool, Parquet: parquetfile.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		w, err := f.Table(b.Schema, "", "")
		if err == nil {
			err = errors.Join(w.Write(b), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	err = f.File(build.Report, func(w io.Writer) error {
		_, err := io.WriteString(w, "{}\n")
		return err
	})
	if err := errors.Join(err, f.Finish(nil)); err != nil {
		t.Fatal(err)
	}
	o, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// built is a dataset as dataset build leaves it.
func built(t *testing.T, m *leaktest.Made) *folder.Opened {
	t.Helper()
	n := len(m.Split)
	label := m.Data.Find("label").Texts
	m.Keys.Text("label", column.Label, label)
	outcome := make([]string, n)
	for i := range outcome {
		outcome[i] = "labelled"
	}
	m.Keys.Text("outcome", column.Label, outcome)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return finished(t, filepath.Join(t.TempDir(), "built"), map[string]string{"predicate_columns": "fwd_packets"},
		m.Data.Batch(all), m.Keys.As(build.KeysSchema(), n), (&leaktest.Table{}).As(build.CapturesSchema(), 6))
}

// divided splits a dataset.
func divided(t *testing.T, in *folder.Opened, cfg split.Config) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "split")
	f, err := folder.Create(dir, folder.Spec{Kind: build.Kind, Options: cfg.Options(), Sources: []folder.Source{in.Source("dataset")}, Tool: tool, Parquet: parquetfile.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := split.Run(context.Background(), cfg, in, f); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOurSplits: what dataset split promises, dataset check finds kept, under every policy and scaling.
func TestOurSplits(t *testing.T) {
	for i, by := range split.Policies() {
		t.Run(by, func(t *testing.T) {
			cfg := split.DefaultConfig()
			cfg.By = by
			cfg.Scale.Method = []string{scale.Standard, scale.MinMax, scale.Robust}[i%3]
			cfg.Scale.Log = i%2 == 0
			if by == split.ByTime {
				cfg.Embargo = 10 * time.Minute
			}
			d, err := leak.Open(divided(t, built(t, leaktest.New(uint64(i), 4000, "campaign")), cfg))
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Scalers) == 0 || !d.Policy.Known {
				t.Errorf("%d scalers, %+v", len(d.Scalers), d.Policy)
			}
			r := check(t, d)
			for k := range r.Findings {
				f := &r.Findings[k]
				switch {
				case f.Severity < leak.Warning:
				case f.Kind == leak.LabelPredicate && f.Columns[0] == "fwd_packets": // the built dataset says so
				case f.Kind == leak.CampaignOverlap && f.Severity == leak.Warning && by != split.ByCampaign && by != split.ByCapture:
				default:
					t.Errorf("%s %s %s: %s %v", f.Severity, f.Kind, f.Columns, f.Detail, f.Examples)
				}
			}
			if !slices.ContainsFunc(r.Findings, func(f leak.Finding) bool { return f.Kind == leak.LabelPredicate }) {
				t.Error("the column that rules asked is not found")
			}
		})
	}
}

// TestBenignRowsOfCampaigns: rows of a campaign with a benign label, which attempts can be given, are divided
// by the split, so that the campaign is in several splits only by its other rows.
func TestBenignRowsOfCampaigns(t *testing.T) {
	m := leaktest.New(13, 2000, "campaign")
	campaign, label := m.Keys.Find("campaign"), m.Data.Find("label").Texts
	for i := range label {
		if label[i] == "benign" {
			campaign.Texts[i], campaign.Null[i] = "run-00", false
		}
	}
	d := written(t, m)
	for benign, want := range map[string]bool{"benign": false, "other": true} {
		d.Policy.Benign = []string{benign}
		r := check(t, d)
		if got := slices.ContainsFunc(r.Findings, func(f leak.Finding) bool { return f.Kind == leak.CampaignOverlap }); got != want {
			t.Errorf("where %s is benign: %v, want %v: %s", benign, got, want, listed(r, leak.Warning))
		}
	}
}

// TestScalersOfAll: scalers of all rows in scalers.json are found, and those of other rows too.
func TestScalersOfAll(t *testing.T) {
	m := leaktest.New(3, 4000, "time")
	in := built(t, m)
	dir := divided(t, in, split.DefaultConfig())
	path := filepath.Join(dir, split.Scalers)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s scale.Scalers
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	all := scale.NewFit(m.Data.Batch(nil).Schema, scale.DefaultConfig())
	d, err := leak.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	// Rows that the split left out, for an embargo or across a boundary, are in no split: none are here.
	rows := make([]int, len(m.Split))
	for i := range rows {
		rows[i] = i
	}
	all.Add(m.Data.Batch(rows))
	for name, want := range map[string]leak.Kind{"all": leak.ScalerFittedOnAll, "others": leak.ScalerStale} {
		fitted := all.Scalers()
		if name == "others" {
			*fitted.Columns[3].Mean *= 1.5
		}
		text, err := json.Marshal(fitted)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "scalers.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		of := *d
		of.Scalers = nil
		if err := of.ReadScalers(file); err != nil {
			t.Fatal(err)
		}
		r := check(t, &of)
		if !slices.ContainsFunc(r.Findings, func(f leak.Finding) bool { return f.Kind == want && f.Severity >= leak.Warning }) {
			t.Errorf("%s: %s", name, strings.Join(listed(r, leak.Note), ""))
		}
	}
}

// TestEncoders: categories of texts that only rows outside training have are found, those of no
// row too, and those of training alone are as they should be.
func TestEncoders(t *testing.T) {
	m := leaktest.New(5, 1500, "time")
	words := make([]string, len(m.Split))
	for i := range words {
		words[i] = fmt.Sprint("word", i%7, m.Split[i])
	}
	m.Data.Text("word", column.Feature, words)
	d := written(t, m)
	var train, all []string
	for i := range 7 {
		train = append(train, fmt.Sprint("word", i, 0))
		all = append(all, fmt.Sprint("word", i, 0), fmt.Sprint("word", i, 2))
	}
	for name, c := range map[string]struct {
		categories []string
		want       string
	}{
		"training": {train, ""},
		"all":      {all, "error scaler_fitted_on_all"},
		"others":   {append(slices.Clone(train), "nowhere"), "warning scaler_stale"},
		"too few":  {train[1:], "warning scaler_stale"},
	} {
		d.Encoders = []leak.Encoder{{Column: "word", Categories: c.categories}, {Column: "none"}, {Column: "duration_ns"}}
		got := ""
		for _, f := range check(t, d).Findings {
			if f.Kind == leak.ScalerFittedOnAll || f.Kind == leak.ScalerStale {
				got += fmt.Sprint(f.Severity, " ", f.Kind)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestEncodersOfOthers: a file that is no list of encoders is refused.
func TestEncodersOfOthers(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "{", "version": `{"version": 2}`, "types": `{"version": 1, "columns": [{"column": 3}]}`} {
		path := filepath.Join(t.TempDir(), "encoders.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := new(leak.Dataset).ReadEncoders(path); !errors.Is(err, leak.ErrDataset) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := new(leak.Dataset).ReadEncoders(t.TempDir()); !errors.Is(err, leak.ErrDataset) {
		t.Error(err)
	}
}

// TestPipes: scalers and encoders that are a pipe are refused, and not waited for.
func TestPipes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if out, err := exec.Command("mkfifo", path).CombinedOutput(); err != nil {
		t.Skipf("no pipe can be made: %v %s", err, out)
	}
	d := &leak.Dataset{}
	if err := errors.Join(d.ReadScalers(path), d.ReadEncoders(path)); !errors.Is(err, leak.ErrDataset) {
		t.Error(err)
	}
}

// TestBenignLabelsAsTheyAre: labels with commas and backslashes come through the manifest, and no two lists are one option.
func TestBenignLabelsAsTheyAre(t *testing.T) {
	in, seen := built(t, leaktest.New(1, 400, "campaign")), map[string]bool{}
	for _, benign := range [][]string{{"benign, idle", "normal"}, {"benign", " idle", "normal"}, {`a\`, "b"}, {"a,b"}, {`a\,b`}, {"a", "b"}, {`\`, `,`}} {
		cfg := split.DefaultConfig()
		cfg.By, cfg.Benign = split.ByCampaign, benign
		d, err := leak.Open(divided(t, in, cfg))
		if err != nil || !slices.Equal(d.Policy.Benign, benign) {
			t.Errorf("%q comes back as %q: %v", benign, d.Policy.Benign, err)
		}
		option := cfg.Options()["benign"]
		if seen[option] {
			t.Errorf("%q is another list's option too: %s", benign, option)
		}
		seen[option] = true
	}
}
