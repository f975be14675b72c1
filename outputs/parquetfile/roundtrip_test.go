package parquetfile_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// genTable draws a table: any types, optional or not, and for each column a
// small or an unlimited set of values, so that dictionaries are kept, given up
// and outgrown.
func genTable(t *rapid.T) *table {
	out := &table{schema: &column.Schema{Table: "drawn", Version: rapid.IntRange(0, 9).Draw(t, "version")}}
	columns := rapid.IntRange(1, 6).Draw(t, "columns")
	out.rows = rapid.IntRange(0, 120).Draw(t, "rows")
	for i := range columns {
		c := column.Column{
			Name: fmt.Sprintf("c%d", i), Type: column.Type(rapid.IntRange(0, int(column.ListString)).Draw(t, "type")),
			Doc: "drawn", Unit: column.Bytes, Role: column.LeakProne, Source: "RFC 1", Group: "g",
		}
		if rapid.Bool().Draw(t, "optional") {
			c.Null = "when drawn"
		}
		out.schema.Columns = append(out.schema.Columns, c)
		cells, dict := genCells(t, &c, out.rows)
		out.cells, out.dicts = append(out.cells, cells), append(out.dicts, dict)
	}
	return out
}

func genCells(t *rapid.T, c *column.Column, rows int) ([]any, []string) {
	var dict []string
	word := rapid.String()
	if c.Type == column.Binary {
		word = rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	}
	if c.Type == column.ListString || (c.Type == column.String || c.Type == column.Binary) && rapid.Bool().Draw(t, "enum") {
		dict = rapid.SliceOfNDistinct(word, 1, 5, rapid.ID[string]).Draw(t, "dict")
		word = rapid.SampledFrom(dict)
	}
	value := genValue(c.Type, word)
	if rapid.Bool().Draw(t, "few") {
		value = rapid.SampledFrom(rapid.SliceOfN(value, 1, 4).Draw(t, "values"))
	}
	nulls := rapid.SampledFrom([]int{0, 1, 2, 4}).Draw(t, "nulls") // of 4
	cells := make([]any, rows)
	for r := range cells {
		if c.Optional() && rapid.IntRange(0, 3).Draw(t, "null") < nulls {
			continue
		}
		cells[r] = value.Draw(t, "value")
	}
	return cells, dict
}

func genValue(t column.Type, word *rapid.Generator[string]) *rapid.Generator[any] {
	switch t {
	case column.Int64, column.Timestamp:
		return rapid.Int64().AsAny()
	case column.Int32:
		return rapid.Int32().AsAny()
	case column.Double:
		return rapid.Float64().AsAny()
	case column.ListInt64:
		return rapid.SliceOfN(rapid.Int64(), 0, 5).AsAny()
	case column.ListInt32:
		return rapid.SliceOfN(rapid.Int32(), 0, 5).AsAny()
	case column.ListString:
		return rapid.SliceOfN(word, 0, 5).AsAny()
	}
	return word.AsAny()
}

func genConfig(t *rapid.T) parquetfile.Config {
	cfg := parquetfile.DefaultConfig()
	cfg.RowGroupRows = rapid.IntRange(1, 90).Draw(t, "group")
	cfg.PageRows = rapid.IntRange(1, 40).Draw(t, "page")
	cfg.DictionaryBytes = rapid.SampledFrom([]int{0, 8, 64, 1 << 20}).Draw(t, "dictionary")
	cfg.Codec = rapid.SampledFrom([]string{"zstd", "snappy", "none"}).Draw(t, "codec")
	cfg.CompressDoubles = rapid.Bool().Draw(t, "doubles")
	cfg.Encoders = rapid.IntRange(1, 4).Draw(t, "encoders")
	return cfg
}

func genCuts(t *rapid.T, rows int) []int {
	cuts := rapid.SliceOfN(rapid.IntRange(0, rows), 0, 6).Draw(t, "cuts")
	slices.Sort(cuts)
	return cuts
}

