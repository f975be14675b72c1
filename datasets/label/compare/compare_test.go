package compare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/compare"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/report"
)

// labelled makes a labelling of classes, each for so many rows.
func labelled(name string, classes ...string) *compare.Labels {
	l := compare.New(name, "flow_id")
	for i, c := range classes {
		if err := l.Add(int64(i), c); err != nil {
			panic(err)
		}
	}
	return l
}

func repeated(counts map[string]int, order ...string) (all []string) {
	for _, c := range order {
		for range counts[c] {
			all = append(all, c)
		}
	}
	return all
}

func near(x *float64, want float64) bool { return x != nil && math.Abs(*x-want) < 1e-12 }

// TestKappa has Cohen's own example of two judges and three classes: of 200 subjects they agree on
// 140, 41 per cent more often than chance has it, and kappa is 0.492.
//
// Source: J. Cohen, A Coefficient of Agreement for Nominal Scales (1960), tables 1 and 2, as
// shares 0.44, 0.07, 0.09; 0.05, 0.20, 0.05; 0.01, 0.03, 0.06 of 200.
func TestKappa(t *testing.T) {
	a, b := compare.New("a", "flow_id"), compare.New("b", "flow_id")
	key := int64(0)
	for i, row := range [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}} {
		for k, n := range row {
			for range n {
				if err := errors.Join(a.Add(key, fmt.Sprint("class ", k)), b.Add(key, fmt.Sprint("class ", i))); err != nil {
					t.Fatal(err)
				}
				key++
			}
		}
	}
	r, err := compare.Of(a, b)
	if err != nil || r.Rows != 200 || r.Agree != 140 || !near(r.Agreement, 0.7) {
		t.Fatalf("%v %+v", err, r)
	}
	chance := 0.5*0.6 + 0.3*0.3 + 0.2*0.1
	if !near(r.Kappa, (0.7-chance)/(1-chance)) || math.Abs(*r.Kappa-0.492) > 0.0005 {
		t.Errorf("kappa %v", *r.Kappa)
	}
}

// TestScores is worked by hand.
func TestScores(t *testing.T) {
	a := labelled("a", repeated(map[string]int{"x": 3, "y": 2, compare.Unlabelled: 1}, "x", "y", compare.Unlabelled)...)
	b := labelled("b", "x", "x", "y", "y", compare.Ambiguous, "x")
	r, err := compare.Of(a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][5]float64{ // in A, in B, in both, precision, recall
		"x": {3, 3, 2, 2. / 3, 2. / 3}, "y": {2, 2, 1, 0.5, 0.5},
		compare.Unlabelled: {1, 0, 0, -1, 0}, compare.Ambiguous: {0, 1, 0, 0, -1},
	}
	for _, s := range r.Labels {
		w := want[s.Label]
		if float64(s.A) != w[0] || float64(s.B) != w[1] || float64(s.Both) != w[2] || value(s.Precision) != w[3] || value(s.Recall) != w[4] {
			t.Errorf("%s: %+v, want %v", s.Label, s, w)
		}
		delete(want, s.Label)
	}
	if len(want) > 0 || !near(r.MacroF1, (2./3+0.5)/2) {
		t.Errorf("left %v, macro F1 %v", want, value(r.MacroF1))
	}
	for _, c := range r.Confusion {
		if c.A == compare.Unlabelled && (c.B != "x" || c.Rows != 1 || c.Examples[0] != 5) {
			t.Errorf("%+v", c)
		}
	}
	for _, c := range r.Outcomes {
		if n := map[string]int64{"labelled labelled": 4, "labelled ambiguous": 1, "unlabelled labelled": 1}[c.A+" "+c.B]; c.Rows != n {
			t.Errorf("%s in A and %s in B: %d, want %d", c.A, c.B, c.Rows, n)
		}
	}
}

// value is -1 for what is not known.
func value(x *float64) float64 {
	if x == nil {
		return -1
	}
	return *x
}

// TestSame: what is the same agrees in everything, with kappa unknown where there is one class.
func TestSame(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		classes := rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", compare.Unlabelled}), 1, 50).Draw(r, "classes")
		got, err := compare.Of(labelled("a", classes...), labelled("b", classes...))
		if err != nil || got.Agree != int64(len(classes)) || *got.Agreement != 1 {
			r.Fatalf("%v %+v", err, got)
		}
		if one := len(got.Labels) == 1; one != (got.Kappa == nil) || !one && math.Abs(*got.Kappa-1) > 1e-9 {
			r.Fatalf("kappa %v of %d classes", value(got.Kappa), len(got.Labels))
		}
	})
}

