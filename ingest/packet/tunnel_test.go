package packet_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

var (
	hostA, hostB   = netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	hostA6, hostB6 = netip.MustParseAddr("2001:db8:f::1"), netip.MustParseAddr("2001:db8:f::2")
)

// be makes bytes of numbers, whose lowest eight bits count.
func be(values ...int) (b []byte) {
	for _, v := range values {
		b = append(b, byte(v))
	}
	return b
}

// unwrap walks a frame and looks into it as deep as it goes.
func unwrap(t testing.TB, data []byte, offset, length uint32) (views []packet.View, carries bool, out packet.Outcome) {
	t.Helper()
	var w packet.Walker
	v := packet.View{Offset: offset}
	if out := w.Walk(data[offset:offset+length], length, packet.LinkEthernet, &v); out != packet.InFlow {
		t.Fatalf("outer frame: %v", out)
	}
	views = append(views, v)
	for {
		var inner packet.View
		carries, out = w.Inner(data, &views[len(views)-1], &inner)
		if !carries || out != packet.InFlow {
			return views, carries, out
		}
		views = append(views, inner)
	}
}

// tunnels are one of each kind and variant.
func tunnels() map[string]*traffic.Tunnel {
	all := map[string]*traffic.Tunnel{
		"IP in IP":                     {Kind: packet.TunnelIPIP},
		"GRE":                          {Kind: packet.TunnelGRE, Bare: true},
		"GRE, checksum":                {Kind: packet.TunnelGRE, Bare: true, Checksum: true},
		"GRE, key":                     {Kind: packet.TunnelGRE, ID: 0xdeadbeef},
		"GRE, all":                     {Kind: packet.TunnelGRE, ID: 7, Checksum: true, Sequence: true},
		"GRE, Ethernet":                {Kind: packet.TunnelGRE, ID: 0x123456ff, Ethernet: true}, // NVGRE
		"PPTP":                         {Kind: packet.TunnelPPTP, ID: 0xabcd},
		"PPTP, compressed":             {Kind: packet.TunnelPPTP, ID: 1, Bare: true},
		"ERSPAN I":                     {Kind: packet.TunnelERSPAN, Bare: true},
		"ERSPAN II":                    {Kind: packet.TunnelERSPAN, ID: 0x3ff},
		"EoIP":                         {Kind: packet.TunnelEoIP, ID: 0x1234},
		"VXLAN":                        {Kind: packet.TunnelVXLAN, ID: 0xffffff},
		"VXLAN-GPE":                    {Kind: packet.TunnelVXLANGPE, ID: 5},
		"VXLAN-GPE, Ethernet":          {Kind: packet.TunnelVXLANGPE, ID: 5, Ethernet: true},
		"Geneve":                       {Kind: packet.TunnelGeneve, ID: 9},
		"Geneve, Ethernet":             {Kind: packet.TunnelGeneve, ID: 9, Ethernet: true, Options: be(1, 2, 3, 1, 9, 9, 9, 9, 0, 0, 0, 0)},
		"GTP-U":                        {Kind: packet.TunnelGTPU, ID: 0x01020304},
		"GTP-U, sequence":              {Kind: packet.TunnelGTPU, ID: 1, Sequence: true},
		"GTP-U, extensions":            {Kind: packet.TunnelGTPU, ID: 1, Options: be(0x85, 1, 0, 9, 0xc0, 1, 9, 4, 0)},
		"L2TP":                         {Kind: packet.TunnelL2TP, ID: 3<<16 | 4},
		"L2TP, no length":              {Kind: packet.TunnelL2TP, ID: 3<<16 | 4, Bare: true},
		"L2TP, sequence and offset":    {Kind: packet.TunnelL2TP, ID: 1, Sequence: true, Options: be(0, 0, 0)},
		"EtherIP":                      {Kind: packet.TunnelEtherIP},
		"MPLS in UDP":                  {Kind: packet.TunnelMPLS, ID: 1000},
		"MPLS in UDP, pseudowire":      {Kind: packet.TunnelMPLS, ID: 1000, Ethernet: true},
		"MPLS in UDP, no control word": {Kind: packet.TunnelMPLS, ID: 1000, Ethernet: true, Bare: true},
	}
	for _, t := range all {
		t.Src, t.Dst = hostA, hostB
	}
	return all
}

