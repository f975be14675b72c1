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
	sinks []*sink

	streams  *streamStore // nil: they are not saved
	captures []*captureSink
	files    []manifest.File // those of the captures, published
}

// Open implements stages.Sinks.
func (t *tables) Open(schema *column.Schema) (stages.Sink, error) {
	s, err := newSink(t.o, t.plan, t.dir, schema)
	if err == nil {
		s.long = len(t.sinks) > 0
		t.sinks = append(t.sinks, s)
	}
	return s, err
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
}

// entries are the tables' places in the manifest.
func (t *tables) entries() []manifest.Table {
	list := make([]manifest.Table, len(t.sinks))
	for i, s := range t.sinks {
		list[i] = s.entry()
	}
	return list
}
