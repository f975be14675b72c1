package show_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/show"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
)

// people is a table of six rows that every test can be worked by hand on.
//
//	name   age   score  took          at                    tags      nums
//	ada    36    1.5    1s            2026-01-01T00:00:00Z  [x y]     [1 2]
//	bob    null  2.5    2s            2026-01-02T00:00:00Z  []        []
//	cid    20    null   3s            2026-01-03T00:00:00Z  [y]       [3]
//	dan    20    -1     4s            2026-01-04T00:00:00Z  null      [1]
//	"eve " 50    0      5s            2026-01-05T00:00:00Z  [x]       [9 9]
//	ada    7     10     6s            2026-01-06T00:00:00Z  [z]       []
func people() *batch.Batch {
	null := "not known"
	schema := &column.Schema{Table: "people", Version: 1, Columns: []column.Column{
		{Name: "name", Type: column.String, Doc: "d"},
		{Name: "age", Type: column.Int32, Doc: "d", Null: null},
		{Name: "score", Type: column.Double, Doc: "d", Null: null},
		{Name: "took_ns", Type: column.Int64, Unit: column.Nanos, Doc: "d"},
		{Name: "at", Type: column.Timestamp, Doc: "d"},
		{Name: "tags", Type: column.ListString, Doc: "d", Null: null},
		{Name: "nums", Type: column.ListInt64, Doc: "d"},
	}}
	b := batch.New(schema)
	for _, name := range []string{"ada", "bob", "cid", "dan", "eve ", "ada"} {
		b.Vectors[0].AppendText([]byte(name))
	}
	b.Vectors[1] = batch.Vector{Int32: []int32{36, 0, 20, 20, 50, 7}, Valid: []byte{1, 0, 1, 1, 1, 1}}
	b.Vectors[2] = batch.Vector{Float64: []float64{1.5, 2.5, 0, -1, 0, 10}, Valid: []byte{1, 1, 0, 1, 1, 1}}
	const day = 86400 * 1_000_000
	for i := range int64(6) {
		b.Vectors[3].Int64 = append(b.Vectors[3].Int64, (i+1)*1e9)
		b.Vectors[4].Int64 = append(b.Vectors[4].Int64, 1767225600*1_000_000+i*day)
	}
	b.Vectors[5] = batch.Vector{Dict: []string{"x", "y", "z"}, Codes: []int32{0, 1, 1, 0, 2}, Offsets: []int32{0, 2, 2, 3, 3, 4, 5}, Valid: []byte{1, 1, 1, 0, 1, 1}}
	b.Vectors[6] = batch.Vector{Int64: []int64{1, 2, 3, 1, 9, 9}, Offsets: []int32{0, 2, 2, 3, 4, 6, 6}}
	b.Rows = 6
	return b
}

// table writes people into n files, all rows in each; write does so with any rows.
func table(t *testing.T, n int) string { return write(t, n, people()) }

func write(t *testing.T, n int, rows *batch.Batch) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "table")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		var b bytes.Buffer
		w, err := parquetfile.NewFile(&b, rows.Schema, parquetfile.DefaultConfig(), nil)
		if err == nil {
			err = errors.Join(w.Write(rows), w.Close())
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "part-0000"+string(rune('0'+i))+".parquet"), b.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func shown(t *testing.T, o show.Options) (string, show.Summary) {
	t.Helper()
	var b bytes.Buffer
	sum, err := show.Run(context.Background(), o, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), sum
}

// days returns the day of the month of each row, which names the row.
func days(t *testing.T, o show.Options) string {
	t.Helper()
	o.Format, o.Select = show.FormatJSONL, []string{"at"}
	text, _ := shown(t, o)
	var out []string
	for _, line := range strings.Fields(text) {
		var row struct{ At string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row.At[9:10])
	}
	return strings.Join(out, "")
}

