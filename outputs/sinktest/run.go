package sinktest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Writer is a table output under test.
type Writer interface {
	Write(*batch.Batch) error
	Close() error
}

// Sink says how to make and read back a table output.
type Sink struct {
	// New starts a file of the schema's table.
	New func(w io.Writer, schema *column.Schema) (Writer, error)

	// Read returns the rows of a finished file, null and empty told apart. Nil
	// where the format is for people only; then nothing is read back.
	Read func(data []byte, schema *column.Schema) ([]Row, error)
}

// errInjected is the failure that the suite's own writer reports.
var errInjected = errors.New("injected write error")

// Run puts the sink through the suite.
func Run(t *testing.T, sink Sink) {
	t.Run("EmptyTable", func(t *testing.T) { sink.roundTrip(t, nil, 1) })
	t.Run("EveryTypeAtItsEnds", func(t *testing.T) { sink.roundTrip(t, EdgeRows(), 3) })
	t.Run("HostileStrings", func(t *testing.T) { sink.roundTrip(t, hostileRows(), 64) })
	t.Run("RandomRows", func(t *testing.T) { sink.roundTrip(t, RandomRows(2000, 1), 500) })
	t.Run("BatchSizeDoesNotShow", sink.batchSizes)
	t.Run("EmptyBatchDoesNotShow", sink.emptyBatches)
	t.Run("BatchIsNotKept", sink.reuse)
	t.Run("BatchIsNotChanged", sink.unchanged)
	t.Run("WriteErrorIsReported", sink.writeErrors)
	t.Run("OtherTableIsRefused", sink.otherTable)
	t.Run("BrokenBatchIsRefused", sink.brokenBatch)
	t.Run("SecondCloseAddsNothing", sink.closeTwice)
	t.Run("WriteAfterClose", sink.writeAfterClose)
}

func hostileRows() []Row {
	var rows []Row
	for i, s := range HostileStrings() {
		row := EdgeRows()[0]
		row[4], row[5], row[15], row[16] = s, s, s, s
		row[0] = int64(i)
		rows = append(rows, row)
	}
	return rows
}

// write returns the file that rows become when they arrive size at a time.
func (s Sink) write(t *testing.T, rows []Row, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	schema := Schema()
	if err := s.writeTo(&out, schema, Batches(schema, rows, size)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (s Sink) writeTo(w io.Writer, schema *column.Schema, batches []*batch.Batch) error {
	sink, err := s.New(w, schema)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := sink.Write(b); err != nil {
			return errors.Join(err, ignore(sink.Close()))
		}
	}
	return sink.Close()
}

// ignore drops the error of a Close after a failed Write: the first one counts.
func ignore(error) error { return nil }

func (s Sink) roundTrip(t *testing.T, rows []Row, size int) {
	data := s.write(t, rows, size)
	if s.Read == nil {
		return
	}
	got, err := s.Read(data, Schema())
	if err != nil {
		t.Fatal(err)
	}
	Equal(t, got, rows)
}

// Equal reports the first differences between rows read and rows wanted.
func Equal(t *testing.T, got, want []Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows read, %d written", len(got), len(want))
	}
	schema, shown := Schema(), 0
	for i := range want {
		for c := range want[i] {
			if shown < 5 && !sameValue(got[i][c], want[i][c]) {
				t.Errorf("row %d, %s: read %.80q, written %.80q", i, schema.Columns[c].Name, fmt.Sprint(got[i][c]), fmt.Sprint(want[i][c]))
				shown++
			}
		}
	}
}

func sameValue(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	av, bv := reflect.ValueOf(a), reflect.ValueOf(b)
	bothEmpty := av.IsValid() && bv.IsValid() && av.Kind() == reflect.Slice && av.Type() == bv.Type() && av.Len()+bv.Len() == 0
	return bothEmpty
}

func (s Sink) batchSizes(t *testing.T) {
	rows := RandomRows(1500, 2)
	want := s.write(t, rows, len(rows))
	for _, size := range []int{1, 7, 64, 1024} {
		if !bytes.Equal(s.write(t, rows, size), want) {
			t.Errorf("batches of %d rows give other bytes than one batch", size)
		}
	}
}

func (s Sink) emptyBatches(t *testing.T) {
	rows, schema := RandomRows(30, 3), Schema()
	mixed := []*batch.Batch{batch.New(schema)}
	for _, b := range Batches(schema, rows, 10) {
		mixed = append(mixed, b, batch.New(schema))
	}
	var out bytes.Buffer
	if err := s.writeTo(&out, schema, mixed); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), s.write(t, rows, 10)) {
		t.Error("batches without rows change the file")
	}
}

