package record

// Rows collects the records of one shard, encoded, until they are merged with those of
// the others. It belongs to one goroutine at a time.
type Rows struct {
	Entries []Entry
	bytes   []byte
	view    int64         // what the next rows are filed under
	of      *Conversation // that they are of; nil: of none
	scratch scratch
}

// Entry locates one encoded record.
type Entry struct {
	View       int64 // run-wide number of the View it was complete with
	Table      int   // among Tables.Schemas
	start, end int
}

// begin begins a record of a table, to which encode adds and which end ends.
func (r *Rows) begin(table int, view int64) {
	r.Entries = append(r.Entries, Entry{View: view, Table: table, start: len(r.bytes)})
}

// encode adds the values that defs take out of m.
func encode[M any](r *Rows, defs []Def[M], m *M) {
	r.scratch.prepare()
	for i := range defs {
		r.bytes = defs[i].appendTo(r.bytes, m, &r.scratch)
	}
}

func (r *Rows) end() { r.Entries[len(r.Entries)-1].end = len(r.bytes) }

// pay makes the flow pay for the record that ended last, and drops it where it cannot.
func (r *Rows) pay() {
	last := len(r.Entries) - 1
	if e := &r.Entries[last]; r.of != nil && !r.of.pay(e.end-e.start) {
		r.bytes, r.Entries = r.bytes[:e.start], r.Entries[:last]
	}
}

// At files what is added next under a View, which is of a flow.
func (r *Rows) At(view int64, of *Conversation) { r.view, r.of = view, of }

// Row returns the encoded record of an entry, which the Rows own.
func (r *Rows) Row(e *Entry) []byte { return r.bytes[e.start:e.end] }

// Reset empties the Rows, keeping memory of an ordinary size.
func (r *Rows) Reset() {
	const ordinary = 2 << 20
	r.Entries, r.bytes, r.of = r.Entries[:0], r.bytes[:0], nil
	if cap(r.bytes) > ordinary {
		r.bytes = nil
	}
}