func TestWhere(t *testing.T) {
	dir := table(t, 1)
	for where, want := range map[string]string{
		"":                                     "123456",
		"  ":                                   "123456",
		"age = 20":                             "34",
		"age=20":                               "34",
		"age == 20":                            "34",
		"age != 20":                            "156", // a missing age is not unequal
		"age < 20":                             "6",
		"age <= 20":                            "346",
		"age > 20":                             "15",
		"age >= 36":                            "15",
		"age = null":                           "2",
		"age != null":                          "13456",
		"name = ada":                           "16",
		"name != ada":                          "2345",
		"name = 'eve '":                        "5",
		`name = "eve "`:                        "5",
		"name = eve":                           "",
		"name < bob":                           "16",
		"name >= cid":                          "345",
		"name contains d":                      "1346",
		"name ~ ^[ab]":                         "126",
		"name ~ '^eve $'":                      "5",
		"name = 'null'":                        "",
		"score = 0":                            "5",
		"score > -1.5 and score < 1.6":         "145",
		"score >= 2.5":                         "26",
		"took_ns = 3000000000":                 "3",
		"took_ns > 4.5s":                       "56",
		"took_ns <= 2s":                        "12",
		"at >= 2026-01-05T00:00:00Z":           "56",
		"at < 2026-01-02T02:00:00+02:00":       "1",
		"at = 1767225600000000":                "1",
		"tags contains y":                      "13",
		"tags = null":                          "4",
		"tags != null":                         "12356",
		"nums contains 9":                      "5",
		"nums contains 1":                      "14",
		"age = 20 and name = dan":              "4",
		"age = 20 AND name = dan and score<0":  "4",
		"name = ada and took_ns < 5s and at>0": "1",

		"age = 20 or name = ada":                   "1346",
		"age=20||name=ada":                         "1346",
		"age = 20 || name = ada && took_ns > 5s":   "346", // and binds closer
		"(age = 20 || name = ada) && took_ns > 3s": "46",
		"not age = 20":                             "156", // of a missing age nothing is known
		"not (age = 20 or score > 2)":              "15",
		"not (age = 20 and score > 2)":             "1456", // what is false whatever is missing
		"! age is null":                            "13456",
		"!(age != 20)":                             "34",
		"not not age = 20":                         "34",
		"age is null":                              "2",
		"AGE IS NOT NULL":                          "error",
		"age IS NOT NULL":                          "13456",
		"age in (20, 50)":                          "345",
		"age in (20,50) and not name in (dan)":     "35",
		"age not in (20, 50)":                      "16",
		"name in (ada, 'eve ')":                    "156",
		"name glob *a*":                            "146",
		"name glob ?a?":                            "4",
		"name glob 'e*'":                           "5",
		"name not glob *a*":                        "235",
		"name not contains a":                      "235",
		"name !~ a":                                "235",
		"name not ~ a":                             "235",
		"name ~ ^(a|b)":                            "126",
		"(name ~ ^(a|b))":                          "126",
		"name ~ (?i)^ADA$":                         "16",
		"any tags = x":                             "15",
		"any(tags) = x":                            "15",
		"any tags != x":                            "136",
		"not any tags = x":                         "236",
		"any tags in (y, z)":                       "136",
		"any tags ~ [yz]":                          "136",
		"any tags not in (x)":                      "136",
		"any tags not ~ [yz]":                      "15",
		"any tags not glob ?":                      "",
		"not any tags in (x)":                      "236",
		"any nums not in (3, 9)":                   "14",
		"any tags contains x":                      "15",
		"any nums > 2":                             "35",
		"tags not contains y":                      "256",
		"nums in (1)":                              "error",
		"age > score":                              "145",
		"score < age":                              "145",
		"age = age":                                "13456",
		"name = name":                              "123456",
		"name = 'name'":                            "",
		"took_ns > 0xb2d05e00":                     "456",
		"took_ns >= 3e9":                           "3456",
		"score > 1e0":                              "126",
		"at > '2026-01-05 00:00:00Z'":              "6",
		"at in (2026-01-05T00:00:00Z)":             "5",
		"took_ns in (1s, 1m)":                      "1",
	} {
		if want == "error" {
			if _, err := show.Run(context.Background(), show.Options{Path: dir, Where: where, Format: show.FormatCSV}, new(bytes.Buffer)); !errors.Is(err, usage.Err) {
				t.Errorf("%q: %v", where, err)
			}
			continue
		}
		if got := days(t, show.Options{Path: dir, Where: where}); got != want {
			t.Errorf("%q gives rows %q, want %q", where, got, want)
		}
	}
}

// addresses is a table of addresses in every form.
func addresses(t *testing.T) string {
	schema := &column.Schema{Table: "addresses", Version: 1, Columns: []column.Column{
		{Name: "src_ip", Type: column.String, Doc: "d"},
		{Name: "src_ip_binary", Type: column.Binary, Doc: "d"},
		{Name: "answers", Type: column.ListString, Doc: "d"},
		{Name: "at", Type: column.Timestamp, Doc: "d"},
	}}
	b := batch.New(schema)
	b.Vectors[2] = batch.Vector{Dict: []string{}, Offsets: []int32{0}}
	for i, s := range []string{"10.0.0.10", "9.255.255.255", "10.0.0.2", "2001:db8::1", "::ffff:10.9.9.9", "host"} {
		b.Vectors[0].AppendText([]byte(s))
		addr, _ := netip.ParseAddr(s) //nolint:errcheck // one is none
		b.Vectors[1].AppendText(addr.Unmap().AsSlice())
		b.Vectors[2].Dict = append(b.Vectors[2].Dict, s)
		b.Vectors[2].Codes = append(b.Vectors[2].Codes, int32(i))
		b.Vectors[2].Offsets = append(b.Vectors[2].Offsets, int32(i)+1)
		b.Vectors[3].Int64 = append(b.Vectors[3].Int64, 1767225600*1_000_000+int64(i)*86400*1_000_000)
		b.Rows++
	}
	return write(t, 1, b)
}

