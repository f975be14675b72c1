package record

// Rows collects the records of one shard, encoded, until they are merged with those of
// the others. It belongs to one goroutine at a time.
type Rows struct {
	Entries []Entry
	bytes   []byte
	at      Entry // what the next row is filed under
	scratch scratch
}

// Entry locates one encoded record.
type Entry struct {
	View       int64 // run-wide number of the View it was complete with
	Protocol   int   // index of its table
	start, end int
}

// At files what is added next under a View and a table.
func (r *Rows) At(view int64, protocol int) { r.at = Entry{View: view, Protocol: protocol} }

// Row returns the encoded record of an entry, which the Rows own.
func (r *Rows) Row(e *Entry) []byte { return r.bytes[e.start:e.end] }

// Reset empties the Rows, keeping memory of an ordinary size.
func (r *Rows) Reset() {
	const ordinary = 1 << 20
	r.Entries, r.bytes = r.Entries[:0], r.bytes[:0]
	if cap(r.bytes) > ordinary {
		r.bytes = nil
	}
}
