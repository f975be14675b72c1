package accuracy_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// The ends of the flows whose names are looked for.
var (
	site    = netip.MustParseAddr("198.51.100.20")
	mirror  = netip.MustParseAddr("198.51.100.21")
	site6   = netip.MustParseAddr("2001:db8::20")
	client6 = netip.MustParseAddrPort("[2001:db8::10]:40000")
)

// told is a response on UDP from a resolver of the client's IP version.
func told(d time.Duration, to netip.AddrPort, name string, records ...dnsRecord) accuracy.Packet {
	from := resolver
	if to.Addr().Is6() {
		from = netip.MustParseAddrPort("[2001:db8::53]:53")
	}
	return at(d, traffic.UDP(from, netip.AddrPortFrom(to.Addr(), 5353+1000), dnsAnswer(name, records...)))
}

// is says that a name has an address for a minute, also that it is another's alias.
func is(name string, addr netip.Addr) dnsRecord { return dnsRecord{name: name, addr: addr, ttl: 60} }
func alias(name, of string) dnsRecord           { return dnsRecord{name: name, alias: of, ttl: 60} }

// lives changes for how many seconds.
func (r dnsRecord) lives(seconds uint32) dnsRecord { r.ttl = seconds; return r }

// visit is a flow of one packet to a port of its own, by which its row is found.
func visit(d time.Duration, from netip.AddrPort, to netip.Addr, port int) accuracy.Packet {
	return at(d, segment(from, netip.AddrPortFrom(to, uint16(port)), packet.SYN, 1, 0, 1, nil))
}

// visits are the names of the flows to ports from 50001 on, joined; - is for none. Of one
// in pieces they are joined by a slash.
func visits(flows *accuracy.Table) string {
	var names []string
	for i := range flows.Rows {
		n := int(flows.Int("dst_port", i)) - 50001
		if n < 0 || n > 1000 {
			continue
		}
		for len(names) <= n {
			names = append(names, "")
		}
		name := "-"
		if !flows.Null("dns_name", i) {
			name = flows.Text("dns_name", i)
		}
		if names[n] != "" {
			name = names[n] + "/" + name
		}
		names[n] = name
	}
	return strings.Join(names, " ")
}

// chain is a name that is an alias of an alias, so many times.
func chain(aliases int) (records []dnsRecord) {
	for i := range aliases {
		records = append(records, alias(fmt.Sprintf("n%d.test", i), fmt.Sprintf("n%d.test", i+1)))
	}
	return append(records, is(fmt.Sprintf("n%d.test", aliases), site))
}

type namesCase struct {
	name string
	tune func(*stages.Config)
	list []accuracy.Packet
	want string
}

// inTime are names that are told before a flow or behind its beginning.
func inTime() []namesCase {
	a, b := is("a.test", site), is("b.test", site)
	second := time.Second
	return []namesCase{
		{name: "before", list: []accuracy.Packet{told(0, client, "a.test", a), visit(second, client, site, 50001)}, want: "a.test"},
		{name: "behind", list: []accuracy.Packet{visit(0, client, site, 50001), told(ms, client, "a.test", a), visit(second, client, site, 50002)}, want: "- a.test"},
		{name: "at one instant, before", list: []accuracy.Packet{told(0, client, "a.test", a), visit(0, client, site, 50001)}, want: "a.test"},
		{name: "at one instant, behind", list: []accuracy.Packet{visit(0, client, site, 50001), told(0, client, "a.test", a)}, want: "-"},
		{name: "read before, but late", tune: asRead, list: []accuracy.Packet{told(second, client, "a.test", a), visit(0, client, site, 50001)}, want: "-"},
		{name: "read behind, but late and put in its place", list: []accuracy.Packet{visit(20*ms, client, site, 50001), told(0, client, "a.test", a), visit(second, client, site, 50002)}, want: "a.test a.test"},
		{name: "within its last second", list: []accuracy.Packet{told(0, client, "a.test", a), visit(61*second-1, client, site, 50001), visit(61*second, client, site, 50002)}, want: "a.test -"},
		{name: "for no time", list: []accuracy.Packet{told(0, client, "a.test", a.lives(0)), visit(second-1, client, site, 50001), visit(second, client, site, 50002)}, want: "a.test -"},
		{name: "for all time", list: []accuracy.Packet{told(0, client, "a.test", a.lives(1<<32-1)), visit(10*365*24*time.Hour, client, site, 50001)}, want: "a.test"},
		{name: "the alias lives shorter", list: []accuracy.Packet{told(0, client, "a.test", alias("a.test", "b.test").lives(1), b), visit(2*second-1, client, site, 50001), visit(2*second, client, site, 50002)}, want: "a.test -"},
		{name: "the latest of several", list: []accuracy.Packet{
			told(0, client, "a.test", a), told(second, client, "b.test", b), visit(2*second, client, site, 50001), told(3*second, client, "a.test", a), visit(4*second, client, site, 50002),
		}, want: "b.test a.test"},
		{name: "the latest that is valid", list: []accuracy.Packet{told(0, client, "a.test", a), told(second, client, "b.test", b.lives(5)), visit(8*second, client, site, 50001)}, want: "a.test"},
		{name: "the latest has expired though an earlier told again had not", list: []accuracy.Packet{told(0, client, "a.test", a.lives(1)), told(second, client, "a.test", a), visit(50*second, client, site, 50001)}, want: "a.test"},
		{name: "a connection in pieces", tune: func(c *stages.Config) { c.Timeouts.Active = 10 * second }, list: []accuracy.Packet{
			told(0, client, "a.test", a.lives(3)), visit(second, client, site, 50001), told(5*second, client, "b.test", b), visit(12*second, client, site, 50001),
		}, want: "a.test/a.test"},
		{name: "a connection in pieces, told within the first", tune: func(c *stages.Config) { c.Timeouts.Active = 10 * second }, list: []accuracy.Packet{
			visit(second, client, site, 50001), told(5*second, client, "b.test", b), visit(12*second, client, site, 50001),
		}, want: "-/-"},
	}
}

