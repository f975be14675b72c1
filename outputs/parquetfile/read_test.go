package parquetfile_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// sample is a file with every type, nulls, a dictionary and several row groups.
func sample(tb testing.TB, codec string) (*table, []byte) {
	tb.Helper()
	types := []column.Type{
		column.Int64, column.Int32, column.Double, column.String, column.Text,
		column.Timestamp, column.ListInt64, column.ListInt32, column.ListString, column.Binary,
	}
	t := &table{schema: &column.Schema{Table: "sample", Version: 2}, rows: 50}
	for i, typ := range types {
		c := column.Column{Name: fmt.Sprintf("c%d", i), Type: typ, Doc: "d"}
		if i%2 == 0 {
			c.Null = "each fifth"
		}
		t.schema.Columns = append(t.schema.Columns, c)
		cells := make([]any, t.rows)
		for r := range cells {
			if i%2 != 0 || r%5 != 0 {
				cells[r] = sampleValue(typ, r)
			}
		}
		t.cells, t.dicts = append(t.cells, cells), append(t.dicts, nil)
	}
	t.dicts[8] = []string{"", "S", "A"}
	cfg := parquetfile.DefaultConfig()
	cfg.RowGroupRows, cfg.PageRows, cfg.Codec = 30, 8, codec
	return t, t.write(tb, cfg, []int{7, 33}, map[string]string{"plan_id": "p", "k": ""})
}

func sampleValue(t column.Type, r int) any {
	switch t {
	case column.Int64, column.Timestamp:
		return int64(r) * math.MaxInt32
	case column.Int32:
		return int32(-r)
	case column.Double:
		return float64(r%3) / 3
	case column.String:
		return strings.Repeat("s", r%4)
	case column.Text:
		return fmt.Sprintf("text %d", r)
	case column.Binary:
		return string([]byte{0xff, byte(r), 0})
	case column.ListInt64:
		return make([]int64, r%4)
	case column.ListInt32:
		return []int32{int32(r), int32(r)}[:r%3]
	}
	return []string{"S", "", "A"}[:r%4]
}

func TestReadProjection(t *testing.T) {
	want, data := sample(t, "zstd")
	got, err := read(data, []string{"c8", "c0"})
	if err != nil {
		t.Fatal(err)
	}
	picked := &table{schema: got.schema, rows: want.rows, cells: [][]any{want.cells[8], want.cells[0]}}
	if err := sameCells(picked, got); err != nil {
		t.Error(err)
	}
	if got.schema.Columns[0].Name != "c8" || got.schema.Columns[1].Name != "c0" || got.schema.Version != 2 {
		t.Errorf("schema %s", got.schema.Describe())
	}
	if _, err := read(data, []string{"nothing"}); err == nil {
		t.Error("a column that is not there: no error")
	}
	if none, err := read(data, []string{}); err != nil || none.rows != want.rows {
		t.Errorf("no columns: %d rows, %v", none.rows, err)
	}
}

func TestMetadata(t *testing.T) {
	_, data := sample(t, "none")
	r, err := parquetfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"plan_id": "p", "k": ""}; !reflect.DeepEqual(r.Metadata(), want) {
		t.Errorf("metadata %v, want %v", r.Metadata(), want)
	}
	if r.NumRows() != 50 {
		t.Errorf("%d rows", r.NumRows())
	}
}

