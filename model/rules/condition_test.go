package rules_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/model/rules"
)

// things is a table with a column of every kind, and three rows: the last one knows nothing.
var things = &column.Schema{Table: "things", Version: 1, Columns: []column.Column{
	{Name: "at_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "d"},
	{Name: "name", Type: column.String, Doc: "d", Null: "at times"},
	{Name: "ip", Type: column.String, Doc: "d", Null: "at times"},
	{Name: "n", Type: column.Int64, Doc: "d", Null: "at times"},
	{Name: "small", Type: column.Int32, Doc: "d", Null: "at times"},
	{Name: "x", Type: column.Double, Doc: "d", Null: "at times"},
	{Name: "took_ns", Type: column.Int64, Unit: column.Nanos, Doc: "d", Null: "at times"},
	{Name: "words", Type: column.ListString, Doc: "d"},
	{Name: "codes", Type: column.ListInt32, Doc: "d"},
	{Name: "raw", Type: column.Binary, Doc: "d", Null: "at times"},
}}

var thingRows = []cells{
	{
		"at_ns": 1 * second, "name": "www.Example.com", "ip": "10.0.0.1", "n": 5, "small": -1, "x": 0.5, "took_ns": 2 * second,
		"words": []string{"alpha", "beta"}, "codes": []int32{1, 28}, "raw": "\xca\xfe",
	},
	{
		"at_ns": 2 * second, "name": "it's", "ip": "192.0.2.7", "n": 50, "small": 7, "x": -2.25, "took_ns": 3 * second,
		"words": []string{"alphabet"}, "codes": []int32{16}, "raw": "\xbe\xef",
	},
	{"at_ns": 3 * second},
}

// met returns which rows meet a condition, by their times in seconds.
func met(t *testing.T, condition string) string {
	t.Helper()
	all := parsed(t, "- {id: r, title: t, table: things, dedup: {period: 0s}, evidence: [], condition: "+condition+"}\n")
	var rows []string
	for _, s := range said(apply(t, all, nil, rules.DefaultConfig(), 2, input{things, thingRows})) {
		_, s, _ = strings.Cut(s, "@")
		row, _, _ := strings.Cut(s, " ")
		rows = append(rows, row)
	}
	return strings.Join(rows, " ")
}

// TestOperators holds each of the six operators to values of every type, worked by hand.
func TestOperators(t *testing.T) {
	for condition, want := range map[string]string{
		// equals: text by case, numbers by value, addresses also by network, an element of lists.
		"{field: name, operator: equals, value: it's}":            "2",
		"{field: name, operator: EQUALS, value: www.example.com}": "",
		"{field: n, operator: equals, value: 5}":                  "1",
		"{field: n, operator: equals, value: '5e1'}":              "2",
		"{field: small, operator: equals, value: -1}":             "1",
		"{field: x, operator: equals, value: 0.50}":               "1",
		"{field: ip, operator: equals, value: 10.0.0.0/8}":        "1",
		"{field: words, operator: equals, value: alpha}":          "1",
		"{field: codes, operator: equals, value: 16}":             "2",
		"{field: raw, operator: equals, value: CAFE}":             "1",
		"{field: took_ns, operator: equals, value: 3s}":           "2",
		"{field: n, operator: equals, value: [5, 50, 500]}":       "1 2", // any value of a list
		"{field: name, operator: equals, value: 'null'}":          "",    // the text, which no row has
		"{field: name, operator: equals, value: ip}":              "",    // no column's name either
		// contains: part of a text, or of an element of a list.
		"{field: name, operator: contains, value: Example}":     "1",
		"{field: name, operator: contains, value: \"'\"}":       "2",
		"{field: words, operator: contains, value: bet}":        "1 2",
		"{field: raw, operator: contains, value: fe}":           "1",
		"{field: name, operator: contains, value: ''}":          "1 2", // not of what is missing
		"{field: name, operator: contains, value: [xxx, t's]}":  "2",
		"{field: name, operator: starts_with, value: www.}":     "1",
		"{field: name, operator: STARTS_WITH, value: WWW.}":     "",
		"{field: name, operator: starts-with, value: 'www?'}":   "", // no pattern
		"{field: words, operator: starts_with, value: alphab}":  "2",
		"{field: name, operator: ends_with, value: .com}":       "1",
		"{field: name, operator: ends_with, value: www}":        "",
		"{field: words, operator: ends_with, value: [eta, et]}": "1 2",
		"{field: raw, operator: ends_with, value: ef}":          "2",
		// regex: anywhere in a text, by case unless it says otherwise.
		"{field: name, operator: regex, value: 'e.a'}":                        "",
		"{field: name, operator: REGEX, value: '(?i)^WWW\\.exa'}":             "1",
		"{field: name, operator: regex, value: \"^it'?s$\"}":                  "2",
		"{field: words, operator: regex, value: '^a.*t$'}":                    "2",
		"{field: ip, operator: regex, value: '^192\\.'}":                      "2",
		"{field: n, operator: greater_than, value: 5}":                        "2",
		"{field: x, operator: greater_than, value: -2.25}":                    "1",
		"{field: took_ns, operator: GREATER_THAN, value: 2500ms}":             "2",
		"{field: codes, operator: greater_than, value: 20}":                   "1",
		"{field: name, operator: greater_than, value: j}":                     "1", // text by bytes
		"{field: at_ns, operator: greater_than, value: 1970-01-01T00:00:01Z}": "2 3",
	} {
		if got := met(t, condition); got != want {
			t.Errorf("%s: rows %q, want %q", condition, got, want)
		}
	}
}

// TestJoins: all, any, not and expressions, of which what is missing is neither true nor false.
func TestJoins(t *testing.T) {
	five, it := "{field: n, operator: equals, value: 5}", "{field: name, operator: contains, value: it}"
	for condition, want := range map[string]string{
		"[" + five + ", " + it + "]":                          "",
		"{all: [" + five + "]}":                               "1",
		"{any: [" + five + ", " + it + "]}":                   "1 2",
		"{not: " + five + "}":                                 "2",
		"{not: {any: [" + five + ", {where: n is null}]}}":    "2",
		"{any: [{not: " + five + "}, {where: n is null}]}":    "2 3",
		"{not: [" + five + ", {where: name glob 'www*'}]}":    "2",
		"{where: \"n > small and any words contains alpha\"}": "1 2",
	} {
		if got := met(t, condition); got != want {
			t.Errorf("%s: rows %q, want %q", condition, got, want)
		}
	}
	all := parsed(t, "- {id: r, title: t, table: things, where: n > 1, condition: "+it+"}\n")
	if got := apply(t, all, nil, rules.DefaultConfig(), 9, input{things, thingRows}); len(got.Alerts) != 1 || got.Alerts[0].Time != 2*second {
		t.Errorf("where and condition: %v", said(got))
	}
}

// TestWrongColumns: what cannot be asked of a column is said with rule and line.
func TestWrongColumns(t *testing.T) {
	for rule, says := range map[string]string{
		"table: things, where: nmae = a":                                                     "line 3: where: table things has no column nmae; did you mean name?",
		"table: things, condition: {field: nmae, operator: equals, value: a}":                "line 3: field: table things has no column nmae; did you mean name?",
		"table: things, condition: {field: n, operator: starts_with, value: a}":              "line 3: operator: starts_with is for text, and n is int64",
		"table: things, condition: {field: n, operator: equals, value: a}":                   `n (int64): "a" is no whole number`,
		"table: things, where: n = 1, dedup: {by: [nmae]}":                                   "no column nmae",
		"table: things, where: n = 1, evidence: [nmae]":                                      "evidence: table things has no column nmae",
		"table: things, where: n = 1, time: n":                                               "time: n has no instants",
		"table: things, aggregate: sum(name), threshold: 5":                                  "aggregate: sum is for numbers, and name is string",
		"table: things, aggregate: mean(nmae), threshold: 5":                                 "aggregate: table things has no column nmae",
		"table: thinsg, where: n = 1":                                                        "line 3: table: no table is called thinsg; did you mean things?",
		"table: things, baseline: {kind: spike, feature: name, host: ip}":                    "feature: name has no numbers",
		"table: things, baseline: {kind: spike, feature: n, host: n}":                        "host: n has no addresses",
		"table: things, baseline: {kind: new, category: service, key: [name, n], host: ip}":  "key: name has no numbers of protocols or ports",
		"table: things, baseline: {kind: new, category: names, key: words, host: ip}":        "key: words is a list",
		"table: things, baseline: {kind: new, category: endpoint, key: [n, n, n], host: ip}": "key: n has no addresses",
	} {
		all := parsed(t, "- {id: r, title: t, "+rule+"}\n")
		errs := rules.Check(all, []*column.Schema{things})
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), says) || !strings.HasPrefix(errs[0].Error(), "test.yaml: rule r: line 3") {
			t.Errorf("%s: %v, want %q", rule, errs, says)
		}
	}
}

// TestLongValues: of a value that is cut, a hash tells it from others that begin the same.
func TestLongValues(t *testing.T) {
	long := strings.Repeat("é", 1000)
	var rows []cells
	for i, end := range []string{"a", "b", "a"} {
		rows = append(rows, cells{"at_ns": int64(i+1) * second, "name": long + end})
	}
	all := parsed(t, "- {id: r, title: t, table: things, where: name is not null, dedup: {by: [name]}}\n")
	report := apply(t, all, nil, rules.DefaultConfig(), 9, input{things, rows})
	if len(report.Alerts) != 2 || report.Alerts[0].Count != 2 {
		t.Fatalf("%v", said(report))
	}
	if v := report.Alerts[0].Keys[0].Value; len(v) > 1100 || !strings.HasPrefix(v, strings.Repeat("é", 512)+"…#") {
		t.Errorf("%d bytes: %s", len(v), strconv.Quote(v[len(v)-30:]))
	}
	if ids := []string{report.Alerts[0].ID, report.Alerts[1].ID}; slices.Max(ids) == slices.Min(ids) {
		t.Error("two alerts have one id")
	}
}
