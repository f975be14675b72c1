package hostile

import (
	"bytes"
	"net/netip"

	"pcapmill/ingest/packet"
)

func hostOf(a, b, c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{a, b, c, d}) }

// floods are the shapes of Shapes at a size that a test bears. Every packet is in
// a flow, and every flow has its row, whatever limits of memory make of it.
func floods() []Case {
	return []Case{
		ofShape("flood_of_syn", "syn_flood", 8000, 8000),
		ofShape("flood_of_random_ipv6", "udp6_random", 8000, 8000),
		ofShape("scan_of_ports_from_one_host", "port_scan", 8000, 8000),
		ofShape("reflection_from_everywhere", "reflection", 8000, 8000),
		ofShape("flood_of_icmp", "icmp_flood", 8000, 8000),
		ofShape("flood_of_protocols_and_hosts", "protocol_flood", 8000, 8000),
	}
}

// collisions are keys chosen to meet in a hash table.
func collisions() []Case {
	return []Case{
		ofShape("keys_of_one_address_pair", "one_pair", 8000, 8000),
		ofShape("keys_of_one_partition", "one_partition", 5000, 5000),
		ofShape("keys_of_equal_xor", "equal_xor", 8000, 8000),
		ofShape("keys_of_equal_sum", "equal_sum", 8000, 8000),
		ofShape("keys_of_equal_fnv", "equal_fnv", 8000, 8000),
		ofShape("keys_of_equal_crc32", "equal_crc", 8000, 8000),
	}
}

// ofShape is a case of n packets of a shape, all of them in flows.
func ofShape(name, shape string, n int, flows int64) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		var b bytes.Buffer
		s, _ := ShapeNamed(shape)
		if err := s.Write(&b, n); err != nil { // a bytes.Buffer takes everything
			panic(err)
		}
		var w Want
		w.Outcome, w.Packets, w.Flows = Complete, int64(n), flows
		w.By[packet.InFlow] = int64(n)
		return b.Bytes(), w
	}}
}
