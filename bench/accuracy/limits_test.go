package accuracy_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// crowd makes datagrams of many more flows than the lowest limit: many hosts, a
// pair that fills a partition by itself, and old flows that speak again.
func crowd(seed uint64, packets int) *accuracy.Packets {
	rng := rand.New(rand.NewPCG(seed, 11))
	host := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}) }
	list := make([]accuracy.Packet, packets)
	clock := time.Duration(0)
	for i := range list {
		from, to := netip.AddrPortFrom(host(rng.IntN(40000)), 1000), netip.AddrPortFrom(host(50000+rng.IntN(20)), uint16(rng.IntN(3)+53))
		switch {
		case i > packets/3 && i%2 == 0: // a scan between two hosts
			from, to = netip.AddrPortFrom(host(70000), uint16(i)), netip.AddrPortFrom(host(70001), uint16(i>>10))
		case i%7 == 0:
			from = netip.AddrPortFrom(host(rng.IntN(300)), 1000)
		}
		if i%50 == 0 { // many share an instant
			clock += time.Duration(rng.IntN(40)) * time.Millisecond
		}
		list[i] = at(clock, datagram(from, to))
	}
	return &accuracy.Packets{List: list, Block: 1000}
}

// TestLimitsAreDeterministic holds that a limit ends the same flows whatever the
// shards, blocks and hash keys are, and that no packet is lost.
func TestLimitsAreDeterministic(t *testing.T) {
	p := crowd(1, 150_000)
	cfg := stages.DefaultConfig()
	cfg.Features, cfg.Workers, cfg.MaxFlows = []string{"core"}, 1, stages.MinFlows
	want, r := mustRun(t, cfg, p)
	if r.Evicted < 20_000 {
		t.Fatalf("%d flows were evicted: the test tests nothing", r.Evicted)
	}
	for _, workers := range []int{1, 2, 3, 8} {
		for _, block := range []int{97, 5000} {
			in := *p
			cfg.Workers, in.Block = workers, block
			got, again := mustRun(t, cfg, &in)
			if got.Hash() != want.Hash() || again.Evicted != r.Evicted {
				t.Errorf("%d workers, blocks of %d: %d evicted, want %d: %v", workers, block, again.Evicted, r.Evicted, sameRows(want, got))
			}
		}
	}
}

// TestEvictedAtOnce: flows that the limit ends at the instant at which they began are
// told apart from those of the same keys that begin after them, still at that instant.
func TestEvictedAtOnce(t *testing.T) {
	var list []accuracy.Packet
	for i := range 2*stages.MinFlows + 1000 {
		list = append(list, at(0, datagram(netip.AddrPortFrom(client.Addr(), uint16(1000+i%(stages.MinFlows+10_000))), server)))
	}
	cfg := stages.DefaultConfig()
	cfg.Features, cfg.MaxFlows = []string{"core"}, stages.MinFlows
	var hash string
	for _, workers := range []int{1, 3} {
		cfg.Workers = workers
		got, r := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 777 * workers})
		if r.Evicted < 1000 || got.Rows != len(list) {
			t.Fatalf("%d rows, %d evicted: the test tests nothing", got.Rows, r.Evicted)
		}
		ids := map[int64]bool{}
		for i := range got.Rows {
			ids[got.Int("flow_id", i)] = true
		}
		if len(ids) != got.Rows {
			t.Errorf("%d workers: %d rows have %d flow_ids", workers, got.Rows, len(ids))
		}
		if hash == "" {
			hash = got.Hash()
		}
		if got.Hash() != hash {
			t.Errorf("%d workers make a difference", workers)
		}
	}
}

