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
	ifAnswered = &condition{null: "no SYN and SYN+ACK seen in that order", ok: func(r *Row) bool { return r.tcp.progress == 2 || r.tcp.progress == 3 }}
	ifComplete = &condition{null: "no complete handshake seen", ok: func(r *Row) bool { return r.tcp.progress == 3 }}
)

func handshakeColumns() []Def {
	answered, complete := attr{unit: column.Nanos, when: ifAnswered}, attr{unit: column.Nanos, when: ifComplete}
	between := func(progress uint8, from, to func(*handshake) packet.Nanos) func(*Row) int64 {
		return func(r *Row) int64 {
			if r.tcp.progress < progress || r.tcp.progress > 3 {
				return 0
			}
			return to(&r.tcp) - from(&r.tcp)
		}
	}
	syn := func(h *handshake) packet.Nanos { return h.syn }
	synAck := func(h *handshake) packet.Nanos { return h.synAck }
	ack := func(h *handshake) packet.Nanos { return h.ack }
	return []Def{
		value64("syn_rtt_ns", answered, "From the last SYN before it to the first SYN+ACK: round trip from the capture point to the responder.", between(2, syn, synAck)),
		value64("ack_rtt_ns", complete, "From the first SYN+ACK to the initiator's ACK: round trip from the capture point to the initiator.", between(3, synAck, ack)),
		value64("handshake_ns", complete, "From the last SYN before the SYN+ACK to the handshake's final ACK.", between(3, syn, ack)),
	}
}
