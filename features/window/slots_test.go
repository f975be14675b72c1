package window_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window"
	"pcapmill/ingest/packet"
)

const second = int64(time.Second)

// table keeps the rows of a counter.
type table struct {
	schema *column.Schema
	rows   []map[string]any // by column; nil: null
}

func newCounter(t *testing.T, tick time.Duration) (*window.SlotCounter, *table) {
	t.Helper()
	to := new(table)
	c := window.NewSlotCounter(tick, func(b *batch.Batch) error {
		to.schema = b.Schema
		for i := range b.Rows {
			to.rows = append(to.rows, rowOf(t, b, i))
		}
		return nil
	})
	return c, to
}

func rowOf(t *testing.T, b *batch.Batch, i int) map[string]any {
	row := map[string]any{}
	for k := range b.Vectors {
		v, c := &b.Vectors[k], &b.Schema.Columns[k]
		if c.Optional() != (len(v.Valid) == b.Rows) {
			t.Fatalf("%s: %d marks for %d rows", c.Name, len(v.Valid), b.Rows)
		}
		switch {
		case v.Null(i):
			row[c.Name] = nil
		case c.Type == column.Double:
			if x := v.Float64[i]; math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("row %d: %s is %v", i, c.Name, x)
			}
			row[c.Name] = v.Float64[i]
		case c.Type == column.Int32:
			row[c.Name] = int64(v.Int32[i])
		default:
			row[c.Name] = v.Int64[i]
		}
	}
	return row
}

func (r *table) check(t *testing.T, row int, want map[string]any) {
	t.Helper()
	if row >= len(r.rows) {
		t.Fatalf("%d rows", len(r.rows))
	}
	for name, x := range want {
		got, there := r.rows[row][name]
		if n, is := x.(int); is {
			x = int64(n)
		}
		if f, is := x.(float64); is && there && got != nil {
			if math.Abs(got.(float64)-f) < 1e-12*max(1, math.Abs(f)) {
				continue
			}
		} else if there && got == x {
			continue
		}
		t.Errorf("row %d: %s is %v, want %v", row, name, got, x)
	}
}

// segment is a TCP packet over IPv4 between hosts 10.0.0.src and 10.0.0.dst.
func segment(at int64, src, dst uint32, srcPort, dstPort, flags uint16) packet.View {
	return packet.View{
		Clock: at, Version: 4, Protocol: packet.ProtoTCP, L4Len: 20, CapLen: 60, WireLen: 100, IPLen: 86,
		Src: mapped(src), Dst: mapped(dst), SrcPort: srcPort, DstPort: dstPort, TCPFlags: flags,
	}
}