// TestLimitsLikeReference compares which flows end, and when, with a plain model.
func TestLimitsLikeReference(t *testing.T) {
	p := crowd(2, 100_000)
	cfg := stages.DefaultConfig()
	cfg.Features, cfg.MaxFlows = []string{"core"}, stages.MinFlows
	got, _ := mustRun(t, cfg, p)
	want := evictionModel(p.List, stages.MinFlows, int64(cfg.Timeouts.UDPIdle))
	if got.Rows != len(want) {
		t.Fatalf("%d rows, want %d", got.Rows, len(want))
	}
	for i := range want {
		row := fmt.Sprintf("%d %s %d", got.Int("first_packet_index", i), got.Text("end_reason", i), got.Int("fwd_packets", i)+got.Int("rev_packets", i))
		if row != want[i] {
			t.Fatalf("row %d is %q, want %q", i, row, want[i])
		}
	}
}

// modelFlow is an open or ended one-way UDP flow of the model.
type modelFlow struct {
	first, packets, last int // packet numbers from 1
	clock, close         int64
	closer               int // see refRow
	key                  string
	partition            uint8
	reason               string
}

// evictionModel says in order how each flow ends: its first packet, why, packets.
func evictionModel(list []accuracy.Packet, limit int, idle int64) []string {
	const every = 8192
	var parts [packet.Partitions]map[string]*modelFlow
	for i := range parts {
		parts[i] = map[string]*modelFlow{}
	}
	var opened, quota [packet.Partitions]int
	limited := false
	var done []*modelFlow
	end := func(f *modelFlow, clock int64, closer int) {
		delete(parts[f.partition], f.key)
		f.close, f.closer, f.reason = clock, closer, "evicted"
		if f.clock+idle < clock {
			f.close, f.closer, f.reason = f.clock+idle, 0, "idle_timeout"
		}
		done = append(done, f)
	}
	evict := func(p int, clock int64, closer int) {
		var oldest *modelFlow
		for _, f := range parts[p] {
			if oldest == nil || f.last < oldest.last {
				oldest = f
			}
		}
		end(oldest, clock, closer)
	}
	for i, pkt := range list {
		ip := pkt.Data[14:]
		key := string(ip[12:20]) + string(ip[20:24])
		part := int(partitionOf(pkt.Data))
		f := parts[part][key]
		if f != nil && pkt.Time > f.clock+idle {
			end(f, pkt.Time, 0)
			f = nil
		}
		if f == nil {
			if limited && len(parts[part]) >= quota[part] {
				for _, f := range parts[part] {
					if pkt.Time > f.clock+idle {
						end(f, pkt.Time, 0)
					}
				}
			}
			for limited && len(parts[part]) >= quota[part] {
				evict(part, pkt.Time, 2*i+1)
			}
			f = &modelFlow{first: i + 1, key: key, partition: uint8(part)}
			parts[part][key] = f
			opened[part]++
		}
		f.packets, f.last, f.clock = f.packets+1, i+1, pkt.Time
		if (i+1)%every != 0 {
			continue
		}
		for p := range parts {
			for _, f := range parts[p] {
				if pkt.Time > f.clock+idle {
					end(f, pkt.Time, 0)
				}
			}
		}
		quota, limited = modelShare(limit, &parts, &opened)
		opened = [packet.Partitions]int{}
		for p := range parts {
			for limited && len(parts[p]) > quota[p] {
				evict(p, pkt.Time, 2*i+2)
			}
		}
	}
	last := list[len(list)-1].Time
	for p := range parts {
		for _, f := range parts[p] {
			f.close, f.closer, f.reason = last, 1<<60, "end_of_capture"
			if f.clock+idle < last {
				f.close, f.closer, f.reason = f.clock+idle, 0, "idle_timeout"
			}
			done = append(done, f)
		}
	}
	slices.SortFunc(done, func(a, b *modelFlow) int {
		return slices.Compare([]int64{a.close, int64(a.closer), int64(a.first)}, []int64{b.close, int64(b.closer), int64(b.first)})
	})
	rows := make([]string, len(done))
	for i, f := range done {
		rows[i] = fmt.Sprintf("%d %s %d", f.first, f.reason, f.packets)
	}
	return rows
}

