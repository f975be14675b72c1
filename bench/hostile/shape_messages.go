package hostile

import (
	"encoding/binary"
	"net/netip"

	"pcapmill/bench/traffic"
	"pcapmill/bench/traffic/payload"
)

// messageShapes are datagrams that cost whoever reads messages out of them as much as
// they can.
func messageShapes() []Shape {
	chain, long, told := dnsChain(), dnsLongNames(), dnsTold()
	relays, pieces := dhcpRelays(), dhcpPieces()
	return []Shape{
		{"dns_pointers", "T25", "answers whose names are behind 120 pointers each", frames(func(i int, b []byte) []byte { return fromServer(b, i, 53, chain) })},
		{"dns_long_names", "T25", "answers that point to a name of 250 bytes that do not print", frames(func(i int, b []byte) []byte { return fromServer(b, i, 53, long) })},
		{"dns_told", "T25", "addresses of a name that is an alias of itself", frames(func(i int, b []byte) []byte { return fromServer(b, i%1000, 53, told) })},
		{"dns_unanswered", "T25", "queries of one flow that nobody answers", frames(func(i int, b []byte) []byte {
			return udpFrame(b, client(1), server(), traffic.DNS(uint16(i), []string{"example", "org"}, false))
		})},
		{"quic_pieces", "T26", "a hello a byte a frame, last first", frames(quicPieces())},
		{"quic_connections", "T26", "a flow of which each datagram begins another connection", frames(func(i int, b []byte) []byte {
			return quicFrame(b, 1, quicInitial(uint64(i), 0, append([]byte{6, 0, 4, 1, 0, 1, 0}, make([]byte, 40)...)))
		})},
		{"quic_undecipherable", "T26", "a flow of which each datagram claims another connection and is none", frames(func(i int, b []byte) []byte {
			d := quicInitial(uint64(i), 0, make([]byte, 40))
			d[len(d)-1] ^= 1
			return quicFrame(b, 1, d)
		})},
		{"quic_coalesced", "T26", "datagrams of 20 Initial packets", frames(func(i int, b []byte) []byte {
			var d []byte
			for n := range 20 {
				d = append(d, quicInitial(uint64(i/10), n, []byte{6, byte(n), 1, 1, 0, 0, 0, 0, 0, 0})...)
			}
			return quicFrame(b, i/10, d)
		})},
		{"quic_versions", "T26", "a version in each datagram that there is not", frames(func(i int, b []byte) []byte {
			d := quicInitial(uint64(i/10), 0, make([]byte, 1100))
			binary.BigEndian.PutUint32(d[1:], uint32(i)&0xf0f0f0f0|0x0a0a0a0a)
			return quicFrame(b, i/10, d)
		})},
		{"dhcp_relays", "T26", "a message in 32 relays", frames(func(i int, b []byte) []byte {
			return udpFrame(b, port(host6(i%5000+2), 547), port(host6(1), 547), relays)
		})},
		{"dhcp_pieces", "T26", "options in hundreds of pieces", frames(func(i int, b []byte) []byte {
			return udpFrame(b, port(host(i%5000+10), 68), port(host(1), 67), pieces)
		})},
	}
}

func udpFrame(b []byte, from, to netip.AddrPort, data []byte) []byte {
	p := traffic.NewUDP(from, to, data)
	return p.Append(b)
}

// fromServer appends what a server says to client n.
func fromServer(b []byte, n int, from uint16, data []byte) []byte {
	return udpFrame(b, port(host(1), from), client(n), data)
}

// dnsChain is a response whose first answer's data are pointers, each to the one before,
// and whose others have the last for their names.
func dnsChain() []byte {
	const hops, others = 120, 60
	at := 12 + 11
	data := []byte{1, 'a', 0}
	last := at
	for range hops {
		next := at + len(data)
		data = append(data, u16(0xc000|uint16(last))...)
		last = next
	}
	b := join([]byte{0, 1, 0x84, 0, 0, 0}, u16(1+others), make([]byte, 4))
	b = join(b, []byte{0, 0xff, 1, 0, 1, 0, 0, 0, 0}, u16(uint16(len(data))), data)
	for range others {
		b = join(b, u16(0xc000|uint16(last)), []byte{0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1})
	}
	return b
}

