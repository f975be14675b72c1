package hostile

import (
	"encoding/binary"
	"strings"

	"pcapmill/ingest/packet"
)

// cuts are captures that end too early or go on too long. All whole packets
// before the place are kept.
func cuts() []Case {
	const usual = 24 // bytes of a pcap file header
	return []Case{
		{Name: "header_cut_at_23", Make: func() ([]byte, Want) {
			data, _ := newPcap().done(Complete, "")
			return data[:usual-1], Want{Outcome: Rejected, Reason: "truncated_header"}
		}},
		cutPcap("cut_in_record_header", func(p *pcapFile) { p.raw(1, 2, 3) }),
		cutPcap("cut_behind_record_header", func(p *pcapFile) { p.head(firstSecond, 0, 60, 60) }),
		cutPcap("cut_in_packet", func(p *pcapFile) { p.head(firstSecond, 0, 60, 60); p.raw(make([]byte, 59)...) }),
		cutPcap("cut_in_big_endian_packet", nil),
		cutNg("cut_in_block_header", func(g *ngFile) { g.raw(6, 0, 0, 0, 80) }),
		cutNg("cut_in_enhanced_packet", func(g *ngFile) { g.open(typeEnhanced, 40) }),
		cutNg("cut_in_interface", func(g *ngFile) { g.open(typeInterface, 2) }),
		cutNg("cut_in_section", func(g *ngFile) { g.raw(g.words(typeSection, 28, 0x1a2b3c4d)...) }),
		cutNg("cut_in_skipped_block", func(g *ngFile) { g.open(typeNames, 30) }),
		cutNg("cut_before_trailer", func(g *ngFile) {
			g.block(typeEnhanced, g.enhanced(0, g.next, 4, 4, []byte{1, 2, 3, 4}))
			g.data = g.data[:len(g.data)-4]
		}),
		cutNg("cut_inside_trailer", func(g *ngFile) {
			g.block(typeStatistics, make([]byte, 12))
			g.data = g.data[:len(g.data)-1]
		}),
		{Name: "section_cut_after_its_magic", Make: func() ([]byte, Want) {
			data, _ := newNg().done(Complete, "")
			return data[:12], Want{Outcome: Partial, Reason: "truncated"}
		}},
		{Name: "trailing_zeros_are_records", Make: func() ([]byte, Want) {
			// Sixteen zero bytes are a record of an empty packet of 1970.
			p := newPcap().good(2)
			for range 4 {
				p.record(packet.MalformedL2, 0, 0, 0, nil)
			}
			p.raw(make([]byte, 7)...)
			return p.done(Partial, "truncated")
		}},
		{Name: "trailing_text", Make: func() ([]byte, Want) {
			p := newPcap().good(2)
			p.raw([]byte(strings.Repeat("appended ", 10))...) // its third word is no length
			return p.done(Partial, "packet_too_long")
		}},
		{Name: "trailing_zeros_behind_blocks", Make: func() ([]byte, Want) {
			g := ethernet().good(2)
			g.raw(make([]byte, 64)...)
			return g.done(Partial, "bad_block")
		}},
		{Name: "two_files_concatenated", Make: func() ([]byte, Want) {
			// The second header reads as a record of an empty packet with the magic
			// for a time, and its end as the head of a record of absurd length.
			p, second := newPcap().good(2), newPcap().good(1)
			p.count(packet.MalformedL2)
			p.raw(second.data...)
			return p.done(Partial, "packet_too_long")
		}},
		{Name: "two_pcapng_files_concatenated", Make: func() ([]byte, Want) {
			g := ethernet().good(2)
			g.section()
			g.iface(1, 0)
			g.good(2)
			return g.done(Complete, "")
		}},
		{Name: "hole_of_zeros_in_the_middle", Make: func() ([]byte, Want) {
			// A sector lost within the second packet: its bytes are zero, the walk
			// goes on behind it.
			p := newPcap().good(1)
			p.add(packet.NonIP, make([]byte, 512)) // a length field of 0, LLC of zeros
			p.good(1)
			return p.done(Complete, "")
		}},
	}
}

// cutPcap is a file of two packets with an incomplete third; nil cuts the second
// of a big-endian one.
func cutPcap(name string, damage func(*pcapFile)) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		h := usualHeader()
		if damage != nil {
			p := h.file().good(2)
			damage(p)
			return p.done(Partial, "truncated")
		}
		h.order = binary.BigEndian
		p := h.file().good(2)
		p.head(firstSecond, 0, 100, 100)
		p.raw(query(1)[:20]...)
		return p.done(Partial, "truncated")
	}}
}

func cutNg(name string, damage func(*ngFile)) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		g := ethernet().good(2)
		damage(g)
		return g.done(Partial, "truncated")
	}}
}

// open starts a block of 84 bytes and gives n of its body.
func (g *ngFile) open(kind uint32, n int) {
	g.raw(g.words(kind, 84)...)
	g.raw(make([]byte, n)...)
}
