package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math"
	"slices"

	"pcapmill/features/column"
)

// DatasetReader reads the database of a dataset.
type DatasetReader struct {
	*Reader
	Meta    map[string]string
	Schemas []*column.Schema // in the order of the file
	Hashes  []string         // of the schemas, as the file says: compare with Schema.Hash
	Counts  []int64          // of rows, as the file says: compare with Rows
}

// What the tables that describe others may come to: 1,000 tables of 2,000 columns, the most
// that SQLite allows.
const (
	maxTables  = 1000
	maxColumns = 2000
	maxMeta    = 1000
)

// OpenDataset opens a database of size bytes that Gather completed. The schema of each table
// is taken from its description and must be what SQLite has. Errors are those of Open. The
// caller closes the reader, then r.
func OpenDataset(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (*DatasetReader, error) {
	d, err := describedIn(ctx, r, size, limits)
	if err != nil {
		return nil, err
	}
	if err := d.quickCheck(ctx); err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// describedIn opens a database without a look at its pages.
func describedIn(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (*DatasetReader, error) {
	inner, err := open(ctx, r, size, Dataset, limits)
	if err != nil {
		return nil, err
	}
	d := &DatasetReader{Reader: inner, Meta: map[string]string{}}
	if err := d.read(ctx); err != nil {
		_ = inner.Close()
		return nil, err
	}
	return d, nil
}

func (d *DatasetReader) read(ctx context.Context) error {
	// Before anything is read, what it is read from must be a table and no view.
	if err := d.plain(ctx, metaTable, tablesTable, columnsTable); err != nil {
		return err
	}
	described := 0
	for _, part := range []struct {
		table Table
		most  int
		add   func(v []any) error
	}{
		{metaTable, maxMeta, d.addMeta},
		{tablesTable, maxTables, d.addTable},
		{columnsTable, maxTables * maxColumns, d.addColumn},
	} {
		n := 0
		err := d.eachOf(ctx, &part.table, part.table.names(), func(v []any) error {
			if n++; n > part.most {
				return fmt.Errorf("%w: more than %d rows in %s", ErrFormat, part.most, part.table.Name)
			}
			return part.add(v)
		})
		if err != nil {
			return err
		}
		described = n
	}
	tables := []Table{metaTable, tablesTable, columnsTable}
	for _, s := range d.Schemas {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrFormat, err)
		}
		described -= len(s.Columns)
		tables = append(tables, tableOf(s))
	}
	if described != 0 {
		return fmt.Errorf("%w: columns of a table that is not there", ErrFormat)
	}
	return d.expect(ctx, tables)
}

// Check opens a database that Gather completed as a reader would, and compares its
// description with the tables that it was made of. It counts no rows: SQLite would go over
// every page for that.
func Check(r io.ReaderAt, size int64, tables []*File) error {
	d, err := describedIn(context.Background(), r, size, DefaultLimits())
	if err != nil {
		return err
	}
	defer d.Close()
	for i, f := range tables {
		if len(d.Schemas) != len(tables) || d.Schemas[i].Hash() != f.schema.Hash() || d.Counts[i] != f.Rows() {
			return fmt.Errorf("%w: table %s is not as it was written", ErrFormat, f.schema.Table)
		}
	}
	return nil
}

// plain reports tables that are not what they should be.
func (d *DatasetReader) plain(ctx context.Context, tables ...Table) error {
	there := map[string]string{}
	err := d.query(ctx, "SELECT name, ifnull(sql, '') FROM sqlite_schema WHERE type = 'table' AND name LIKE 'pcapmill!_%' ESCAPE '!' LIMIT 10", func(rows *sql.Rows) error {
		var name, statement string
		err := rows.Scan(&name, &statement)
		there[name] = statement
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range tables {
		if there[t.Name] != t.createSQL() {
			return fmt.Errorf("%w: it has no table %s as pcapmill makes it", ErrFormat, t.Name)
		}
	}
	return nil
}

func (d *DatasetReader) addMeta(v []any) error {
	d.Meta[v[0].(string)] = v[1].(string)
	return nil
}

func (d *DatasetReader) addTable(v []any) error {
	name, version := v[0].(string), v[1].(int64)
	if d.Index(name) >= 0 || version < math.MinInt32 || version > math.MaxInt32 {
		return fmt.Errorf("%w: table %.60q is described twice, or of version %d", ErrFormat, name, version)
	}
	d.Schemas = append(d.Schemas, &column.Schema{Table: name, Version: int(version)})
	d.Hashes = append(d.Hashes, v[2].(string))
	d.Counts = append(d.Counts, v[3].(int64))
	return nil
}

// Index returns the position of a table in Schemas, or -1.
func (d *DatasetReader) Index(table string) int {
	return slices.IndexFunc(d.Schemas, func(s *column.Schema) bool { return s.Table == table })
}

func (d *DatasetReader) addColumn(v []any) error {
	name := v[2].(string)
	i := d.Index(v[0].(string))
	typ, typed := column.TypeNamed(v[3].(string))
	role, hasRole := column.RoleNamed(v[5].(string))
	if i < 0 || v[1].(int64) != int64(len(d.Schemas[i].Columns)) || len(d.Schemas[i].Columns) == maxColumns || !typed || !hasRole {
		return fmt.Errorf("%w: column %.60q of table %.60q is described as none can be", ErrFormat, name, v[0])
	}
	null, _ := v[7].(string)
	source, _ := v[8].(string)
	s := d.Schemas[i]
	s.Columns = append(s.Columns, column.Column{
		Name: name, Type: typ, Unit: column.Unit(v[4].(string)), Role: role,
		Doc: v[6].(string), Null: null, Source: source, Group: v[9].(string),
	})
	return nil
}

// Columns calls row for the values of some columns of a table, in the order of rows; see
// Reader.Each.
func (d *DatasetReader) Columns(ctx context.Context, table string, names []string, row func(values []any) error) error {
	t, ok := d.tables[table]
	if !ok {
		return fmt.Errorf("there is no table %q", table)
	}
	return d.eachOf(ctx, &t, names, row)
}
