package accuracy_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// moment is a packet or, without one, a watermark.
type moment struct {
	accuracy.Packet
	mark bool
}

// comes is a watermark at a time after base.
func comes(d time.Duration) moment {
	return moment{accuracy.Packet{Time: base + int64(d)}, true}
}

// packets are moments without watermarks.
func packets(list ...accuracy.Packet) (moments []moment) {
	for _, p := range list {
		moments = append(moments, moment{Packet: p})
	}
	return moments
}

// timeline is an input with watermarks, in blocks of at most so many packets.
type timeline struct {
	list  []moment
	block int
}

// Open implements stages.Input.
func (l timeline) Open(context.Context) (stages.Source, error) { return &openTimeline{l}, nil }

// Close implements stages.Input.
func (timeline) Close(*stages.InputSummary) error { return nil }

type openTimeline struct{ timeline }

func (*openTimeline) Interfaces() []packet.Interface {
	return []packet.Interface{{Link: packet.LinkEthernet}}
}

func (o *openTimeline) Fill(b *packet.Block) error {
	for len(o.list) > 0 && len(b.Records) < o.block {
		m := o.list[0]
		o.list = o.list[1:]
		if m.mark {
			b.Watermark = m.Time
			return nil
		}
		b.Records = append(b.Records, packet.Record{Time: m.Time, Offset: uint32(len(b.Data)), CapLen: uint32(len(m.Data)), WireLen: m.Wire})
		b.Data = append(b.Data, m.Data...)
	}
	if len(o.list) == 0 {
		return io.EOF
	}
	return nil
}

// state is what a session has written so far.
type state struct{ flows, slots, hosts int }

func (f *fed) state() state {
	return state{f.Tables["flows"].Rows, f.Tables["slots"].Rows, f.Tables["hosts"].Rows}
}

// TestWatermarks is worked by hand: ticks of 1 s, windows of 10 s, and 100 ms to reorder in.
// A flow of UDP times out a minute after its last packet, and its row comes with the tick
// after; a window of hosts is over 35 minutes after its end, when no flow that began in it
// can be open.
func TestWatermarks(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53")
	talk := packets(at(0, datagram(a, b)), at(200*time.Millisecond, datagram(a, b)))
	for workers := 1; workers <= 3; workers++ {
		cfg := everything()
		cfg.Workers, cfg.Tick, cfg.Window = workers, time.Second, 10*time.Second
		f := newFed(t, cfg)
		for i, step := range []struct {
			list []moment
			want state
			held int64
		}{
			{append(slices.Clone(talk), comes(200*time.Millisecond)), state{}, 1},
			{[]moment{comes(10 * time.Second)}, state{slots: 9}, 0},         // the clock is at 9.9 s: ticks 0 to 8
			{[]moment{comes(61 * time.Second)}, state{slots: 60}, 0},        // timed out at 60.2 s, in the tick of the clock
			{[]moment{comes(60 * time.Second)}, state{slots: 60}, 0},        // time does not go back
			{[]moment{comes(10 * time.Hour)}, state{slots: 60}, 0},          // to be confirmed: it waits
			{[]moment{comes(61100 * time.Millisecond)}, state{1, 61, 0}, 0}, // and is not
			{[]moment{comes(2109 * time.Second)}, state{1, 2108, 0}, 0},
			{[]moment{comes(2111 * time.Second)}, state{1, 2110, 2}, 0},
			{[]moment{comes(4000 * time.Second), comes(7000 * time.Second)}, state{1, 1 + 3600, 2}, 0}, // as many empty ticks as have rows
		} {
			r := f.feed(t, timeline{step.list, 100})
			if got := f.state(); got != step.want || r.Held.Packets != step.held {
				t.Errorf("%d workers, step %d: %+v, %d held; want %+v, %d", workers, i, got, r.Held.Packets, step.want, step.held)
			}
		}
		f.feed(t, timeline{packets(at(7001*time.Second, datagram(a, b)), at(7002*time.Second, datagram(a, b))), 100})
		if got := f.state(); got != (state{1, 1 + 3600 + 1, 2}) { // the empty ticks up to the one of the clock
			t.Errorf("then %+v", got)
		}
		if r := f.finish(t); r.SoFar.Flows != 2 || r.SoFar.Accounting.Read.Packets != 4 {
			t.Errorf("at the end: %+v", r.SoFar)
		}
		flows := f.Tables["flows"]
		if why := flows.Text("end_reason", 0); why != "idle_timeout" || flows.Int("fwd_packets", 0) != 2 {
			t.Errorf("the first flow of %d packets ended by %s", flows.Int("fwd_packets", 0), why)
		}
	}
}

// TestSeriesOfWatermarks: one far ahead counts where none of the next 16 speaks against it,
// and so does an hour without packets.
func TestSeriesOfWatermarks(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53")
	cfg := everything()
	f := newFed(t, cfg)
	f.feed(t, timeline{packets(at(0, datagram(a, b))), 100})
	for i := range 17 {
		if n := f.Tables["flows"].Rows; n != 0 {
			t.Errorf("%d rows after %d watermarks", n, i)
		}
		f.feed(t, timeline{[]moment{comes(10*time.Hour + time.Duration(i)*time.Second)}, 100})
	}
	if n := f.Tables["flows"].Rows; n != 1 {
		t.Errorf("%d rows after 17 watermarks", n)
	}
}