// toWhom are names that are told to one and another.
func toWhom() []namesCase {
	a := is("a.test", site)
	second := time.Second
	neighbour := netip.MustParseAddrPort("192.0.2.11:40000")
	return []namesCase{
		{name: "another client", list: []accuracy.Packet{told(0, neighbour, "a.test", a), visit(second, client, site, 50001), visit(second, neighbour, site, 50002)}, want: "- a.test"},
		{name: "each its own", list: []accuracy.Packet{told(0, neighbour, "a.test", a), told(0, client, "b.test", is("b.test", site)), visit(second, client, site, 50001), visit(second, neighbour, site, 50002)}, want: "b.test a.test"},
		{name: "another address", list: []accuracy.Packet{told(0, client, "a.test", a), visit(second, client, mirror, 50001)}, want: "-"},
		{name: "two addresses", list: []accuracy.Packet{told(0, client, "a.test", a, is("a.test", mirror)), visit(second, client, mirror, 50001), visit(second, client, site, 50002)}, want: "a.test a.test"},
		{name: "IPv6", list: []accuracy.Packet{told(0, client6, "a.test", is("a.test", site6)), visit(second, client6, site6, 50001)}, want: "a.test"},
		{name: "told over IPv4 of IPv6: the client is known by another address", list: []accuracy.Packet{told(0, client, "a.test", is("a.test", site6)), visit(second, client6, site6, 50001)}, want: "-"},
		{name: "the server of a flow that was seen from its answer", list: []accuracy.Packet{
			told(0, client, "a.test", a), at(second, segment(netip.AddrPortFrom(site, 50001), client, synACK, 1, 2, 1, nil)),
		}, want: "a.test"},
		{name: "of the client", list: []accuracy.Packet{told(0, client, "a.test", is("a.test", client.Addr())), visit(second, client, site, 50001)}, want: "-"},
	}
}

// sayings are responses of all kinds.
func sayings() []namesCase {
	a, b := is("a.test", site), is("b.test", site)
	after := func(name string, packets ...accuracy.Packet) namesCase {
		return namesCase{name: name, list: append(packets, visit(time.Second, client, site, 50001))}
	}
	says := func(c namesCase, want string) namesCase { c.want = want; return c }
	raw := func(spoil func(b []byte)) accuracy.Packet {
		message := dnsAnswer("a.test", a)
		spoil(message)
		return at(0, traffic.UDP(resolver, client, message))
	}
	return []namesCase{
		says(after("an alias", told(0, client, "a.test", alias("a.test", "b.test"), b)), "a.test"),
		says(after("the alias behind its address", told(0, client, "a.test", b, alias("a.test", "b.test"))), "a.test"),
		says(after("aliases in disorder", told(0, client, "n0.test", chain(5)[2], chain(5)[5], chain(5)[1], chain(5)[4], chain(5)[0], chain(5)[3])), "n0.test"),
		says(after("a loop", told(0, client, "a.test", alias("a.test", "b.test"), alias("b.test", "a.test"), is("c.test", site))), "-"),
		says(after("a loop with an address", told(0, client, "a.test", alias("a.test", "b.test"), alias("b.test", "a.test"), b)), "a.test"),
		says(after("an alias of itself", told(0, client, "a.test", alias("a.test", "a.test"), a)), "a.test"),
		says(after("sixteen aliases", told(0, client, "n0.test", chain(16)...)), "n0.test"),
		says(after("seventeen", told(0, client, "n0.test", chain(17)...)), "-"),
		says(after("an address of another name", told(0, client, "a.test", b)), "-"),
		says(after("in another case", told(0, client, "A.Test", is("a.tEST", site))), "a.test"),
		says(after("an error", raw(func(b []byte) { b[3] |= 3 })), "-"),
		says(after("a query with an answer", raw(func(b []byte) { b[2] &^= 0x80 })), "-"),
		says(after("two questions", raw(func(b []byte) { b[5] = 2 })), "-"),
		says(after("cut off", raw(func(b []byte) { b[7] = 2 })), "a.test"),
		says(after("on TCP", onTCP(dnsAnswer("a.test", a), 3, 20)...), "a.test"),
		says(after("the second on TCP", onTCP(dnsAnswer("b.test", is("b.test", mirror)), 1)...), "-"),
		says(after("by LLMNR", at(0, traffic.UDP(netip.MustParseAddrPort("192.0.2.99:5355"), client, dnsAnswer("a.test", a)))), "a.test"),
		says(after("by mDNS, to all", at(0, traffic.UDP(netip.MustParseAddrPort("192.0.2.99:5353"), client, dnsAnswer("a.test", a)))), "-"),
	}
}

