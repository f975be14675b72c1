package accuracy_test

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// refRow is what the reference says of one row.
type refRow struct {
	orig, resp   endpoint
	protocol     uint8
	start, end   int64
	packets      [2]int64
	reason       string
	piece, index int64 // piece_no, first_packet_index
	conn         int64 // index of the connection's first packet

	close, lastClock, startClock int64
	closer                       int64 // what closed it: 0 a timeout, the number of a packet, or the end
	state                        connstate.State
}

// reference is the plainest flow table that follows section 6 of the design: a
// map, and a look at each flow's deadline when its next packet comes and at the
// end.
type reference struct {
	timeouts stages.Timeouts
	live     map[string]*refRow
	done     []*refRow
	clock    int64
	started  bool
}

// key names a flow in both directions alike.
func (v refPacket) key() string {
	k, _ := tupleOf(fmt.Sprint(v.view.Protocol), v.src(), v.dst())
	return k.String()
}

type refPacket struct{ view packet.View }

func (v refPacket) src() endpoint {
	return endpoint{netip.AddrFrom16(v.view.Src).Unmap(), int64(v.view.SrcPort)}
}
func (v refPacket) dst() endpoint {
	return endpoint{netip.AddrFrom16(v.view.Dst).Unmap(), int64(v.view.DstPort)}
}

// run takes all packets through the table.
func (r *reference) run(list []accuracy.Packet) []*refRow {
	r.live = map[string]*refRow{}
	var walker packet.Walker
	for i, p := range list {
		believed := !r.started || p.Time <= r.clock || p.Time-r.clock <= int64(time.Hour) ||
			i+1 == len(list) || list[i+1].Time >= p.Time-int64(time.Hour)
		if believed && (!r.started || p.Time > r.clock) {
			r.clock, r.started = p.Time, true
		}
		v := packet.View{Time: p.Time, Clock: r.clock}
		if walker.Walk(p.Data, p.Wire, packet.LinkEthernet, &v) != packet.InFlow {
			panic("the generator makes whole packets")
		}
		r.packet(refPacket{v}, int64(i+1))
	}
	for _, f := range r.live {
		deadline, reason := r.deadline(f)
		if r.clock <= deadline {
			deadline, f.closer = r.clock, math.MaxInt64
			if reason == "idle_timeout" {
				reason = "end_of_capture"
			}
		}
		r.finish(f, deadline, reason)
	}
	slices.SortFunc(r.done, func(a, b *refRow) int {
		if a.close != b.close {
			return cmp.Compare(a.close, b.close)
		}
		if a.closer != b.closer {
			return cmp.Compare(a.closer, b.closer)
		}
		return int(a.index - b.index)
	})
	return r.done
}

func (r *reference) packet(p refPacket, index int64) {
	key, v := p.key(), &p.view
	f := r.live[key]
	if f != nil {
		deadline, reason := r.deadline(f)
		switch active := int64(r.timeouts.Active); {
		case v.Clock > deadline:
			r.finish(f, deadline, reason)
			f = nil
		case f.state.NewConnection(v):
			f.closer = index
			r.finish(f, v.Clock, "ports_reused")
			f = nil
		case active > 0 && !r.timeouts.Zeek && v.Clock > f.startClock+active:
			done := *f
			done.closer = index
			r.finish(&done, v.Clock, "active_timeout")
			f.piece++
			f.packets, f.index = [2]int64{}, index
			f.start, f.end, f.startClock = v.Time, v.Time, v.Clock
		}
	}
	if f == nil {
		f = r.open(p, index)
		r.live[key] = f
	}
	side := connstate.Orig
	if p.src() != f.orig {
		side = connstate.Resp
	}
	if f.state.Packet(v, side, connstate.Policy{VerifyChecksums: r.timeouts.Zeek})&connstate.Flipped != 0 {
		f.orig, f.resp = f.resp, f.orig
		f.packets[0], f.packets[1] = f.packets[1], f.packets[0]
		side ^= 1
	}
	f.packets[side]++
	f.end, f.lastClock = max(f.end, v.Time), v.Clock
}

