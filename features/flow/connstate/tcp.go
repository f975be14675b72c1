package connstate

import "pcapmill/ingest/packet"

const controls = packet.SYN | packet.FIN | packet.RST

// tooFar is the jump in sequence space beyond which a SYN, RST or zero
// acknowledgement is not believed.
const tooFar = 1 << 20

// tcp follows one TCP packet.
func (s *State) tcp(p *packet.View, side Side) Event {
	if s.steady(p, side) {
		return 0
	}
	return s.follow(p, side)
}

// follow takes a TCP packet through all steps, in Zeek's order.
func (s *State) follow(p *packet.View, side Side) Event {
	flipped := s.flipLate(p)
	if flipped != 0 {
		side ^= 1
	}
	e, peer := &s.ends[side], &s.ends[side^1]
	s.noteFirst(p.TCPFlags, side)
	seg := segmentLen(p)
	e.open(p.TCPFlags, p.Seq, p.Seq+seg)
	rel := p.Seq - e.start
	before := int32(rel) < 0 && !e.has(endWide) // older than the first byte we know of

	s.letters(p, side, rel)
	if p.Window == 0 && p.TCPFlags&packet.RST == 0 && peer.state != closed && e.state != reset {
		s.scaled(side, letterZeroWindow)
	}
	if !e.has(endClosed) || !peer.has(endClosed) {
		s.last = p.Clock
	}
	if p.TCPFlags&packet.FIN != 0 {
		e.flags |= endFIN
		s.rare[side].finEnd = rel + seg
	}
	ack, acks := s.acknowledge(p, peer)
	s.advanceNext(p, side, p.Seq+seg)

	closing, event := s.transition(p, side)
	if event&Flipped != 0 {
		side ^= 1
	}
	if acks {
		s.ackReceived(side^1, ack, p.Clock)
	}
	s.flags |= flagOrigSeen << side
	if p.PayloadLen > 0 && p.PayloadCap >= p.PayloadLen && p.TCPFlags&packet.RST == 0 && !before {
		s.dataSent(side, p)
	}
	if s.ends[side].state >= closed || s.ends[side].has(endFIN) {
		s.checkEOF(side, p.Clock)
	}
	if closing {
		s.close(side, p.Clock)
	}
	return event | flipped
}

// flipLate swaps the sides where the connection began with a SYN+ACK, which a
// port did not show to be the responder's, and now goes on with an
// acknowledgement or payload of either side: not a stealth scan, then, but a SYN
// that was missed. The history becomes ^h.
func (s *State) flipLate(p *packet.View) Event {
	if s.letterCount != 1 || letter(s.history[0]) != letterSYNACK || s.ends[Resp].state != inactive ||
		p.TCPFlags&controls != 0 || p.TCPFlags&packet.ACK == 0 && p.PayloadLen == 0 {
		return 0
	}
	s.letterCount, s.history[0] = 0, 0
	s.Flip()
	s.ends[Orig].seen = 0
	s.again(Resp, seenSYN, letterSYNACK, &s.rare[Resp].lastSYN, s.rare[Resp].lastSYN)
	s.enter(Resp, established)
	return Flipped
}

// segmentLen returns the sequence space that the packet takes. Payload of a RST
// is not part of the stream.
func segmentLen(p *packet.View) uint32 {
	n := p.PayloadLen
	if p.TCPFlags&controls == 0 {
		return n
	}
	if p.TCPFlags&packet.RST != 0 {
		n = 0
	}
	if p.TCPFlags&packet.SYN != 0 {
		n++
	}
	if p.TCPFlags&packet.FIN != 0 {
		n++
	}
	return n
}

// noteFirst decides by each side's first packet whether the connection was
// joined midway.
func (s *State) noteFirst(flags uint16, side Side) {
	if s.has(flagOrigSeen << side) {
		return
	}
	syn, ack := flags&packet.SYN != 0, flags&packet.ACK != 0
	if side == Orig {
		s.flags &^= flagPartial
		if !syn || ack {
			s.flags |= flagPartial
		}
	} else if !syn {
		s.flags |= flagPartial
	}
}

// open sets where the side's sequence numbers start: at its first packet, and
// anew at each SYN that may begin the connection.
func (e *endpoint) open(flags uint16, seq, end uint32) {
	syn := flags&packet.SYN != 0
	switch e.state {
	case inactive:
		if !syn {
			e.start, e.acked, e.next = seq-1, seq-1, seq
			return
		}
	case reset:
		if !syn || e.prior != inactive {
			return
		}
	case closed:
		return
	default:
		if !syn || seq == e.start && e.state.opening() {
			return
		}
	}
	e.start, e.acked, e.next = seq, seq, end
}

// letters adds what the packet's flags say to the history.
func (s *State) letters(p *packet.View, side Side, rel uint32) {
	switch flags := p.TCPFlags; flags & controls {
	case 0:
		if p.PayloadLen > 0 {
			s.once(side, seenData, letterData)
		} else if flags&packet.ACK != 0 {
			s.once(side, seenACK, letterACK)
		}
	case packet.SYN:
		l := letterSYN
		if flags&packet.ACK != 0 {
			l = letterSYNACK
		}
		s.again(side, seenSYN, l, &s.rare[side].lastSYN, rel)
	case packet.FIN:
		s.again(side, seenFIN, letterFIN, &s.rare[side].lastFIN, rel+p.PayloadLen)
	case packet.RST:
		s.again(side, seenRST, letterRST, &s.rare[side].lastRST, rel)
	case packet.SYN | packet.FIN, packet.SYN | packet.RST:
		s.once(side, seenMulti, letterMulti)
	default: // FIN+RST, with or without SYN
		s.once(side, seenFINRST, letterFINRST)
	}
}

// again adds a letter the first time, and later where its sequence number is not
// that of the last one.
func (s *State) again(side Side, bit uint8, l letter, last *uint32, rel uint32) {
	if s.once(side, bit, l) && *last != rel {
		s.add(side, l)
	}
	*last = rel
}

// acknowledge takes in the packet's acknowledgement number. It returns the
// position it acknowledges and whether that is to be believed.
func (s *State) acknowledge(p *packet.View, peer *endpoint) (pos uint32, ok bool) {
	if p.TCPFlags&packet.ACK == 0 {
		return 0, false
	}
	if peer.state == inactive {
		peer.start, peer.acked, peer.next = p.Ack-1, p.Ack-1, p.Ack-1
		return 0, true
	}
	rel := p.Ack - peer.start
	if int32(rel) < 0 && !peer.has(endWide) {
		return 0, false
	}
	if p.TCPFlags&packet.RST == 0 {
		delta := int32(p.Ack - peer.acked)
		if delta > 0 && (p.Ack != 0 || delta <= tooFar) {
			peer.acked = p.Ack
		}
	}
	return rel - 1, rel != 0
}

// advanceNext moves the side's highest sequence number to end, or notes payload
// that was sent before.
func (s *State) advanceNext(p *packet.View, side Side, end uint32) {
	e := &s.ends[side]
	delta := int32(end - e.next)
	switch {
	case p.TCPFlags&(packet.SYN|packet.RST) != 0 && (delta > tooFar || delta < -tooFar):
	case p.TCPFlags&packet.FIN != 0 && e.next == e.start+1:
		e.next = end
	case e.state == reset:
	case delta > 0:
		e.next = end
		if end-e.start >= 1<<30 && end-e.start < 1<<31 {
			e.flags |= endWide
		}
	case p.PayloadLen > 0:
		s.scaled(side, letterAgain)
	}
}
