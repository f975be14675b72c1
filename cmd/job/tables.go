package job

import (
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/publish"
	"pcapmill/stages"
)

// tables are the sinks of a run, flows first. The goroutine that opens them closes
// them; in between each belongs to another.
type tables struct {
	o     *Options
	plan  *plan
	dir   *publish.Dir
	sinks []*parts.Writer // of formats whose tables are folders
	db    *database       // with FormatSQLite, instead

	streams  *streamStore // nil: they are not saved
	captures []*captureSink
	files    []manifest.File // those of the captures and the database, published
}

// Open implements stages.Sinks.
func (t *tables) Open(schema *column.Schema) (stages.Sink, error) {
	if t.o.Format == FormatSQLite {
		return t.openInDatabase(schema)
	}
	table, err := t.dir.Table(schema.Table)
	if err != nil {
		return nil, err
	}
	w := parts.New(table, schema, parts.Config{Format: t.o.Format, Parquet: t.o.Parquet, Meta: metaOf(t.plan), Long: len(t.sinks) > 0})
	t.sinks = append(t.sinks, w)
	return w, nil
}

// metaOf is what files say of the run, where their format has a place for it.
func metaOf(p *plan) map[string]string { return map[string]string{"plan_id": p.id} }

func (t *tables) openInDatabase(schema *column.Schema) (stages.Sink, error) {
	if t.db == nil {
		t.db = newDatabase(t.dir, t.plan)
	}
	return t.db.open(schema)
}

// Capture implements stages.Sinks.
func (t *tables) Capture(name string) (stages.PacketSink, error) {
	c, err := newCaptureSink(t.o, t.dir, name)
	if c != nil {
		t.captures = append(t.captures, c)
	}
	return c, err
}

// close publishes the last parts and the capture files.
func (t *tables) close() error {
	for _, c := range t.captures {
		done, err := c.close()
		if err != nil {
			return err
		}
		t.files = append(t.files, manifest.File(done))
	}
	for _, s := range t.sinks {
		if err := s.Close(); err != nil {
			return err
		}
	}
	if t.db != nil {
		done, err := t.db.publish()
		if err != nil {
			return err
		}
		t.files = append(t.files, manifest.File(done))
	}
	if t.streams != nil {
		return t.streams.close()
	}
	return nil
}

// abort removes open parts and capture files.
func (t *tables) abort() {
	for _, c := range t.captures {
		c.file.Abort()
	}
	for _, s := range t.sinks {
		s.Abort()
	}
	t.db.abort()
}

// entries are the tables' places in the manifest.
func (t *tables) entries() []manifest.Table {
	var list []manifest.Table
	for _, s := range t.sinks {
		list = append(list, s.Entry())
	}
	if t.db != nil {
		for _, s := range t.db.tables {
			list = append(list, s.entry())
		}
	}
	return list
}
