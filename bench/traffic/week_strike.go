package traffic

import (
	"net/netip"
	"slices"
	"time"

	"pcapmill/ingest/packet"
)

// strike is one conversation of the schedule in the making: of an attack, or benign
// traffic of a host that attacks.
type strike struct {
	*Session
	week    *Week
	began   netip.AddrPort    // inside, by which the direction of a frame is told
	outer   [2]netip.AddrPort // its ends outside; zero where the gateway is not on its way
	inbound bool              // began outside
	missed  int               // so many packets from now on are not captured
	sides   [2][]span         // pieces inside and outside
	what    string            // label of the attack that it is made as; empty: benign
	hard    string            // what makes it hard
	attempt int32             // category of Liu et al.; -1: none
	icmp    uint8
}

// WritePacket implements PacketWriter.
func (s *strike) WritePacket(at packet.Nanos, _ uint32, data []byte) error {
	if s.missed > 0 {
		s.missed--
		return nil
	}
	s.week.keep(at, data)
	s.count(0, at)
	if !s.outer[0].IsValid() {
		return nil
	}
	src, _, _, _ := ends(data)
	from, to := s.outer[0], s.outer[1]
	delay := natDelay
	if s.inbound {
		delay = -delay
	}
	if src != s.began {
		from, to, delay = to, from, -delay
	}
	s.week.keep(at+delay, translated(data, from, to))
	s.count(1, at+delay)
	return nil
}

// activeTimeout is that of pcapmill by default: a packet later begins a new piece.
const activeTimeout = packet.Nanos(30 * time.Minute)

// count counts a packet at one side of the gateway.
func (s *strike) count(side int, at packet.Nanos) {
	list := s.sides[side]
	if len(list) == 0 || at-list[len(list)-1].first > activeTimeout {
		list = append(list, span{})
	}
	list[len(list)-1].add(at)
	s.sides[side] = list
}

// begin starts a conversation between hosts as inside sees them.
func (w *Week) begin(at packet.Nanos, client, server netip.AddrPort) *strike {
	s := &strike{week: w, began: client, attempt: -1}
	s.Session = NewSession(s, at, client, server)
	s.seq = [2]uint32{w.rng.uint32(), w.rng.uint32()}
	if client.Addr().Is6() {
		s.MSS = 1440
	}
	return s
}

// storm starts a conversation by an attacker outside with the web server, which it knows
// by the gateway's address. The gateway hides the attacker from the inside.
func (w *Week) storm(at packet.Nanos, attacker netip.Addr, port uint16) *strike {
	hidden := netip.AddrPortFrom(gatewayAddr, w.port(gatewayAddr))
	s := w.begin(at, hidden, netip.AddrPortFrom(webAddr, port))
	s.outer = [2]netip.AddrPort{netip.AddrPortFrom(attacker, w.port(attacker)), netip.AddrPortFrom(publicAddr, port)}
	s.inbound = true
	return s
}

// call starts a conversation of a host inside, or of any over IPv6, which no gateway
// translates.
func (w *Week) call(at packet.Nanos, from, to netip.Addr, port uint16, proto uint8) *strike {
	client := netip.AddrPortFrom(from, w.port(from))
	s := w.begin(at, client, netip.AddrPortFrom(to, port))
	if isClient(from) && isOutside(to) {
		s.outer = [2]netip.AddrPort{netip.AddrPortFrom(publicAddr, w.nat.port(client, proto)), netip.AddrPortFrom(to, port)}
	}
	return s
}

// as says what the conversation is made as.
func (s *strike) as(a *attack, hard string) *strike {
	s.what, s.hard = a.Label, hard
	return s
}

// benign says what makes a conversation hard that belongs to no attack.
func (s *strike) benign(hard string) *strike {
	s.hard = hard
	return s
}

// fits ends the conversation. Its ends, ports and protocol are those of the rules of
// these attacks, and of no others'.
func (s *strike) fits(attacks ...*attack) {
	for side, pieces := range s.sides {
		for i, p := range pieces {
			s.week.Flows = append(s.week.Flows, s.flow(side, i, p, attacks))
		}
	}
}

// flow is what is true of one piece.
func (s *strike) flow(side, piece int, p span, attacks []*attack) WeekFlow {
	src, dst := s.client, s.server
	if side == 1 {
		src, dst = s.outer[0], s.outer[1]
	}
	f := WeekFlow{
		Src: src.Addr(), SrcPort: src.Port(), Dst: dst.Addr(), DstPort: dst.Port(), Proto: s.Truth.Proto, ICMPType: s.icmp,
		FirstNs: p.first, LastNs: p.last, Packets: p.packets, Outside: side == 1, Piece: piece,
		Attack: s.what, Case: s.hard, Outcome: weekUnlabelled, Attempt: -1,
	}
	f.judge(attacks, s.attempt)
	return f
}

// judge says which of the rules that fit but for the time are true of the flow, and what
// follows.
func (f *WeekFlow) judge(attacks []*attack, attempt int32) {
	var held []*attack
	for _, a := range attacks {
		if f.FirstNs < a.To && f.LastNs >= a.From && (f.Outside || !a.outer) {
			held = append(held, a)
		}
	}
	if len(held) == 0 {
		return
	}
	slices.SortStableFunc(held, func(a, b *attack) int { return b.Priority - a.Priority })
	for _, a := range held {
		f.Rules = append(f.Rules, a.ID)
		if a.Priority == held[0].Priority && a.Label != held[0].Label {
			f.Outcome = weekAmbiguous
		}
	}
	if f.Outcome == weekAmbiguous {
		return
	}
	f.Outcome, f.Label = weekLabelled, held[0].Label
	f.Overlap = within(f.FirstNs, f.LastNs, held[0].From, held[0].To)
	if len(held[0].Attempts) > 0 {
		f.Attempt = attempt
	}
}
