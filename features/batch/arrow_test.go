package batch_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// everyType has three rows: a value, a null where the column is optional, a value.
func everyType() *batch.Batch {
	s := &column.Schema{Table: "t", Columns: []column.Column{
		{Name: "a", Type: column.Int64, Unit: column.Bytes, Doc: "doc a"},
		{Name: "b", Type: column.Int32, Null: "x"},
		{Name: "c", Type: column.Double, Null: "x"},
		{Name: "d", Type: column.String, Null: "x"},
		{Name: "e", Type: column.String},
		{Name: "f", Type: column.Text, Null: "x"},
		{Name: "g", Type: column.Timestamp},
		{Name: "h", Type: column.ListInt64},
		{Name: "i", Type: column.ListInt32, Null: "x"},
		{Name: "j", Type: column.ListString},
		{Name: "k", Type: column.Binary, Null: "x"},
		{Name: "l", Type: column.Binary},
	}}
	b := batch.New(s)
	b.Rows = 3
	gap := []byte{1, 0, 1}
	words := []string{"S0", "SF"}
	b.Vectors = []batch.Vector{
		{Int64: []int64{1, 2, 3}},
		{Int32: []int32{4, 0, 5}, Valid: gap},
		{Float64: []float64{0.5, 0, -1}, Valid: gap},
		{Bytes: []byte("abc"), Offsets: []int32{0, 1, 1, 3}, Valid: gap},
		{Dict: words, Codes: []int32{1, 0, 1}},
		{Bytes: []byte("äx"), Offsets: []int32{0, 2, 2, 3}, Valid: gap},
		{Int64: []int64{0, 1, 1_600_000_000_000_000}},
		{Int64: []int64{7, 8, 9}, Offsets: []int32{0, 0, 2, 3}},
		{Int32: []int32{6, 6}, Offsets: []int32{0, 1, 1, 2}, Valid: gap},
		{Dict: words, Codes: []int32{1, 0, 0}, Offsets: []int32{0, 2, 2, 3}},
		{Bytes: []byte("\xff\x00\x80"), Offsets: []int32{0, 2, 2, 3}, Valid: gap},
		{Dict: []string{"\xff", ""}, Codes: []int32{1, 0, 1}},
	}
	return b
}

func TestRecord(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	b := everyType()
	record, err := b.Record(mem)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	want := []struct{ typ, values string }{
		{"int64", "[1 2 3]"},
		{"int32", "[4 (null) 5]"},
		{"float64", "[0.5 (null) -1]"},
		{"utf8", `["a" (null) "bc"]`},
		{"dictionary<values=utf8, indices=int32, ordered=false>", `{ dictionary: ["S0" "SF"]` + "\n" + `  indices: [1 0 1] }`},
		{"utf8", `["ä" (null) "x"]`},
		{"timestamp[us, tz=UTC]", ""},
		{"list<item: int64>", "[[] [7 8] [9]]"},
		{"list<item: int32>", "[[6] (null) [6]]"},
		{"list<item: dictionary<values=utf8, indices=int32, ordered=false>>", ""},
		{"binary", `["\xff\x00" (null) "\x80"]`},
		{"dictionary<values=binary, indices=int32, ordered=false>", `{ dictionary: ["\xff" ""]` + "\n" + `  indices: [1 0 1] }`},
	}
	for i, w := range want {
		field, values := record.Schema().Field(i), record.Column(i)
		if field.Type.String() != w.typ {
			t.Errorf("%s: type %s, want %s", field.Name, field.Type, w.typ)
		}
		if w.values != "" && values.String() != w.values {
			t.Errorf("%s: %s, want %s", field.Name, values, w.values)
		}
		if field.Nullable != b.Schema.Columns[i].Optional() || values.Len() != 3 {
			t.Errorf("%s: nullable %v, %d rows", field.Name, field.Nullable, values.Len())
		}
	}
	if at := record.Column(6).(*array.Timestamp).Value(2).ToTime(arrow.Microsecond); at.Unix() != 1_600_000_000 {
		t.Errorf("timestamp %v", at)
	}
	lists := record.Column(9).(*array.List)
	words := lists.ListValues().(*array.Dictionary)
	if lo, hi := lists.ValueOffsets(0); lo != 0 || hi != 2 || words.ValueStr(0) != "SF" || words.ValueStr(2) != "S0" {
		t.Errorf("list of words %v", lists)
	}
	if unit, _ := record.Schema().Field(0).Metadata.GetValue("unit"); unit != "bytes" {
		t.Errorf("unit %q", unit)
	}
}

// TestRecordCopiesNothing: the values of the arrays are the vectors' memory.
func TestRecordCopiesNothing(t *testing.T) {
	b := everyType()
	record, err := b.Record(memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	same := map[string][2]unsafe.Pointer{
		"int64":   {unsafe.Pointer(&b.Vectors[0].Int64[0]), unsafe.Pointer(&record.Column(0).(*array.Int64).Int64Values()[0])},
		"int32":   {unsafe.Pointer(&b.Vectors[1].Int32[0]), unsafe.Pointer(&record.Column(1).(*array.Int32).Int32Values()[0])},
		"float64": {unsafe.Pointer(&b.Vectors[2].Float64[0]), unsafe.Pointer(&record.Column(2).(*array.Float64).Float64Values()[0])},
		"text":    {unsafe.Pointer(&b.Vectors[3].Bytes[0]), unsafe.Pointer(&record.Column(3).(*array.String).ValueBytes()[0])},
		"offsets": {unsafe.Pointer(&b.Vectors[3].Offsets[0]), unsafe.Pointer(&record.Column(3).(*array.String).ValueOffsets()[0])},
		"list":    {unsafe.Pointer(&b.Vectors[7].Int64[0]), unsafe.Pointer(&record.Column(7).(*array.List).ListValues().(*array.Int64).Int64Values()[0])},
	}
	for name, p := range same {
		if p[0] != p[1] {
			t.Errorf("%s was copied", name)
		}
	}
}

func TestRecordOfNoRows(t *testing.T) {
	b := batch.New(everyType().Schema)
	record, err := b.Record(memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	if record.NumRows() != 0 || record.NumCols() != 12 {
		t.Errorf("%d rows, %d columns", record.NumRows(), record.NumCols())
	}
}

func TestRecordRefuses(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	cases := map[string]struct {
		at int
		v  batch.Vector
	}{
		"too few values":  {0, batch.Vector{Int64: []int64{1}}},
		"valid bytes":     {1, batch.Vector{Int32: []int32{1, 2, 3}, Valid: []byte{1}}},
		"offsets fall":    {5, batch.Vector{Bytes: []byte("abc"), Offsets: []int32{0, 2, 1, 3}}},
		"offset past end": {5, batch.Vector{Bytes: []byte("abc"), Offsets: []int32{0, 1, 2, 4}}},
		"code past end":   {4, batch.Vector{Dict: []string{"a"}, Codes: []int32{0, 0, 1}}},
		"list past end":   {7, batch.Vector{Int64: []int64{1}, Offsets: []int32{0, 1, 2, 2}}},
		"list code":       {9, batch.Vector{Dict: []string{"a"}, Codes: []int32{1}, Offsets: []int32{0, 1, 1, 1}}},
	}
	for name, c := range cases {
		b := everyType()
		b.Vectors[c.at] = c.v
		_, err := b.Record(mem)
		if err == nil || !strings.Contains(err.Error(), "column "+b.Schema.Columns[c.at].Name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
