package connstate_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// A script is a connection in words, one packet each:
//
//	">S" ">A n=100" "<FA s=101" ">R t=5"
//
// Direction (> from the originator), flags (S A F R), then s= sequence number and
// a= acknowledgement number, both relative to the sides' initial ones, n= payload
// bytes, w= window, t= seconds since the packet before, q= quality bits, c=
// captured payload bytes. Left out: s and a continue as a faithful host would, n
// is 0, w 8192, t 0.001 s.
type host struct{ next, got uint32 }

const scriptStart = packet.Nanos(1_700_000_000_000_000_000)

// isn are the initial sequence numbers of originator and responder.
type isn [2]uint32

// player runs a script.
type player struct {
	t      testing.TB
	isn    isn
	proto  uint8
	hosts  [2]host
	clock  packet.Nanos
	policy connstate.Policy
	state  connstate.State
	ports  [2]uint16
	turned connstate.Side // 1 once the state has the sides the other way round
}

func newPlayer(t testing.TB, proto uint8, start isn) *player {
	return &player{t: t, isn: start, proto: proto, clock: scriptStart, ports: [2]uint16{40000, 9999}}
}

// packet turns a word into a packet.
func (p *player) packet(word string) (*packet.View, connstate.Side) {
	p.t.Helper()
	fields := strings.Fields(word)
	side := connstate.Orig
	if word[0] == '<' {
		side = connstate.Resp
	}
	me, you := &p.hosts[side], &p.hosts[side^1]
	v := &packet.View{Protocol: p.proto, Version: 4, L4Len: 20, Window: 8192, TCPFlags: parseFlags(fields[0][1:])}
	if p.proto != packet.ProtoTCP {
		v.L4Len = 8
	}
	v.SrcPort, v.DstPort = p.ports[side], p.ports[side^1]
	seq, ack, step, captured := me.next, me.got, time.Millisecond, int64(-1)
	for _, f := range fields[1:] {
		x, err := strconv.ParseFloat(f[2:], 64)
		if err != nil {
			p.t.Fatalf("%q: %v", word, err)
		}
		switch f[0] {
		case 's':
			seq = uint32(int64(x))
		case 'a':
			ack = uint32(int64(x))
		case 'n':
			v.PayloadLen = uint32(x)
		case 'w':
			v.Window = uint16(x)
		case 'q':
			v.Quality = packet.Quality(x)
		case 'c':
			captured = int64(x)
		case 't':
			step = time.Duration(math.Round(x * float64(time.Second)))
		default:
			p.t.Fatalf("%q: no field %q", word, f)
		}
	}
	v.PayloadCap = v.PayloadLen
	if captured >= 0 {
		v.PayloadCap = uint32(captured)
	}
	end := seq + v.PayloadLen
	if v.TCPFlags&(packet.SYN|packet.FIN) != 0 {
		end++
	}
	if int32(end-me.next) > 0 {
		me.next, you.got = end, end
	}
	p.clock += packet.Nanos(step)
	v.Time, v.Clock = p.clock, p.clock
	v.Seq = seq + p.isn[side]
	if v.TCPFlags&packet.ACK != 0 {
		v.Ack = ack + p.isn[side^1]
	}
	return v, side
}

// play feeds the words to the state. The word "^" flips it: at the start because
// the first packet is of the responder, later for what the sides were.
func (p *player) play(words ...string) *player {
	p.t.Helper()
	for _, w := range words {
		if w == "^" {
			p.state.Flip()
			if p.clock != scriptStart {
				p.turned ^= 1
			}
			continue
		}
		v, side := p.packet(w)
		if p.state.Packet(v, side^p.turned, p.policy)&connstate.Flipped != 0 {
			p.turned ^= 1
		}
	}
	return p
}

func parseFlags(s string) (flags uint16) {
	for _, c := range s {
		switch c {
		case 'S':
			flags |= packet.SYN
		case 'A':
			flags |= packet.ACK
		case 'F':
			flags |= packet.FIN
		case 'R':
			flags |= packet.RST
		}
	}
	return flags
}

func words(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		out = append(out, strings.TrimSpace(w))
	}
	return out
}

// starts are initial sequence numbers under which every script must come out
// the same: sequence space wraps at various points.
var starts = []isn{{0, 0}, {1000, 5000}, {0xffffffff, 0xffffffff}, {0xfffffff0, 0xffffff9c}, {0x7fffffff, 0x80000000}, {0xffff0000, 77}}

func itoa(n int) string { return strconv.Itoa(n) }