// TestKeys: rows that one of both lacks, and those of a key that came before, do not count.
func TestKeys(t *testing.T) {
	a, b := compare.New("a", "flow_id"), compare.New("b", "flow_id")
	for _, k := range []int64{1, 2, 3, 3} {
		if err := a.Add(k, fmt.Sprint("class ", a.Rows())); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(b.Add(3, "class 2"), b.Add(9, "z")); err != nil {
		t.Fatal(err)
	}
	r, err := compare.Of(a, b)
	if err != nil || r.Rows != 1 || r.Agree != 1 || r.OnlyA != 2 || r.OnlyB != 1 || r.AgainA != 1 {
		t.Errorf("%v %+v", err, r)
	}
	if _, err := compare.Of(labelled("a", "x"), compare.New("b", "flow_id")); !errors.Is(err, compare.ErrLabels) {
		t.Error(err)
	}
	if _, err := compare.Of(labelled("a", "x"), compare.New("b", "packet_index")); !errors.Is(err, compare.ErrLabels) {
		t.Error(err)
	}
}

// TestLimit: more classes than are compared are refused, and longer ones than there are.
func TestLimit(t *testing.T) {
	l := compare.New("a", "flow_id")
	for i := range compare.MaxClasses {
		if err := l.Add(int64(i), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Add(-1, "one more"); !errors.Is(err, compare.ErrLimit) {
		t.Error(err)
	}
	longest := strings.Repeat("a", label.MaxLabel)
	if err := compare.New("a", "flow_id").Add(1, longest); err != nil {
		t.Error(err)
	}
	if err := compare.New("a", "flow_id").Add(1, longest+"a"); !errors.Is(err, compare.ErrLimit) {
		t.Error(err)
	}
}

// TestRead reads labels from a table of others: a text or a number, with outcomes or without.
func TestRead(t *testing.T) {
	schema := &column.Schema{Table: "others", Version: 1, Columns: []column.Column{
		{Name: "id", Type: column.Int64, Doc: "d"}, {Name: "class", Type: column.Int32, Doc: "d"}, {Name: "name", Type: column.String, Doc: "d", Null: "n"},
		{Name: "share", Type: column.Double, Doc: "d"},
	}}
	b := batch.New(schema)
	b.Vectors[0].Int64, b.Vectors[1].Int32, b.Vectors[3].Float64, b.Rows = []int64{1, 2, 3}, []int32{0, 1, 1}, []float64{1, 2, 3}, 3
	for i, name := range []string{"x", "", ""} {
		b.Vectors[2].AppendText([]byte(name))
		b.Vectors[2].Valid = append(b.Vectors[2].Valid, byte(min(1, 2-i)))
	}
	var out bytes.Buffer
	w, err := parquetfile.NewFile(&out, schema, parquetfile.DefaultConfig(), nil)
	path := filepath.Join(t.TempDir(), "others.parquet")
	if err == nil {
		err = errors.Join(w.Write(b), w.Close(), os.WriteFile(path, out.Bytes(), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	read := func(key, name string) (*compare.Labels, error) {
		return compare.Read(context.Background(), path, compare.Table{Path: path, Key: key, Column: name})
	}
	names, err := read("id", "name")
	if err != nil {
		t.Fatal(err)
	}
	classes, err := read("id", "class")
	if err != nil {
		t.Fatal(err)
	}
	r, err := compare.Of(names, classes)
	if err != nil || fmt.Sprint(r.Confusion) != "[{(unlabelled) 1 2 [2 3]} {x 0 1 [1]}]" {
		t.Errorf("%v %v", err, r)
	}
	for _, bad := range [][2]string{{"id", "share"}, {"name", "class"}, {"class", "name"}, {"id", "absent"}} {
		if _, err := read(bad[0], bad[1]); !errors.Is(err, compare.ErrLabels) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// TestForms: all forms say the same, and JSON is whole.
func TestForms(t *testing.T) {
	r, err := compare.Of(labelled("a<b>", "x|1", "y", "y"), labelled("b", "x|1", "y", "\x1b[31m"))
	if err != nil {
		t.Fatal(err)
	}
	var text, md, raw bytes.Buffer
	if err := errors.Join(report.Text(&text, r.Page(0), 0), report.Markdown(&md, r.Page(0)), compare.JSON(&raw, r)); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), md.String()} {
		if !strings.Contains(out, "2 of 3 rows agree (66.67 %)") || strings.ContainsRune(out, 0x1b) {
			t.Error(out)
		}
	}
	var back compare.Report
	if err := json.Unmarshal(raw.Bytes(), &back); err != nil || back.Rows != 3 || len(back.Confusion) != 3 {
		t.Errorf("%v %s", err, raw.String())
	}
}
