package hostile

import (
	"slices"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// linkHeaders are frames that end or lie before the IP header.
func linkHeaders() []Case {
	tagged := query(1, traffic.Tagged(7))
	double := query(1, traffic.Tagged(7, 8))
	labelled := query(1, traffic.Labelled(16))
	session := query(1, traffic.InPPPoE(1))
	return []Case{
		bad("ethernet_of_13_bytes", packet.MalformedL2, cut(query(1), 13)),
		bad("ethernet_and_nothing", packet.MalformedL3, cut(query(1), 14)),
		bad("ethertype_unknown", packet.NonIP, traffic.Ethernet(0x88b5, make([]byte, 46))),
		bad("ethertype_between_length_and_type", packet.NonIP, traffic.Ethernet(1501, make([]byte, 46))),
		bad("arp_of_one_byte", packet.NonIP, traffic.Ethernet(0x0806, []byte{0})),
		bad("vlan_tag_cut", packet.MalformedL2, cut(tagged, 14), cut(tagged, 17)),
		bad("second_vlan_tag_cut", packet.MalformedL2, cut(double, 20)),
		bad("vlan_tag_with_nothing_behind", packet.MalformedL3, cut(tagged, 18)),
		bad("vlan_of_a_length", packet.MalformedL2, patched(cut(tagged, 18), 16, 0, 50)),
		bad("mpls_label_cut", packet.MalformedL2, cut(labelled, 16)),
		bad("mpls_without_bottom", packet.MalformedL2, patched(cut(labelled, 18), 16, 0)),
		bad("mpls_of_neither_version", packet.NonIP, patched(labelled, 18, 0x10)),
		bad("mpls_bottom_and_nothing", packet.NonIP, cut(labelled, 18)),
		bad("pppoe_cut", packet.MalformedL2, cut(session, 18)),
		bad("pppoe_cut_in_its_protocol", packet.MalformedL2, cut(session, 21)),
		bad("pppoe_of_another_protocol", packet.NonIP, patched(session, 20, 0xc0, 0x21)),
		bad("llc_cut", packet.MalformedL2, traffic.Ethernet(2, []byte{0xaa, 0xaa})),
		bad("snap_cut", packet.MalformedL2, traffic.Ethernet(7, []byte{0xaa, 0xaa, 3, 0, 0, 0, 8})),
		bad("snap_of_a_vendor", packet.NonIP, traffic.Ethernet(8, []byte{0xaa, 0xaa, 3, 0, 0, 12, 8, 0})),
		bad("snap_with_a_length", packet.NonIP, traffic.Ethernet(8, []byte{0xaa, 0xaa, 3, 0, 0, 0, 0, 9})),
		bad("llc_of_netbios", packet.NonIP, traffic.Ethernet(3, []byte{0xf0, 0xf0, 3})),
		onLinkCase("loopback_cut", packet.LinkNull, packet.MalformedL2, func(f []byte) []byte { return f[:3] }),
		onLinkCase("loopback_family_of_nothing", packet.LinkNull, packet.NonIP, func(f []byte) []byte { return patched(f, 0, 99, 0, 0, 0) }),
		onLinkCase("loopback_family_six_around_four", packet.LinkNull, packet.MalformedL3, func(f []byte) []byte { return patched(f, 0, 30, 0, 0, 0) }),
		onLinkCase("cooked_cut", packet.LinkSLL, packet.MalformedL2, func(f []byte) []byte { return f[:15] }),
		onLinkCase("cooked_of_radio_that_is_none", packet.LinkSLL, packet.MalformedL2, func(f []byte) []byte { return patched(f, 2, 0x03, 0x23) }),
		onLinkCase("cooked_of_can", packet.LinkSLL, packet.NonIP, func(f []byte) []byte { return patched(f, 14, 0, 12) }),
		onLinkCase("cooked2_cut", packet.LinkSLL2, packet.MalformedL2, func(f []byte) []byte { return f[:19] }),
		onLinkCase("raw_of_no_bytes", packet.LinkRaw, packet.MalformedL3, func(f []byte) []byte { return f[:0] }),
		onLinkCase("raw_of_version_five", packet.LinkRaw, packet.MalformedL3, func(f []byte) []byte { return patched(f, 0, 0x55) }),
		{Name: "link_ipv4_around_six", Make: func() ([]byte, Want) {
			p := onLink(packet.LinkIPv4)
			p.add(packet.MalformedL3, query6(traffic.OnLink(packet.LinkRaw)))
			return p.done(Complete, "")
		}},
	}
}

// onLinkCase damages a sound frame of a link type.
func onLinkCase(name string, link packet.LinkType, out packet.Outcome, damage func([]byte) []byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		good := query(900, traffic.OnLink(link))
		p := onLink(link)
		p.add(packet.InFlow, good)
		frame := damage(slices.Clone(good))
		p.add(out, frame)
		p.add(packet.InFlow, good)
		outcome := Complete
		if len(frame) == 0 { // empty packets are noted
			outcome = Notes
		}
		return p.done(outcome, "")
	}}
}
