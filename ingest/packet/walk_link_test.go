package packet_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// join concatenates byte strings.
func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// hexes repeats b n times.
func repeat(n int, b ...byte) (out []byte) {
	for range n {
		out = append(out, b...)
	}
	return out
}

// walk decodes a frame that was captured whole.
func walk(link packet.LinkType, frame []byte) (packet.Outcome, packet.View) {
	var w packet.Walker
	var v packet.View
	out := w.Walk(frame, uint32(len(frame)), link, &v)
	return out, v
}

var (
	macs  = repeat(12, 2)
	udp4  = traffic.UDP(clientV4, serverV4, body(5), traffic.OnLink(packet.LinkRaw)) // an IPv4 packet of 33 bytes
	udp6  = traffic.UDP(clientV6, serverV6, body(5), traffic.OnLink(packet.LinkRaw))
	snap  = []byte{0xaa, 0xaa, 3, 0, 0, 0}
	etype = map[int][]byte{4: {8, 0}, 6: {0x86, 0xdd}}
)

func TestLinkHeaders(t *testing.T) {
	eth, sll := packet.LinkEthernet, packet.LinkSLL
	cooked := func(hatype, proto byte) []byte { return join([]byte{0, 0, 3, hatype}, repeat(11, 0), []byte{proto}) }
	cooked2 := func(proto ...byte) []byte { return join(proto, repeat(6, 0), []byte{0, 1}, repeat(10, 0)) }
	tests := []struct {
		name  string
		link  packet.LinkType
		frame []byte
		out   packet.Outcome
		l3    int
		tags  string // VLAN identifiers and labels
		bits  uint8
	}{
		{"ethernet IPv4", eth, join(macs, etype[4], udp4), packet.InFlow, 14, "[] []", packet.LinkHasMAC},
		{"ethernet IPv6", eth, join(macs, etype[6], udp6), packet.InFlow, 14, "[] []", packet.LinkHasMAC},
		{"ethernet cut", eth, join(macs, []byte{8}), packet.MalformedL2, 0, "", 0},
		{"empty", eth, nil, packet.MalformedL2, 0, "", 0},
		{"ARP", eth, traffic.Ethernet(0x0806, body(28)), packet.NonIP, 0, "", 0},
		{"IPv4 type, IPv6 packet", eth, join(macs, etype[4], udp6), packet.MalformedL3, 0, "", 0},
		{"IPv6 type, IPv4 packet", eth, join(macs, etype[6], udp4), packet.MalformedL3, 0, "", 0},

		{"one tag", eth, join(macs, []byte{0x81, 0, 0xef, 0xff}, etype[4], udp4), packet.InFlow, 18, "[4095] []", packet.LinkHasMAC | packet.LinkHasVLAN},
		{"tags of every type", eth, join(macs, []byte{0x88, 0xa8, 0, 1, 0x91, 0, 0, 2, 0x92, 0, 0, 3, 0x81, 0, 0, 4}, etype[6], udp6), packet.InFlow, 30, "[1 2 3 4] []", packet.LinkHasMAC | packet.LinkHasVLAN},
		{"16 tags", eth, join(macs, repeat(16, 0x81, 0, 0, 9), etype[4], udp4), packet.InFlow, 78, "[9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9] []", packet.LinkHasMAC | packet.LinkHasVLAN},
		{"17 tags", eth, join(macs, repeat(17, 0x81, 0, 0, 9), etype[4], udp4), packet.MalformedL2, 0, "", 0},
		{"1000 tags", eth, join(macs, repeat(1000, 0x81, 0, 0, 9), etype[4], udp4), packet.MalformedL2, 0, "", 0},
		{"tag cut", eth, join(macs, []byte{0x81, 0, 0, 9, 8}), packet.MalformedL2, 0, "", 0},
		{"tag, then ARP", eth, join(macs, []byte{0x81, 0, 0, 9, 8, 6}, body(28)), packet.NonIP, 0, "", 0},

		{"label", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, udp4), packet.InFlow, 18, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"multicast labels, tag", eth, join(macs, []byte{0x81, 0, 0, 7, 0x88, 0x48, 0, 1, 0, 64, 0xff, 0xff, 0xf1, 64}, udp6), packet.InFlow, 26, "[7] [16 1048575]", packet.LinkHasMAC | packet.LinkHasVLAN | packet.LinkHasMPLS},
		{"16 labels", eth, join(macs, []byte{0x88, 0x47}, repeat(15, 0, 1, 0, 64), []byte{0, 1, 1, 64}, udp4), packet.InFlow, 78, "[] [16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"17 labels", eth, join(macs, []byte{0x88, 0x47}, repeat(16, 0, 1, 0, 64), []byte{0, 1, 1, 64}, udp4), packet.MalformedL2, 0, "", 0},
		{"label cut", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1}), packet.MalformedL2, 0, "", 0},
		{"pseudowire", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0}, macs, etype[4], udp4), packet.InFlow, 36, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"pseudowire without control word", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, macs, etype[6], udp6), packet.InFlow, 32, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"pseudowire to a MAC address that begins as IPv4 does", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0x45}, repeat(11, 0x99), etype[4], udp4), packet.InFlow, 32, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"pseudowire to a MAC address that is a plausible IPv4 header", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0x45, 0, 0, 40}, repeat(8, 0x99), etype[4], udp4), packet.InFlow, 32, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"pseudowire to a MAC address that begins as a control word does", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0}, repeat(11, 0x99), etype[4], udp4), packet.InFlow, 32, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"pseudowire without control word, tag within", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, repeat(12, 0), []byte{0x81, 0, 0, 9}, etype[4], udp4), packet.InFlow, 36, "[9] [16]", packet.LinkHasMAC | packet.LinkHasMPLS | packet.LinkHasVLAN},
		{"pseudowire without control word, two tags within", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, macs, []byte{0x88, 0xa8, 0, 7, 0x81, 0, 0, 9}, etype[6], udp6), packet.InFlow, 40, "[7 9] [16]", packet.LinkHasMAC | packet.LinkHasMPLS | packet.LinkHasVLAN},
		{"pseudowire, sequence number, tags within and without", eth, join(macs, []byte{0x81, 0, 0, 7, 0x88, 0x47, 0, 1, 1, 64, 0, 0, 0x12, 0x34}, macs, []byte{0x81, 0, 0, 8}, etype[4], udp4), packet.InFlow, 44, "[7 8] [16]", packet.LinkHasMAC | packet.LinkHasMPLS | packet.LinkHasVLAN},
		{"pseudowire with PPPoE", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 35, 0, 0x21}, udp4), packet.InFlow, 40, "[] [16]", packet.LinkHasMAC | packet.LinkHasMPLS | packet.LinkHasPPPoE},
		{"labels in a pseudowire", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0}, macs, []byte{0x88, 0x47, 0, 2, 1, 64}, udp4), packet.InFlow, 40, "[] [16 32]", packet.LinkHasMAC | packet.LinkHasMPLS},
		{"pseudowire in a pseudowire", eth, join(macs, repeat(1, join([]byte{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0}, macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0}, macs)...), etype[4], udp4), packet.NonIP, 0, "", 0},
		{"pseudowire with PPPoE discovery to a MAC address that begins as IPv4 does", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0x4c}, repeat(11, 0x99), []byte{0x88, 0x63, 0x11, 7, 0, 0, 0, 40}, body(40)), packet.NonIP, 0, "", 0},
		{"pseudowire with PPPoE discovery in a tag to a MAC address that begins as IPv6 does", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0x64}, repeat(11, 0x99), []byte{0x81, 0, 0, 5, 0x88, 0x63, 0x11, 0x65, 0, 7, 0, 40}, body(40)), packet.NonIP, 0, "", 0},
		{"pseudowire with ARP", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0}, macs, []byte{8, 6, 0, 1, 8, 0}, body(24)), packet.NonIP, 0, "", 0},
		{"associated channel", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64, 0x10, 0, 0, 7}, body(60)), packet.NonIP, 0, "", 0},
		{"label with nothing behind", eth, join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}), packet.NonIP, 0, "", 0},

		{"PPPoE IPv4", eth, join(macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 35, 0, 0x21}, udp4), packet.InFlow, 22, "[] []", packet.LinkHasMAC | packet.LinkHasPPPoE},
		{"PPPoE IPv6", eth, join(macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 55, 0, 0x57}, udp6), packet.InFlow, 22, "[] []", packet.LinkHasMAC | packet.LinkHasPPPoE},
		{"PPPoE IPv4, protocol compressed", eth, join(macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 34, 0x21}, udp4), packet.InFlow, 21, "[] []", packet.LinkHasMAC | packet.LinkHasPPPoE},
		{"PPPoE other, protocol compressed", eth, join(macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 1, 0x31}), packet.NonIP, 0, "", 0},
		{"PPPoE LCP", eth, join(macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 10, 0xc0, 0x21}, body(8)), packet.NonIP, 0, "", 0},
		{"PPPoE discovery", eth, join(macs, []byte{0x88, 0x63, 0x11, 9, 0, 0, 0, 8}, body(8)), packet.NonIP, 0, "", 0},
		{"PPPoE MPLS in a tag", eth, join(macs, []byte{0x81, 0, 0, 7, 0x88, 0x64, 0x11, 0, 0, 7, 0, 39, 2, 0x81, 0, 1, 1, 64}, udp4), packet.InFlow, 30, "[7] [16]", packet.LinkHasMAC | packet.LinkHasVLAN | packet.LinkHasPPPoE | packet.LinkHasMPLS},
		{"PPPoE cut", eth, join(macs, []byte{0x88, 0x64, 0x11, 0, 0, 7, 0, 35, 0}), packet.MalformedL2, 0, "", 0},

		{"SNAP IPv4", eth, join(macs, []byte{0, 41}, snap, etype[4], udp4), packet.InFlow, 22, "[] []", packet.LinkHasMAC},
		{"SNAP of bridge tunnels", eth, join(macs, []byte{0, 41, 0xaa, 0xaa, 3, 0, 0, 0xf8}, etype[4], udp4), packet.InFlow, 22, "[] []", packet.LinkHasMAC},
		{"SNAP of Cisco", eth, join(macs, []byte{0, 41, 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}, body(20)), packet.NonIP, 0, "", 0},
		{"SNAP between tags", eth, join(macs, []byte{0x81, 0, 0, 1, 0, 45}, snap, []byte{0x81, 0, 0, 2}, etype[4], udp4), packet.InFlow, 30, "[1 2] []", packet.LinkHasMAC | packet.LinkHasVLAN},
		{"SNAP before a tag and a label", eth, join(macs, []byte{0, 49}, snap, []byte{0x81, 0, 0, 2, 0x88, 0x47, 0, 1, 1, 64}, udp4), packet.InFlow, 30, "[2] [16]", packet.LinkHasMAC | packet.LinkHasVLAN | packet.LinkHasMPLS},
		{"SNAP with a length", eth, join(macs, []byte{0, 41}, snap, []byte{0, 33}, snap, etype[4], udp4), packet.NonIP, 0, "", 0},
		{"16 SNAP and tags", eth, join(macs, repeat(8, join([]byte{0x81, 0, 0, 1, 0, 45}, snap)...), etype[4], udp4), packet.InFlow, 110, "[1 1 1 1 1 1 1 1] []", packet.LinkHasMAC | packet.LinkHasVLAN},
		{"18 SNAP and tags", eth, join(macs, repeat(9, join([]byte{0x81, 0, 0, 1, 0, 45}, snap)...), etype[4], udp4), packet.MalformedL2, 0, "", 0},
		{"SNAP cut", eth, join(macs, []byte{0, 7}, snap, []byte{8}), packet.MalformedL2, 0, "", 0},
		{"LLC with IP", eth, join(macs, []byte{0, 36, 6, 6, 3}, udp4), packet.InFlow, 17, "[] []", packet.LinkHasMAC},
		{"LLC with STP", eth, join(macs, []byte{0, 38, 0x42, 0x42, 3}, body(35)), packet.NonIP, 0, "", 0},
		{"LLC cut", eth, join(macs, []byte{0, 38, 0x42, 0x42}), packet.MalformedL2, 0, "", 0},
		{"between length and EtherType", eth, join(macs, []byte{5, 0xdd}, snap, etype[4], udp4), packet.NonIP, 0, "", 0},

		{"null little-endian", packet.LinkNull, join([]byte{2, 0, 0, 0}, udp4), packet.InFlow, 4, "[] []", 0},
		{"null big-endian", packet.LinkNull, join([]byte{0, 0, 0, 2}, udp4), packet.InFlow, 4, "[] []", 0},
		{"null IPv6 of NetBSD", packet.LinkNull, join([]byte{24, 0, 0, 0}, udp6), packet.InFlow, 4, "[] []", 0},
		{"null IPv6 of FreeBSD", packet.LinkNull, join([]byte{0, 0, 0, 28}, udp6), packet.InFlow, 4, "[] []", 0},
		{"null IPv6 of Darwin", packet.LinkNull, join([]byte{30, 0, 0, 0}, udp6), packet.InFlow, 4, "[] []", 0},
		{"loop IPv6 of Linux", packet.LinkLoop, join([]byte{0, 0, 0, 10}, udp6), packet.InFlow, 4, "[] []", 0},
		{"null AppleTalk", packet.LinkNull, join([]byte{16, 0, 0, 0}, udp4), packet.NonIP, 0, "", 0},
		{"null EtherType", packet.LinkNull, join([]byte{0x0f, 0, 8, 0}, udp4), packet.InFlow, 4, "[] []", 0},
		{"null cut", packet.LinkNull, []byte{2, 0, 0}, packet.MalformedL2, 0, "", 0},
		{"null of the wrong version", packet.LinkNull, join([]byte{2, 0, 0, 0}, udp6), packet.MalformedL3, 0, "", 0},

		{"raw IPv4", packet.LinkRaw, udp4, packet.InFlow, 0, "[] []", 0},
		{"raw IPv6", packet.LinkRaw, udp6, packet.InFlow, 0, "[] []", 0},
		{"raw of BSD", packet.LinkRawBSD, udp4, packet.InFlow, 0, "[] []", 0},
		{"raw of OpenBSD", packet.LinkRawOpen, udp6, packet.InFlow, 0, "[] []", 0},
		{"raw of version 5", packet.LinkRaw, join([]byte{0x55}, udp4), packet.MalformedL3, 0, "", 0},
		{"raw empty", packet.LinkRaw, nil, packet.MalformedL3, 0, "", 0},
		{"IPv4", packet.LinkIPv4, udp4, packet.InFlow, 0, "[] []", 0},
		{"IPv4 with IPv6", packet.LinkIPv4, udp6, packet.MalformedL3, 0, "", 0},
		{"IPv6", packet.LinkIPv6, udp6, packet.InFlow, 0, "[] []", 0},
		{"IPv6 empty", packet.LinkIPv6, nil, packet.MalformedL3, 0, "", 0},

		{"cooked", sll, traffic.UDP(clientV4, serverV4, body(5), traffic.OnLink(sll)), packet.InFlow, 16, "[] []", 0},
		{"cooked, tag", sll, traffic.UDP(clientV4, serverV4, body(5), traffic.OnLink(sll), traffic.Tagged(5)), packet.InFlow, 20, "[5] []", packet.LinkHasVLAN},
		{"cooked LLC", sll, join(cooked(1, 4), snap, etype[4], udp4), packet.InFlow, 24, "[] []", 0},
		{"cooked CAN", sll, join(cooked(1, 0x0c), []byte{6, 6, 3}, udp4), packet.NonIP, 0, "", 0},
		{"cooked raw 802.3", sll, join(cooked(1, 1), udp4), packet.NonIP, 0, "", 0},
		{"cooked GRE", sll, join([]byte{0, 0, 3, 0x0a}, repeat(10, 0), etype[4], udp4), packet.InFlow, 16, "[] []", 0},
		{"cooked netlink", sll, join([]byte{0, 0, 3, 0x38}, repeat(10, 0), etype[4], udp4), packet.NonIP, 0, "", 0},
		{"cooked radiotap", sll, join([]byte{0, 0, 3, 0x23}, repeat(10, 0), etype[4], udp4), packet.MalformedL2, 0, "", 0},
		{"cooked cut", sll, cooked(1, 4)[:15], packet.MalformedL2, 0, "", 0},
		{"cooked 2 IPv4", packet.LinkSLL2, join(cooked2(8, 0), udp4), packet.InFlow, 20, "[] []", 0},
		{"cooked 2 IPv6", packet.LinkSLL2, join(cooked2(0x86, 0xdd), udp6), packet.InFlow, 20, "[] []", 0},
		{"cooked 2 tag", packet.LinkSLL2, join(cooked2(0x81, 0), []byte{0, 5}, etype[4], udp4), packet.InFlow, 24, "[5] []", packet.LinkHasVLAN},
		{"cooked 2 ARP", packet.LinkSLL2, join(cooked2(8, 6), body(28)), packet.NonIP, 0, "", 0},
		{"cooked 2 cut", packet.LinkSLL2, cooked2(8, 0)[:19], packet.MalformedL2, 0, "", 0},

		{"USB", 189, udp4, packet.OtherLink, 0, "", 0},
		{"link type above 16 bits", 1 << 20, udp4, packet.UnsupportedLink, 0, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, v := walk(tt.link, tt.frame)
			if out != tt.out {
				t.Fatalf("%v, want %v", out, tt.out)
			}
			if out != packet.InFlow {
				return
			}
			if int(v.L3) != tt.l3 || v.Link != tt.bits || v.SrcPort != 40000 || v.DstPort != 443 || v.PayloadCap != 5 || v.Quality != 0 {
				t.Errorf("IP at %d, want %d; link bits %b, want %b; %+v", v.L3, tt.l3, v.Link, tt.bits, v)
			}
			if tags := tagsOf(tt.frame, &v); tags != tt.tags {
				t.Errorf("tags %s, want %s", tags, tt.tags)
			}
		})
	}
}

