package stream

import "pcapmill/ingest/packet"

// feed is a direction with what handles it during a call.
type feed struct {
	p   *Pool
	s   *Stream
	h   *half
	to  Consumer
	dir Dir
}

// segment handles data and FIN.
func (f *feed) segment(seg *Segment) {
	h, fin := f.h, seg.has(packet.FIN)
	if seg.Wire == 0 && !fin {
		return
	}
	if h.state == done {
		h.ended = h.ended || fin
		return
	}
	if h.state == idle {
		h.hold(seg.first(), &f.p.cfg)
	}
	at := h.place(seg.first())
	end := at + int64(seg.Wire)
	if seg.Wire == 1 && !fin && h.state == open && end == h.high {
		h.KeepAlives++
		return
	}
	if fin && !h.finAt(end) || end > h.fin || at < h.origin && at < end {
		h.Outside++
	}
	end = min(end, h.fin)
	if at <= end {
		f.data(at, end, seg.data())
	}
}

// finAt notes the FIN's place, false if another one counts.
func (h *half) finAt(at int64) bool {
	if h.fin == none && at >= h.high {
		h.fin = at
	}
	return h.fin == at
}

// data handles the bytes from a place to an end; those behind the captured ones
// are missing.
func (f *feed) data(at, end int64, data []byte) {
	h := f.h
	data = data[:min(int64(len(data)), end-at)]
	h.high = max(h.high, end)
	cut := at + int64(len(data))
	f.arrive(at, data)
	if h.state == holding && at < end {
		h.seen++
		if h.seen >= reorderBound {
			h.settle(min(h.first, h.high), &f.p.cfg)
			f.drain(at) // by itself, as a message may begin with this segment
			f.drain(none)
		}
	}
	if h.state == open && cut <= h.pos && cut < end {
		f.skipTo(end)
	}
	f.check()
}

// arrive delivers or holds bytes, as far as they are new.
func (f *feed) arrive(at int64, data []byte) {
	h := f.h
	at, data = before(h.origin, at, data)
	if h.state == holding && len(data) > 0 && (at == h.pos || !f.fits(at, int64(len(data)))) {
		f.skip(at)
		f.drain(at)
	}
	all := len(data)
	at, data = before(h.pos, at, data)
	h.OverlapBytes += int64(all - len(data))
	data = data[:max(0, min(int64(len(data)), h.limit-at))]
	if len(data) == 0 {
		return
	}
	for at > h.pos {
		if f.fits(at, int64(len(data))) {
			f.keep(at, data)
			return
		}
		h.Limited++
		f.skip(at)
		f.drain(at)
	}
	f.inOrder(data)
}

// before cuts off what is before a place.
func before(place, at int64, data []byte) (int64, []byte) {
	old := min(max(0, place-at), int64(len(data)))
	return at + old, data[old:]
}

// fits reports whether bytes can be held.
func (f *feed) fits(at, n int64) bool {
	if at+n > f.h.pos+f.p.cfg.Buffer {
		return false
	}
	f.p.steps += n/pageBytes + 2
	return f.h.ring.missing(at, n) <= min(f.p.left, int64(f.p.flowPages-f.s.pages))
}

// keep holds bytes that fit.
func (f *feed) keep(at int64, data []byte) {
	h := f.h
	if h.ring == nil {
		h.ring = f.p.getRing()
	}
	before := h.ring.count
	same, differ := h.ring.put(f.p, at, data, f.p.cfg.Overlap == LastWins)
	f.s.pages += h.ring.count - before
	h.first = min(h.first, at)
	h.OverlapBytes += same
	h.ConflictBytes += differ
	if fresh := int64(len(data)) - same - differ; fresh > 0 {
		h.Held++
		h.HeldBytes += fresh
	}
}

// inOrder delivers bytes that begin at pos, and what is held behind.
func (f *feed) inOrder(data []byte) {
	h := f.h
	if end := h.pos + int64(len(data)); h.first < end {
		f.merge(data, end)
	} else {
		f.deliver(data)
	}
	f.drain(none)
}

// merge delivers bytes of which some are held already.
func (f *feed) merge(data []byte, end int64) {
	h := f.h
	near := min(end, h.pos+f.p.cfg.Buffer) // slots would repeat behind, where nothing is held
	same, differ := h.ring.compare(f.p, h.pos, data[:near-h.pos])
	h.OverlapBytes += same
	h.ConflictBytes += differ
	if differ == 0 || f.p.cfg.Overlap == LastWins {
		f.drop(near)
		f.deliver(data)
		return
	}
	for h.pos < end {
		from := h.pos
		if h.first > from {
			f.deliver(data[:min(h.first, end)-from])
		} else {
			f.drain(end)
		}
		data = data[h.pos-from:]
	}
}

// deliver hands bytes at pos on.
func (f *feed) deliver(data []byte) {
	n := int64(len(data))
	f.h.forward(n)
	f.h.Delivered += n
	f.p.steps++
	f.to.Deliver(f.dir, data)
}
