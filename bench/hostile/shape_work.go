package hostile

import (
	"math"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// workShapes are packets that ask for much work each: deep headers, disorder,
// timers, names.
func workShapes() []Shape {
	return []Shape{
		{"times_alternate", "T14", "1970 and 2106 in turn", framesAt(func(i int) (uint32, uint32) { return uint32(i%2) * math.MaxUint32, 0 }, same(query(1)))},
		{"times_backward", "T13", "every packet a microsecond before the last", framesAt(func(i int) (uint32, uint32) {
			return uint32(firstSecond - i/1e6), uint32(999_999 - i%1e6)
		}, same(query(1)))},
		{"time_jumps", "T14 T24", "every second packet an hour and a minute later", framesAt(func(i int) (uint32, uint32) {
			return uint32(i/2) * 3660, uint32(i % 2)
		}, same(query(1)))},
		{"every_flow_expires", "T24", "a packet a minute: each ends the flow before", framesAt(func(i int) (uint32, uint32) {
			return uint32(i) * 61, 0
		}, func(i int, b []byte) []byte { return append(b, query(i%5000)...) })},
		{"kept_alive", "T24", "a thousand flows, each spoken to just before it would end", framesAt(func(i int) (uint32, uint32) {
			return uint32(i/1000) * 59, uint32(i % 1000)
		}, func(i int, b []byte) []byte { return append(b, query(i%1000)...) })},
		{"vlan_tags", "T17", "16 tags on every packet", frames(same(query(1, traffic.Tagged(ids(16)...))))},
		{"ipv6_extensions", "T17", "32 extension headers on every packet", frames(same(query6(traffic.Extended(extensions(32)...))))},
		{"ip_in_ip", "T17", "eight tunnels in each other on every packet", frames(same(wrapped(8, everyTunnel)))},
		{"fragment_heads", "T18", "first fragments whose rest never comes", frames(func(i int, b []byte) []byte {
			return append(b, traffic.IP(source(i), host(1), 17, udpHeader(64), traffic.Ident(uint16(i)), traffic.Fragmented(traffic.Fragment{More: true}))...)
		})},
		{"fragment_tails", "T18", "later fragments whose head never comes", frames(func(i int, b []byte) []byte {
			return append(b, traffic.IP(source(i), host(1), 17, make([]byte, 8), traffic.Ident(uint16(i)), traffic.Fragmented(traffic.Fragment{Offset: 8}))...)
		})},
		{"fragment_of_one", "T18", "one datagram that is begun again and again", frames(func(i int, b []byte) []byte {
			return append(b, traffic.IP(host(7), host(1), 17, udpHeader(4000), traffic.Ident(7), traffic.Fragmented(traffic.Fragment{Offset: i % 400 * 8, More: true}))...)
		})},
		{"tcp_backward", "T23", "one stream from its end to its beginning", frames(func(i int, b []byte) []byte {
			return tcpData(b, 1, uint32(1<<31-i*100), 100, nil)
		})},
		{"tcp_holes", "T23", "one out-of-order segment in each of many flows", frames(func(i int, b []byte) []byte {
			return tcpData(b, i, uint32(mix(uint64(i))), 1400, nil)
		})},
		{"tcp_tiny", "T23", "one byte a segment", frames(func(i int, b []byte) []byte { return tcpData(b, 1, uint32(i), 1, nil) })},
		{"tcp_options", "T16", "forty bytes of options on every segment", frames(func(i int, b []byte) []byte {
			return tcpData(b, 1, uint32(i), 1, bytesOf(40, 1))
		})},
		{"names_differ", "T25", "hardware addresses and tags that are new in every packet", frames(func(i int, b []byte) []byte {
			return append(b, query(i, traffic.MACs(traffic.MAC{2, 1, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}, traffic.MAC{4}), traffic.Tagged(uint16(i%4094+1), uint16(i>>12%4094+1)))...)
		})},
		{"http_header_lines", "T26", "segments of nothing but header lines", frames(func(i int, b []byte) []byte {
			return tcpData(b, 1, uint32(i)*1400, 0, repeated(350, 'a', ':', '\r', '\n'))
		})},
		{"empty_packets", "T08", "records without bytes", frames(func(_ int, b []byte) []byte { return b })},
		{"skipped_blocks", "T05", "ten blocks of unknown types before every packet", blockShape(10, 0x0bad, []byte{0, 0, 0, 0})},
		{"comments", "T04", "fifty comments in every packet's block", commentShape},
		{"sections", "T05", "a new section before every packet", sectionShape},
	}
}

// tcpData appends a segment of flow n: size bytes without options, or the given
// payload's or options' where size is 0 or 1.
func tcpData(b []byte, n int, seq uint32, size int, extra []byte) []byte {
	body, options := make([]byte, size), extra
	if size == 0 {
		body, options = extra, nil
	}
	p := traffic.NewTCP(port(source(n), 41000), port(host(1), 80), packet.ACK|packet.PSH, seq, 1, 65535, body, traffic.TCPOpts(options))
	return p.Append(b)
}

// blockShape is a pcapng file with blocks of other types before each packet.
func blockShape(each int, kind uint32, body []byte) func(*shapeWriter, int) error {
	return ngShape(func(g *ngFile) {
		for range each {
			g.block(kind, body)
		}
		g.next++
		g.packet(0, 0, g.next, query(1))
	})
}

func commentShape(w *shapeWriter, n int) error {
	g := newNg()
	var options []byte
	for range 50 {
		options = append(options, g.option(optionComment, []byte("c"))...)
	}
	return ngShape(func(g *ngFile) {
		g.next++
		g.packet(0, 0, g.next, query(1), options...)
	})(w, n)
}

// sectionShape is limited by the interfaces that a file may have: 262,144.
func sectionShape(w *shapeWriter, n int) error {
	return ngShape(func(g *ngFile) {
		for range 10 {
			g.section()
		}
		g.iface(1, 0)
		g.next++
		g.packet(0, 0, g.next, query(1))
	})(w, n)
}

// ngShape is a pcapng file of n times what one writes.
func ngShape(one func(*ngFile)) func(*shapeWriter, int) error {
	return func(w *shapeWriter, n int) error {
		g := ethernet()
		for range n {
			one(g)
			if _, err := w.out.Write(g.data); err != nil {
				return err
			}
			g.data = g.data[:0]
			w.written++
		}
		_, err := w.out.Write(g.data)
		return err
	}
}
