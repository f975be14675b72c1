package stream_test

import (
	"testing"

	"pcapmill/stages/stream"
)

// small makes limits reachable by hand: two pages a flow.
func small() stream.Config {
	return stream.Config{Bytes: 1 << 20, Buffer: 2 * stream.PageBytes, Total: 1 << 20}
}

func last() stream.Config {
	c := small()
	c.Overlap = stream.LastWins
	return c
}

func limited(n int64) stream.Config {
	c := small()
	c.Bytes = n
	return c
}

func poor() stream.Config {
	c := small()
	c.Total = 0
	return c
}

// rule is a hand-worked case of a rule of the package comment.
type rule struct {
	name  string
	cfg   stream.Config
	lines string
	trace string
	stats stream.Stats // forward
}

func rules() []rule {
	known := stream.Stats{StartKnown: true}
	stats := func(change func(*stream.Stats)) stream.Stats {
		s := known
		change(&s)
		return s
	}
	return []rule{
		{"in order", small(), "> 100 S | > 101 abc | > 104 de", ">abc >de",
			stats(func(s *stream.Stats) { s.Delivered = 5 })},
		{"both ways", small(), "> 100 S | < 7 S ack=101 | > 101 ack=8 ab | < 8 ack=103 yz", ">ab <yz",
			stats(func(s *stream.Stats) { s.Delivered = 2 })},
		{"data on SYN", small(), "> 100 S abc | > 104 de", ">abc >de",
			stats(func(s *stream.Stats) { s.Delivered = 5 })},
		{"two swapped", small(), "> 100 S | > 103 cd | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 2 })},
		{"numbers wrap", small(), "> -3 S | > 2 ef | > -2 abcd", ">abcd >ef",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 6, 1, 2 })},
		{"SYN is the last number", small(), "> -1 S | > 0 ab", ">ab",
			stats(func(s *stream.Stats) { s.Delivered = 2 })},
		{"retransmission", small(), "> 100 S | > 101 abc | > 101 abc", ">abc",
			stats(func(s *stream.Stats) { s.Delivered, s.OverlapBytes = 3, 3 })},
		{"retransmission with more", small(), "> 100 S | > 101 abc | > 102 bcd", ">abc >d",
			stats(func(s *stream.Stats) { s.Delivered, s.OverlapBytes = 4, 2 })},
		{"overlap alike is delivered whole", small(), "> 100 S | > 103 cd | > 101 abcde", ">abcde",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.OverlapBytes = 5, 1, 2, 2 })},
		{"conflict, first wins", small(), "> 100 S | > 103 cX | > 101 abYd", ">ab >cX",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.ConflictBytes = 4, 1, 2, 2 })},
		{"conflict, last wins", last(), "> 100 S | > 103 cX | > 101 abYd", ">abYd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.ConflictBytes = 4, 1, 2, 2 })},
		{"conflict among held, first wins", small(), "> 100 S | > 103 cd | > 102 XYZ | > 101 a", ">a >Xcd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.ConflictBytes = 4, 2, 3, 2 })},
		{"conflict among held, last wins", last(), "> 100 S | > 103 cd | > 102 XYZ | > 101 a", ">a >XYZ",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.ConflictBytes = 4, 2, 3, 2 })},
		{"what was delivered stays", last(), "> 100 S | > 101 ab | > 101 XY", ">ab",
			stats(func(s *stream.Stats) { s.Delivered, s.OverlapBytes = 2, 2 })},
		{"FIN ahead of data", small(), "> 100 S | > 104 F d | > 101 abc | > 105 zz", ">abc >d",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 1 })},
		{"data behind the FIN", small(), "> 100 S | > 103 F | > 101 abcd", ">ab",
			stats(func(s *stream.Stats) { s.Delivered, s.Outside = 2, 1 })},
		{"FIN before data seen", small(), "> 100 S | > 101 abc | > 102 F | > 104 d", ">abc >d",
			stats(func(s *stream.Stats) { s.Delivered, s.Outside = 4, 1 })},
		{"RST in the window", small(), "> 100 S | > 103 cd | > 105 R | > 105 ef", ">[2] >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes = 2, 1, 2, 1, 2 })},
		{"RST before it", small(), "> 100 S | > 101 ab | < 1 ack=103 | > 102 R | > 103 cd", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.RSTsIgnored = 4, 1 })},
		{"RST at what was acknowledged", small(), "> 100 S | > 101 ab | < 1 ack=102 | > 102 R | > 103 cd", ">ab",
			stats(func(s *stream.Stats) { s.Delivered = 2 })},
		{"RST behind it", small(), "> 100 S | > 101 ab | > 65639 R | > 103 cd", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.RSTsIgnored = 4, 1 })},
		{"RST at its last number", small(), "> 100 S | > 101 ab | > 65638 R | > 103 cd", ">ab",
			stats(func(s *stream.Stats) { s.Delivered = 2 })},
		{"keep-alives", small(), "> 100 S | > 100 Z | > 101 abc | > 103 Z | > 103 | > 104 d", ">abc >d",
			stats(func(s *stream.Stats) { s.Delivered, s.KeepAlives = 4, 2 })},
		{"keep-alive behind a hole", small(), "> 100 S | > 103 cd | > 104 Z | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.KeepAlives = 4, 1, 2, 1 })},
		{"zero-window probe with the next byte", small(), "> 100 S | > 101 ab | > 103 c | > 103 cde", ">ab >c >de",
			stats(func(s *stream.Stats) { s.Delivered, s.OverlapBytes = 5, 1 })},
		{"SYN sent again", small(), "> 100 S | > 100 S | > 101 ab | > 100 S | > 103 c", ">ab >c",
			stats(func(s *stream.Stats) { s.Delivered = 3 })},
		{"foreign SYN", small(), "> 100 S | > 101 ab | > 900 S zz | > 103 cd", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.SYNsIgnored = 4, 1 })},
		{"foreign SYN confirmed", small(), "> 100 S | > 101 ab | > 900 S | < 7 S ack=901 | > 901 ack=8 cd | < 8 ack=903 yz", ">ab restart >cd <yz",
			stats(func(s *stream.Stats) { s.Delivered, s.SYNsIgnored = 4, 1 })},
		{"new connection after FINs", small(), "> 100 S | < 7 S ack=101 | > 101 F ab | < 8 F | > 900 S cd", ">ab restart >cd",
			stats(func(s *stream.Stats) { s.Delivered = 4 })},
		{"half closed, foreign SYN", small(), "> 100 S | < 7 S ack=101 | > 101 F ab | > 900 S cd | < 8 yz", ">ab <yz",
			stats(func(s *stream.Stats) { s.Delivered, s.SYNsIgnored = 2, 1 })},
		{"new connection after RST", small(), "> 100 S | < 0 R ack=101 | > 900 S cd", "restart >cd",
			stats(func(s *stream.Stats) { s.Delivered = 2 })},
		{"start by the other side's answer", small(), "< 7 S ack=101 | > 103 cd | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 2 })},
		{"mid-stream, third segment", small(), "> 105 ef | > 103 cd | > 101 ab", ">abcd >ef",
			stream.Stats{Delivered: 6, Held: 3, HeldBytes: 6}},
		{"mid-stream, third segment behind", small(), "> 101 a | > 102 bc | > 104 d", ">abc >d",
			stream.Stats{Delivered: 4, Held: 3, HeldBytes: 4}},
		{"mid-stream, acknowledged", small(), "> 105 ef | < 7 ack=107 | > 103 cd | > 107 g", ">ef >g",
			stream.Stats{Delivered: 3, Held: 1, HeldBytes: 2, Outside: 1}},
		{"mid-stream, acknowledged before", small(), "> 105 ef | < 7 ack=105 | > 103 cd | > 107 g", ">cd >ef >g",
			stream.Stats{Delivered: 5, Held: 3, HeldBytes: 5}},
		{"mid-stream, close", small(), "> 105 ef | > 103 cd | close", ">cd >ef",
			stream.Stats{Delivered: 4, Held: 2, HeldBytes: 4}},
		{"mid-stream, FIN", small(), "> 105 F ef | > 103 cd | close", ">cd >ef",
			stream.Stats{Delivered: 4, Held: 2, HeldBytes: 4}},
		{"mid-stream, SYN late", small(), "> 103 cd | > 100 S | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 2 })},
		{"mid-stream, no memory", poor(), "> 105 ef | > 103 cd | > 107 g", ">ef >g",
			stream.Stats{Delivered: 3, Outside: 1}},
		{"mid-stream over the wrap", small(), "> 1 ef | > -3 abcd | > 3 g", ">abcd >ef >g",
			stream.Stats{Delivered: 7, Held: 3, HeldBytes: 7}},
		{"acknowledged hole", small(), "> 100 S | > 103 cd | < 7 ack=103", ">[2] >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes = 2, 1, 2, 1, 2 })},
		{"hole acknowledged in part", small(), "> 100 S | > 103 cd | < 7 ack=102 | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 2 })},
		{"acknowledgement of what was not seen", small(), "> 100 S | > 103 cd | < 7 ack=999 | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 2 })},
		{"FIN acknowledged", small(), "> 100 S | > 103 F cd | < 7 ack=106", ">[2] >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes = 2, 1, 2, 1, 2 })},
		{"hole filled too late", small(), "> 100 S | > 103 cd | < 7 ack=105 | > 101 ab", ">[2] >cd",
			stats(func(s *stream.Stats) {
				s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes, s.OverlapBytes = 2, 1, 2, 1, 2, 2
			})},
		{"close with two holes", small(), "> 100 S | > 103 c | > 106 f | close", ">[2] >c >[2] >f",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes = 2, 2, 2, 2, 4 })},
		{"cut by the capture", small(), "> 100 S | > 101 wire=5 abc | > 106 f", ">abc >[2] >f",
			stats(func(s *stream.Stats) { s.Delivered, s.Gaps, s.GapBytes = 4, 1, 2 })},
		{"cut, the rest held", small(), "> 100 S | > 104 de | > 101 wire=5 abc", ">abc >de",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 5, 1, 2 })},
		{"cut out of order", small(), "> 100 S | > 103 wire=4 c | > 101 ab | close", ">ab >c >[3]",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes = 3, 1, 1, 1, 3 })},
		{"more captured than sent", small(), "> 100 S | > 101 wire=2 abXX | > 103 c", ">ab >c",
			stats(func(s *stream.Stats) { s.Delivered = 3 })},
		{"beyond the buffer", small(), "> 100 S | > 103 c | > 4201 z", ">[2] >c >[4097] >z",
			stats(func(s *stream.Stats) {
				s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes, s.Limited = 2, 1, 1, 2, 4099, 2
			})},
		{"the buffer's last byte", small(), "> 100 S | > 103 c | > 4196 z | > 101 ab", ">ab >c",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 3, 2, 2 })},
		{"no memory", poor(), "> 100 S | > 103 c | > 104 d | > 101 ab", ">[2] >c >d",
			stats(func(s *stream.Stats) { s.Delivered, s.Gaps, s.GapBytes, s.Limited, s.OverlapBytes = 2, 1, 2, 1, 2 })},
		{"limit within a segment", limited(4), "> 100 S | > 101 abc | > 104 def | > 107 g", ">abc >d",
			stats(func(s *stream.Stats) { s.Delivered = 4 })},
		{"limit within what is held", limited(4), "> 100 S | > 103 cdef | > 101 ab", ">ab >cd",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 4, 1, 2 })},
		{"limit within a gap", limited(4), "> 100 S | > 109 i | > 103 c | close", ">[2] >c >[1]",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes, s.Gaps, s.GapBytes = 1, 1, 1, 2, 3 })},
		{"limit mid-stream", limited(4), "> 107 gh | > 101 ab | < 7 ack=109", ">ab >[2]",
			stream.Stats{Delivered: 2, Held: 2, HeldBytes: 4, Gaps: 1, GapBytes: 2}},
		{"limit mid-stream, no room", limited(4), "> 107 gh | > 105 ef | > 9000 z | close", ">ef >gh",
			stream.Stats{Delivered: 4, Held: 2, HeldBytes: 4}},
		{"stop", small(), "> 100 S | > 101 a | > 103 c | stop> | > 102 b", ">a",
			stats(func(s *stream.Stats) { s.Delivered, s.Held, s.HeldBytes = 1, 1, 1 })},
	}
}

// TestRules has one case for each rule.
func TestRules(t *testing.T) {
	for _, c := range rules() {
		trace, s, p := play(t, c.cfg, c.lines)
		if trace != c.trace {
			t.Errorf("%s: %q, want %q", c.name, trace, c.trace)
		}
		if got := *s.Stats(stream.Forward); got != c.stats {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.stats)
		}
		s.Close(p, new(tape))
		if full := stream.NewPool(c.cfg).Left(); p.Left() != full {
			t.Errorf("%s: %d pages kept", c.name, full-p.Left())
		}
	}
}
