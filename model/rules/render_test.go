package rules_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/model/drift"
	"pcapmill/model/rules"
)

var update = flag.Bool("update", false, "rewrite golden files")

// hostile is what somebody on the network can write.
const hostile = "a|<b>`*_[x](http://evil.example)@you\x1b[2J\u202e\xff,\"]]>"

// told is a report with an alert of a row, one of several windows, one of an estimate, and a
// rule that is skipped, one that has left rows out.
func told(t *testing.T) *rules.Report {
	t.Helper()
	rows := many(1500, func(i int) cells { return cells{"at_ns": monday + int64(i)*second, "client": "10.0.0.2", "port": i} })
	rows = append(rows, cells{"at_ns": monday + 90*60*second, "client": hostile, "port": nil, "bytes": 7, "x": 1e21, "names": []string{hostile, "b"}})
	all := parsed(t, `
- {id: each, title: 'Bytes & <more> | than usual', severity: high, table: visits, where: bytes > 5, dedup: {by: [client, port]}, evidence: [bytes, x, names, at_ns], tags: [a], references: ["https://example.org/?a=b&c"]}
- {id: few, title: Few, severity: low, table: visits, window: 10m, group_by: [client], aggregate: max(port), threshold: "> 500", dedup: {period: 7d}}
- {id: many, title: Many, severity: medium, table: visits, group_by: [client], aggregate: distinct(port), threshold: 1000}
- {id: skipped, title: Skipped, table: visits, requires: [country], where: port = 1}
- {id: silent, title: Silent, table: visits, where: port = -1}
- {id: absent, title: Absent, table: nowhere, aggregate: count, threshold: 1}
`)
	report := apply(t, all, nil, rules.DefaultConfig(), 500, input{visits, rows})
	report.Outcomes[4].WithoutTime, report.Outcomes[4].LeftOut = 1, 2
	return report
}

// TestGolden holds every format to a file.
func TestGolden(t *testing.T) {
	report := told(t)
	for name, write := range map[string]func(io.Writer) error{
		"report.txt":   func(w io.Writer) error { return rules.WriteText(w, report) },
		"report.json":  func(w io.Writer) error { return rules.WriteJSON(w, report, drift.Medium) },
		"report.jsonl": func(w io.Writer) error { return rules.WriteJSONL(w, report) },
		"report.md":    func(w io.Writer) error { return rules.WriteMarkdown(w, report) },
		"report.xml":   func(w io.Writer) error { return rules.WriteJUnit(w, report, drift.Medium) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\u202e") || !utf8.ValidString(b.String()) {
			t.Errorf("%s has what does not print", name)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s is another: run the test with -update, and read what changes\n%s", path, b.String())
		}
	}
}