// dnsLongNames is a response of which each answer has the question's name, the longest
// there is, of bytes that are written in four characters each.
func dnsLongNames() []byte {
	name := join([]byte{63}, bytesOf(63, 1), []byte{63}, bytesOf(63, 1), []byte{63}, bytesOf(63, 1), []byte{60}, bytesOf(60, 1), []byte{0})
	b := join([]byte{0, 1, 0x84, 0, 0, 1}, u16(80), make([]byte, 4), name, []byte{0, 1, 0, 1})
	return append(b, repeated(80, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 0)...)
}

// dnsTold is a response with an alias that leads to itself, and addresses. The name is as long as
// names usually are.
func dnsTold() []byte {
	name := "told-to-clients-example"
	b := join([]byte{0, 1, 0x84, 0, 0, 1}, u16(81), make([]byte, 4), []byte{byte(len(name))}, []byte(name), []byte{0, 0, 1, 0, 1})
	b = append(b, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12)
	for i := range 80 {
		b = append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 1, 1, byte(i))
	}
	return b
}

// quicFrame is a datagram from client n of a server of HTTP/3.
func quicFrame(b []byte, n int, data []byte) []byte {
	return udpFrame(b, client(n), port(host(1), 443), data)
}

// quicInitial is a client's Initial packet of version 1.
func quicInitial(connection uint64, number int, plain []byte) []byte {
	id := binary.BigEndian.AppendUint64(nil, mix(connection))
	keys := payload.InitialKeys(payload.QUICv1, id, false)
	for len(plain) < 4 {
		plain = append(plain, 0)
	}
	header := join([]byte{0xc1, 0, 0, 0, 1, 8}, id, []byte{0, 0}, u16(0x4000|uint16(2+len(plain)+16)), u16(uint16(number)))
	nonce := keys.IV
	nonce[10] ^= byte(number >> 8)
	nonce[11] ^= byte(number)
	d := keys.AEAD.Seal(header, nonce[:], plain, header)
	at := len(header) - 2
	var mask [16]byte
	keys.HP.Encrypt(mask[:], d[at+4:at+20])
	d[0] ^= mask[0] & 0x0f
	d[at] ^= mask[1]
	d[at+1] ^= mask[2]
	return d
}

// quicPieces makes flows of ten datagrams each with 200 frames of a byte, from the end
// of a hello to its beginning. Packets are sealed once.
func quicPieces() func(int, []byte) []byte {
	const each, datagrams = 200, 10
	var sealed [datagrams][]byte
	for n := range sealed {
		var plain []byte
		for k := range each {
			at := (datagrams-n)*each - 1 - k
			plain = append(plain, 6)
			plain = append(plain, u16(0x4000|uint16(at))...)
			plain = append(plain, 1, byte(at))
		}
		sealed[n] = quicInitial(7, n, plain)
	}
	return func(i int, b []byte) []byte { return quicFrame(b, i/datagrams, sealed[i%datagrams]) }
}

// dhcpRelays is a SOLICIT in the most relays that are followed.
func dhcpRelays() []byte {
	b := append([]byte{1, 0, 0, 1}, repeated(100, 0, 8, 0, 2, 0, 0)...)
	for hops := range 32 {
		b = join([]byte{12, byte(hops)}, make([]byte, 32), []byte{0, 9}, u16(uint16(len(b))), b)
	}
	return b
}

// dhcpPieces is a message whose options are in pieces of a byte, in turn.
func dhcpPieces() []byte {
	b := join([]byte{1, 1, 6, 0}, make([]byte, 232), []byte{99, 130, 83, 99, 53, 1, 1})
	for i := range 360 {
		b = append(b, []byte{12, 15, 81, 60, 77}[i%5], 1, 'a')
	}
	return append(b, 255)
}
