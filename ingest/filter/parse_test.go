package filter_test

import (
	"errors"
	"strings"
	"testing"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
)

// TestRefused: what is not in the subset is an error that names the token and
// where it stands, from 1; an empty token is the end.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		expr, token string
		pos         int
		reason      string
	}{
		// words outside the subset
		{"gateway foo", "gateway", 1, "look-up"},
		{"ip gateway foo", "gateway", 4, "look-up"},
		{"ip protochain 6", "protochain", 4, "--filter-inside"},
		{"tcp and inbound", "inbound", 9, "capture file"},
		{"ifname eth0", "ifname", 1, "capture file"},
		{"geneve", "geneve", 1, "--filter-inside"},
		{"byte 0 = 5", "byte", 1, "ether[offset]"},
		{"wlan addr1 1:2:3:4:5:6", "wlan", 1, "headers"},
		{"not llc", "llc", 5, "framings"},
		{"atalk", "atalk", 1, "framings"},
		{"ether proto 0x809b", "0x809b", 13, "framings"},
		{"gre", "gre", 1, "ip proto gre"},
		{"TCP", "TCP", 1, "not a word"},
		{"tcpp port 80", "tcpp", 1, "not a word"},
		// names are not looked up
		{"host example.com", "example.com", 6, "not looked up"},
		{"src www", "www", 5, "not looked up"},
		{"net loopback", "loopback", 5, "not looked up"},
		{"port nosuchport", "nosuchport", 6, "docs/filters.md"},
		{"ip proto nosuch", "nosuch", 10, "docs/filters.md"},
		{"ether proto nosuch", "nosuch", 13, "docs/filters.md"},
		{"ip proto tcp", "tcp", 10, `\tcp`},
		// qualifiers that do not go together
		{"ip6 host 1.2.3.4", "1.2.3.4", 10, "IPv4"},
		{"ip host ::1", "::1", 9, "IPv6"},
		{"tcp host 1.2.3.4", "1.2.3.4", 10, "IPv4"},
		{"ether host 1.2.3.4", "1.2.3.4", 12, "Ethernet"},
		{"host 1:2:3:4:5:6", "1:2:3:4:5:6", 6, "ether host"},
		{"ip port 80", "ip", 1, "tcp, udp and sctp"},
		{"udp port http", "http", 10, "not a port of"},
		{"arp proto 6", "6", 11, "ip, ip6 and ether"},
		{"src proto 6", "proto", 5, "expected"},
		{"ip6 broadcast", "broadcast", 5, "does not go with"},
		{"tcp multicast", "multicast", 5, "does not go with"},
		{"ip broadcast", "broadcast", 4, "netmask"},
		{"ether", "", 6, "needs host"},
		// numbers and addresses
		{"port 70000", "70000", 6, "65535"},
		{"portrange 1-70000", "1-70000", 11, "65535"},
		{"portrange 80-", "-", 13, ""},
		{"portrange a-b", "a-b", 11, "two numbers"},
		{"vlan 4096", "4096", 6, "4095"},
		{"mpls 1048576", "1048576", 6, "1048575"},
		{"pppoes 65536", "65536", 8, "65535"},
		{"host 1.2.3.400", "1.2.3.400", 6, "not an IPv4 address"},
		{"net 1.2.3.4/24", "1.2.3.4", 5, "behind its mask"},
		{"net 10.0.0.0/33", "33", 14, "32"},
		{"host 10.0.0.0/8", "10.0.0.0", 6, "goes with net"},
		{"net 10.0.0.0 mask 8", "8", 19, "as an address"},
		{"net 2001::1/16", "2001::1", 5, "behind its prefix"},
		{"host 2001::/16", "2001::", 6, "goes with net"},
		{"net ::/129", "129", 8, "128"},
		{"port 089", "089", 6, "octal"},
		{"port 4294967296", "4294967296", 6, "32 bits"},
		{"port 1.2", "1.2", 6, "address"},
		{"net 10/8", "/", 7, ""},
		// structure
		{"1.2.3.4", "1.2.3.4", 1, "host, net, port"},
		{"80 or tcp", "80", 1, "host, net, port"},
		{"(port 80) or 443", "443", 14, "host, net, port"},
		{"tcp or 443", "443", 8, "host, net, port"},
		{"port 80 or (90 and port 5)", "port", 20, "takes nothing else"},
		{"tcp udp", "udp", 5, "cannot stand here"},
		{"tcp and", "", 8, "missing"},
		{"(tcp", "", 5, `")"`},
		{"tcp)", ")", 4, "cannot stand here"},
		{"not", "", 4, "missing"},
		{"host", "", 5, "expected"},
		{"less foo", "foo", 6, "length"},
		{"tcp[0]", "", 7, "comparison"},
		{"len", "", 4, "comparison"},
		{"tcp[0] and udp", "and", 8, "comparison"},
		{"tcp[0:3] = 1", "3", 7, "1, 2 or 4"},
		{"tcp[0 = 1", "=", 7, `"]"`},
		{"esp[0] = 1", "esp", 1, "esp[...]"},
		{"ip[0] / 0 = 1", "0", 9, "zero"},
		{"ip[0] % 0 = 1", "0", 9, "zero"},
		{"ip[0] << 32 = 1", "32", 10, "31"},
		{"ip[4-2] = 3", "4-2", 4, "number"},
		{"ip[0] = tcp", "tcp", 9, "number"},
		{"tcp ; udp", ";", 5, "character"},
		{"tcp \xff", "\xff", 5, "character"},
		{"tcp é", "é", 5, "character"},
		{strings.Repeat("(", 300) + "tcp" + strings.Repeat(")", 300), "(", 201, "nested"},
		{strings.Repeat("not ", 300) + "tcp", "not", 797, "nested"},
	} {
		_, err := filter.Parse(c.expr)
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v", c.expr, err)
			continue
		}
		if e.Token != c.token || e.Pos != c.pos || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("%q: token %q at %d: %s; want %q at %d: …%s…", c.expr, e.Token, e.Pos, e.Reason, c.token, c.pos, c.reason)
		}
	}
	if _, err := filter.Parse(strings.Repeat("tcp or ", 20000) + "tcp"); err == nil {
		t.Error("140 kB are accepted")
	}
}

