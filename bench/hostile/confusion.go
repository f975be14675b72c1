package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// confusion are flows that speak several protocols, or one that another port
// promises.
func confusion() []Case {
	speaks := func(name string, dst uint16, texts ...string) Case {
		return Case{Name: name, Make: func() ([]byte, Want) {
			p := newPcap()
			seq := uint32(1)
			for _, text := range texts {
				p.add(packet.InFlow, traffic.TCP(client(1), port(host(1), dst), packet.ACK|packet.PSH, seq, 1, 500, []byte(text)))
				seq += uint32(len(text))
			}
			p.want.Flows = 1
			return p.done(Complete, "")
		}}
	}
	return []Case{
		speaks("http_on_the_dns_port", 53, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		speaks("tls_after_http_on_one_flow", 80, "CONNECT a:443 HTTP/1.1\r\n\r\n", string(hello(nil))),
		speaks("http_after_tls_on_one_flow", 443, string(hello(nil)), "GET / HTTP/1.1\r\n\r\n"),
		speaks("ssh_http_tls_smtp_in_turn", 22, "SSH-2.0-x\r\n", "GET / HTTP/1.0\r\n\r\n", string(hello(nil)), "EHLO x\r\n"),
		speaks("nothing_but_zeros", 443, string(make([]byte, 1400)), string(make([]byte, 1400))),
		{Name: "tcp_and_udp_of_one_tuple", Make: func() ([]byte, Want) {
			p := newPcap()
			for range 10 {
				p.add(packet.InFlow, traffic.UDP(client(1), server(), []byte("x")))
				p.add(packet.InFlow, traffic.TCP(client(1), server(), packet.ACK, 1, 1, 1, []byte("x")))
			}
			p.want.Flows = 2
			return p.done(Complete, "")
		}},
		{Name: "one_tuple_over_four_and_mapped_six", Make: func() ([]byte, Want) {
			// ::ffff:10.0.0.1 on the wire is IPv6 and no flow of 10.0.0.1.
			six := patched(query6(), atIP+8, join(mapped(7), mapped(1))...)
			four := traffic.UDP(port(host(7), 40000), port(host(1), 53), []byte("query over six"))
			p := newPcap()
			p.add(packet.InFlow, four, six, four, six)
			p.want.Flows = 2
			return p.done(Complete, "")
		}},
		{Name: "server_speaks_first_from_a_high_port", Make: func() ([]byte, Want) {
			p := newPcap()
			p.add(packet.InFlow, traffic.UDP(server(), client(1), []byte("answer")))
			p.add(packet.InFlow, traffic.UDP(client(1), server(), []byte("question")))
			p.want.Flows = 1
			return p.done(Complete, "")
		}},
		{Name: "tuple_changes_its_hardware_addresses", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 50 {
				p.add(packet.InFlow, query(1, traffic.MACs(traffic.MAC{2, byte(i)}, traffic.MAC{4, byte(i)}), traffic.Tagged(uint16(i+1)), traffic.Hops(uint8(i))))
			}
			p.want.Flows = 1
			return p.done(Complete, "")
		}},
	}
}

// mapped is host n as an IPv4-mapped IPv6 address.
func mapped(n int) []byte {
	a := host(n).As16()
	return a[:]
}
