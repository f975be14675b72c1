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
	queries := readmeSQL(t)
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

// readmeSQL returns the queries of README.md's blocks of SQL.
func readmeSQL(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var queries []string
	for _, block := range strings.Split(string(text), "```sql\n")[1:] {
		sql, _, _ := strings.Cut(block, "```")
		queries = append(queries, strings.TrimSuffix(strings.TrimSpace(sql), ";"))
	}
	if len(queries) < 4 {
		t.Errorf("only %d blocks of SQL found", len(queries))
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
