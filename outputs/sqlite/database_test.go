package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/sqlite"
)

var (
	own    = sqlite.Identity{Application: 0x54657374, Version: 2}
	people = sqlite.Table{Name: "people", Indexes: []string{"name"}, Columns: []sqlite.Column{
		{Name: "name", Type: sqlite.Text}, {Name: "age", Type: sqlite.Integer, Null: true},
		{Name: "mean \"of\" all", Type: sqlite.Real, Null: true}, {Name: "key", Type: sqlite.Blob},
	}}
	empties = sqlite.Table{Name: "select", Columns: []sqlite.Column{{Name: "from", Type: sqlite.Integer}}}
	crowd   = [][]any{
		{"Ada\x00☃", int64(math.MinInt64), -0.5, []byte{0, 255}},
		{"", nil, nil, []byte{}},
		{"'; DROP TABLE people; --", int64(36), math.Inf(1), []byte("k")},
	}
)

// save writes both tables in place of name.
func save(name string, rows [][]any) error {
	_, err := sqlite.Save(name, own, func(d *sqlite.Database) error {
		in, err := d.Table(people)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := in.Insert(row...); err != nil {
				return err
			}
		}
		_, err = d.Table(empties)
		return err
	})
	return err
}

func saved(t testing.TB, rows [][]any) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "some.db")
	if err := save(name, rows); err != nil {
		t.Fatal(err)
	}
	return name
}

func openOwn(name string) (*sqlite.Reader, error) {
	return sqlite.Open(context.Background(), name, own, []sqlite.Table{people, empties}, sqlite.DefaultLimits())
}

