package stages

import (
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// idleQueue finds the open flow of one partition that has been idle longest. It
// is a heap by the last packet, and lazy: an entry keeps the last packet that was
// known when it was filed, which can only be too early, and is put right when it
// comes to the front. Without pressure on the memory there are no queues at all.
type idleQueue []idleEntry

type idleEntry struct {
	clock   packet.Nanos
	ordinal uint32 // low bits; orders packets of the same instant
	id      uint32
	life    uint32 // which flow of the Row: see rowMeta
	depth   uint8
}

func (a *idleEntry) before(b *idleEntry) bool {
	if a.clock != b.clock {
		return a.clock < b.clock
	}
	if a.ordinal != b.ordinal {
		return int32(a.ordinal-b.ordinal) < 0
	}
	return a.depth > b.depth // layers of one packet: inner ones first
}

func (q *idleQueue) push(e idleEntry) {
	h := append(*q, e)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h[i].before(&h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	*q = h
}

// pop takes the first entry out.
func (q *idleQueue) pop() {
	h := *q
	last := len(h) - 1
	h[0] = h[last]
	*q = h[:last]
	q.sink(0)
}

// sink moves an entry that has become later down to its place.
func (q *idleQueue) sink(i int) {
	for h := *q; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].before(&h[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

// entryOf returns what files a flow.
func entryOf(r *flow.Row, id, life uint32) idleEntry {
	return idleEntry{r.LastClock, r.LastOrdinal, id, life, r.Key.Depth}
}