// carriedFrames are frames to put into tunnels.
func carriedFrames() map[string][]byte {
	return map[string][]byte{
		"TCP":      traffic.TCP(clientV4, serverV4, packet.SYN, 1, 2, 3, body(40)),
		"UDP":      traffic.UDP(clientV4, serverV4, body(9)),
		"UDP, v6":  traffic.UDP(clientV6, serverV6, body(9)),
		"ICMP":     traffic.ICMP(clientV4.Addr(), serverV4.Addr(), 8, 0, 1, body(20)),
		"fragment": traffic.UDP(clientV4, serverV4, body(64), traffic.Fragmented(traffic.Fragment{Offset: 128, More: true})),
		"tagged":   traffic.TCP(clientV6, serverV6, packet.ACK, 1, 2, 3, nil, traffic.Tagged(7, 8)),
	}
}

// TestInner puts frames into tunnels and compares with the View of the frame
// alone, where it carries its link header, or of its IP packet.
func TestInner(t *testing.T) {
	for name, tunnel := range tunnels() {
		for what, frame := range carriedFrames() {
			for _, six := range []bool{false, true} {
				tunnel := *tunnel
				if six {
					tunnel.Src, tunnel.Dst = hostA6, hostB6
				}
				checkInner(t, fmt.Sprintf("%s with %s, IPv6 outside %v", name, what, six), &tunnel, frame)
			}
		}
	}
}

func checkInner(t *testing.T, name string, tunnel *traffic.Tunnel, frame []byte) {
	t.Helper()
	data := join(repeat(5, 0xee), tunnel.Wrap(frame), repeat(9, 0xee))
	views, carries, out := unwrap(t, data, 5, uint32(len(data)-14))
	if len(views) != 2 || carries {
		t.Errorf("%s: %d layers, then %v %v", name, len(views), carries, out)
		return
	}
	got := views[1]
	if got.Depth != 1 || got.Tunnel != tunnel.Kind {
		t.Errorf("%s: depth %d, %v", name, got.Depth, got.Tunnel)
	}
	if id := tunnel.ID; got.TunnelID != id {
		t.Errorf("%s: identifier %x, want %x", name, got.TunnelID, id)
	}
	if int(got.Offset+got.CapLen) != len(data)-9 || got.CapLen != got.WireLen {
		t.Errorf("%s: inner frame at %d, %d of %d bytes, in %d", name, got.Offset, got.CapLen, got.WireLen, len(data))
	}
	b := &packet.Block{Data: data}
	alone, link := frame, packet.LinkEthernet
	if got.Link&packet.LinkHasMAC == 0 { // IP alone, perhaps behind a PPP header or a label
		alone, link = got.Frame(b)[got.L3:], packet.LinkRaw
	}
	_, want := walk(link, alone)
	want.Offset, want.Depth, want.Tunnel, want.TunnelID = got.Offset, got.Depth, got.Tunnel, got.TunnelID
	if link == packet.LinkRaw || tunnel.Kind == packet.TunnelMPLS {
		want.L4 = got.L3 + want.L4 - want.L3
		want.L3, want.CapLen, want.WireLen = got.L3, got.CapLen, got.WireLen
		want.Link, want.TagOffset, want.TagType = got.Link, got.TagOffset, got.TagType
	}
	if got != want {
		t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
	}
	if !bytes.HasSuffix(frame, got.Payload(b)) {
		t.Errorf("%s: payload %x", name, got.Payload(b))
	}
}

// over returns what comes to a UDP port.
func over(port uint16, header []byte, rest ...[]byte) []byte {
	return traffic.UDP(netip.AddrPortFrom(hostA, 50505), netip.AddrPortFrom(hostB, port), join(append([][]byte{header}, rest...)...))
}

// in returns what an IP protocol carries.
func in(protocol uint8, header []byte, rest ...[]byte) []byte {
	return traffic.IP(hostA, hostB, protocol, join(append([][]byte{header}, rest...)...))
}

