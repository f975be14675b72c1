package hostile

import (
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// streams are TCP conversations whose sequence numbers, windows and flags work
// against whoever follows them. Each
// says how many flows it is: a SYN of another initial number begins a new one
// (ADR 5), and 0 states none.
func streams() []Case {
	return []Case{
		stream("out_of_order_from_the_far_end", 1, func(s *tcp) {
			for i := range 1000 {
				s.data(uint32(1000-i)*1400, 1400)
			}
		}),
		stream("holes_everywhere", 1, func(s *tcp) {
			for i := range 1000 {
				s.data(uint32(i)*2800, 1400)
			}
		}),
		stream("overlaps_with_other_bytes", 1, func(s *tcp) {
			for i := range 1000 {
				s.fill = byte(i)
				s.data(uint32(i)*10, 1400)
			}
		}),
		stream("one_byte_segments", 1, func(s *tcp) {
			for i := range 3000 {
				s.data(uint32(i), 1)
			}
		}),
		stream("the_same_segment_again_and_again", 1, func(s *tcp) {
			for range 1000 {
				s.data(0, 1400)
			}
		}),
		stream("sequence_wraps_every_second_segment", 1, func(s *tcp) {
			for i := range 1000 {
				s.data(uint32(i)<<31, 1400)
			}
		}),
		stream("acknowledges_what_was_never_sent", 1, func(s *tcp) {
			for i := range 1000 {
				s.back(packet.ACK, 0, uint32(i)*0x01234567, 0)
			}
		}),
		stream("window_shut_and_open", 1, func(s *tcp) {
			for i := range 1000 {
				s.back(packet.ACK, 0, 0, uint16(i%2)*0xffff)
			}
		}),
		stream("urgent_without_end", 1, func(s *tcp) {
			for i := range 500 {
				s.flags(packet.ACK|packet.URG, uint32(i), 1)
			}
		}),
		stream("syn_with_data", 1, func(s *tcp) { s.flags(packet.SYN, 0, 1200); s.back(packet.SYN|packet.ACK, 0, 1, 100) }),
		stream("syn_again_with_another_number", 200, func(s *tcp) {
			for i := range 200 {
				s.flags(packet.SYN, uint32(i)*7919, 0)
			}
		}),
		stream("syn_ack_from_both_sides", 1, func(s *tcp) {
			s.flags(packet.SYN|packet.ACK, 0, 0)
			s.back(packet.SYN|packet.ACK, 0, 0, 0)
		}),
		stream("fin_a_thousand_times", 0, func(s *tcp) {
			for range 1000 {
				s.flags(packet.FIN|packet.ACK, 100, 0)
			}
		}),
		stream("reset_and_more_data", 0, func(s *tcp) {
			s.flags(packet.RST, 0, 0)
			for i := range 100 {
				s.data(uint32(i)*100, 100)
			}
		}),
		stream("resets_outside_the_window", 0, func(s *tcp) {
			s.data(0, 100)
			for i := range 100 {
				s.back(packet.RST, uint32(i)<<24, 0, 0)
			}
		}),
		stream("both_ends_are_the_same", 1, func(s *tcp) {
			s.server = s.client
			for i := range 100 {
				s.data(uint32(i), 1)
			}
		}),
		stream("timestamps_that_run_backward", 1, func(s *tcp) {
			for i := range 300 {
				s.options = traffic.Timestamps(uint32(1<<31-i), uint32(i)<<24)
				s.data(uint32(i)*10, 10)
			}
		}),
		stream("simultaneous_open", 1, func(s *tcp) {
			s.flags(packet.SYN, 0, 0)
			s.back(packet.SYN, 0, 0, 512)
			s.flags(packet.SYN|packet.ACK, 0, 0)
			s.back(packet.SYN|packet.ACK, 0, 1, 512)
		}),
	}
}

// tcp writes segments of one conversation with any numbers.
type tcp struct {
	p              *pcapFile
	client, server [2]int // host and port
	fill           byte
	options        []byte
}

func stream(name string, flows int64, write func(*tcp)) Case {
	return Case{Name: name, Make: func() ([]byte, Want) {
		p := newPcap()
		write(&tcp{p: p, client: [2]int{7, 41000}, server: [2]int{1, 80}})
		p.want.Flows = flows
		return p.done(Complete, "")
	}}
}

func (s *tcp) write(from, to [2]int, flags uint16, seq, ack uint32, window uint16, n int) {
	s.p.add(packet.InFlow, traffic.TCP(port(host(from[0]), uint16(from[1])), port(host(to[0]), uint16(to[1])),
		flags, seq, ack, window, bytesOf(n, s.fill), traffic.TCPOpts(s.options)))
}

func (s *tcp) data(seq uint32, n int) { s.flags(packet.ACK, seq, n) }

func (s *tcp) flags(flags uint16, seq uint32, n int) {
	s.write(s.client, s.server, flags, seq, 1, 65535, n)
}

func (s *tcp) back(flags uint16, seq, ack uint32, window uint16) {
	s.write(s.server, s.client, flags, seq, ack, window, 0)
}
