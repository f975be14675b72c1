package rules_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/model/drift"
	"pcapmill/model/rules"
)

const whole = `
# A rule that uses every key.
version: 1
rules:
  - id: all.keys_1
    title: Every key
    description: >
      Two lines
      folded.
    severity: HIGH
    enabled: false
    table: dns
    where: response = 1
    requires: [query_name]
    time: time_ns
    condition:
      - {field: rcode, operator: EQUALS, value: [3, 2]}
      - any:
          - field: query_name
            operator: ends_with
            value: .example
          - not: {where: "query_type = 1"}
    window: 1h30m
    group_by: [src_ip, dst_ip]
    aggregate: distinct( query_name )
    threshold: {operator: ">", value: 1.5e1}
    dedup: {by: [src_ip], period: 7d}
    evidence: [query_type]
    tags: [a, b]
    references: ["https://example.org/#x"]
  - {id: short, title: S, table: hosts, baseline: {kind: spike, feature: out_packets, times: 2, sigma: 0, windows: 3, days: 4, host: host}}
  - {id: new, title: N, table: pairs, baseline: {kind: new, host: src_ip, category: peer, key: dst_ip, known: 7, novelty: 0.5}}
  - {id: least, title: L, table: flows, where: src_port = 1}
`

// TestParse reads every key.
func TestParse(t *testing.T) {
	all, err := rules.Parse("x.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	r := all[0]
	if r.ID != "all.keys_1" || r.Title != "Every key" || r.Description != "Two lines folded." || r.Severity != drift.High || r.Enabled || r.Table != "dns" ||
		r.Where != "response = 1" || r.Time != "time_ns" || r.Window != 90*time.Minute || *r.Aggregate != (rules.Aggregate{Func: "distinct", Column: "query_name"}) ||
		r.Threshold != (rules.Threshold{Operator: ">", Value: 15}) || r.Dedup.Period != 7*24*time.Hour || r.File != "x.yaml" || r.Line != 5 {
		t.Errorf("%+v", r)
	}
	for _, list := range [][2][]string{
		{r.Requires, {"query_name"}},
		{r.GroupBy, {"src_ip", "dst_ip"}},
		{r.Dedup.By, {"src_ip"}},
		{r.Evidence, {"query_type"}},
		{r.Tags, {"a", "b"}},
		{r.References, {"https://example.org/#x"}},
		{r.Condition.All[0].Values, {"3", "2"}},
		{{r.Condition.All[1].Any[0].Operator, r.Condition.All[1].Any[1].Not.Where}, {"ends_with", "query_type = 1"}},
	} {
		if !slices.Equal(list[0], list[1]) {
			t.Errorf("%q, want %q", list[0], list[1])
		}
	}
	if b := *all[1].Baseline; b.Kind != rules.Spike || b.Feature != "out_packets" || b.Times != 2 || b.Sigma != 0 || b.Windows != 3 || b.Days != 4 || b.Host != "host" {
		t.Errorf("%+v", b)
	}
	if b := *all[2].Baseline; b.Category != "peer" || b.Key[0] != "dst_ip" || b.Known != 7 || b.Novelty != 0.5 || b.Windows != 12 {
		t.Errorf("%+v", b)
	}
	if r := all[3]; r.Severity != drift.Medium || !r.Enabled || r.Dedup.Period != time.Hour || r.Dedup.By != nil || r.Evidence != nil {
		t.Errorf("defaults %+v", r)
	}
	if errs := rules.Check(all, tables(t)); errs != nil {
		t.Error(errs)
	}
}

// TestParseForms: the mark that editors of Windows begin a file with says nothing, and an
// expression can be a list of thousands.
func TestParseForms(t *testing.T) {
	long := "src_ip in (" + strings.Repeat("10.0.0.1, ", 5000) + "10.0.0.2)"
	for name, file := range map[string]string{
		"byte order mark": "\ufeffversion: 1\nrules:\n  - {id: r, title: t, table: dns, where: response = 1}\n",
		"long expression": "version: 1\nrules:\n  - id: r\n    title: t\n    table: dns\n    where: " + long + "\n",
		"long condition":  "version: 1\nrules:\n  - id: r\n    title: t\n    table: dns\n    condition:\n      - where: " + long + "\n",
	} {
		all, err := rules.Parse("test.yaml", []byte(file))
		if err == nil {
			err = errors.Join(rules.Check(all, tables(t))...)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParseErrors: what is wrong is said with file, line and column.
func TestParseErrors(t *testing.T) {
	rule := func(s string) string { return "version: 1\nrules:\n  - {id: r, title: t, table: dns, " + s + "}\n" }
	for name, test := range map[string]struct{ file, says string }{
		"empty":            {"", "is empty"},
		"comment":          {"# nothing\n", "is empty"},
		"no mapping":       {"- a\n", "line 1, column 1: want a mapping"},
		"text":             {"hello", "want a mapping"},
		"no version":       {"rules: [{id: a, title: t, table: dns, where: response = 1}]", "version is missing"},
		"newer":            {"version: 2\nrules: []", "line 1, column 10: version: 2: this build reads version 1"},
		"older":            {"version: 0\nrules: []", "this build reads version 1"},
		"no rules":         {"version: 1", "has no rules"},
		"empty rules":      {"version: 1\nrules: []", "has no rules"},
		"unknown at top":   {"version: 1\nrule: []", `line 2, column 1: a file has no key "rule"; did you mean rules?`},
		"unknown":          {"version: 1\nrules:\n  - id: r\n    titel: t\n", `test.yaml: line 4, column 5: rule r: a rule has no key "titel"; did you mean time, title?`},
		"twice":            {"version: 1\nrules:\n  - id: r\n    id: r\n", "line 4, column 5"},
		"two documents":    {"version: 1\n---\nversion: 1\n", "more than one YAML document"},
		"syntax":           {"version: [1\n", "line"},
		"no id":            {"version: 1\nrules:\n  - {title: t, table: dns, where: response = 1}", "line 3, column 5: has no id"},
		"bad id":           {"version: 1\nrules:\n  - {id: A b, title: t, table: dns, where: response = 1}", "id: want lower-case letters"},
		"no title":         {"version: 1\nrules:\n  - {id: a, table: dns, where: response = 1}", "has no title"},
		"no table":         {"version: 1\nrules:\n  - {id: a, title: t, where: response = 1}", "has no table"},
		"id twice":         {"version: 1\nrules:\n  - {id: a, title: t, table: dns, where: response = 1}\n  - {id: a, title: t, table: dns, where: response = 1}\n", "there is a rule of that id in"},
		"asks nothing":     {rule("severity: low"), "asks nothing"},
		"severity":         {rule("where: response = 1, severity: grave"), `severity: severity "grave" is none of`},
		"enabled":          {rule("where: response = 1, enabled: 1"), "enabled: want true or false"},
		"threshold alone":  {rule("where: response = 1, threshold: 5"), "threshold: there is no aggregate"},
		"aggregate alone":  {rule("aggregate: count"), "aggregate: there is no threshold"},
		"window alone":     {rule("where: response = 1, window: 5m"), "window and group_by are for aggregates"},
		"no function":      {rule("aggregate: median(rcode), threshold: 5"), `aggregate: "median(rcode)" is none of`},
		"count of":         {rule("aggregate: count(rcode), threshold: 5"), "count takes no column"},
		"sum of nothing":   {rule("aggregate: sum, threshold: 5"), "the others take one"},
		"short window":     {rule("aggregate: count, threshold: 5, window: 1ms"), "window: want 1s to"},
		"long window":      {rule("aggregate: count, threshold: 5, window: 400d"), "is no duration"},
		"negative window":  {rule("aggregate: count, threshold: 5, window: -1h"), "is no duration"},
		"a group twice":    {rule("aggregate: count, threshold: 5, group_by: [src_ip, rcode, src_ip]"), "group_by: src_ip is named twice"},
		"duplicate twice":  {rule("where: response = 1, dedup: {by: [src_ip, src_ip]}"), "dedup: by: src_ip is named twice"},
		"evidence twice":   {rule("where: response = 1, evidence: [rcode, rcode]"), "evidence: rcode is named twice"},
		"half a threshold": {rule("aggregate: count, threshold: {operator: '>'}"), "threshold: value is missing"},
		"no number":        {rule("aggregate: count, threshold: many"), `"many" is no number`},
		"NaN":              {rule("aggregate: count, threshold: nan"), "is no number"},
		"threshold of":     {rule("aggregate: count, threshold: {operator: '=>', value: 5}"), `operator: "=>" is none of`},
		"dedup by others":  {rule("aggregate: count, threshold: 5, group_by: [src_ip], dedup: {by: [dst_ip]}"), "only columns of group_by are known"},
		"dedup of":         {rule("where: response = 1, dedup: {for: 1h}"), `dedup has no key "for"`},
		"operator":         {rule("condition: {field: rcode, operator: LESS_THAN, value: 1}"), `"LESS_THAN" is none of equals, contains`},
		"no operator":      {rule("condition: {field: rcode, value: 1}"), "operator is missing"},
		"no value":         {rule("condition: {field: rcode, operator: equals}"), "value is missing"},
		"null value":       {rule("condition: {field: rcode, operator: equals, value: null}"), "line 3, column 86: rule r: condition: value: has no value"},
		"no field":         {rule("condition: {operator: equals, value: 1}"), "field is missing"},
		"two forms":        {rule("condition: {field: rcode, operator: equals, value: 1, where: rcode = 1}"), "a condition is one of"},
		"no form":          {rule("condition: {}"), "a condition is one of"},
		"empty all":        {rule("condition: {all: []}"), "a list without conditions"},
		"several at once":  {rule("condition: {field: rcode, operator: greater_than, value: [1, 2]}"), "greater_than takes one value"},
		"regex":            {rule("condition: {field: query_name, operator: regex, value: '('}"), "missing closing"},
		"value is mapping": {rule("condition: {field: rcode, operator: equals, value: {a: b}}"), "is no value"},
		"kind":             {rule("baseline: {kind: drop}"), "baseline: kind: want one of spike, new, unusual_hour"},
		"spike of nothing": {rule("baseline: {kind: spike}"), "a spike takes a feature"},
		"new of nothing":   {rule("baseline: {kind: new, category: peer}"), "new takes a category"},
		"keys of service":  {rule("baseline: {kind: new, category: service, key: [dst_port]}"), "for service and served the columns of protocol and port"},
		"other's key":      {rule("baseline: {kind: spike, category: peer}"), `baseline has no key "category"`},
		"kind missing":     {rule("baseline: {feature: rcode}"), "baseline: kind: want one of spike"},
		"times":            {rule("baseline: {kind: spike, feature: rcode, times: 0.5}"), "times is at least 1"},
		"novelty":          {rule("baseline: {kind: new, category: peer, key: dst_ip, novelty: 2}"), "novelty is a share"},
		"anchor":           {"version: &v 1\nrules: []", "anchors, aliases and merges are not taken"},
		"alias":            {"version: *v\nrules: []", "anchors, aliases and merges are not taken"},
		"bomb":             {"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n", "line 1, column 4: anchors"},
		"merge":            {"version: 1\nrules:\n  - <<: {id: a}\n", "anchors, aliases and merges are not taken"},
		"tag":              {"version: !!int 1\nrules: []", "tags, directives"},
		"deep flow":        {"version: 1\nrules: " + strings.Repeat("[", 100_000), "nested deeper than 40"},
		"deep mapping":     {"version: 1\nrules: " + strings.Repeat("{a: ", 50_000), "nested deeper than 40"},
		"deep list":        {"version: 1\nrules:\n  " + strings.Repeat("- ", 100_000), "nested deeper than 40"},
		"deep condition":   {rule("condition: " + strings.Repeat("{not: ", 30) + "{where: rcode = 1}" + strings.Repeat("}", 30)), "nested deeper than 20"},
		"many conditions":  {rule("condition: [" + strings.Repeat("{where: rcode = 1}, ", 1001) + "]"), "more than 1000"},
		"large":            {"version: 1 #" + strings.Repeat("x", 600_000), "more than 524288 bytes"},
		"long text":        {rule("description: '" + strings.Repeat("x", 5000) + "'"), "more than 4096 bytes"},
		"terminal":         {"version: 1\nrules:\n  - {\"\\e[2J\": 1}", `a rule has no key "\x1b[2J"`},
		"bytes":            {"\x00\xff\xfe", ""},
	} {
		all, err := rules.Parse("test.yaml", []byte(test.file))
		if err == nil || !errors.Is(err, rules.ErrRule) || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "test.yaml: ") {
			t.Errorf("%s: %v (%d rules), want %q", name, err, len(all), test.says)
		}
		if err != nil && (len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x1b\x00\n")) {
			t.Errorf("%s: %q is not harmless", name, err)
		}
	}
}

// TestLoad: files that are not there, and rules of two files with one id.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := rules.Load(filepath.Join(dir, "none.yaml")); !errors.Is(err, rules.ErrRule) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	path := filepath.Join(dir, "a.yaml")
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := rules.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := rules.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rules.New(append(all, again...), nil, rules.DefaultConfig()); !errors.Is(err, rules.ErrRule) || !strings.Contains(err.Error(), "there is a rule of that id in "+path+", line 5") {
		t.Errorf("%v", err)
	}
}

// FuzzParse reads whatever comes: what it takes can be checked against every table, and what it
// says is harmless on a terminal.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add(rules.ShippedFile())
	f.Add([]byte("version: 1\nrules: [{id: a, title: t, table: dns, where: \"any answer_data in (10.0.0.0/8)\"}]"))
	f.Add([]byte("version: 1\nrules:\n- id: a\n  title: |\n    t\n  table: hosts\n  aggregate: mean(gap_cv)\n  threshold: \"< 1\"\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? - - {[: !!x\n"))
	f.Add([]byte("\t\x00\xff"))
	schemas := tables(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := rules.Parse("fuzz.yaml", data)
		errs := []error{err}
		if err == nil {
			errs = rules.Check(all, schemas)
		}
		for _, err := range errs {
			if err == nil {
				continue
			}
			if !errors.Is(err, rules.ErrRule) {
				t.Errorf("%v is no ErrRule", err)
			}
			if strings.ContainsAny(err.Error(), "\x1b\x00\n\r") {
				t.Errorf("%q is not harmless", err)
			}
		}
	})
}