// TestRoundTrip writes drawn tables and reads them with two readers.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genTable(t)
		data := want.write(t, genConfig(t), genCuts(t, want.rows), nil)
		got, err := read(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := sameCells(want, got); err != nil {
			t.Fatal("our reader: ", err)
		}
		if got.schema.Describe() != want.schema.Describe() {
			t.Fatalf("schema:\n%swant:\n%s", got.schema.Describe(), want.schema.Describe())
		}
		if err := sameCells(want, readOther(t, data)); err != nil {
			t.Fatal("parquet-go: ", err)
		}
	})
}

// TestBytesDependOnRowsAlone: neither the cuts between batches nor the number of
// encoders show in the file.
func TestBytesDependOnRowsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genTable(t)
		cfg := genConfig(t)
		meta := map[string]string{"plan_id": "x", "a": "b", "z": "y"}
		cfg.Encoders = 1
		whole := want.write(t, cfg, nil, meta)
		for encoders := 1; encoders <= 4; encoders++ {
			cfg.Encoders = encoders
			if !bytes.Equal(whole, want.write(t, cfg, genCuts(t, want.rows), meta)) {
				t.Fatalf("other bytes with %d encoders", encoders)
			}
		}
	})
}

// fixed returns a table of one column.
func fixed(c column.Column, cells []any, dict []string) *table {
	c.Doc = "fixed"
	return &table{
		schema: &column.Schema{Table: "fixed", Version: 1, Columns: []column.Column{c}},
		rows:   len(cells), cells: [][]any{cells}, dicts: [][]string{dict},
	}
}

// edges are columns at the ends of their ranges, through every page boundary.
func edges() map[string]*table {
	words := []string{"", "a", "ä€😀", strings.Repeat("x", 200), strings.Repeat("\U0010ffff", 60), "\x00\x01"}
	list := []any{[]int64{}, []int64{1}, nil, []int64{math.MinInt64, math.MaxInt64}, []int64{}}
	null := column.Column{Name: "c", Null: "sometimes"}
	of := func(t column.Type, base column.Column) column.Column { base.Name, base.Type = "c", t; return base }
	many := make([]any, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("word %d", i)
	}
	doubles := make([]any, 5000)
	for i := range doubles {
		doubles[i] = float64(i%900) / 7
	}
	return map[string]*table{
		"int64 ends":     fixed(of(column.Int64, column.Column{}), []any{int64(math.MinInt64), int64(math.MaxInt64), int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64)}, nil),
		"int32 ends":     fixed(of(column.Int32, column.Column{}), []any{int32(math.MinInt32), int32(math.MaxInt32), int32(0), int32(math.MinInt32)}, nil),
		"zeros":          fixed(of(column.Double, column.Column{}), []any{math.Copysign(0, -1), 0.0, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}, nil),
		"all null":       fixed(of(column.Int64, null), make([]any, 100), nil),
		"null strings":   fixed(of(column.String, null), make([]any, 100), nil),
		"null enum":      fixed(of(column.String, null), make([]any, 100), []string{"never"}),
		"null then some": fixed(of(column.String, null), append(make([]any, 50), "a", "b", "a"), nil),
		"null doubles":   fixed(of(column.Double, null), append(make([]any, 50), 1.5, 1.5), nil),
		"words":          fixed(of(column.String, column.Column{}), []any{words[0], words[1], words[2], words[3], words[4], words[5]}, nil),
		"enum":           fixed(of(column.String, column.Column{}), []any{words[0], words[3], words[2], words[3]}, words),
		"text":           fixed(of(column.Text, null), []any{words[0], nil, words[2], words[3], nil}, nil),
		"lists":          fixed(of(column.ListInt64, null), list, nil),
		"null lists":     fixed(of(column.ListString, null), make([]any, 70), []string{"a"}),
		"empty lists":    fixed(of(column.ListInt32, column.Column{}), []any{[]int32{}, []int32{}}, nil),
		"bytes":          fixed(of(column.Binary, null), []any{"\xff\xfe", nil, "", "\x00\x01", "\xff\xfe"}, nil),
		"coded bytes":    fixed(of(column.Binary, null), []any{"\xff\xfe", nil, "", "\xff\xfe"}, []string{"", "\xff\xfe"}),
		"distinct":       fixed(of(column.String, column.Column{}), many, nil),
		"repeated":       fixed(of(column.Double, column.Column{}), doubles, nil),
		"no rows":        fixed(of(column.Int64, column.Column{}), nil, nil),
	}
}

