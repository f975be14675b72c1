package stream_test

import (
	"strings"
	"testing"

	"pcapmill/stages/stream"
)

// playOpened is play with a Stream that is not there before it must.
func playOpened(t *testing.T, cfg stream.Config, lines string) (trace string, s *stream.Stream) {
	t.Helper()
	s, p := new(stream.Stream), stream.NewPool(cfg)
	var o stream.Opening
	list := strings.Split(lines, "|")
	for i, line := range list {
		if line = strings.TrimSpace(line); line == "close" || line == "stop>" {
			return "", s
		}
		dir, seg := parse(t, line)
		if o.Note(dir, &seg) {
			s.Open(p, &o, dir, &seg)
			return playOn(t, s, p, list[i:]), s
		}
	}
	return "", s
}

// TestOpeningIsNoOther: a Stream that begins with the first data delivers what one does
// that has seen all segments.
func TestOpeningIsNoOther(t *testing.T) {
	for _, c := range rules() {
		trace, s := playOpened(t, c.cfg, c.lines)
		if want := strings.TrimPrefix(c.trace, "restart "); trace != want { // nothing was there that it ends
			t.Errorf("%s: %q, want %q", c.name, trace, want)
		}
		if got := s.Stats(stream.Forward).StartKnown; got != c.stats.StartKnown {
			t.Errorf("%s: start known %v", c.name, got)
		}
	}
}

// TestOpening has a case for what comes before there is data.
func TestOpening(t *testing.T) {
	for _, c := range []struct{ name, lines, trace string }{
		{"nothing", "> 100 S | < 7 S ack=101 | > 101 ack=8", ""},
		{"data on SYN", "> 100 S abc | < 7 S ack=104 | > 104 de", ">abc >de"},
		{"both starts", "> 100 S | < 7 S ack=101 | < 10 ack=101 yz | < 8 ack=101 wx | > 103 cd | > 101 ab", "<wx <yz >ab >cd"},
		{"start by the answer", "< 7 S ack=101 | > 103 cd | > 101 ab", ">ab >cd"},
		{"answer to something else", "> 100 S | < 900 S ack=555 | < 7 S ack=101 | > 101 ab | < 8 ack=103 yz", ">ab <yz"},
		{"two answers", "> 100 S | < 7 S ack=101 | < 900 S ack=101 | < 10 yz | < 8 wx", "<wx <yz"},
		{"SYN again", "> 100 S | > 100 S | > 103 cd | > 101 ab", ">ab >cd"},
		{"SYN alone, data near it", "> 100 S | > 103 cd | > 101 ab", ">ab >cd"},
		{"SYN alone, data far from it", "> 900100 S | > 101 ab | > 105 ef | > 103 cd", ">ab >cdef"},
		{"SYN alone, acknowledged", "> 100 S | < 8 ack=101 yz | < 10 ack=101 z | < 11 z | > 103 cd | > 101 ab", "<yzz <z >ab >cd"},
		{"SYN alone, something else acknowledged", "> 900100 S | < 8 ack=101 yz | > 101 ab | > 105 ef | > 103 cd", ">ab >cdef"},
		{"FIN, then data", "> 100 S | > 101 F | > 101 ab | < 8 yz | < 10 y | < 11 z", "<yzy <z"},
		{"both FINs, then an answer to another SYN", "> 100 S | < 7 S ack=101 | > 101 F ack=8 | < 8 F ack=102 | < 900 S ack=501 | > 501 ab ack=901 | < 901 yz", ">ab <yz"},
		{"both FINs, then the answer again", "> 100 S | < 7 S ack=101 | > 101 F ack=8 | < 8 F ack=102 | < 7 S ack=101 | > 101 ab", ""},
		{"FIN ahead of data", "> 100 S | > 103 F | > 101 ab | > 103 cd", ">ab"},
		{"FIN on SYN", "> 100 SF | > 101 ab", ""},
		{"FIN without a start", "> 103 F | > 101 ab | > 103 cd | close", ">abcd"},
		{"RST, then data", "> 100 S | > 101 R | > 103 cd | > 101 ab | > 105 ef", ">ab >cd >ef"},
		{"RST of the other side", "> 100 S | < 0 R ack=101 | > 101 ab | > 105 ef | > 103 cd", ">ab >cdef"},
		{"FIN, RST, data", "> 100 S | > 101 F | > 102 R | > 101 ab | < 8 ack=103 ", ">ab"},
		{"RST behind the window", "> 100 S | > 65637 R | > 103 cd | > 101 ab", ">ab >cd"},
		{"RST at its last number", "> 100 S | > 65636 R | > 101 ab", ""},
		{"RST before the start", "> 100 S | > 100 R | > 103 cd | > 101 ab", ">ab >cd"},
		{"connection after RST", "> 100 S | < 0 R ack=101 | > 900 S cd", ">cd"},
	} {
		if trace, _ := playOpened(t, small(), c.lines); trace != c.trace {
			t.Errorf("%s: %q, want %q", c.name, trace, c.trace)
		}
	}
}

// TestSettleKeepsSegmentsApart: what is before the segment where a message begins is
// delivered by itself.
func TestSettleKeepsSegmentsApart(t *testing.T) {
	for lines, want := range map[string]string{
		"> 101 ab | > 103 cd":  ">ab >cd",
		"> 101 cd | > 103 ef":  ">cd >ef",
		"> 103 cd | > 101 ab":  ">ab >cd", // a page begins where the first segment does
		"> 101 abX | > 103 cd": ">ab >Xd",
		"> 101 ab | > 105 ef":  ">ab",
	} {
		_, s, p := play(t, small(), lines)
		list := strings.Split(lines, "|")
		dir, seg := parse(t, strings.TrimSpace(list[len(list)-1]))
		var out tape
		s.Settle(p, dir, &seg, &out)
		if got := strings.Join(out.notes, " "); got != want {
			t.Errorf("%s: %q, want %q", lines, got, want)
		}
	}
}
