package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// sizes are the checksums and lengths that offloading network cards and jumbo
// frames leave in captures, and their forgeries. Nothing of it may be dropped.
func sizes() []Case {
	big := func(n int) []byte { return traffic.UDP(client(1), server(), make([]byte, n)) }
	return []Case{
		bad("checksum_of_ipv4_wrong", packet.InFlow, query(1, traffic.Broken(traffic.BadIPChecksum))),
		bad("checksum_of_udp_wrong", packet.InFlow, query(1, traffic.Broken(traffic.BadL4Checksum))),
		bad("checksum_of_tcp_wrong", packet.InFlow, segment(traffic.Broken(traffic.BadL4Checksum))),
		bad("checksum_of_the_pseudo_header_alone", packet.InFlow, segment(traffic.Broken(traffic.OffloadChecksum))),
		bad("checksum_of_icmp_wrong", packet.InFlow, traffic.ICMP(host(7), host(1), 8, 0, 1, nil, traffic.Broken(traffic.BadL4Checksum))),
		bad("checksum_all_ones", packet.InFlow, patched(query(1), atL4+6, 0xff, 0xff)),
		bad("jumbo_of_9000_bytes", packet.InFlow, big(8950)),
		bad("datagram_of_65535_bytes", packet.InFlow, big(65_507)),
		bad("padding_of_a_short_frame", packet.InFlow, query(1, traffic.Padded(200))),
		bad("padding_of_200_kilobytes", packet.InFlow, query(1, traffic.Padded(200_000))),
		{Name: "segment_of_200_kilobytes", Make: func() ([]byte, Want) {
			// Offloading writes 0 where 16 bits do not suffice.
			p := newPcap()
			p.add(packet.InFlow, patched(join(segment(), make([]byte, 200_000)), atIP+2, 0, 0))
			return p.done(Complete, "")
		}},
		{Name: "wire_length_of_an_ack_on_a_jumbo", Make: func() ([]byte, Want) {
			p := newPcap()
			p.record(packet.InFlow, firstSecond, 0, 54, big(8950))
			return p.done(Notes, "")
		}},
		{Name: "wire_lengths_that_overflow_a_sum_of_32_bits", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 5 {
				p.record(packet.InFlow, firstSecond, uint32(i), 0xfffffff0, query(1))
			}
			p.want.Flows = 1
			return p.done(Complete, "")
		}},
	}
}
