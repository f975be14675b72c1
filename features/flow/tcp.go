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
	headerBytes uint64
	next        uint32 // highest sequence number seen, plus one
}

// tcpSeen are marks of what a direction's segments had.
type tcpSeen struct {
	flags  uint16 // union
	winMax uint16
	state  uint8 // has… bits
}

// tcpRare is what few segments change.
type tcpRare struct {
	retransBytes   uint64
	gapBytes       uint64 // bytes jumped over and not seen since
	holes          [2]hole
	zeroWindows    uint32
	retransPackets uint32
	outOfOrder     uint32
	winFirst       uint16
	mss            uint16
	options        uint16 // kinds 0–15 seen on SYN packets, bit 1<<kind
	wscale         uint8
}

// hole is a stretch of sequence space that was jumped over; empty if from == to, as
// where all of it was filled.
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
func (s *side) carry() (next side) {
	next.tcp.next, next.rare.tcp.holes, next.seen.state = s.tcp.next, s.rare.tcp.holes, s.seen.state&hasSeq
	return next
}

// segment counts a TCP segment.
func (s *side) segment(b *packet.Block, v *packet.View) {
	s.seen.flags |= v.TCPFlags
	s.flags.observe(v.TCPFlags)
	s.tcp.headerBytes += headerLen(b, v)
	if v.L4Len < flagsEnd {
		return
	}
	if v.L4Len >= windowEnd {
		s.window(v)
	}
	if v.TCPFlags&packet.SYN != 0 && v.L4Len > 20 {
		s.parseOptions(v.Transport(b)[20:v.L4Len])
	}
	length := v.PayloadLen
	if v.TCPFlags&packet.SYN != 0 {
		s.seen.state |= hasSYN
		length++
	}
	if v.TCPFlags&packet.FIN != 0 {
		length++
	}
	if v.TCPFlags&packet.SYN != 0 && s.restarts(v.Seq) {
		s.seen.state &^= hasSeq
		s.rare.tcp.holes = [2]hole{}
	}
	if length > 0 && v.TCPFlags&packet.RST == 0 {
		s.sequence(v.Seq, length, v.PayloadLen)
	}
}

// How far a cut TCP header must reach to tell its sequence number and flags, and
// its window.
const (
	flagsEnd  = 14
	windowEnd = 16
)

// headerLen returns the TCP header's length, also of a header that the capture
// cut if its data offset is there.
func headerLen(b *packet.Block, v *packet.View) uint64 {
	if v.Quality&packet.TruncatedL4 != 0 && v.L4Len > 12 {
		return uint64(v.Transport(b)[12]>>4) * 4
	}
	return uint64(v.L4Len)
}

// restarts reports whether a SYN with this number begins a sequence space other
// than the one known, rather than being sent again.
func (s *side) restarts(seq uint32) bool {
	const plausible = 1 << 20 // bytes sent before a SYN was seen once more
	behind := int32(s.tcp.next - seq)
	return behind <= 0 || behind > plausible
}

func (s *side) window(v *packet.View) {
	if s.seen.state&hasWindow == 0 {
		s.seen.state |= hasWindow
		s.rare.tcp.winFirst = v.Window
	}
	s.seen.winMax = max(s.seen.winMax, v.Window)
	if v.Window == 0 && v.TCPFlags&(packet.SYN|packet.FIN|packet.RST) == 0 {
		s.rare.tcp.zeroWindows++
	}
}

// sequence places a segment of length sequence numbers in the direction's
// sequence space. Comparisons are modulo 2³² (RFC 9293, 3.4).
func (s *side) sequence(seq, length, payload uint32) {
	end := seq + length
	if s.seen.state&hasSeq == 0 {
		s.seen.state |= hasSeq
		s.tcp.next = end
		return
	}
	ahead := int32(seq - s.tcp.next)
	switch {
	case ahead == 0:
		s.tcp.next = end
	case ahead > 0:
		s.rare.tcp.gapBytes += uint64(uint32(ahead))
		if latest := s.rare.tcp.holes[0]; latest.from != latest.to {
			s.rare.tcp.holes[1] = latest
		}
		s.rare.tcp.holes[0] = hole{s.tcp.next, seq}
		s.tcp.next = end
	case s.fill(seq, end):
		s.rare.tcp.outOfOrder++
		s.advance(end)
	case payload == 1 && length == 1 && ahead == -1:
		// keep-alive probe: the byte before the next, once more
	default:
		s.rare.tcp.retransPackets++
		s.rare.tcp.retransBytes += uint64(payload)
		s.advance(end)
	}
}

