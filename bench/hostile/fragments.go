package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// fragments are datagrams cut so that a reassembler overwrites, overflows or
// waits. A fragment that belongs to a flow counts in it, whether or not its
// datagram ever gets whole.
func fragments() []Case {
	piece := func(id uint16, offset int, more bool, body ...byte) []byte {
		return traffic.IP(host(7), host(1), 17, body, traffic.Ident(id), traffic.Fragmented(traffic.Fragment{Offset: offset, More: more}))
	}
	piece6 := func(id uint32, offset int, more bool, body ...byte) []byte {
		return traffic.IP(host6(7), host6(1), 17, body, traffic.Fragmented(traffic.Fragment{Offset: offset, More: more, ID: id}))
	}
	head := func(id uint16) []byte { return piece(id, 0, true, join(udpHeader(40), make([]byte, 8))...) }
	rest := make([]byte, 24)
	list := []Case{
		bad("datagram_in_two", packet.InFlow, head(1), piece(1, 16, false, rest...)),
		bad("datagram_in_two_backward", packet.InFlow, piece(2, 16, false, rest...), head(2)),
		bad("datagram_with_a_hole", packet.InFlow, head(3), piece(3, 24, false, rest[:16]...)),
		bad("teardrop", packet.InFlow, head(4), piece(4, 8, false, 1, 2, 3, 4)),
		bad("overlap_with_other_bytes", packet.InFlow, head(5), piece(5, 8, true, bytesOf(16, 0xee)...), piece(5, 16, false, rest...)),
		bad("overlap_of_the_ports", packet.InFlow, head(6), piece(6, 0, true, join(u16(1), u16(2), u16(40), u16(0), make([]byte, 8))...), piece(6, 16, false, rest...)),
		bad("same_fragment_a_hundred_times", packet.InFlow, repeatFrame(100, piece(7, 16, false, rest...))...),
		bad("tiny_first_fragment_of_tcp", packet.InFlow, traffic.IP(host(7), host(1), 6, []byte{0x9c, 0x40, 0, 80, 0, 0, 0, 1}, traffic.Ident(8), traffic.Fragmented(traffic.Fragment{More: true}))),
		bad("ping_of_death", packet.InFlow, piece(9, 65_528, false, make([]byte, 400)...)),
		bad("last_fragment_twice_with_other_lengths", packet.InFlow, piece(10, 16, false, rest...), piece(10, 16, false, rest[:8]...)),
		bad("middle_fragment_not_a_multiple_of_eight", packet.InFlow, head(11), piece(11, 16, true, 1, 2, 3)),
		bad("fragment_of_no_bytes", packet.InFlow, piece(12, 16, true)),
		bad("first_fragment_without_its_ports", packet.MalformedL4, piece(13, 0, true, 0x9c, 0x40)),
		bad("one_id_for_two_datagrams", packet.InFlow, head(14), head(14), piece(14, 16, false, rest...), piece(14, 16, false, rest...)),
		bad("dont_fragment_and_fragmented", packet.InFlow, patched(head(15), atIP+6, 0x60)),
		bad("fragments_of_unknown_protocol", packet.InFlow, traffic.IP(host(7), host(1), 253, rest, traffic.Fragmented(traffic.Fragment{More: true})), traffic.IP(host(7), host(1), 253, rest, traffic.Fragmented(traffic.Fragment{Offset: 24}))),
		bad("ipv6_atomic_fragment", packet.InFlow, piece6(1, 0, false, join(udpHeader(16), make([]byte, 8))...)),
		bad("ipv6_overlap", packet.InFlow, piece6(2, 0, true, join(udpHeader(40), make([]byte, 8))...), piece6(2, 8, false, rest...)),
		bad("ipv6_first_fragment_without_transport", packet.MalformedL4, piece6(3, 0, true)),
		bad("ipv6_fragment_of_a_fragment", packet.InFlow, piece6(4, 8, true, join([]byte{17, 0, 0, 9, 0, 0, 0, 9}, rest)...)),
		lazy("heads_without_tails", packet.InFlow, func() [][]byte { return each(2000, func(i int) []byte { return head(uint16(i)) }) }),
		lazy("tails_without_heads", packet.InFlow, func() [][]byte {
			return each(2000, func(i int) []byte { return piece(uint16(i), 16, false, rest...) })
		}),
		lazy("a_datagram_of_eight_thousand_fragments", packet.InFlow, func() [][]byte {
			return each(8000, func(i int) []byte {
				if i == 0 {
					return piece(20, 0, true, udpHeader(64_000)...)
				}
				return piece(20, 8*i, i < 7999, make([]byte, 8)...)
			})
		}),
		lazy("a_datagram_backward_byte_by_byte", packet.InFlow, func() [][]byte {
			return each(500, func(i int) []byte { return piece(21, 8*(500-i), i > 0, make([]byte, 8)...) })
		}),
	}
	for i := range list {
		list[i].Changes = "fragments"
	}
	return list
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
