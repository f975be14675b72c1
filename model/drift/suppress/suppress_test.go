package suppress_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/model/drift"
	"pcapmill/model/drift/report/reporttest"
	"pcapmill/model/drift/suppress"
)

func list(t *testing.T, yaml string) suppress.List {
	t.Helper()
	l, err := suppress.Read(strings.NewReader(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// suppressed returns what a list suppresses of a report in which nothing was.
func suppressed(l suppress.List, r *drift.Report) (all []string) {
	for i := range r.Items {
		r.Items[i].Suppressed = nil
	}
	for i := range r.Hosts {
		r.Hosts[i].Suppressed = nil
	}
	l.Apply(r)
	for _, x := range r.Items {
		if x.Suppressed != nil {
			all = append(all, string(x.Layer)+"/"+x.Segment)
		}
	}
	for _, s := range r.Hosts {
		if s.Suppressed != nil {
			all = append(all, s.Host)
		}
	}
	return all
}

// TestMatch asks single entries about the report in reporttest, of which the newest
// window begins on 2026-03-04 at 08:50.
func TestMatch(t *testing.T) {
	for match, want := range map[string][]string{
		"layer: volume":                        {"volume/global"},
		"layer: [volume, schema]":              {"volume/global", "schema/global"},
		"segment: global\n    layer: schema":   {"schema/global"},
		"segment: protocol d?s":                {"distribution/protocol dns"},
		"segment: protocol":                    nil,
		"subject: '*_prints'":                  {"schema/global"},
		"subject: '*_PRINTS'":                  nil,
		"host: 10.0.9.0/24":                    {"population/subnet 10.0.9.0/24", "10.0.9.5"},
		"host: [10.0.9.0/25, 2001:db8::/32]":   {"behaviour/host 2001:db8::7", "2001:db8::7", "10.0.9.5"},
		"host: ::ffff:10.0.9.0/120":            {"population/subnet 10.0.9.0/24", "10.0.9.5"},
		"host: ::ffff:10.0.0.7":                {"10.0.0.7"},
		"host: 10.0.0.20":                      nil, // of no severity
		"subject: drift_index":                 {"behaviour/host 2001:db8::7", "10.0.0.7", "2001:db8::7"},
		"subject: new_host\n    layer: values": nil,
		"subject: new_host":                    {"10.0.9.5"},
		"key: 10.0.9.*":                        {"population/subnet 10.0.9.0/24"},
		"key: 10.0.9.5":                        nil, // there is 10.0.9.6 as well
		"key: [10.0.9.5, 10.0.9.6]":            {"population/subnet 10.0.9.0/24"},
		"key: '*'\n    layer: values":          nil, // which has more keys than it shows
		"subject: service":                     {"values/global"},
		"layer: distribution":                  {"distribution/protocol dns"},
		"subject: '.*'":                        nil, // a pattern, not an expression
	} {
		l := list(t, "- match:\n    "+match+"\n  reason: known\n  forever: true\n")
		if got := suppressed(l, reporttest.Rich()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: suppresses %q, want %q", match, got, want)
		}
	}
}

// TestKeysOfSeveralEntries: an item is suppressed once all its keys are, by whichever entries.
// The reason is not that of one that has none of them.
func TestKeysOfSeveralEntries(t *testing.T) {
	r := reporttest.Rich()
	l := list(t, `
- match: {key: 10.0.9.7}
  reason: another
  forever: true
- match: {key: 10.0.9.5}
  reason: first
  until: 2026-03-31
- match: {key: 10.0.9.6}
  reason: second
  forever: true
`)
	suppressed(l, r)
	if s := reporttest.Item(r, drift.Population).Suppressed; s == nil || s.Reason != "first" || s.Until.Format(time.DateOnly) != "2026-03-31" {
		t.Errorf("%+v", s)
	}
}

func TestMaxSeverity(t *testing.T) {
	for most, want := range map[string]int{"low": 2, "medium": 5, "high": 9, "critical": 11} {
		l := list(t, "- match: {segment: '*'}\n  max-severity: "+most+"\n  reason: known\n  forever: true\n")
		if got := suppressed(l, reporttest.Rich()); len(got) != want {
			t.Errorf("up to %s: %q, want %d", most, got, want)
		}
	}
}

// TestByteOrderMark: editors of Windows begin a file with one.
func TestByteOrderMark(t *testing.T) {
	l := list(t, "\ufeff- match: {layer: volume}\n  reason: known\n  forever: true\n")
	if got := suppressed(l, reporttest.Rich()); !reflect.DeepEqual(got, []string{"volume/global"}) {
		t.Errorf("suppresses %q", got)
	}
}

// TestExpiry: an entry holds on its last day, by the data's time, and not on the next.
func TestExpiry(t *testing.T) {
	l := list(t, "- match: {layer: volume}\n  reason: \"known \\e[2J\"\n  until: 2026-03-04\n")
	for at, holds := range map[string]bool{
		"2026-03-03T00:00:00Z": true, "2026-03-04T00:00:00Z": true, "2026-03-04T23:59:59.999999999Z": true,
		"2026-03-05T00:00:00Z": false, "2026-03-05T01:00:00+02:00": true, "0001-01-01T00:00:00Z": false, "2031-01-01T00:00:00Z": false,
	} {
		r := reporttest.Rich()
		r.Notes, r.Judged.MoreItems, r.Judged.MoreHosts = nil, 0, 0
		var err error
		if r.Current.Last, err = time.Parse(time.RFC3339Nano, at); err != nil {
			t.Fatal(err)
		}
		if got := len(suppressed(l, r)) == 1; got != holds {
			t.Errorf("at %s: holds %v, want %v", at, got, holds)
		}
		want := []string{"The suppression in line 1 ended on 2026-03-04: known \x1b[2J"} // as it is: formats escape it
		if holds {
			want = nil
		}
		if !reflect.DeepEqual(r.Notes, want) {
			t.Errorf("at %s: notes are %q", at, r.Notes)
		}
	}
}

func TestManyHaveEnded(t *testing.T) {
	r := reporttest.Quiet()
	list(t, strings.Repeat("- match: {layer: volume}\n  reason: known\n  until: 2020-01-01\n", 100)).Apply(r)
	if n := len(r.Notes); n != 21 || r.Notes[20] != "80 more suppressions have ended." {
		t.Errorf("%d notes: %q", n, r.Notes)
	}
}

func TestVerdict(t *testing.T) {
	all := "- match: {segment: '*'}\n  reason: known\n  forever: true\n"
	for _, c := range []struct {
		yaml         string
		items, hosts int // for which there was no room
		want         drift.Severity
	}{
		{all, 0, 0, drift.None},
		{all, 1, 0, drift.Low},
		{all, 0, 3, drift.Low}, // the last host is low, too
		{"- match: {layer: [values, behaviour]}\n  reason: known\n  forever: true\n", 0, 0, drift.High},
		{"- match: {layer: volume}\n  reason: known\n  forever: true\n", 0, 0, drift.Critical},
		{"- match: {layer: volume}\n  reason: known\n  until: 2020-01-01\n", 5, 5, drift.Critical},
		{"", 5, 5, drift.Critical},
	} {
		r := reporttest.Rich()
		r.Judged.MoreItems, r.Judged.MoreHosts = c.items, c.hosts
		r.Items = slices.DeleteFunc(r.Items, func(x drift.Item) bool { return x.Severity == drift.None })
		r.Hosts = r.Hosts[:len(r.Hosts)-1]
		suppressed(list(t, c.yaml), r)
		if r.Verdict != c.want {
			t.Errorf("%s with %d and %d more: %s, want %s", c.yaml, c.items, c.hosts, r.Verdict, c.want)
		}
	}
}

// TestEmpty: no entry changes nothing.
func TestEmpty(t *testing.T) {
	for _, yaml := range []string{"", "# nothing yet\n", "---\n", "null\n"} {
		r, l := reporttest.Rich(), list(t, yaml)
		if l.Apply(r); len(l) != 0 || !reflect.DeepEqual(r, reporttest.Rich()) {
			t.Errorf("%q: %v", yaml, l)
		}
	}
}

// TestAround: what may stand before and behind the entries takes none of them away.
func TestAround(t *testing.T) {
	const entry = "- match: {layer: volume}\n  reason: known\n  forever: true\n"
	for _, yaml := range []string{entry, "\ufeff" + entry, "# head\n---\n" + entry, entry + "---\n", entry + "---\n# end\n", entry + "...\n"} {
		if l := list(t, yaml); len(l) != 1 || l[0].Reason != "known" {
			t.Errorf("%q: %v", yaml, l)
		}
	}
}

func TestRefused(t *testing.T) {
	entry := "- match: {layer: values}\n  reason: known\n  until: 2026-12-31\n"
	for yaml, says := range map[string]string{
		"- match: {layer: values}\n  reason: known\n":                                                  "line 1, column 8: an entry without an end",
		"- match: {layer: values}\n  until: 2026-12-31\n":                                              "line 1, column 8: an entry without a reason",
		"- match: {layer: values}\n  reason: ' '\n  until: 2026-12-31\n":                               "without a reason",
		"- reason: known\n  until: 2026-12-31\n":                                                       "would suppress everything",
		"- match: {}\n  reason: known\n  until: 2026-12-31\n":                                          "would suppress everything",
		entry + entry + "  owner: me\n":                                                                `line 7, column 3: an entry has no key "owner"`,
		"- match:\n    layer: values\n    hosts: 10.0.0.1\n  reason: known\n":                          `line 3, column 5: match: match has no key "hosts"; did you mean host`,
		entry + "  until: 2027-01-01\n":                                                                `line 4, `,
		entry + "  forever: true\n":                                                                    "both until a day and forever",
		"- match: {layer: value}\n  reason: known\n  until: 2026-12-31\n":                              `layer "value" is none of`,
		"- match: {host: 10.0.0.0/33}\n  reason: known\n  until: 2026-12-31\n":                         `host "10.0.0.0/33" is neither`,
		"- match: {host: web}\n  reason: known\n  until: 2026-12-31\n":                                 `host "web" is neither`,
		"- match: {key: []}\n  reason: known\n  until: 2026-12-31\n":                                   "an empty list",
		"- match: {key: [[a]]}\n  reason: known\n  until: 2026-12-31\n":                                "a sequence is no value",
		"- match: {key: {a: b}}\n  reason: known\n  until: 2026-12-31\n":                               "want a list",
		"- match: {layer: values}\n  max-severity: none\n  reason: known\n  until: 2026-12-31\n":       `max-severity "none"`,
		"- match: {layer: values}\n  reason: known\n  until: tomorrow\n":                               `until "tomorrow" is no day`,
		"- match: {layer: values}\n  reason: known\n  until: 2026-02-30\n":                             `is no day`,
		"- match: {layer: values}\n  reason: known\n  forever: maybe\n":                                "want true or false",
		"- match: {layer: values}\n  reason: &a known\n  until: 2026-12-31\n":                          "anchors",
		"match: {layer: values}\n":                                                                     "want a list of entries",
		"just text\n":                                                                                  "want a list of entries",
		"- text\n":                                                                                     "want a mapping of the keys of an entry",
		entry + "---\n" + entry:                                                                        "more than one YAML document",
		"- match: [\n":                                                                                 "line 1, ",
		strings.Repeat("# no entry\n", 30_000):                                                         "more than 262144 bytes",
		strings.Repeat("[", 100):                                                                       "nested deeper",
		keys(10_001):                                                                                   "line 10001, column 7: more than 10000 keys",
		strings.Repeat("- ", 400):                                                                      "nested deeper",
		"- match: {layer: values}\n  reason: " + strings.Repeat("x", 2000) + "\n  until: 2026-12-31\n": "more than 1000 bytes",
	} {
		if _, err := suppress.Read(strings.NewReader(yaml)); !errors.Is(err, suppress.ErrList) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.80q: %v, want %q", yaml, err, says)
		}
	}
}

// keys are a mapping by lines.
func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

func FuzzRead(f *testing.F) {
	f.Add("- match: {layer: values, host: [10.0.0.0/8, ::1], key: 'tcp/*'}\n  max-severity: low\n  reason: known\n  until: 2026-12-31\n")
	f.Add("- match:\n    segment: |\n      global\n  reason: \"\\x1b\"\n  forever: true\n")
	f.Fuzz(func(t *testing.T, yaml string) {
		l, err := suppress.Read(strings.NewReader(yaml))
		if err != nil && !errors.Is(err, suppress.ErrList) {
			t.Fatal(err)
		}
		r := reporttest.Rich()
		l.Apply(r)
		if len(l) == 0 && r.Verdict != drift.Critical {
			t.Error(fmt.Sprint("suppressed by nothing: ", r.Verdict))
		}
	})
}