// TestStatistics holds each counter and statistic to values worked out by hand.
func TestStatistics(t *testing.T) {
	c, got := newCounter(t, 5*time.Second)
	at := 1000 * second
	udp, icmp := segment(at, 1, 3, 53, 53, 0), segment(at, 1, 4, 8, 0, 0)
	udp.Protocol, icmp.Protocol, icmp.L4Len = packet.ProtoUDP, packet.ProtoICMP, 8
	later := segment(at, 1, 4, 0, 0, 0) // a fragment without a header
	later.L4Len, later.Quality = 0, packet.LaterFragment
	first := segment(at, 5, 4, 9, 80, packet.ACK|packet.URG) // one with a header
	first.Quality = packet.FirstFragment
	six, icmp6 := segment(at, 1, 2, 1000, 443, packet.ACK|packet.RST), segment(at, 1, 2, 0, 0, 0)
	for _, v := range []*packet.View{&six, &icmp6} {
		v.Version, v.Src[0], v.Dst[0] = 6, 0x20, 0x20
	}
	icmp6.Protocol, icmp6.Quality = packet.ProtoICMPv6, packet.FirstFragment
	inner := segment(at, 8, 9, 1, 2, packet.SYN)
	inner.Depth = 1 // counts with what is around it
	c.Packets([]packet.View{
		segment(at, 1, 2, 1000, 80, packet.SYN), segment(at, 2, 1, 80, 1000, packet.SYN|packet.ACK),
		segment(at, 1, 2, 1000, 80, packet.ACK), segment(at, 1, 2, 1000, 80, packet.FIN|packet.ACK),
		udp, inner, icmp, later, first, six, icmp6,
	})
	cut := segment(at, 6, 6, 1, 1, packet.SYN) // its flags are not to be trusted
	c.Cut(&cut, 0)
	c.Other(at, 0, 42, 42, true)
	c.Other(at, 0, 10, 20, false)
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	// Ports of the six TCP packets: 80 four times, 1000 and 443 once.
	entropy := 4./6*math.Log(6./4) + 2*(1./6)*math.Log(6)
	defective := math.Log(6) + 4*math.Log(4)/6
	got.check(t, 0, map[string]any{
		"capture_id": nil, "start_ns": 1000 * second, "start_time": 1000 * second / 1000, "duration_ns": 5 * second, "gap_ticks": 0, "partial": 1,
		"packets": 13, "captured_bytes": 11*60 + 42 + 10, "wire_bytes": 11*100 + 42 + 20,
		"ipv4_packets": 9, "ipv4_bytes": 9 * 86, "ipv6_packets": 2, "ipv6_bytes": 2 * 86, "arp_packets": 1,
		"tcp_packets": 6, "udp_packets": 1, "ipv4_udp_packets": 1, "icmp_packets": 1, "icmpv6_packets": 1,
		"ipv4_fragment_packets": 2, "ipv6_fragment_packets": 1,
		"tcp_syn_packets": 2, "tcp_ack_packets": 5, "tcp_fin_packets": 1, "tcp_rst_packets": 1, "tcp_urg_packets": 1,
		"ipv4_tcp_syn_packets": 2, "ipv4_tcp_ack_packets": 4, "ipv4_tcp_fin_packets": 1, "ipv4_tcp_rst_packets": 0, "ipv4_tcp_urg_packets": 1,
		"ipv4_unique_src_ips": 4, "ipv4_unique_dst_ips": 5, "ipv6_unique_src_ips": 1, "ipv6_unique_dst_ips": 1,
		"ipv4_unique_src_ips_exact": 1, "ipv4_unique_dst_ips_exact": 1, "ipv6_unique_src_ips_exact": 1, "ipv6_unique_dst_ips_exact": 1,
		"tcp_unique_src_ports": 3, "tcp_unique_dst_ports": 3, "ipv4_tcp_unique_src_ports": 3, "ipv4_tcp_unique_dst_ports": 2,
		"captured_bytes_per_s": 712. / 5, "packets_per_s": 13. / 5, "captured_packet_mean_bytes": 712. / 13,
		"tcp_dst_port_entropy_nats": entropy, "netspot_defective_dpe_nats": defective,
		"tcp_ack_packets_ratio": 5. / 13, "tcp_syn_fin_ratio": 2.,
		"ipv4_packet_mean_bytes": 86., "ipv4_tcp_ack_ratio": 4. / 9, "ipv4_tcp_syn_ratio": 2. / 9, "ipv4_icmp_ratio": 1. / 9,
		"arp_packets_ratio": 1. / 13, "ipv4_packets_ratio": 9. / 13, "ipv4_dst_src_ips_ratio": 5. / 4,
		"ipv4_tcp_dst_src_ports_ratio": 2. / 3, "ipv4_packets_per_ms": 9. / 5000,
	})
	if len(got.rows) != 1 || len(got.rows[0]) != len(got.schema.Columns) {
		t.Errorf("%d rows", len(got.rows))
	}
}

