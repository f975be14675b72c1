package ipc_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowipc "github.com/apache/arrow/go/v17/arrow/ipc"

	"pcapmill/features/column"
	"pcapmill/outputs/ipc"
	"pcapmill/outputs/sinktest"
)

// small has record batches that the suite's rows fill several times.
func small(codec string) ipc.Config { return ipc.Config{RecordRows: 100, Codec: codec} }

func TestFile(t *testing.T) {
	for _, codec := range []string{"zstd", "lz4", "none"} {
		t.Run(codec, func(t *testing.T) {
			sinktest.Run(t, sinktest.Sink{
				New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) {
					return ipc.NewFile(w, s, small(codec), nil)
				},
				Read: readFile,
			})
		})
	}
}

func TestStream(t *testing.T) {
	sinktest.Run(t, sinktest.Sink{
		New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) {
			return ipc.NewStream(w, s, small("none"), nil)
		},
		Read: readStream,
	})
}

func readFile(data []byte, _ *column.Schema) ([]sinktest.Row, error) {
	r, err := arrowipc.NewFileReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var rows []sinktest.Row
	for i := range r.NumRecords() {
		rec, err := r.Record(i)
		if err != nil {
			return nil, err
		}
		rows = append(rows, rowsOf(rec)...)
	}
	return rows, nil
}

func readStream(data []byte, _ *column.Schema) ([]sinktest.Row, error) {
	r, err := arrowipc.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	var rows []sinktest.Row
	for r.Next() {
		rows = append(rows, rowsOf(r.Record())...)
	}
	return rows, r.Err()
}

func rowsOf(rec arrow.Record) []sinktest.Row {
	rows := make([]sinktest.Row, rec.NumRows())
	for i := range rows {
		rows[i] = make(sinktest.Row, rec.NumCols())
		for c := range rows[i] {
			rows[i][c] = valueOf(rec.Column(c), i)
		}
	}
	return rows
}

func valueOf(a arrow.Array, i int) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Int64:
		return a.Value(i)
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Float64:
		return a.Value(i)
	case *array.Timestamp:
		return int64(a.Value(i))
	case *array.String:
		return string([]byte(a.Value(i)))
	case *array.Binary:
		return string(a.Value(i))
	case *array.List:
		return listOf(a, i)
	}
	return fmt.Sprintf("unexpected %s", a.DataType())
}

func listOf(a *array.List, i int) any {
	from, to := a.ValueOffsets(i)
	switch values := a.ListValues().(type) {
	case *array.Int64:
		return append([]int64{}, values.Int64Values()[from:to]...)
	case *array.Int32:
		out := []int64{}
		for _, n := range values.Int32Values()[from:to] {
			out = append(out, int64(n))
		}
		return out
	case *array.String:
		out := []string{}
		for ; from < to; from++ {
			out = append(out, string([]byte(values.Value(int(from)))))
		}
		return out
	}
	return "unexpected list"
}

