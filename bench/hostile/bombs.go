package hostile

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// maxPacket is the longest captured length that is accepted.
const maxPacket = 262_144

// bombs are lengths that promise gigabytes: no memory may be given to them.
func bombs() []Case {
	return []Case{
		longRecord("caplen_two_gigabytes", binary.LittleEndian, 1<<31),
		longRecord("caplen_all_ones", binary.LittleEndian, 0xffffffff),
		longRecord("caplen_one_above_the_limit", binary.LittleEndian, maxPacket+1),
		longRecord("caplen_in_the_other_byte_order", binary.BigEndian, 0x60000000),
		{Name: "caplen_at_the_limit", Make: func() ([]byte, Want) {
			p := newPcap()
			// Ethernet with the next-to-longest IP packet, padded to the limit.
			p.add(packet.InFlow, append(query(1), make([]byte, maxPacket-len(query(1)))...))
			return p.done(Complete, "")
		}},
		{Name: "caplen_of_a_small_file", Make: func() ([]byte, Want) {
			p := newPcap().good(1)
			p.head(firstSecond, 0, maxPacket, maxPacket) // allowed, but not there
			return p.done(Partial, "truncated")
		}},
		{Name: "wirelen_all_ones", Make: func() ([]byte, Want) {
			p := newPcap().good(1)
			p.record(packet.InFlow, firstSecond, 5, 0xffffffff, query(1))
			return p.done(Complete, "")
		}},
		{Name: "enhanced_caplen_all_ones", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeEnhanced, g.enhanced(0, g.next, 0xffffffff, 0xffffffff, make([]byte, 8)))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "enhanced_caplen_above_its_block", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeEnhanced, g.enhanced(0, g.next, 9, 9, make([]byte, 8)))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "enhanced_caplen_above_the_limit", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeEnhanced, g.enhanced(0, g.next, maxPacket+4, maxPacket+4, make([]byte, maxPacket+4)))
			return g.good(1).done(Partial, "bad_packet")
		}},
		{Name: "simple_packet_without_snaplen", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0)
			g.good(1)
			g.block(typeSimple, append(g.words(0xfffffff0), make([]byte, 16)...))
			return g.done(Partial, "bad_packet")
		}},
		{Name: "obsolete_packet_caplen_all_ones", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.block(typeObsolete, append(g.words(0, 0, 0, 0xffffffff, 60), make([]byte, 8)...))
			return g.done(Partial, "bad_packet")
		}},
		blockBomb("block_of_16_mebibytes_announced", typeEnhanced, 16<<20, "truncated"),
		blockBomb("block_of_four_gibibytes_announced", typeEnhanced, 0xfffffffc, "bad_block"),
		blockBomb("skipped_block_of_16_mebibytes_announced", typeCustom, 16<<20, "truncated"),
		{Name: "snaplen_all_ones", Make: func() ([]byte, Want) {
			h := usualHeader()
			h.snapLen = 0xffffffff
			return h.file().good(2).done(Complete, "")
		}},
		{Name: "option_longer_than_its_block", Make: func() ([]byte, Want) {
			g := ethernet()
			g.packet(packet.InFlow, 0, g.next, query(1), 1, 0, 0xff, 0xff) // a comment of 65,535 bytes
			return g.good(1).done(Notes, "")
		}},
	}
}

func longRecord(name string, o order, captured uint32) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		h := usualHeader()
		h.order = o
		p := h.file().good(2)
		p.head(firstSecond, 0, captured, captured)
		p.raw(make([]byte, 44)...)
		return p.done(Partial, "packet_too_long")
	}}
}

func blockBomb(name string, kind, length uint32, reason string) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		g := ethernet().good(2)
		g.raw(g.words(kind, length, 0, 0, 0, 0, 0)...)
		return g.done(Partial, reason)
	}}
}
