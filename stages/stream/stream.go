package stream

import "pcapmill/ingest/packet"

// Stream is the reassembly of one flow's TCP connections. The zero value is ready;
// Close gives its memory back to the Pool, which is the same in all calls.
type Stream struct {
	halves [2]half
	pages  int32 // held, of both directions
}

// Stats returns the counts of a direction.
func (s *Stream) Stats(dir Dir) *Stats { return &s.halves[dir].Stats }

// Done reports whether a direction delivers nothing more, unless another
// connection begins.
func (s *Stream) Done(dir Dir) bool { return s.halves[dir].state == done }

// Ended reports whether FIN or RST has ended the direction.
func (s *Stream) Ended(dir Dir) bool { return s.halves[dir].ended }

// Add takes the next segment of a direction.
func (s *Stream) Add(p *Pool, dir Dir, seg *Segment, to Consumer) {
	const control = packet.SYN | packet.FIN | packet.RST
	if seg.Flags&control == 0 && s.Done(Forward) && s.Done(Backward) {
		return
	}
	f, back := s.feeds(p, dir, to)
	switch {
	case seg.has(packet.RST):
		f.reset(&back, seg)
		return
	case seg.has(packet.SYN) && !f.syn(&back, seg):
		return
	}
	if seg.has(packet.ACK) {
		back.ack(seg.Ack)
	}
	f.segment(seg)
}

// Stop ends a direction whose Consumer wants no more of it, until another
// connection begins in the flow.
func (s *Stream) Stop(p *Pool, dir Dir) {
	f := feed{p: p, s: s, h: &s.halves[dir]}
	f.finish()
}

// Close ends both directions: holes are given up, what is held is delivered. The
// counts stay.
func (s *Stream) Close(p *Pool, to Consumer) {
	f, back := s.feeds(p, Forward, to)
	f.flush()
	back.flush()
}

// feeds returns what handles a direction, and the opposite one.
func (s *Stream) feeds(p *Pool, dir Dir, to Consumer) (f, back feed) {
	return feed{p, s, &s.halves[dir], to, dir}, feed{p, s, &s.halves[dir^1], to, dir ^ 1}
}

// Holding reports whether a direction whose start was not seen waits for more
// segments, which may come before those it has.
func (s *Stream) Holding(dir Dir) bool { return s.halves[dir].state == holding }

// Settle ends the wait: the direction begins with the lowest byte there is. What is
// before seg is delivered by itself, as a message begins with seg.
func (s *Stream) Settle(p *Pool, dir Dir, seg *Segment, to Consumer) {
	f, _ := s.feeds(p, dir, to)
	if h := f.h; h.state == holding {
		h.settle(min(h.first, h.high), &p.cfg)
		f.drain(h.place(seg.first()))
		f.drain(none)
		f.check()
	}
}

// Held returns the memory of the Pool that the Stream holds, in bytes.
func (s *Stream) Held(p *Pool) int64 { return int64(s.pages) * p.each() }
