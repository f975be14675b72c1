package parts

import (
	"sync"

	"pcapmill/outputs/parquetfile"
)

// Spare keeps the encoders of parts that are done for the parts to come of the same tables: where
// parts are short, making encoders costs as much as using them. All Writers that have it must be of
// one plan, so that a table's parts are alike. The zero value has none; a nil one keeps none. Its
// methods may be called from several goroutines.
type Spare struct {
	mu    sync.Mutex
	files map[string]*parquetfile.File // one a table
}

// take returns the encoder of a table, or nil.
func (s *Spare) take(table string) *parquetfile.File {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[table]
	delete(s.files, table)
	return f
}

// keep takes the encoder of a part that has its name.
func (s *Spare) keep(table string, e encoder) {
	f, reusable := e.(*parquetfile.File)
	if s == nil || !reusable {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = make(map[string]*parquetfile.File)
	}
	s.files[table] = f
}

// Drop gives up what is kept, for its memory.
func (s *Spare) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = nil
}
