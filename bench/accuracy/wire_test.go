package accuracy_test

import (
	"net/netip"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// wire is a TCP connection whose segments a test writes one by one.
type wire struct {
	client, server netip.AddrPort
	start          [2]uint32 // sequence numbers of the SYNs, by side
}

// The sides of a wire.
const (
	ofClient = iota
	ofServer
)

// step is a segment. Its places are those of stream bytes: 0 is the first one, -1 the
// SYN.
type step struct {
	side  int
	flags uint16
	at    int64
	ack   int64 // place of the other side's next byte; with ACK alone
	data  string
	wait  time.Duration // longer than a millisecond since the segment before
	opts  []traffic.Option
}

// The segments of most connections.
var (
	syn    = step{flags: packet.SYN, at: -1}
	answer = step{side: ofServer, flags: synACK, at: -1}
	opened = []step{syn, answer, up(0, "")}
)

// up is data of the client from a place on, that acknowledges the SYN alone; down is
// of the server.
func up(at int64, data string) step { return step{flags: packet.ACK, at: at, data: data} }
func down(at int64, data string) step {
	return step{side: ofServer, flags: packet.ACK, at: at, data: data}
}

// acks says what a segment acknowledges, with its further flags, saying its data, after
// how long it comes behind the one before, and sent how its frame is made.
func (s step) acks(place int64) step            { s.ack = place; return s }
func (s step) with(flags uint16) step           { s.flags |= flags; return s }
func (s step) saying(data string) step          { s.data = data; return s }
func (s step) after(d time.Duration) step       { s.wait = d; return s }
func (s step) sent(opts ...traffic.Option) step { s.opts = opts; return s }

// frame returns a segment's frame.
func (w *wire) frame(s step) []byte {
	from, to := w.client, w.server
	if s.side == ofServer {
		from, to = to, from
	}
	seq, ack := w.start[s.side]+1+uint32(s.at), uint32(0)
	if s.flags&packet.ACK != 0 {
		ack = w.start[1-s.side] + 1 + uint32(s.ack)
	}
	return segment(from, to, s.flags, seq, ack, 1000, []byte(s.data), s.opts...)
}

// packets are segments, one a millisecond.
func (w *wire) packets(steps ...step) (list []accuracy.Packet) {
	now := base
	for _, s := range steps {
		now += int64(s.wait)
		list = append(list, accuracy.Whole(now, w.frame(s)))
		now += int64(ms)
	}
	return list
}

// then joins lists of segments.
func then(lists ...[]step) (all []step) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
