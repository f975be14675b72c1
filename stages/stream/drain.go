package stream

// drain delivers what is held at pos, as far as a place.
func (f *feed) drain(to int64) {
	h := f.h
	to = min(to, h.limit)
	for h.first == h.pos && h.pos < to {
		pg, i := h.ring.pages[h.ring.slot(h.pos)], int(h.pos%pageBytes)
		end, _ := pg.run(i, int(min(pageBytes, int64(i)+to-h.pos)))
		f.p.steps += int64(end-i)/64 + 1
		f.deliver(pg.data[i:end])
		f.drop(h.pos)
	}
}

// drop forgets what is held before a place.
func (f *feed) drop(to int64) {
	h := f.h
	before := h.ring.count
	h.ring.drop(f.p, h.first, to)
	f.s.pages += h.ring.count - before
	if h.ring.count == 0 {
		f.release()
		return
	}
	h.first = h.ring.from(f.p, to)
}

// release gives the ring back.
func (f *feed) release() {
	h := f.h
	h.first = none
	if h.ring == nil {
		return
	}
	f.s.pages -= h.ring.count
	h.ring.dropAll(f.p)
	f.p.putRing(h.ring)
	h.ring = nil
}

// skip gives up the hole at pos, or decides the start: the next byte is the first
// one held, or that at a place before it.
func (f *feed) skip(to int64) {
	h := f.h
	to = min(to, h.first)
	if h.state == holding {
		h.settle(to, &f.p.cfg)
		return
	}
	n := min(to, h.limit) - h.pos
	h.forward(n)
	h.Gaps++
	h.GapBytes += n
	f.to.Gap(f.dir, n)
}

// skipTo gives up all holes before a place.
func (f *feed) skipTo(to int64) {
	for to = min(to, f.h.limit); f.h.pos < to; {
		f.skip(to)
		f.drain(none)
	}
}

// check ends the direction if it has come to its end.
func (f *feed) check() {
	h := f.h
	if h.state != open {
		return
	}
	if h.pos >= h.fin {
		h.ended = true
	}
	if h.ended || h.pos >= h.limit {
		f.finish()
	}
}

// finish ends the direction.
func (f *feed) finish() {
	f.release()
	f.h.state = done
}

// flush gives up all holes and ends the direction.
func (f *feed) flush() {
	h := f.h
	if h.state == holding {
		h.settle(min(h.first, h.high), &f.p.cfg)
		f.drain(none)
	}
	if h.state == open {
		f.skipTo(h.high)
		f.check()
	}
	f.finish()
}