// onTCP is a response in a connection with a resolver, cut at places.
func onTCP(message []byte, places ...int) []accuracy.Packet {
	w := wire{client, resolver, [2]uint32{100, 200}}
	data := string(binary.BigEndian.AppendUint16(nil, uint16(len(message)))) + string(message)
	steps, from := slices.Clone(opened), 0
	for _, to := range append(places, len(data)) {
		steps = append(steps, down(int64(from), data[from:to]))
		from = to
	}
	return w.packets(steps...)
}

// TestNames: the names of flows, whatever the number of workers, the blocks, and the
// files that the capture is cut into.
func TestNames(t *testing.T) {
	for _, c := range slices.Concat(inTime(), toWhom(), sayings()) {
		cfg := everything()
		if c.tune != nil {
			c.tune(&cfg)
		}
		table, _ := mustRun(t, cfg, &accuracy.Packets{List: c.list})
		if got := visits(table); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for _, workers := range []int{1, 2, 8} {
			cfg.Workers = workers
			got, _ := mustRun(t, cfg, &accuracy.Packets{List: c.list, Block: 1})
			if got.Hash() != table.Hash() {
				t.Errorf("%s: %d workers: %q", c.name, workers, visits(got))
			}
			for at := 1; at < len(c.list); at++ {
				got, _ := mustRun(t, cfg, &accuracy.Packets{List: c.list[:at]}, &accuracy.Packets{List: c.list[at:]})
				if visits(got) != c.want {
					t.Errorf("%s: %d workers, cut at %d: %q", c.name, workers, at, visits(got))
				}
			}
		}
	}
}

// TestNamesOfIndependentInputs: what one capture says holds in no other.
func TestNamesOfIndependentInputs(t *testing.T) {
	cfg := everything()
	cfg.Inputs = stages.Independent
	table, _ := mustRun(t, cfg,
		&accuracy.Packets{List: []accuracy.Packet{told(0, client, "a.test", is("a.test", site)), visit(time.Second, client, site, 50001)}},
		&accuracy.Packets{List: []accuracy.Packet{visit(2*time.Second, client, site, 50002), told(3*time.Second, client, "b.test", is("b.test", site)), visit(4*time.Second, client, site, 50003)}})
	if got := visits(table); got != "a.test - b.test" {
		t.Errorf("%q", got)
	}
}

// namesKept is how many names are remembered, namesTried how many of one client and
// address.
const (
	namesKept  = 1 << 17
	namesTried = 64
)

// manyNames are responses that tell so many names of other addresses, to many clients.
func manyNames(names int) (list []accuracy.Packet) {
	for n := 0; n < names; {
		var records []dnsRecord
		for range min(64, names-n) { // as many as a message tells
			records = append(records, is("x.test", netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})))
			n++
		}
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(100 + len(list)%100)}), 1000)
		list = append(list, told(2*time.Second+time.Duration(len(list)), to, "x.test", records...))
	}
	return list
}

// TestNamesForgotten: of very many names the oldest are forgotten, the same ones in
// every run.
func TestNamesForgotten(t *testing.T) {
	first := []accuracy.Packet{told(0, client, "a.test", is("a.test", site)), told(time.Second, client, "b.test", is("b.test", mirror))}
	for others, want := range map[int]string{namesKept - 2: "a.test b.test", namesKept - 1: "- b.test", namesKept: "- -"} {
		list := append(slices.Concat(first, manyNames(others)), visit(3*time.Second, client, site, 50001), visit(3*time.Second, client, mirror, 50002))
		cfg := everything()
		cfg.Features = []string{"core", "application"}
		for _, workers := range []int{1, 3} {
			cfg.Workers = workers
			table, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 100})
			if got := visits(table); got != want {
				t.Errorf("%d names behind, %d workers: %q, want %q", others, workers, got, want)
			}
		}
	}
}

// TestNamesTried: a name is found behind so many that were told of the address while the
// flow went on, and not behind more.
func TestNamesTried(t *testing.T) {
	for others, want := range map[int]string{namesTried - 1: "a.test", namesTried: "-"} {
		list := []accuracy.Packet{told(0, client, "a.test", is("a.test", site)), visit(ms, client, site, 50001)}
		for i := range others {
			list = append(list, told(time.Duration(2+i)*ms, client, "b.test", is("b.test", site)))
		}
		table, _ := mustRun(t, everything(), &accuracy.Packets{List: list})
		if got := visits(table); got != want {
			t.Errorf("%d names behind: %q, want %q", others, got, want)
		}
	}
}
