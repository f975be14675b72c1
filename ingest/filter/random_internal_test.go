package filter

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// maker makes random expressions of the subset. They are mostly valid.
type maker struct{ *rand.Rand }

func (m maker) pick(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) expr(depth int) string {
	switch n := m.IntN(10); {
	case depth <= 0 || n < 3:
		return m.primitive(depth)
	case n < 5:
		return m.expr(depth-1) + " and " + m.expr(depth-1)
	case n < 7:
		return m.expr(depth-1) + " or " + m.expr(depth-1)
	case n == 7:
		return "not " + m.expr(depth-1)
	}
	return "(" + m.expr(depth-1) + ")"
}

func (m maker) primitive(depth int) string {
	dir := m.pick("", "", "src ", "dst ", "src or dst ", "src and dst ")
	addr := m.pick("10.0.0.1", "192.168.1.1", "127.0.0.1", "::1", "fe80::1", "10.1")
	switch m.IntN(12) {
	case 0, 1:
		return m.pick("ip", "ip6", "arp", "tcp", "udp", "icmp", "icmp6", "sctp", "igmp", "esp", "stp")
	case 2:
		return dir + "host " + addr
	case 3:
		return dir + "net " + m.pick("10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32", "0.0.0.0/0", "::/0", "fe80::/10", "128.0.0.0/1")
	case 4:
		return m.pick("", "tcp ", "udp ") + dir + "port " + m.pick("80", "53", "443", "0")
	case 5:
		return m.pick("", "tcp ", "udp ") + dir + "portrange " + m.pick("1-1023", "80-90", "5-5")
	case 6:
		return m.pick("ip proto ", "ip6 proto ", "proto ", "ether proto ") + m.pick("6", "17", "44", "0x800", "3")
	case 7:
		return m.pick("vlan", "vlan 1", "mpls", "mpls 16", "pppoes", "pppoes 1")
	case 8:
		return m.pick("less 100", "greater 64", "ip multicast", "ip6 multicast", "multicast", "broadcast", "ether host 1:2:3:4:5:6")
	}
	return m.value(depth) + " " + m.pick("=", "!=", "<", ">", "<=", ">=") + " " + m.value(depth)
}

func (m maker) value(depth int) string {
	switch n := m.IntN(10); {
	case depth <= 0 || n < 3:
		return m.pick("0", "1", "2", "6", "64", "0x800", "4294967295", "len")
	case n < 7:
		return m.pick("ip", "ip6", "tcp", "udp", "icmp", "icmp6", "ether", "arp") +
			"[" + m.pick("0", "1", "9", "12", "13", "200", m.value(depth-2)) + m.pick("", "", ":2", ":4") + "]"
	case n == 7:
		return "- " + m.value(depth-1)
	case n == 8:
		return "(" + m.value(depth-1) + " " + m.pick("&", "|", "+", "*") + " " + m.value(depth-1) + ")"
	}
	return m.value(depth-1) + " " + m.pick("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>") + " " + m.value(depth-1)
}

// TestSameProgramRandom compares random expressions with tcpdump's programs.
// PCAPMILL_FILTER_RANDOM sets how many.
func TestSameProgramRandom(t *testing.T) {
	path := tcpdump(t)
	n := 150
	if v := os.Getenv("PCAPMILL_FILTER_RANDOM"); v != "" {
		fmt.Sscan(v, &n)
	}
	seed := uint64(1)
	if v := os.Getenv("PCAPMILL_FILTER_SEED"); v != "" {
		fmt.Sscan(v, &seed)
	}
	m := maker{rand.New(rand.NewPCG(seed, 1))}
	accepted := 0
	for range n {
		expr, d := m.expr(4), dlts[m.IntN(len(dlts))]
		want, ok := compileWith(t, path, d.name, expr)
		e, err := Parse(expr)
		var f *Filter
		if err == nil {
			f, err = e.Compile(d.link)
		}
		switch {
		case err != nil && ok:
			t.Errorf("%s: %s: tcpdump accepts it, we say %v", d.name, expr, err)
		case err == nil && !ok:
			if !strings.Contains(expr, "/") && !strings.Contains(expr, "%") && !strings.Contains(expr, "<<") && !strings.Contains(expr, ">>") {
				t.Errorf("%s: %s: tcpdump refuses it", d.name, expr)
			}
		case err == nil:
			if accepted++; f.Program().DDD() != want.DDD() {
				t.Errorf("%s: %s: ours\n%stcpdump's (see TestTcpdumpMiscompiles)\n%s", d.name, expr, f.Program().DDD(), want.DDD())
			}
		}
	}
	t.Logf("%d of %d accepted and equal", accepted, n)
}
