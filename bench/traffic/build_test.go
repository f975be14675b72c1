package traffic_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

var (
	client4 = netip.MustParseAddrPort("192.0.2.1:1000")
	server4 = netip.MustParseAddrPort("198.51.100.2:80")
	client6 = netip.MustParseAddrPort("[2001:db8::1]:1000")
	server6 = netip.MustParseAddrPort("[2001:db8::2]:80")
)

// TestChecksum has the worked example of RFC 1071, section 3, and odd lengths.
func TestChecksum(t *testing.T) {
	for _, c := range []struct {
		hex  string
		want uint16
	}{
		{"0001f203f4f5f6f7", ^uint16(0xddf2)},
		{"", 0xffff},
		{"ff", 0x00ff},
		{"0102" + strings.Repeat("00", 40), ^uint16(0x0102)},
		{strings.Repeat("ffff", 70), 0},
	} {
		b, _ := hex.DecodeString(c.hex)
		if got := traffic.Checksum(b); got != c.want {
			t.Errorf("checksum of %q is %04x, want %04x", c.hex, got, c.want)
		}
	}
	long := make([]byte, 1501)
	for i := range long {
		long[i] = byte(i*7 + i>>8)
	}
	for n := range long {
		if got, want := traffic.Checksum(long[:n]), plainSum(long[:n]); got != want {
			t.Fatalf("%d bytes: %04x, want %04x", n, got, want)
		}
	}
}

// TestTCPBytes compares one frame with bytes laid out by hand from RFC 791 and
// RFC 9293; its checksums were summed by hand.
func TestTCPBytes(t *testing.T) {
	got := traffic.TCP(client4, server4, packet.SYN, 1, 0, 512, nil,
		traffic.TCPOpts(traffic.MSS(1460)), traffic.Ident(0x1234), traffic.Unfragmented())
	want := "020000000002" + "020000000001" + "0800" +
		"4500002c1234400040063c61" + "c0000201" + "c6336402" +
		"03e80050" + "00000001" + "00000000" + "60020200" + "a5b60000" + "020405b4"
	if hex.EncodeToString(got) != want {
		t.Errorf("got  %x\nwant %s", got, want)
	}
}

// TestShapes decodes each kind of frame and checks its layers and sums.
func TestShapes(t *testing.T) {
	body := []byte("some payload")
	hop := traffic.Extension{Type: 0, Data: []byte{1, 4, 0, 0, 0, 0}}
	for name, c := range map[string]struct {
		frame  []byte
		layers string
	}{
		"tcp4":  {traffic.TCP(client4, server4, packet.ACK, 1, 2, 3, body), "Ethernet IPv4 TCP Payload"},
		"tcp6":  {traffic.TCP(client6, server6, packet.ACK, 1, 2, 3, body), "Ethernet IPv6 TCP Payload"},
		"udp6":  {traffic.UDP(client6, server6, body, traffic.Extended(hop)), "Ethernet IPv6 IPv6HopByHop UDP Payload"},
		"icmp4": {traffic.ICMP(client4.Addr(), server4.Addr(), 8, 0, 7, body), "Ethernet IPv4 ICMPv4 Payload"},
		"icmp6": {traffic.ICMP(client6.Addr(), server6.Addr(), 128, 0, 7, body), "Ethernet IPv6 ICMPv6 ICMPv6Echo"},
		"qinq":  {traffic.UDP(client4, server4, body, traffic.Tagged(10, 20)), "Ethernet Dot1Q Dot1Q IPv4 UDP Payload"},
		"mpls":  {traffic.UDP(client4, server4, body, traffic.Labelled(16, 17)), "Ethernet MPLS MPLS IPv4 UDP Payload"},
		"pppoe": {traffic.UDP(client4, server4, body, traffic.InPPPoE(5)), "Ethernet PPPoE PPP IPv4 UDP Payload"},
		"arp":   {traffic.ARP(1, traffic.MAC{2}, client4.Addr(), traffic.MAC{}, server4.Addr()), "Ethernet ARP"},
		"options": {traffic.UDP(client4, server4, body, traffic.IPOpts([]byte{0x94, 4, 0, 0}), traffic.Padded(80)),
			"Ethernet IPv4 UDP Payload"},
	} {
		p := gopacket.NewPacket(c.frame, layers.LayerTypeEthernet, gopacket.Default)
		var names []string
		for _, l := range p.Layers() {
			names = append(names, l.LayerType().String())
		}
		if got := strings.Join(names, " "); got != c.layers {
			t.Errorf("%s: layers %s, want %s", name, got, c.layers)
		}
		src, dst, _, l4, proto, _ := ipOf(p)
		if src.IsValid() && transportSum(src, dst, proto, l4) != 0 {
			t.Errorf("%s: transport checksum does not verify", name)
		}
	}
}