func TestWhereAddresses(t *testing.T) {
	dir := addresses(t)
	for where, want := range map[string]string{
		"src_ip in 10.0.0.0/8":                  "135",
		"src_ip in '10.0.0.0/8'":                "135",
		"src_ip = 10.0.0.0/8":                   "135",
		"src_ip != 10.0.0.0/8":                  "246",
		"src_ip in 10.1.2.3/8":                  "135", // what is behind the prefix is of no account
		"src_ip in (9.0.0.0/8, 2001:db8::/32)":  "24",
		"src_ip not in (0.0.0.0/0)":             "46",
		"src_ip in ::ffff:10.0.0.0/104":         "135", // IPv4 in other words
		"src_ip_binary in ::ffff:10.0.0.0/104":  "135",
		"src_ip in ::/0":                        "45",
		"src_ip = 2001:DB8:0::1":                "4",
		"src_ip in (10.0.0.2, host)":            "36",
		"any answers in 10.0.0.0/30":            "3",
		"answers contains 2001:DB8::1":          "4",
		"src_ip_binary in 10.0.0.0/8":           "135",
		"src_ip_binary = 10.0.0.2":              "3",
		"src_ip_binary = 0A000002":              "3",
		"src_ip_binary in (0A00000a, 10.0.0.2)": "13", // both forms
		"src_ip_binary != 0A00000a":             "23456",
		"src_ip_binary ~ ^0a":                   "135",
		"src_ip_binary contains 'DB8'":          "4",
		"src_ip = 'http' or src_ip = 10.0.0.2/": "error",
		"src_ip in 10.0.0.0/33":                 "error",
		"src_ip in 10.0.0.0/8/html":             "",
	} {
		if want == "error" {
			if _, err := show.Run(context.Background(), show.Options{Path: dir, Where: where, Format: show.FormatCSV}, new(bytes.Buffer)); !errors.Is(err, usage.Err) {
				t.Errorf("%q: %v", where, err)
			}
			continue
		}
		if got := days(t, show.Options{Path: dir, Where: where}); got != want {
			t.Errorf("%q gives rows %q, want %q", where, got, want)
		}
	}
}

func TestWhereErrorsSayWhatAndWhere(t *testing.T) {
	dir := table(t, 1)
	for where, says := range map[string]string{
		"agee = 1":                  "no column agee; did you mean age?",
		"age":                       "at the end: want one of",
		"age =":                     "at the end: want a value",
		"= 3":                       `at "= 3": want a column`,
		"age = x":                   "no whole number",
		"age = 1.5":                 "no whole number",
		"score = x":                 "no number",
		"score = NaN":               "no number",
		"age ~ x":                   "~ is for text",
		"age contains 1":            "contains is for text",
		"name ~ [":                  "missing closing ]",
		"name = 'x":                 "not closed",
		"tags = x":                  "lists only know",
		"any age = 1":               "any is for lists",
		"age > name":                "cannot be compared with name",
		"at > took_ns":              "cannot be compared",
		"age not = 1":               `at "1": want one of`,
		"(age = 1":                  "at the end: want )",
		"age = 1)":                  `at ")": comparisons are joined by and, or`,
		"age in (1, 2":              "want , or )",
		"age in (1 2)":              "want , or )",
		"age is 3":                  "is null",
		"any tags is null":          "never null",
		"any(tags = x":              "want )",
		"age like 3":                "want one of",
		"at > 9999999999-01-01":     "RFC 3339",
		strings.Repeat("(", 200):    "nested deeper",
		"nums contains x":           "no whole number",
		"age < null":                "makes no sense",
		"at = yesterday":            "RFC 3339",
		"at = 2026-01-01T00:00:00":  "zone",
		"took_ns = soon":            "duration",
		"age = 1 and":               "at the end: want a column",
		"age = 1 and \x1b[31m = 2":  `\x1b[31m`,
		"name = 99999999999999 and": "want a column",
	} {
		_, err := show.Run(context.Background(), show.Options{Path: dir, Where: where, Format: show.FormatCSV}, new(bytes.Buffer))
		if !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v; want %q", where, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: the message is not escaped", where)
		}
	}
}

