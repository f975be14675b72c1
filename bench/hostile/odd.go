package hostile

import (
	"encoding/binary"
	"slices"

	"pcapmill/ingest/packet"
)

// odd are captures that strict readers refuse and that are read all the same.
func odd() []Case {
	return []Case{
		header("version_9_9", Notes, func(h *pcapHeader) { h.major, h.minor = 9, 9 }),
		header("version_2_0_swaps_lengths", Complete, nil),
		header("snaplen_zero", Complete, func(h *pcapHeader) { h.snapLen = 0 }),
		header("snaplen_below_every_packet", Notes, func(h *pcapHeader) { h.snapLen = 4 }),
		header("fcs_of_thirty_bytes", Complete, func(h *pcapHeader) { h.link |= 0xf4000000 }),
		header("big_endian", Complete, func(h *pcapHeader) { h.order = binary.BigEndian }),
		{Name: "modified_header", Make: func() ([]byte, Want) {
			h := usualHeader()
			h.magic = 0xa1b2cd34
			p := h.file()
			for i := range 3 {
				p.head(firstSecond, uint32(i), uint32(len(query(i))), uint32(len(query(i))))
				p.u32(2, 0x0001_0800) // interface, protocol, packet type
				p.raw(query(i)...)
				p.count(packet.InFlow)
			}
			return p.done(Complete, "")
		}},
		{Name: "nanoseconds_above_a_second", Make: func() ([]byte, Want) {
			h := usualHeader()
			h.magic = 0xa1b23c4d
			p := h.file()
			p.at(packet.InFlow, firstSecond, 0xffffffff, query(1))
			return p.done(Notes, "")
		}},
		{Name: "microseconds_above_a_second", Make: func() ([]byte, Want) {
			p := newPcap()
			p.at(packet.InFlow, firstSecond, 1_000_000, query(1))
			p.at(packet.InFlow, firstSecond, 0xffffffff, query(2))
			return p.done(Notes, "")
		}},
		{Name: "more_captured_than_on_the_wire", Make: func() ([]byte, Want) {
			p := newPcap()
			p.record(packet.InFlow, firstSecond, 0, 10, query(1))
			p.record(packet.InFlow, firstSecond, 1, 0, query(2))
			return p.done(Notes, "")
		}},
		{Name: "packets_without_bytes", Make: func() ([]byte, Want) {
			p := newPcap().good(1)
			p.record(packet.MalformedL2, firstSecond, 0, 60, nil)
			p.record(packet.MalformedL2, firstSecond, 0, 0, nil)
			return p.done(Notes, "")
		}},
		{Name: "every_packet_cut_to_its_ports", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 4 {
				p.record(packet.InFlow, firstSecond, uint32(i), uint32(len(query(i))), query(i)[:atL4+4])
			}
			return p.done(Complete, "")
		}},
		{Name: "every_packet_cut_inside_its_ports", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 4 {
				p.record(packet.MalformedL4, firstSecond, uint32(i), uint32(len(query(i))), query(i)[:atL4+3])
			}
			return p.done(Complete, "")
		}},
		{Name: "simple_packets_cut_at_the_snaplen", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 48)
			for i := range 3 {
				g.block(typeSimple, append(g.words(uint32(len(query(i)))), query(i)[:48]...))
				g.count(packet.InFlow)
			}
			return g.done(Complete, "")
		}},
		{Name: "obsolete_packets", Make: func() ([]byte, Want) {
			g := ethernet()
			for i := range 3 {
				f := query(i)
				body := g.words(0, uint32(g.next>>32), uint32(g.next), uint32(len(f)), uint32(len(f)))
				g.block(typeObsolete, append(body, f...))
				g.count(packet.InFlow)
			}
			return g.done(Complete, "")
		}},
		{Name: "pcapng_version_7", Make: func() ([]byte, Want) {
			g := ethernet().good(2)
			g.data[12] = 7
			return g.done(Notes, "")
		}},
		{Name: "identical_packets", Changes: "duplicates", Make: func() ([]byte, Want) {
			p := newPcap()
			p.add(packet.InFlow, slices.Repeat([][]byte{query(1)}, 1000)...)
			p.want.Flows = 1
			return p.done(Complete, "")
		}},
	}
}

// header is a file of three packets behind a changed header; nil is version 2.0,
// whose records have their lengths in reverse order.
func header(name, outcome string, change func(*pcapHeader)) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		h := usualHeader()
		if change == nil {
			return reversedLengths(), Want{Outcome: Complete, Packets: 2, By: inFlow(2)}
		}
		change(&h)
		return h.file().good(3).done(outcome, "")
	}}
}

// reversedLengths is a file of version 2.0: wire length first, then captured.
func reversedLengths() []byte {
	h := usualHeader()
	h.minor = 0
	p := h.file()
	for i := range 2 {
		p.head(firstSecond, uint32(i), 1500, uint32(len(query(i))))
		p.raw(query(i)...)
	}
	return p.data
}

// inFlow returns dispositions of n packets in flows.
func inFlow(n int64) (by [packet.NumOutcomes]int64) {
	by[packet.InFlow] = n
	return by
}
