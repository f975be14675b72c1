package traffic

import (
	"net/netip"
	"time"

	"pcapmill/ingest/packet"
)

// Session writes one conversation by hand and keeps what the next packet needs:
// time, sequence numbers, and its own truth.
//
//	s := traffic.NewSession(w, start, client, server)
//	s.Handshake()
//	s.Send(traffic.Forward, []byte("GET / HTTP/1.0\r\n\r\n"))
//	s.Send(traffic.Reverse, answer)
//	s.Close(traffic.Forward)
//	return s.Err()
//
// Packets are Gap apart; Wait adds to that. The first error of the writer ends
// the session: later calls do nothing.
type Session struct {
	Truth FlowTruth     // so far; State is the caller's to set
	Gap   time.Duration // between packets; 1 ms unless changed
	MSS   int           // longest payload of one segment; 1460 unless changed

	w      PacketWriter
	at     packet.Nanos
	opts   []Option
	client netip.AddrPort
	server netip.AddrPort
	seq    [2]uint32
	last   [2]Packet // segments with payload, for Again
	frame  []byte
	err    error
}

// NewSession returns a session whose first packet is written at start. opts apply
// to every packet in both directions; MACs are swapped on the way back.
func NewSession(w PacketWriter, start packet.Nanos, client, server netip.AddrPort, opts ...Option) *Session {
	s := &Session{w: w, at: start, opts: opts, client: client, server: server, Gap: time.Millisecond, MSS: 1460}
	s.Truth.Src, s.Truth.SrcPort = client.Addr(), client.Port()
	s.Truth.Dst, s.Truth.DstPort = server.Addr(), server.Port()
	s.seq = [2]uint32{1_000_000, 5_000_000}
	return s
}

// Err returns the first error of the writer.
func (s *Session) Err() error { return s.err }

// Now returns the time of the next packet.
func (s *Session) Now() packet.Nanos { return s.at }

// Wait lets packet time pass.
func (s *Session) Wait(d time.Duration) { s.at += packet.Nanos(d) }

// Packet writes any packet of the session; the caller fills both ends.
func (s *Session) Packet(dir Direction, p Packet) {
	if s.err != nil {
		return
	}
	s.frame = p.Append(s.frame[:0])
	s.Truth.Proto = p.Protocol
	s.Truth.VLANs = s.Truth.VLANs[:0]
	for _, tag := range p.VLANs {
		s.Truth.VLANs = append(s.Truth.VLANs, tag.TCI&0xfff)
	}
	s.Truth.add(sent{
		at: s.at, dir: dir, wire: len(s.frame), ip: p.ipLength, payload: len(p.Payload), flags: p.Flags,
	})
	s.err = s.w.WritePacket(s.at, uint32(len(s.frame)), s.frame)
	s.at += packet.Nanos(s.Gap)
}

// ends returns source and destination of a direction.
func (s *Session) ends(dir Direction) (src, dst netip.AddrPort) {
	if dir == Reverse {
		return s.server, s.client
	}
	return s.client, s.server
}

// dressed applies the session's options and then those of one packet.
func (s *Session) dressed(dir Direction, p Packet, opts []Option) Packet {
	p = p.with(s.opts)
	if dir == Reverse {
		p.SrcMAC, p.DstMAC = p.DstMAC, p.SrcMAC
	}
	return p.with(opts)
}

// Segment writes one TCP segment with the next sequence number of its sender.
func (s *Session) Segment(dir Direction, flags uint16, payload []byte, opts ...Option) {
	src, dst := s.ends(dir)
	ack := s.seq[1-dir]
	if flags&packet.ACK == 0 {
		ack = 0
	}
	p := s.dressed(dir, NewTCP(src, dst, flags, s.seq[dir], ack, 64240, payload), opts)
	s.seq[dir] += uint32(len(payload))
	if flags&(packet.SYN|packet.FIN) != 0 {
		s.seq[dir]++
	}
	if len(payload) > 0 {
		s.last[dir] = p
		s.last[dir].Payload = append([]byte(nil), payload...)
	}
	s.Packet(dir, p)
}

// Handshake writes SYN, SYN-ACK and ACK with the usual options.
func (s *Session) Handshake() {
	s.syn()
	s.Segment(Reverse, synACK, nil, s.synOptions())
	s.Segment(Forward, packet.ACK, nil)
}

// syn writes the SYN alone.
func (s *Session) syn() { s.Segment(Forward, packet.SYN, nil, s.synOptions()) }

func (s *Session) synOptions() Option {
	return TCPOpts(MSS(uint16(s.MSS)), SACKPermitted(), NOP(), WindowScale(7))
}

// Send writes data in segments of at most MSS bytes, every second one and the
// last acknowledged by the other side.
func (s *Session) Send(dir Direction, data []byte) {
	for i := 0; len(data) > 0; i++ {
		n := min(len(data), s.MSS)
		flags := packet.ACK
		if n == len(data) {
			flags = pshACK
		}
		s.Segment(dir, flags, data[:n])
		data = data[n:]
		if i%2 == 1 || len(data) == 0 {
			s.Segment(1-dir, packet.ACK, nil)
		}
	}
}

// Again sends the last segment with payload of a side once more.
func (s *Session) Again(dir Direction) {
	s.Packet(dir, s.last[dir])
	s.Truth.Retransmissions++
}

// Skip lets a side's sequence number pass over n bytes that the capture lacks.
func (s *Session) Skip(dir Direction, n uint32) { s.seq[dir] += n }

// Close writes FIN, FIN and ACK, first the FIN of dir.
func (s *Session) Close(dir Direction) {
	s.Segment(dir, finACK, nil)
	s.Segment(1-dir, finACK, nil)
	s.Segment(dir, packet.ACK, nil)
}

// Reset writes the RST of a side.
func (s *Session) Reset(dir Direction) { s.Segment(dir, rstACK, nil) }

// Datagram writes one UDP datagram.
func (s *Session) Datagram(dir Direction, payload []byte, opts ...Option) {
	src, dst := s.ends(dir)
	s.Packet(dir, s.dressed(dir, NewUDP(src, dst, payload), opts))
}

// Message writes one ICMP message.
func (s *Session) Message(dir Direction, typ, code uint8, rest uint32, body []byte, opts ...Option) {
	src, dst := s.ends(dir)
	s.Packet(dir, s.dressed(dir, NewICMP(src.Addr(), dst.Addr(), typ, code, rest, body), opts))
}

// Chunks writes one SCTP packet.
func (s *Session) Chunks(dir Direction, tag uint32, chunks []byte, opts ...Option) {
	src, dst := s.ends(dir)
	p := between(packet.ProtoSCTP, src, dst, chunks)
	p.VerificationTag = tag
	s.Packet(dir, s.dressed(dir, p, opts))
}
