package connstate

import "pcapmill/ingest/packet"

// PacketInFull is Packet without the short cut for steady traffic.
func (s *State) PacketInFull(p *packet.View, side Side) Event {
	if s.kind == kindNone {
		s.begin(p, side)
	}
	if s.kind == kindTCP && p.L4Len >= 20 {
		return s.follow(p, side)
	}
	return s.Packet(p, side, Policy{})
}