func (s *side) advance(end uint32) {
	if int32(end-s.tcp.next) > 0 {
		s.tcp.next = end
	}
}

// fill takes [seq, end) out of the holes that it overlaps and reports whether there
// was one.
func (s *side) fill(seq, end uint32) (filled bool) {
	holes := &s.rare.tcp.holes
	for i := len(holes) - 1; i >= 0; i-- { // the older first: what it leaves may take its place
		h := &holes[i]
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
		s.rare.tcp.gapBytes -= min(s.rare.tcp.gapBytes, uint64(to-from))
		filled = true
		switch {
		case from == h.from:
			h.from = to
		case to == h.to:
			h.to = from
		case i == 0: // of three holes the two latest are known
			holes[1], h.from = hole{h.from, from}, to
		case holes[0].from == holes[0].to:
			holes[0], h.to = hole{to, h.to}, from
		default:
			h.from = to
		}
	}
	return filled
}

// parseOptions reads the options of a SYN packet (RFC 9293, RFC 7323).
func (s *side) parseOptions(o []byte) {
	for len(o) > 0 {
		kind := o[0]
		if kind < 16 {
			s.rare.tcp.options |= 1 << kind
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
			s.rare.tcp.mss = binary.BigEndian.Uint16(o[2:])
			s.seen.state |= hasMSS
		case kind == 3 && o[1] == 3:
			s.rare.tcp.wscale = o[2]
			s.seen.state |= hasScale
		}
		o = o[o[1]:]
	}
}

func tcpColumns() []Def {
	return append(handshakeColumns(), perSide(func(p, of string, dir int) []Def {
		of = ", " + of + "."
		packets, bytes := attr{unit: column.Packets, when: ifTCP}, attr{unit: column.Bytes, when: ifTCP}
		window, mss := attr{unit: column.Bytes, when: ifWindow[dir]}, attr{unit: column.Bytes, when: ifMSS[dir]}
		return []Def{
			field64(p+"retransmitted_packets", packets, "Segments that start below the highest sequence number seen and fill no known hole, keep-alives left out"+of,
				func(r *Row) *uint32 { return &r.sides[dir].rare.tcp.retransPackets }),
			field64(p+"retransmitted_bytes", bytes, "Payload bytes of those segments"+of, func(r *Row) *uint64 { return &r.sides[dir].rare.tcp.retransBytes }),
			field64(p+"out_of_order_packets", packets, "Segments that fill one of the two latest holes in sequence space"+of,
				func(r *Row) *uint32 { return &r.sides[dir].rare.tcp.outOfOrder }),
			field64(p+"gap_bytes", bytes, "Sequence numbers jumped over and not seen since, as far as the two latest holes tell"+of, func(r *Row) *uint64 { return &r.sides[dir].rare.tcp.gapBytes }),
			field64(p+"zero_window_packets", packets, "Packets that announce a window of 0, without SYN, FIN and RST"+of,
				func(r *Row) *uint32 { return &r.sides[dir].rare.tcp.zeroWindows }),
			field64(p+"tcp_header_bytes", bytes, "Sum of TCP header lengths, options included; of one that the capture cut before its length, what is there"+of, func(r *Row) *uint64 { return &r.sides[dir].tcp.headerBytes }),
			field32(p+"window_first", window, "Raw window field of the first packet, not scaled"+of, func(r *Row) *uint16 { return &r.sides[dir].rare.tcp.winFirst }),
			field32(p+"window_max", window, "Largest raw window field, not scaled"+of, func(r *Row) *uint16 { return &r.sides[dir].seen.winMax }),
			field32(p+"mss", mss, "Maximum segment size option"+of, func(r *Row) *uint16 { return &r.sides[dir].rare.tcp.mss }),
			field32(p+"window_scale", attr{unit: column.Bits, when: ifScale[dir]}, "Window scale option"+of, func(r *Row) *uint8 { return &r.sides[dir].rare.tcp.wscale }),
			field32(p+"tcp_options", attr{unit: column.Bits, when: ifSYN[dir]}, "Option kinds 0–15 on SYN packets, bit 1<<kind"+of,
				func(r *Row) *uint16 { return &r.sides[dir].rare.tcp.options }),
		}
	})...)
}
