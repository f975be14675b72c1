package host

import (
	"slices"

	"pcapmill/ingest/packet"
)

// tiling are the windows of one grid, of which each packet and each flow is in one.
type tiling struct {
	grid    Grid
	open    []*page   // by number
	queue   []Stretch // arrived, not taken in
	size    int64     // bytes of the open pages
	parts   int32     // that had numbers of their own
	hostSum packet.Tally
	pairSum packet.Tally
}

// stretches reports whether one of an epoch has come that is not taken in.
func (t *tiling) stretches(epoch int32) bool { return len(t.queue) > 0 && t.queue[0].Epoch == epoch }

// due returns when there is first something to do in an epoch; false where there is nothing.
func (t *tiling) due(epoch int32) (at packet.Nanos, any bool) {
	first := t.first()
	switch {
	case t.stretches(epoch) && (first == nil || t.queue[0].At <= first.due):
		return t.queue[0].At, true
	case first != nil:
		return first.due, true
	}
	return 0, false
}

// next takes the first stretch out of the queue.
func (t *tiling) next() Stretch {
	s := t.queue[0]
	t.queue[0] = Stretch{}
	t.queue = t.queue[1:]
	return s
}

// first returns the page that is over first; nil where none is open.
func (t *tiling) first() *page {
	if len(t.open) == 0 {
		return nil
	}
	return slices.MinFunc(t.open, func(p, q *page) int {
		switch {
		case p.due < q.due:
			return -1
		case p.due > q.due:
			return 1
		}
		return 0
	})
}

// find returns the place of a window among the open pages, and whether it is there.
func (t *tiling) find(number int64) (at int, found bool) {
	return slices.BinarySearchFunc(t.open, number, func(p *page, number int64) int {
		switch {
		case p.number < number:
			return -1
		case p.number > number:
			return 1
		}
		return 0
	})
}

// forget closes a page.
func (t *tiling) forget(p *page) {
	at := slices.Index(t.open, p)
	t.open = slices.Delete(t.open, at, at+1)
	t.size -= p.flows.memory() + p.seen.memory()
}