func TestHeadAndTailOverParts(t *testing.T) {
	dir := table(t, 3)
	for i, test := range []struct {
		o    show.Options
		want string
		more bool
	}{
		{show.Options{}, "123456123456123456", false},
		{show.Options{Head: new(int64(8))}, "12345612", true},
		{show.Options{Head: new(int64(18))}, "123456123456123456", false},
		{show.Options{Head: new(int64(3)), Where: "name = ada"}, "161", true},
		{show.Options{Head: new(int64(0))}, "", true},
		{show.Options{Head: new(int64(0)), Where: "age = 99"}, "", false},
		{show.Options{Tail: new(int64(0))}, "", false},
		{show.Options{Head: new(int64(50))}, "123456123456123456", false},
		{show.Options{Tail: new(int64(1))}, "6", false},
		{show.Options{Tail: new(int64(8))}, "56123456", false},
		{show.Options{Tail: new(int64(100))}, "123456123456123456", false},
		{show.Options{Tail: new(int64(2)), Where: "age = 20"}, "34", false},
		{show.Options{Tail: new(int64(2)), Where: "age = 99"}, "", false},
	} {
		test.o.Path = dir
		if got := days(t, test.o); got != test.want {
			t.Errorf("%d: rows %q, want %q", i, got, test.want)
		}
		test.o.Format = show.FormatCSV
		if _, sum := shown(t, test.o); sum.More != test.more || sum.Rows != int64(len(test.want)) {
			t.Errorf("%d: summary %+v", i, sum)
		}
	}
}

// TestNoRows: of a table without rows, as of one of which none are asked for, the
// header is left.
func TestNoRows(t *testing.T) {
	dir := table(t, 2)
	for format, want := range map[string]string{
		show.FormatTable: "age  nums\n---  ----\n",
		show.FormatCSV:   "age,nums\n",
		show.FormatTSV:   "age\tnums\n",
		show.FormatJSON:  "[]\n",
		show.FormatJSONL: "",
	} {
		for i, o := range []show.Options{{Head: new(int64(0))}, {Tail: new(int64(0))}, {Where: "age = 99"}} {
			o.Path, o.Format, o.Select = dir, format, []string{"age", "nums"}
			if got, _ := shown(t, o); got != want {
				t.Errorf("%s, %d: %q, want %q", format, i, got, want)
			}
		}
	}
}

func TestSelectKeepsOrderAndEveryType(t *testing.T) {
	got, _ := shown(t, show.Options{Path: table(t, 1), Select: []string{"nums", "name", "tags", "age"}, Head: new(int64(4)), Format: show.FormatCSV})
	want := "nums,name,tags,age\n\"[1,2]\",ada,\"[\"\"x\"\",\"\"y\"\"]\",36\n[],bob,[],\n[3],cid,\"[\"\"y\"\"]\",20\n[1],dan,,20\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestSelectTwice: a column that is named twice, or named and matched, is one key of JSON.
func TestSelectTwice(t *testing.T) {
	for _, names := range [][]string{{"age", "name", "age"}, {"age", "n?me", "name", "a?e"}} {
		for format, want := range map[string]string{show.FormatJSONL: `{"age":36,"name":"ada"}` + "\n", show.FormatJSON: "[\n{\"age\":36,\"name\":\"ada\"}\n]\n"} {
			if got, _ := shown(t, show.Options{Path: table(t, 1), Select: names, Head: new(int64(1)), Format: format}); got != want {
				t.Errorf("%q: got %q, want %q", names, got, want)
			}
		}
	}
	got, _ := shown(t, show.Options{Path: table(t, 1), Select: []string{"age", "name", "age"}, Head: new(int64(1)), Format: show.FormatCSV, NoHeader: true})
	if want := "36,ada,36\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJSONIsOneArray(t *testing.T) {
	dir := table(t, 2)
	for where, rows := range map[string]int{"": 12, "age = 20": 4, "age = 99": 0} {
		text, _ := shown(t, show.Options{Path: dir, Where: where, Format: show.FormatJSON})
		var got []map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got) != rows {
			t.Errorf("%q: %d rows, want %d; %v\n%s", where, len(got), rows, err, text)
		}
	}
}

