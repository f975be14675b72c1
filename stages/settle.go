package stages

import (
	"math/bits"
	"slices"
)

// ended is a flow that waits to be sent.
type ended struct {
	at order
	id uint32
}

// compareEnded compares two rows, no two of which share a place.
func compareEnded(a, b ended) int { return a.compareTo(b.at) }

// compareTo says on which side of a place a row lies; one at the place is behind it.
func (e ended) compareTo(at order) int {
	if e.at.less(at) {
		return -1
	}
	return 1
}

// endedRows are ended flows in the order of the table, as of the last sort.
type endedRows struct {
	rows  []ended
	keys  []uint64 `snapshot:"-"` // memory of sort
	spare []ended  `snapshot:"-"`
}

// sort sorts the rows. What is nearly always all of their order, the close instant,
// and a row's place fit into one integer, and integers sort several times faster.
func (e *endedRows) sort() {
	width := bits.Len(uint(len(e.rows)))
	first, ok := e.span(width)
	if !ok {
		slices.SortFunc(e.rows, compareEnded)
		return
	}
	keys, sorted := e.keys[:0], e.spare[:0]
	for i := range e.rows {
		keys = append(keys, uint64(e.rows[i].at.close-first)<<width|uint64(i))
	}
	slices.Sort(keys)
	for _, k := range keys {
		sorted = append(sorted, e.rows[k&(1<<width-1)])
	}
	e.keys, e.rows, e.spare = keys, sorted, e.rows
	e.sortTies()
}

// span returns the earliest close instant, and whether the others, counted from it,
// leave width bits of an integer.
func (e *endedRows) span(width int) (first int64, ok bool) {
	if len(e.rows) == 0 {
		return 0, false
	}
	first = e.rows[0].at.close
	last, epoch := first, e.rows[0].at.epoch
	for i := range e.rows {
		at := &e.rows[i].at
		if at.epoch != epoch {
			return 0, false
		}
		first, last = min(first, at.close), max(last, at.close)
	}
	return first, bits.Len64(uint64(last)-uint64(first))+width <= 64
}

// sortTies sorts rows of the same close instant by the rest of their order.
func (e *endedRows) sortTies() {
	for i := 0; i < len(e.rows); {
		j := i + 1
		for j < len(e.rows) && e.rows[j].at.close == e.rows[i].at.close {
			j++
		}
		if j-i > 1 {
			slices.SortFunc(e.rows[i:j], compareEnded)
		}
		i = j
	}
}

// settle sorts the ended rows and makes those before upTo ready.
func (t *flowTable) settle(upTo order) {
	t.pending.sort()
	t.ready, _ = slices.BinarySearchFunc(t.pending.rows, upTo, ended.compareTo)
	t.upTo = upTo
}

// take moves up to chunkRows ready rows into a chunk; more says whether others
// are left.
func (t *flowTable) take() (c chunk, more bool) {
	n := min(t.ready, chunkRows)
	if n > 0 {
		c = chunk{rows: t.home.collect(&t.arena), home: &t.home}
	}
	c.upTo = t.upTo
	c.reports, t.reports = t.reports, nil
	c.names = sorted(t.names) // a flow's packets are handled together
	clear(t.names)
	t.names = t.names[:0]
	for _, e := range t.pending.rows[t.taken : t.taken+n] {
		row := endedRow{at: e.at, row: t.arena.row(e.id), id: e.id}
		if t.arena.first > 0 {
			row.extra = t.arena.extra(e.id)
		}
		if t.arena.hears {
			row.app = *t.arena.app(e.id)
			*t.arena.app(e.id) = nil
		}
		c.rows = append(c.rows, row)
	}
	t.ready -= n
	t.taken += n
	if t.ready > 0 {
		c.upTo = t.pending.rows[t.taken].at
		return c, true
	}
	t.pending.rows = t.pending.rows[:copy(t.pending.rows, t.pending.rows[t.taken:])]
	t.taken = 0
	return c, false
}
