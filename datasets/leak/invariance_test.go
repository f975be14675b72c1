package leak_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/leak"
	"pcapmill/datasets/leak/leaktest"
	"pcapmill/features/column"
)

// rendered is a report as JSON.
func rendered(t testing.TB, d *leak.Dataset, cfg leak.Config) string {
	t.Helper()
	r, err := leak.Check(context.Background(), d, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := leak.WriteJSON(&b, r, leak.Never); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPassesDoNotShow: a report is the same whether groups fit into memory or are counted in many passes.
func TestPassesDoNotShow(t *testing.T) {
	m := leaktest.New(7, 1500, "host")
	for _, l := range leaktest.Leaks {
		if l.Name == "pieces over splits" || l.Name == "host over splits" {
			l.Plant(m)
		}
	}
	d, cfg := written(t, m), leak.DefaultConfig()
	want := rendered(t, d, cfg)
	cfg.Groups = 40
	if got := rendered(t, d, cfg); got != want {
		t.Errorf("%s\nand with a room of 40 groups\n%s", want, got)
	}
}

// TestSampledShapes: copies are found among the shapes that there is room for, and the report says so.
func TestSampledShapes(t *testing.T) {
	m := leaktest.New(8, 8000, "time")
	for _, l := range leaktest.Leaks {
		if l.Name == "exact copies over splits" {
			l.Plant(m)
		}
	}
	cfg := leak.DefaultConfig()
	cfg.Shapes = 3000
	if s := rendered(t, written(t, m), cfg); !strings.Contains(s, "of all shapes") || !strings.Contains(s, `"exact_duplicates"`) {
		t.Error(s)
	}
}

// TestSampleOfAFew: where not all rows are sampled the report says so, and leaks are found all the same.
func TestSampleOfAFew(t *testing.T) {
	for _, l := range leaktest.Leaks {
		if l.Kind != "identifier" && l.Kind != "label_copy" && l.Kind != "key_copy" {
			continue
		}
		m := leaktest.New(9, 6000, "time")
		l.Plant(m)
		cfg := leak.DefaultConfig()
		cfg.Sample = 1000
		if s := rendered(t, written(t, m), cfg); !strings.Contains(s, `"`+l.Kind+`"`) || !strings.Contains(s, `"sample_is_all": false`) {
			t.Errorf("%s is not found in a sample: %s", l.Name, s)
		}
	}
}

// TestEmptyGroup: a group that is an empty text has a name in examples, and leaves the others theirs.
func TestEmptyGroup(t *testing.T) {
	m := leaktest.New(12, 1500, "time")
	team := make([]string, len(m.Split))
	for i := range team {
		team[i] = []string{"", "", "", "", "", "a", "b", "c"}[i%8]
	}
	m.Data.Text("team", column.Feature, team)
	dir := t.TempDir()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	d, err := leak.OpenForeign(&leak.Foreign{Path: filepath.Join(dir, "data"), Label: "label", Groups: []string{"team"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range check(t, d).Findings {
		if f.Kind != leak.GroupOverlap {
			continue
		}
		var names []string
		for _, e := range f.Examples {
			name, _, _ := strings.Cut(e, ": ")
			names = append(names, name)
		}
		if slices.Sort(names); !slices.Equal(names, []string{`""`, "a", "b", "c"}) {
			t.Errorf("%q", f.Examples)
		}
		return
	}
	t.Error("no group is in several splits")
}

// TestForeign reads datasets that others divided: by folder, and by a column.
func TestForeign(t *testing.T) {
	m := leaktest.New(11, 2500, "time")
	for _, name := range []string{"src_ip", "start_ns", "capture"} {
		m.Data.Columns = append(m.Data.Columns, m.Keys.Find(name))
	}
	dir := t.TempDir()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	f := leak.Foreign{Path: filepath.Join(dir, "data"), Label: "label", Groups: []string{"src_ip", "capture"}, Time: "start_ns"}
	d, err := leak.OpenForeign(&f)
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, d)
	if bad := listed(r, leak.Warning); bad != nil || r.Rows[leak.Train] == 0 || r.Rows[leak.Test] == 0 {
		t.Errorf("%v %s", r.Rows, bad)
	}
	f.Groups = nil
	f.Time = ""
	if d, err = leak.OpenForeign(&f); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, finding := range check(t, d).Findings {
		if finding.Severity >= leak.Warning {
			kinds[finding.Kind.String()+" "+finding.Columns[0]] = true
		}
	}
	for _, want := range []string{"leak_prone_column src_ip", "leak_prone_column start_ns", "leak_prone_column capture"} {
		if !kinds[want] {
			t.Errorf("no %s among %v", want, kinds)
		}
	}
}

// TestRefusals: what cannot be checked is an error of its own kind, in one line.
func TestRefusals(t *testing.T) {
	d := written(t, leaktest.New(12, 600, "time"))
	long := leaktest.New(12, 600, "time")
	long.Data.Find("label").Texts[7] = strings.Repeat("a", label.MaxLabel+1)
	few := leak.DefaultConfig()
	few.Classes = 3
	wrong := leak.DefaultConfig()
	wrong.Accuracy = 0.3
	other := *d
	other.Label = "lable"
	onlyTrain := *d
	onlyTrain.Parts = d.Parts[:1]
	uneven := *d
	uneven.Parts = []leak.Part{d.Parts[0], {Split: leak.Test, Data: d.Parts[2].Data, Keys: d.Parts[0].Keys}}
	gone := *d
	gone.Parts = []leak.Part{{Data: filepath.Join(t.TempDir(), "none")}}
	for name, c := range map[string]struct {
		d    *leak.Dataset
		cfg  leak.Config
		want error
		says string
	}{
		"long":     {written(t, long), leak.DefaultConfig(), leak.ErrLimit, "a value of 8193 bytes"},
		"classes":  {d, few, leak.ErrLimit, "more than 3 values"},
		"accuracy": {d, wrong, leak.ErrConfig, "0.3"},
		"label":    {&other, leak.DefaultConfig(), leak.ErrConfig, "lable"},
		"train":    {&onlyTrain, leak.DefaultConfig(), leak.ErrDataset, "0 in test"},
		"keys":     {&uneven, leak.DefaultConfig(), leak.ErrDataset, "split test"},
		"gone":     {&gone, leak.DefaultConfig(), os.ErrNotExist, "none"},
		"nothing":  {&leak.Dataset{Label: "label"}, leak.DefaultConfig(), leak.ErrDataset, "no parts"},
	} {
		_, err := leak.Check(context.Background(), c.d, c.cfg)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := leak.ParseAllow("shortcutt"); !errors.Is(err, leak.ErrConfig) || !strings.Contains(err.Error(), "shortcut") {
		t.Error(err)
	}
}

// TestAllowed: what is accepted is still said, and fails nothing.
func TestAllowed(t *testing.T) {
	m := leaktest.New(13, 1500, "time")
	for _, l := range leaktest.Leaks {
		if l.Name == "address by its role" || l.Name == "label in words" {
			l.Plant(m)
		}
	}
	d, cfg := written(t, m), leak.DefaultConfig()
	for _, s := range []string{"leak_prone_column:src_ip", "label_copy:f17", "identifier", "key_copy:src_ip", "shortcut:f17"} {
		a, err := leak.ParseAllow(s)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Allow = append(cfg.Allow, a)
	}
	r, err := leak.Check(context.Background(), d, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := leak.ParseFailure("warning"); f.Of(r) {
		t.Error(listed(r, leak.Warning))
	}
	cfg.Allow[0].Column = "dst_ip"
	if r, err = leak.Check(context.Background(), d, cfg); err != nil {
		t.Fatal(err)
	}
	if f, _ := leak.ParseFailure("warning"); !f.Of(r) {
		t.Error("allowed for another column")
	}
}