// TestLinks walks a datagram on every link type.
func TestLinks(t *testing.T) {
	for _, link := range []packet.LinkType{
		packet.LinkEthernet, packet.LinkRaw, packet.LinkNull, packet.LinkLoop, packet.LinkSLL, packet.LinkSLL2,
	} {
		for _, ends := range [][2]netip.AddrPort{{client4, server4}, {client6, server6}} {
			frame := traffic.UDP(ends[0], ends[1], []byte("abc"), traffic.OnLink(link))
			var v packet.View
			var w packet.Walker
			out := w.Walk(frame, uint32(len(frame)), link, &v)
			if out != packet.InFlow || v.SrcPort != 1000 || v.PayloadLen != 3 || v.Quality != 0 {
				t.Errorf("%v: %v, source port %d, payload %d, quality %x", link, out, v.SrcPort, v.PayloadLen, v.Quality)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault  traffic.Fault
		ip, l4 bool
	}{
		{0, true, true},
		{traffic.BadIPChecksum, false, true},
		{traffic.BadL4Checksum, true, false},
		{traffic.OffloadChecksum, true, false},
		{traffic.BadIPChecksum | traffic.BadL4Checksum, false, false},
	} {
		frame := traffic.UDP(client4, server4, []byte("payload"), traffic.Broken(c.fault))
		ip := plainSum(frame[14:34]) == 0
		l4 := transportSum(client4.Addr(), server4.Addr(), packet.ProtoUDP, frame[34:]) == 0
		if ip != c.ip || l4 != c.l4 {
			t.Errorf("fault %d: IP sum right %v, transport sum right %v", c.fault, ip, l4)
		}
	}
	frame := traffic.UDP(client4, server4, nil, traffic.Broken(traffic.NoL4Checksum))
	if frame[40] != 0 || frame[41] != 0 {
		t.Error("checksum is not zero")
	}
}

// TestFragments puts the fragments together again and compares the datagram.
func TestFragments(t *testing.T) {
	payload := bytes.Repeat([]byte("0123456789"), 321)
	for _, ends := range [][2]netip.AddrPort{{client4, server4}, {client6, server6}} {
		whole := traffic.UDP(ends[0], ends[1], payload, traffic.OnLink(packet.LinkRaw))
		headers := 20
		if ends[0].Addr().Is6() {
			headers = 40
		}
		var joined []byte
		frames := traffic.Fragments(traffic.NewUDP(ends[0], ends[1], payload), 1280, 99)
		for i, frame := range frames {
			if len(frame) > 14+1280 {
				t.Errorf("fragment of %d bytes", len(frame))
			}
			_, _, _, part, proto, fragment := ipOf(gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default))
			if proto != packet.ProtoUDP || !fragment {
				t.Errorf("fragment %d: protocol %d, fragment %v", i, proto, fragment)
			}
			joined = append(joined, part...)
		}
		if len(frames) != 3 || !bytes.Equal(joined, whole[headers:]) {
			t.Errorf("%d fragments do not give the datagram", len(frames))
		}
	}
}

// TestAppendAllocatesNothing: the generator's speed rests on it.
func TestAppendAllocatesNothing(t *testing.T) {
	p := traffic.NewTCP(client6, server6, packet.ACK, 1, 2, 3, make([]byte, 1400), traffic.Tagged(1, 2))
	b := make([]byte, 0, 2048)
	if n := testing.AllocsPerRun(100, func() { b = p.Append(b[:0]) }); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}
