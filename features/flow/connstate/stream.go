package connstate

import "pcapmill/ingest/packet"

// How much a side may send without acknowledgements before Zeek stops looking
// for its gaps (bytes).
const (
	maxBeyondGap = 16 << 10 // beyond a gap, nothing acknowledged at all
	maxUnacked   = 10 << 20 // altogether
)

// after reports whether position a lies after b.
func after(a, b uint32) bool { return int32(a-b) > 0 }

// ackedPos returns the acknowledged position; -1 where not even the SYN is.
func (e *endpoint) ackedPos() uint32 { return e.acked - e.start - 1 }

// nothingAcked reports whether none of the side's payload was acknowledged.
func (e *endpoint) nothingAcked() bool { return e.acked == e.start || e.acked == e.start+1 }

// dataSent takes in the payload of a packet.
func (s *State) dataSent(side Side, p *packet.View) {
	e := &s.ends[side]
	if e.has(endGivenUp) {
		return
	}
	from := p.Seq - e.start - 1
	if p.TCPFlags&packet.SYN != 0 {
		from++
	}
	to := from + p.PayloadLen
	if acked := e.ackedPos(); after(acked, from) {
		if !after(to, acked) {
			return
		}
		from = acked
	}
	if after(to, e.top) {
		e.top = to
	}
	if after(from, e.delivered) {
		s.keepIsland(side, island{from, to})
	} else if after(to, e.delivered) {
		e.delivered = to
		s.joinIslands(side)
	}
	if e.top-e.delivered > maxBeyondGap && after(e.top, e.delivered) && e.nothingAcked() ||
		s.unacked(side) > maxUnacked {
		e.flags = e.flags&^(endOneIsland|endTwoIslands) | endGivenUp
	}
}

// unacked returns the bytes that a reassembler would hold for the side.
func (s *State) unacked(side Side) int64 {
	e, r := &s.ends[side], &s.rare[side]
	n := int64(int32(e.delivered - e.ackedPos()))
	if e.has(endOneIsland) {
		n += int64(r.islands[0].to - r.islands[0].from)
	}
	if e.has(endTwoIslands) {
		n += int64(r.islands[1].to - r.islands[1].from)
	}
	return n
}

// keepIsland remembers bytes beyond a gap. Islands stay in order and apart; a
// third one is merged into the second.
func (s *State) keepIsland(side Side, in island) {
	e, r := &s.ends[side], &s.rare[side]
	if !e.has(endOneIsland) {
		r.islands[0] = in
		e.flags |= endOneIsland
		return
	}
	if !e.has(endTwoIslands) {
		if r.islands[0].touches(in) {
			r.islands[0].cover(in)
			return
		}
		if after(r.islands[0].from, in.from) {
			r.islands[0], in = in, r.islands[0]
		}
		r.islands[1] = in
		e.flags |= endTwoIslands
		return
	}
	switch {
	case r.islands[0].touches(in):
		r.islands[0].cover(in)
	case after(r.islands[0].from, in.from):
		r.islands[1].cover(r.islands[0])
		r.islands[0] = in
	default:
		r.islands[1].cover(in)
	}
	if r.islands[0].touches(r.islands[1]) {
		r.islands[0].cover(r.islands[1])
		e.flags &^= endTwoIslands
	}
}

func (a island) touches(b island) bool { return !after(a.from, b.to) && !after(b.from, a.to) }

func (a *island) cover(b island) {
	if after(a.from, b.from) {
		a.from = b.from
	}
	if after(b.to, a.to) {
		a.to = b.to
	}
}

// joinIslands moves delivered over the islands it has reached.
func (s *State) joinIslands(side Side) {
	e, r := &s.ends[side], &s.rare[side]
	for e.has(endOneIsland) && !after(r.islands[0].from, e.delivered) {
		if after(r.islands[0].to, e.delivered) {
			e.delivered = r.islands[0].to
		}
		if !e.has(endTwoIslands) {
			e.flags &^= endOneIsland
			return
		}
		r.islands[0] = r.islands[1]
		e.flags &^= endTwoIslands
	}
}

// ackReceived takes in an acknowledgement of the side's bytes up to pos. Bytes
// below it that were not seen are a gap.
func (s *State) ackReceived(side Side, pos uint32, now packet.Nanos) {
	e := &s.ends[side]
	if e.has(endFIN) {
		if last := s.rare[side].finEnd - 2; !after(last, pos) {
			pos = last // the FIN is no payload
		}
	}
	if after(pos, e.delivered) {
		s.skipTo(side, pos)
	}
	if e.has(endFIN) || e.state >= closed {
		s.checkEOF(side, now)
	}
}

// skipTo gives up what is missing below pos.
func (s *State) skipTo(side Side, pos uint32) {
	e, r := &s.ends[side], &s.rare[side]
	if !after(pos, 1) && s.has(flagPartial) {
		return // joined midway: the byte before the first is not a gap
	}
	for !e.has(endGivenUp) && e.has(endOneIsland) && after(pos, r.islands[0].from) {
		s.gap(side)
		e.delivered = r.islands[0].from
		s.joinIslands(side)
	}
	if after(pos, e.delivered) {
		if !e.has(endGivenUp) {
			s.gap(side)
		}
		e.delivered = pos
	}
	s.joinIslands(side)
}

// gap notes a content gap, unless the connection's ends are such that sequence
// numbers prove nothing.
func (s *State) gap(side Side) {
	if s.ends[side].clean() && s.ends[side^1].clean() {
		s.scaled(side, letterGap)
	}
}

// clean reports whether the side is established or closed from there.
func (e *endpoint) clean() bool {
	return e.state == established || e.state == closed && e.prior == established
}

// pending reports whether bytes are missing that the side's close must wait for:
// its own up to the close, or the peer's up to their acknowledgement.
func (s *State) pending(side Side) bool {
	e := &s.ends[side]
	if e.has(endGivenUp) {
		return false
	}
	missing := int32(e.next - e.start - 1 - e.delivered)
	switch {
	case missing < 0:
		return false
	case missing > 1:
		return true
	}
	return e.state != reset && s.held(side^1)
}

// held reports whether a reassembler would hold bytes of the side.
func (s *State) held(side Side) bool {
	e := &s.ends[side]
	if e.top == 0 || e.has(endGivenUp) || !after(e.top, e.ackedPos()) {
		return false
	}
	oneWay := e.nothingAcked() && e.next-e.start > maxBeyondGap
	return !oneWay || e.has(endOneIsland)
}
