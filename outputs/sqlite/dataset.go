package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math"

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
	if d.schema(name) != nil || version < math.MinInt32 || version > math.MaxInt32 {
		return fmt.Errorf("%w: table %.60q is described twice, or of version %d", ErrFormat, name, version)
	}
	d.Schemas = append(d.Schemas, &column.Schema{Table: name, Version: int(version)})
	d.Hashes = append(d.Hashes, v[2].(string))
	d.Counts = append(d.Counts, v[3].(int64))
	return nil
}

func (d *DatasetReader) schema(table string) *column.Schema {
	for _, s := range d.Schemas {
		if s.Table == table {
			return s
		}
	}
	return nil
}

func (d *DatasetReader) addColumn(v []any) error {
	name := v[2].(string)
	s := d.schema(v[0].(string))
	typ, typed := column.TypeNamed(v[3].(string))
	role, hasRole := column.RoleNamed(v[5].(string))
	if s == nil || v[1].(int64) != int64(len(s.Columns)) || len(s.Columns) == maxColumns || !typed || !hasRole {
		return fmt.Errorf("%w: column %.60q of table %.60q is described as none can be", ErrFormat, name, v[0])
	}
	null, _ := v[7].(string)
	source, _ := v[8].(string)
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
