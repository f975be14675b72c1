package stream

import "pcapmill/ingest/packet"

// rstSlack is how far behind the highest byte seen an RST may be: an unscaled window.
const rstSlack = 65_535

// syn handles a SYN, false where its segment is to be ignored.
func (f *feed) syn(back *feed, seg *Segment) bool {
	start, answer := seg.Seq+1, seg.has(packet.ACK)
	confirmed := answer && back.h.rivals && back.h.rival == seg.Ack
	if confirmed || f.foreign(start) && f.h.ended && back.h.ended {
		f.restart(back)
	}
	if f.foreign(start) {
		f.h.SYNsIgnored++
		f.h.rival, f.h.rivals = start, true
		return false
	}
	f.startAt(start)
	if answer {
		back.answered(seg.Ack)
	}
	return true
}

// foreign reports whether a SYN is not of the connection known.
func (f *feed) foreign(start uint32) bool {
	h := f.h
	switch h.state {
	case idle:
		return false
	case holding:
		at := h.place(start)
		return at < 0 || at > min(h.first, h.high)
	}
	return h.start != start
}

// startAt begins a direction where a SYN says, unless it is under way.
func (f *feed) startAt(seq uint32) {
	h := f.h
	switch h.state {
	case idle:
		h.begin(seq, &f.p.cfg)
	case holding:
		h.settle(h.place(seq), &f.p.cfg)
		f.drain(none)
	}
	h.StartKnown = true
}

// answered takes the start of a direction from the SYN and ACK of the other side.
func (f *feed) answered(ack uint32) {
	if f.h.state <= holding && !f.foreign(ack) {
		f.startAt(ack)
	}
}

// restart ends the connection and makes room for the next one.
func (f *feed) restart(back *feed) {
	f.flush()
	back.flush()
	*f.h, *back.h = half{Stats: f.h.Stats}, half{Stats: back.h.Stats}
	f.to.Restart()
}

// ack notes what the other side acknowledges: holes below were not lost on the way.
func (f *feed) ack(seq uint32) {
	h := f.h
	if h.state != open && h.state != holding {
		return
	}
	at := h.place(seq)
	if h.fin != none && at == h.fin+1 {
		at = h.fin // the FIN counts as one
	}
	if at > h.high || at < h.acked {
		return
	}
	if h.state == holding && at > h.first {
		h.settle(h.first, &f.p.cfg)
		f.drain(none)
	}
	if h.state != open {
		return
	}
	h.acked = at
	for h.first <= at && h.pos < h.limit {
		f.skip(at)
		f.drain(none)
	}
	f.check()
}

// reset handles an RST.
func (f *feed) reset(back *feed, seg *Segment) {
	h := f.h
	if h.state == open {
		at := h.place(seg.Seq)
		if at < h.acked || at > h.high+rstSlack {
			h.RSTsIgnored++
			return
		}
	}
	f.flush()
	back.flush()
	h.ended, back.h.ended = true, true
}
