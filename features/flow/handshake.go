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

func handshakeColumns() []Def {
	null := func(s string) attr { return attr{unit: column.Nanos, null: s} }
	return []Def{
		optInt64("syn_rtt_ns", null("no SYN and SYN+ACK seen in that order"), "From the last SYN before it to the first SYN+ACK: round trip from the capture point to the responder.",
			func(r *Row) (int64, bool) {
				return r.tcp.synAck - r.tcp.syn, r.tcp.progress == 2 || r.tcp.progress == 3
			}),
		optInt64("ack_rtt_ns", null("no complete handshake seen"), "From the first SYN+ACK to the initiator's ACK: round trip from the capture point to the initiator.",
			func(r *Row) (int64, bool) { return r.tcp.ack - r.tcp.synAck, r.tcp.progress == 3 }),
		optInt64("handshake_ns", null("no complete handshake seen"), "From the last SYN before the SYN+ACK to the handshake's final ACK.",
			func(r *Row) (int64, bool) { return r.tcp.ack - r.tcp.syn, r.tcp.progress == 3 }),
	}
}
