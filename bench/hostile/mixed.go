package hostile

import (
	"encoding/binary"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// mixed are captures whose properties change on the way.
func mixed() []Case {
	raw := func(n int) []byte { return query(n, traffic.OnLink(packet.LinkRaw)) }
	return []Case{
		{Name: "link_types_by_interface", Make: func() ([]byte, Want) {
			g := ethernet()
			g.iface(uint16(packet.LinkRaw), 0)
			g.iface(uint16(packet.LinkSLL), 0)
			g.packet(packet.InFlow, 0, g.next, query(1))
			g.packet(packet.InFlow, 1, g.next, raw(2))
			g.packet(packet.InFlow, 2, g.next, query(3, traffic.OnLink(packet.LinkSLL)))
			return g.done(Complete, "")
		}},
		{Name: "byte_order_by_section", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.order = binary.BigEndian
			g.section()
			g.iface(1, 0)
			g.good(1)
			g.order = binary.LittleEndian
			g.section()
			g.iface(1, 0)
			return g.good(1).done(Complete, "")
		}},
		{Name: "block_in_the_other_byte_order", Make: func() ([]byte, Want) {
			g := ethernet().good(2)
			g.order = binary.BigEndian // and no section says so
			g.block(typeEnhanced, g.enhanced(0, g.next, 4, 4, make([]byte, 4)))
			return g.done(Partial, "bad_block")
		}},
		{Name: "unknown_link_type", Make: func() ([]byte, Want) {
			p := onLink(60_000)
			p.add(packet.UnsupportedLink, query(1), query(2))
			return p.done(Notes, "")
		}},
		{Name: "unknown_link_type_beside_a_known_one", Make: func() ([]byte, Want) {
			g := ethernet()
			g.iface(60_000, 0)
			g.packet(packet.InFlow, 0, g.next, query(1))
			g.packet(packet.UnsupportedLink, 1, g.next, query(2))
			return g.done(Notes, "")
		}},
		{Name: "link_type_beyond_16_bits", Make: func() ([]byte, Want) {
			p := onLink(0x03ffffff)
			p.add(packet.UnsupportedLink, query(1))
			return p.done(Notes, "") // both the type and the reserved bits are
		}},
		{Name: "bluetooth_is_counted", Make: func() ([]byte, Want) {
			p := onLink(187)
			p.add(packet.OtherLink, []byte{1, 3, 12, 0})
			return p.done(Notes, "")
		}},
		{Name: "forty_link_types_in_one_file", Changes: "link types", Make: func() ([]byte, Want) {
			// Types from 40,000 on are assigned to nobody.
			g := ethernet()
			for i := range uint16(40) {
				g.iface(40_000+i, 0)
				g.packet(packet.UnsupportedLink, uint32(i)+1, g.next, query(int(i)))
			}
			return g.good(1).done(Notes, "")
		}},
		{Name: "link_type_changes_in_a_new_section", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			g.section()
			g.iface(uint16(packet.LinkRaw), 0)
			g.add(packet.InFlow, raw(2))
			return g.done(Complete, "")
		}},
		{Name: "ethernet_called_raw", Make: func() ([]byte, Want) {
			p := onLink(packet.LinkRaw)
			// The first byte of the MAC address, 0x02, is no IP version.
			p.add(packet.MalformedL3, query(1, traffic.MACs(traffic.MAC{2}, traffic.MAC{2})))
			return p.done(Complete, "")
		}},
		{Name: "raw_called_ethernet", Make: func() ([]byte, Want) {
			p := newPcap()
			// The EtherType is read from the source address, 10.0: a length of 2,560.
			p.add(packet.NonIP, raw(1))
			return p.done(Complete, "")
		}},
	}
}