// reuse overwrites and refills one batch: a writer that kept it writes garbage.
func (s Sink) reuse(t *testing.T) {
	rows, schema := RandomRows(300, 4), Schema()
	var out bytes.Buffer
	sink, err := s.New(&out, schema)
	if err != nil {
		t.Fatal(err)
	}
	b := batch.New(schema)
	for i := 0; i < len(rows); i += 10 {
		b.Reset()
		Fill(b, rows[i:i+10])
		if err := sink.Write(b); err != nil {
			t.Fatal(err)
		}
		scribble(b)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), s.write(t, rows, 10)) {
		t.Error("the file changes with what happens to a batch after Write")
	}
}

func scribble(b *batch.Batch) {
	for i := range b.Vectors {
		v := &b.Vectors[i]
		for j := range v.Int64 {
			v.Int64[j] = -77
		}
		for j := range v.Int32 {
			v.Int32[j] = -77
		}
		for j := range v.Float64 {
			v.Float64[j] = -77
		}
		for j := range v.Bytes {
			v.Bytes[j] = '#'
		}
		clear(v.Codes)
		clear(v.Offsets)
		clear(v.Valid)
	}
}

func (s Sink) unchanged(t *testing.T) {
	rows, schema := RandomRows(50, 5), Schema()
	got, want := Batches(schema, rows, 50), Batches(schema, rows, 50)
	if err := s.writeTo(io.Discard, schema, got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got[0].Vectors, want[0].Vectors) || got[0].Rows != want[0].Rows {
		t.Error("Write changed its batch")
	}
}

// failAfter fails once n bytes have passed.
type failAfter struct{ n int }

func (f *failAfter) Write(p []byte) (int, error) {
	if len(p) > f.n {
		n := f.n
		f.n = 0
		return n, errInjected
	}
	f.n -= len(p)
	return len(p), nil
}

func (s Sink) writeErrors(t *testing.T) {
	rows, schema := RandomRows(400, 6), Schema()
	total := len(s.write(t, rows, 100))
	for i := range 40 {
		n := total * i / 40
		err := s.writeTo(&failAfter{n}, schema, Batches(schema, rows, 100))
		if !errors.Is(err, errInjected) {
			t.Errorf("disk full after %d of %d bytes: error is %v", n, total, err)
		}
	}
	if err := s.writeTo(&failAfter{total - 1}, schema, Batches(schema, rows, 100)); !errors.Is(err, errInjected) {
		t.Errorf("disk full at the last byte: error is %v", err)
	}
}

func (s Sink) otherTable(t *testing.T) {
	other := &column.Schema{Table: "other", Version: 1, Columns: Schema().Columns[:1]}
	sink, err := s.New(io.Discard, Schema())
	if err != nil {
		t.Fatal(err)
	}
	if sink.Write(Batches(other, []Row{{int64(1)}}, 1)[0]) == nil {
		t.Error("rows of another table were accepted")
	}
}

// brokenBatch drops the last value of each vector in turn.
func (s Sink) brokenBatch(t *testing.T) {
	schema := Schema()
	for i := range schema.Columns {
		b := Batches(schema, EdgeRows(), 100)[0]
		shorten(&b.Vectors[i])
		if s.writeTo(io.Discard, schema, []*batch.Batch{b}) == nil {
			t.Errorf("%s is one value short and nobody said so", schema.Columns[i].Name)
		}
	}
}

func shorten(v *batch.Vector) {
	switch {
	case len(v.Offsets) > 0:
		v.Offsets = v.Offsets[:len(v.Offsets)-1]
	case len(v.Codes) > 0:
		v.Codes = v.Codes[:len(v.Codes)-1]
	case len(v.Int64) > 0:
		v.Int64 = v.Int64[:len(v.Int64)-1]
	case len(v.Int32) > 0:
		v.Int32 = v.Int32[:len(v.Int32)-1]
	default:
		v.Float64 = v.Float64[:len(v.Float64)-1]
	}
}

func (s Sink) closeTwice(t *testing.T) {
	schema := Schema()
	var out bytes.Buffer
	sink, err := s.New(&out, schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	size := out.Len()
	_ = sink.Close() // may report misuse, must not write or panic
	if out.Len() != size {
		t.Errorf("second Close wrote %d bytes", out.Len()-size)
	}
}

func (s Sink) writeAfterClose(t *testing.T) {
	schema := Schema()
	sink, err := s.New(io.Discard, schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	if sink.Write(Batches(schema, EdgeRows(), 100)[0]) == nil {
		t.Error("rows after Close were accepted, and lost")
	}
}
