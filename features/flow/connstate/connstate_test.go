package connstate_test

import (
	"testing"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

const (
	handshake = ">S, <SA, >A, "
	goodbye   = ", >FA, <FA, >A"
)

// TestStates has each state of Zeek's table, worked out by hand.
func TestStates(t *testing.T) {
	tests := []struct{ name, script, state, history string }{
		{"nothing usable", ">", "OTH", ""},
		{"attempt", ">S", "S0", "S"},
		{"attempt repeated", ">S, >S s=0 t=1, >S s=0 t=2", "S0", "S"},
		{"attempt acknowledged without SYN", ">S, <A", "S0", "Sa"},
		{"established", handshake + ">A n=10", "S1", "ShAD"},
		{"SYN answered only", ">S, <SA", "S1", "Sh"},
		{"ordinary", handshake + ">A n=100, <A, <A n=200, >A" + goodbye, "SF", "ShADadFf"},
		{"responder closes first", handshake + ">A n=100, <A n=20, <FA, >A, >FA, <A", "SF", "ShADdfFa"},
		{"FIN with data is no d", handshake + ">FA n=50, <FA, >A", "SF", "ShAFf"},
		{"rejected", ">S, <RA", "REJ", "Sr"},
		{"rejected after data", ">S, >A n=5, <RA", "REJ", "SDr"},
		{"both reset, no data", ">S, <SA, >R, <R", "REJ", "ShRr"},
		{"close by originator unanswered", handshake + ">A n=1, >FA, <A", "S2", "ShADFa"},
		{"close by responder unanswered", handshake + "<A n=1, >A, <FA, >A", "S3", "ShAdf"},
		{"originator aborts", handshake + ">A n=7, >RA", "RSTO", "ShADR"},
		{"responder aborts", handshake + ">A n=7, <RA", "RSTR", "ShADr"},
		{"both abort with data", handshake + ">A n=7, <A n=5, >RA, <R", "RSTR", "ShADdRr"},
		{"FIN then RST by originator", handshake + ">FA, <A, >RA", "RSTO", "ShAFaR"},
		{"FIN then RST, answered by FIN", handshake + ">FA, <A, >RA, <FA", "SF", "ShAFaRf"},
		{"RST after both FIN", handshake + ">FA, <FA, >A, <R", "SF", "ShAFfr"},
		{"SYN then RST", ">S, >R", "RSTOS0", "SR"},
		{"SYN, window, RST", ">S w=0, >R", "RSTOS0", "SWR"},
		{"SYN, ACK, RST unanswered", ">S, >A, >R", "OTH", "SAR"},
		{"RST alone", ">R", "OTH", "R"},
		{"SYN+ACK then RST, no SYN", "^, <SA, <R", "RSTRH", "^hr"},
		{"RST of the responder alone", "^, <R", "RSTRH", "^r"},
		{"SYN then FIN", ">S, >FA", "SH", "SF"},
		{"one way", ">S, >A, >A n=10, >FA", "SH", "SADF"},
		{"SYN+ACK then FIN, no SYN", "^, <SA, <FA", "SHR", "^hf"},
		{"one way from the responder", "^, <SA, <A n=10, <FA", "SHR", "^hdf"},
		{"midstream", ">A n=10, <A n=10", "OTH", "Dd"},
		{"midstream, both close", ">A n=10, <A n=10" + goodbye, "SF", "DdFfA"},
		{"midstream close by originator", ">A n=10, <A, >FA, <A", "SH", "DaF"},
		{"midstream close by responder", ">A n=10, <A, <FA, >A", "SHR", "DafA"},
		{"SYN missed", "^, <SA, >A, >A n=5, <A n=5", "S1", "^hADd"},
		{"originator opens with SYN+ACK", ">SA", "OTH", "H"},
		{"SYN+ACK rejected", ">SA, <R", "REJ", "Hr"},
		{"SYN+ACK before its SYN", ">SA s=0 a=1, <S s=0, <A n=3", "S1", "Hs^D"},
		{"SYN+ACK first, then its acknowledgement", ">SA, <A, <A n=5, >A n=5", "S1", "^hADd"},
		{"SYN+ACK first, then data", ">SA, <A n=5, >A", "S1", "^hDa"},
		{"SYN+ACK first, one way", ">SA, >A, >FA", "SHR", "^haf"},
		{"SYN+ACK twice, one way", ">SA, >SA s=0, >A n=1", "OTH", "^hd"},
		{"SYN+ACK first, then FIN", ">SA, >FA", "SH", "HF"},
		{"simultaneous open", ">S, <S, >SA s=0, <SA s=0, >A", "S1", "SsA"},
		{"SYN after midstream packet", ">A n=1, >S s=500", "S0", "DS"},
		{"data on SYN", ">S n=20, <SA a=21, >A" + goodbye, "SF", "SThAFf"}, // Zeek takes the bytes for known by the SYN itself
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, start := range starts {
				s := &newPlayer(t, packet.ProtoTCP, start).play(words(tt.script)...).state
				if state, history := s.ConnState().String(), string(s.History(nil)); state != tt.state || history != tt.history {
					t.Errorf("start %#x: got %s %q, want %s %q", start, state, history, tt.state, tt.history)
				}
			}
		})
	}
}

