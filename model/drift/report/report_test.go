package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
	"pcapmill/model/drift/report/reporttest"
)

func written(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestNothingUnprintable: whatever a report holds, no form of it moves a cursor, opens a
// tag, or turns the direction of text.
func TestNothingUnprintable(t *testing.T) {
	all := map[string]string{"json": written(t, func(w io.Writer) error { return report.JSON(w, reporttest.Rich()) })}
	for ending, write := range forms {
		all[ending] = written(t, func(w io.Writer) error { return write(w, reporttest.Rich(), medium) })
	}
	for ending, got := range all {
		for _, r := range got {
			if r != '\n' && !strconv.IsPrint(r) {
				t.Errorf("%s has %U", ending, r)
			}
		}
		if !utf8.ValidString(got) || !strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") {
			t.Errorf("%s ends in %q", ending, got[len(got)-10:])
		}
	}
	for _, ending := range []string{"html", "md"} {
		if strings.Contains(all[ending], "<script") || strings.Contains(all[ending], "<b>") {
			t.Errorf("%s has markup of a packet", ending)
		}
	}
}

// TestHTMLStandsAlone: nothing is loaded, nothing runs.
func TestHTMLStandsAlone(t *testing.T) {
	page := written(t, func(w io.Writer) error { return report.HTML(w, reporttest.Rich(), medium) })
	for _, no := range []string{"<script", "<link", "<img", "<iframe", "src=", "href=", "url(", "@import", "javascript:"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %s", no)
		}
	}
	if strings.Count(page, "<table") != strings.Count(page, "</table>") || strings.Count(page, "<svg") != strings.Count(page, "</svg>") {
		t.Error("an element is not closed")
	}
}

// TestMarkdownCells: no name adds a cell to a table's row, a line, or a link.
func TestMarkdownCells(t *testing.T) {
	page := written(t, func(w io.Writer) error { return report.Markdown(w, reporttest.Rich(), medium) })
	for _, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 7 {
			t.Errorf("not 6 cells: %s", line)
		}
		for _, link := range []string{"@all", "https://", "www.evil"} {
			if strings.Contains(line, link) {
				t.Errorf("%s in %s", link, line)
			}
		}
		if strings.Count(line, "`")%2 != 0 {
			t.Errorf("type of code is left open: %s", line)
		}
	}
}

// large returns a report with n items and hosts whose names are long.
func large(n int) *drift.Report {
	r := reporttest.Rich()
	name := strings.Repeat(reporttest.Hostile, 4)
	for i := range n {
		x := drift.Item{ID: fmt.Sprint(i), Layer: drift.Values, Segment: name, Subject: name, Text: name, Severity: drift.High, Outcome: drift.Drift}
		for range 50 {
			x.Keys = append(x.Keys, drift.KeyItem{Key: name, Change: "new"})
			x.Movers = append(x.Movers, drift.Mover{Host: name})
		}
		r.Items = append(r.Items, x)
		r.Hosts = append(r.Hosts, drift.Score{Host: fmt.Sprint(i), Action: name})
	}
	return r
}

func TestBounded(t *testing.T) {
	r := large(2000)
	if page := written(t, func(w io.Writer) error { return report.Markdown(w, r, medium) }); len(page) > 60_000 || !strings.Contains(page, "more parts had no room here") {
		t.Errorf("Markdown of %d bytes: %s", len(page), page[len(page)-100:])
	}
	if page := written(t, func(w io.Writer) error { return report.HTML(w, r, medium) }); len(page) > 20<<20 || !strings.Contains(page, "more items.") || !strings.HasSuffix(page, "</html>\n") {
		t.Errorf("HTML of %d bytes", len(page))
	}
}

// TestSameBytes: no order of maps, and no zone, reaches a form.
func TestSameBytes(t *testing.T) {
	elsewhere := reporttest.Rich()
	zone := time.FixedZone("elsewhere", -9*3600)
	for _, at := range []*time.Time{&elsewhere.Baseline.First, &elsewhere.Current.Last, elsewhere.Hosts[0].PeakStart} {
		*at = at.In(zone)
	}
	for ending, write := range forms {
		one := written(t, func(w io.Writer) error { return write(w, reporttest.Rich(), medium) })
		if other := written(t, func(w io.Writer) error { return write(w, elsewhere, medium) }); one != other {
			t.Errorf("%s differs", ending)
		}
	}
}

