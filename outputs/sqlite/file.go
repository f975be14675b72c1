package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/fit"
	"pcapmill/outputs/text"
)

// Dataset is what the header of a dataset's database says.
var Dataset = Identity{Application: 0x50634d6c, Version: 1} // "PcMl"

// File is one table of a dataset's database in the making. The first of a dataset is written
// where the database will be, and Gather adds the others to it. It belongs to one goroutine.
type File struct {
	schema *column.Schema
	path   string
	db     *Database
	in     *Inserter
	words  []boxes
	buf    []byte
	err    error // the first one, which is final
	closed bool
}

// NewFile starts the table in the file at path, which is there and empty.
func NewFile(path string, schema *column.Schema) (*File, error) {
	db, err := Create(path, Dataset)
	if err != nil {
		return nil, err
	}
	in, err := db.Table(tableOf(schema))
	if err != nil {
		return nil, errors.Join(err, db.abandon())
	}
	return &File{schema: schema, path: path, db: db, in: in, words: make([]boxes, len(schema.Columns))}, nil
}

// tableOf is the table that holds the rows of a schema.
func tableOf(schema *column.Schema) Table {
	t := Table{Name: schema.Table, Indexes: indexed(schema)}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		t.Columns = append(t.Columns, Column{Name: c.Name, Type: typeOf(c.Type), Null: c.Optional()})
	}
	return t
}

func typeOf(t column.Type) Type {
	switch t {
	case column.Int64, column.Int32:
		return Integer
	case column.Double:
		return Real
	case column.Binary:
		return Blob
	}
	return Text // texts, instants, lists
}

// joined is the column by which rows of other tables find their flow.
const joined = "flow_id"

// indexed are the columns that people look rows up by: the flow, and the first exact time.
func indexed(schema *column.Schema) (names []string) {
	timed := false
	for i := range schema.Columns {
		c := &schema.Columns[i]
		switch {
		case c.Name == joined:
			names = append(names, c.Name)
		case !timed && c.Role == column.Time && c.Type == column.Int64:
			timed = true
			names = append(names, c.Name)
		}
	}
	return names
}

// Write appends the rows of b, which it neither changes nor keeps. The first error is final.
func (f *File) Write(b *batch.Batch) error {
	switch {
	case f.closed:
		return fmt.Errorf("%w: table %s", ErrClosed, f.schema.Table)
	case f.err != nil:
		return f.err
	}
	if f.err = fit.Check(f.schema, b); f.err != nil {
		return f.err
	}
	for row := range b.Rows {
		for i := range b.Vectors {
			f.in.args[i].Value = f.value(i, &b.Vectors[i], row)
		}
		if f.err == nil {
			f.err = f.in.insert()
		}
		if f.err != nil {
			return f.err
		}
	}
	return nil
}

// value is row row of a vector as the driver takes it.
func (f *File) value(col int, v *batch.Vector, row int) driver.Value {
	if v.Null(row) {
		return nil
	}
	switch typ := f.schema.Columns[col].Type; typ {
	case column.Int64:
		return v.Int64[row]
	case column.Int32:
		return int64(v.Int32[row])
	case column.Double:
		return f.double(col, v.Float64[row])
	case column.Timestamp:
		f.buf = text.AppendTimestamp(f.buf[:0], v.Int64[row])
		return string(f.buf)
	case column.Binary:
		return []byte(v.String(row))
	case column.String, column.Text:
		if v.Dict != nil {
			return f.words[col].of(v.Dict)[v.Codes[row]]
		}
		return v.String(row)
	default:
		f.buf = text.AppendList(f.buf[:0], typ, v, row)
		return string(f.buf)
	}
}

func (f *File) double(col int, x float64) driver.Value {
	if math.IsNaN(x) && f.err == nil {
		f.err = fmt.Errorf("table %s: %s: %w", f.schema.Table, f.schema.Columns[col].Name, ErrNotNumber)
	}
	return x
}

// boxes keeps the words of a dictionary as the driver takes them, so that a row costs no
// allocation for them.
type boxes struct {
	words []string
	boxed []driver.Value
}

