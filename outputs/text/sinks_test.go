package text_test

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/text"
)

func TestCSV(t *testing.T) { testSeparated(t, text.DefaultCSV()) }
func TestTSV(t *testing.T) { testSeparated(t, text.DefaultTSV()) }

func testSeparated(t *testing.T, cfg text.CSVConfig) {
	sinktest.Run(t, sinktest.Sink{
		New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) { return text.NewCSV(w, s, cfg) },
		Read: func(data []byte, s *column.Schema) ([]sinktest.Row, error) {
			return readCSV(data, s, cfg)
		},
	})
}

func TestJSONL(t *testing.T) {
	sinktest.Run(t, sinktest.Sink{
		New:  func(w io.Writer, s *column.Schema) (sinktest.Writer, error) { return text.NewJSONL(w, s), nil },
		Read: readJSONL,
	})
}

func TestTable(t *testing.T) {
	sinktest.Run(t, sinktest.Sink{
		New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) {
			return text.NewTable(w, s, text.DefaultTable())
		},
	})
}

func TestPages(t *testing.T) {
	sinktest.Run(t, sinktest.Sink{
		New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) { return text.NewPages(w, s), nil },
	})
}

// readCSV parses with the standard library, then undoes what the package comment
// says was done to the cells. The library does not tell an empty cell from "", so
// the raw line is asked for that.
func readCSV(data []byte, s *column.Schema, cfg text.CSVConfig) ([]sinktest.Row, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = rune(cfg.Comma)
	records, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != len(records) {
		return nil, fmt.Errorf("%d lines for %d records", len(lines), len(records))
	}
	var rows []sinktest.Row
	for i, rec := range records[1:] {
		row := make(sinktest.Row, len(rec))
		blank := emptyCells(lines[i+1], cfg.Comma)
		for c, cell := range rec {
			if blank[c] {
				continue
			}
			if row[c], err = parseCell(cell, s.Columns[c].Type); err != nil {
				return nil, fmt.Errorf("line %d, %s: %w", i+2, s.Columns[c].Name, err)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func emptyCells(line string, comma byte) []bool {
	var blank []bool
	quoted, start := false, 0
	for i := 0; i <= len(line); i++ {
		switch {
		case i == len(line) || line[i] == comma && !quoted:
			blank = append(blank, i == start)
			start = i + 1
		case line[i] == '"':
			quoted = !quoted
		}
	}
	return blank
}

func parseCell(cell string, typ column.Type) (any, error) {
	switch typ {
	case column.Int64, column.Int32:
		return strconv.ParseInt(cell, 10, 64)
	case column.Double:
		return strconv.ParseFloat(cell, 64)
	case column.Timestamp:
		return parseTime(cell)
	case column.String, column.Text:
		return text.Unescape(strings.TrimPrefix(cell, "'"))
	case column.Binary:
		b, err := hex.DecodeString(cell)
		return string(b), err
	}
	return parseList([]byte(cell), typ)
}

func parseTime(cell string) (any, error) {
	at, err := time.Parse("2006-01-02T15:04:05.000000Z", cell)
	return at.UnixMicro(), err
}

func parseList(cell []byte, typ column.Type) (any, error) {
	if typ == column.ListString {
		out := []string{}
		err := json.Unmarshal(cell, &out)
		return out, err
	}
	out := []int64{}
	err := json.Unmarshal(cell, &out)
	return out, err
}

func readJSONL(data []byte, s *column.Schema) ([]sinktest.Row, error) {
	var rows []sinktest.Row
	for line := range bytes.Lines(data) {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(line, &object); err != nil {
			return nil, err
		}
		row := make(sinktest.Row, len(s.Columns))
		for c := range s.Columns {
			cell, ok := object[s.Columns[c].Name]
			if !ok {
				return nil, fmt.Errorf("%s is missing", s.Columns[c].Name)
			}
			if string(cell) == "null" {
				continue
			}
			var err error
			if row[c], err = parseJSON(cell, s.Columns[c].Type); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func parseJSON(cell []byte, typ column.Type) (any, error) {
	switch typ {
	case column.String, column.Text, column.Timestamp, column.Binary:
		var s string
		err := json.Unmarshal(cell, &s)
		switch {
		case err == nil && typ == column.Timestamp:
			return parseTime(s)
		case err == nil && typ == column.Binary:
			b, err := hex.DecodeString(s)
			return string(b), err
		}
		return s, err
	case column.Double:
		return strconv.ParseFloat(string(cell), 64)
	case column.Int64, column.Int32:
		return strconv.ParseInt(string(cell), 10, 64)
	}
	return parseList(cell, typ)
}

// TestCodedBytes: bytes that come with a dictionary are written as others are.
func TestCodedBytes(t *testing.T) {
	schema := &column.Schema{Table: "t", Columns: []column.Column{{Name: "key", Type: column.Binary, Doc: "A key."}}}
	b := &batch.Batch{Schema: schema, Rows: 2, Vectors: []batch.Vector{{Dict: []string{"\x0a\x00\xff", ""}, Codes: []int32{0, 1}}}}
	var csv, lines, table bytes.Buffer
	asCSV, err := text.NewCSV(&csv, schema, text.DefaultCSV())
	if err != nil {
		t.Fatal(err)
	}
	asTable, err := text.NewTable(&table, schema, text.DefaultTable())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []sinktest.Writer{asCSV, text.NewJSONL(&lines, schema), asTable} {
		if err := errors.Join(w.Write(b), w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	for got, want := range map[string]string{
		csv.String():   "key\n0a00ff\n\"\"\n",
		lines.String(): `{"key":"0a00ff"}` + "\n" + `{"key":""}` + "\n",
		table.String(): "key\n------\n0a00ff\n\n",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// one returns a batch of one row with the given columns.
func one(cols ...column.Column) *batch.Batch {
	for i := range cols {
		cols[i].Doc, cols[i].Null = "A value.", "where unknown"
	}
	b := batch.New(&column.Schema{Table: "t", Version: 1, Columns: cols})
	b.Rows = 1
	return b
}

func textRow(s string) *batch.Batch {
	b := one(column.Column{Name: "agent", Type: column.Text})
	b.Vectors[0].AppendText([]byte(s))
	return b
}

func csvOf(t *testing.T, b *batch.Batch, cfg text.CSVConfig) string {
	t.Helper()
	var out strings.Builder
	w, err := text.NewCSV(&out, b.Schema, cfg)
	if err == nil {
		err = errors.Join(w.Write(b), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCSVText(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "": `""`, "a,b": `"a,b"`, `say "hi"`: `"say ""hi"""`, `"`: `""""`,
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": `'\t=1`, "\r": `'\r`, "\n": `'\n`, "'x": "''x", "＝1": "'＝1",
		"=1,2": `"'=1,2"`, "esc\x1b[2J": `esc\x1b[2J`, `a\b`: `a\\b`, "two\nlines": `two\nlines`, "\xff": `\xff`,
	} {
		if got := csvOf(t, textRow(in), text.DefaultCSV()); got != "agent\n"+want+"\n" {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	raw := text.CSVConfig{Comma: ',', Raw: true}
	for in, want := range map[string]string{"=1+1": "=1+1", "two\nlines": "\"two\nlines\"", "\x1b": "\x1b", `a\b`: `a\b`, "": `""`} {
		if got := csvOf(t, textRow(in), raw); got != want+"\n" {
			t.Errorf("raw: %q became %q, want %q", in, got, want)
		}
	}
}

// TestCSVFormulas holds what a spreadsheet needs: no text cell begins with a
// character that starts a formula, quotes aside.
func TestCSVFormulas(t *testing.T) {
	for _, s := range sinktest.HostileStrings() {
		got := strings.TrimPrefix(csvOf(t, textRow(s), text.CSVConfig{Comma: ','}), `"`)
		if strings.ContainsAny(got[:1], "=+-@\t\r") {
			t.Errorf("%q became %q", s, got)
		}
		if line := strings.TrimSuffix(got, "\n"); !harmless(line) {
			t.Errorf("%q became %q", s, line)
		}
	}
}

func TestJSONLHostileStrings(t *testing.T) {
	for _, s := range sinktest.HostileStrings() {
		b := textRow(s)
		var out strings.Builder
		w := text.NewJSONL(&out, b.Schema)
		if err := errors.Join(w.Write(b), w.Close()); err != nil {
			t.Fatal(err)
		}
		if line := strings.TrimSuffix(out.String(), "\n"); !harmless(line) {
			t.Errorf("%q became %q", s, line)
		}
	}
}

func TestNumbers(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 1: "1", -1.5: "-1.5", 0.1: "0.1", 1e6: "1000000", 1e20: "100000000000000000000", 1e21: "1e+21", 1e-6: "0.000001",
		1e-7: "1e-07", math.Inf(1): "Infinity", math.Inf(-1): "-Infinity", math.MaxFloat64: "1.7976931348623157e+308",
	} {
		b := one(column.Column{Name: "ratio", Type: column.Double})
		b.Vectors[0].Float64 = []float64{f}
		if got := csvOf(t, b, text.CSVConfig{Comma: ','}); got != want+"\n" {
			t.Errorf("%g became %q, want %q", f, got, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	for micros, want := range map[int64]string{
		0: "1970-01-01T00:00:00.000000Z", -1: "1969-12-31T23:59:59.999999Z", 951782400000000: "2000-02-29T00:00:00.000000Z",
		1795240800123456: "2026-11-21T06:00:00.123456Z", -62167219200000000: "0000-01-01T00:00:00.000000Z",
		-62167219200000001: "-0001-12-31T23:59:59.999999Z", 253402300800000000: "10000-01-01T00:00:00.000000Z",
		math.MaxInt64: "294247-01-10T04:00:54.775807Z", math.MinInt64: "-290308-12-21T19:59:05.224192Z",
	} {
		b := one(column.Column{Name: "at", Type: column.Timestamp})
		b.Vectors[0].Int64 = []int64{micros}
		if got := csvOf(t, b, text.CSVConfig{Comma: ','}); got != want+"\n" {
			t.Errorf("%d became %q, want %q", micros, got, want)
		}
	}
	for day := int64(-800000); day < 800000; day += 137 { // against the standard library, over 4,000 years
		b := one(column.Column{Name: "at", Type: column.Timestamp})
		b.Vectors[0].Int64 = []int64{day * 86400e6}
		at := time.UnixMicro(day * 86400e6).UTC()
		if at.Year() < 0 {
			continue
		}
		if got, want := csvOf(t, b, text.CSVConfig{Comma: ','}), at.Format("2006-01-02T15:04:05.000000Z\n"); got != want {
			t.Fatalf("day %d became %q, want %q", day, got, want)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	for _, c := range []byte{0, '\n', '"', '\'', '\\', '-', '+', '.', '5', 'e', 'E', 0x7f, 0xff} {
		if (text.CSVConfig{Comma: c}).Validate() == nil {
			t.Errorf("separator %q was accepted", c)
		}
	}
	for _, c := range []text.TableConfig{{}, {Cell: 1}, {Cell: -1, Sample: 1}, {Cell: 1, Sample: 1, Width: -1}} {
		if c.Validate() == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