func (r *reference) open(p refPacket, index int64) *refRow {
	v := &p.view
	f := &refRow{
		orig: p.src(), resp: p.dst(), protocol: v.Protocol,
		start: v.Time, end: v.Time, startClock: v.Clock, index: index, conn: index,
	}
	handshake := v.TCPFlags & (packet.SYN | packet.ACK)
	flip := v.Protocol != packet.ProtoICMP && connstate.StartsFlipped(v)
	if v.Protocol == packet.ProtoTCP && !r.timeouts.Zeek {
		flip = handshake != packet.SYN && (flip || handshake == packet.SYN|packet.ACK)
	}
	if flip = flip && f.orig != f.resp; flip {
		f.state.Flip()
	}
	if flip || v.Protocol == packet.ProtoICMP && v.ICMPType == 0 && !r.timeouts.Zeek {
		f.orig, f.resp = f.resp, f.orig
	}
	return f
}

// deadline is the last instant at which the flow still lives without a packet.
func (r *reference) deadline(f *refRow) (int64, string) {
	if r.timeouts.Zeek {
		timers := connstate.ZeekTimers()
		at, end := f.state.Deadline(&timers, f.startClock)
		switch end {
		case connstate.EndLinger, connstate.EndClosed:
			return at - 1, "tcp_closed"
		case connstate.EndReset:
			return at - 1, "tcp_reset"
		}
		return at - 1, "idle_timeout"
	}
	idle, reason := r.timeouts.OtherIdle, "idle_timeout"
	switch f.protocol {
	case packet.ProtoUDP:
		idle = r.timeouts.UDPIdle
	case packet.ProtoTCP:
		idle = r.timeouts.TCPIdle
		if _, closed := f.state.Complete(); closed {
			idle, reason = r.timeouts.TCPClosed, "tcp_closed"
			switch f.state.ConnState() {
			case connstate.REJ, connstate.RSTO, connstate.RSTR, connstate.RSTOS0, connstate.RSTRH:
				reason = "tcp_reset"
			}
		}
	}
	return f.lastClock + int64(idle), reason
}

func (r *reference) finish(f *refRow, at int64, reason string) {
	f.close, f.reason = at, reason
	r.done = append(r.done, f)
	for k, g := range r.live {
		if g == f {
			delete(r.live, k)
		}
	}
}

// String shows the row as compared.
func (f *refRow) String() string {
	state, history := f.state.ConnState(), f.state.History(nil)
	return fmt.Sprintf("%d %v:%d>%v:%d %d..%d %v %s piece %d packet %d %v %s", f.protocol,
		f.orig.addr, f.orig.port, f.resp.addr, f.resp.port, f.start, f.end, f.packets, f.reason, f.piece, f.index, state, history)
}

// rowString shows our row in the same form.
func rowString(t *accuracy.Table, i int) string {
	src, dst := t.Int("src_port", i), t.Int("dst_port", i)
	if !t.Null("icmp_type", i) {
		src, dst = t.Int("icmp_type", i), icmpPeer(t, i)
	}
	return fmt.Sprintf("%d %s:%d>%s:%d %d..%d %v %s piece %d packet %d %s %s", t.Int("protocol", i),
		t.Text("src_ip", i), src, t.Text("dst_ip", i), dst, t.Int("start_ns", i), t.Int("end_ns", i),
		[2]int64{t.Int("fwd_packets", i), t.Int("rev_packets", i)}, t.Text("end_reason", i), t.Int("piece_no", i),
		t.Int("first_packet_index", i), t.Text("conn_state", i), t.Text("history", i))
}

// drawTimeouts draws short and long timeouts, on both sides of the wheel's span.
func drawTimeouts(t *rapid.T) stages.Timeouts {
	d := func(name string, values ...time.Duration) time.Duration {
		return rapid.SampledFrom(values).Draw(t, name)
	}
	return stages.Timeouts{
		TCPIdle: d("tcp", 1, time.Second, 10*time.Second, 5*time.Minute, 3*time.Hour), TCPClosed: d("closed", 0, 1, 5*time.Second, time.Hour),
		UDPIdle: d("udp", 1, time.Second, time.Minute), OtherIdle: d("other", 1, 1500*time.Millisecond, time.Minute),
		Active: d("active", 0, 1, 3*time.Second, 30*time.Minute), Zeek: rapid.Bool().Draw(t, "zeek"),
	}
}