// TestRefusedByLink: what a link type has no answer to.
func TestRefusedByLink(t *testing.T) {
	for _, c := range []struct {
		expr, token string
		link        packet.LinkType
	}{
		{"ether host 1:2:3:4:5:6", "1:2:3:4:5:6", packet.LinkRaw},
		{"tcp and multicast", "multicast", packet.LinkSLL},
		{"broadcast", "broadcast", packet.LinkIPv4},
		{"vlan and tcp", "vlan", packet.LinkSLL2},
		{"tcp or mpls 5", "mpls", packet.LinkNull},
		{"mpls and vlan", "vlan", packet.LinkEthernet},
		{"mpls and arp", "arp", packet.LinkEthernet},
		{"pppoes and vlan", "vlan", packet.LinkEthernet},
		{"tcp", "tcp", 105},
		{"ether[0 - 1] = 5", "ether[0 - 1] = 5", packet.LinkEthernet},
	} {
		e, err := filter.Parse(c.expr)
		if err != nil {
			t.Errorf("%q: %v", c.expr, err)
			continue
		}
		_, err = e.Compile(c.link)
		var refused *filter.Error
		if !errors.As(err, &refused) || refused.Token != c.token {
			t.Errorf("%q on %s: %v", c.expr, c.link, err)
		}
	}
}

func TestEmptyExpressionMatchesAll(t *testing.T) {
	for _, text := range []string{"", " \t\n"} {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range filter.LinkTypes() {
			f, err := e.Compile(link)
			if err != nil {
				t.Fatal(err)
			}
			if !f.Match(nil, 0) || !f.Program().Match(nil, 0) || f.RejectsAll() {
				t.Errorf("%s: an empty filter leaves packets out", link)
			}
		}
	}
}

func TestRejectsAll(t *testing.T) {
	for expr, want := range map[string]bool{"tcp and udp": true, "ip and ip6": true, "arp and ip": true, "tcp": false} {
		e, err := filter.Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		f, err := e.Compile(packet.LinkEthernet)
		if err != nil {
			t.Fatal(err)
		}
		if f.RejectsAll() != want {
			t.Errorf("%q rejects all: %v", expr, !want)
		}
	}
}
