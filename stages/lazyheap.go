package stages

import "pcapmill/ingest/packet"

// lazyHeap orders flows by an instant that moves later with most packets. It is
// lazy: an entry keeps the instant that was known when it was filed, which may
// have become too early, and is put right when it comes to the front. So packets
// of open flows cost nothing.
type lazyHeap []lazyEntry

type lazyEntry struct {
	at      packet.Nanos
	ordinal uint32 // low bits; orders packets of the same instant
	id      uint32
	life    uint32 // which flow of the Row: see rowMeta
	depth   uint8
}

func (a *lazyEntry) before(b *lazyEntry) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.ordinal != b.ordinal {
		return int32(a.ordinal-b.ordinal) < 0
	}
	return a.depth > b.depth // layers of one packet: inner ones first
}

func (q *lazyHeap) push(e lazyEntry) {
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
func (q *lazyHeap) pop() {
	h := *q
	last := len(h) - 1
	h[0] = h[last]
	*q = h[:last]
	q.sink(0)
}

// sink moves entry i, which has become later, down to its place.
func (q *lazyHeap) sink(i int) {
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

// count returns how many entries count.
func (q *lazyHeap) count(counts func(*lazyEntry) bool) (n int) {
	for i := range *q {
		if counts(&(*q)[i]) {
			n++
		}
	}
	return n
}

// keep leaves the entries that count, in memory of their number.
func (q *lazyHeap) keep(counts func(*lazyEntry) bool) {
	n := q.count(counts)
	kept := make(lazyHeap, 0, n+n/4+8)
	for i := range *q {
		if counts(&(*q)[i]) {
			kept = append(kept, (*q)[i])
		}
	}
	for i := len(kept)/2 - 1; i >= 0; i-- {
		kept.sink(i)
	}
	*q = kept
}

// trim is keep where that gives back more than it costs.
func (q *lazyHeap) trim(counts func(*lazyEntry) bool) {
	if n := q.count(counts); cap(*q) > n+n/2+16 {
		q.keep(counts)
	}
}