// drawPackets draws packets of few flows whose gaps lie around all timeouts.
func drawPackets(t *rapid.T) []accuracy.Packet {
	gaps := []time.Duration{
		0, 0, 1, 2, time.Millisecond, 999 * time.Millisecond, time.Second - 1, time.Second, time.Second + 1, 1500 * time.Millisecond, 3 * time.Second,
		5 * time.Second, 6 * time.Second, 10 * time.Second, time.Minute, time.Minute + 1, 5 * time.Minute, 5*time.Minute + 1, 30 * time.Minute, 59 * time.Minute,
		time.Hour, time.Hour + 1, 70 * time.Minute, 3 * time.Hour, 3*time.Hour + 1, 50 * time.Hour, -1, -time.Second, -2 * time.Minute, -2 * time.Hour, -50 * time.Hour,
	}
	flags := []uint16{packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.ACK | packet.PSH, packet.FIN | packet.ACK, packet.RST, packet.RST | packet.ACK, packet.SYN | packet.FIN}
	addrs := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("198.51.100.9")}
	at := int64(1_700_000_000_123_456_789)
	var list []accuracy.Packet
	for range rapid.IntRange(1, 60).Draw(t, "packets") {
		at += int64(rapid.SampledFrom(gaps).Draw(t, "gap"))
		a, b := rapid.IntRange(0, 2).Draw(t, "src"), rapid.IntRange(0, 2).Draw(t, "dst")
		port := func(i int) uint16 { return []uint16{40000, 80, 50000}[i] }
		src, dst := netip.AddrPortFrom(addrs[a], port(a)), netip.AddrPortFrom(addrs[b], port(b))
		payload := make([]byte, rapid.SampledFrom([]int{0, 0, 1, 10}).Draw(t, "payload"))
		var frame []byte
		switch rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(t, "protocol") {
		case 0:
			seq := rapid.SampledFrom([]uint32{100, 101, 111, 5000, math.MaxUint32}).Draw(t, "seq")
			ack := rapid.SampledFrom([]uint32{0, 101, 102, 112}).Draw(t, "ack")
			frame = traffic.TCP(src, dst, rapid.SampledFrom(flags).Draw(t, "flags"), seq, ack, 1000, payload)
		case 1:
			frame = traffic.UDP(src, dst, payload)
		case 2:
			frame = traffic.ICMP(src.Addr(), dst.Addr(), rapid.SampledFrom([]uint8{0, 8}).Draw(t, "type"), 0, 7, payload)
		}
		list = append(list, accuracy.Whole(at, frame))
	}
	return list
}

// TestAgainstReference compares the flow table with the reference for random
// packets, at any sweep moments: blocks of any size, any number of shards.
func TestAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := stages.DefaultConfig()
		cfg.Timeouts = drawTimeouts(t)
		cfg.Workers = rapid.IntRange(1, 3).Draw(t, "workers")
		in := &accuracy.Packets{List: drawPackets(t), Block: rapid.IntRange(1, 20).Draw(t, "block")}
		ref := reference{timeouts: cfg.Timeouts}
		want := ref.run(in.List)
		got, result, err := accuracy.Run(cfg, in)
		if err != nil || len(result.Failed()) > 0 {
			t.Fatal(err, result.Failed())
		}
		var a, b []string
		ids, conns := map[int64]bool{}, map[int64]int64{}
		for i := range got.Rows {
			a = append(a, rowString(got, i))
			id := got.Int("flow_id", i)
			if ids[id] {
				t.Fatalf("flow_id of row %d is not unique", i)
			}
			ids[id] = true
		}
		for i, f := range want {
			b = append(b, f.String())
			if i < got.Rows {
				id := got.Int("conn_id", i)
				if first, seen := conns[id]; seen && first != f.conn {
					t.Fatalf("row %d: two connections share a conn_id", i)
				}
				conns[id] = f.conn
			}
		}
		if !slices.Equal(a, b) {
			for i := range max(len(a), len(b)) {
				if i >= len(a) || i >= len(b) || a[i] != b[i] {
					t.Fatalf("row %d differs:\n got %v\nwant %v", i, a[min(i, len(a)):min(i+3, len(a))], b[min(i, len(b)):min(i+3, len(b))])
				}
			}
		}
	})
}
