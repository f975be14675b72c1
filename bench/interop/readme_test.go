package interop_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeSQL runs README.md's queries over the demo's tables: each has rows, and in
// those of messages with what answers them some are answered and some are not.
func TestReadmeSQL(t *testing.T) {
	needDuckDB(t)
	dir := t.TempDir()
	run := exec.Command("go", "run", "../../cmd/pcapmill", "run", "--demo", "-q", "-o", filepath.Join(dir, "out"))
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	queries := documentedSQL(t, "README.md")
	if len(queries) < 4 {
		t.Errorf("only %d queries found", len(queries))
	}
	results := query(t, dir, strings.Join(queries, ";"))
	if len(results) != len(queries) {
		t.Fatalf("%d results of %d queries", len(results), len(queries))
	}
	for i, rows := range results {
		if len(rows) == 0 {
			t.Errorf("no row of %s", queries[i])
		}
		answered := 0
		for _, row := range rows {
			if row["latency_ms"] != nil {
				answered++
			}
		}
		if strings.Contains(queries[i], "LEFT JOIN") && (answered == 0 || answered == len(rows)) {
			t.Errorf("%d of %d rows are answered: %s", answered, len(rows), queries[i])
		}
	}
}

// TestDatasetsSQL runs docs/datasets.md's queries over tables, labels and a split of the demo:
// each has rows.
func TestDatasetsSQL(t *testing.T) {
	needDuckDB(t)
	dir := t.TempDir()
	pm := filepath.Join(dir, "pcapmill")
	if out, err := exec.Command("go", "build", "-o", pm, "../../cmd/pcapmill").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const rules = "version: 1\nrules:\n- {id: web, label: web, protocol: tcp}\n- {id: rest, label: rest, priority: -1}\n"
	if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"run --demo -o out", "label out --rules rules.yaml --tables records -o labels",
		"dataset build out --labels labels -o ds", "dataset split ds --by conn -o split",
	} {
		run := exec.Command(pm, append(strings.Fields(command), "-q")...)
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command, err, out)
		}
	}
	queries := documentedSQL(t, "docs/datasets.md")
	results := query(t, dir, strings.Join(queries, ";"))
	if len(queries) != 4 || len(results) != len(queries) {
		t.Fatalf("%d results of %d queries", len(results), len(queries))
	}
	for i, rows := range results {
		if len(rows) == 0 {
			t.Errorf("no row of %s", queries[i])
		}
	}
}

// documentedSQL returns the queries of a document's blocks of SQL.
func documentedSQL(t *testing.T, name string) (queries []string) {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "```sql\n")[1:] {
		sql, _, _ := strings.Cut(block, "```")
		for q := range strings.SplitSeq(sql, ";\n") {
			if q = strings.TrimSpace(q); q != "" {
				queries = append(queries, q)
			}
		}
	}
	return queries
}

// query runs query.mjs over statements in a folder.
func query(t *testing.T, dir, sql string) (results [][]map[string]any) {
	t.Helper()
	program, err := filepath.Abs("query.mjs")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "query.sql")
	if err := os.WriteFile(file, []byte(sql), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", program, file)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var rows []map[string]any
		if err := decoder.Decode(&rows); err != nil {
			t.Fatal(err)
		}
		results = append(results, rows)
	}
	return results
}