func TestSaveAndOpen(t *testing.T) {
	name := saved(t, crowd)
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	r, err := openOwn(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got [][]any
	if err := r.Each(context.Background(), "people", func(v []any) error {
		got = append(got, append([]any{}, v...))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, crowd) {
		t.Errorf("%q", got)
	}
	for table, want := range map[string]int64{"people": 3, "select": 0} {
		if n, err := r.Rows(context.Background(), table); n != want || err != nil {
			t.Errorf("%s: %d rows, %v", table, n, err)
		}
	}
	if r.Version() != own.Version {
		t.Errorf("version %d", r.Version())
	}
	stop := errors.New("stop")
	if err := r.Each(context.Background(), "people", func([]any) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	if err := r.Each(context.Background(), "sqlite_schema", nil); err == nil {
		t.Error("a table that was not opened was read")
	}
}

// TestSaveIsWholeOrNotAtAll: the old database stays until the new one is whole.
func TestSaveIsWholeOrNotAtAll(t *testing.T) {
	name := saved(t, crowd)
	want, _ := os.ReadFile(name)
	bad := errors.New("bad")
	if _, err := sqlite.Save(name, own, func(d *sqlite.Database) error { return bad }); !errors.Is(err, bad) {
		t.Errorf("%v", err)
	}
	if err := save(name, [][]any{{"half", int64(1), nil, nil}}); err == nil {
		t.Error("NULL in a column without was written")
	}
	if got, _ := os.ReadFile(name); !bytes.Equal(got, want) {
		t.Error("another database is there")
	}
	if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
	if err := save(filepath.Dir(name), nil); err == nil {
		t.Error("a folder was replaced")
	}
	if err := save(name, crowd[:1]); err != nil {
		t.Fatal(err)
	}
	again := saved(t, crowd[:1])
	if a, b := read(t, name), read(t, again); !bytes.Equal(a, b) {
		t.Error("the same rows give other bytes")
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestValuesAreRefused(t *testing.T) {
	for _, row := range [][]any{
		{}, {"a", int64(1), 1.0}, {"a", 1, nil, []byte{}}, {"a", "1", nil, []byte{}}, {nil, nil, nil, []byte{}},
		{"a", nil, math.NaN(), []byte{}}, {"a", nil, int64(1), []byte{}}, {"a", nil, nil, "text"}, {"a", true, nil, []byte{}},
	} {
		if err := save(filepath.Join(t.TempDir(), "x"), [][]any{row}); err == nil {
			t.Errorf("%v was written", row)
		}
	}
	for _, table := range []sqlite.Table{
		{}, {Name: "a"}, {Name: "sqlite_x", Columns: empties.Columns},
		{Name: "a", Columns: []sqlite.Column{{Name: "x"}, {Name: "X"}}},
		{Name: "a", Columns: []sqlite.Column{{Name: "x"}}, Indexes: []string{"y"}},
	} {
		_, err := sqlite.Save(filepath.Join(t.TempDir(), "x"), own, func(d *sqlite.Database) error { _, err := d.Table(table); return err })
		if err == nil {
			t.Errorf("table %+v was made", table)
		}
	}
}

func TestCallsOutOfOrder(t *testing.T) {
	path := empty(t)
	d, err := sqlite.Create(path, own)
	if err != nil {
		t.Fatal(err)
	}
	in, err := d.Table(people)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Table(empties); err != nil {
		t.Fatal(err)
	}
	if err := in.Insert(crowd[0]...); err == nil {
		t.Error("a row after the next table was begun")
	}
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Table(people); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := sqlite.Create(path, own); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a database was written over: %v", err)
	}
	if _, err := sqlite.Create(filepath.Join(path, "below"), own); err == nil {
		t.Error("a file below a file")
	}
}

// change runs statements on a database, as somebody else could.
func change(t testing.TB, name string, statements ...string) {
	t.Helper()
	db := foreign(t, name)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestForeignSchemas: whatever is in the schema and not expected is refused before it is used.
func TestForeignSchemas(t *testing.T) {
	for what, statements := range map[string][]string{
		"view":              {"CREATE VIEW v AS SELECT 1"},
		"trigger":           {"CREATE TRIGGER x AFTER INSERT ON people BEGIN SELECT 1; END"},
		"virtual table":     {"CREATE VIRTUAL TABLE v USING fts5(a)"},
		"view of that name": {"DROP TABLE people", "CREATE VIEW people AS SELECT 'a' AS name, 1 AS age, 1.0 AS \"mean \"\"of\"\" all\", x'00' AS key"},
		"another column":    {"ALTER TABLE people ADD COLUMN more INTEGER"},
		"generated":         {"ALTER TABLE people ADD COLUMN more INTEGER AS (1) VIRTUAL"},
		"check":             {`DROP TABLE "select"`, `CREATE TABLE "select" ("from" INTEGER NOT NULL CHECK (randomblob(1000000000) > 1)) STRICT`},
		"no index":          {"DROP INDEX people_by_name"},
		"other index":       {"DROP INDEX people_by_name", "CREATE INDEX people_by_name ON people (randomblob(1) OR age)"},
		"one more index":    {"CREATE INDEX more ON people (age)"},
		"one more table":    {"CREATE TABLE more (a)"},
		"one less table":    {`DROP TABLE "select"`},
		"not strict":        {`DROP TABLE "select"`, `CREATE TABLE "select" ("from" INTEGER NOT NULL)`},
		"application":       {"PRAGMA application_id=7"},
		"no version":        {"PRAGMA user_version=0"},
		"negative version":  {"PRAGMA user_version=-1"},
	} {
		t.Run(what, func(t *testing.T) {
			name := saved(t, crowd)
			if what == "other index" {
				statements[1] = "CREATE INDEX people_by_name ON people (age+1)"
			}
			change(t, name, statements...)
			if r, err := openOwn(name); !errors.Is(err, sqlite.ErrFormat) {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
	name := saved(t, crowd)
	change(t, name, "PRAGMA user_version=3")
	if _, err := openOwn(name); !errors.Is(err, sqlite.ErrNewer) || !strings.Contains(err.Error(), name) {
		t.Errorf("%v", err)
	}
	// The same schema and other rows, a journal mode that asks for more files: fine.
	name = saved(t, crowd)
	change(t, name, "DELETE FROM people WHERE age = 36", "UPDATE people SET age = 7", "PRAGMA journal_mode=WAL")
	if r, err := openOwn(name); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
}

// TestWrongValues have another type than their column allows.
func TestWrongValues(t *testing.T) {
	name := saved(t, crowd)
	change(t, name, "PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '') WHERE name = 'people'")
	change(t, name, "UPDATE people SET age = 'text'", "PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = 'people'")
	if _, err := openOwn(name); !errors.Is(err, sqlite.ErrFormat) {
		t.Errorf("%v", err)
	}
}

func TestLimits(t *testing.T) {
	name := saved(t, append([][]any{{strings.Repeat("x", 5000), nil, nil, []byte{}}}, crowd...))
	for what, l := range map[string]sqlite.Limits{
		"bytes": {Bytes: 1000, Rows: 100, Value: 10000}, "rows": {Bytes: 1 << 30, Rows: 3, Value: 10000},
	} {
		r, err := sqlite.Open(context.Background(), name, own, []sqlite.Table{people, empties}, l)
		if err == nil {
			err = r.Each(context.Background(), "people", func([]any) error { return nil })
			r.Close()
		}
		if !errors.Is(err, sqlite.ErrLimit) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r, err := sqlite.Open(context.Background(), name, own, []sqlite.Table{people, empties}, sqlite.Limits{Bytes: 1 << 30, Rows: 100, Value: 4000})
	if err == nil {
		err = r.Each(context.Background(), "people", func([]any) error { return nil })
		r.Close()
	}
	if err == nil {
		t.Error("a value above the limit was read")
	}
	if _, err := sqlite.Open(context.Background(), name, own, nil, sqlite.Limits{}); err == nil {
		t.Error("limits of nothing")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sqlite.Open(ctx, name, own, []sqlite.Table{people, empties}, sqlite.DefaultLimits()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	os.WriteFile(text, []byte(strings.Repeat("no database ", 1000)), 0o600)
	none := filepath.Join(dir, "none")
	os.WriteFile(none, nil, 0o600)
	for _, name := range []string{text, none, dir} {
		if _, err := openOwn(name); !errors.Is(err, sqlite.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := openOwn(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// TestDamage changes bytes all over a database: it is refused or reads as rows, and never
// more.
func TestDamage(t *testing.T) {
	var rows [][]any
	for i := range 400 {
		rows = append(rows, []any{fmt.Sprintf("name %d %s", i, strings.Repeat("x", i%90)), int64(i), float64(i) / 3, []byte{byte(i)}})
	}
	whole := read(t, saved(t, rows))
	name := filepath.Join(t.TempDir(), "damaged")
	refused := 0
	step := 1 + len(whole)/points(1500)
	for at := 0; at < len(whole); at += step {
		data := bytes.Clone(whole)
		data[at] ^= byte(1 + at%255)
		if try(t, name, data) != nil {
			refused++
		}
	}
	for n := 0; n < len(whole); n += len(whole) / 50 {
		if err := try(t, name, whole[:n]); err == nil {
			t.Errorf("the first %d bytes of %d are a database", n, len(whole))
		}
	}
	if refused < points(60) {
		t.Errorf("%d of the changes were noticed", refused)
	}
}

// points is how many changes are tried: opening a database is slow under the race detector.
func points(n int) int {
	if testing.Short() {
		return n / 15
	}
	return n
}

func try(t testing.TB, name string, data []byte) error {
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := openOwn(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Each(context.Background(), "people", func([]any) error { return nil })
}

// TestRandomDamage overwrites stretches and swaps pages. (The library is too large for coverage
// to guide a fuzzer through it: five executions a minute.)
func TestRandomDamage(t *testing.T) {
	whole := read(t, saved(t, crowd))
	name := filepath.Join(t.TempDir(), "damaged")
	r := rand.New(rand.NewPCG(5, 1))
	for range points(600) {
		data := bytes.Clone(whole)
		for range 1 + r.IntN(4) {
			from, to := r.IntN(len(data)), r.IntN(len(data))
			n := 1 + r.IntN(min(64, len(data)-max(from, to)))
			if r.IntN(2) == 0 {
				copy(data[to:to+n], data[from:from+n])
			} else {
				data[from] = byte(r.Uint32())
			}
		}
		copy(data[:headerEnd], whole[:headerEnd]) // else most are refused at once
		_ = try(t, name, data)
	}
}

// headerEnd is where what the first page holds begins.
const headerEnd = 100

func TestCheckHeader(t *testing.T) {
	data := read(t, saved(t, crowd))
	for n, ok := range map[int]bool{len(data): true, len(data) - 1: false, 99: false, 0: false} {
		if err := sqlite.CheckHeader(bytes.NewReader(data[:n]), int64(n)); (err == nil) != ok {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	var check publish.Check = sqlite.CheckHeader
	_ = check
}
