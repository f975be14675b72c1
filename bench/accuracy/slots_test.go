package accuracy_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// runSlots returns the slots of a run, all of whose self-checks must hold.
func runSlots(t testing.TB, cfg stages.Config, inputs ...stages.Input) *accuracy.Table {
	t.Helper()
	tables, r, err := accuracy.RunTables(cfg, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failed() {
		t.Errorf("%s: %s", f.Name, f.Detail)
	}
	return tables["slots"]
}

// slotsOnly are the settings of a run that is about its slots.
func slotsOnly(tick time.Duration) stages.Config {
	cfg := stages.DefaultConfig()
	cfg.Workers, cfg.Records, cfg.Tick = 1, []string{"none"}, tick
	return cfg
}

// TestSlotsInvariants: neither workers nor blocks nor files nor taps show in the slots.
func TestSlotsInvariants(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	loadSample(t, 89, func(t *testing.T, c record, p *accuracy.Packets) {
		if p.Err = nil; len(p.List) > 100_000 {
			return
		}
		cfg := slotsOnly([]time.Duration{time.Millisecond, 5 * time.Second}[rng.IntN(2)])
		want := runSlots(t, cfg, p).Hash()
		for _, workers := range []int{1, 2, 8} {
			in := *p
			cfg.Workers, in.Block = workers, []int{3, 50, 1000}[rng.IntN(3)]
			if runSlots(t, cfg, &in).Hash() != want {
				t.Errorf("%s: %d workers, blocks of %d", c["capture"], workers, in.Block)
			}
			if runSlots(t, cfg, cut(rng, p, workers)...).Hash() != want {
				t.Errorf("%s: in files, %d workers", c["capture"], workers)
			}
		}
		if !plainTimes(p) {
			return
		}
		whole := distinct(p)
		cfg.Merge = true
		if got, want := runSlots(t, cfg, taps(whole, 3)...), runSlots(t, cfg, whole); got.Hash() != want.Hash() {
			t.Errorf("%s: in taps", c["capture"])
		}
	})
}

// slotModel is a tick, counted with maps.
type slotModel struct {
	n        map[string]int64
	dstPorts map[uint16]int64
	sets     map[string]map[string]bool
}

func (m *slotModel) see(set, value string) {
	if m.sets[set] == nil {
		m.sets[set] = map[string]bool{}
	}
	m.sets[set][value] = true
}

// made is a packet and what the model is to know of it.
type made struct {
	accuracy.Packet
	count func(m *slotModel)
}

// randomPacket makes one of a few kinds.
func randomPacket(rng *rand.Rand) made {
	v6 := rng.IntN(3) == 0
	host := func() netip.Addr {
		if v6 {
			return netip.AddrFrom16([16]byte{0x20, 1, 15: byte(rng.IntN(20))})
		}
		return netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(20))})
	}
	a, b := netip.AddrPortFrom(host(), uint16(rng.IntN(40))), netip.AddrPortFrom(host(), uint16(rng.IntN(40)))
	body := make([]byte, rng.IntN(100))
	ip := func(m *slotModel, headers int64) {
		name := "ipv4_"
		if v6 {
			name = "ipv6_"
			headers += 20
		}
		m.n[name+"packets"]++
		m.n[name+"bytes"] += headers + int64(len(body))
		m.see(name+"unique_src_ips", a.Addr().String())
		m.see(name+"unique_dst_ips", b.Addr().String())
	}
	v4 := func(m *slotModel, name string) {
		if !v6 {
			m.n["ipv4_"+name]++
		}
	}
	switch kind := rng.IntN(8); {
	case kind == 0:
		frame := traffic.ARP(1, traffic.MAC{1}, netip.MustParseAddr("10.0.0.1"), traffic.MAC{2}, netip.MustParseAddr("10.0.0.2"), traffic.Tagged(make([]uint16, rng.IntN(3))...))
		return made{accuracy.Whole(0, frame), func(m *slotModel) { m.n["arp_packets"]++ }}
	case kind == 1:
		return made{accuracy.Whole(0, traffic.Ethernet(0x88cc, body)), func(*slotModel) {}}
	case kind == 2:
		return made{accuracy.Whole(0, traffic.UDP(a, b, body)), func(m *slotModel) {
			ip(m, 28)
			m.n["udp_packets"]++
			v4(m, "udp_packets")
		}}
	case kind == 3 && v6:
		return made{accuracy.Whole(0, traffic.ICMP(a.Addr(), b.Addr(), 128, 0, 1, body)), func(m *slotModel) { ip(m, 28); m.n["icmpv6_packets"]++ }}
	case kind == 3:
		return made{accuracy.Whole(0, traffic.ICMP(a.Addr(), b.Addr(), 8, 0, 1, body)), func(m *slotModel) { ip(m, 28); m.n["icmp_packets"]++ }}
	case kind == 4 && !v6: // the capture ends in the TCP header
		frame := traffic.TCP(a, b, packet.SYN, 1, 1, 1, body)
		return made{accuracy.Packet{Data: frame[:36], Wire: uint32(len(frame))}, func(m *slotModel) { ip(m, 40) }}
	case kind == 5 && !v6: // a fragment that nobody completes
		frame := traffic.IP(a.Addr(), b.Addr(), packet.ProtoTCP, append(body, make([]byte, 8-len(body)%8)...), traffic.Fragmented(traffic.Fragment{Offset: 80, More: true}))
		return made{accuracy.Whole(0, frame), func(m *slotModel) {
			ip(m, int64(len(frame)-14-len(body)))
			m.n["ipv4_fragment_packets"]++
		}}
	}
	flags := uint16(rng.IntN(256))
	return made{accuracy.Whole(0, traffic.TCP(a, b, flags, 1, 1, 1, body)), func(m *slotModel) {
		ip(m, 40)
		m.n["tcp_packets"]++
		for name, flag := range map[string]uint16{"fin": packet.FIN, "syn": packet.SYN, "rst": packet.RST, "ack": packet.ACK, "urg": packet.URG} {
			if flags&flag != 0 {
				m.n["tcp_"+name+"_packets"]++
				v4(m, "tcp_"+name+"_packets")
			}
		}
		m.dstPorts[b.Port()]++
		for set, port := range map[string]uint16{"tcp_unique_src_ports": a.Port(), "tcp_unique_dst_ports": b.Port()} {
			m.see(set, fmt.Sprint(port))
			if !v6 {
				m.see("ipv4_"+set, fmt.Sprint(port))
			}
		}
	}}
}

