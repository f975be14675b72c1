package leak_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pcapmill/datasets/leak"
	"pcapmill/datasets/leak/leaktest"
	"pcapmill/features/column"
)

// TestNumbersOfOthers: numbers whose squares are too large, and columns of one value
// end no check, and every form of a report can be written.
func TestNumbersOfOthers(t *testing.T) {
	m := leaktest.New(31, 1200, "time")
	n := len(m.Split)
	add := func(name string, of func(i int) float64) {
		values := make([]float64, n)
		for i := range values {
			values[i] = of(i)
		}
		m.Data.Number(name, column.Double, column.Feature, "", values)
	}
	add("huge", func(i int) float64 { return math.MaxFloat64 * float64(i%3-1) })
	add("tiny", func(i int) float64 { return math.SmallestNonzeroFloat64 * float64(i%5) })
	add("none", func(int) float64 { return 0 })
	null := make([]bool, n)
	for i := range null {
		null[i] = true
	}
	m.Data.Find("none").WithNull(null)
	d := written(t, m)
	for _, name := range []string{"huge", "tiny", "none", "fwd_dscp"} {
		d.Scalers = append(d.Scalers, leak.Scaler{Column: name, Std: 1e-300, Max: 1, Standard: true, MinMax: true})
	}
	r := check(t, d)
	var b bytes.Buffer
	for _, write := range []func() error{
		func() error { return leak.WriteJSON(&b, r, leak.Never) }, func() error { return leak.WriteJUnit(&b, r, leak.Never) },
		func() error { return leak.WriteText(&b, r) }, func() error { return leak.WriteMarkdown(&b, r) },
	} {
		if err := write(); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(b.String(), "empty_column  none") {
		t.Error("the column without a number is not found")
	}
}

// TestBundles: what would fill pages is told at once, notes in a line each; details and JSON have all.
func TestBundles(t *testing.T) {
	r := &leak.Report{Label: "label", Findings: []leak.Finding{
		{Kind: leak.LabelCopy, Severity: leak.Error, Columns: []string{"z"}, Detail: "z and the label tell one another", Evidence: []leak.Number{{Name: "rows", Value: 3}}},
	}}
	for i := range 12 {
		name := fmt.Sprint("null", i)
		r.Findings = append(r.Findings, leak.Finding{Kind: leak.NullShortcut, Severity: leak.Warning, Columns: []string{name}, Detail: name + " is null"})
	}
	for i := range 7 {
		name := fmt.Sprint("same", i)
		r.Findings = append(r.Findings, leak.Finding{Kind: leak.ConstantColumn, Columns: []string{name}, Detail: name + " is the same", Allowed: i == 6})
	}
	var brief, details, markdown bytes.Buffer
	if err := errors.Join(leak.WriteText(&brief, r), leak.WriteDetails(&details, r), leak.WriteMarkdown(&markdown, r)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1 error, 12 warnings, 6 notes\n", "\nerror  label_copy  z\n    z and the label tell one another\n    rows 3\n",
		"\nwarning  null_shortcut  null0, null1, null2, null3, null4 and 7 more\n    - null0 is null\n", "- null9 is null\n    - and 2 more\n    to do: ",
		"\nnote  constant_column  the column has one value: same0, same1, same2, same3, same4 and 1 more\nallowed  constant_column  same6 is the same\n",
	} {
		if !strings.Contains(brief.String(), want) {
			t.Errorf("%s\nlacks %q", &brief, want)
		}
	}
	if n := strings.Count(details.String(), "to do: "); n != len(r.Findings) {
		t.Errorf("details have %d findings of %d", n, len(r.Findings))
	}
	if n := strings.Count(markdown.String(), "\n| **"); n != 4 {
		t.Errorf("Markdown has %d rows:\n%s", n, &markdown)
	}
}

// TestReportIsBounded: many classes and many groups make no report that nobody can read.
func TestReportIsBounded(t *testing.T) {
	m := leaktest.New(32, 3000, "campaign")
	label := m.Data.Find("label").Texts
	for i := range label {
		label[i] = strings.Repeat("long ", 40) + string(rune('a'+i%26)) + string(rune('a'+i/26%20))
	}
	r := check(t, written(t, m))
	var b bytes.Buffer
	if err := leak.WriteMarkdown(&b, r); err != nil || b.Len() > 62_000 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
	for _, f := range r.Findings {
		if len(f.Examples) > 6 {
			t.Errorf("%s has %d examples", f.Kind, len(f.Examples))
		}
		for _, e := range f.Examples {
			if len(e) > 400 {
				t.Errorf("%s: %s", f.Kind, e)
			}
		}
	}
}

// TestJSONIsPrintable: what a terminal would obey in a label is not in the document as it is.
func TestJSONIsPrintable(t *testing.T) {
	m := leaktest.New(33, 1200, "time")
	label := m.Data.Find("label").Texts
	for i := range label {
		label[i] += "\u202e\u009b31m"
	}
	var b bytes.Buffer
	if err := leak.WriteJSON(&b, check(t, written(t, m)), leak.Never); err != nil || !strings.Contains(b.String(), `scan\u202e\u009b31m`) || strings.ContainsAny(b.String(), "\u202e\u009b") {
		t.Errorf("%v %q", err, b.String())
	}
}

// TestReadJSONOfStrangers: what is read is what was written, and escaped where it was not.
func TestReadJSONOfStrangers(t *testing.T) {
	finding := `"findings":[{"kind":"class_small","severity":"warning","columns":["a\nb"],"detail":"\u001b[2J and a\\\\b"}],"not_checked":["x\u202ey\\u{202e}"]}`
	r, err := leak.ReadJSON([]byte(`{"schema_version":1,` + finding))
	if err != nil || len(r.Findings) != 1 {
		t.Fatal(err)
	}
	f := &r.Findings[0]
	if f.Kind != leak.ClassSmall || f.Severity != leak.Warning || f.Columns[0] != `a\nb` || f.Detail != `\x1b[2J and a\\\\b` || r.Unchecked[0] != `x\u{202e}y\\u{202e}` {
		t.Errorf("%+v, %q", f, r.Unchecked)
	}
	for _, bad := range []string{"", "[]", `{"schema_version":2}`, `{"schema_version":1,"findings":[{"kind":"x","severity":"note"}]}`, `{"schema_version":1,"findings":[{"kind":"class_small","severity":"x"}]}`} {
		if _, err := leak.ReadJSON([]byte(bad)); !errors.Is(err, leak.ErrDataset) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
