package stream

import "pcapmill/ingest/packet"

// Segment is what reassembly needs of a TCP segment.
type Segment struct {
	Seq, Ack uint32
	Wire     uint32 // payload bytes it had; those that Payload lacks were not captured
	Flags    uint16 // as in packet: SYN, FIN, RST, ACK count
	Payload  []byte // captured; read during the call only
}

// FromView returns the segment of a packet, false where its header is not whole.
// The payload lies in the block.
func FromView(b *packet.Block, v *packet.View) (Segment, bool) {
	if v.Protocol != packet.ProtoTCP || v.L4Len < headerBytes || v.Quality&packet.TruncatedL4 != 0 {
		return Segment{}, false
	}
	return Segment{Seq: v.Seq, Ack: v.Ack, Wire: v.PayloadLen, Flags: v.TCPFlags, Payload: v.Payload(b)}, true
}

// headerBytes is a TCP header without options.
const headerBytes = 20

// data returns the captured payload, never more than was on the wire.
func (s *Segment) data() []byte { return s.Payload[:min(len(s.Payload), int(s.Wire))] }

func (s *Segment) has(flag uint16) bool { return s.Flags&flag != 0 }

// first returns the sequence number of the first payload byte.
func (s *Segment) first() uint32 {
	if s.has(packet.SYN) {
		return s.Seq + 1
	}
	return s.Seq
}