// TestSlotsByModel compares all counters of random packets with maps, over the clock as
// the running maximum of time.
func TestSlotsByModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 10 {
		const tick = int64(time.Second)
		now, clock := int64(1772442000)*tick, int64(math.MinInt64)
		var list []accuracy.Packet
		ticks := map[int64]*slotModel{}
		for range 3000 {
			p := randomPacket(rng)
			if now += rng.Int64N(tick / 20); rng.IntN(200) == 0 {
				now += rng.Int64N(10 * tick)
			}
			if p.Time = now; rng.IntN(10) == 0 {
				p.Time -= rng.Int64N(tick / 2) // late
			}
			list = append(list, p.Packet)
			clock = max(clock, p.Time)
			m := ticks[clock/tick]
			if m == nil {
				m = &slotModel{map[string]int64{}, map[uint16]int64{}, map[string]map[string]bool{}}
				ticks[clock/tick] = m
			}
			m.n["packets"]++
			m.n["captured_bytes"] += int64(len(p.Data))
			m.n["wire_bytes"] += int64(p.Wire)
			p.count(m)
		}
		cfg := slotsOnly(time.Second)
		cfg.Reorder = 0
		got := runSlots(t, cfg, &accuracy.Packets{List: list, Block: 100})
		seen := 0
		for i := range got.Rows {
			m := ticks[got.Int("start_ns", i)/tick]
			if m == nil {
				m = &slotModel{}
			} else {
				seen++
			}
			compareSlot(t, got, i, m)
		}
		if seen != len(ticks) || int64(got.Rows) != (clock-list[0].Time/tick*tick)/tick+1 {
			t.Errorf("%d rows, %d of %d ticks with packets", got.Rows, seen, len(ticks))
		}
	}
}

// compareSlot compares a row's counters and entropies with the model's.
func compareSlot(t *testing.T, got *accuracy.Table, row int, m *slotModel) {
	t.Helper()
	for i := range got.Schema.Columns {
		c := &got.Schema.Columns[i]
		if c.Type != column.Int64 || slices.Contains([]string{"start_ns", "duration_ns", "gap_ticks"}, c.Name) {
			continue
		}
		want := m.n[c.Name]
		if set, is := m.sets[c.Name]; is {
			want = int64(len(set))
		}
		if n := got.Int(c.Name, row); n != want {
			t.Errorf("row %d: %s is %d, want %d", row, c.Name, n, want)
		}
	}
	total := m.n["tcp_packets"]
	if total == 0 {
		if !got.Null("tcp_dst_port_entropy_nats", row) || !got.Null("netspot_defective_dpe_nats", row) {
			t.Errorf("row %d: an entropy without TCP", row)
		}
		return
	}
	entropy, defective := 0., math.Log(float64(total))
	for _, n := range m.dstPorts {
		share := float64(n) / float64(total)
		entropy -= share * math.Log(share)
		defective += float64(n) * math.Log(float64(n)) / float64(total)
	}
	for name, want := range map[string]float64{"tcp_dst_port_entropy_nats": entropy, "netspot_defective_dpe_nats": defective} {
		if x := got.Float(name, row); math.Abs(x-want) > 1e-9 {
			t.Errorf("row %d: %s is %v, want %v", row, name, x, want)
		}
	}
}

