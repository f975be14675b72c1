package filter_test

import (
	"errors"
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
)

// layerOf walks a frame.
func layerOf(t *testing.T, frame []byte, link packet.LinkType) *packet.View {
	t.Helper()
	var w packet.Walker
	v := new(packet.View)
	if out := w.Walk(frame, uint32(len(frame)), link, v); out != packet.InFlow {
		t.Fatalf("%s: % x", out, frame)
	}
	return v
}

// frames6 are IPv6 frames written by hand.
var (
	addr6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" +
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
	udp53 = "\x30\x39\x00\x35\x00\x08\x00\x00"
	// hop-by-hop options (one header of eight bytes), then UDP
	hopUDP = "\x60\x00\x00\x00\x00\x10\x00\x40" + addr6 + "\x11\x00\x01\x04\x00\x00\x00\x00" + udp53
	ether  = "\x01\x00\x5e\x00\x00\x01\x02\x00\x00\x00\x00\x02"
	ip4UDP = "\x45\x00\x00\x1c\x00\x00\x00\x00\x40\x11\x00\x00\x0a\x00\x00\x01\xe0\x00\x00\x02" + udp53
)

func TestInside(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("192.0.2.7:443")
	syn := traffic.TCP(a, b, packet.SYN, 1, 0, 500, nil, traffic.Tagged(7))
	frames := []struct {
		name  string
		frame []byte
		link  packet.LinkType
		yes   []string
		no    []string
	}{
		{"TCP behind a VLAN tag", syn, packet.LinkEthernet,
			[]string{
				"tcp", "ip", "host 10.0.0.1", "src host 10.0.0.1", "src net 10.0.0.0/8", "port 443", "tcp dst port 443",
				"portrange 440-450", "vlan", "vlan 7", "vlan 7 and tcp", "tcp and vlan 7", "tcp[tcpflags] = tcp-syn",
				"tcp[2:2] = 443", "ip[9] = 6", "ip proto 6", "proto \\tcp", "ether proto \\ip", "not udp", "src and dst portrange 1-65535",
				"ether[0] >= 0", "not tcp[0:2] = 1", "not udp[0:2] = 53", "len > 20", "greater 20", "tcp[0:2] / 2 = 20000", "- 1 > tcp[0]",
			},
			[]string{
				"udp", "ip6", "port 80", "dst host 10.0.0.1", "src and dst host 10.0.0.1", "vlan 8", "mpls", "pppoes", "vlan and udp",
				"udp[0:2] = 53", "udp[0:2] != 53", "tcp[200] = 0", "not tcp[200] = 0", "ip6[6] = 6", "multicast", "ip multicast", "less 20",
				"tcp[0] / (ip[1]) = 1", "icmp6", "ip6 proto 6",
			}},
		{"UDP behind IPv6 options", []byte(hopUDP), packet.LinkRaw,
			[]string{
				"udp", "port 53", "udp dst port 53", "ip6 proto 0", "ip6 proto 17", "proto 17", "udp[2:2] = 53", "ip6[6] = 0",
				"host 2001:db8::1", "src host 2001:db8::1", "net 2001:db8::/32", "src and dst net 2001:db8::/64", "ether proto \\ip6",
			},
			[]string{
				"tcp", "ip", "ip proto 17", "ip6 proto 44", "ether[0] = 0x60", "ether host 1:2:3:4:5:6", "broadcast", "ip6 multicast",
				"dst host 2001:db8::1", "vlan", "ip[9] = 17", "icmp6[0] = 1",
			}},
		{"QinQ, PPPoE, IPv4", []byte(ether + "\x88\xa8\x00\x64\x81\x00\x20\x05\x88\x64\x11\x00\x00\x2a\x00\x1e\x00\x21" + ip4UDP), packet.LinkEthernet,
			[]string{
				"vlan 100", "vlan 5", "vlan 5 and vlan 100", "pppoes", "pppoes 42", "pppoes 42 and vlan 5 and port 53", "ip multicast",
				"multicast", "ether multicast", "ether src 02:00:00:00:00:02", "ether dst 01:00:5e:00:00:01", "ether host 02:00:00:00:00:02",
			},
			[]string{"vlan 6", "pppoes 43", "mpls", "ether dst 02:00:00:00:00:02", "broadcast", "tcp"}},
		{"PPPoE in a pseudowire", []byte(ether + "\x88\x47\x00\x01\x01\x40" + ether + "\x81\x00\x00\x05\x88\x64\x11\x00\x00\x2a\x00\x1e\x00\x21" + ip4UDP), packet.LinkEthernet,
			[]string{"pppoes", "pppoes 42", "mpls 16 and vlan 5 and pppoes 42 and port 53"},
			[]string{"pppoes 43", "not pppoes"}},
		{"PPPoE behind a backbone tag", []byte(ether + "\x88\xe7\x00\x00\x00\x01" + ether + "\x88\x64\x11\x00\x00\x2a\x00\x1e\x00\x21" + ip4UDP), packet.LinkEthernet,
			[]string{"pppoes", "pppoes 42"},
			[]string{"pppoes 43", "vlan"}},
		{"IEEE 802.11, to an access point", []byte("\x00\x00\x08\x00\x00\x00\x00\x00" + "\x08\x01\x00\x00\x02\x00\x00\x00\x00\x03\x02\x00\x00\x00\x00\x02" +
			"\x01\x00\x5e\x00\x00\x01\x10\x00\xaa\xaa\x03\x00\x00\x00\x08\x00" + ip4UDP), packet.LinkRadiotap,
			[]string{"multicast", "ether multicast", "ether src 02:00:00:00:00:02", "ether dst 01:00:5e:00:00:01", "ether host 02:00:00:00:00:02", "udp"},
			[]string{"ether dst 02:00:00:00:00:02", "ether host 02:00:00:00:00:03", "ether broadcast"}},
		{"two MPLS labels", []byte(ether + "\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40" + ip4UDP), packet.LinkEthernet,
			[]string{"mpls", "mpls 16", "mpls 32", "mpls 32 and mpls 16 and udp", "not mpls 17"},
			[]string{"mpls 17", "vlan", "mpls and tcp"}},
		{"a later fragment", []byte("\x45\x00\x00\x1c\x00\x01\x00\x02\x40\x11\x00\x00\x0a\x00\x00\x01\xe0\x00\x00\x02" + udp53), packet.LinkRaw,
			[]string{"udp", "ip[6:2] & 0x1fff = 2", "not port 53"},
			[]string{"port 53", "udp[2:2] = 53"}},
		{"an authentication header", []byte("\x45\x00\x00\x34\x00\x00\x00\x00\x40\x33\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" +
			"\x11\x04\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + udp53), packet.LinkRaw,
			[]string{"ah", "udp", "port 53", "ip proto 51", "udp[2:2] = 53"},
			[]string{"esp", "ip6 proto 51"}},
	}
	for _, f := range frames {
		v := layerOf(t, f.frame, f.link)
		for _, c := range []struct {
			list []string
			want bool
		}{{f.yes, true}, {f.no, false}} {
			for _, text := range c.list {
				e, err := filter.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				in, err := e.Inside()
				if err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				if got := in.Match(f.frame, f.link, v); got != c.want {
					t.Errorf("%s: %q: %v", f.name, text, got)
				}
			}
		}
	}
}

// TestInsideRefuses what only frames have an answer to.
func TestInsideRefuses(t *testing.T) {
	for text, token := range map[string]string{
		"tcp or arp": "arp", "ether proto 0x88cc": "0x88cc", "arp[6:2] = 1": "arp", "pppoed": "pppoed", "stp": "stp",
		"arp host 10.0.0.1": "10.0.0.1", "not (ip and rarp)": "rarp", "1 + arp[0] * 2 = 3": "arp", "ip[arp[0]] = 3": "arp",
	} {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Inside()
		var refused *filter.Error
		if !errors.As(err, &refused) || refused.Token != token {
			t.Errorf("%q: %v", text, err)
		}
	}
}
