package labels

import (
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// def declares a column and appends its value of an R, which is a row to be.
type def[R any] struct {
	column.Column
	put func(v *batch.Vector, row *R)
}

// as sets the role.
func (d def[R]) as(r column.Role) def[R] {
	d.Role = r
	return d
}

// from sets the source.
func (d def[R]) from(source string) def[R] {
	d.Source = source
	return d
}

// schemaOf makes a table's schema of its columns.
func schemaOf[R any](table string, version int, defs []def[R]) *column.Schema {
	s := &column.Schema{Table: table, Version: version}
	for i := range defs {
		d := defs[i].Column
		d.Group = table
		s.Columns = append(s.Columns, d)
	}
	return s
}

// valid appends whether a value that can be null is there.
func valid(v *batch.Vector, known bool) {
	bit := byte(0)
	if known {
		bit = 1
	}
	v.Valid = append(v.Valid, bit)
}

func long[R any](name string, unit column.Unit, doc string, value func(*R) int64) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc}, func(v *batch.Vector, r *R) {
		v.Int64 = append(v.Int64, value(r))
	}}
}

func knownLong[R any](name string, unit column.Unit, doc, null string, value func(*R) (int64, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, r *R) {
		n, known := value(r)
		if !known {
			n = 0
		}
		v.Int64 = append(v.Int64, n)
		valid(v, known)
	}}
}

func small[R any](name, doc string, value func(*R) int32) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc}, func(v *batch.Vector, r *R) {
		v.Int32 = append(v.Int32, value(r))
	}}
}

func knownSmall[R any](name, doc, null string, value func(*R) (int32, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc, Null: null}, func(v *batch.Vector, r *R) {
		n, known := value(r)
		if !known {
			n = 0
		}
		v.Int32 = append(v.Int32, n)
		valid(v, known)
	}}
}

func double[R any](name string, unit column.Unit, doc, null string, value func(*R) (float64, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, r *R) {
		x, known := value(r)
		if !known {
			x = 0
		}
		v.Float64 = append(v.Float64, x)
		if null != "" {
			valid(v, known)
		}
	}}
}

func word[R any](name, doc string, value func(*R) string) def[R] {
	return def[R]{column.Column{Name: name, Type: column.String, Doc: doc}, func(v *batch.Vector, r *R) {
		appendText(v, value(r))
	}}
}

// knownWord declares a text that is null where it is empty.
func knownWord[R any](name, doc, null string, value func(*R) string) def[R] {
	return def[R]{column.Column{Name: name, Type: column.String, Doc: doc, Null: null}, func(v *batch.Vector, r *R) {
		s := value(r)
		appendText(v, s)
		valid(v, s != "")
	}}
}

// appendText appends a text without a copy of it.
func appendText(v *batch.Vector, s string) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Bytes = append(v.Bytes, utf8Of(s)...)
	v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
}

// utf8Of is a text that tables take: whatever is no UTF-8, as in a path, becomes U+FFFD.
func utf8Of(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// batchRows is how many rows go to a sink at once.
const batchRows = 4096

// Writer gathers the rows of one table and hands them on in batches.
type Writer[R any] struct {
	defs []def[R]
	b    *batch.Batch
	sink func(*batch.Batch) error
	rows int64
}

func newWriter[R any](schema *column.Schema, defs []def[R], sink func(*batch.Batch) error) *Writer[R] {
	return &Writer[R]{defs: defs, b: batch.New(schema), sink: sink}
}

// Add appends a row, which is the caller's again when it returns.
func (w *Writer[R]) Add(row *R) error {
	for i := range w.defs {
		w.defs[i].put(&w.b.Vectors[i], row)
	}
	w.b.Rows++
	w.rows++
	if w.b.Rows < batchRows {
		return nil
	}
	return w.Flush()
}

// Flush hands on what there is. The sink must not keep the batch.
func (w *Writer[R]) Flush() error {
	if w.b.Rows == 0 {
		return nil
	}
	err := w.sink(w.b)
	w.b.Reset()
	return err
}

// Rows returns how many rows were added.
func (w *Writer[R]) Rows() int64 { return w.rows }
