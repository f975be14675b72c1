package connstate

import "pcapmill/ingest/packet"

// close ends a side, now or when the bytes it waits for have come.
func (s *State) close(side Side, now packet.Nanos) {
	if s.pending(side) {
		s.flags |= flagDeferred
		return
	}
	s.flags &^= flagDeferred
	s.closeNow(side, now)
}

func (s *State) closeNow(side Side, now packet.Nanos) {
	e, peer := &s.ends[side], &s.ends[side^1]
	if e.has(endClosed) {
		return
	}
	e.flags |= endClosed
	if e.state == reset || peer.has(endClosed) || peer.state == inactive {
		s.flags |= flagComplete
		s.mark = now
		return
	}
	if !s.has(flagComplete) {
		s.mark = now
	}
}

// checkEOF lets a waiting close take effect once the side's bytes are complete.
func (s *State) checkEOF(side Side, now packet.Nanos) {
	e := &s.ends[side]
	if e.has(endEOF) || s.pending(side) {
		return
	}
	e.flags |= endEOF
	if s.has(flagDeferred) {
		s.flags &^= flagDeferred
		s.closeNow(side, now)
	}
}

// NewConnection reports whether the packet opens another connection on the
// addresses and ports of this one, which then has ended. A SYN does so after a
// FIN or RST, and before one if its sequence number is not the known one; a
// SYN+ACK only where nothing of the originator was seen.
func (s *State) NewConnection(p *packet.View) bool {
	if p.TCPFlags&packet.SYN == 0 || s.kind != kindTCP || p.L4Len < 20 {
		return false
	}
	e := &s.ends[Orig]
	if p.TCPFlags&packet.ACK != 0 {
		if e.state != inactive {
			return false
		}
		e = &s.ends[Resp]
	}
	if s.isClosed(Orig) || s.isClosed(Resp) {
		return true
	}
	if p.Seq == e.start {
		return false
	}
	late := p.TCPFlags&packet.ACK == 0 && e.state == synAckSent &&
		s.ends[Resp].state == inactive && p.Seq == s.ends[Resp].start
	return !late
}
