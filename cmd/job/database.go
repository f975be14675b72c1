package job

import (
	"fmt"
	"io"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/sqlite"
	"pcapmill/outputs/text"
)

// databaseName is the file that has all tables with --format sqlite.
const databaseName = "tables." + FormatSQLite

// database is that file in the making. Tables are opened and gathered by one goroutine; in
// between each belongs to another.
type database struct {
	dir    *publish.Dir
	meta   map[string]string
	file   *publish.Outside
	tables []*databaseTable
	done   bool // nothing is left of the tables' files
}

// databaseTable is one of its tables.
type databaseTable struct {
	db     *database
	schema *column.Schema
	file   *publish.Outside // where its rows are until they are gathered; the first table's is the database
	writer *sqlite.File
}

func newDatabase(dir *publish.Dir, p *plan) *database {
	return &database{dir: dir, meta: metaOf(p)}
}

// open starts a table.
func (d *database) open(schema *column.Schema) (*databaseTable, error) {
	t := &databaseTable{db: d, schema: schema}
	var err error
	if d.file == nil {
		d.file, err = d.dir.CreateOutside(databaseName)
		t.file = d.file
	} else {
		t.file, err = d.dir.Scratch()
	}
	if err != nil {
		return nil, err
	}
	d.tables = append(d.tables, t)
	t.writer, err = sqlite.NewFile(t.file.Path(), schema)
	return t, d.named(err)
}

// named says of an error which file it is about: what SQLite writes has a temporary name.
func (d *database) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s: %w", text.Escape(d.file.Name()), err)
}

// Write implements stages.Sink.
func (t *databaseTable) Write(b *batch.Batch) error { return t.db.named(t.writer.Write(b)) }

// publish gathers the tables and puts the database in place.
func (d *database) publish() (publish.Published, error) {
	writers := make([]*sqlite.File, len(d.tables))
	for i, t := range d.tables {
		writers[i] = t.writer
	}
	err := sqlite.Gather(writers, d.meta, func(i int) { d.tables[i].file.Abort() })
	if err != nil {
		return publish.Published{}, d.named(err)
	}
	d.done = true
	return d.file.Commit(func(r io.ReaderAt, size int64) error { return sqlite.Check(r, size, writers) })
}

// abort removes what is there of a database that is not published.
func (d *database) abort() {
	if d == nil || d.file == nil {
		return
	}
	for _, t := range d.tables {
		if t.writer != nil && !d.done {
			t.writer.Abandon()
		}
		t.file.Abort()
	}
}

// entry is the table's place in the manifest.
func (t *databaseTable) entry() manifest.Table {
	return manifest.Table{Name: t.schema.Table, SchemaSHA256: t.schema.Hash(), Rows: t.writer.Rows(), File: databaseName}
}
