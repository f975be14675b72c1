package hostile

import (
	"encoding/binary"
	"net/netip"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// floodShapes are floods in which every packet is a flow of its own, for 2^32
// packets at least.
func floodShapes() []Shape {
	victim := hostOf(10, 0, 0, 1)
	return []Shape{
		{"syn_flood", "T21", "a forged source asks one server: every packet is a flow", frames(func(i int, b []byte) []byte {
			p := traffic.NewTCP(forged(i), port(victim, 80), packet.SYN, uint32(mix(uint64(i))), 0, 1024, nil)
			return p.Append(b)
		})},
		{"udp6_random", "T21", "random IPv6 addresses and ports to random ones", frames(func(i int, b []byte) []byte {
			p := traffic.NewUDP(random6(2*i), random6(2*i+1), nil)
			return p.Append(b)
		})},
		{"port_scan", "T21", "one host asks every port of its network", frames(func(i int, b []byte) []byte {
			p := traffic.NewTCP(port(hostOf(10, 9, 9, 9), 55555), port(hostOf(10, byte(100+i>>24), byte(i>>16), 7), uint16(i)), packet.SYN, 1, 0, 1024, nil)
			return p.Append(b)
		})},
		{"reflection", "T21", "answers that nobody asked for, from everywhere", frames(func(i int, b []byte) []byte {
			from := forged(i)
			p := traffic.NewUDP(port(from.Addr(), 53), port(victim, from.Port()), bytesOf(64, byte(i)))
			return p.Append(b)
		})},
		{"icmp_flood", "T21", "echo requests from forged sources", frames(func(i int, b []byte) []byte {
			p := traffic.NewICMP(source(i), victim, 8, 0, uint32(i), nil)
			return p.Append(b)
		})},
		{"protocol_flood", "T21", "datagrams of protocol 253 from forged sources", frames(func(i int, b []byte) []byte {
			return append(b, traffic.IP(source(i), victim, 253, []byte{1, 2, 3, 4})...)
		})},
	}
}

// source is forged source i: every address of IPv4 in an order that looks random.
func source(i int) netip.Addr {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], uint32(i)*0x9e3779b1) // an odd factor permutes
	return netip.AddrFrom4(a)
}

func forged(i int) netip.AddrPort { return port(source(i), uint16(1024+mix(uint64(i))%64_000)) }

// random6 is IPv6 end i, all 128 bits random.
func random6(i int) netip.AddrPort {
	var a [16]byte
	binary.BigEndian.PutUint64(a[:], mix(uint64(i)*2+1)&^(7<<61)|1<<61) // global unicast
	binary.BigEndian.PutUint64(a[8:], mix(uint64(i)*2+2))
	return port(netip.AddrFrom16(a), uint16(mix(uint64(i)+7)))
}