// TestEntropies: where all packets go to one port both entropies are what netspot
// documents and what it computes.
func TestEntropies(t *testing.T) {
	for _, test := range []struct {
		port               func(i int) uint16
		entropy, defective float64
	}{
		{func(int) uint16 { return 80 }, 0, 2 * math.Log(1000)},
		{func(i int) uint16 { return uint16(i) }, math.Log(1000), math.Log(1000)},
		{func(i int) uint16 { return uint16(min(i, 250)) / 250 * 65535 }, 0.75*math.Log(4./3) + 0.25*math.Log(4), math.Log(1000) + (750*math.Log(750)+250*math.Log(250))/1000},
	} {
		c, got := newCounter(t, time.Second)
		for range 2 { // the second tick does not know of the first
			for i := range 1000 {
				c.Packets([]packet.View{segment(int64(len(got.rows)), 1, 2, 1, test.port(i), packet.ACK)})
			}
			c.End()
		}
		if err := c.Finish(); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			got.check(t, i, map[string]any{"tcp_dst_port_entropy_nats": test.entropy, "netspot_defective_dpe_nats": test.defective})
		}
	}
}

// TestManyPacketsOfAPort counts more packets than the counter of a port holds, and begins
// anew in the next tick.
func TestManyPacketsOfAPort(t *testing.T) {
	c, got := newCounter(t, time.Second)
	many, one := segment(0, 1, 2, 1000, 80, packet.ACK), segment(0, 1, 2, 1000, 81, packet.ACK)
	views := slices.Repeat([]packet.View{many}, 1<<16)
	for range 3 {
		c.Packets(views)
	}
	c.Packets([]packet.View{one})
	many.Clock, one.Clock = second, second
	c.Packets([]packet.View{many, one})
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	n := 3.*(1<<16) + 1
	got.check(t, 0, map[string]any{"tcp_dst_port_entropy_nats": (n-1)/n*math.Log(n/(n-1)) + 1/n*math.Log(n), "tcp_packets": 3<<16 + 1})
	got.check(t, 1, map[string]any{"tcp_dst_port_entropy_nats": math.Log(2), "tcp_packets": 2})
}

// TestAddressesSeenLately counts addresses whose pairs share a place among the recent
// ones, go the other way, differ in the version alone or are all zeros.
func TestAddressesSeenLately(t *testing.T) {
	c, got := newCounter(t, time.Second)
	for tick := range int64(3) {
		rng := rand.New(rand.NewPCG(uint64(tick), 1))
		var sets [2][2]map[packet.Addr]bool
		for range 2000 {
			v := segment(tick*second, rng.Uint32N(20), rng.Uint32N(20), 1, 2, 0)
			v.Hash = uint16(rng.IntN(3))
			at := rng.IntN(2)
			if at == 1 {
				v.Version = 6
			}
			if rng.IntN(10) == 0 {
				v.Src, v.Dst = packet.Addr{}, packet.Addr{}
			}
			for i, a := range []packet.Addr{v.Src, v.Dst} {
				if sets[at][i] == nil {
					sets[at][i] = map[packet.Addr]bool{}
				}
				sets[at][i][a] = true
			}
			c.Packets([]packet.View{v})
		}
		defer func() {
			got.check(t, int(tick), map[string]any{
				"ipv4_unique_src_ips": len(sets[0][0]), "ipv4_unique_dst_ips": len(sets[0][1]),
				"ipv6_unique_src_ips": len(sets[1][0]), "ipv6_unique_dst_ips": len(sets[1][1]),
			})
		}()
	}
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
}

// TestUndefined: what cannot be divided is null.
func TestUndefined(t *testing.T) {
	c, got := newCounter(t, time.Second)
	c.Packets([]packet.View{segment(0, 1, 2, 3, 4, packet.SYN)})
	c.Other(2*second, 0, 60, 60, false)
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	nothing := map[string]any{
		"tcp_dst_port_entropy_nats": nil, "netspot_defective_dpe_nats": nil, "tcp_syn_fin_ratio": nil,
		"ipv4_packet_mean_bytes": nil, "ipv4_tcp_ack_ratio": nil, "ipv4_tcp_syn_ratio": nil, "ipv4_icmp_ratio": nil,
		"ipv4_dst_src_ips_ratio": nil, "ipv4_tcp_dst_src_ports_ratio": nil,
		"ipv4_packets_per_ms": 0., "ipv4_unique_src_ips": 0, "ipv4_unique_src_ips_exact": 1,
	}
	got.check(t, 0, map[string]any{"tcp_syn_fin_ratio": nil, "ipv4_tcp_syn_ratio": 1.}) // netspot says Inf
	for _, i := range []int{1, 2} {
		got.check(t, i, nothing)
	}
	got.check(t, 1, map[string]any{"packets": 0, "packets_per_s": 0., "captured_bytes_per_s": 0., "captured_packet_mean_bytes": nil, "tcp_ack_packets_ratio": nil, "arp_packets_ratio": nil, "ipv4_packets_ratio": nil, "partial": 0})
	got.check(t, 2, map[string]any{"packets": 1, "captured_packet_mean_bytes": 60., "tcp_ack_packets_ratio": 0., "partial": 1})
}