func TestWhatIsNoTable(t *testing.T) {
	dir := t.TempDir()
	file := func(parent, name, content string) string {
		path := filepath.Join(parent, name)
		if err := os.MkdirAll(parent, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dataset := filepath.Join(dir, "out")
	file(dataset, manifest.Name, "{}")
	file(filepath.Join(dataset, "flows"), "part-00000.parquet", "")
	csv := filepath.Join(dir, "csv")
	file(csv, "part-00000.csv", "a\n")
	database := filepath.Join(dir, "database")
	file(database, manifest.Name, "{}")
	file(database, "tables.sqlite", "SQLite format 3")
	good, other := table(t, 1), filepath.Join(dir, "mixed")
	data, err := os.ReadFile(filepath.Join(good, "part-00000.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	file(other, "part-00000.parquet", string(data))
	var b bytes.Buffer
	foreign := &column.Schema{Table: "x", Version: 1, Columns: []column.Column{{Name: "a", Type: column.Int64, Doc: "d"}}}
	w, err := parquetfile.NewFile(&b, foreign, parquetfile.DefaultConfig(), nil)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	file(other, "part-00001.parquet", b.String())
	for path, says := range map[string]string{
		filepath.Join(dir, "missing"):        "no such file",
		dataset:                              "is a dataset; name one of its tables: " + filepath.Join(dataset, "flows"),
		filepath.Join(dataset, "flows"):      "malformed",
		csv:                                  ".csv files, and only Parquet is read",
		filepath.Join(csv, "part-00000.csv"): "only Parquet is read",
		database:                             ".sqlite files, and only Parquet is read",
		t.TempDir():                          "holds no Parquet files",
		other:                                "of another table",
		file(dir, "cut.parquet", string(data[:len(data)-9])): "malformed",
	} {
		_, err := show.Run(context.Background(), show.Options{Path: path, Format: show.FormatCSV}, new(bytes.Buffer))
		if !errors.Is(err, tables.ErrTable) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", path, err, says)
		}
	}
}

// failing is a reader of ours that has gone away.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWriteErrorsAreNotTheTables(t *testing.T) {
	broken := errors.New("broken pipe")
	dir := table(t, 1)
	for _, format := range show.Formats() {
		_, err := show.Run(context.Background(), show.Options{Path: dir, Format: format}, failing{broken})
		if !errors.Is(err, broken) || errors.Is(err, tables.ErrTable) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	dir := table(t, 1)
	for _, o := range []show.Options{
		{Format: "csv"}, {Path: dir, Format: "xml"}, {Path: dir, Format: "csv", Head: new(int64(1)), Tail: new(int64(1))},
		{Path: dir, Format: "csv", Head: new(int64(-1))}, {Path: dir, Format: "csv", Tail: new(int64(1e9))}, {Path: dir, Format: "csv", Stats: true, Head: new(int64(3))},
		{Path: dir, Format: "csv", Select: []string{"name", "nope"}}, {Path: dir, Format: "csv", Select: []string{"x*"}},
		{Path: dir, Format: "csv", Order: []string{"nope"}}, {Path: dir, Format: "csv", Order: []string{"name:up"}}, {Path: dir, Format: "csv", Order: []string{""}},
		{Path: dir, Format: "csv", Stats: true, Order: []string{"name"}}, {Path: dir, Format: "json", Separator: ';'}, {Path: dir, Format: "table", NoHeader: true},
		{Path: dir, Format: "csv", Separator: '"'}, {Path: dir, Format: "tsv", Separator: '\n'}, {Path: dir, Format: "jsonl", Units: true},
	} {
		if _, err := show.Run(context.Background(), o, new(bytes.Buffer)); !errors.Is(err, usage.Err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestShowPartitions: folders named key=value are columns of text, as DuckDB reads them; a column
// of the files themselves comes first.
func TestShowPartitions(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"split=te%20st/age=7", "split=train/age=8", "split=__HIVE_DEFAULT_PARTITION__/age=9"} {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(table(t, 1), to); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		o    show.Options
		want string
	}{
		{show.Options{Select: []string{"split", "age", "name"}, Where: "name = bob or age = 36"}, ",36,ada\n,,bob\nte st,36,ada\nte st,,bob\ntrain,36,ada\ntrain,,bob\n"},
		{show.Options{Select: []string{"split"}, Where: "split = train and name = ada"}, "train\ntrain\n"},
		{show.Options{Select: []string{"split"}, Where: "split is null"}, strings.Repeat("\n", 6)},
		{show.Options{Select: []string{"split"}, Where: "name = cid", Order: []string{"split:desc"}}, "train\nte st\n\n"},
	} {
		c.o.Path, c.o.Format, c.o.NoHeader = dir, "csv", true
		var out bytes.Buffer
		if _, err := show.Run(context.Background(), c.o, &out); err != nil || out.String() != c.want {
			t.Errorf("%v: %q and not %q, %v", c.o, out.String(), c.want, err)
		}
	}
}
