package connstate

import "pcapmill/ingest/packet"

// transition moves the sending side to its next state. It reports whether the
// packet closes that side. On Flipped the sides have changed places.
func (s *State) transition(p *packet.View, side Side) (closing bool, event Event) {
	e := &s.ends[side]
	if p.TCPFlags&controls == 0 && e.state != inactive {
		return false, 0
	}
	switch e.state {
	case inactive:
		return s.fromInactive(p, side)
	case synSent, synAckSent:
		return s.fromSYN(p.TCPFlags, side), 0
	case established, partial:
		return s.fromEstablished(p.TCPFlags, side), 0
	case closed:
		return s.fromClosed(p.TCPFlags, side), 0
	}
	return false, 0
}

func (s *State) fromInactive(p *packet.View, side Side) (closing bool, event Event) {
	if p.TCPFlags&packet.SYN != 0 {
		if side == Orig {
			s.attempt(p)
		} else {
			event = s.answer(p)
			if event&Flipped != 0 {
				side = Orig
			}
		}
	}
	if p.TCPFlags&packet.FIN != 0 {
		s.enter(side, closed)
		closing = true
	}
	if p.TCPFlags&packet.RST != 0 {
		s.enter(side, reset)
		closing = true
	}
	if s.ends[side].state == inactive {
		s.join(p, side)
	}
	return closing, event
}

// attempt is the originator's first SYN or SYN+ACK.
func (s *State) attempt(p *packet.View) {
	to := synSent
	if p.TCPFlags&packet.ACK != 0 {
		to = synAckSent
	}
	s.enter(Orig, to)
	s.mark = p.Clock
	s.flags |= flagAttempt
}

// answer is the responder's first SYN+ACK or SYN: it establishes the connection.
// A SYN that the peer's earlier SYN+ACK acknowledges shows that the two arrived
// in the wrong order and that the sides are swapped.
func (s *State) answer(p *packet.View) (event Event) {
	side := Resp
	if p.TCPFlags&packet.ACK == 0 && s.ends[Orig].state == synAckSent && p.Seq == s.ends[Resp].start {
		s.Flip()
		s.flags |= flagOrigSeen
		side, event = Orig, Flipped
		s.enter(Resp, established)
	}
	if s.ends[side^1].state == synSent {
		s.enter(side^1, established)
	}
	s.enter(side, established)
	if s.ends[side^1].state != partial {
		s.noteLogin(p, side)
	}
	return event
}

// join is a packet without SYN, FIN or RST from a side not seen before.
func (s *State) join(p *packet.View, side Side) {
	switch peer := s.ends[side^1].state; {
	case side == Resp && p.PayloadLen == 0 && peer == synSent:
		// some hosts acknowledge a SYN before they answer it
	case p.TCPFlags&packet.ACK != 0 && peer == established:
		// the SYN was missed, but its answer was seen
		s.enter(side, established)
		s.flags &^= flagPartial
		s.flags |= flagOrigSeen << side
	default:
		s.enter(side, partial)
	}
}

func (s *State) fromSYN(flags uint16, side Side) (closing bool) {
	if flags&packet.FIN != 0 {
		s.enter(side, closed)
		closing = true
	}
	if flags&packet.RST != 0 {
		s.enter(side, reset)
		closing = true
	}
	return closing
}

func (s *State) fromEstablished(flags uint16, side Side) (closing bool) {
	e, peer := &s.ends[side], &s.ends[side^1]
	if flags&packet.SYN != 0 && flags&packet.ACK == 0 && e.state == partial && peer.state == inactive {
		s.enter(side, synSent)
	}
	if flags&packet.FIN != 0 && flags&packet.RST == 0 {
		s.enter(side, closed)
		closing = true
		if peer.state == reset && peer.prior == closed {
			s.enter(side^1, closed) // FIN, RST and now the answer to the FIN: an ordinary end
		}
	}
	if flags&packet.RST != 0 {
		s.enter(side, reset)
		closing = true
	}
	return closing
}

// fromClosed: a RST after a FIN counts unless the other side has closed as well.
func (s *State) fromClosed(flags uint16, side Side) (closing bool) {
	if flags&packet.RST == 0 || s.ends[side^1].state == closed {
		return false
	}
	s.enter(side, reset)
	return !s.isClosed(side)
}

// noteLogin marks connections established to an interactive service, which may
// stay silent for long. sender is the side whose packet established it.
func (s *State) noteLogin(p *packet.View, sender Side) {
	orig, resp := p.SrcPort, p.DstPort
	if sender == Resp {
		orig, resp = resp, orig
	}
	if s.ends[Orig].state == inactive && !likelyTCPServer(resp) && likelyTCPServer(orig) {
		resp = orig
	}
	switch resp {
	case 21, 22, 23, 513:
		s.flags |= flagLogin
	}
}
