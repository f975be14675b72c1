package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/sqlite"
)

// foreign opens a database with the driver alone, as any other program would.
func foreign(t testing.TB, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(name)}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// second is a small table beside that of the suite.
func second() *column.Schema {
	return &column.Schema{Table: "second", Version: 7, Columns: []column.Column{
		{Name: "flow_id", Type: column.Int64, Role: column.Identity, Doc: "The flow."},
		{Name: "start_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "When it began."},
		{Name: "end_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "When it ended.", Null: "while it lasts", Source: "RFC 0", Group: "core"},
	}}
}

func secondRows(n int) (rows []sinktest.Row) {
	for i := range n {
		rows = append(rows, sinktest.Row{int64(i * 7919 % 1000), int64(1e18) + int64(i), nil})
	}
	return rows
}

// dataset writes two tables, the batches of which come in the given order: true is the first's.
func dataset(t testing.TB, size int, order func(i int) bool) string {
	t.Helper()
	suite, small := sinktest.Schema(), second()
	path, scratch := filepath.Join(t.TempDir(), "tables.sqlite"), empty(t)
	os.WriteFile(path, nil, 0o600)
	a, err := sqlite.NewFile(path, suite)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sqlite.NewFile(scratch, small)
	if err != nil {
		t.Fatal(err)
	}
	left, right := sinktest.Batches(suite, sinktest.RandomRows(700, 9), size), sinktest.Batches(small, secondRows(3000), size)
	for i := 0; len(left)+len(right) > 0; i++ {
		if len(right) == 0 || len(left) > 0 && order(i) {
			err, left = a.Write(left[0]), left[1:]
		} else {
			err, right = b.Write(right[0]), right[1:]
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var done []int
	if err := sqlite.Gather([]*sqlite.File{a, b}, map[string]string{"plan_id": "p", "a": "b"}, func(i int) { done = append(done, i) }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(done, []int{1}) {
		t.Errorf("done with %v", done)
	}
	return path
}

// TestTablesDoNotMix: however the rows of two tables came, the bytes are the same.
func TestTablesDoNotMix(t *testing.T) {
	want := read(t, dataset(t, 100, func(int) bool { return true }))
	for i, order := range []func(int) bool{
		func(int) bool { return false }, func(i int) bool { return i%2 == 0 }, func(i int) bool { return i%5 != 0 },
	} {
		if !bytes.Equal(read(t, dataset(t, 1+i*37, order)), want) {
			t.Errorf("order %d gives other bytes", i)
		}
	}
}

func TestDataset(t *testing.T) {
	path := dataset(t, 100, func(i int) bool { return i%2 == 0 })
	data := read(t, path)
	r, err := openBytes(t, data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Meta, map[string]string{"plan_id": "p", "a": "b"}) || !reflect.DeepEqual(r.Counts, []int64{700, 3000}) {
		t.Errorf("%v, %v", r.Meta, r.Counts)
	}
	for i, s := range []*column.Schema{sinktest.Schema(), second()} {
		if n, err := r.Rows(context.Background(), s.Table); r.Schemas[i].Describe() != s.Describe() || n != r.Counts[i] || err != nil {
			t.Errorf("%s, %d rows, %v", r.Schemas[i].Describe(), n, err)
		}
	}
	sum := int64(0)
	if err := r.Columns(context.Background(), "second", []string{"start_ns"}, func(v []any) error { sum += v[0].(int64) - 1e18; return nil }); err != nil || sum != 2999*1500 {
		t.Errorf("sum %d, %v", sum, err)
	}
	for _, names := range [][]string{{"none"}, {"flow_id", "rowid"}} {
		if err := r.Columns(context.Background(), "second", names, nil); err == nil {
			t.Errorf("columns %v were read", names)
		}
	}
	if r.Index("first") != -1 || r.Columns(context.Background(), "first", nil, nil) == nil {
		t.Error("a table that is not there")
	}
	if err := sqlite.CheckHeader(bytes.NewReader(data), int64(len(data))); err != nil {
		t.Error(err)
	}
}

// TestForSQL: what people ask such a database works as documented.
func TestForSQL(t *testing.T) {
	db := foreign(t, dataset(t, 100, func(i int) bool { return i%2 == 0 }))
	for query, want := range map[string]string{
		"PRAGMA integrity_check": "ok",
		"PRAGMA application_id":  fmt.Sprint(0x50634d6c),
		"PRAGMA user_version":    "1",
		"PRAGMA page_size":       "8192",
		"PRAGMA freelist_count":  "0",
		"PRAGMA encoding":        "UTF-8",
		"SELECT max(rowid), count(*) = max(rowid) FROM every_type":                                                                    "700 1",
		"SELECT count(DISTINCT typeof(flags) || typeof(key) || typeof(ratio) || typeof(count) || typeof(start_time)) FROM every_type": "1",
		"SELECT typeof(flags), typeof(key), typeof(ratio), typeof(count), typeof(start_time) FROM every_type":                         "text blob real integer text",
		"SELECT count(*) FROM every_type WHERE json_valid(sizes) AND json_valid(answers)":                                             "700",
		"SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name)":                     "second_by_flow_id second_by_start_ns",
		"SELECT strict FROM pragma_table_list WHERE name = 'second'":                                                                  "1",
		"SELECT type, unit, role, doc, null_rule, source, feature_group FROM pcapmill_columns WHERE column_name = 'end_ns'":           "int64 ns since 1970-01-01 UTC time When it ended. while it lasts RFC 0 core",
		"SELECT ifnull(null_rule, 'never') FROM pcapmill_columns WHERE column_name = 'start_ns'":                                      "never",
		"SELECT group_concat(table_name || ' ' || schema_version || ' ' || row_count, ', ') FROM pcapmill_tables":                     "every_type 3 700, second 7 3000",
		"SELECT value FROM pcapmill_meta WHERE key = 'plan_id'":                                                                       "p",
	} {
		if got := ask(t, db, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// ask returns the first row of an answer.
func ask(t testing.TB, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	if !rows.Next() {
		return fmt.Sprint("no row: ", rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(fmt.Sprintln(values...), "\n")
}

// TestOtherReaders reads the database with SQLite as others built it.
func TestOtherReaders(t *testing.T) {
	path := dataset(t, 100, func(i int) bool { return i%2 == 0 })
	const query = "SELECT count(*), sum(flow_id), min(start_ns), (SELECT sum(length(agent)) FROM every_type), (SELECT hex(max(key)) FROM every_type) FROM second"
	want := strings.ReplaceAll(ask(t, foreign(t, path), query), " ", "|")
	for name, args := range map[string][]string{
		"sqlite3": {"-readonly", path, "PRAGMA integrity_check; " + query},
		"python3": {"-c", "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nprint(c.execute('PRAGMA integrity_check').fetchone()[0])\nprint(*c.execute(sys.argv[2]).fetchone(), sep='|')", path, query},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(name); err != nil {
				t.Skip("no " + name + " here")
			}
			out, err := exec.Command(name, args...).CombinedOutput()
			if strings.Contains(string(out), "No module named") {
				t.Skip("python3 without sqlite3")
			}
			if got := strings.TrimSpace(string(out)); err != nil || got != "ok\n"+want {
				t.Errorf("%v: %s\nwant ok\n%s", err, got, want)
			}
		})
	}
}

// TestDescriptionsAreChecked: a dataset that says of its tables what is not so is refused, or,
// where hashes and counts differ, shows it.
func TestDescriptionsAreChecked(t *testing.T) {
	for what, statements := range map[string][]string{
		"view":         {"CREATE VIEW v AS SELECT 1"},
		"no meta":      {"DROP TABLE pcapmill_meta"},
		"meta is view": {"DROP TABLE pcapmill_meta", "CREATE VIEW pcapmill_meta AS SELECT 'key' AS key, 'value' AS value"},
		"type":         {"UPDATE pcapmill_columns SET type = 'double' WHERE column_name = 'end_ns'"},
		"no type":      {"UPDATE pcapmill_columns SET type = 'money'"},
		"no role":      {"UPDATE pcapmill_columns SET role = ''"},
		"null rule":    {"UPDATE pcapmill_columns SET null_rule = NULL"},
		"name":         {"UPDATE pcapmill_columns SET column_name = 'End' WHERE column_name = 'end_ns'"},
		"twice":        {"INSERT INTO pcapmill_tables SELECT * FROM pcapmill_tables"},
		"one less":     {"DELETE FROM pcapmill_tables WHERE table_name = 'second'", "DELETE FROM pcapmill_columns WHERE table_name = 'second'"},
		"no table":     {"DELETE FROM pcapmill_tables WHERE table_name = 'second'"},
		"column less":  {"DELETE FROM pcapmill_columns WHERE column_name = 'end_ns'"},
		"no columns":   {"DELETE FROM pcapmill_columns WHERE table_name = 'second'"},
		"position":     {"UPDATE pcapmill_columns SET position = position + 1"},
		"much meta":    {"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) INSERT INTO pcapmill_meta SELECT 'k' || i, '' FROM n"},
		"index":        {"DROP INDEX second_by_flow_id"},
		"version":      {"PRAGMA user_version=2"},
	} {
		t.Run(what, func(t *testing.T) {
			path := dataset(t, 1000, func(int) bool { return true })
			change(t, path, statements...)
			_, err := openBytes(t, read(t, path))
			if !errors.Is(err, sqlite.ErrFormat) && !errors.Is(err, sqlite.ErrNewer) {
				t.Errorf("%v", err)
			}
		})
	}
	path := dataset(t, 1000, func(int) bool { return true })
	change(t, path, "UPDATE pcapmill_columns SET doc = 'Another.'", "DELETE FROM second WHERE rowid = 5")
	r, err := openBytes(t, read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.Rows(context.Background(), "second"); n != 2999 || r.Counts[1] != 3000 || r.Schemas[1].Hash() == r.Hashes[1] || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestCheck compares a database with what was written.
func TestCheck(t *testing.T) {
	path := empty(t)
	f, err := sqlite.NewFile(path, second())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range sinktest.Batches(second(), secondRows(10), 10) {
		if err := f.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	tables := []*sqlite.File{f}
	if err := sqlite.Gather(tables, nil, nil); err != nil {
		t.Fatal(err)
	}
	check := func() error {
		data := read(t, path)
		return sqlite.Check(bytes.NewReader(data), int64(len(data)), tables)
	}
	if err := check(); err != nil {
		t.Error(err)
	}
	change(t, path, "UPDATE pcapmill_tables SET row_count = 9")
	if err := check(); !errors.Is(err, sqlite.ErrFormat) {
		t.Errorf("%v", err)
	}
	if err := sqlite.Gather(tables, nil, nil); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("gathered twice: %v", err)
	}
}

func TestNaNIsRefused(t *testing.T) {
	s := &column.Schema{Table: "t", Version: 1, Columns: []column.Column{{Name: "x", Type: column.Double, Doc: "A number."}}}
	f, err := sqlite.NewFile(empty(t), s)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abandon()
	b := batch.New(s)
	sinktest.Fill(b, []sinktest.Row{{1.5}, {math.NaN()}})
	for range 2 {
		if err := f.Write(b); !errors.Is(err, sqlite.ErrNotNumber) || !strings.Contains(err.Error(), "x") {
			t.Errorf("%v", err)
		}
	}
	if err := sqlite.Gather([]*sqlite.File{f}, nil, nil); !errors.Is(err, sqlite.ErrNotNumber) {
		t.Errorf("a database was made of it: %v", err)
	}
}

// TestAbandon: a table that failed takes the others with it, once.
func TestAbandon(t *testing.T) {
	a, err := sqlite.NewFile(empty(t), second())
	if err != nil {
		t.Fatal(err)
	}
	b, err := sqlite.NewFile(empty(t), sinktest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	b.Abandon()
	b.Abandon()
	if err := sqlite.Gather([]*sqlite.File{a, b}, nil, nil); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := a.Write(sinktest.Batches(second(), secondRows(1), 1)[0]); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := sqlite.NewFile(filepath.Join(t.TempDir(), "none", "x"), second()); err == nil {
		t.Error("a file in no folder")
	}
}

// TestListsAreJSON as CSV and JSON lines have them.
func TestListsAreJSON(t *testing.T) {
	db := foreign(t, dataset(t, 100, func(int) bool { return true }))
	rows, err := db.Query("SELECT answers FROM every_type")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for i, want := range sinktest.RandomRows(700, 9) {
		var got string
		if !rows.Next() || rows.Scan(&got) != nil {
			t.Fatalf("row %d: %v", i, rows.Err())
		}
		var list []string
		if err := json.Unmarshal([]byte(got), &list); err != nil || fmt.Sprint(list) != fmt.Sprint(want[9]) {
			t.Fatalf("row %d: %s, %v; want %q", i, got, err, want[9])
		}
	}
}

// BenchmarkWrite tells what a cell costs.
func BenchmarkWrite(b *testing.B) {
	schema := sinktest.Schema()
	in := sinktest.Batches(schema, sinktest.RandomRows(1000, 1), 1000)[0]
	f, err := sqlite.NewFile(empty(b), schema)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Abandon()
	for b.Loop() {
		if err := f.Write(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(1000*len(schema.Columns)), "ns/cell")
}

// TestFullDisk writes to a small file system, where the tests may mount one.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "1m")
	path := filepath.Join(dir, "db")
	os.WriteFile(path, nil, 0o600)
	f, err := sqlite.NewFile(path, sinktest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abandon()
	b := sinktest.Batches(sinktest.Schema(), sinktest.RandomRows(1000, 1), 1000)[0]
	for range 100 {
		if err = f.Write(b); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "every_type") {
		t.Errorf("%v", err)
	}
	if err := sqlite.Gather([]*sqlite.File{f}, nil, nil); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
}
