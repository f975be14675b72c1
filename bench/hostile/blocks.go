package hostile

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// blocks are pcapng frames that lie. A frame that cannot be right ends the
// reading; content that cannot be right costs that block alone.
func blocks() []Case {
	ends := []Case{
		endsAt("block_length_zero", 6, 0),
		endsAt("block_length_below_its_frame", 6, 8),
		endsAt("block_length_odd", 6, 61),
		endsAt("block_length_all_ones", 6, 0xffffffff),
		endsAt("block_of_an_unknown_type_and_length_one", 0x7fffffff, 1),
		mismatch("trailer_differs", typeEnhanced),
		mismatch("trailer_of_skipped_block_differs", typeNames),
		mismatch("trailer_of_interface_differs", typeInterface),
	}
	return append(ends, lyingContent()...)
}

func endsAt(name string, kind, length uint32) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		g := ethernet().good(2)
		g.lying(kind, length, length, make([]byte, 52))
		g.block(typeEnhanced, g.enhanced(0, g.next, 4, 4, make([]byte, 4))) // never reached
		return g.done(Partial, "bad_block")
	}}
}

func mismatch(name string, kind uint32) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		g := ethernet().good(2)
		g.lying(kind, 64, 68, make([]byte, 52))
		return g.done(Partial, "bad_block")
	}}
}

func lyingContent() []Case {
	return []Case{
		{Name: "enhanced_block_too_short", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeEnhanced, make([]byte, 16))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "simple_block_too_short", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeSimple, nil)
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "obsolete_block_too_short", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeObsolete, make([]byte, 8))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "packet_of_an_unknown_interface", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeEnhanced, g.enhanced(7, g.next, 4, 4, make([]byte, 4)))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "packet_of_interface_all_ones", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeEnhanced, g.enhanced(0xffffffff, g.next, 4, 4, make([]byte, 4)))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "packet_before_any_interface", Make: func() ([]byte, Want) {
			g := newNg()
			g.block(typeEnhanced, g.enhanced(0, g.next, 4, 4, make([]byte, 4)))
			g.iface(1, 0)
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "simple_packet_before_any_interface", Make: func() ([]byte, Want) {
			g := newNg()
			g.block(typeSimple, g.words(4, 0))
			g.iface(1, 0)
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "interface_of_the_section_before", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.section() // describes none
			g.block(typeEnhanced, g.enhanced(0, g.next, 4, 4, make([]byte, 4)))
			return g.done(Partial, "bad_packet")
		}},
		{Name: "section_too_short", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeSection, g.words(0x1a2b3c4d))
			return g.done(Partial, "bad_block")
		}},
		{Name: "section_without_byte_order", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeSection, g.words(0xdeadbeef, 1, 0, 0))
			return g.done(Partial, "bad_block")
		}},
		{Name: "first_section_without_byte_order", Make: func() ([]byte, Want) {
			g := &ngFile{order: binary.LittleEndian}
			g.block(typeSection, g.words(0xdeadbeef, 1, 0, 0))
			return g.done(Rejected, "bad_block")
		}},
		{Name: "section_length_lies", Make: func() ([]byte, Want) {
			g := &ngFile{order: binary.LittleEndian, next: firstSecond * 1e6}
			g.block(typeSection, g.words(0x1a2b3c4d, 1, 8, 0)) // eight bytes long, it says
			g.iface(1, 0)
			return g.good(2).done(Complete, "")
		}},
		{Name: "options_without_end", Make: func() ([]byte, Want) {
			g := ethernet()
			g.packet(packet.InFlow, 0, g.next, query(1), g.option(optionComment, []byte("no end follows"))...)
			return g.good(1).done(Notes, "") // comments are noted
		}},
		{Name: "options_cut_in_their_head", Make: func() ([]byte, Want) {
			// Frames are padded, so two bytes of options become four: an end.
			g := ethernet()
			g.packet(packet.InFlow, 0, g.next, query(1), 0, 0)
			return g.good(1).done(Complete, "")
		}},
		{Name: "ten_thousand_comments_on_one_packet", Make: func() ([]byte, Want) {
			g := ethernet()
			var options []byte
			for range 10_000 {
				options = append(options, g.option(optionComment, []byte("c"))...)
			}
			g.packet(packet.InFlow, 0, g.next, query(1), options...)
			return g.good(1).done(Notes, "")
		}},
		{Name: "comment_of_control_characters", Make: func() ([]byte, Want) {
			g := ethernet()
			g.packet(packet.InFlow, 0, g.next, query(1), g.option(optionComment, []byte("\x1b]0;owned\x07\x1b[2J\x00\xff"))...)
			return g.done(Notes, "")
		}},
		{Name: "name_records_that_overrun", Make: func() ([]byte, Want) {
			g := ethernet()
			g.block(typeNames, []byte{1, 0, 0xff, 0xff, 10, 0, 0, 1, 'x', 0, 0, 0})
			return g.good(1).done(Notes, "") // names are skipped, which is noted
		}},
		{Name: "name_without_terminator", Make: func() ([]byte, Want) {
			g := ethernet()
			g.block(typeNames, []byte{1, 0, 8, 0, 10, 0, 0, 1, 'n', 'a', 'm', 'e', 0, 0, 0, 0})
			return g.good(1).done(Complete, "")
		}},
		{Name: "statistics_of_an_unknown_interface", Make: func() ([]byte, Want) {
			g := ethernet()
			g.block(typeStatistics, g.words(99, 0, 0))
			return g.good(1).done(Notes, "")
		}},
		{Name: "secrets_longer_than_their_block", Make: func() ([]byte, Want) {
			g := ethernet()
			g.block(typeSecrets, append(g.words(0x544c534b, 0xffffff), "CLIENT_RANDOM "...))
			return g.good(1).done(Notes, "")
		}},
		{Name: "hundred_thousand_custom_blocks", Make: func() ([]byte, Want) {
			g := ethernet()
			for range 100_000 {
				g.block(typeCustom, []byte{0, 0, 0x7f, 0xff})
			}
			return g.good(1).done(Notes, "")
		}},
		{Name: "a_thousand_block_types", Make: func() ([]byte, Want) {
			g := ethernet()
			for i := range uint32(1000) {
				g.block(0x1000+i, nil)
			}
			return g.good(1).done(Notes, "")
		}},
	}
}
