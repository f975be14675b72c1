package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// endless are flows that never begin, never end, or end all at once. The number
// of rows follows from the timeouts: a minute for UDP, five for TCP, pieces of
// half an hour.
func endless() []Case {
	return []Case{
		{Name: "a_day_of_one_flow", Make: func() ([]byte, Want) {
			// A packet every 50 s for 24 hours: one flow, in pieces of half an hour.
			p := newPcap()
			for i := range 1728 {
				p.at(packet.InFlow, uint32(firstSecond+50*i), 0, query(1))
			}
			return p.done(Complete, "")
		}},
		{Name: "a_day_of_a_thousand_sleeping_flows", Make: func() ([]byte, Want) {
			p := newPcap()
			for round := range 24 {
				for i := range 100 {
					p.at(packet.InFlow, uint32(firstSecond+3600*round+i/50), 0, query(i))
				}
			}
			p.want.Flows = 2400
			return p.done(Complete, "")
		}},
		{Name: "kept_alive_at_the_last_moment", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 30 {
				for j := range 40 {
					p.at(packet.InFlow, uint32(firstSecond+59*i), uint32(j), query(j))
				}
			}
			p.want.Flows = 40
			return p.done(Complete, "")
		}},
		{Name: "ten_thousand_flows_end_in_one_instant", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 10_000 {
				p.at(packet.InFlow, firstSecond, 0, traffic.UDP(port(host(i+10), 1000), server(), nil))
			}
			p.at(packet.InFlow, firstSecond+3000, 0, query(1))
			p.want.Flows = 10_001
			return p.done(Complete, "")
		}},
		{Name: "half_of_every_conversation", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 500 {
				p.add(packet.InFlow, traffic.TCP(port(host(1), 80), client(i), packet.ACK, 1000, 1, 500, make([]byte, 100)))
				p.add(packet.InFlow, traffic.TCP(port(host(1), 80), client(i), packet.ACK, 1100, 1, 500, make([]byte, 100)))
			}
			p.want.Flows = 500
			return p.done(Complete, "")
		}},
		{Name: "midstream_ends_alone", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 500 {
				p.add(packet.InFlow, traffic.TCP(client(i), port(host(1), 80), packet.FIN|packet.ACK, 5, 6, 500, nil))
			}
			p.want.Flows = 500
			return p.done(Complete, "")
		}},
		{Name: "one_tuple_opened_and_reset_a_thousand_times", Make: func() ([]byte, Want) {
			// Twenty seconds apart: each ends fifteen after its reset.
			p := newPcap()
			for i := range 1000 {
				at := uint32(firstSecond + 20*i)
				p.at(packet.InFlow, at, 0, traffic.TCP(client(1), port(host(1), 80), packet.SYN, uint32(i)<<16, 0, 500, nil))
				p.at(packet.InFlow, at, 1, traffic.TCP(port(host(1), 80), client(1), packet.RST|packet.ACK, 0, uint32(i)<<16+1, 0, nil))
			}
			p.want.Flows = 1000
			return p.done(Complete, "")
		}},
		{Name: "multicast_that_nobody_answers", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 300 {
				p.add(packet.InFlow, traffic.UDP(port(host(i+10), 5353), port(hostOf(224, 0, 0, 251), 5353), make([]byte, 20)))
			}
			p.want.Flows = 300
			return p.done(Complete, "")
		}},
	}
}
