package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"os"

	"pcapmill/outputs/publish"
)

// Identity is what the header of a database says of its content.
type Identity struct {
	Application int32 // application_id: whose file it is
	Version     int32 // user_version: of the layout, 1 and up
}

// Database is a database in the making. It belongs to one goroutine. Nothing is in the file
// for certain before Close, and a file whose writing failed is good for nothing.
type Database struct {
	h       handle
	indexes []string // statements, for the end
	open    *Inserter
	closed  bool
}

// Save writes a database in place of the file name, which readers see whole, old or new: it has
// a temporary name until it is finished, durable and was opened again. What is there and no
// regular file is refused. The mode is 0600.
func Save(name string, id Identity, write func(*Database) error) (publish.Published, error) {
	return publish.ReplaceOutside(name, func(path string) error {
		d, err := Create(path, id)
		if err != nil {
			return err
		}
		if err := write(d); err != nil {
			return errors.Join(err, d.abandon())
		}
		return d.Close()
	}, CheckHeader)
}

// Create starts a database in a file that is empty or, with mode 0600, made. It does no more:
// see Save for a file that others look at.
func Create(path string, id Identity) (*Database, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if info.Size() > 0 {
		return nil, fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	h, err := openHandle(path)
	if err != nil {
		return nil, err
	}
	d := &Database{h: h}
	for _, query := range []string{
		fmt.Sprintf("PRAGMA application_id=%d", id.Application),
		fmt.Sprintf("PRAGMA user_version=%d", id.Version),
		"BEGIN EXCLUSIVE", // one transaction: without a journal nothing could be taken back
	} {
		if err := h.exec(query); err != nil {
			return nil, errors.Join(err, d.abandon())
		}
	}
	return d, nil
}

// Table makes a table and returns what fills it. The one before is finished by that.
func (d *Database) Table(t Table) (*Inserter, error) {
	if d.closed {
		return nil, fmt.Errorf("%w: table %s", ErrClosed, t.Name)
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	if err := d.finishTable(); err != nil {
		return nil, err
	}
	if err := d.h.exec(t.createSQL()); err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	stmt, err := d.h.prepare(t.insertSQL())
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	d.addIndexes(&t)
	d.open = newInserter(t, stmt)
	return d.open, nil
}

func (d *Database) addIndexes(t *Table) {
	for _, column := range t.Indexes {
		d.indexes = append(d.indexes, t.indexSQL(column))
	}
}

func (d *Database) finishTable() error {
	if d.open == nil {
		return nil
	}
	err := d.open.finish()
	d.open = nil
	return err
}

// join copies the table t of the database at path, which must be closed, behind those that
// are here. Pages of rows are copied as they are.
func (d *Database) join(t Table, path string) error {
	if err := d.finishTable(); err != nil {
		return err
	}
	// A database can neither come nor go within a transaction.
	for _, step := range []struct {
		query string
		args  []driver.NamedValue
	}{
		{"COMMIT", nil},
		{"ATTACH ? AS part", []driver.NamedValue{{Ordinal: 1, Value: location(path) + "?mode=ro&immutable=1"}}},
		{"BEGIN EXCLUSIVE", nil},
		{t.createSQL(), nil},
		{fmt.Sprintf("INSERT INTO main.%[1]s SELECT * FROM part.%[1]s", quote(t.Name)), nil},
		{"COMMIT", nil},
		{"DETACH part", nil},
		{"BEGIN EXCLUSIVE", nil},
	} {
		if err := d.h.exec(step.query, step.args...); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	d.addIndexes(&t)
	return nil
}

// Close makes the indexes and ends the writing. A second Close does nothing.
func (d *Database) Close() error {
	if d.closed {
		return nil
	}
	if err := d.finish(); err != nil {
		return errors.Join(err, d.abandon())
	}
	d.closed = true
	return d.h.close()
}

func (d *Database) finish() error {
	if err := d.finishTable(); err != nil {
		return err
	}
	for _, query := range d.indexes {
		if err := d.h.exec(query); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return d.h.exec("COMMIT")
}

// abandon ends the use of a file that is good for nothing.
func (d *Database) abandon() error {
	if d.closed {
		return nil
	}
	d.closed = true
	return errors.Join(d.finishTable(), d.h.close())
}

// Inserter fills one table, row after row.
type Inserter struct {
	table Table
	stmt  driver.StmtExecContext
	args  []driver.NamedValue
	rows  int64
}

func newInserter(t Table, stmt driver.StmtExecContext) *Inserter {
	in := &Inserter{table: t, stmt: stmt, args: make([]driver.NamedValue, len(t.Columns))}
	for i := range in.args {
		in.args[i].Ordinal = i + 1
	}
	return in
}

// Insert appends a row of int64, float64, string, []byte and nil, one a column. It keeps none
// of them.
func (in *Inserter) Insert(values ...any) error {
	if len(values) != len(in.args) {
		return fmt.Errorf("table %s: %d values for %d columns", in.table.Name, len(values), len(in.args))
	}
	for i, v := range values {
		if err := in.fits(i, v); err != nil {
			return err
		}
		in.args[i].Value = v
	}
	return in.insert()
}

// fits reports a value that is not of the column's type: SQLite would convert some.
func (in *Inserter) fits(i int, v any) error {
	c := &in.table.Columns[i]
	if !c.holds(v) {
		return fmt.Errorf("table %s: %s: %T is no value of %s", in.table.Name, c.Name, v, c.Type)
	}
	if x, ok := v.(float64); ok && math.IsNaN(x) {
		return fmt.Errorf("table %s: %s: %w", in.table.Name, c.Name, ErrNotNumber)
	}
	return nil
}

// insert appends the row that is in args.
func (in *Inserter) insert() error {
	if in.stmt == nil {
		return fmt.Errorf("%w: table %s", ErrClosed, in.table.Name)
	}
	if _, err := in.stmt.ExecContext(context.Background(), in.args); err != nil {
		return fmt.Errorf("table %s: row %d: %w", in.table.Name, in.rows+1, explain(err))
	}
	in.rows++
	return nil
}

// Rows returns how many rows were appended.
func (in *Inserter) Rows() int64 { return in.rows }

func (in *Inserter) finish() error {
	if in.stmt == nil {
		return nil
	}
	err := in.stmt.(driver.Stmt).Close()
	in.stmt, in.args = nil, nil
	return explain(err)
}