func TestLetters(t *testing.T) {
	tests := []struct{ name, script, history string }{
		{"retransmission", handshake + ">A n=100, >A s=1 n=100, <A", "ShADTa"},
		{"keep-alive", handshake + ">A n=100, <A, >A s=100 n=1, <A", "ShADaT"},
		{"partial overlap is new", handshake + ">A n=100, >A s=51 n=100, <A", "ShADa"},
		{"out of order", handshake + ">A s=101 n=100, >A s=1 n=100, <A a=201", "ShADTa"},
		{"ten retransmissions", handshake + ">A n=9" + repeat(", >A s=1 n=9", 10), "ShADTT"},
		{"nine retransmissions", handshake + ">A n=9" + repeat(", >A s=1 n=9", 9), "ShADT"},
		{"a hundred retransmissions", handshake + "<A n=9" + repeat(", <A s=1 n=9", 100), "ShAdttt"},
		{"gap", handshake + ">A n=100, >A s=201 n=100, <A a=301", "ShADaG"},
		{"gap filled in time", handshake + ">A n=100, >A s=201 n=100, >A s=101 n=100, <A a=301", "ShADTa"},
		{"two gaps filled backwards", handshake + ">A s=401 n=10, >A s=201 n=10, >A s=1 n=200, >A s=211 n=190, <A a=411", "ShADTa"},
		{"gap at the end", handshake + ">A n=100, <A a=301, >A s=301 n=5, <A a=306", "ShADaG"},
		{"gap of the responder", handshake + "<A s=101 n=50, >A a=151", "ShAdg"},
		{"ten gaps", handshake + gaps(10), "ShADaGG"},
		{"gaps below three islands", handshake + ">A s=11 n=5, >A s=21 n=5, >A s=1 n=10, >A s=16 n=5, <A a=26", "ShADTa"},
		{"no gap before the handshake", ">A s=1 n=10, <A a=11, >A s=100 n=10, <A a=110", "Da"},
		{"no gap known by RST", handshake + ">A n=10, <RA a=500", "ShADr"},
		{"FIN is not a gap", handshake + ">FA, <A a=2, <FA, >A a=2", "ShAFaf"},
		{"cut payload is a gap", handshake + ">A n=100 c=10, <A a=101", "ShADaG"},
		{"zero window", handshake + "<A w=0", "ShAaw"},
		{"zero window after the peer's FIN", handshake + ">FA, <A w=0", "ShAFa"},
		{"zero window with RST", handshake + "<R w=0", "ShAr"},
		{"window of ten", ">S w=0" + repeat(", >S s=0 w=0", 9), "SWW"},
		{"FIN+RST", handshake + ">FR", "ShAI"},
		{"FIN+RST twice", handshake + ">FR, >FR", "ShAI"},
		{"SYN+FIN", ">SF", "Q"},
		{"SYN+RST", ">SR", "Q"},
		{"all three", ">SFR", "I"},
		{"FIN again, same end", handshake + ">FA, >FA s=1", "ShAF"},
		{"FIN again, further", handshake + ">FA, >FA s=9", "ShAFF"},
		{"FIN again with the data before it", handshake + ">A n=8, >FA, >FA s=1 n=8", "ShADFT"},
		{"RST again, elsewhere", handshake + ">R, >R s=7, >R s=7, >R s=1", "ShARRR"},
		{"SYN+ACK again", ">S, <SA, <SA s=0, >A", "ShA"},
		{"SYN+ACK after FIN, elsewhere", handshake + "<FA, <SA s=77", "ShAfh"},
		{"no flags, no data", handshake + ">", "ShA"},
		{"data without ACK", handshake + "> n=3", "ShAD"},
		{"flipped later", ">A n=1, ^, >A n=1, <A n=1", "D^d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, start := range starts {
				s := &newPlayer(t, packet.ProtoTCP, start).play(words(tt.script)...).state
				if history := string(s.History(nil)); history != tt.history {
					t.Errorf("start %#x: got %q, want %q", start, history, tt.history)
				}
			}
		})
	}
}