func TestReadStops(t *testing.T) {
	_, data := sample(t, "zstd")
	r, err := parquetfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	stop, calls := errors.New("stop"), 0
	err = r.Read(context.Background(), nil, func(*batch.Batch) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls = 0
	err = r.Read(ctx, nil, func(*batch.Batch) error { calls++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

// TestReadOthersFile reads what parquet-go's own writer makes of a struct.
func TestReadOthersFile(t *testing.T) {
	type row struct {
		A int64     `parquet:"a,delta"`
		B *int32    `parquet:"b"`
		C float64   `parquet:"c"`
		D string    `parquet:"d,dict"`
		E *string   `parquet:"e"`
		F time.Time `parquet:"f,timestamp(microsecond)"`
		G []int64   `parquet:"g,list"`
		H []string  `parquet:"h,list,dict"`
		I []byte    `parquet:"i"`
	}
	var rows []row
	wants := make([][]any, 9)
	for i := range 1000 {
		r := row{
			A: int64(i * i), C: float64(i) / 7, D: fmt.Sprint("d", i%7), F: time.UnixMicro(int64(i)),
			G: make([]int64, i%3), H: []string{"x", "y"}[:i%3], I: []byte{0xff, byte(i)},
		}
		want := []any{r.A, nil, r.C, r.D, nil, int64(i), append([]int64{}, r.G...), append([]string{}, r.H...), string(r.I)}
		if i%2 == 0 {
			b, e := int32(i), fmt.Sprint("e", i)
			r.B, r.E, want[1], want[4] = &b, &e, b, e
		}
		rows = append(rows, r)
		for c := range wants {
			wants[c] = append(wants[c], want[c])
		}
	}
	for version := 1; version <= 2; version++ {
		for _, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Zstd), parquet.Compression(&parquet.Snappy), parquet.Compression(&parquet.Uncompressed)} {
			var out bytes.Buffer
			w := parquet.NewGenericWriter[row](&out, codec, parquet.DataPageVersion(version), parquet.PageBufferSize(700), parquet.MaxRowsPerRowGroup(600))
			if _, err := w.Write(rows); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := read(out.Bytes(), nil)
			if err != nil {
				t.Fatalf("version %d: %v", version, err)
			}
			if err := sameCells(&table{schema: got.schema, rows: len(rows), cells: wants}, got); err != nil {
				t.Errorf("version %d: %v", version, err)
			}
		}
	}
}

func TestUnsupported(t *testing.T) {
	type unsigned struct {
		A uint64 `parquet:"a"`
	}
	type nested struct {
		A struct {
			B int64 `parquet:"b"`
		} `parquet:"a"`
	}
	type legacy struct {
		A []int64 `parquet:"a"`
	}
	for name, data := range map[string][]byte{
		"unsigned": others(t, unsigned{}), "nested": others(t, nested{}), "two-level list": others(t, legacy{}),
	} {
		if _, err := read(data, nil); !errors.Is(err, parquetfile.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func others[T any](t *testing.T, row T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out)
	if _, err := w.Write([]T{row}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestDamage: a file cut anywhere, or with any byte changed, is an error or
// gives the same rows: what holds values is covered by checksums and counts.
func TestDamage(t *testing.T) {
	stride := 5
	if os.Getenv("PCAPMILL_ACCEPT") == "1" {
		stride = 1
	}
	for _, codec := range []string{"zstd", "snappy", "none"} {
		want, data := sample(t, codec)
		for n := 0; n < len(data); n += stride {
			if _, err := read(data[:n], nil); err == nil {
				t.Fatalf("%s: cut to %d of %d bytes: no error", codec, n, len(data))
			}
		}
		unnoticed := 0
		for at := 0; at < len(data); at += stride {
			damaged := bytes.Clone(data)
			damaged[at] ^= 0x41
			got, err := read(damaged, nil)
			if err != nil || at < 4 {
				continue // nothing reads the opening magic
			}
			if err := sameCells(want, got); err != nil {
				t.Logf("%s: byte %d: %v", codec, at, err)
				unnoticed++
			}
		}
		if unnoticed > 0 {
			t.Errorf("%s: %d changed bytes changed rows unnoticed", codec, unnoticed)
		}
	}
}

// TestHostileFooter: a few bytes that claim huge lists get an error, not memory.
func TestHostileFooter(t *testing.T) {
	footers := map[string][]byte{
		"two thousand million row groups": {0x15, 4, 0x39, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07},
		"long string":                     {0x15, 4, 0x68, 0xff, 0xff, 0xff, 0xff, 0x07},
		"deep":                            bytes.Repeat([]byte{0x1c}, 1<<16),
		"many empty structures":           append([]byte{0x15, 4, 0x39, 0xfc, 0x80, 0x80, 0x80, 0x01}, make([]byte, 1<<21)...),
		"empty":                           {},
		"no columns":                      {0},
	}
	for name, footer := range footers {
		file := append([]byte("PAR1"), footer...)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
		file = append(file, "PAR1"...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parquetfile.Open(bytes.NewReader(file), int64(len(file)))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, parquetfile.ErrFormat) && !errors.Is(err, parquetfile.ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
}

// FuzzOpen reads whatever comes: errors, but no panic and no endless work.
func FuzzOpen(f *testing.F) {
	for _, codec := range []string{"zstd", "snappy", "none"} {
		_, data := sample(f, codec)
		f.Add(data)
	}
	for _, t := range edges() {
		if t.rows < 1000 {
			f.Add(t.write(f, parquetfile.DefaultConfig(), nil, nil))
		}
	}
	enough := errors.New("enough")
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parquetfile.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		rows := 0
		err = r.Read(context.Background(), nil, func(b *batch.Batch) error {
			if rows += b.Rows; rows > 100_000 {
				return enough
			}
			for c := range b.Vectors {
				for row := range b.Rows {
					cellOf(&b.Vectors[c], b.Schema.Columns[c].Type, row)
				}
			}
			return nil
		})
		if err == nil && int64(rows) != r.NumRows() {
			t.Errorf("%d rows read of %d", rows, r.NumRows())
		}
	})
}
