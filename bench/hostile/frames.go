package hostile

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// host returns 10.0.x.y for number n.
func host(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// host6 returns 2001:db8::n.
func host6(n int) netip.Addr {
	a := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint64(a[8:], uint64(n))
	return netip.AddrFrom16(a)
}

func port(a netip.Addr, n uint16) netip.AddrPort { return netip.AddrPortFrom(a, n) }

// client and server are the ends of conversation n.
func client(n int) netip.AddrPort { return port(host(n+10), uint16(40000+n%20000)) }
func server() netip.AddrPort      { return port(host(1), 53) }

// query is a DNS query of conversation n: 14 bytes Ethernet, 20 IPv4, 8 UDP.
func query(n int, opts ...traffic.Option) []byte {
	return traffic.UDP(client(n), server(), traffic.DNS(uint16(n), []string{"example", "org"}, false), opts...)
}

// query6 is a UDP datagram over IPv6: 14 bytes Ethernet, 40 IPv6, 8 UDP.
func query6(opts ...traffic.Option) []byte {
	return traffic.UDP(port(host6(2), 40000), port(host6(1), 53), []byte("query over six"), opts...)
}

// segment is a TCP segment: 14 bytes Ethernet, 20 IPv4, 20 TCP.
func segment(opts ...traffic.Option) []byte {
	return traffic.TCP(port(host(7), 41000), port(host(1), 80), packet.ACK|packet.PSH, 1000, 500, 65535, []byte("GET / HTTP/1.0\r\n\r\n"), opts...)
}

// Offsets within the frames above.
const (
	atIP    = 14
	atL4    = atIP + 20
	atL4Six = atIP + 40
)

// cut returns the first n bytes of a frame, as if no more had been on the wire.
func cut(frame []byte, n int) []byte { return frame[:n:n] }

// patched returns a frame with bytes replaced from an offset on.
func patched(frame []byte, at int, b ...byte) []byte {
	f := slices.Clone(frame)
	copy(f[at:], b)
	return f
}

// bytesOf returns n bytes of one value.
func bytesOf(n int, value byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = value
	}
	return b
}

// join concatenates.
func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// u16 and u32 are numbers in network byte order.
func u16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// noise is a deterministic sequence of bytes that look random.
func noise(n int, seed uint64) []byte {
	b := make([]byte, 0, n+8)
	for x := seed; len(b) < n; x += 0x9e3779b97f4a7c15 {
		b = binary.LittleEndian.AppendUint64(b, mix(x))
	}
	return b[:n]
}

// mix is a step of splitmix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// among puts frames of one disposition between sound packets of other flows, so
// that a defect that spreads shows.
func among(out packet.Outcome, frames ...[]byte) ([]byte, Want) {
	return amongOn(packet.LinkEthernet, query(900), out, frames...)
}

// amongOn is among for another link type; good is a sound frame of it.
func amongOn(link packet.LinkType, good []byte, out packet.Outcome, frames ...[]byte) ([]byte, Want) {
	p := onLink(link)
	p.add(packet.InFlow, good)
	p.add(out, frames...)
	p.add(packet.InFlow, good)
	return p.done(Complete, "")
}

// bad is a case of frames that share a disposition.
func bad(name string, out packet.Outcome, frames ...[]byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) { return among(out, frames...) }}
}

// lazy is a case of frames that are made when they are wanted.
func lazy(name string, out packet.Outcome, frames func() [][]byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) { return among(out, frames()...) }}
}