// TestEmptyTicks: rows follow one another without a hole, whatever times do, and there are
// few of them.
func TestEmptyTicks(t *testing.T) {
	const year = 365 * 24 * 3600
	for name, test := range map[string]struct {
		times []int64 // s
		rows  int
		gap   int64 // ticks of the only gap
	}{
		"one tick":         {[]int64{0, 0}, 1, 0},
		"next":             {[]int64{0, 1}, 2, 0},
		"three empty":      {[]int64{10, 14}, 5, 0},
		"before 1970":      {[]int64{-3, 2}, 6, 0},
		"as many as go":    {[]int64{0, window.MaxEmpty + 1}, window.MaxEmpty + 2, 0},
		"one more":         {[]int64{0, window.MaxEmpty + 2}, window.MaxEmpty + 3, 1},
		"fifty years":      {[]int64{0, 50 * year}, window.MaxEmpty + 3, 50*year - 1 - window.MaxEmpty},
		"all time":         {[]int64{-(1 << 62) / second, (1<<62 - 1) / second}, window.MaxEmpty + 3, (1<<62-1)/second + (1<<62)/second - 1 - window.MaxEmpty},
		"a jump and on":    {[]int64{0, 20 * year, 20*year + 1}, window.MaxEmpty + 4, 20*year - 1 - window.MaxEmpty},
		"a jump, two ends": {[]int64{-20 * year, 20 * year}, window.MaxEmpty + 3, 40*year - 1 - window.MaxEmpty},
	} {
		c, got := newCounter(t, time.Second)
		for _, at := range test.times {
			c.Packets([]packet.View{segment(at*second, 1, 2, 3, 4, 0)})
		}
		if err := c.Finish(); err != nil {
			t.Fatal(err)
		}
		next, gap, packets := test.times[0]*second, int64(0), int64(0)
		for i, row := range got.rows {
			if row["start_ns"] != next {
				t.Fatalf("%s: row %d starts at %d, want %d", name, i, row["start_ns"], next)
			}
			next += row["duration_ns"].(int64)
			gap += row["gap_ticks"].(int64)
			packets += row["packets"].(int64)
		}
		last := test.times[len(test.times)-1] * second
		if len(got.rows) != test.rows || gap != test.gap || packets != int64(len(test.times)) || got.rows[len(got.rows)-1]["start_ns"] != last {
			t.Errorf("%s: %d rows, %d ticks in gaps, %d packets", name, len(got.rows), gap, packets)
		}
	}
}