// TestJSONDecodes: what is written is read as the same report, but for bytes that are no UTF-8.
func TestJSONDecodes(t *testing.T) {
	r := reporttest.Rich()
	var back drift.Report
	if err := json.Unmarshal([]byte(written(t, func(w io.Writer) error { return report.JSON(w, r) })), &back); err != nil {
		t.Fatal(err)
	}
	visible := `bad\xff\xc3(`
	r.Notes[1] = strings.Replace(r.Notes[1], reporttest.Invalid, visible, 1)
	reporttest.Item(r, drift.Values).Keys[2].Key = visible
	if !reflect.DeepEqual(r, &back) {
		t.Errorf("got %+v\nwant %+v", back, r)
	}
	if reporttest.Item(r, drift.Values).Keys[1].Key != reporttest.Hostile {
		t.Error("writing changed the report")
	}
}

// TestJSONRoundTrip does so with whatever a report may hold.
func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		var b bytes.Buffer
		if err := cmpErrors(report.Check(r), report.JSON(&b, r)); err != nil {
			t.Fatal(err)
		}
		var back drift.Report
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || !reflect.DeepEqual(r, &back) {
			t.Fatalf("%v: got %+v\nwant %+v", err, back, r)
		}
	})
}

func cmpErrors(all ...error) error { return errors.Join(all...) }

func anyReport(t *rapid.T) *drift.Report {
	text := rapid.String()
	number := rapid.Float64Range(-1e300, 1e300)
	pointer := rapid.Ptr(number, true)
	severity := rapid.Map(rapid.IntRange(int(drift.None), int(drift.Critical)), func(i int) drift.Severity { return drift.Severity(i) })
	instant := rapid.Map(rapid.Int64Range(0, 1<<60), func(ns int64) time.Time { return time.Unix(0, ns).UTC() })
	distance := rapid.Custom(func(t *rapid.T) drift.Distance {
		return drift.Distance{Value: number.Draw(t, "value"), Low: pointer.Draw(t, "low"), High: pointer.Draw(t, "high")}
	})
	item := rapid.Custom(func(t *rapid.T) drift.Item {
		x := drift.Item{
			ID: text.Draw(t, "id"), Layer: drift.Values, Segment: text.Draw(t, "segment"), Subject: text.Draw(t, "subject"), Unit: text.Draw(t, "unit"),
			Severity: severity.Draw(t, "severity"), Outcome: drift.Drift, Text: text.Draw(t, "text"), Baseline: pointer.Draw(t, "baseline"), Current: pointer.Draw(t, "current"),
		}
		if rapid.Bool().Draw(t, "measured") {
			x.Measures = &drift.Measures{Effect: pointer.Draw(t, "effect"), PSI: new(distance.Draw(t, "psi")), Usual: pointer.Draw(t, "usual"), Test: text.Draw(t, "test"), BaselineN: 7}
			x.Keys = []drift.KeyItem{{Key: text.Draw(t, "key"), Current: rapid.Uint64().Draw(t, "n")}}
			x.Movers = []drift.Mover{{Host: text.Draw(t, "host"), Current: pointer.Draw(t, "now")}}
			x.Suppressed = &drift.Suppression{Reason: text.Draw(t, "reason"), Until: instant.Draw(t, "until")}
		}
		return x
	})
	host := rapid.Custom(func(t *rapid.T) drift.Score {
		return drift.Score{
			Host: text.Draw(t, "host"), New: rapid.Bool().Draw(t, "new"), Index: pointer.Draw(t, "index"), PeakStart: rapid.Ptr(instant, true).Draw(t, "peak"),
			Severity: severity.Draw(t, "severity"), Features: []drift.Deviating{{Feature: text.Draw(t, "feature"), Z: number.Draw(t, "z")}},
		}
	})
	return &drift.Report{
		Version: drift.ReportVersion, Verdict: severity.Draw(t, "verdict"), Current: drift.Extent{Hosts: rapid.Uint64().Draw(t, "hosts"), First: instant.Draw(t, "first")},
		Items: filledSlice(rapid.SliceOfN(item, 0, 3).Draw(t, "items")), Hosts: filledSlice(rapid.SliceOfN(host, 0, 3).Draw(t, "hosts")),
		Notes: filledSlice(rapid.SliceOfN(text, 0, 2).Draw(t, "notes")),
	}
}