// TestPseudowireFrames puts each form of Ethernet behind a label, with and without control word, to MAC
// addresses that begin as others do and as an IP header does.
func TestPseudowireFrames(t *testing.T) {
	for n, l := range linkFrames() {
		if l.link != packet.LinkEthernet || l.name == "ISL" { // to one address, that no label leads to
			continue
		}
		for _, version := range []int{4, 6} {
			for _, first := range []byte{0, 2, 0x4c, 0x64} {
				for _, word := range [][]byte{nil, {0, 0, 0, 0}} {
					inside := l.frame(inner(n, version))
					inside[0] = first
					frame := join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, word, inside)
					out, v := walk(packet.LinkEthernet, frame)
					if out != packet.InFlow || int(v.L3) != 18+len(word)+len(l.head(version)) {
						t.Errorf("%s/IPv%d to %x, control word %x: %v, IP at %d", l.name, version, first, word, out, v.L3)
					} else if tags := tagsOf(frame, &v); !strings.HasSuffix(tags, "[16]") || l.tags != "" && tags != strings.Replace(l.tags, "[]", "[16]", 1) {
						t.Errorf("%s/IPv%d to %x, control word %x: tags %s", l.name, version, first, word, tags)
					}
				}
			}
		}
	}
}

// TestPseudowireOther: a frame behind a label that leads to no IP is none, whatever its addresses begin with.
func TestPseudowireOther(t *testing.T) {
	for name, content := range map[string][]byte{
		"LLDP":           join([]byte{0x88, 0xcc, 2, 7, 4}, body(60)),
		"EAPOL":          join([]byte{0x88, 0x8e, 1, 1, 0, 0}, body(42)),
		"loopback":       join([]byte{0x90, 0}, body(46)),
		"LLC":            join([]byte{0, 100, 0xf0, 0xf0, 3}, body(97)),
		"LLC, padded":    join([]byte{0, 3, 0xf0, 0xf0, 3}, body(43)),
		"encrypted":      join([]byte{0x88, 0xe5, 0x0c, 0, 0, 0, 0, 1}, body(60)),
		"in a tag":       join([]byte{0x81, 0, 0, 5, 0x88, 0xcc, 2, 7, 4}, body(60)),
		"LLC in a tag":   join([]byte{0x81, 0, 0, 5, 0, 100, 0xf0, 0xf0, 3}, body(97)),
		"SNAP, not IP":   join([]byte{0, 60, 0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0}, body(52)),
		"ARP of no IPv4": join([]byte{0x80, 0x35, 0, 1, 0x80, 0x9b}, body(42)),
	} {
		for _, first := range [][]byte{{0, 0x99, 0x99}, {0x42, 0x99, 0x99}, {0x4c, 0x99, 0x99}, {0x64, 0x99, 0x99}} {
			frame := join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, first, repeat(9, 0x99), content)
			if out, v := walk(packet.LinkEthernet, frame); out != packet.NonIP {
				t.Errorf("%s to %x: %v, %+v", name, first, out, v)
			}
		}
	}
}