func file(t testing.TB, rows int, cfg ipc.Config) []byte {
	t.Helper()
	var out bytes.Buffer
	schema := sinktest.Schema()
	w, err := ipc.NewFile(&out, schema, cfg, map[string]string{"plan_id": "p", "a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range sinktest.Batches(schema, sinktest.RandomRows(rows, 1), 70) {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || w.Rows() != int64(rows) {
		t.Fatalf("%d rows, %v", w.Rows(), err)
	}
	return out.Bytes()
}

func TestStat(t *testing.T) {
	for _, rows := range []int{0, 1, 99, 100, 101, 250} {
		data := file(t, rows, small("zstd"))
		info, err := ipc.Stat(bytes.NewReader(data), int64(len(data)))
		if err != nil || info.Rows != int64(rows) || info.SchemaSHA256 != sinktest.Schema().Hash() || info.Metadata["plan_id"] != "p" {
			t.Errorf("%d rows: %+v, %v", rows, info, err)
		}
	}
}

// TestHeadsInOnePlace: what record batches say is read no more than once.
func TestHeadsInOnePlace(t *testing.T) {
	const blockSize, blocks = 24, 3
	data := file(t, 250, small("none"))
	size := len(data)
	at := size - 10 - int(binary.LittleEndian.Uint32(data[size-10:]))
	follows := func(at int) bool { // the next block in the footer lies behind this one
		b := data[at:]
		end := binary.LittleEndian.Uint64(b) + uint64(binary.LittleEndian.Uint32(b[8:])) + binary.LittleEndian.Uint64(b[16:])
		return end > 0 && end < uint64(size) && end == binary.LittleEndian.Uint64(b[blockSize:])
	}
	for !follows(at) || !follows(at+blockSize) {
		if at++; at+blocks*blockSize > size {
			t.Fatal("no record batches")
		}
	}
	for _, b := range [][]byte{data[at:], data[at+blockSize:], data[at+2*blockSize:]} {
		copy(b, data[at:at+8])
		binary.LittleEndian.PutUint32(b[8:], uint32(size/2))
		binary.LittleEndian.PutUint64(b[16:], 0)
	}
	if info, err := ipc.Stat(bytes.NewReader(data), int64(size)); !errors.Is(err, ipc.ErrFormat) {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestTypes: the schema is the same with and without rows, and says what the
// package comment says.
func TestTypes(t *testing.T) {
	read := func(rows int) *arrow.Schema {
		r, err := arrowipc.NewFileReader(bytes.NewReader(file(t, rows, small("none"))))
		if err != nil {
			t.Fatal(err)
		}
		return r.Schema()
	}
	empty, full := read(0), read(300)
	if !empty.Equal(full) {
		t.Errorf("without rows\n%v\nwith rows\n%v", empty, full)
	}
	for name, want := range map[string]string{
		"count": "int64", "port": "int32", "ratio": "float64", "start_time": "timestamp[us, tz=UTC]",
		"state_enum": "utf8", "address": "utf8", "agent": "utf8", "key": "binary",
		"sizes": "list<item: int64>", "flags": "list<item: int32>", "answers": "list<item: utf8>",
	} {
		for _, prefix := range []string{"", "maybe_"} {
			f, _ := full.FieldsByName(prefix + name)
			if got := f[0].Type.String(); got != want || f[0].Nullable != (prefix != "") {
				t.Errorf("%s%s is %s, nullable %v, want %s", prefix, name, got, f[0].Nullable, want)
			}
		}
	}
	if m := full.Metadata().ToMap(); m["table"] != "every_type" || m["schema_version"] != "3" || m["a"] != "b" {
		t.Errorf("metadata %v", m)
	}
}

func TestConfigRefused(t *testing.T) {
	for _, cfg := range []ipc.Config{{}, {RecordRows: 1, Codec: "gzip"}, {RecordRows: 0, Codec: "none"}, {RecordRows: 1 << 30, Codec: "none"}} {
		if _, err := ipc.NewFile(io.Discard, sinktest.Schema(), cfg, nil); err == nil {
			t.Errorf("%+v was accepted", cfg)
		}
	}
}

// TestDamage: whatever byte changes, Stat returns.
func TestDamage(t *testing.T) {
	data := file(t, 20, small("none"))
	for i := range data {
		data[i] ^= 0xff
		if _, err := ipc.Stat(bytes.NewReader(data), int64(len(data))); err != nil && !errors.Is(err, ipc.ErrFormat) {
			t.Fatalf("byte %d: %v", i, err)
		}
		data[i] ^= 0xff
	}
	for n := range len(data) {
		if _, err := ipc.Stat(bytes.NewReader(data[:n]), int64(n)); !errors.Is(err, ipc.ErrFormat) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
}

func FuzzStat(f *testing.F) {
	schema := &column.Schema{Table: "t", Version: 1, Columns: []column.Column{{Name: "n", Type: column.Int64, Doc: "A number."}}}
	for _, rows := range []int{0, 3} {
		var out bytes.Buffer
		w, err := ipc.NewFile(&out, schema, ipc.Config{RecordRows: 2, Codec: "none"}, nil)
		for _, b := range sinktest.Batches(schema, []sinktest.Row{{int64(1)}, {int64(2)}, {int64(3)}}[:rows], 3) {
			err = errors.Join(err, w.Write(b))
		}
		if err := errors.Join(err, w.Close()); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if info, err := ipc.Stat(bytes.NewReader(data), int64(len(data))); err != nil && !errors.Is(err, ipc.ErrFormat) || info.Rows < 0 {
			t.Error(info, err)
		}
	})
}

func BenchmarkFile(b *testing.B) {
	const rows = 4096
	schema := sinktest.Schema()
	in := sinktest.Batches(schema, sinktest.RandomRows(rows, 1), rows)[0]
	for _, codec := range []string{"none", "zstd"} {
		b.Run(codec, func(b *testing.B) {
			w, err := ipc.NewFile(io.Discard, schema, ipc.Config{RecordRows: rows, Codec: codec}, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Write(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows*len(schema.Columns)), "ns/cell")
		})
	}
}