// TestForms: what is for machines is of its form, whatever the values.
func TestForms(t *testing.T) {
	report := told(t)
	var doc, lines, list, suites bytes.Buffer
	for _, err := range []error{
		rules.WriteJSON(&doc, report, drift.High), rules.WriteJSONL(&lines, report), rules.WriteJUnit(&suites, report, drift.High),
		rules.WriteList(&list, []*rules.Rule{report.Outcomes[0].Rule}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range append(strings.Split(strings.TrimSpace(lines.String()), "\n"), doc.String(), list.String()) {
		if !json.Valid([]byte(text)) {
			t.Errorf("no JSON: %s", text)
		}
	}
	var parsed struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
	}
	if err := xml.Unmarshal(suites.Bytes(), &parsed); err != nil || parsed.Tests != 6 || parsed.Failures != 1 {
		t.Errorf("%+v, %v", parsed, err)
	}
	for failOn, want := range map[drift.Severity]bool{drift.None: true, drift.Medium: true, drift.High: true, drift.Critical: false} {
		if report.Fails(failOn) != want {
			t.Errorf("at %s: %v", failOn, !want)
		}
	}
	if none := (&rules.Report{}); none.Fails(drift.None) {
		t.Error("without an alert nothing fails")
	}
}

// TestLongMarkdown: what has no room is counted.
func TestLongMarkdown(t *testing.T) {
	rows := many(5000, func(i int) cells { return cells{"at_ns": monday + int64(i)*second, "port": i} })
	report := apply(t, parsed(t, "- {id: r, title: t, table: visits, where: port >= 0, dedup: {by: [port]}}\n"), nil, rules.DefaultConfig(), 500, input{visits, rows})
	var b bytes.Buffer
	if err := rules.WriteMarkdown(&b, report); err != nil || b.Len() > 65_000 || !strings.Contains(b.String(), "more alerts had no room here") {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// TestRunOnFiles reads datasets, folders of tables and files.
func TestRunOnFiles(t *testing.T) {
	dataset := written(t)
	all := parsed(t, "- {id: r, title: t, table: things, where: n > 1, dedup: {period: 0s}}\n- {id: s, title: t, table: others, where: n > 1}\n")
	for _, paths := range [][]string{{dataset}, {filepath.Join(dataset, "things")}, {filepath.Join(dataset, "things", "part-00000.parquet")}} {
		report, err := rules.Run(t.Context(), all, nil, rules.DefaultConfig(), paths)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(report); len(got) != 2 || len(report.Outcomes[1].Skipped) != 1 {
			t.Errorf("%v: %v", paths, got)
		}
	}
	for name, paths := range map[string][]string{"twice": {dataset, filepath.Join(dataset, "things")}, "in part": {filepath.Join(dataset, "things", "part-00000.parquet"), filepath.Join(dataset, "things")}, "absent": {filepath.Join(dataset, "nothing")}} {
		if _, err := rules.Run(t.Context(), all, nil, rules.DefaultConfig(), paths); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
	database := filepath.Join(t.TempDir(), "database") // as of run --format sqlite: has no folder of a table
	if err := os.Mkdir(database, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"manifest.json", "tables.sqlite"} {
		if err := os.WriteFile(filepath.Join(database, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := rules.Run(t.Context(), all, nil, rules.DefaultConfig(), []string{database}); err == nil || !strings.Contains(err.Error(), "holds .sqlite files, and only Parquet is read here") {
		t.Errorf("tables in a database: %v", err)
	}
	wrong := parsed(t, "- {id: r, title: t, table: things, where: m > 1}\n")
	if _, err := rules.Run(t.Context(), wrong, nil, rules.DefaultConfig(), []string{dataset}); err == nil || !strings.Contains(err.Error(), "test.yaml: rule r: line 3: where: table things has no column m") {
		t.Errorf("%v", err)
	}
}

// TestHostOfARequest: the host of http is what a client says, and not who an alert is about.
func TestHostOfARequest(t *testing.T) {
	var rows []cells
	for _, client := range []string{"10.0.0.1", "10.0.0.2"} {
		rows = append(rows, cells{"time_ns": monday, "src_ip": client, "dst_ip": "192.0.2.80", "kind": "request", "host": "203.0.113.9"})
	}
	report := apply(t, parsed(t, "- {id: each, title: T, table: http, where: kind = request}\n- {id: named, title: T, table: http, where: kind = request, dedup: {by: [host]}}\n"),
		nil, rules.DefaultConfig(), 1, input{table(t, "http"), rows})
	var b bytes.Buffer
	if err := rules.WriteJSONL(&b, report); err != nil || len(report.Outcomes[0].Alerts) != 2 || strings.Count(b.String(), `"host":{"ip":["10.0.0.`) != 2 || strings.Contains(b.String(), `"host":{"ip":["203.`) {
		t.Errorf("%v, %s", err, &b)
	}
}

// TestECS: columns that the schema has names for are under them; a key counts before evidence.
func TestECS(t *testing.T) {
	rows := []cells{{
		"time_ns": monday, "src_ip": "10.0.0.1", "src_port": 5353, "dst_ip": "192.0.2.53", "dst_port": 53, "query_name": "a.example", "protocol": 17,
	}}
	all := parsed(t, "- {id: r, title: T, severity: critical, table: dns, where: dst_port = 53, dedup: {by: [src_ip]}, evidence: [dst_ip, dst_port, query_name, protocol]}\n")
	var b bytes.Buffer
	if err := rules.WriteJSONL(&b, apply(t, all, nil, rules.DefaultConfig(), 1, input{table(t, "dns"), rows})); err != nil {
		t.Fatal(err)
	}
	want := `"rule":{"id":"r","name":"T"},"host":{"ip":["10.0.0.1"]},"source":{"ip":"10.0.0.1"},"destination":{"ip":"192.0.2.53","port":53},` +
		`"dns":{"question":{"name":"a.example"}},"message":"T: src_ip 10.0.0.1","labels":{"severity":"critical","table":"dns"},` +
		`"pcapmill":{"alert_id":"d3c9359b860129fb63b5ecf5","count":1,"rows":1,"keys":{"src_ip":"10.0.0.1"},"value":null,"evidence":{"dst_ip":"192.0.2.53","dst_port":53,"query_name":"a.example","protocol":17}}}`
	if got := strings.TrimSpace(b.String()); !strings.HasSuffix(got, want) || !strings.Contains(got, `"severity":99`) {
		t.Errorf("%s", got)
	}
}
