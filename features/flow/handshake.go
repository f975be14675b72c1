package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// handshake measures the round trips of a TCP handshake.
type handshake struct {
	syn      packet.Nanos // latest SYN before the SYN+ACK
	synAck   packet.Nanos // first SYN+ACK
	ack      packet.Nanos // first ACK of the initiator after it
	progress uint8        // 0 nothing, 1 SYN, 2 SYN+ACK after it, 3 complete
}

// carry keeps an unfinished handshake for the connection's next piece; a finished
// one belongs to the piece that saw it.
func (h *handshake) carry() handshake {
	if h.progress == 3 {
		return handshake{progress: 4}
	}
	return *h
}

func (h *handshake) observe(v *packet.View, dir int) {
	flags := v.TCPFlags & (packet.SYN | packet.ACK | packet.RST)
	switch {
	case h.progress >= 3:
	case h.progress <= 1 && flags == packet.SYN && dir == Fwd:
		h.syn, h.progress = v.Time, 1
	case h.progress == 1 && flags == packet.SYN|packet.ACK && dir == Rev && v.Time >= h.syn:
		h.synAck, h.progress = v.Time, 2
	case h.progress == 2 && flags == packet.ACK && dir == Fwd && v.Time >= h.synAck:
		h.ack, h.progress = v.Time, 3
	}
}

var (
	ifAnswered = ifProgress(2, "no SYN and SYN+ACK seen in that order")
	ifComplete = ifProgress(3, "no complete handshake seen")
)

// ifProgress holds where the handshake got that far in this piece.
//
//go:noinline
func ifProgress(least uint8, null string) *condition {
	return &condition{null, func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = r.tcp.reached(least)
		}
	}}
}

// reached is 1 where progress is at least that of a handshake of this piece.
func (h *handshake) reached(least uint8) byte { return flag(h.progress-least <= 3-least) }

func handshakeColumns() []Def {
	answered, complete := attr{unit: column.Nanos, when: ifAnswered}, attr{unit: column.Nanos, when: ifComplete}
	return []Def{
		value64("syn_rtt_ns", answered, "From the last SYN before it to the first SYN+ACK: round trip from the capture point to the responder.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = (r.tcp.synAck - r.tcp.syn) * int64(r.tcp.reached(2))
			}
		}),
		value64("ack_rtt_ns", complete, "From the first SYN+ACK to the initiator's ACK: round trip from the capture point to the initiator.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = (r.tcp.ack - r.tcp.synAck) * int64(r.tcp.reached(3))
			}
		}),
		value64("handshake_ns", complete, "From the last SYN before the SYN+ACK to the handshake's final ACK.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = (r.tcp.ack - r.tcp.syn) * int64(r.tcp.reached(3))
			}
		}),
	}
}
