package job

import (
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/stages"
)

// tables are the sinks of a run, flows first. The goroutine that opens them closes
// them; in between each belongs to another.
type tables struct {
	o     *Options
	plan  *plan
	dir   *publish.Dir
	sinks []*sink   // of formats whose tables are folders
	db    *database // with FormatSQLite, instead

	streams  *streamStore // nil: they are not saved
	captures []*captureSink
	files    []manifest.File // those of the captures and the database, published
}

// Open implements stages.Sinks.
func (t *tables) Open(schema *column.Schema) (stages.Sink, error) {
	if t.o.Format == FormatSQLite {
		return t.openInDatabase(schema)
	}
	s, err := newSink(t.o, t.plan, t.dir, schema)
	if err == nil {
		s.long = len(t.sinks) > 0
		t.sinks = append(t.sinks, s)
	}
	return s, err
}

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
		if err := s.close(); err != nil {
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
		s.abort()
	}
	t.db.abort()
}

// entries are the tables' places in the manifest.
func (t *tables) entries() []manifest.Table {
	var list []manifest.Table
	for _, s := range t.sinks {
		list = append(list, s.entry())
	}
	if t.db != nil {
		for _, s := range t.db.tables {
			list = append(list, s.entry())
		}
	}
	return list
}
