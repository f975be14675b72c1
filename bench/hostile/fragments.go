package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// fragments are datagrams cut so that a reassembler overwrites, overflows or
// waits. By the rules of docs/fragments.md: with its first fragment a datagram is
// in its flow, whole or not; without, its fragments are unresolved; one that
// contradicts itself is malformed.
func fragments() []Case {
	piece := func(id uint16, offset int, more bool, body ...byte) []byte {
		return traffic.IP(host(7), host(1), 17, body, traffic.Ident(id), traffic.Fragmented(traffic.Fragment{Offset: offset, More: more}))
	}
	piece6 := func(id uint32, offset int, more bool, body ...byte) []byte {
		return traffic.IP(host6(7), host6(1), 17, body, traffic.Fragmented(traffic.Fragment{Offset: offset, More: more, ID: id}))
	}
	head := func(id uint16) []byte { return piece(id, 0, true, join(udpHeader(40), make([]byte, 8))...) }
	rest := make([]byte, 24)
	return []Case{
		bad("datagram_in_two", packet.InFlow, head(1), piece(1, 16, false, rest...)),
		bad("datagram_in_two_backward", packet.InFlow, piece(2, 16, false, rest...), head(2)),
		noted("datagram_with_a_hole", packet.InFlow, head(3), piece(3, 24, false, rest[:16]...)),
		noted("teardrop", packet.InFlow, head(4), piece(4, 8, false, 1, 2, 3, 4)),
		noted("overlap_with_other_bytes", packet.InFlow, head(5), piece(5, 8, true, bytesOf(16, 0xee)...), piece(5, 16, false, rest...)),
		noted("overlap_of_the_ports", packet.InFlow, head(6), piece(6, 0, true, join(u16(1), u16(2), u16(40), u16(0), make([]byte, 8))...), piece(6, 16, false, rest...)),
		noted("same_fragment_a_hundred_times", packet.FragmentUnresolved, repeatFrame(100, piece(7, 16, false, rest...))...),
		noted("tiny_first_fragment_of_tcp", packet.InFlow, traffic.IP(host(7), host(1), 6, []byte{0x9c, 0x40, 0, 80, 0, 0, 0, 1}, traffic.Ident(8), traffic.Fragmented(traffic.Fragment{More: true}))),
		noted("ping_of_death", packet.MalformedL3, piece(9, 65_528, false, make([]byte, 400)...)),
		noted("last_fragment_twice_with_other_lengths", packet.FragmentUnresolved, piece(10, 16, false, rest...), piece(10, 16, false, rest[:8]...)),
		unequal("middle_fragment_not_a_multiple_of_eight", packet.MalformedL3, piece(11, 16, true, 1, 2, 3), head(11)),
		noted("fragment_of_no_bytes", packet.MalformedL3, piece(12, 16, true)),
		bad("first_fragment_without_its_ports", packet.MalformedL4, piece(13, 0, true, 0x9c, 0x40)),
		unequal("one_id_for_two_datagrams", packet.FragmentUnresolved, piece(14, 16, false, rest...), head(14), head(14), piece(14, 16, false, rest...)),
		noted("dont_fragment_and_fragmented", packet.InFlow, patched(head(15), atIP+6, 0x60)),
		bad("fragments_of_unknown_protocol", packet.InFlow, traffic.IP(host(7), host(1), 253, rest, traffic.Fragmented(traffic.Fragment{More: true})), traffic.IP(host(7), host(1), 253, rest, traffic.Fragmented(traffic.Fragment{Offset: 24}))),
		bad("ipv6_atomic_fragment", packet.InFlow, piece6(1, 0, false, join(udpHeader(16), make([]byte, 8))...)),
		noted("ipv6_overlap", packet.InFlow, piece6(2, 0, true, join(udpHeader(40), make([]byte, 8))...), piece6(2, 8, false, rest...)),
		bad("ipv6_first_fragment_without_transport", packet.MalformedL4, piece6(3, 0, true)),
		noted("ipv6_fragment_of_a_fragment", packet.FragmentUnresolved, piece6(4, 8, true, join([]byte{17, 0, 0, 9, 0, 0, 0, 9}, rest)...)),
		{Name: "heads_without_tails", Make: func() ([]byte, Want) {
			return noted("", packet.InFlow, each(2000, func(i int) []byte { return head(uint16(i)) })...).Make()
		}},
		{Name: "tails_without_heads", Make: func() ([]byte, Want) {
			return noted("", packet.FragmentUnresolved, each(2000, func(i int) []byte { return piece(uint16(i), 16, false, rest...) })...).Make()
		}},
		lazy("a_datagram_of_eight_thousand_fragments", packet.InFlow, func() [][]byte {
			return each(8000, func(i int) []byte {
				if i == 0 {
					return piece(20, 0, true, udpHeader(64_000)...)
				}
				return piece(20, 8*i, i < 7999, make([]byte, 8)...)
			})
		}),
		{Name: "a_datagram_backward_but_for_its_beginning", Make: func() ([]byte, Want) {
			return noted("", packet.FragmentUnresolved, each(500, func(i int) []byte {
				return piece(21, 8*(500-i), i > 0, make([]byte, 8)...)
			})...).Make()
		}},
	}
}

// noted is a case of fragments that share a disposition and are noted, because
// their datagram never got whole or something was unusual about it.
func noted(name string, out packet.Outcome, frames ...[]byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		data, want := among(out, frames...)
		want.Outcome = Notes
		return data, want
	}}
}

// unequal is a case of fragments that are in their flow, and behind them one with
// another disposition.
func unequal(name string, out packet.Outcome, last []byte, inFlow ...[]byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		p := newPcap()
		p.add(packet.InFlow, inFlow...)
		p.add(out, last)
		return p.good(1).done(Notes, "")
	}}
}

// each makes n frames.
func each(n int, frame func(i int) []byte) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = frame(i)
	}
	return out
}

func repeatFrame(n int, frame []byte) [][]byte { return each(n, func(int) []byte { return frame }) }
