package packet_test

import (
	"net/netip"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// TestFaults names what is wrong with frames and where the header is that is.
func TestFaults(t *testing.T) {
	a, b := netip.MustParseAddrPort("192.0.2.1:1000"), netip.MustParseAddrPort("192.0.2.2:53")
	udp := traffic.UDP(a, b, []byte("payload"))
	tcp := traffic.TCP(a, b, packet.SYN, 1, 0, 100, nil)
	with := func(frame []byte, at int, v ...byte) []byte {
		frame = append([]byte(nil), frame...)
		copy(frame[at:], v)
		return frame
	}
	tags := append([]byte(nil), udp[:12]...)
	for range 40 {
		tags = append(tags, 0x81, 0, 0, 1)
	}
	for _, c := range []struct {
		name  string
		frame []byte
		out   packet.Outcome
		fault string
		at    uint32
	}{
		{"Ethernet header", udp[:13], packet.MalformedL2, "short_header", 0},
		{"VLAN tag", append(append([]byte(nil), udp[:12]...), 0x81, 0, 0, 1), packet.MalformedL2, "short_header", 14},
		{"too many tags", tags, packet.MalformedL2, "too_many_headers", 14 + 17*4},
		{"no IP header", udp[:14], packet.MalformedL3, "short_header", 14},
		{"IP header cut", udp[:30], packet.MalformedL3, "short_header", 14},
		{"version", with(udp, 14, 0x65), packet.MalformedL3, "ip_version", 14},
		{"header length", with(udp, 14, 0x44), packet.MalformedL3, "header_length", 14},
		{"options cut", with(udp[:34], 14, 0x4f), packet.MalformedL3, "short_header", 14},
		{"total length", with(udp, 16, 0, 19), packet.MalformedL3, "total_length", 14},
		{"UDP header cut", udp[:37], packet.MalformedL4, "short_header", 34},
		{"UDP length", with(udp, 38, 0, 7), packet.MalformedL4, "udp_length", 34},
		{"TCP data offset", with(tcp, 46, 0x40), packet.MalformedL4, "header_length", 34},
	} {
		var w packet.Walker
		var v packet.View
		out := w.Walk(c.frame, uint32(len(c.frame)), packet.LinkEthernet, &v)
		fault, at := v.Fault()
		if out != c.out || fault.String() != c.fault || at != c.at {
			t.Errorf("%s: %v, %v at %d; want %v, %s at %d", c.name, out, fault, at, c.out, c.fault, c.at)
		}
	}
}

// TestFragmentWithoutLength: a fragment without an IP length is as long as the wire says, which
// can be more than 32 bits have room for behind its place.
func TestFragmentWithoutLength(t *testing.T) {
	frame := traffic.IP(clientV4.Addr(), serverV4.Addr(), packet.ProtoUDP, body(16), traffic.Fragmented(traffic.Fragment{Offset: 40, More: true}))
	copy(frame[16:], "\x00\x00")
	for _, wire := range []uint32{100_002, 1<<32 - 6} { // both leave a multiple of eight behind the headers
		var w packet.Walker
		var v packet.View
		if out := w.Walk(frame, wire, packet.LinkEthernet, &v); out != packet.InFlow || !v.IsFragment() {
			t.Fatal(out)
		}
		if p := packet.FragmentOf(frame, &v); p.Fault(&v) != packet.FaultTooLong {
			t.Errorf("%d bytes on the wire: %+v, fault %q", wire, p, p.Fault(&v))
		}
	}
}

// checkFault holds malformed outcomes to a named fault.
func checkFault(t *testing.T, out packet.Outcome, v *packet.View) {
	switch out {
	case packet.MalformedL2, packet.MalformedL3, packet.MalformedL4, packet.FragmentUnresolved:
		if f, _ := v.Fault(); f == packet.FaultNone || f >= packet.FaultExpired {
			t.Fatalf("%v with fault %q", out, f)
		}
	}
}
