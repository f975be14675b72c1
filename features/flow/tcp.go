package flow

import (
	"encoding/binary"

	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// tcpSide follows the sequence space of one direction. It knows the highest
// sequence number seen and the two latest holes below it, so that a segment that
// fills a hole is told from a retransmission without keeping any payload.
type tcpSide struct {
	retransPackets uint32
	retransBytes   uint64
	outOfOrder     uint32
	gaps           uint32 // times the sequence jumped ahead
	gapBytes       uint64 // bytes jumped over and not seen since
	zeroWindows    uint32
	headerBytes    uint64

	next  uint32 // highest sequence number seen, plus one
	holes [2]hole

	winFirst, winMax uint16
	mss              uint16
	options          uint16 // kinds 0–15 seen on SYN packets, bit 1<<kind
	wscale           uint8
	state            uint8 // has… bits
}

// hole is a stretch of sequence space that was jumped over; empty if from == to.
type hole struct{ from, to uint32 }

const (
	hasSeq uint8 = 1 << iota
	hasWindow
	hasSYN
	hasMSS
	hasScale
)

// carry keeps what a connection's next piece needs and drops the counts. The
// first window and the SYN options belong to the piece that saw them.
func (s *tcpSide) carry() tcpSide {
	return tcpSide{next: s.next, holes: s.holes, state: s.state & hasSeq}
}

func (s *tcpSide) observe(b *packet.Block, v *packet.View, _ int64) {
	s.headerBytes += uint64(v.L4Len)
	if v.Quality&packet.TruncatedL4 == 0 {
		s.window(v)
	}
	if v.TCPFlags&packet.SYN != 0 && v.L4Len > 20 {
		s.parseOptions(v.Transport(b)[20:v.L4Len])
	}
	length := v.PayloadLen
	if v.TCPFlags&packet.SYN != 0 {
		s.state |= hasSYN
		length++
	}
	if v.TCPFlags&packet.FIN != 0 {
		length++
	}
	if length > 0 && v.TCPFlags&packet.RST == 0 {
		s.sequence(v.Seq, length, v.PayloadLen)
	}
}

func (s *tcpSide) window(v *packet.View) {
	if s.state&hasWindow == 0 {
		s.state |= hasWindow
		s.winFirst = v.Window
	}
	s.winMax = max(s.winMax, v.Window)
	if v.Window == 0 && v.TCPFlags&(packet.SYN|packet.FIN|packet.RST) == 0 {
		s.zeroWindows++
	}
}

// sequence places a segment of length sequence numbers in the direction's
// sequence space. Comparisons are modulo 2³² (RFC 9293, 3.4).
func (s *tcpSide) sequence(seq, length, payload uint32) {
	end := seq + length
	if s.state&hasSeq == 0 {
		s.state |= hasSeq
		s.next = end
		return
	}
	ahead := int32(seq - s.next)
	switch {
	case ahead == 0:
		s.next = end
	case ahead > 0:
		s.gaps++
		s.gapBytes += uint64(uint32(ahead))
		s.holes[0], s.holes[1] = hole{s.next, seq}, s.holes[0]
		s.next = end
	case s.fill(seq, end):
		s.outOfOrder++
		s.advance(end)
	case payload <= 1 && ahead == -1 && int32(end-s.next) <= 0:
		// keep-alive probe: one sequence number below the next, 0 or 1 byte
	default:
		s.retransPackets++
		s.retransBytes += uint64(payload)
		s.advance(end)
	}
}

func (s *tcpSide) advance(end uint32) {
	if int32(end-s.next) > 0 {
		s.next = end
	}
}

// fill takes [seq, end) out of the hole it overlaps and reports whether there
// was one.
func (s *tcpSide) fill(seq, end uint32) bool {
	for i := range s.holes {
		h := &s.holes[i]
		from, to := h.from, h.to
		if int32(seq-from) > 0 {
			from = seq
		}
		if int32(end-to) < 0 {
			to = end
		}
		if h.from == h.to || int32(to-from) <= 0 {
			continue
		}
		s.gapBytes -= min(s.gapBytes, uint64(to-from))
		if from == h.from {
			h.from = to
		} else { // the part behind a middle fill is forgotten as a hole
			h.to = from
		}
		return true
	}
	return false
}

// parseOptions reads the options of a SYN packet (RFC 9293, RFC 7323).
func (s *tcpSide) parseOptions(o []byte) {
	for len(o) > 0 {
		kind := o[0]
		if kind < 16 {
			s.options |= 1 << kind
		}
		if kind == 0 {
			return
		}
		if kind == 1 {
			o = o[1:]
			continue
		}
		if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
			return
		}
		switch {
		case kind == 2 && o[1] == 4:
			s.mss = binary.BigEndian.Uint16(o[2:])
			s.state |= hasMSS
		case kind == 3 && o[1] == 3:
			s.wscale = o[2]
			s.state |= hasScale
		}
		o = o[o[1]:]
	}
}

