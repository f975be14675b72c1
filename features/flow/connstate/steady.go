package connstate

import "pcapmill/ingest/packet"

// steady is the short cut for what most packets are: the next bytes or an
// acknowledgement on an established connection without gaps, and letters that
// the history has. It does what follow does, or reports false and does nothing.
func (s *State) steady(p *packet.View, side Side) bool {
	e, peer := &s.ends[side], &s.ends[side^1]
	if p.TCPFlags&(controls|packet.ACK) != packet.ACK || e.state != established || peer.state != established ||
		(e.flags|peer.flags)&^endWide != 0 || p.Seq != e.next || p.Window == 0 || p.Ack == 0 {
		return false
	}
	acked := p.Ack - peer.start - 1
	if int32(p.Ack-peer.start) < 0 && !peer.has(endWide) || after(acked, peer.delivered) || !s.has(flagOrigSeen<<side) {
		return false
	}
	if p.PayloadLen > 0 {
		if !s.steadyData(p, e) {
			return false
		}
	} else if e.seen&seenACK == 0 {
		return false
	}
	if int32(p.Ack-peer.acked) > 0 {
		peer.acked = p.Ack
	}
	s.last = p.Clock
	return true
}

// steadyData takes in payload that continues what was seen.
func (s *State) steadyData(p *packet.View, e *endpoint) bool {
	from := p.Seq - e.start - 1
	to := from + p.PayloadLen
	if from != e.delivered || p.PayloadLen > 1<<20 || p.PayloadCap < p.PayloadLen || e.seen&seenData == 0 ||
		to >= 1<<30-1 && !e.has(endWide) || from-e.ackedPos() > maxUnacked-1<<20 {
		return false
	}
	e.next += p.PayloadLen
	e.delivered, e.top = to, to
	return true
}
