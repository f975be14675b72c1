package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
	"modernc.org/sqlite/vfs"
)

// Limits bound what a reader takes of a database that anyone may have written.
type Limits struct {
	Bytes int64 // of the file
	Rows  int64 // of one table
	Value int   // bytes of one text or blob, and of one row
}

// DefaultLimits allow what a run writes of a large capture.
func DefaultLimits() Limits { return Limits{Bytes: 1 << 42, Rows: 1 << 40, Value: 16 << 20} }

// Validate reports limits under which nothing could be read.
func (l Limits) Validate() error {
	if l.Bytes < 1 || l.Rows < 1 || l.Value < 1 || l.Value > math.MaxInt32 {
		return fmt.Errorf("limits of %d bytes, %d rows, %d bytes a value", l.Bytes, l.Rows, l.Value)
	}
	return nil
}

// Reader reads a database; see the package comment for what it guards against. It belongs to
// one goroutine.
type Reader struct {
	limits  Limits
	file    *os.File // where Open opened it
	files   *vfs.FS
	db      *sql.DB
	conn    *sql.Conn
	version int32
	tables  map[string]Table
}

// Open opens the file name, which must hold the tables and nothing else, and goes over all its
// pages. The error is ErrFormat, ErrNewer, ErrLimit, the context's, or the system's.
func Open(ctx context.Context, name string, id Identity, tables []Table, limits Limits) (*Reader, error) {
	info, err := os.Lstat(name) // opening a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: it is no regular file", name, ErrFormat)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r, err := open(ctx, file, info.Size(), id, limits)
	if err == nil {
		r.file = file
		err = r.expect(ctx, tables)
		if err == nil {
			err = r.quickCheck(ctx)
		}
	} else {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(err, r.Close()))
	}
	return r, nil
}

// open connects to a database of size bytes and checks its header; its schema is still to be
// checked by expect. A reader comes without error alone.
func open(ctx context.Context, source io.ReaderAt, size int64, id Identity, limits Limits) (*Reader, error) {
	if err := limits.Validate(); err != nil {
		return nil, err
	}
	version, err := checkHeader(source, size, id.Application)
	switch {
	case err != nil:
		return nil, err
	case version > id.Version:
		return nil, fmt.Errorf("%w: version %d, known is %d", ErrNewer, version, id.Version)
	case version < 1:
		return nil, fmt.Errorf("%w: version %d", ErrFormat, version)
	case size > limits.Bytes:
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrLimit, size, limits.Bytes)
	}
	r := &Reader{limits: limits, version: version}
	if err := r.connect(ctx, source, size); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Reader) connect(ctx context.Context, source io.ReaderAt, size int64) error {
	name, files, err := vfs.New(oneFile{source, size})
	if err != nil {
		return err
	}
	r.files = files
	if r.db, err = sql.Open("sqlite", "file:"+onlyName+"?mode=ro&immutable=1&vfs="+name); err != nil {
		return explain(err)
	}
	r.db.SetMaxOpenConns(1)
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return explain(err)
	}
	for _, l := range []struct{ id, value int }{
		{lib.SQLITE_LIMIT_LENGTH, r.limits.Value}, {lib.SQLITE_LIMIT_ATTACHED, 0},
		{lib.SQLITE_LIMIT_TRIGGER_DEPTH, 0}, {lib.SQLITE_LIMIT_EXPR_DEPTH, 10}, {lib.SQLITE_LIMIT_WORKER_THREADS, 0},
	} {
		if _, err := sqlite.Limit(r.conn, l.id, l.value); err != nil {
			return err
		}
	}
	for _, pragma := range []string{"trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"} {
		if _, err := r.conn.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return explain(err)
		}
	}
	return nil
}

// Version is the layout's, not above that of the Identity that was asked for.
func (r *Reader) Version() int32 { return r.version }