func tcpColumns() []Def {
	return append(handshakeColumns(), perSide(func(p, of string, dir int) []Def {
		count := attr{unit: column.Packets, null: "the flow is not TCP"}
		bytes := attr{unit: column.Bytes, null: "the flow is not TCP"}
		side := func(get func(*tcpSide) int64) func(*Row) (int64, bool) {
			return func(r *Row) (int64, bool) { return get(&r.sides[dir].tcp), isTCP(r) }
		}
		seen := func(bit uint8, get func(*tcpSide) int32) func(*Row) (int32, bool) {
			return func(r *Row) (int32, bool) { s := &r.sides[dir].tcp; return get(s), s.state&bit != 0 }
		}
		return []Def{
			optInt64(p+"retransmitted_packets", count, "Segments that start below the highest sequence number seen and fill no known hole, keep-alives left out, "+of+".",
				side(func(s *tcpSide) int64 { return int64(s.retransPackets) })),
			optInt64(p+"retransmitted_bytes", bytes, "Payload bytes of those segments, "+of+".", side(func(s *tcpSide) int64 { return int64(s.retransBytes) })),
			optInt64(p+"out_of_order_packets", count, "Segments that fill one of the two latest holes in sequence space, "+of+".",
				side(func(s *tcpSide) int64 { return int64(s.outOfOrder) })),
			optInt64(p+"gap_bytes", bytes, "Sequence numbers jumped over and not seen since, "+of+".", side(func(s *tcpSide) int64 { return int64(s.gapBytes) })),
			optInt64(p+"zero_window_packets", count, "Packets that announce a window of 0, without SYN, FIN and RST, "+of+".",
				side(func(s *tcpSide) int64 { return int64(s.zeroWindows) })),
			optInt64(p+"tcp_header_bytes", bytes, "Sum of TCP header lengths, options included, "+of+".", side(func(s *tcpSide) int64 { return int64(s.headerBytes) })),
			optInt32(p+"window_first", attr{unit: column.Bytes, null: notTCP}, "Raw window field of the first packet, not scaled, "+of+".",
				seen(hasWindow, func(s *tcpSide) int32 { return int32(s.winFirst) })),
			optInt32(p+"window_max", attr{unit: column.Bytes, null: notTCP}, "Largest raw window field, not scaled, "+of+".",
				seen(hasWindow, func(s *tcpSide) int32 { return int32(s.winMax) })),
			optInt32(p+"mss", attr{unit: column.Bytes, null: "no SYN with that option in this direction"}, "Maximum segment size option, "+of+".",
				seen(hasMSS, func(s *tcpSide) int32 { return int32(s.mss) })),
			optInt32(p+"window_scale", attr{unit: column.Bits, null: "no SYN with that option in this direction"}, "Window scale option, "+of+".",
				seen(hasScale, func(s *tcpSide) int32 { return int32(s.wscale) })),
			optInt32(p+"tcp_options", attr{unit: column.Bits, null: "no SYN in this direction"}, "Option kinds 0–15 on SYN packets, bit 1<<kind, "+of+".",
				seen(hasSYN, func(s *tcpSide) int32 { return int32(s.options) })),
		}
	})...)
}
