package interop_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// figures are what a column comes down to; numbers are exact text.
type figures struct {
	Type   string
	Count  string // rows that are not null
	Values string // numbers summed: as Count, or list elements
	Sum    *string
	Min    *string
	Max    *string
}

type fileFigures struct {
	Path    string
	Rows    string
	Columns map[string]figures
}

// needDuckDB skips the test where DuckDB is not installed.
func needDuckDB(t *testing.T) {
	t.Helper()
	if os.Getenv("PCAPMILL_DUCKDB") == "" {
		t.Skip("PCAPMILL_DUCKDB does not name a node_modules folder with @duckdb/node-api")
	}
}

// duckDB runs check.mjs over the files.
func duckDB(t *testing.T, paths ...string) []fileFigures {
	t.Helper()
	cmd := exec.Command("node", append([]string{"check.mjs"}, paths...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []fileFigures
	decoder := json.NewDecoder(bytes.NewReader(out))
	for decoder.More() {
		var f fileFigures
		if err := decoder.Decode(&f); err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// tally sums one column as check.mjs does. Doubles are summed exactly, so that
// the order of addition does not matter.
type tally struct {
	count, values int64
	ints          big.Int
	doubles       big.Float
	min, max      float64
}

func (s *tally) int(x int64) {
	s.ints.Add(&s.ints, big.NewInt(x))
	s.see(float64(x))
}

func (s *tally) double(x float64) {
	s.doubles.SetPrec(2000).Add(&s.doubles, big.NewFloat(x))
	s.see(x)
}

func (s *tally) see(x float64) {
	if s.values == 0 {
		s.min, s.max = x, x
	}
	s.min, s.max = math.Min(s.min, x), math.Max(s.max, x)
	s.values++
}

func (s *tally) add(v *batch.Vector, t column.Type, row int) {
	if v.Null(row) {
		return
	}
	s.count++
	switch t {
	case column.Int64, column.Timestamp:
		s.int(v.Int64[row])
	case column.Int32:
		s.int(int64(v.Int32[row]))
	case column.Double:
		s.double(v.Float64[row])
	case column.String, column.Text:
		s.int(int64(len(v.String(row))))
	case column.Binary:
		for i, digit := range hex.EncodeToString([]byte(v.String(row))) {
			s.int(int64((i + 1) * strings.IndexRune(hexDigits, digit)))
		}
	default:
		for i := v.Offsets[row]; i < v.Offsets[row+1]; i++ {
			s.int(element(v, t, i))
		}
	}
}

// hexDigits are the digits that the bytes of a BLOB are summed by, each times its
// place.
const hexDigits = "0123456789abcdef"

func element(v *batch.Vector, t column.Type, i int32) int64 {
	switch t {
	case column.ListInt64:
		return v.Int64[i]
	case column.ListInt32:
		return int64(v.Int32[i])
	}
	return int64(len(v.Dict[v.Codes[i]]))
}

// tallies reads a file with our own reader.
func tallies(t *testing.T, path string) (*column.Schema, int64, []tally) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := parquetfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	sums := make([]tally, len(r.Schema().Columns))
	err = r.Read(context.Background(), nil, func(b *batch.Batch) error {
		for c := range b.Vectors {
			for row := range b.Rows {
				sums[c].add(&b.Vectors[c], b.Schema.Columns[c].Type, row)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.Schema(), r.NumRows(), sums
}

// compare holds DuckDB's figures of a file against ours.
func compare(t *testing.T, theirs fileFigures) {
	t.Helper()
	schema, rows, sums := tallies(t, theirs.Path)
	if theirs.Rows != fmt.Sprint(rows) {
		t.Errorf("%s: %s rows, ours %d", theirs.Path, theirs.Rows, rows)
	}
	if len(theirs.Columns) != len(sums) {
		t.Errorf("%s: %d columns, ours %d", theirs.Path, len(theirs.Columns), len(sums))
	}
	for c := range sums {
		name, typ := schema.Columns[c].Name, schema.Columns[c].Type
		if err := sums[c].differs(theirs.Columns[name], typ); err != nil {
			t.Errorf("%s: column %s: %v", filepath.Base(theirs.Path), name, err)
		}
	}
}

// sqlTypes are the types that DuckDB must see.
func sqlType(t column.Type) string {
	return [...]string{"BIGINT", "INTEGER", "DOUBLE", "VARCHAR", "VARCHAR", "BLOB", "TIMESTAMP WITH TIME ZONE", "BIGINT[]", "INTEGER[]", "VARCHAR[]"}[t]
}

func (s *tally) differs(theirs figures, t column.Type) error {
	switch {
	case theirs.Type != sqlType(t):
		return fmt.Errorf("type %q, want %q", theirs.Type, sqlType(t))
	case theirs.Count != fmt.Sprint(s.count) || theirs.Values != fmt.Sprint(s.values):
		return fmt.Errorf("%s rows and %s values, ours %d and %d", theirs.Count, theirs.Values, s.count, s.values)
	case s.values == 0:
		return nil
	case theirs.Sum == nil || theirs.Min == nil || theirs.Max == nil:
		return fmt.Errorf("no sum, ours %s", s.ints.String())
	}
	if t != column.Double && *theirs.Sum != s.ints.String() {
		return fmt.Errorf("sum %s, ours %s", *theirs.Sum, s.ints.String())
	}
	if t == column.Double && !near(*theirs.Sum, s.doubles) {
		return fmt.Errorf("sum %s, ours %s", *theirs.Sum, s.doubles.String())
	}
	if lo, hi := number(*theirs.Min), number(*theirs.Max); lo != s.min || hi != s.max {
		return fmt.Errorf("%v to %v, ours %v to %v", lo, hi, s.min, s.max)
	}
	return nil
}

// near allows for the rounding of DuckDB's compensated sum.
func near(text string, want big.Float) bool {
	exact, _ := want.Float64()
	return math.Abs(number(text)-exact) <= 1e-9*math.Abs(exact)
}

func number(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// TestDuckDB writes a table of every type, with every codec, and compares its
// figures.
func TestDuckDB(t *testing.T) {
	needDuckDB(t)
	folder := t.TempDir()
	var paths []string
	for _, codec := range []string{"zstd", "snappy", "none"} {
		for _, rows := range []int{0, 1, 70_000} {
			path := filepath.Join(folder, fmt.Sprintf("%s-%d.parquet", codec, rows))
			writeSample(t, path, codec, rows)
			paths = append(paths, path)
		}
	}
	for _, theirs := range duckDB(t, paths...) {
		compare(t, theirs)
	}
}

// TestDuckDBFiles compares the files that PCAPMILL_PARQUET lists, separated as
// in PATH: those of a real run, say.
func TestDuckDBFiles(t *testing.T) {
	needDuckDB(t)
	list := os.Getenv("PCAPMILL_PARQUET")
	if list == "" {
		t.Skip("PCAPMILL_PARQUET names no files")
	}
	for _, theirs := range duckDB(t, filepath.SplitList(list)...) {
		compare(t, theirs)
	}
}

func writeSample(t *testing.T, path, codec string, rows int) {
	t.Helper()
	s := &column.Schema{Table: "sample", Version: 1}
	for typ := column.Int64; typ <= column.ListString; typ++ {
		for _, null := range []string{"", "each third row", "always"} {
			name := fmt.Sprintf("c%d_%d", typ, len(s.Columns))
			s.Columns = append(s.Columns, column.Column{Name: name, Type: typ, Doc: "drawn", Null: null})
		}
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg := parquetfile.DefaultConfig()
	cfg.Codec, cfg.DictionaryBytes = codec, 100_000 // some dictionaries overflow
	cfg.RowGroupRows, cfg.PageRows = 30_000, 4_000
	f, err := parquetfile.NewFile(out, s, cfg, map[string]string{"plan_id": "x"})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(uint64(rows), 1))
	for lo := 0; lo < rows; lo += 9_000 {
		if err := f.Write(drawn(r, s, min(9_000, rows-lo), lo)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func drawn(r *rand.Rand, s *column.Schema, rows, from int) *batch.Batch {
	b := batch.New(s)
	b.Rows = rows
	for c := range s.Columns {
		v := &b.Vectors[c]
		for row := range rows {
			null := s.Columns[c].Null == "always" || s.Columns[c].Null != "" && (from+row)%3 == 0
			appendDrawn(r, v, s.Columns[c].Type, null)
			if s.Columns[c].Optional() {
				valid := byte(1)
				if null {
					valid = 0
				}
				v.Valid = append(v.Valid, valid)
			}
		}
	}
	return b
}

var words = []string{"", "TCP", "ä€😀", "a long word that is not short"}

func appendDrawn(r *rand.Rand, v *batch.Vector, t column.Type, null bool) {
	switch t {
	case column.Int64, column.Timestamp:
		v.Int64 = append(v.Int64, r.Int64()>>r.IntN(60)-r.Int64N(1<<40))
	case column.Int32:
		v.Int32 = append(v.Int32, r.Int32()>>r.IntN(30)-r.Int32N(1<<20))
	case column.Double:
		v.Float64 = append(v.Float64, float64(r.IntN(1000))/float64(1+r.IntN(3)))
	case column.String:
		text := ""
		if !null {
			text = fmt.Sprintf("%s%d", words[r.IntN(4)], r.IntN(9000))
		}
		v.AppendText([]byte(text))
	case column.Text:
		v.AppendText(fmt.Appendf(nil, "%x", r.Uint64()>>r.IntN(60)))
	case column.Binary:
		var b []byte
		if !null {
			b = make([]byte, []int{4, 16}[r.IntN(2)])
			binary.BigEndian.PutUint32(b, r.Uint32()>>r.IntN(28))
		}
		v.AppendText(b)
	default:
		appendDrawnList(r, v, t, null)
	}
}

func appendDrawnList(r *rand.Rand, v *batch.Vector, t column.Type, null bool) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	n := r.IntN(5)
	if null {
		n = 0
	}
	for range n {
		switch t {
		case column.ListInt64:
			v.Int64 = append(v.Int64, r.Int64N(1<<50))
		case column.ListInt32:
			v.Int32 = append(v.Int32, r.Int32N(1500))
		default:
			v.Dict, v.Codes = words, append(v.Codes, r.Int32N(4))
		}
	}
	v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+int32(n))
}
