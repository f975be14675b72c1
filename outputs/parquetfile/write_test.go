package parquetfile_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// chunkEncodings returns the encodings of the first column, a list a row group.
func chunkEncodings(t *testing.T, data []byte) [][]format.Encoding {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]format.Encoding
	for _, g := range f.Metadata().RowGroups {
		out = append(out, g.Columns[0].MetaData.Encoding)
	}
	return out
}

func int64Batch(s *column.Schema, values ...int64) *batch.Batch {
	b := batch.New(s)
	b.Rows = len(values)
	b.Vectors[0].Int64 = values
	return b
}

func one(t column.Type, null string) *column.Schema {
	return &column.Schema{Table: "t", Version: 3, Columns: []column.Column{{Name: "c", Type: t, Doc: "d", Null: null}}}
}

// TestRowGroupsAreCutByRows: groups of exactly RowGroupRows whatever the batches.
func TestRowGroupsAreCutByRows(t *testing.T) {
	s := one(column.Int64, "")
	cfg := parquetfile.DefaultConfig()
	cfg.RowGroupRows, cfg.PageRows = 10, 4
	var out bytes.Buffer
	f, err := parquetfile.NewFile(&out, s, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{3, 0, 15, 1, 6} { // 25 rows
		if err := f.Write(int64Batch(s, make([]int64, n)...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var rows []int64
	for _, g := range file.RowGroups() {
		rows = append(rows, g.NumRows())
	}
	if !reflect.DeepEqual(rows, []int64{10, 10, 5}) {
		t.Errorf("row groups of %v rows", rows)
	}
	var firsts []int64
	for _, p := range file.OffsetIndexes()[0].PageLocations {
		firsts = append(firsts, p.FirstRowIndex)
	}
	if !reflect.DeepEqual(firsts, []int64{0, 4, 8}) {
		t.Errorf("pages start at rows %v", firsts)
	}
}

// TestStatistics compares bounds and null counts of pages and chunks with ones
// worked out by hand.
func TestStatistics(t *testing.T) {
	cfg := parquetfile.DefaultConfig()
	cfg.PageRows = 2
	long := strings.Repeat("z", 100)
	cases := []struct {
		name       string
		col        column.Column
		cells      []any
		lo, hi     []any // per page; nil: a page of nulls
		nulls      []int64
		chunkLo    any // nil: none
		chunkHi    any
		chunkNulls int64
	}{
		{
			"ints", column.Column{Name: "c", Type: column.Int64, Null: "x"},
			[]any{int64(5), nil, nil, nil, int64(-7), int64(3)},
			[]any{int64(5), nil, int64(-7)}, []any{int64(5), nil, int64(3)}, []int64{1, 2, 0},
			int64(-7), int64(5), 3,
		},
		{
			"doubles", column.Column{Name: "c", Type: column.Double}, []any{0.5, 1.5, 0.0, -2.0},
			[]any{0.5, -2.0}, []any{1.5, 0.0}, []int64{0, 0}, -2.0, 1.5, 0,
		},
		{
			"strings", column.Column{Name: "c", Type: column.String}, []any{"b", "a", "b", "c"},
			[]any{"a", "b"}, []any{"b", "c"}, []int64{0, 0}, "a", "c", 0,
		},
		{
			"long strings", column.Column{Name: "c", Type: column.Text}, []any{long, "a"},
			[]any{"a"}, []any{strings.Repeat("z", 60) + "{"}, []int64{0}, nil, nil, 0,
		},
		{
			"bytes", column.Column{Name: "c", Type: column.Binary}, []any{"\xff\x00", "\x7f", "\x80", "\xff"},
			[]any{"\x7f", "\x80"}, []any{"\xff\x00", "\xff"}, []int64{0, 0}, "\x7f", "\xff\x00", 0,
		},
		{
			"long bytes", column.Column{Name: "c", Type: column.Binary}, []any{strings.Repeat("\x80", 62) + "\xff\xff\xff", strings.Repeat("\xff", 70)},
			[]any{strings.Repeat("\x80", 62) + "\xff\xff"}, []any{strings.Repeat("\xff", 70)}, []int64{0}, nil, nil, 0,
		},
		{
			"long bytes that can be raised", column.Column{Name: "c", Type: column.Binary}, []any{strings.Repeat("\x80", 62) + "\xff\xff\xff"},
			[]any{strings.Repeat("\x80", 62) + "\xff\xff"}, []any{strings.Repeat("\x80", 61) + "\x81"}, []int64{0}, nil, nil, 0,
		},
		{
			"lists", column.Column{Name: "c", Type: column.ListInt32}, []any{[]int32{}, []int32{4, 2}},
			[]any{int32(2)}, []any{int32(4)}, []int64{1}, int32(2), int32(4), 1,
		},
	}
	for _, c := range cases {
		data := fixed(c.col, c.cells, nil).write(t, cfg, nil, nil)
		file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		meta := file.Metadata().RowGroups[0].Columns[0].MetaData
		kind := parquet.Kind(meta.Type)
		index := file.ColumnIndexes()[0]
		for page := range c.lo {
			if c.lo[page] == nil != index.NullPages[page] {
				t.Errorf("%s: page %d: null page is %v", c.name, page, index.NullPages[page])
			}
			if index.NullCounts[page] != c.nulls[page] {
				t.Errorf("%s: page %d: %d nulls, want %d", c.name, page, index.NullCounts[page], c.nulls[page])
			}
			if c.lo[page] == nil {
				continue
			}
			if got := otherValue(kind.Value(index.MinValues[page])); got != c.lo[page] {
				t.Errorf("%s: page %d: min %v, want %v", c.name, page, got, c.lo[page])
			}
			if got := otherValue(kind.Value(index.MaxValues[page])); got != c.hi[page] {
				t.Errorf("%s: page %d: max %v, want %v", c.name, page, got, c.hi[page])
			}
		}
		stats := meta.Statistics
		if stats.NullCount != c.chunkNulls {
			t.Errorf("%s: %d nulls, want %d", c.name, stats.NullCount, c.chunkNulls)
		}
		if c.chunkLo == nil {
			if stats.MinValue != nil || stats.MaxValue != nil {
				t.Errorf("%s: bounds %q, %q, want none", c.name, stats.MinValue, stats.MaxValue)
			}
			continue
		}
		lo, hi := otherValue(kind.Value(stats.MinValue)), otherValue(kind.Value(stats.MaxValue))
		if lo != c.chunkLo || hi != c.chunkHi {
			t.Errorf("%s: bounds %v, %v, want %v, %v", c.name, lo, hi, c.chunkLo, c.chunkHi)
		}
	}
}

// TestBadBatches: what must not be written is refused with an error that names
// the column.
func TestBadBatches(t *testing.T) {
	text := func(s string) batch.Vector { return batch.Vector{Bytes: []byte(s), Offsets: []int32{0, int32(len(s))}} }
	cases := []struct {
		name string
		typ  column.Type
		null string
		rows int
		v    batch.Vector
		want error
	}{
		{"NaN", column.Double, "", 2, batch.Vector{Float64: []float64{1, math.NaN()}}, parquetfile.ErrValue},
		{"+Inf", column.Double, "x", 1, batch.Vector{Float64: []float64{math.Inf(1)}, Valid: []byte{1}}, parquetfile.ErrValue},
		{"-Inf", column.Double, "", 1, batch.Vector{Float64: []float64{math.Inf(-1)}}, parquetfile.ErrValue},
		{"null in required", column.Int64, "", 1, batch.Vector{Int64: []int64{0}, Valid: []byte{0}}, parquetfile.ErrValue},
		{"null list in required", column.ListInt64, "", 1, batch.Vector{Offsets: []int32{0, 0}, Valid: []byte{0}}, parquetfile.ErrValue},
		{"not UTF-8", column.String, "", 1, text("\xff"), parquetfile.ErrValue},
		{"not UTF-8 text", column.Text, "", 1, text("a\xc3"), parquetfile.ErrValue},
		{"rune over two strings", column.Text, "", 2, batch.Vector{Bytes: []byte("ä"), Offsets: []int32{0, 1, 2}}, parquetfile.ErrValue},
		{"not UTF-8 word", column.String, "", 1, batch.Vector{Dict: []string{"\xff"}, Codes: []int32{0}}, parquetfile.ErrValue},
		{"too few", column.Int64, "", 2, batch.Vector{Int64: []int64{1}}, parquetfile.ErrBatch},
		{"too many", column.Int64, "", 1, batch.Vector{Int64: []int64{1, 2}}, parquetfile.ErrBatch},
		{"other slice", column.Int32, "", 1, batch.Vector{Int64: []int64{1}}, parquetfile.ErrBatch},
		{"valid bytes", column.Int64, "x", 2, batch.Vector{Int64: []int64{1, 2}, Valid: []byte{1}}, parquetfile.ErrBatch},
		{"valid value", column.Int64, "x", 1, batch.Vector{Int64: []int64{1}, Valid: []byte{2}}, parquetfile.ErrBatch},
		{"no offsets", column.Text, "", 1, batch.Vector{}, parquetfile.ErrBatch},
		{"offset past end", column.Text, "", 1, batch.Vector{Bytes: []byte("a"), Offsets: []int32{0, 2}}, parquetfile.ErrBatch},
		{"offset falls", column.Text, "", 2, batch.Vector{Bytes: []byte("abc"), Offsets: []int32{0, 2, 1}}, parquetfile.ErrBatch},
		{"offset negative", column.Text, "", 1, batch.Vector{Bytes: []byte("abc"), Offsets: []int32{-1, 1}}, parquetfile.ErrBatch},
		{"code past end", column.String, "", 1, batch.Vector{Dict: []string{"a"}, Codes: []int32{1}}, parquetfile.ErrBatch},
		{"code negative", column.String, "", 1, batch.Vector{Dict: []string{"a"}, Codes: []int32{-1}}, parquetfile.ErrBatch},
		{"null list with elements", column.ListInt64, "x", 1, batch.Vector{Int64: []int64{1}, Offsets: []int32{0, 1}, Valid: []byte{0}}, parquetfile.ErrBatch},
		{"list past end", column.ListInt64, "", 1, batch.Vector{Int64: []int64{1}, Offsets: []int32{0, 2}}, parquetfile.ErrBatch},
		{"list without words", column.ListString, "", 1, batch.Vector{Codes: []int32{0}, Offsets: []int32{0, 1}}, parquetfile.ErrBatch},
	}
	for _, c := range cases {
		f, err := parquetfile.NewFile(io.Discard, one(c.typ, c.null), parquetfile.DefaultConfig(), nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &batch.Batch{Rows: c.rows, Vectors: []batch.Vector{c.v}}
		err = f.Write(b)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
			continue
		}
		if !strings.Contains(err.Error(), "column c") {
			t.Errorf("%s: %v does not name the column", c.name, err)
		}
	}
}

// TestNullSlotsMayHoldAnything: what lies in a null row's slot is not looked at.
func TestNullSlotsMayHoldAnything(t *testing.T) {
	f, err := parquetfile.NewFile(io.Discard, one(column.Double, "x"), parquetfile.DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &batch.Batch{Rows: 2, Vectors: []batch.Vector{{Float64: []float64{math.NaN(), 1}, Valid: []byte{0, 1}}}}
	if err := f.Write(b); err != nil {
		t.Error(err)
	}
}

// failingWriter fails after so many bytes.
type failingWriter struct{ left int }

var errDisk = errors.New("disk full")

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		n := w.left
		w.left = 0
		return n, errDisk
	}
	w.left -= len(p)
	return len(p), nil
}

// TestWriteErrors: wherever the disk fills up, Write or Close reports it.
func TestWriteErrors(t *testing.T) {
	s := one(column.Int64, "")
	cfg := parquetfile.DefaultConfig()
	cfg.RowGroupRows = 5
	var whole countingWriter
	writeTo(t, &whole, s, cfg, int64Batch(s, 1, 2, 3, 4, 5, 6, 7))
	for left := range int(whole.n) {
		f, err := parquetfile.NewFile(&failingWriter{left}, s, cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = f.Write(int64Batch(s, 1, 2, 3, 4, 5, 6, 7))
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("room for %d bytes: error %v", left, err)
		}
		if again := f.Write(int64Batch(s, 1)); again == nil {
			t.Fatalf("room for %d bytes: Write after an error returned nil", left)
		}
	}
}

func TestClosedFile(t *testing.T) {
	s := one(column.Int64, "")
	f, err := parquetfile.NewFile(io.Discard, s, parquetfile.DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	size := f.Size()
	if err := f.Close(); err != nil || f.Size() != size {
		t.Errorf("second Close: %v, %d bytes more", err, f.Size()-size)
	}
	if err := f.Write(int64Batch(s, 1)); err == nil {
		t.Error("Write after Close returned nil")
	}
}

func TestNewFileRefuses(t *testing.T) {
	good := one(column.Int64, "")
	bad := func(change func(*parquetfile.Config)) parquetfile.Config {
		cfg := parquetfile.DefaultConfig()
		change(&cfg)
		return cfg
	}
	cases := map[string]struct {
		schema *column.Schema
		cfg    parquetfile.Config
		meta   map[string]string
	}{
		"no columns":    {&column.Schema{Table: "t"}, parquetfile.DefaultConfig(), nil},
		"bad name":      {&column.Schema{Table: "t", Columns: []column.Column{{Name: "A", Doc: "d"}}}, parquetfile.DefaultConfig(), nil},
		"our key":       {good, parquetfile.DefaultConfig(), map[string]string{"pcapmill.schema": "x"}},
		"codec":         {good, bad(func(c *parquetfile.Config) { c.Codec = "lzo" }), nil},
		"row group":     {good, bad(func(c *parquetfile.Config) { c.RowGroupRows = 0 }), nil},
		"page":          {good, bad(func(c *parquetfile.Config) { c.PageRows = -1 }), nil},
		"part":          {good, bad(func(c *parquetfile.Config) { c.PartRows = 0 }), nil},
		"dictionary":    {good, bad(func(c *parquetfile.Config) { c.DictionaryBytes = -1 }), nil},
		"encoders":      {good, bad(func(c *parquetfile.Config) { c.Encoders = 0 }), nil},
		"many encoders": {good, bad(func(c *parquetfile.Config) { c.Encoders = 1 << 20 }), nil},
	}
	for name, c := range cases {
		if _, err := parquetfile.NewFile(io.Discard, c.schema, c.cfg, c.meta); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestRefusedBatchSpoilsTheFile: a caller that overlooks an error of Write gets
// it again from Close, never a file with rows missing.
func TestRefusedBatchSpoilsTheFile(t *testing.T) {
	s := one(column.Int64, "")
	f, err := parquetfile.NewFile(io.Discard, s, parquetfile.DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&batch.Batch{Rows: 1, Vectors: make([]batch.Vector, 1)}); !errors.Is(err, parquetfile.ErrBatch) {
		t.Errorf("Write: %v", err)
	}
	if err := f.Close(); !errors.Is(err, parquetfile.ErrBatch) {
		t.Errorf("Close: %v", err)
	}
}
