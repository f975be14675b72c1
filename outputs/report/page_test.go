package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"pcapmill/outputs/report"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/text"
)

var update = flag.Bool("update", false, "rewrite golden files")

// small is a page with one of everything.
func small() *report.Page {
	return &report.Page{
		Title: "3 of 4 flows labelled",
		Facts: []report.Fact{{Name: "flows", Text: "out"}, {Name: "label version", Text: "abc"}},
		Charts: []report.Chart{{
			Name: "When flows begin", Doc: "A second a step", First: 1_772_442_000_000_000_000, Step: 1e9,
			Lanes: []report.Lane{{Name: "scan", Values: []int64{0, 1, 4, 8}}, {Name: "(unlabelled)", Values: []int64{1, 0, 0, 0}, Grey: true}},
		}},
		Sections: []report.Section{
			{Name: "Labels", Doc: "What flows are called", Columns: append(report.Words("label"), report.Numbers("flows")...), Rows: [][]string{{"scan", "1,300"}, {"a|b", "2"}}, More: 7},
			{Name: "Conflicts", None: "there are none", Columns: report.Words("one")},
			{Name: "Nothing to say", Columns: report.Words("one")},
		},
		Notes: []string{"a note"},
	}
}

// forms writes a page in each form.
func forms(p *report.Page) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"page.txt":  func(w io.Writer) error { return report.Text(w, p, 0) },
		"page.md":   func(w io.Writer) error { return report.Markdown(w, p) },
		"page.html": func(w io.Writer) error { return report.HTML(w, p) },
	}
}

func TestGolden(t *testing.T) {
	for name, write := range forms(small()) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := "testdata/" + name
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s is out of date: go test ./datasets/label/page -update, and read what changes (%v)\n%s", path, err, b.Bytes())
		}
	}
}

// hostile has such strings wherever a page takes any.
func hostile(s string) *report.Page {
	return &report.Page{
		Title: s, Facts: []report.Fact{{Name: "fact", Text: s}}, Notes: []string{s},
		Charts:   []report.Chart{{Name: "chart", First: math.MaxInt64, Step: math.MaxInt64, Lanes: []report.Lane{{Name: s, Values: []int64{1, math.MaxInt64}}}}},
		Sections: []report.Section{{Name: s, Doc: s, Columns: report.Words("one", "two"), Rows: [][]string{{s, s}}}},
	}
}

var tag = regexp.MustCompile(`(?i)<(script|img|iframe|svg onload|a )`)

// TestHostile: no control byte reaches a terminal, no markup a page, no row leaves its table.
func TestHostile(t *testing.T) {
	strange := append(sinktest.HostileStrings(), "\xff\xfe", "<script>alert(1)</script>", "a|b\n| c | d |", "![x](http://e)", strings.Repeat("x", 5000))
	for _, s := range strange {
		if s == "" { // a section without a doc has a line less
			continue
		}
		for name, write := range forms(hostile(s)) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			out := b.String()
			for _, r := range out {
				if r < ' ' && r != '\n' || r == 0x7f || r == 0x202e || r >= 0x80 && r < 0xa0 {
					t.Errorf("%s of %q has %q", name, s, r)
				}
			}
			if name != "page.txt" && tag.MatchString(out) {
				t.Errorf("%s of %q has markup:\n%s", name, s, out)
			}
			if name == "page.md" && strings.Count(out, "\n") != strings.Count(markdownOf(t, hostile("x")), "\n") {
				t.Errorf("%s of %q has other lines:\n%s", name, s, out)
			}
		}
	}
}

func markdownOf(t *testing.T, p *report.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Markdown(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMarkdownLimit: what has no room is counted, and the page is as long as may be.
func TestMarkdownLimit(t *testing.T) {
	p := small()
	for i := range 10_000 {
		p.Sections[0].Rows = append(p.Sections[0].Rows, []string{fmt.Sprint("label ", i), "1"})
	}
	out := markdownOf(t, p)
	if len(out) > 60_000 || len(out) < 59_000 || !strings.Contains(out, "more lines had no room here") {
		t.Errorf("%d bytes, end %q", len(out), out[len(out)-100:])
	}
}

func TestNumbers(t *testing.T) {
	half, third := 0.5, 1.0/3
	for _, c := range []struct{ got, want string }{
		{text.Count(0), "0"}, {text.Count(-1234567), "-1,234,567"}, {text.Count(math.MinInt64), "-9,223,372,036,854,775,808"}, {text.Count(999), "999"}, {text.Count(-100), "-100"},
		{report.Share(0, 0), "-"}, {report.Share(1, 1_000_000), "<0.01 %"}, {report.Share(999_999, 1_000_000), ">99.99 %"}, {report.Share(1, 3), "33.33 %"}, {report.Share(4, 4), "100.00 %"},
		{report.Ratio(nil), "-"}, {report.Ratio(&half), "0.5000"}, {report.Ratio(&third), "0.3333"},
		{report.Offset(0), "+00:00"}, {report.Offset(-3 * 3600e9), "-03:00"}, {report.Offset(5*3600e9 + 45*60e9), "+05:45"}, {report.Offset(1e9), "+00:00+1s"},
		{text.Plural(1, "flow"), "1 flow"}, {text.Plural(2000, "flow"), "2,000 flows"},
		{report.Duration(1_500_000), "1.5ms"}, {report.Duration(61_400_000_000), "1m1s"}, {report.Duration(1_234_567_890), "1.235s"},
		{report.Instant(1_772_442_000_000_000_001), "2026-03-02T09:00:00.000000001Z"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