func filledSlice[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func TestNoNumber(t *testing.T) {
	for _, spoil := range []func(*drift.Report){
		func(r *drift.Report) { reporttest.Item(r, drift.Schema).Current = new(math.NaN()) },
		func(r *drift.Report) { reporttest.Item(r, drift.Distribution).Measures.PSI.Value = math.Inf(1) },
		func(r *drift.Report) { r.Hosts[0].Features[0].Z = math.Inf(-1) },
	} {
		r := reporttest.Rich()
		spoil(r)
		if err := report.Check(r); err == nil || report.JSON(io.Discard, r) == nil {
			t.Errorf("%v", err)
		}
	}
	if err := report.Check(reporttest.Rich()); err != nil {
		t.Error(err)
	}
}

// allowed are the elements of JUnit's XML with their attributes and children, as the schema
// junit-10.xsd of Jenkins' xUnit plugin has them; attributes that must be there come first.
var allowed = map[string]struct{ required, optional, children []string }{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
	"testsuite": {
		[]string{"name", "tests", "failures", "errors"},
		[]string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil, nil},
	"testcase":   {[]string{"name"}, []string{"time", "classname", "group"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"failure":    {nil, []string{"type", "message"}, nil},
	"skipped":    {nil, []string{"type", "message"}, nil},
	"system-out": {},
}

func TestJUnitMeetsSchema(t *testing.T) {
	for _, r := range []*drift.Report{reporttest.Rich(), reporttest.Quiet(), large(3)} {
		dec := xml.NewDecoder(strings.NewReader(written(t, func(w io.Writer) error { return report.JUnit(w, r, medium) })))
		var open []string
		counts := map[string]int{}
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				checkElement(t, open, e)
				open = append(open, e.Name.Local)
				counts[e.Name.Local]++
			case xml.EndElement:
				open = open[:len(open)-1]
			}
		}
		if len(open) != 0 || counts["testsuites"] != 1 || counts["testsuite"] != 8 || counts["testcase"] < 8 {
			t.Errorf("%v, %v", open, counts)
		}
	}
}

func checkElement(t *testing.T, open []string, e xml.StartElement) {
	t.Helper()
	rule, known := allowed[e.Name.Local]
	if !known || len(open) > 0 && !slices.Contains(allowed[open[len(open)-1]].children, e.Name.Local) {
		t.Errorf("%s in %v", e.Name.Local, open)
	}
	var has []string
	for _, a := range e.Attr {
		has = append(has, a.Name.Local)
		if !slices.Contains(rule.required, a.Name.Local) && !slices.Contains(rule.optional, a.Name.Local) {
			t.Errorf("%s has %s", e.Name.Local, a.Name.Local)
		}
	}
	for _, must := range rule.required {
		if !slices.Contains(has, must) {
			t.Errorf("%s lacks %s", e.Name.Local, must)
		}
	}
}

// TestJUnitCounts holds who fails to the severity asked.
func TestJUnitCounts(t *testing.T) {
	for _, c := range []struct {
		failOn            drift.Severity
		failures, skipped int
	}{{drift.None, 0, 4}, {drift.Low, 8, 4}, {drift.Medium, 6, 4}, {drift.High, 3, 4}, {drift.Critical, 2, 4}} {
		var root struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Suites   []struct {
				Skipped int `xml:"skipped,attr"`
				Cases   []struct {
					Failure *struct{} `xml:"failure"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		page := written(t, func(w io.Writer) error { return report.JUnit(w, reporttest.Rich(), report.Options{FailOn: c.failOn}) })
		if err := xml.Unmarshal([]byte(page), &root); err != nil {
			t.Fatal(err)
		}
		failures, skipped, cases := 0, 0, 0
		for _, s := range root.Suites {
			skipped, cases = skipped+s.Skipped, cases+len(s.Cases)
			for _, x := range s.Cases {
				if x.Failure != nil {
					failures++
				}
			}
		}
		if failures != c.failures || root.Failures != failures || skipped != c.skipped || root.Tests != cases || cases != 14 {
			t.Errorf("from %s on: %d of %d fail, %d skipped; root has %+v", c.failOn, failures, cases, skipped, root)
		}
	}
}

// TestUnknownLayer: what a later version says is shown, too.
func TestUnknownLayer(t *testing.T) {
	r := reporttest.Quiet()
	r.Items = []drift.Item{{Layer: "relation", Subject: "flows to bytes", Severity: drift.High, Outcome: drift.Drift}}
	for ending, write := range forms {
		if page := written(t, func(w io.Writer) error { return write(w, r, medium) }); !strings.Contains(page, "flows to bytes") {
			t.Errorf("not in %s", ending)
		}
	}
}

func TestOptions(t *testing.T) {
	for ending, write := range forms {
		if write(io.Discard, reporttest.Quiet(), report.Options{Top: -1}) == nil {
			t.Errorf("%s has -1 rows", ending)
		}
	}
}

func TestOnly(t *testing.T) {
	for _, c := range []struct {
		hosts        []string
		items, known int
		verdict      drift.Severity
	}{
		{nil, 10, 4, drift.Critical},
		{[]string{"10.0.0.7"}, 0, 1, drift.Critical},
		{[]string{"::ffff:10.0.0.99", "2001:db8::7"}, 2, 1, drift.High},
		{[]string{"10.9.9.9"}, 0, 0, drift.None},
	} {
		var hosts []netip.Addr
		for _, h := range c.hosts {
			hosts = append(hosts, netip.MustParseAddr(h))
		}
		r := reporttest.Rich()
		notes := len(r.Notes)
		report.Only(r, hosts)
		if len(r.Items) != c.items || len(r.Hosts) != c.known || r.Verdict != c.verdict || (len(r.Notes) > notes) != (len(hosts) > 0) {
			t.Errorf("only %v: %d items, %d hosts, %s, notes %q", c.hosts, len(r.Items), len(r.Hosts), r.Verdict, r.Notes)
		}
	}
}

// TestOnlySaysWhoIsMissing: of hosts that cannot be compared it is said why.
func TestOnlySaysWhoIsMissing(t *testing.T) {
	r := reporttest.Quiet()
	r.Asked = []drift.Presence{{Host: "10.0.0.1", Windows: 3, Hours: 5}, {Host: "10.0.0.2", Windows: 3, Hours: 0}, {Host: "10.0.0.3", Windows: 0, Hours: 5}, {Host: "10.0.0.4", Windows: 0, Hours: 0}, {Host: "10.0.0.5", Windows: 2, Beyond: true}}
	report.Only(r, []netip.Addr{netip.MustParseAddr("10.0.0.1")})
	said := strings.Join(r.Notes, "\n")
	for _, want := range []string{"10.0.0.2 has 3 windows now and is not in the baseline", "10.0.0.3 is in 5 hours of the baseline and in no window", "10.0.0.4 is neither", "10.0.0.5 has 2 windows now and is beyond the limit"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %s", want, said)
		}
	}
	if strings.Contains(said, "10.0.0.1 ha") || strings.Contains(said, "10.0.0.1 is") {
		t.Error(said)
	}
}

// FuzzForms: whatever stands in a report, Markdown keeps its cells, XML is well-formed, and
// no form has a character that does not print.
func FuzzForms(f *testing.F) {
	f.Add(reporttest.Hostile)
	f.Add(reporttest.Invalid)
	f.Add("`@``#`www.`|\\|")
	f.Add("]]>]]&gt;\ufffd\U0010ffff")
	f.Fuzz(func(t *testing.T, s string) {
		r := reporttest.Quiet()
		r.Items = []drift.Item{{
			ID: s, Layer: drift.Values, Segment: s, Subject: s, Unit: "count", Text: s, Severity: drift.High, Outcome: drift.Drift,
			Keys: []drift.KeyItem{{Key: s, Change: "new"}}, Movers: []drift.Mover{{Host: s}}, Measures: &drift.Measures{Test: s},
		}}
		r.Hosts, r.Notes = []drift.Score{{Host: s, Action: s}}, []string{s}
		for ending, write := range forms {
			got := written(t, func(w io.Writer) error { return write(w, r, report.Options{FailOn: drift.Low, Width: 40}) })
			for _, c := range got {
				if c != '\n' && !strconv.IsPrint(c) {
					t.Errorf("%s has %U", ending, c)
				}
			}
			switch ending {
			case "xml":
				if err := xml.Unmarshal([]byte(got), new(struct{})); err != nil {
					t.Error(err)
				}
			case "md":
				for _, line := range strings.Split(got, "\n") {
					if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 7 {
						t.Errorf("not 6 cells: %s", line)
					}
				}
			case "html":
				if n := strings.Count(got, "<"); n != strings.Count(got, ">") {
					t.Errorf("%d tags are opened", n)
				}
			}
		}
	})
}