// TestWatermarksBeforePackets, and outside the time range, change nothing; nor do those of
// inputs that are merged.
func TestWatermarksBeforePackets(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53")
	talk := packets(at(0, datagram(a, b)), at(time.Second, datagram(a, b)))
	for name, c := range map[string]struct {
		list []moment
		tune func(*stages.Config)
	}{
		"before":  {append([]moment{comes(-time.Minute), comes(time.Minute)}, talk...), func(*stages.Config) {}},
		"outside": {append(slices.Clone(talk), comes(2*time.Minute)), func(cfg *stages.Config) { cfg.To = base + int64(2*time.Minute) }},
		"merged":  {append(slices.Clone(talk), comes(2*time.Minute)), func(cfg *stages.Config) { cfg.Merge = true }},
		"limited": {append(slices.Clone(talk), comes(2*time.Minute)), func(cfg *stages.Config) { cfg.Packets = 2 }},
	} {
		cfg := everything()
		c.tune(&cfg)
		want, _, err := accuracy.RunTables(cfg, timeline{talk, 100})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := accuracy.RunTables(cfg, timeline{c.list, 100})
		if err != nil {
			t.Fatal(err)
		}
		if err := sameTables(want, got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// drawTimeline draws traffic with pauses, fragments and names, and watermarks where a live
// capture has them, and where none has.
func drawTimeline(rng *rand.Rand, odd bool) (list []moment) {
	host := func() netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(12))}), uint16(1000+rng.IntN(3)))
	}
	pauses := []time.Duration{time.Microsecond, time.Millisecond, 40 * time.Millisecond, time.Second, 20 * time.Second, 5 * time.Minute, 50 * time.Minute}
	now := time.Duration(0)
	for range 200 {
		now += pauses[min(rng.IntN(len(pauses)), rng.IntN(len(pauses)))]
		switch k := rng.IntN(10); {
		case k < 2:
			list = append(list, comes(now))
		case k == 2 && odd:
			list = append(list, comes(now+time.Duration(rng.IntN(7)-2)*time.Hour))
		case k == 3:
			for i, frame := range traffic.Fragments(traffic.NewUDP(host(), host(), make([]byte, 900)), 400, uint32(rng.IntN(1<<16))) {
				if i > 0 || rng.IntN(2) == 0 {
					list = append(list, packets(at(now, frame))...)
				}
			}
		case k == 4:
			list = append(list, packets(at(now, traffic.ARP(1, traffic.MAC{1}, host().Addr(), traffic.MAC{2}, host().Addr())))...)
		case k == 5 && odd:
			list = append(list, packets(at(now-time.Duration(rng.IntN(3))*70*time.Millisecond, datagram(host(), host())))...)
		default:
			list = append(list, packets(at(now, datagram(host(), host())))...)
		}
	}
	return append(list, comes(now))
}

// TestWatermarkInvariance: neither blocks, workers, cuts nor Feeds show where there are
// watermarks.
func TestWatermarkInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 4))
	for round := range 24 {
		list := drawTimeline(rng, round%2 == 0)
		cfg := settings(rng)
		cfg.Fragments.IPv4 = []time.Duration{time.Second, 30 * time.Second, time.Minute}[rng.IntN(3)]
		cfg.Window, cfg.Hop = 10*time.Minute, []time.Duration{0, 5 * time.Minute}[rng.IntN(2)]
		var parts []stages.Input
		for rest := list; len(rest) > 0; {
			n := min(len(rest), rng.IntN(60))
			parts, rest = append(parts, timeline{rest[:n], 1 + rng.IntN(50)}), rest[n:]
		}
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range parts {
			parts[i] = timeline{parts[i].(timeline).list, 1 + rng.IntN(50)}
		}
		cfg.Workers = 1 + rng.IntN(3)
		if err := compareFed(want, run, grouped(t, rng, cfg, parts)); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		whole, _, err := accuracy.RunTables(cfg, timeline{list, 1000})
		if err != nil {
			t.Fatal(err)
		}
		if err := sameRows(want["flows"], whole["flows"], "capture_id", "first_packet_index"); err != nil {
			t.Errorf("round %d: in one input: %v", round, err)
		}
		for _, table := range []string{"slots", "hosts", "pairs"} {
			if err := sameTables(accuracy.Tables{table: want[table]}, whole); err != nil {
				t.Errorf("round %d: in one input: %v", round, err)
			}
		}
	}
}

// TestWatermarksAndSlots: where packets are in order and none is absurd, slots are those of
// the packets alone but for what is said behind the last one.
func TestWatermarksAndSlots(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 20 {
		list := append(drawTimeline(rng, false), packets(at(1000*time.Hour, datagram(client, server)))...)
		list[len(list)-1].Time = list[len(list)-2].Time
		cfg := everything()
		cfg.Tick = []time.Duration{100 * time.Millisecond, time.Second, time.Minute}[rng.IntN(3)]
		alone := slices.DeleteFunc(slices.Clone(list), func(m moment) bool { return m.mark })
		want, _, err := accuracy.RunTables(cfg, timeline{alone, 100})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := accuracy.RunTables(cfg, timeline{list, 100})
		if err != nil {
			t.Fatal(err)
		}
		if err := sameTables(accuracy.Tables{"slots": want["slots"]}, got); err != nil {
			t.Error(err)
		}
	}
}
