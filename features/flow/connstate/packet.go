package connstate

import "pcapmill/ingest/packet"

// Policy says what counts as a usable packet.
type Policy struct {
	// VerifyChecksums makes packets with a wrong checksum leave no trace but a c
	// in the history (transport) or none at all (IPv4 header), as Zeek does unless
	// run with -C. Captures taken on a sending host have wrong checksums for most
	// outgoing packets (offloading): the default is to ignore checksums.
	VerifyChecksums bool
}

// Event tells the caller what a packet did.
type Event uint8

// The events.
const (
	Ignored Event = 1 << iota // the packet did not change the connection's state: Zeek counts it nowhere
	Flipped                   // originator and responder changed places before this packet was counted
)

const badChecksum = packet.BadIPChecksum | packet.BadL4Checksum

// Packet follows one packet sent by the given side. It must be called in reading
// order with View.Clock set, for every packet of the flow.
func (s *State) Packet(p *packet.View, side Side, policy Policy) Event {
	if s.kind == kindNone {
		s.begin(p, side)
	}
	if p.Quality&badChecksum != 0 && policy.VerifyChecksums {
		return s.corrupt(p, side)
	}
	switch s.kind {
	case kindTCP:
		if p.L4Len < 20 {
			return Ignored
		}
		return s.tcp(p, side)
	case kindUDP:
		return s.udp(p, side)
	}
	s.last = p.Clock
	return 0
}

// begin fixes the rules by the first packet.
func (s *State) begin(p *packet.View, side Side) {
	s.last = p.Clock
	switch p.Protocol {
	case packet.ProtoTCP:
		s.kind = kindTCP
	case packet.ProtoUDP:
		s.kind = kindUDP
		if side == Orig && dnsPort(p.DstPort) || side == Resp && dnsPort(p.SrcPort) {
			s.flags |= flagDNS
		}
	case packet.ProtoICMP, packet.ProtoICMPv6:
		s.kind = kindICMP
	default:
		s.kind = kindOther
	}
}

// corrupt notes a packet that is dropped for its checksum.
func (s *State) corrupt(p *packet.View, side Side) Event {
	if p.Quality&packet.BadIPChecksum == 0 && (s.kind == kindTCP || s.kind == kindUDP) {
		s.scaled(side, letterChecksum)
	}
	return Ignored
}

func (s *State) udp(p *packet.View, side Side) Event {
	if p.L4Len < 8 {
		return Ignored
	}
	s.last = p.Clock
	s.once(side, seenData, letterData)
	return 0
}
