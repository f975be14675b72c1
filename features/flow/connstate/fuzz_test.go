package connstate_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// fuzzPacket takes one packet of 12 bytes off data: protocol and side, flags,
// quality, window, sequence and acknowledgement number (near wrap points), length.
func fuzzPacket(data []byte) (v packet.View, side connstate.Side, rest []byte) {
	v = packet.View{
		Protocol: []uint8{packet.ProtoTCP, packet.ProtoTCP, packet.ProtoTCP, packet.ProtoUDP}[data[0]>>6],
		Version:  4, L4Len: 20,
		TCPFlags: uint16(data[1]),
		Window:   uint16(data[2] & 1),
		Quality:  packet.Quality(data[2]>>1) << 4,
		Seq:      uint32(int32(int16(binary.BigEndian.Uint16(data[3:])))) << (data[5] & 15),
		Ack:      uint32(int32(int16(binary.BigEndian.Uint16(data[6:])))) << (data[5] >> 4),
		SrcPort:  uint16(data[8]), DstPort: uint16(data[9]),
		PayloadLen: uint32(data[10]) << (data[11] & 7),
	}
	v.PayloadCap = v.PayloadLen
	if data[11]&0x80 != 0 {
		v.PayloadCap /= 2
	}
	v.Clock = packet.Nanos(data[11]>>3) * 1e9
	return v, connstate.Side(data[0] & 1), data[12:]
}

// FuzzPacket feeds packets in any order: nothing panics, the history stays
// bounded and only grows (but for a late flip), states and deadlines are defined, the short cut for steady traffic changes nothing.
func FuzzPacket(f *testing.F) {
	p := newPlayer(f, packet.ProtoTCP, isn{})
	for _, script := range []string{handshake + ">A n=5, <A n=7" + goodbye, ">SA s=0 a=1, <S s=0", ">SA, <A, <A n=4", ">S, <R, >FR", handshake + ">A s=9 n=5, >A s=90 n=5, >A s=40 n=1, <A a=99"} {
		var seed []byte
		for _, w := range words(script) {
			v, side := p.packet(w)
			b := [12]byte{0: byte(side), 1: byte(v.TCPFlags), 2: 1, 10: byte(v.PayloadLen)}
			binary.BigEndian.PutUint16(b[3:], uint16(v.Seq))
			binary.BigEndian.PutUint16(b[6:], uint16(v.Ack))
			seed = append(seed, b[:]...)
		}
		f.Add(seed)
	}
	timers := connstate.ZeekTimers()
	f.Fuzz(func(t *testing.T, data []byte) {
		var s, verified connstate.State
		var clock packet.Nanos
		var before []byte
		for len(data) >= 12 {
			var v packet.View
			var side connstate.Side
			v, side, data = fuzzPacket(data)
			clock += v.Clock
			v.Clock = clock
			s.NewConnection(&v)
			if connstate.StartsFlipped(&v) && v.Window == 1 {
				s.Flip()
			}
			twin := s
			event := s.Packet(&v, side, connstate.Policy{})
			if twin.PacketInFull(&v, side) != event || twin != s {
				t.Fatalf("the short cut makes a difference: %+v and %+v after %+v", s, twin, v)
			}
			verified.Packet(&v, side, connstate.Policy{VerifyChecksums: true})
			if event&connstate.Flipped != 0 {
				before = nil // the one letter there was is rewritten
			}
			before = checkState(t, &s, &timers, clock, before)
			checkState(t, &verified, &timers, clock, nil)
		}
	})
}

func checkState(t *testing.T, s *connstate.State, timers *connstate.Timers, clock packet.Nanos, before []byte) []byte {
	t.Helper()
	h := s.History(nil)
	if len(h) > connstate.MaxHistory || !bytes.HasPrefix(h, before) || strings.Trim(string(h), "SHADFRCGTWIQshadfrcgtwiq^") != "" {
		t.Fatalf("history %q after %q", h, before)
	}
	if s.HistoryTruncated() && len(h) != connstate.MaxHistory {
		t.Fatalf("history %q is truncated", h)
	}
	if code := s.ConnState().String(); code == "invalid_conn_state" {
		t.Fatalf("state %d", s.ConnState())
	}
	if at, end := s.Deadline(timers, 0); end == connstate.EndNever || end.String() == "invalid_end" || at < 0 {
		t.Fatalf("deadline %d %v at clock %d", at, end, clock)
	}
	return h
}