// TestReach: ticks that the clock has left without a packet are written as it does, and the
// rows are those that packets alone make.
func TestReach(t *testing.T) {
	for name, test := range map[string]struct {
		times   []int64 // s; of packets
		reached []int64 // s; after the first packet
		rows    int     // then
	}{
		"the same tick":    {[]int64{0, 5}, []int64{0}, 0},
		"the next":         {[]int64{0, 5}, []int64{1}, 1},
		"step by step":     {[]int64{0, 5}, []int64{1, 2, 4}, 4},
		"up to the packet": {[]int64{0, 5}, []int64{5}, 5},
		"as many as go":    {[]int64{0, 5000}, []int64{100, 4000}, window.MaxEmpty + 1},
		"and no more":      {[]int64{0, 5000, 5002}, []int64{4000, 4001, 5000}, window.MaxEmpty + 1},
		"before 1970":      {[]int64{-9, 5}, []int64{-7, 2}, 11},
	} {
		alone, want := newCounter(t, time.Second)
		c, got := newCounter(t, time.Second)
		for i, at := range test.times {
			v := []packet.View{segment(at*second, 1, 2, 3, 4, 0)}
			alone.Packets(v)
			if c.Packets(v); i > 0 {
				continue
			}
			for _, at := range test.reached {
				c.Reach(at * second)
			}
			if err := c.Flush(); err != nil || len(got.rows) != test.rows {
				t.Errorf("%s: %d rows, want %d; %v", name, len(got.rows), test.rows, err)
			}
		}
		if err := errors.Join(alone.Finish(), c.Finish()); err != nil || !reflect.DeepEqual(want.rows, got.rows) {
			t.Errorf("%s: %d rows, want %d; %v", name, len(got.rows), len(want.rows), err)
		}
	}
	c, got := newCounter(t, time.Second)
	c.Reach(5 * second) // before all packets
	c.Packets([]packet.View{segment(7*second, 1, 2, 3, 4, 0)})
	c.Reach(8 * second)
	if err := c.Finish(); err != nil || len(got.rows) != 1 {
		t.Errorf("%d rows, %v", len(got.rows), err)
	}
}

// TestEmptyTicksOfRun: a capture that jumps with each packet has a bounded number of rows.
func TestEmptyTicksOfRun(t *testing.T) {
	rows, ticks := 0, int64(0)
	c := window.NewSlotCounter(time.Second, func(b *batch.Batch) error {
		gap, start := b.Schema.Index("gap_ticks"), b.Schema.Index("start_ns")
		for i := range b.Rows {
			if b.Vectors[start].Int64[i] != ticks*second {
				return errors.New("a hole")
			}
			ticks += max(1, b.Vectors[gap].Int64[i])
		}
		rows += b.Rows
		return nil
	})
	const jumps = 1000
	for i := range int64(jumps) {
		c.Packets([]packet.View{segment(i*3600*second, 1, 2, 3, 4, 0)})
	}
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	if most := window.MaxEmptyAll + 2*jumps; rows > most || rows < window.MaxEmptyAll || ticks != (jumps-1)*3600+1 {
		t.Errorf("%d rows, at most %d; %d ticks", rows, most, ticks)
	}
	if n, sum := c.Written(); n != int64(rows) || sum.Packets != jumps {
		t.Errorf("%d rows, %+v", n, sum)
	}
}

// TestAlignment: ticks are multiples of their length, before 1970 too.
func TestAlignment(t *testing.T) {
	for _, tick := range []time.Duration{window.MinTick, 7 * time.Millisecond, 5 * time.Second, window.MaxTick} {
		for _, at := range []int64{0, 1, -1, int64(tick), -int64(tick), 1<<62 - 1, -1 << 62, 1772442000123456789} {
			c, got := newCounter(t, tick)
			c.Packets([]packet.View{segment(at, 1, 2, 3, 4, 0)})
			if err := c.Finish(); err != nil {
				t.Fatal(err)
			}
			if start := got.rows[0]["start_ns"].(int64); start%int64(tick) != 0 || start > at || at-start >= int64(tick) {
				t.Errorf("%d in ticks of %v: from %d", at, tick, start)
			}
		}
	}
}

// TestTimeless: packets without a time that come first are of the first slot, and where
// there is no other, of that of the clock which has not started.
func TestTimeless(t *testing.T) {
	for _, timed := range []bool{true, false} {
		c, got := newCounter(t, time.Second)
		v := segment(0, 1, 2, 3, 4, 0)
		v.Quality = packet.NoTimestamp
		c.Packets([]packet.View{v, v})
		c.Other(0, packet.NoTimestamp, 1, 1, false)
		want := map[string]any{"start_ns": 0, "packets": 3}
		if timed {
			c.Packets([]packet.View{segment(7*second, 1, 2, 3, 4, 0)})
			want = map[string]any{"start_ns": 7 * second, "packets": 4}
		}
		if err := c.Finish(); err != nil {
			t.Fatal(err)
		}
		if got.check(t, 0, want); len(got.rows) != 1 {
			t.Errorf("%d rows", len(got.rows))
		}
	}
}

