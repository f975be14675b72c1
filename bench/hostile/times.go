package hostile

import (
	"math"

	"pcapmill/ingest/packet"
)

// times are clocks that an expiry by packet time must survive: the work per
// packet may not depend on how far time moves.
func times() []Case {
	return []Case{
		paced("time_stands_still", func(int) (uint32, uint32) { return firstSecond, 0 }, 1, Complete),
		paced("time_goes_backward_by_microseconds", func(i int) (uint32, uint32) { return firstSecond, uint32(900_000 - i) }, 1, Complete),
		paced("time_goes_backward_by_days", func(i int) (uint32, uint32) { return uint32(firstSecond - 86400*i), 0 }, 1, Notes),
		paced("time_is_zero", func(int) (uint32, uint32) { return 0, 0 }, 1, Complete),
		paced("time_is_all_ones", func(int) (uint32, uint32) { return math.MaxUint32, 999_999 }, 1, Complete),
		{Name: "time_alternates_between_1970_and_2106", Make: func() ([]byte, Want) {
			// The clock starts in 1970. Each jump ahead is taken back by the next
			// packet, so none is believed but the last, which nothing follows.
			p := newPcap()
			for i := range 2000 {
				p.at(packet.InFlow, uint32(i%2)*math.MaxUint32, 0, query(1))
			}
			return p.done(Notes, "")
		}},
		{Name: "one_packet_of_2106_in_the_middle", Make: func() ([]byte, Want) {
			p := newPcap().good(5)
			p.at(packet.InFlow, math.MaxUint32, 0, query(1))
			return p.good(5).done(Notes, "")
		}},
		{Name: "one_packet_of_1970_in_the_middle", Make: func() ([]byte, Want) {
			p := newPcap().good(5)
			p.at(packet.InFlow, 0, 0, query(1))
			return p.good(5).done(Complete, "")
		}},
		{Name: "clock_set_a_century_ahead_for_good", Make: func() ([]byte, Want) {
			// Fifty years with confirmation: the flow before has ended, so two rows.
			p := newPcap()
			p.at(packet.InFlow, 1<<30, 0, query(1))
			p.at(packet.InFlow, 3<<30, 0, query(1))
			p.at(packet.InFlow, 3<<30, 1, query(1))
			p.want.Flows = 2
			return p.done(Complete, "")
		}},
		{Name: "a_jump_of_a_year_at_every_second_packet", Make: func() ([]byte, Want) {
			p := newPcap()
			for i := range 120 {
				p.at(packet.InFlow, uint32(i/2)*31_536_000, uint32(i%2), query(1))
			}
			p.want.Flows = 60
			return p.done(Complete, "")
		}},
		{Name: "steps_just_over_every_timeout", Make: func() ([]byte, Want) {
			// UDP flows end after a minute: every packet is a flow.
			p := newPcap()
			for i := range 500 {
				p.at(packet.InFlow, uint32(firstSecond+61*i), 0, query(1))
			}
			p.want.Flows = 500
			return p.done(Complete, "")
		}},
		{Name: "simple_packets_without_any_time", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0)
			for i := range 5 {
				g.block(typeSimple, append(g.words(uint32(len(query(i)))), query(i)...))
				g.count(packet.InFlow)
			}
			return g.done(Complete, "")
		}},
		{Name: "nanoseconds_beyond_2262", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionTSResol, []byte{9})...)
			g.packet(packet.InFlow, 0, math.MaxInt64+1, query(1)) // does not fit: kept without a time
			g.packet(packet.InFlow, 0, math.MaxUint64, query(2))
			return g.done(Notes, "")
		}},
		{Name: "time_stamp_of_the_value_for_none", Make: func() ([]byte, Want) {
			g := newNg()
			offset := g.option(optionTSOffset, g.order.AppendUint64(nil, 0xfffffffdda3e82fb)) // -9223372037 s
			g.iface(1, 0, join(g.option(optionTSResol, []byte{9}), offset)...)
			g.packet(packet.InFlow, 0, 145_224_192, query(1)) // the least int64
			return g.done(Notes, "")
		}},
		{Name: "stamps_of_a_sub_nanosecond_clock", Make: func() ([]byte, Want) {
			g := newNg()
			g.iface(1, 0, g.option(optionTSResol, []byte{12})...)
			for i := range uint64(20) {
				g.packet(packet.InFlow, 0, firstSecond*1e6+i, query(1)) // 20 ps of 1970-01-01
			}
			g.want.Flows = 1
			return g.done(Complete, "")
		}},
	}
}

// paced is a file of 20 packets of one flow.
func paced(name string, at func(i int) (seconds, micros uint32), flows int64, outcome string) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		p := newPcap()
		for i := range 20 {
			seconds, micros := at(i)
			p.at(packet.InFlow, seconds, micros, query(1))
		}
		p.want.Flows = flows
		return p.done(outcome, "")
	}}
}
