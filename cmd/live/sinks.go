package live

import (
	"fmt"
	"sync"

	"pcapmill/cmd/job"
	"pcapmill/features/column"
	"pcapmill/features/window/table"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/parts"
	"pcapmill/stages"
)

// sinks take the rows of one commit. The goroutine that opens and closes them is one; in between
// each belongs to another.
type sinks struct {
	a       *analysis
	name    livefolder.PartName // of its parts, but for table and format
	again   bool                // parts are written to be compared
	all     bool                // tables without a row have a part, too
	mu      sync.Mutex
	writers []*parts.Writer
}

// Open implements stages.Sinks.
func (s *sinks) Open(schema *column.Schema) (stages.Sink, error) { return s.open(schema), nil }

func (s *sinks) open(schema *column.Schema) *parts.Writer {
	name := s.name
	name.Table = schema.Table
	c := s.a.o.Job.Parts(s.a.plan, schema.Table == flowsTable)
	c.Spare = &s.a.spare
	w := parts.New(&livefolder.Table{Folder: s.a.folder, Name: name, Again: s.again}, schema, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writers = append(s.writers, w)
	return w
}

// flowsTable is the first table of a plan.
const flowsTable = "flows"

// Capture implements stages.Sinks; see job.Options.Steady.
func (s *sinks) Capture(name string) (stages.PacketSink, error) {
	return nil, fmt.Errorf("live tables have no %s", name)
}

// gaps writes the rows of the table of gaps.
func (s *sinks) gaps(rows []gap) error {
	w := s.open(GapsSchema())
	out := table.NewWriter(w.Schema(), gapColumns(), w.Write)
	for i := range rows {
		if rows[i].segment == 0 {
			rows[i].segment = s.name.Number
		}
		if err := out.Add(rows[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}

// closers is how many parts are finished at once. Most of it is waiting for the disk, which does
// several at once nearly as soon as one.
const closers = 4

// close publishes the last parts and returns all of them, in the order of the plan.
func (s *sinks) close() ([]livefolder.Part, error) {
	var wait sync.WaitGroup
	errs, slots := make([]error, len(s.writers)), make(chan struct{}, closers)
	for i, w := range s.writers {
		if w.Empty() && !s.all {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() { errs[i] = w.Close(); <-slots })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil { // the others are of the same disk
			return nil, &job.Error{Exit: job.ExitOutput, Err: err}
		}
	}
	var all []livefolder.Part
	for _, w := range s.writers {
		for _, p := range w.Parts() {
			all = append(all, livefolder.Part{Name: w.Schema().Table, Path: p.Path, Rows: p.Rows, Bytes: p.Bytes, SHA256: p.SHA256})
		}
	}
	return all, nil
}

// abort removes open parts.
func (s *sinks) abort() {
	for _, w := range s.writers {
		w.Abort()
	}
}
