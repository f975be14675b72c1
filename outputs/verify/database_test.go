package verify_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/sqlite"
	"pcapmill/outputs/verify"
)

// inDatabase writes the dataset with its tables in one database, which change may alter
// before it is hashed.
func (d dataset) inDatabase(t testing.TB, statements ...string) string {
	t.Helper()
	dir := filepath.Join(tempDir(t), "out")
	out, _, err := publish.Open(dir, publish.Owner{PlanID: d.plan})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	file, err := out.CreateOutside("tables.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	m := &manifest.Manifest{PlanID: d.plan}
	var writers []*sqlite.File
	var drop func()
	for _, s := range []*column.Schema{d.flows, schema("dns")} {
		path := file.Path()
		if len(writers) > 0 {
			scratch, err := out.Scratch()
			if err != nil {
				t.Fatal(err)
			}
			drop, path = scratch.Abort, scratch.Path()
		}
		w, err := sqlite.NewFile(path, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range sinktest.Batches(s, rows, 2) {
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
		}
		writers = append(writers, w)
		m.Tables = append(m.Tables, manifest.Table{Name: s.Table, Rows: 3, SchemaSHA256: s.Hash(), File: "tables.sqlite"})
	}
	if err := sqlite.Gather(writers, map[string]string{"plan_id": d.footer}, func(int) { drop() }); err != nil {
		t.Fatal(err)
	}
	alter(t, file.Path(), statements)
	p, err := file.Commit(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Files = []manifest.File{manifest.File(p)}
	account(m)
	d.change(m)
	if err := out.Finish(m, &manifest.Execution{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func alter(t testing.TB, path string, statements []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestDatabase(t *testing.T) {
	dir := newDataset().inDatabase(t)
	r := check(t, dir)
	if !r.OK() || len(r.Unchecked)+len(r.Others) != 0 || r.Tables != 2 || r.Parts != 1 || r.Rows != 6 {
		t.Fatalf("%+v", r)
	}
	path := filepath.Join(dir, "tables.sqlite")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2]++
	os.WriteFile(path, data, 0o600)
	if r := check(t, dir); r.OK() || r.Findings[0].Check != verify.CheckSHA256 {
		t.Errorf("%v", r.Findings)
	}
	os.Mkdir(filepath.Join(dir, "flows"), 0o700) // no folder of this dataset's
	if r := check(t, dir); !slices.Equal(r.Others, []string{"flows"}) {
		t.Errorf("others %v", r.Others)
	}
	data[len(data)/2]--
	os.WriteFile(path, data, 0o600)
	for _, ending := range []string{"-journal", "-wal"} { // SQLite reads it with the database
		os.WriteFile(path+ending, []byte("x"), 0o600)
		if r := check(t, dir); len(r.Findings) != 1 || r.Findings[0].Check != verify.CheckStray || r.Findings[0].Path != "tables.sqlite"+ending {
			t.Errorf("%s: %v", ending, r.Findings)
		}
		os.Remove(path + ending)
	}
	os.WriteFile(filepath.Join(dir, "-journal"), nil, 0o600) // of no database
	if r := check(t, dir); !r.OK() {
		t.Errorf("%v", r.Findings)
	}
	os.Truncate(path, 100)
	if r := check(t, dir); r.OK() || len(r.Unchecked) != 1 || !strings.Contains(r.Unchecked[0], "readable Parquet or SQLite") {
		t.Errorf("%v, not checked: %v", r.Findings, r.Unchecked)
	}
	os.Remove(path)
	if r := check(t, dir); len(r.Findings) == 0 || r.Findings[0].Check != verify.CheckMissing {
		t.Errorf("%v", r.Findings)
	}
}

// TestDatabaseThatIsAnother has the hash that is listed and other content.
func TestDatabaseThatIsAnother(t *testing.T) {
	for what, c := range map[string]struct {
		statements []string
		change     func(*dataset)
		checks     []string
	}{
		"row less":     {statements: []string{"DELETE FROM dns WHERE rowid = 2"}, checks: []string{verify.CheckRows}},
		"row count":    {statements: []string{"UPDATE pcapmill_tables SET row_count = 4"}, checks: []string{verify.CheckRows, verify.CheckRows}},
		"packets":      {statements: []string{"UPDATE flows SET fwd_packets = 9 WHERE rowid = 1"}, checks: []string{verify.CheckFlows}},
		"wire bytes":   {statements: []string{"UPDATE flows SET rev_wire_bytes = 9 WHERE rowid = 3"}, checks: []string{verify.CheckFlows}},
		"in a tunnel":  {statements: []string{"UPDATE flows SET fwd_packets = 9 WHERE rowid = 2"}},
		"description":  {statements: []string{"UPDATE pcapmill_columns SET doc = 'x' WHERE table_name = 'dns'"}, checks: []string{verify.CheckSchema}},
		"schema hash":  {statements: []string{"UPDATE pcapmill_tables SET schema_sha256 = 'x' WHERE table_name = 'dns'"}, checks: []string{verify.CheckSchema}},
		"trigger":      {statements: []string{"CREATE TRIGGER x AFTER INSERT ON dns BEGIN SELECT 1; END"}, checks: []string{verify.CheckUnreadable}},
		"no database":  {statements: []string{"PRAGMA application_id=1"}, checks: []string{verify.CheckUnreadable}},
		"plan":         {change: func(d *dataset) { d.footer = "other" }, checks: []string{verify.CheckPlan}},
		"listed rows":  {change: func(d *dataset) { d.change = func(m *manifest.Manifest) { m.Tables[1].Rows = 7 } }, checks: []string{verify.CheckRows}},
		"listed table": {change: func(d *dataset) { d.change = func(m *manifest.Manifest) { m.Tables[1].Name = "tls" } }, checks: []string{verify.CheckStray, verify.CheckMissing}},
		"no depth": {change: func(d *dataset) {
			d.flows.Columns[4].Name = "depth"
		}, checks: []string{verify.CheckFlows}},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDataset()
			if c.change != nil {
				c.change(&d)
			}
			var got []string
			for _, f := range check(t, d.inDatabase(t, c.statements...)).Findings {
				got = append(got, f.Check)
			}
			if strings.HasSuffix(what, "database") || what == "trigger" {
				got = got[:min(1, len(got))]
			}
			if fmt.Sprint(got) != fmt.Sprint(c.checks) {
				t.Errorf("%v, want %v", got, c.checks)
			}
		})
	}
}