func (b *boxes) of(words []string) []driver.Value {
	if len(b.words) == 0 || len(words) < len(b.words) || &words[0] != &b.words[0] {
		b.boxed = b.boxed[:0]
	}
	for _, w := range words[len(b.boxed):] {
		b.boxed = append(b.boxed, w)
	}
	b.words = words
	return b.boxed
}

// Rows returns the number of rows accepted so far.
func (f *File) Rows() int64 { return f.in.Rows() }

// Close ends a table that Gather will take, or one that is alone. A second Close returns what
// the first did.
func (f *File) Close() error {
	if f.closed {
		return f.err
	}
	f.closed = true
	if f.err != nil {
		return errors.Join(f.err, f.db.abandon())
	}
	f.db.indexes = nil // Gather makes them
	f.err = f.db.Close()
	return f.err
}

// Abandon ends a table that is not wanted any more.
func (f *File) Abandon() {
	if !f.closed {
		f.closed, f.err = true, ErrClosed
		_ = f.db.abandon()
	}
}

// Gather completes the database in the file of the first table: it adds the others in their
// order, closes them, and adds what describes them and the pairs of meta. done is told of each
// of the others once its file is needed no longer; it may be nil.
func Gather(tables []*File, meta map[string]string, done func(i int)) error {
	first := tables[0]
	if first.closed || first.err != nil {
		return errors.Join(first.err, fmt.Errorf("%w: table %s", ErrClosed, first.schema.Table))
	}
	for i, f := range tables[1:] {
		err := f.Close()
		if err == nil {
			err = first.db.join(tableOf(f.schema), f.path)
		}
		if err != nil {
			first.Abandon()
			return err
		}
		if done != nil {
			done(i + 1)
		}
	}
	first.closed = true
	if first.err = describe(first.db, tables, meta); first.err != nil {
		return errors.Join(first.err, first.db.abandon())
	}
	first.err = first.db.Close()
	return first.err
}

// The tables that describe the others.
var (
	metaTable = Table{Name: "pcapmill_meta", Columns: []Column{
		{Name: "key", Type: Text}, {Name: "value", Type: Text},
	}}
	tablesTable = Table{Name: "pcapmill_tables", Columns: []Column{
		{Name: "table_name", Type: Text}, {Name: "schema_version", Type: Integer},
		{Name: "schema_sha256", Type: Text}, {Name: "row_count", Type: Integer},
	}}
	columnsTable = Table{Name: "pcapmill_columns", Columns: []Column{
		{Name: "table_name", Type: Text}, {Name: "position", Type: Integer}, {Name: "column_name", Type: Text},
		{Name: "type", Type: Text}, {Name: "unit", Type: Text}, {Name: "role", Type: Text}, {Name: "doc", Type: Text},
		{Name: "null_rule", Type: Text, Null: true}, {Name: "source", Type: Text, Null: true}, {Name: "feature_group", Type: Text},
	}}
)

func describe(db *Database, tables []*File, meta map[string]string) error {
	in, err := db.Table(metaTable)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if err := in.Insert(key, meta[key]); err != nil {
			return err
		}
	}
	if in, err = db.Table(tablesTable); err != nil {
		return err
	}
	for _, f := range tables {
		if err := in.Insert(f.schema.Table, int64(f.schema.Version), f.schema.Hash(), f.Rows()); err != nil {
			return err
		}
	}
	if in, err = db.Table(columnsTable); err != nil {
		return err
	}
	for _, f := range tables {
		if err := describeColumns(in, f.schema); err != nil {
			return err
		}
	}
	return nil
}

func describeColumns(in *Inserter, s *column.Schema) error {
	for i := range s.Columns {
		c := &s.Columns[i]
		err := in.Insert(s.Table, int64(i), c.Name, c.Type.String(), string(c.Unit), c.Role.String(), c.Doc, known(c.Null), known(c.Source), c.Group)
		if err != nil {
			return err
		}
	}
	return nil
}

// known is a text, or NULL where it is empty: never null, a definition of our own.
func known(s string) any {
	if s == "" {
		return nil
	}
	return s
}
