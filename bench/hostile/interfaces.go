package hostile

import "pcapmill/ingest/packet"

// interfaces are floods of descriptions, and clocks that no division survives.
// Packets of an interface whose clock cannot be used have no time, so they are in
// no flow.
func interfaces() []Case {
	return []Case{
		{Name: "interfaces_at_the_limit", Make: func() ([]byte, Want) {
			g := newNg()
			for range 65_536 {
				g.iface(1, 0)
			}
			g.packet(packet.InFlow, 65_535, g.next, query(1))
			return g.done(Complete, "")
		}},
		{Name: "interfaces_above_the_limit", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			for range 65_536 {
				g.iface(1, 0)
			}
			return g.done(Limit, "interface_limit")
		}},
		{Name: "interfaces_above_the_limit_over_sections", Heavy: true, Make: func() ([]byte, Want) {
			g := newNg()
			for range 5 {
				for range 60_000 {
					g.iface(1, 0)
				}
				g.section()
			}
			return g.done(Limit, "interface_limit")
		}},
		{Name: "fifty_thousand_sections", Make: func() ([]byte, Want) {
			g := ethernet().good(1)
			for range 50_000 {
				g.section()
			}
			g.iface(1, 0)
			return g.good(1).done(Complete, "")
		}},
		clock("resolution_all_ones", true, 0xff),
		clock("resolution_ten_to_minus_100", true, 100),
		clock("resolution_two_to_minus_65", true, 0x80|65),
		clock("resolution_ten_to_minus_20", true, 20),
		clock("resolution_empty", true),
		clock("resolution_of_two_bytes", true, 6, 6),
		{Name: "resolution_two_to_minus_64", Make: func() ([]byte, Want) {
			// The whole 64-bit stamp is less than a second.
			g := newNg()
			g.iface(1, 0, g.option(optionTSResol, []byte{0x80 | 64})...)
			g.packet(packet.InFlow, 0, 1<<63, query(1))
			g.packet(packet.InFlow, 0, ^uint64(0), query(2))
			return g.done(Complete, "")
		}},
		{Name: "resolution_of_whole_seconds", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionTSResol, []byte{0})...)
			g.packet(packet.InFlow, 0, firstSecond, query(1))
			return g.done(Complete, "")
		}},
		{Name: "resolution_given_twice", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, join(g.option(optionTSResol, []byte{6}), g.option(optionTSResol, []byte{9}))...)
			g.packet(packet.UnsupportedLink, 0, g.next, query(1))
			return g.done(Notes, "")
		}},
		offset("offset_most_negative", 1<<63, packet.InFlow, Notes),   // before 1823: kept without a time
		offset("offset_most_positive", 1<<63-1, packet.InFlow, Notes), // after 2262
		offset("offset_minus_one_second", ^uint64(0), packet.InFlow, Complete),
		{Name: "offset_of_four_bytes", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionTSOffset, []byte{0, 0, 0, 1})...)
			g.packet(packet.UnsupportedLink, 0, g.next, query(1))
			return g.done(Notes, "")
		}},
		{Name: "unusable_interface_keeps_its_number", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionTSResol, []byte{0xff})...)
			g.iface(1, 0)
			g.packet(packet.UnsupportedLink, 0, g.next, query(1))
			g.packet(packet.InFlow, 1, g.next, query(2))
			return g.done(Notes, "")
		}},
		{Name: "interface_description_too_short", Make: func() ([]byte, Want) {
			g := newNg()
			g.block(typeInterface, []byte{1, 0, 0, 0})
			g.iface(1, 0)
			g.packet(packet.InFlow, 1, g.next, query(1))
			return g.done(Notes, "")
		}},
		{Name: "interface_name_of_60_kilobytes", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionName, bytesOf(60_000, 0x1b))...)
			return g.good(1).done(Complete, "")
		}},
		{Name: "interface_names_of_terminal_escapes", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionName, []byte("eth0\x1b]52;c;b3duZWQ=\x07\r\n\xff\x00"))...)
			return g.good(1).done(Complete, "")
		}},
	}
}

// clock is an interface with a resolution that may not be usable.
func clock(name string, unusable bool, value ...byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		g := newNg()
		g.iface(1, 0, g.option(optionTSResol, value)...)
		if unusable {
			g.packet(packet.UnsupportedLink, 0, g.next, query(1))
			return g.done(Notes, "")
		}
		return g.good(1).done(Complete, "")
	}}
}

func offset(name string, seconds uint64, out packet.Outcome, outcome string) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		g := newNg()
		g.iface(1, 0, g.option(optionTSOffset, g.order.AppendUint64(nil, seconds))...)
		g.add(out, query(1), query(2))
		return g.done(outcome, "")
	}}
}