// expect reports a schema other than that of the tables.
func (r *Reader) expect(ctx context.Context, tables []Table) error {
	want := map[string]string{} // statement by kind and name
	r.tables = map[string]Table{}
	for _, t := range tables {
		want["table "+t.Name] = t.createSQL()
		for _, column := range t.Indexes {
			want["index "+t.indexName(column)] = t.indexSQL(column)
		}
		r.tables[t.Name] = t
	}
	there := 0
	err := r.query(ctx, "SELECT type, name, ifnull(sql, '') FROM sqlite_schema", func(rows *sql.Rows) error {
		var kind, name, statement string
		if err := rows.Scan(&kind, &name, &statement); err != nil {
			return err
		}
		if there++; want[kind+" "+name] != statement {
			return fmt.Errorf("%w: the %s %.60q is another or too many", ErrFormat, kind, name)
		}
		return nil
	})
	if err == nil && there != len(want) {
		err = fmt.Errorf("%w: %d of %d tables and indexes", ErrFormat, there, len(want))
	}
	return err
}

// quickCheck goes over every page.
func (r *Reader) quickCheck(ctx context.Context) error {
	return r.query(ctx, "PRAGMA quick_check(1)", func(rows *sql.Rows) error {
		var found string
		if err := rows.Scan(&found); err != nil {
			return err
		}
		if found != "ok" {
			return fmt.Errorf("%w: it is damaged: %.200q", ErrFormat, found)
		}
		return nil
	})
}

// query calls each for every row of an answer.
func (r *Reader) query(ctx context.Context, query string, each func(*sql.Rows) error) error {
	rows, err := r.conn.QueryContext(ctx, query)
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return explain(err)
		}
	}
	return explain(rows.Err())
}

// Rows counts the rows of a table.
func (r *Reader) Rows(ctx context.Context, table string) (n int64, err error) {
	err = r.query(ctx, "SELECT count(*) FROM "+quote(table), func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

// Each calls row for the rows of a table in their order, with the values of all its columns:
// int64, float64, string, []byte or nil, as the columns say. The slice and its values are good
// until row returns.
func (r *Reader) Each(ctx context.Context, table string, row func(values []any) error) error {
	t, ok := r.tables[table]
	if !ok {
		return fmt.Errorf("table %q is not among those that were opened", table)
	}
	return r.eachOf(ctx, &t, t.names(), row)
}

// eachOf reads some columns of a table.
func (r *Reader) eachOf(ctx context.Context, t *Table, names []string, row func(values []any) error) error {
	columns, err := t.pick(names)
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	n := int64(0)
	return r.query(ctx, t.selectSQL(names), func(rows *sql.Rows) error {
		if n++; n > r.limits.Rows {
			return fmt.Errorf("%w: table %s has more than %d rows", ErrLimit, t.Name, r.limits.Rows)
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range columns {
			if b, ok := values[i].([]byte); ok && b == nil { // how the driver says that there are no bytes
				values[i] = []byte{}
			}
			if !columns[i].holds(values[i]) {
				return fmt.Errorf("%w: %s.%s has %T in row %d", ErrFormat, t.Name, columns[i].Name, values[i], n)
			}
		}
		return row(values)
	})
}

// Close ends the reading.
func (r *Reader) Close() error {
	if r == nil {
		return nil
	}
	var errs []error
	if r.conn != nil {
		errs = append(errs, r.conn.Close())
	}
	if r.db != nil {
		errs = append(errs, r.db.Close())
	}
	if r.files != nil {
		errs = append(errs, r.files.Close())
	}
	if r.file != nil {
		errs = append(errs, r.file.Close())
	}
	*r = Reader{}
	return errors.Join(errs...)
}

// onlyName is what the library calls the one file there is.
const onlyName = "tables"

// oneFile shows an open file to the library as a file system that has nothing else.
type oneFile struct {
	source io.ReaderAt
	size   int64
}

// Open implements fs.FS.
func (f oneFile) Open(name string) (fs.File, error) {
	if name != onlyName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openFile{io.NewSectionReader(f.source, 0, f.size)}, nil
}

// openFile is the file; its methods are those the library asks for.
type openFile struct{ *io.SectionReader }

func (f *openFile) Close() error               { return nil }
func (f *openFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *openFile) Name() string               { return onlyName }
func (f *openFile) Mode() fs.FileMode          { return 0o400 }
func (f *openFile) ModTime() time.Time         { return time.Time{} }
func (f *openFile) IsDir() bool                { return false }
func (f *openFile) Sys() any                   { return nil }
