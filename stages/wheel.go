package stages

import "pcapmill/ingest/packet"

// The timer wheel looks at flows some time after they may have ended. A tick is
// the grain in which that is noticed; when exactly a flow ended follows from its
// own deadline, so the grain never shows in a table.
const (
	tickNanos  = 1_000_000_000
	wheelTicks = 1 << 12 // further deadlines wait at the wheel's far end and are filed again
)

// wheel files flow numbers by the tick in which they are due.
type wheel struct {
	slots [wheelTicks][]wheelEntry
	spare [][]wheelEntry `snapshot:"-"` // memory of slots passed, for those to come
	now   int64          // all ticks up to here have been looked at
}

// wheelEntry is a flow filed under a tick, of which the low bits are kept.
type wheelEntry struct{ id, tick uint32 }

// tickOf returns the tick that t lies in; tick k begins at k·tickNanos.
func tickOf(t packet.Nanos) int64 {
	q := t / tickNanos
	if t%tickNanos < 0 {
		q--
	}
	return q
}

// reset empties the wheel and sets its time.
func (w *wheel) reset(t packet.Nanos) {
	for i := range w.slots {
		w.slots[i] = w.slots[i][:0]
	}
	w.now = tickOf(t)
}

// drop gives the wheel's memory up. It must not be used afterwards, unless reset.
func (w *wheel) drop() { w.slots, w.spare = [wheelTicks][]wheelEntry{}, nil }

// due returns the first tick that begins after a deadline, or the wheel's far end
// where that lies beyond it.
func (w *wheel) due(deadline packet.Nanos) int64 {
	return min(max(tickOf(deadline)+1, w.now+1), w.now+wheelTicks-1)
}

// file puts a flow under a tick that due returned.
func (w *wheel) file(id uint32, tick int64) {
	slot := &w.slots[tick&(wheelTicks-1)]
	if last := len(w.spare) - 1; *slot == nil && last >= 0 {
		*slot, w.spare = w.spare[last], w.spare[:last]
	}
	*slot = append(*slot, wheelEntry{id, uint32(tick)})
}

// turn moves the wheel to the tick of t and calls visit for each entry under a
// tick passed, fetch for some of them shortly before. visit may file flows again. Entries of flows that have ended or
// were filed under an earlier tick since are visited all the same.
func (w *wheel) turn(t packet.Nanos, fetch func([]wheelEntry), visit func(wheelEntry)) {
	to := tickOf(t)
	if to-w.now >= wheelTicks {
		w.leap(to, fetch, visit)
		return
	}
	from := w.now + 1
	w.now = to
	for tick := from; tick <= to; tick++ {
		slot := tick & (wheelTicks - 1)
		entries := w.slots[slot]
		w.slots[slot] = nil
		kept := entries[:0]
		for i, e := range entries {
			if i%lookAhead == 0 {
				fetch(entries[i:min(i+lookAhead, len(entries))])
			}
			if int32(e.tick-uint32(to)) > 0 { // filed by a visit in this turn
				kept = append(kept, e)
				continue
			}
			visit(e)
		}
		w.slots[slot] = append(kept, w.slots[slot]...)
		if len(w.slots[slot]) == 0 {
			w.slots[slot] = nil
			w.save(kept, len(entries))
		}
	}
}

// leastSpare is the room below which memory is kept, however little of it was used.
const leastSpare = 64

// save keeps the memory of a slot that was passed for one to come, unless most of it was not
// needed: else, over days, all memory would come to be what the greatest burst took.
func (w *wheel) save(memory []wheelEntry, used int) {
	if n := cap(memory); n > 0 && n <= max(leastSpare, 4*used) {
		w.spare = append(w.spare, memory)
	}
}

// leap turns the wheel by its whole span or more, however far: every entry comes
// up. It does not compare ticks, of which only low bits are kept.
func (w *wheel) leap(to int64, fetch func([]wheelEntry), visit func(wheelEntry)) {
	var all []wheelEntry
	for i := int64(1); i <= wheelTicks; i++ {
		slot := (w.now + i) & (wheelTicks - 1)
		all = append(all, w.slots[slot]...)
		w.slots[slot] = w.slots[slot][:0]
	}
	w.now = to
	for i, e := range all {
		if i%lookAhead == 0 {
			fetch(all[i:min(i+lookAhead, len(all))])
		}
		visit(e)
	}
}
