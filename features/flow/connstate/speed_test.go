package connstate_test

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// maxSize keeps the State that every flow carries small; raise it only with a reason.
const maxSize = 192

func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(connstate.State{}); size > maxSize {
		t.Errorf("State has %d bytes, more than %d", size, maxSize)
	}
}

// exchange is a connection of some 64 packets, as Views and the sides they came from.
func exchange(t testing.TB) (views []packet.View, sides []connstate.Side) {
	script := words(handshake + ">A n=400")
	for range 14 {
		script = append(script, "<A n=1400", "<A n=1400", ">A", ">A n=50")
	}
	p := newPlayer(t, packet.ProtoTCP, isn{7, 9})
	for _, w := range append(script, words(">FA, <FA, >A")...) {
		v, side := p.packet(w)
		views, sides = append(views, *v), append(sides, side)
	}
	return views, sides
}

func TestNoAllocations(t *testing.T) {
	views, sides := exchange(t)
	timers := connstate.ZeekTimers()
	buf := make([]byte, 0, connstate.MaxHistory)
	if n := testing.AllocsPerRun(100, func() {
		var s connstate.State
		for i := range views {
			if s.NewConnection(&views[i]) {
				t.Fatal("new connection")
			}
			s.Packet(&views[i], sides[i], connstate.Policy{VerifyChecksums: true})
			s.Deadline(&timers, views[0].Clock)
		}
		buf = s.History(buf[:0])
		_ = s.ConnState().String()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if string(buf) != "ShADdFf" {
		t.Errorf("history %q", buf)
	}
}

func BenchmarkPacket(b *testing.B) {
	views, sides := exchange(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		var s connstate.State
		for j := range views {
			s.Packet(&views[j], sides[j], connstate.Policy{})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(views)), "ns/packet")
}

func BenchmarkUDP(b *testing.B) {
	v := packet.View{Protocol: packet.ProtoUDP, L4Len: 8, PayloadLen: 9}
	var s connstate.State
	b.ReportAllocs()
	for b.Loop() {
		s.Packet(&v, connstate.Orig, connstate.Policy{})
	}
}

func BenchmarkDeadline(b *testing.B) {
	views, sides := exchange(b)
	timers := connstate.ZeekTimers()
	var s connstate.State
	for j := range views[:40] {
		s.Packet(&views[j], sides[j], connstate.Policy{})
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Deadline(&timers, views[0].Clock)
	}
}

// TestShortCut compares the short cut for steady traffic with the full path over
// random but plausible connections: loss, repetition, disorder, long transfers.
func TestShortCut(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := newPlayer(t, packet.ProtoTCP, isn{r.Uint32(), r.Uint32()})
		p.play(words(handshake + ">A n=3, <A n=5")...)
		twin := p.state
		next, got := [2]uint32{p.hosts[0].next, p.hosts[1].next}, [2]uint32{p.hosts[0].next, p.hosts[1].next}
		for i := range 400 {
			side := connstate.Side(r.IntN(2))
			v := packet.View{
				Protocol: packet.ProtoTCP, L4Len: 20, TCPFlags: packet.ACK, Window: uint16(min(r.IntN(50), 1)), Clock: p.clock + int64(i),
				PayloadLen: uint32(r.IntN(2)*r.IntN(3000)) << (seed % 3 * 10),
			}
			v.PayloadCap = v.PayloadLen
			seq := next[side]
			switch r.IntN(20) {
			case 0:
				seq += uint32(r.IntN(2000))
			case 1:
				seq -= uint32(r.IntN(4000))
			case 2:
				v.PayloadCap /= 2
			}
			if r.IntN(3) > 0 {
				got[side^1] = next[side^1]
			}
			v.Seq, v.Ack = seq+p.isn[side], got[side^1]+p.isn[side^1]
			if end := seq + v.PayloadLen; int32(end-next[side]) > 0 {
				next[side] = end
			}
			if a, b := p.state.Packet(&v, side, connstate.Policy{}), twin.PacketInFull(&v, side); a != b || p.state != twin {
				t.Fatalf("seed %d packet %d: %+v and %+v", seed, i, p.state, twin)
			}
		}
	}
}
