package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// handshake measures the round trips of a TCP handshake.
type handshake struct {
	syn    packet.Nanos // latest SYN before the SYN+ACK
	synAck packet.Nanos // first SYN+ACK
	ack    packet.Nanos // first ACK of the initiator after it
}

// progress says how far a handshake got.
type progress uint8

const (
	noHandshake progress = iota
	sawSYN
	sawSYNACK // after the SYN
	handshaken
	handshakenBefore // in an earlier piece
)

// carryHandshake keeps an unfinished handshake for the connection's next piece; a finished
// one belongs to the piece that saw it.
func (r *Row) carryHandshake(next *Row) {
	if r.progress >= handshaken {
		next.progress = handshakenBefore
		return
	}
	next.handshake, next.progress = r.handshake, r.progress
}

// shakeHands follows the handshake of a flow that has not completed it.
func (r *Row) shakeHands(v *packet.View, dir int) {
	flags := v.TCPFlags & (packet.SYN | packet.ACK | packet.RST)
	h := &r.handshake
	switch {
	case r.progress <= sawSYN && flags == packet.SYN && dir == Fwd:
		h.syn, r.progress = v.Time, sawSYN
	case r.progress == sawSYN && flags == packet.SYN|packet.ACK && dir == Rev && v.Time >= h.syn:
		h.synAck, r.progress = v.Time, sawSYNACK
	case r.progress == sawSYNACK && flags == packet.ACK && dir == Fwd && v.Time >= h.synAck:
		h.ack, r.progress = v.Time, handshaken
	}
}

var (
	ifAnswered = ifProgress(sawSYNACK, "no SYN and SYN+ACK seen in that order; or the handshake was complete in an earlier piece")
	ifComplete = ifProgress(handshaken, "no complete handshake seen")
)

// ifProgress holds where the handshake got that far in this piece.
//
//go:noinline
func ifProgress(least progress, null string) *condition {
	return &condition{null, func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = r.progress.reached(least)
		}
	}}
}

// reached is 1 where a handshake of this piece got at least that far.
func (p progress) reached(least progress) byte { return flag(p-least <= handshaken-least) }

func handshakeColumns() []Def {
	answered, complete := attr{unit: column.Nanos, when: ifAnswered}, attr{unit: column.Nanos, when: ifComplete}
	return []Def{
		value64("syn_rtt_ns", answered, "From the last SYN before it to the first SYN+ACK: round trip from the capture point to the responder. The same in each piece up to that with the handshake's final ACK.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = (r.handshake.synAck - r.handshake.syn) * int64(r.progress.reached(sawSYNACK))
			}
		}),
		value64("ack_rtt_ns", complete, "From the first SYN+ACK to the initiator's ACK: round trip from the capture point to the initiator.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = (r.handshake.ack - r.handshake.synAck) * int64(r.progress.reached(handshaken))
			}
		}),
		value64("handshake_ns", complete, "From the last SYN before the SYN+ACK to the handshake's final ACK.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = (r.handshake.ack - r.handshake.syn) * int64(r.progress.reached(handshaken))
			}
		}),
	}
}