// TestTunnelHeaders holds single headers to the rules of their documents, with
// bytes worked out by hand. layers counts the outer one.
func TestTunnelHeaders(t *testing.T) {
	eth4 := traffic.UDP(clientV4, serverV4, body(5))
	eth6 := traffic.UDP(clientV6, serverV6, body(5))
	arp := traffic.Ethernet(0x0806, join(be(0, 1, 8, 0, 6, 4, 0, 1), body(20)))
	gtpLen := func(n int) []byte { return be(0x30, 255, n>>8, n, 0, 0, 0, 1) }
	no := packet.InFlow
	tests := []struct {
		name    string
		frame   []byte
		layers  int
		carries bool // what the last layer does
		out     packet.Outcome
		id      uint32 // of the second layer
	}{
		{"GRE with a source route", in(47, be(0x40, 0, 8, 0, 0, 0, 0, 0), udp4), 1, true, packet.UnsupportedLink, 0},
		{"GRE version 2", in(47, be(0, 2, 8, 0), udp4), 1, true, packet.UnsupportedLink, 0},
		{"GRE of three bytes", in(47, be(0, 0, 8)), 1, true, packet.MalformedL2, 0},
		{"GRE, key cut", in(47, be(0x20, 0, 8, 0, 0, 0)), 1, true, packet.MalformedL2, 0},
		{"GRE keepalive", in(47, be(0, 0, 8, 0)), 1, false, no, 0},
		{"GRE with nothing", in(47, nil), 1, false, no, 0},
		{"GRE with IPv4 that is IPv6", in(47, be(0, 0, 8, 0), udp6), 1, true, packet.MalformedL3, 0},
		{"GRE with CDP", in(47, be(0, 0, 0x20, 0), body(40)), 1, true, packet.NonIP, 0},
		{"GRE with a length for a type", in(47, be(0, 0, 0, 40), be(6, 6, 3), udp4), 1, true, packet.NonIP, 0},
		{"GRE with MPLS", in(47, be(0x20, 0, 0x88, 0x47, 0, 0, 0, 9, 0, 1, 1, 64), udp4), 2, false, no, 9},
		{"GRE with a VLAN tag", in(47, be(0, 0, 0x81, 0, 0, 7, 8, 0), udp4), 2, false, no, 0},
		{"GRE with PPP", in(47, be(0, 0, 0x88, 0x0b, 0xff, 3, 0, 0x21), udp4), 2, false, no, 0},
		{"GRE with ARP in Ethernet", in(47, be(0, 0, 0x65, 0x58), arp), 1, true, packet.NonIP, 0},
		{"WCCP version 1", in(47, be(0, 0, 0x88, 0x3e), udp4), 2, false, no, 0},
		{"WCCP version 2", in(47, be(0, 0, 0x88, 0x3e, 1, 2, 3, 4), udp4), 2, false, no, 0},
		{"WCCP cut", in(47, be(0, 0, 0x88, 0x3e, 1, 2, 3)), 1, true, packet.MalformedL2, 0},

		{"PPTP acknowledgement", in(47, be(0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 5, 0, 0, 0, 9)), 1, false, no, 0},
		{"PPTP with sequence and acknowledgement", in(47, be(0x30, 0x81, 0x88, 0x0b, 0, 34, 0, 5, 0, 0, 0, 9, 0, 0, 0, 9, 0x21), udp4), 2, false, no, 5},
		{"PPTP, payload longer than said", in(47, be(0x30, 1, 0x88, 0x0b, 0, 34, 0, 5, 0, 0, 0, 9, 0x21), udp4, body(7)), 2, false, no, 5},
		{"PPTP with LCP", in(47, be(0x30, 1, 0x88, 0x0b, 0, 6, 0, 5, 0, 0, 0, 9, 0xc0, 0x21, 9, 0, 0, 4)), 1, true, packet.NonIP, 0},
		{"PPTP encrypted", in(47, be(0x30, 1, 0x88, 0x0b, 0, 41, 0, 5, 0, 0, 0, 9, 0xfd), body(40)), 1, true, packet.NonIP, 0},
		{"PPTP without its key", in(47, be(0x10, 1, 0x88, 0x0b, 0, 41, 0, 5, 0, 0, 0, 9, 0x21), udp4), 1, true, packet.MalformedL2, 0},
		{"EoIP keepalive", in(47, be(0x20, 1, 0x64, 0, 0, 0, 5, 0)), 1, false, no, 0},

		{"ERSPAN III", in(47, be(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0x0c, 0x21, 1, 2, 3, 4, 0, 0, 0, 0), eth4), 2, false, no, 0x21},
		{"ERSPAN III with the platform's part", in(47, be(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0x03, 0xff, 1, 2, 3, 4, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), eth4), 2, false, no, 0x3ff},
		{"ERSPAN III with IP", in(47, be(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 0x21, 1, 2, 3, 4, 0, 0, 2<<2, 0), udp6), 2, false, no, 0x21},
		{"ERSPAN III with another frame", in(47, be(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 0x21, 1, 2, 3, 4, 0, 0, 3<<2, 0), eth4), 1, true, packet.UnsupportedLink, 0},
		{"ERSPAN of version 3", in(47, be(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x30, 5, 0, 0x21, 1, 2, 3, 4), eth4), 1, true, packet.UnsupportedLink, 0},
		{"ERSPAN II cut", in(47, be(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5)), 1, true, packet.MalformedL2, 0},

		{"IPv4 in IP, header cut", in(4, udp4[:19]), 1, true, packet.MalformedL3, 0},
		{"IPv6 in IP that is IPv4", in(41, udp4), 1, true, packet.MalformedL3, 0},
		{"IP in IP, three deep", in(4, traffic.IP(hostA, hostB, 4, traffic.IP(hostB, hostA, 41, udp6, traffic.OnLink(packet.LinkRaw)), traffic.OnLink(packet.LinkRaw))), 4, false, no, 0},
		{"ICMP error quoting a tunnel", traffic.ICMP(hostA, hostB, 3, 1, 0, traffic.IP(hostB, hostA, 4, udp4, traffic.OnLink(packet.LinkRaw))), 1, false, no, 0},
		{"later fragment of a tunnel", traffic.IP(hostA, hostB, 4, udp4, traffic.Fragmented(traffic.Fragment{Offset: 8})), 1, false, no, 0},
		{"EtherIP, version 4", in(97, be(0x40, 0), eth4), 1, true, packet.UnsupportedLink, 0},
		{"EtherIP, reserved bits", in(97, be(0x30, 1), eth4), 1, true, packet.UnsupportedLink, 0},
		{"MPLS in IP", in(137, be(0, 0, 0x10, 64, 0, 2, 1, 64), udp4), 2, false, no, 32},
		{"MPLS in IP without an end", in(137, repeat(17, 0, 0, 0x10, 64)), 1, true, packet.MalformedL2, 0},

		{"VXLAN, no I flag", over(4789, be(0, 0, 0, 0, 0, 0, 1, 0), eth4), 1, false, no, 0},
		{"VXLAN, reserved flag", over(4789, be(0x18, 0, 0, 0, 0, 0, 1, 0), eth4), 1, false, no, 0},
		{"VXLAN, reserved byte", over(4789, be(8, 0, 1, 0, 0, 0, 1, 0), eth4), 1, false, no, 0},
		{"VXLAN, last byte", over(4789, be(8, 0, 0, 0, 0, 0, 1, 1), eth4), 1, false, no, 0},
		{"VXLAN with group policy", over(4789, be(0x88, 0x48, 1, 2, 0, 0, 1, 0), eth4), 2, false, no, 1},
		{"VXLAN on its old port", over(8472, be(8, 0, 0, 0, 0, 0, 1, 0), eth6), 2, false, no, 1},
		{"VXLAN with ARP", over(4789, be(8, 0, 0, 0, 0, 0, 1, 0), arp), 1, true, packet.NonIP, 0},
		{"VXLAN with another version than said", over(4789, be(8, 0, 0, 0, 0, 0, 1, 0), eth4[:14], udp6), 1, false, no, 0},
		{"VXLAN with 13 bytes", over(4789, be(8, 0, 0, 0, 0, 0, 1, 0), eth4[:13]), 1, false, no, 0},
		{"VXLAN with an IP header of 12 bytes", over(4789, be(8, 0, 0, 0, 0, 0, 1, 0), edited(eth4, 14, 0x43)), 1, true, packet.MalformedL3, 0},
		{"VXLAN to another port", over(4788, be(8, 0, 0, 0, 0, 0, 1, 0), eth4), 1, false, no, 0},
		{"port with the same low bits", over(4789-64, be(8, 0, 0, 0, 0, 0, 1, 0), eth4), 1, false, no, 0},
		{"VXLAN-GPE without I and P", over(4790, be(0, 0, 0, 0, 0, 0, 1, 0), eth4), 1, false, no, 0},
		{"VXLAN-GPE of version 1", over(4790, be(0x1c, 0, 0, 1, 0, 0, 1, 0), udp4), 1, false, no, 0},
		{"VXLAN-GPE, P not set", over(4790, be(8, 0, 0, 0, 0, 0, 1, 0), eth4), 2, false, no, 1},
		{"VXLAN-GPE with MPLS", over(4790, be(0x0c, 0, 0, 5, 0, 0, 1, 0, 0, 1, 1, 64), udp4), 2, false, no, 1},
		{"VXLAN-GPE with NSH", over(4790, be(0x0c, 0, 0, 4, 0, 0, 1, 0), body(40)), 1, true, packet.NonIP, 0},

		{"Geneve of version 1", over(6081, be(0x40, 0, 8, 0, 0, 0, 1, 0), udp4), 1, false, no, 0},
		{"Geneve, reserved bits", over(6081, be(0, 1, 8, 0, 0, 0, 1, 0), udp4), 1, false, no, 0},
		{"Geneve control packet", over(6081, be(0, 0x80, 8, 0, 0, 0, 1, 0), udp4), 2, false, no, 1},
		{"Geneve, options longer than their space", over(6081, be(1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 1), udp4), 1, false, no, 0},
		{"Geneve, options longer than the datagram", over(6081, be(0x3f, 0, 8, 0, 0, 0, 1, 0), udp4), 1, false, no, 0},
		{"Geneve with ARP", over(6081, be(0, 0, 0x65, 0x58, 0, 0, 1, 0), arp), 1, true, packet.NonIP, 0},

		{"GTP-U echo", over(2152, be(0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0)), 1, false, no, 0},
		{"GTP-U of version 2", over(2152, be(0x50, 255, 0, 33, 0, 0, 0, 1), udp4), 1, false, no, 0},
		{"GTP prime", over(2152, be(0x20, 255, 0, 33, 0, 0, 0, 1), udp4), 1, false, no, 0},
		{"GTP-U, length beyond", over(2152, gtpLen(34), udp4), 1, false, no, 0},
		{"GTP-U, length short of padding", over(2152, gtpLen(33), udp4, body(3)), 2, false, no, 1},
		{"GTP-U with Ethernet", over(2152, gtpLen(len(eth6)), eth6), 2, false, no, 1},
		{"GTP-U with ARP", over(2152, gtpLen(len(arp)), arp), 1, true, packet.NonIP, 0},
		{"GTP-U with something", over(2152, gtpLen(40), body(40)), 1, true, packet.NonIP, 0},
		{"GTP-U end marker", over(2152, be(0x30, 254, 0, 0, 0, 0, 0, 1)), 1, false, no, 0},
		{"GTP-U, extension of length 0", over(2152, be(0x34, 255, 0, 41, 0, 0, 0, 1, 0, 0, 0, 0x85, 0, 0, 0, 0), udp4), 1, false, no, 0},
		{"GTP-U, extension beyond", over(2152, be(0x34, 255, 0, 41, 0, 0, 0, 1, 0, 0, 0, 0x85, 99, 0, 0, 0), udp4), 1, false, no, 0},
		{"GTP-U, no extension after all", over(2152, be(0x34, 255, 0, 37, 0, 0, 0, 1, 0, 0, 0, 0), udp4), 2, false, no, 1},
		{"GTP-U, type without its flag", over(2152, be(0x31, 255, 0, 37, 0, 0, 0, 1, 0, 0, 0, 0x85), udp4), 2, false, no, 1},

		{"L2TP control message", over(1701, be(0xc8, 2, 0, 12, 0, 1, 0, 2, 0, 0, 0, 0)), 1, false, no, 0},
		{"L2TP of version 1", over(1701, be(0x40, 1, 0, 42, 0, 1, 0, 2, 0, 0x21), udp4), 1, false, no, 0},
		{"L2TP, reserved bits", over(1701, be(0x44, 2, 0, 43, 0, 1, 0, 2, 0, 0x21), udp4), 1, false, no, 0},
		{"L2TP, length short", over(1701, be(0x40, 2, 0, 43, 0, 1, 0, 2, 0, 0x21), udp4, body(5)), 2, false, no, 1<<16 | 2},
		{"L2TP, length beyond", over(1701, be(0x40, 2, 0, 44, 0, 1, 0, 2, 0, 0x21), udp4), 1, false, no, 0},
		{"L2TP with LCP", over(1701, be(0x40, 2, 0, 14, 0, 1, 0, 2, 0xc0, 0x21, 9, 0, 0, 4)), 1, true, packet.NonIP, 0},
		{"L2TP with LCP and no length", over(1701, be(0, 2, 0, 1, 0, 2, 0xc0, 0x21, 9, 0, 0, 4)), 1, false, no, 0},
		{"L2TP, offset beyond", over(1701, be(2, 2, 0, 1, 0, 2, 0xff, 0, 0x21), udp4), 1, false, no, 0},
		{"L2TP with MPLS", over(1701, be(0x40, 2, 0, 47, 0, 1, 0, 2, 0x02, 0x81, 0, 1, 1, 64), udp4), 2, false, no, 1<<16 | 2},
		{"L2TPv3 over UDP", over(1701, be(0, 3, 0, 0, 0, 0, 0, 9), eth4), 2, false, no, 9},
		{"L2TPv3 over UDP, cookie", over(1701, be(0, 3, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4), eth6), 2, false, no, 9},
		{"L2TPv3 over UDP with something", over(1701, be(0, 3, 0, 0, 0, 0, 0, 9), body(60)), 1, false, no, 0},
		{"L2TPv3", in(115, be(0, 0, 0, 9), eth4), 2, false, no, 9},
		{"L2TPv3, cookie of 8 and sublayer", in(115, be(0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0x40, 0, 0, 1), eth4), 2, false, no, 9},
		{"L2TPv3 with PPP", in(115, be(0, 0, 0, 9, 0xff, 3, 0, 0x57), udp6), 2, false, no, 9},
		{"L2TPv3 with something", in(115, be(0, 0, 0, 9), body(60)), 1, true, packet.NonIP, 0},
		{"L2TPv3 control message", in(115, be(0, 0, 0, 0, 0xc8, 3, 0, 12), body(60)), 1, false, no, 0},
		{"L2TPv3 cut", in(115, be(0, 0, 0)), 1, true, packet.MalformedL2, 0},

		{"Teredo", over(3544, udp6), 2, false, no, 0},
		{"Teredo, origin", over(3544, be(0, 0, 1, 2, 3, 4, 5, 6), udp6), 2, false, no, 0},
		{"Teredo, authentication", over(3544, be(0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0), udp6), 2, false, no, 0},
		{"Teredo, both", over(3544, be(0, 1, 1, 2, 7, 8, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6), udp6), 2, false, no, 0},
		{"Teredo, a byte more", over(3544, udp6, body(1)), 1, false, no, 0},
		{"Teredo, a byte less", over(3544, udp6[:len(udp6)-1]), 1, false, no, 0},
		{"Teredo with IPv4", over(3544, udp4), 1, false, no, 0},
		{"Teredo bubble", over(3544, v6(59)), 2, false, no, 0},

		{"MPLS port, not IP", over(6635, be(0, 1, 1, 64), body(60)), 1, false, no, 0},
		{"MPLS port, no end", over(6635, repeat(20, 0, 0, 0, 64)), 1, false, no, 0},
		{"MPLS port, two labels", over(6635, be(0, 1, 0, 64, 0, 2, 1, 64), udp6), 2, false, no, 32},
		{"DNS on a tunnel's port", traffic.UDP(netip.AddrPortFrom(hostA, 53), netip.AddrPortFrom(hostB, 4789), body(60)), 1, false, no, 0},
		{"source port", traffic.UDP(netip.AddrPortFrom(hostB, 3544), netip.AddrPortFrom(hostA, 40000), udp6), 2, false, no, 0},
		{"TCP on a tunnel's port", traffic.TCP(netip.AddrPortFrom(hostB, 4789), netip.AddrPortFrom(hostA, 4789), packet.ACK, 1, 1, 1, join(be(8, 0, 0, 0, 0, 0, 1, 0), eth4)), 1, false, no, 0},
		{"ESP", in(50, be(0, 0, 0, 1, 0, 0, 0, 2), body(60)), 1, false, no, 0},
		{"AH in tunnel mode", in(51, be(4, 4, 0, 0), repeat(20, 7), udp4), 2, false, no, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			views, carries, out := unwrap(t, tt.frame, 0, uint32(len(tt.frame)))
			if len(views) != tt.layers || carries != tt.carries || out != tt.out {
				t.Fatalf("%d layers, then %v %v, want %d, %v %v", len(views), carries, out, tt.layers, tt.carries, tt.out)
			}
			last := views[len(views)-1]
			if tt.layers == 1 {
				return
			}
			if views[1].TunnelID != tt.id {
				t.Errorf("identifier %x, want %x", views[1].TunnelID, tt.id)
			}
			if last.SrcPort != 40000 && last.Protocol != 59 {
				t.Errorf("the innermost packet is %+v", last)
			}
		})
	}
}

