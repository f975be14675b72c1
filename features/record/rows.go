package record

import (
	"math/bits"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// Rows collects the records of one shard until they are merged with those of the
// others. It belongs to one goroutine at a time.
type Rows struct {
	entries [][]Entry // per table, in the order in which they came
	bytes   []byte
	view    int64         // what the next rows are filed under
	of      *Conversation // that they are of; nil: of none

	row   int                           // where the open row begins
	cost  int                           // of the elements of the open list
	print func(dst, text []byte) []byte // of texts in the open list; nil: they are printable
	add   adders
	last  identity // of the latest row
}

// identity is what a flow_id is the hash of. Rows of one flow often follow each other.
type identity struct {
	key    flow.Key
	start  packet.Nanos
	repeat uint32
	id     int64 // 0: none yet
}

// flowID returns the flow_id of a flow.
func (r *Rows) flowID(f *flow.Row) int64 {
	if l := &r.last; l.id == 0 || l.start != f.StartTime || l.repeat != f.Repeat || l.key != f.Key {
		*l = identity{f.Key, f.StartTime, f.Repeat, f.ID()}
	}
	return r.last.id
}

// Entry locates one record.
type Entry struct {
	View       int64 // run-wide number of the View it was complete with
	Cost       int   // see nothingCost
	start, end int
}

// begin begins a row, to which put adds and which end ends.
func (r *Rows) begin(l *layout) {
	r.row = len(r.bytes)
	r.bytes = append(r.bytes, make([]byte, l.fixed)...)
}

// put adds the values that defs take out of m, the first of which is of that column,
// and returns what they come to.
func put[M any](r *Rows, defs []Def[M], l *layout, first int, m *M) int {
	cost, slots := 0, l.slots[first:first+len(defs)]
	for i := 0; i < len(defs); i++ {
		at := first + i
		if p := defs[i].part; p != nil {
			cost += p.put(m, r, l, at)
			i += p.columns - 1
			continue
		}
		c := defs[i].put(m, r, r.row+slots[i].at)
		known := byte(uint(nothingCost-c) >> (bits.UintSize - 1)) // 1 where it costs more than nothing
		r.bytes[r.row+at>>3] |= known << (at & 7)
		cost += c
	}
	return cost
}

// end files the row among those of a table.
func (r *Rows) end(table int, view int64, cost int) {
	for len(r.entries) <= table {
		r.entries = append(r.entries, nil)
	}
	r.entries[table] = append(r.entries[table], Entry{view, cost, r.row, len(r.bytes)})
}

// pay makes the flow pay for the row of a table that ended last, and drops it where it
// cannot.
func (r *Rows) pay(table int) {
	last := len(r.entries[table]) - 1
	if r.of != nil && !r.of.pay(r.entries[table][last].Cost) {
		r.bytes, r.entries[table] = r.bytes[:r.row], r.entries[table][:last]
	}
}

// At files what is added next under a View, which is of a flow.
func (r *Rows) At(view int64, of *Conversation) { r.view, r.of = view, of }

// Of returns the entries of a table.
func (r *Rows) Of(table int) []Entry {
	if table >= len(r.entries) {
		return nil
	}
	return r.entries[table]
}

// Len returns the number of records.
func (r *Rows) Len() int {
	n := 0
	for _, entries := range r.entries {
		n += len(entries)
	}
	return n
}

// Row returns the record of an entry, which the Rows own.
func (r *Rows) Row(e *Entry) []byte { return r.bytes[e.start:e.end] }

// Touch reads a byte of each cache line of a row, and returns what they add up to. Rows
// that another processor wrote come faster in the order in which they lie in memory than
// in the one in which they are taken.
func Touch(row []byte) uint64 {
	const line = 64
	sum := uint64(0)
	for at := 0; at < len(row); at += line {
		sum += uint64(row[at])
	}
	return sum
}

// Reset empties the Rows, keeping memory of an ordinary size.
func (r *Rows) Reset() {
	const ordinary = 2 << 20
	for i := range r.entries {
		r.entries[i] = r.entries[i][:0]
	}
	r.bytes, r.of = r.bytes[:0], nil
	if cap(r.bytes) > ordinary {
		r.bytes, r.entries = nil, nil
	}
}