func repeat(s string, n int) (out string) {
	for range n {
		out += s
	}
	return out
}

// gaps are n packets with a byte missing before each, acknowledged.
func gaps(n int) (out string) {
	seq := 1
	for i := range n {
		if i > 0 {
			out += ", "
		}
		seq += 2
		out += ">A n=1 s=" + itoa(seq) + ", <A a=" + itoa(seq+1)
	}
	return out
}

func TestChecksums(t *testing.T) {
	const badIP, badL4 = "q=32", "q=64"
	if packet.BadIPChecksum != 32 || packet.BadL4Checksum != 64 {
		t.Fatal("quality bits moved: adapt the scripts")
	}
	tests := []struct {
		name, script string
		verify       bool
		state, hist  string
		ignored      int
	}{
		{"ignored by default", ">S " + badL4 + ", <SA", false, "S1", "Sh", 0},
		{"dropped", ">S " + badL4 + ", <SA", true, "OTH", "Ch", 1},
		{"responder", ">S, <SA " + badL4, true, "S0", "Sc", 1},
		{"ten", ">S" + repeat(", <A "+badL4, 10), true, "S0", "Scc", 10},
		{"IP header leaves no letter", ">S, <SA " + badIP, true, "S0", "S", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlayer(t, packet.ProtoTCP, isn{1, 2})
			p.policy.VerifyChecksums = tt.verify
			ignored := 0
			for _, w := range words(tt.script) {
				v, side := p.packet(w)
				if p.state.Packet(v, side, p.policy)&connstate.Ignored != 0 {
					ignored++
				}
			}
			if s, h := p.state.ConnState().String(), string(p.state.History(nil)); s != tt.state || h != tt.hist || ignored != tt.ignored {
				t.Errorf("got %s %q %d, want %s %q %d", s, h, ignored, tt.state, tt.hist, tt.ignored)
			}
		})
	}
}

