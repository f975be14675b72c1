package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// cardinality are columns with more different values than a dictionary wants:
// the table must come out whole all the same.
func cardinality() []Case {
	many := func(name string, n int, frame func(i int) []byte) Case {
		return Case{Name: name, Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range n {
				p.add(packet.InFlow, frame(i))
			}
			p.want.Flows = int64(n)
			return p.done(Complete, "")
		}}
	}
	return []Case{
		many("addresses_all_different", 10_000, func(i int) []byte {
			return traffic.UDP(port(host6(i+1000), 1), port(host6(2_000_000+i), 2), nil)
		}),
		many("hardware_addresses_all_different", 10_000, func(i int) []byte {
			return query(i, traffic.MACs(traffic.MAC{2, 0, 0, byte(i >> 16), byte(i >> 8), byte(i)}, traffic.MAC{4, byte(i), byte(i >> 8)}))
		}),
		many("vlan_stacks_all_different", 10_000, func(i int) []byte {
			return query(i, traffic.Tagged(uint16(i%4094+1), uint16(i/4094+1)))
		}),
		many("labels_all_different", 10_000, func(i int) []byte { return query(i, traffic.Labelled(uint32(i), uint32(i+1))) }),
		many("payloads_all_different", 10_000, func(i int) []byte {
			return traffic.UDP(client(i), server(), noise(200, uint64(i)))
		}),
		many("protocols_all_different", 255, func(i int) []byte {
			return traffic.IP(host(i+10), host(1), uint8(i), bytesOf(40, 0x55), traffic.Class(uint8(i)), traffic.Hops(uint8(i)))
		}),
		{Name: "histories_all_different", Make: func() ([]byte, Want) {
			// The flags of each flow's eight packets spell its number.
			p := newPcap()
			flags := []uint16{packet.ACK, packet.SYN, packet.FIN | packet.ACK, packet.PSH | packet.ACK}
			for i := range 4000 {
				for j := range 8 {
					p.add(packet.InFlow, traffic.TCP(client(i), port(host(1), 80), flags[i>>(2*j)&3], uint32(j), 0, 100, make([]byte, i>>j&1)))
				}
			}
			return p.done(Complete, "")
		}},
	}
}