// TestStretches: with independent inputs each has ticks of its own.
func TestStretches(t *testing.T) {
	c, got := newCounter(t, time.Second)
	for i, times := range [][]int64{{5, 6, 7}, {}, {2}} {
		c.Capture(i)
		for _, at := range times {
			c.Packets([]packet.View{segment(at*second, 1, 2, 3, 4, 0)})
		}
		c.End()
	}
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]any{
		{"capture_id": 0, "start_ns": 5 * second, "partial": 1}, {"capture_id": 0, "start_ns": 6 * second, "partial": 0},
		{"capture_id": 0, "start_ns": 7 * second, "partial": 1}, {"capture_id": 2, "start_ns": 2 * second, "partial": 1},
	} {
		got.check(t, i, want)
	}
	if len(got.rows) != 4 {
		t.Errorf("%d rows", len(got.rows))
	}
}

// TestWriteFails: the first error stays, and nothing is written after it.
func TestWriteFails(t *testing.T) {
	failed, calls := errors.New("full"), 0
	c := window.NewSlotCounter(time.Second, func(*batch.Batch) error { calls++; return failed })
	for i := range int64(10) {
		c.Packets([]packet.View{segment(i*3000*second, 1, 2, 3, 4, 0)})
	}
	if c.Err() != failed || c.Finish() != failed || calls != 1 {
		t.Errorf("%v, %d calls", c.Err(), calls)
	}
}

// TestAddresses compares the numbers of addresses with sets, in ticks of any number of
// them, and in any order.
func TestAddresses(t *testing.T) {
	for _, version := range []uint8{4, 6} {
		addressesOf(t, version)
	}
}

func addressesOf(t *testing.T, version uint8) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 3, 1000, window.MaxAddresses, window.MaxAddresses + 1, 5 * window.MaxAddresses, 40 * window.MaxAddresses} {
		c, got := newCounter(t, time.Second)
		views := make([]packet.View, 0, n+n/3)
		for i := range n {
			v := segment(0, uint32(i), uint32(i)*7919, 1, 2, 0)
			v.Version = version
			views = append(views, v)
		}
		views = append(views, views[:n/3]...)
		for tick := range 3 { // the last one with few again
			rng.Shuffle(len(views), func(i, j int) { views[i], views[j] = views[j], views[i] })
			if tick == 2 {
				views = views[:1]
			}
			for i := range views {
				views[i].Clock = int64(tick) * second
			}
			c.Packets(views)
		}
		if err := c.Finish(); err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"src", "dst"} {
			side = fmt.Sprintf("ipv%d_unique_%s_ips", version, side)
			a, b, last := got.rows[0][side].(int64), got.rows[1][side].(int64), got.rows[2][side].(int64)
			exact := got.rows[0][side+"_exact"].(int64) == 1
			off := math.Abs(float64(a)/float64(n) - 1)
			if a != b || last != 1 || exact != (n <= window.MaxAddresses) || exact && a != int64(n) || off > 4*0.0133 {
				t.Errorf("%d addresses: %s %d and %d, exact %v, then %d", n, side, a, b, exact, last)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  int
		bad   bool
	}{{nil, 3, false}, {[]string{"all"}, 3, false}, {[]string{"none"}, 0, false}, {[]string{"slots", "slots"}, 1, false}, {[]string{"slots", "none"}, 0, true}, {[]string{"slot"}, 0, true}} {
		got, err := window.Select(test.names)
		if len(got) != test.want || (err != nil) != test.bad {
			t.Errorf("%q: %q, %v", test.names, got, err)
		}
	}
}

func TestSchema(t *testing.T) {
	for _, table := range window.Tables() {
		if err := table.Schema.Validate(); err != nil {
			t.Error(err)
		}
		groups := map[string]bool{}
		for _, g := range table.Groups {
			groups[g.Name] = true
		}
		for _, c := range table.Schema.Columns {
			if !groups[c.Group] {
				t.Errorf("%s is of group %q, which is not described", c.Name, c.Group)
			}
		}
	}
}