func TestOtherProtocols(t *testing.T) {
	tests := []struct {
		name           string
		proto          uint8
		script         string
		verify         bool
		state, history string
	}{
		{"UDP request", packet.ProtoUDP, "> n=10, > n=10", false, "S0", "D"},
		{"UDP empty datagram", packet.ProtoUDP, ">", false, "S0", "D"},
		{"UDP exchange", packet.ProtoUDP, "> n=10, < n=10, > n=10", false, "SF", "Dd"},
		{"UDP flipped", packet.ProtoUDP, "^, < n=10", false, "SHR", "^d"},
		{"UDP checksum", packet.ProtoUDP, "> n=10 q=64, < n=1", true, "SHR", "Cd"},
		{"UDP only bad", packet.ProtoUDP, "> n=10 q=64", true, "OTH", "C"},
		{"ICMP", packet.ProtoICMP, "> n=10, < n=10", false, "OTH", ""},
		{"ICMPv6", packet.ProtoICMPv6, "> n=10", true, "OTH", ""},
		{"SCTP", packet.ProtoSCTP, "> n=10, < n=10", false, "OTH", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlayer(t, tt.proto, isn{})
			p.policy.VerifyChecksums = tt.verify
			p.play(words(tt.script)...)
			if s, h := p.state.ConnState().String(), string(p.state.History(nil)); s != tt.state || h != tt.history {
				t.Errorf("got %s %q, want %s %q", s, h, tt.state, tt.history)
			}
		})
	}
}

// TestBrokenHeader: without a transport header there are no flags to follow.
func TestBrokenHeader(t *testing.T) {
	for _, proto := range []uint8{packet.ProtoTCP, packet.ProtoUDP} {
		var s connstate.State
		v := packet.View{Protocol: proto, Quality: packet.TruncatedL4}
		if got := s.Packet(&v, connstate.Orig, connstate.Policy{}); got != connstate.Ignored {
			t.Errorf("protocol %d: got event %d, want Ignored", proto, got)
		}
		if got := s.ConnState(); got != connstate.OTH {
			t.Errorf("protocol %d: got %v", proto, got)
		}
	}
}

// TestHistoryBound: a hostile host can change the sequence number of every RST.
func TestHistoryBound(t *testing.T) {
	p := newPlayer(t, packet.ProtoTCP, isn{9, 9}).play(words(handshake + ">A n=1")...)
	for i := range 100 {
		if full := len(p.state.History(nil)) == connstate.MaxHistory; !full && p.state.HistoryTruncated() {
			t.Fatalf("truncated at %q", p.state.History(nil))
		}
		p.play(">R s=" + itoa(10+i))
	}
	h := string(p.state.History(nil))
	if len(h) != connstate.MaxHistory || h[:5] != "ShADR" || !p.state.HistoryTruncated() {
		t.Errorf("got %d letters %q, truncated %v", len(h), h, p.state.HistoryTruncated())
	}
	if got := p.state.ConnState(); got != connstate.RSTO {
		t.Errorf("got %v, want RSTO", got)
	}
}

// TestLongConnection: 6 GiB each way wrap the sequence space and prove no gap.
func TestLongConnection(t *testing.T) {
	p := newPlayer(t, packet.ProtoTCP, isn{3, 4}).play(words(handshake + ">A n=1")...)
	const step = 1 << 20
	for range 6 << 10 {
		p.play(">A n=1048576", "<A n=1048576")
	}
	p.play(words(">A" + goodbye)...)
	if s, h := p.state.ConnState().String(), string(p.state.History(nil)); s != "SF" || h != "ShADdFf" {
		t.Errorf("got %s %q after %d steps of %d", s, h, 6<<10, step)
	}
	if _, ok := p.state.Complete(); !ok {
		t.Error("not complete")
	}
}

func TestFlippedEvent(t *testing.T) {
	p := newPlayer(t, packet.ProtoTCP, isn{100, 200})
	for _, step := range []struct {
		word string
		want connstate.Event
	}{{">SA s=0 a=1", 0}, {"<S s=0", connstate.Flipped}} {
		v, side := p.packet(step.word)
		if got := p.state.Packet(v, side, connstate.Policy{}); got != step.want {
			t.Errorf("%s: got event %d, want %d", step.word, got, step.want)
		}
	}
}

func TestCodeNames(t *testing.T) {
	names := connstate.CodeNames()
	for i, name := range names {
		if got := connstate.Code(i).String(); got != name || name == "" {
			t.Errorf("code %d: %q and %q", i, got, name)
		}
	}
	if len(names) != 13 || connstate.Code(13).String() != "invalid_conn_state" {
		t.Errorf("got %d names", len(names))
	}
}