// TestLabelledBeyondFrame: an IPv4 packet behind a label that says to be longer than its frame is one,
// though its source address be an EtherType of frames without IP.
func TestLabelledBeyondFrame(t *testing.T) {
	for _, src := range []string{"136.204.1.1", "144.0.1.1", "129.0.1.1", "136.142.3.4", "10.0.0.1"} {
		ip := traffic.UDP(netip.AddrPortFrom(netip.MustParseAddr(src), 4000), serverV4, body(500), traffic.OnLink(packet.LinkRaw))
		frame := join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, ip[:80])
		if out, v := walk(packet.LinkEthernet, frame); out != packet.InFlow || v.L3 != 18 || v.Quality&packet.LengthMismatch == 0 {
			t.Errorf("%s: %v, %+v", src, out, v)
		}
	}
}

// TestCutPseudowire: where the capture ends within the IP header of the frame behind labels,
// its MAC addresses are not taken for one.
func TestCutPseudowire(t *testing.T) {
	for version, ip := range map[int][]byte{4: udp4, 6: udp6} {
		for _, first := range []byte{0, 0x4c, 0x64} {
			for _, tag := range [][]byte{nil, {0x81, 0, 0, 9}} {
				to := join([]byte{first}, repeat(11, 0x99))
				frame := join(macs, []byte{0x88, 0x47, 0, 1, 1, 64}, to, tag, etype[version], ip)
				l3 := len(frame) - len(ip)
				whole := l3 + map[int]int{4: 20, 6: 40}[version]
				for n := 18; n < len(frame); n++ {
					var w packet.Walker
					var v packet.View
					out := w.Walk(frame[:n], uint32(len(frame)), packet.LinkEthernet, &v)
					if n <= l3 {
						if out != packet.MalformedL2 && out != packet.MalformedL3 {
							t.Errorf("IPv%d, address of %#x, tag % x, %d of %d bytes: %v", version, first, tag, n, len(frame), out)
						}
						continue
					}
					if n < whole && out != packet.MalformedL3 {
						t.Errorf("IPv%d, address of %#x, tag % x, %d of %d bytes: %v", version, first, tag, n, len(frame), out)
					}
					if n >= whole+4 && (out != packet.InFlow || int(v.L3) != l3 || v.SrcPort != 40000) {
						t.Errorf("IPv%d, address of %#x, tag % x, %d of %d bytes: %v, IP at %d", version, first, tag, n, len(frame), out, v.L3)
					}
				}
			}
		}
	}
}

func tagsOf(frame []byte, v *packet.View) string {
	var vlans []uint16
	var labels []uint32
	packet.LinkTags(frame, v, func(id uint16) { vlans = append(vlans, id) }, func(l uint32) { labels = append(labels, l) })
	return fmt.Sprint(vlans, " ", labels)
}

func TestLinkNames(t *testing.T) {
	for link, want := range map[packet.LinkType]string{1: "ethernet", 276: "linux_sll2", 12: "raw", 105: "ieee802_11", 4242: "linktype_4242", 1 << 31: "linktype_2147483648"} {
		if got := link.String(); got != want {
			t.Errorf("%d: %q, want %q", uint32(link), got, want)
		}
	}
}