// TestInnerTags: VLAN tags and labels of an inner frame are its own.
func TestInnerTags(t *testing.T) {
	tests := []struct {
		name  string
		frame []byte
		want  string
	}{
		{"MPLS in GRE", in(47, be(0, 0, 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64), udp4), "[] [16 32]"},
		{"tag in GRE", in(47, be(0, 0, 0x81, 0, 0, 7, 8, 0), udp4), "[7] []"},
		{"pseudowire in UDP", over(6635, be(0, 1, 1, 64, 0, 0, 0, 0), traffic.UDP(clientV4, serverV4, nil, traffic.Tagged(5, 6))), "[5 6] [16]"},
		{"tags in VXLAN", over(4789, be(8, 0, 0, 0, 0, 0, 1, 0), traffic.UDP(clientV4, serverV4, nil, traffic.Tagged(5), traffic.Labelled(20))), "[5] [20]"},
		{"MPLS in PPP", over(1701, be(0x40, 2, 0, 47, 0, 1, 0, 2, 0x02, 0x81, 0, 1, 1, 64), udp4), "[] [16]"},
		{"none", in(4, udp4), "[] []"},
	}
	for _, tt := range tests {
		views, _, _ := unwrap(t, tt.frame, 0, uint32(len(tt.frame)))
		if len(views) != 2 {
			t.Errorf("%s: %d layers", tt.name, len(views))
			continue
		}
		vlans, labels := []uint16{}, []uint32{}
		packet.LinkTags(views[1].Frame(&packet.Block{Data: tt.frame}), &views[1], func(id uint16) { vlans = append(vlans, id) }, func(l uint32) { labels = append(labels, l) })
		if got := fmt.Sprint(vlans, labels); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestInnerOfFragment: a first fragment holds the beginning of what the datagram
// carries, which is counted as a packet that is cut on the wire.
func TestInnerOfFragment(t *testing.T) {
	inner := traffic.TCP(clientV4, serverV4, packet.ACK, 1, 2, 3, body(1000))
	for name, tunnel := range tunnels() {
		if tunnel.Kind == packet.TunnelMPLS && tunnel.Ethernet && tunnel.Bare {
			continue // nothing says what is behind the labels but lengths that fit
		}
		whole := tunnel.Wrap(inner)
		first := append([]byte(nil), whole[:14+20+400]...)
		first[14+3] = 420 & 0xff
		first[14+2] = 420 >> 8
		first[14+6] |= 0x20
		views, _, _ := unwrap(t, first, 0, uint32(len(first)))
		if len(views) != 2 {
			t.Errorf("%s: %d layers", name, len(views))
			continue
		}
		v := views[1]
		if v.IPLen != 1040 || v.SrcPort != clientV4.Port() || v.Quality&packet.LengthMismatch == 0 || v.Quality&packet.BadL4Checksum != 0 {
			t.Errorf("%s: %+v", name, v)
		}
		if v.PayloadLen >= 400 || v.PayloadLen < 300 {
			t.Errorf("%s: payload of %d bytes", name, v.PayloadLen)
		}
	}
}

// TestInnerCut cuts captured bytes at every length: what is said of the inner
// packet's wire lengths does not depend on it, a packet that is cut is none of
// something else, and nothing panics.
func TestInnerCut(t *testing.T) {
	inner := traffic.TCP(clientV4, serverV4, packet.ACK, 1, 2, 3, body(30))
	for name, tunnel := range tunnels() {
		frame := tunnel.Wrap(inner)
		var w packet.Walker
		found := 0
		for n := range len(frame) + 1 {
			var v, in packet.View
			if w.Walk(frame[:n], uint32(len(frame)), packet.LinkEthernet, &v) != packet.InFlow {
				continue
			}
			carries, out := w.Inner(frame[:n:n], &v, &in)
			if carries && out == packet.NonIP {
				t.Errorf("%s, %d bytes: not IP", name, n)
			}
			if !carries || out != packet.InFlow {
				continue
			}
			found++
			if in.IPLen != 70 || in.Offset+in.WireLen != uint32(len(frame)) || in.Offset+in.CapLen != uint32(n) || in.Src != netip.MustParseAddr(clientV4.Addr().String()).As16() {
				t.Fatalf("%s, %d bytes: %+v", name, n, in)
			}
		}
		if found != 70-24+1 { // from the four bytes of the ports on
			t.Errorf("%s: found in %d cuts", name, found)
		}
	}
}

// TestInnerEtherCut does the same with Ethernet in tunnels that do not say what they carry: as soon as
// there is a tunnel, what is in it is malformed or IP.
func TestInnerEtherCut(t *testing.T) {
	for name, carrier := range map[string]struct {
		in   func([]byte) []byte
		head []byte
	}{
		"GTP-U":              {func(p []byte) []byte { return over(2152, p) }, be(0x30, 255, 0, 0, 0, 0, 0, 9)},
		"L2TPv3":             {func(p []byte) []byte { return in(115, p) }, be(0, 0, 0, 9)},
		"L2TPv3 with cookie": {func(p []byte) []byte { return in(115, p) }, be(0, 0, 0, 9, 1, 2, 3, 4, 0, 0, 0, 0)},
	} {
		for _, tag := range [][]byte{nil, {0x81, 0, 0, 9}, join([]byte{0, 41}, snap)} {
			inside := join(macs, tag, etype[4], udp4)
			p := join(carrier.head, inside)
			if name == "GTP-U" {
				p[3] = byte(len(inside))
			}
			frame := carrier.in(p)
			l3 := len(frame) - len(udp4)
			for n := len(frame) - len(p) + 8; n < len(frame); n++ {
				var w packet.Walker
				var v, inner packet.View
				if out := w.Walk(frame[:n], uint32(len(frame)), packet.LinkEthernet, &v); out != packet.InFlow {
					t.Fatal(out)
				}
				carries, out := w.Inner(frame[:n:n], &v, &inner)
				if n > l3 && n < l3+20 && out != packet.MalformedL3 || n >= l3+24 && out != packet.InFlow || !carries {
					t.Errorf("%s, tag % x, %d bytes, IP at %d: %v, %v", name, tag, n, l3, carries, out)
				}
			}
		}
	}
}

func TestVLANStack(t *testing.T) {
	seen := map[uint32]string{}
	stacks := [][]uint16{nil, {0}, {1}, {4095}, {0, 0}, {0, 1}, {1, 0}, {1, 1}, {4095, 4095}, {1, 2, 3}, {3, 2, 1}, {0, 0, 0}, {1, 2, 3, 4}, {4095, 4095, 4095}}
	for _, stack := range stacks {
		frame := traffic.UDP(clientV4, serverV4, nil, traffic.Tagged(stack...))
		_, v := walk(packet.LinkEthernet, frame)
		key := packet.VLANStack(frame, &v)
		if other, taken := seen[key]; taken || (key == 0) != (len(stack) == 0) {
			t.Errorf("%v has the key %x, as %s", stack, key, other)
		}
		seen[key] = fmt.Sprint(stack)
	}
}