func TestEdges(t *testing.T) {
	for name, want := range edges() {
		for _, page := range []int{1, 3, 16384} {
			cfg := parquetfile.DefaultConfig()
			cfg.PageRows = page
			data := want.write(t, cfg, nil, nil)
			got, err := read(data, nil)
			if err == nil {
				err = sameCells(want, got)
			}
			if err != nil {
				t.Errorf("%s, pages of %d: our reader: %v", name, page, err)
			}
			if err := sameCells(want, readOther(t, data)); err != nil {
				t.Errorf("%s, pages of %d: parquet-go: %v", name, page, err)
			}
		}
	}
}

// TestManyPages fills real page and group sizes, in batches that fit neither.
func TestManyPages(t *testing.T) {
	const rows = 150_000
	cells := make([][]any, 4)
	for r := range rows {
		cells[0] = append(cells[0], int64(r)*1_000_003)
		cells[1] = append(cells[1], float64(r%4096)/3)
		cells[2] = append(cells[2], fmt.Sprintf("10.0.%d.%d", r/256%256, r%256))
		var null any
		if r%3 != 0 {
			null = int64(r % 3)
		}
		cells[3] = append(cells[3], null)
	}
	want := &table{rows: rows, cells: cells, dicts: make([][]string, 4), schema: &column.Schema{Table: "t", Columns: []column.Column{
		{Name: "a", Type: column.Int64, Doc: "a"}, {Name: "b", Type: column.Double, Doc: "b"},
		{Name: "c", Type: column.String, Doc: "c"}, {Name: "d", Type: column.Int64, Doc: "d", Null: "each third"},
	}}}
	var cuts []int
	for cut := 4001; cut < rows; cut += 4001 {
		cuts = append(cuts, cut)
	}
	cfg := parquetfile.DefaultConfig()
	data := want.write(t, cfg, cuts, nil)
	cfg.Encoders = 4
	if !bytes.Equal(data, want.write(t, cfg, []int{100_000}, nil)) {
		t.Error("other bytes from other batches and encoders")
	}
	got, err := read(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameCells(want, got); err != nil {
		t.Error(err)
	}
	if err := sameCells(want, readOther(t, data)); err != nil {
		t.Error(err)
	}
}

// TestDictionaryOverflow: a dictionary that outgrows its limit in the middle of
// a chunk loses no value, and the next row group starts with one again.
func TestDictionaryOverflow(t *testing.T) {
	const rows = 6000
	cells := make([]any, rows)
	for r := range cells {
		cells[r] = fmt.Sprintf("value-%d", r/2%1500) // distinct grows with the pages
	}
	want := fixed(column.Column{Name: "c", Type: column.String}, cells, nil)
	cfg := parquetfile.DefaultConfig()
	cfg.PageRows, cfg.RowGroupRows, cfg.DictionaryBytes = 500, 4000, 8000
	data := want.write(t, cfg, nil, nil)
	got, err := read(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameCells(want, got); err != nil {
		t.Error(err)
	}
	if err := sameCells(want, readOther(t, data)); err != nil {
		t.Error(err)
	}
	for g, encodings := range chunkEncodings(t, data) {
		if fmt.Sprint(encodings) != "[RLE_DICTIONARY DELTA_LENGTH_BYTE_ARRAY PLAIN]" {
			t.Errorf("row group %d: encodings %v: the overflow was not met", g, encodings)
		}
	}
}