// TestSlotsLeaveOut: what a range of time, a filter or the dropping of duplicates leaves
// out is not there, as if the capture did not have it.
func TestSlotsLeaveOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	start := int64(1772442000) * int64(time.Second)
	var list, within, arp, twice []accuracy.Packet
	from, to := start+20*int64(time.Second), start+40*int64(time.Second)
	for i := range int64(6000) {
		p := randomPacket(rng)
		p.Time = start + i*int64(10*time.Millisecond)
		p.Data = append(p.Data, byte(i), byte(i>>8)) // no two are alike
		p.Wire += 2
		list = append(list, p.Packet)
		if p.Time >= from && p.Time < to {
			within = append(within, p.Packet)
		}
		if p.Data[12] == 8 && p.Data[13] == 6 {
			arp = append(arp, p.Packet)
		}
		twice = append(twice, p.Packet)
	}
	cfg := slotsOnly(time.Second)
	same := func(what string, cfg stages.Config, all, left []accuracy.Packet) {
		t.Helper()
		got, want := runSlots(t, cfg, &accuracy.Packets{List: all, Block: 70}), runSlots(t, slotsOnly(time.Second), &accuracy.Packets{List: left})
		if got.Hash() != want.Hash() || want.Rows < 10 {
			t.Errorf("%s: %d rows, want %d", what, got.Rows, want.Rows)
		}
	}
	ranged, filtered, few := cfg, cfg, cfg
	ranged.From, ranged.To = from, to
	same("--from --to", ranged, list, within)
	filtered.Filter.Expr = "arp"
	same("--filter", filtered, list, arp)
	few.Packets = 2000
	same("--packets", few, list, list[:2000])
	dropped := cfg
	dropped.Duplicates = stages.Duplicates{Mode: stages.DuplicatesDrop, Key: stages.DuplicateByFrame, Window: time.Second}
	var flows, doubled []accuracy.Packet
	for _, p := range twice {
		if p.Data[12] == 8 && p.Data[13] == 0 && p.Data[23] == packet.ProtoUDP { // in a flow, and whole
			flows = append(flows, p)
			doubled = append(doubled, p, p)
		}
	}
	same("--duplicates drop", dropped, doubled, flows)
}

// TestSlotsOfHostileTimes: the rows of a capture that jumps are few, and are there.
func TestSlotsOfHostileTimes(t *testing.T) {
	frame := datagram(client, server)
	const year = int64(365 * 24 * time.Hour)
	for name, times := range map[string][]int64{
		"fifty years on":  {0, 50 * year},
		"there and back":  {0, 50 * year, 1, 2, 50 * year, 3},
		"beyond all time": {0, math.MaxInt64, 1, packet.NoTime, math.MinInt64 + 1, 2},
		"no time at all":  {packet.NoTime, packet.NoTime},
		"time comes late": {packet.NoTime, packet.NoTime, 60 * year},
	} {
		var list []accuracy.Packet
		for _, at := range times {
			list = append(list, accuracy.Whole(at, frame))
		}
		for _, tick := range []time.Duration{time.Millisecond, 24 * time.Hour} {
			if got := runSlots(t, slotsOnly(tick), &accuracy.Packets{List: list}); got.Rows > 10_000 || got.Rows == 0 || sum(got, "packets") != int64(len(list)) {
				t.Errorf("%s: %d rows, %d packets", name, got.Rows, sum(got, "packets"))
			}
		}
	}
}

// TestSlotsOfIndependentInputs: each input has the slots that it has alone.
func TestSlotsOfIndependentInputs(t *testing.T) {
	frame := datagram(client, server)
	one := &accuracy.Packets{List: []accuracy.Packet{accuracy.Whole(10*int64(time.Second), frame), accuracy.Whole(31*int64(time.Second), frame)}}
	two := &accuracy.Packets{List: []accuracy.Packet{accuracy.Whole(7*int64(time.Second), frame)}}
	for _, workers := range []int{1, 3} {
		cfg := slotsOnly(5 * time.Second)
		cfg.Inputs, cfg.Workers = stages.Independent, workers
		got := runSlots(t, cfg, one, &accuracy.Packets{}, accuracy.File("no such file"), two)
		want := []struct{ capture, start, packets, partial int64 }{{0, 10, 1, 1}, {0, 15, 0, 0}, {0, 20, 0, 0}, {0, 25, 0, 0}, {0, 30, 1, 1}, {3, 5, 1, 1}}
		for i, w := range want {
			if got.Rows != len(want) || got.Int("capture_id", i) != w.capture || got.Int("start_ns", i) != w.start*int64(time.Second) || got.Int("packets", i) != w.packets || got.Int("partial", i) != w.partial {
				t.Fatalf("%d rows, row %d of input %d", got.Rows, i, got.Int("capture_id", i))
			}
		}
	}
}