// modelShare raises the level of all partitions step by step until nothing is left.
func modelShare(limit int, parts *[packet.Partitions]map[string]*modelFlow, opened *[packet.Partitions]int) (quota [packet.Partitions]int, limited bool) {
	all, wanted, highest := 0, 0, 0
	need := [packet.Partitions]int{}
	for p := range parts {
		all += len(parts[p])
		need[p] = len(parts[p]) + opened[p]
		wanted += need[p]
		highest = max(highest, need[p])
	}
	if all+8192 <= limit {
		return quota, false
	}
	level := highest
	for sum := wanted; sum > limit; level-- {
		sum = 0
		for p := range need {
			sum += min(need[p], level-1)
		}
	}
	used := 0
	for p := range need {
		quota[p] = min(need[p], level)
		used += quota[p]
	}
	for p := range quota {
		quota[p] = max(1, quota[p]+(limit-used)/packet.Partitions)
	}
	return quota, true
}

func partitionOf(frame []byte) uint8 {
	var v packet.View
	new(packet.Walker).Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v)
	return v.Partition()
}

// TestDeadlinesThatComeNearer: a connection that is closed after its deadline moved
// away ends by the nearer one, memory short or not, wherever blocks end: its pair then
// opens more flows than fit.
func TestDeadlinesThatComeNearer(t *testing.T) {
	client, server := netip.MustParseAddrPort("10.1.0.1:40000"), netip.MustParseAddrPort("10.1.0.2:80")
	var list []accuracy.Packet
	second := 0
	add := func(frames ...[]byte) {
		for i, f := range frames {
			list = append(list, at(time.Duration(second)*time.Second+time.Duration(i)*time.Microsecond, f))
		}
	}
	ours := partitionOf(datagram(client, server))
	strangers := func(n int) (frames [][]byte) {
		for i := range n {
			from := netip.AddrFrom4([4]byte{172, byte(second), byte(i >> 8), byte(i)})
			if f := datagram(netip.AddrPortFrom(from, 1000), server); partitionOf(f) != ours {
				frames = append(frames, f)
			}
		}
		return frames
	}
	add(segment(client, server, packet.SYN, 99, 0, 1000, nil), segment(server, client, packet.SYN|packet.ACK, 199, 100, 1000, nil), segment(client, server, packet.ACK, 100, 200, 1000, nil))
	second = 1
	add(strangers(40_000)...) // memory is short from here on
	second = 200
	add(segment(client, server, packet.ACK|packet.PSH, 100, 200, 1000, []byte("x")))
	second = 249
	add(strangers(40_000)...)
	second = 320
	for range 20_000 { // and no more
		add(datagram(netip.MustParseAddrPort("192.0.2.1:53"), server))
	}
	second = 330
	add(segment(client, server, packet.ACK|packet.FIN, 101, 200, 1000, nil), segment(server, client, packet.ACK|packet.FIN, 200, 102, 1000, nil), segment(client, server, packet.ACK, 102, 201, 1000, nil))
	second = 331
	add(datagram(netip.AddrPortFrom(client.Addr(), 999), server))
	second = 350
	add(strangers(1)...)
	second = 358
	for i := range 40_000 {
		add(datagram(netip.AddrPortFrom(client.Addr(), uint16(1000+i)), server))
	}

	cfg := stages.DefaultConfig()
	cfg.Features, cfg.MaxFlows, cfg.Workers = []string{"core"}, stages.MinFlows, 1
	for _, block := range []int{100, len(list)} {
		got, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: block})
		for i := range got.Rows {
			if got.Int("protocol", i) == packet.ProtoTCP && got.Text("end_reason", i) != "tcp_closed" {
				t.Errorf("blocks of %d: the connection ends by %s", block, got.Text("end_reason", i))
			}
		}
	}
}
