package accuracy_test

import (
	"fmt"
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

// talker is a connection that a test goes on with now and then.
type talker struct {
	wire
	data string
	sent int
}

// next is the frame of a talker's next segment, or of an acknowledgement. Some leave a
// hole, which few others fill.
func (k *talker) next(rng *rand.Rand) []byte {
	if k.sent == len(k.data) {
		return k.frame(up(int64(k.sent), "").with(packet.FIN))
	}
	if rng.IntN(6) == 0 {
		return k.frame(down(0, "").acks(int64(k.sent)))
	}
	n := min(1+rng.IntN(40), len(k.data)-k.sent)
	from := k.sent
	k.sent += n
	if rng.IntN(4) == 0 && from > 20 { // the one before again
		from -= rng.IntN(20)
	}
	if rng.IntN(5) == 0 && from+n < len(k.data) { // leaves a hole
		from += rng.IntN(n)
	}
	return k.frame(up(int64(from), k.data[from:k.sent]))
}

// chatter makes many conversations at once: requests and hellos in pieces, with holes,
// and DNS in between. Many packets share an instant.
func chatter(seed uint64, packets int) *accuracy.Packets {
	rng := rand.New(rand.NewPCG(seed, 12))
	host := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 9, byte(n >> 8), byte(n)}) }
	var open []*talker
	var list []accuracy.Packet
	clock, flows := time.Duration(0), 0
	for len(list) < packets {
		if len(list)%30 == 0 {
			clock += time.Duration(rng.IntN(40)) * ms
		}
		switch n := rng.IntN(10); {
		case n == 0: // a name, of one of two resolvers
			to := netip.AddrPortFrom(host(rng.IntN(100)), uint16(1024+rng.IntN(60000)))
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 8, 0, byte(1 + rng.IntN(2))}), 53)
			name := fmt.Sprintf("n%d.test", rng.IntN(1000))
			list = append(list, at(clock, traffic.UDP(from, to, dnsAnswer(name, is(name, host(1000+rng.IntN(20)))))))
		case n < 3 || len(open) == 0:
			k := &talker{wire: wire{netip.AddrPortFrom(host(rng.IntN(100)), uint16(1024+flows%60000)), netip.AddrPortFrom(host(1000+rng.IntN(20)), 80), [2]uint32{rng.Uint32(), rng.Uint32()}}}
			flows++
			if k.data = good + evil; rng.IntN(2) == 0 {
				k.data = clientHello(fmt.Sprintf("n%d.test", flows))
			}
			open = append(open, k)
			list = append(list, at(clock, k.frame(syn)))
		default:
			i := rng.IntN(len(open))
			k := open[i]
			list = append(list, at(clock, k.next(rng)))
			if k.sent == len(k.data) || rng.IntN(60) == 0 {
				open = slices.Delete(open, i, i+1)
			}
		}
	}
	return &accuracy.Packets{List: list, Block: 1000}
}

// differences lists the tables that are not the same.
func differences(want, got accuracy.Tables) (list []string) {
	for name := range want {
		if got[name].Hash() != want[name].Hash() {
			list = append(list, fmt.Sprint(name, ": ", sameRows(want[name], got[name])))
		}
	}
	return list
}

// TestStreamMemoryIsDeterministic holds that too little memory for streams takes the same
// from the tables whatever the shards, blocks and hash keys are, and nothing from what
// flows are apart from what they say.
func TestStreamMemoryIsDeterministic(t *testing.T) {
	p := chatter(3, 60_000)
	for _, flows := range []int64{0, stages.MinFlows} {
		cfg := stages.DefaultConfig()
		cfg.Workers, cfg.MaxFlows = 1, flows
		all, r, err := accuracy.RunTables(cfg, p)
		if err != nil || r.Streams.Released+r.Streams.Unheard != 0 || all["http"].Rows < 1000 || all["tls"].Rows < 300 {
			t.Fatalf("%v: %+v, %d requests, %d hellos", err, r.Streams, all["http"].Rows, all["tls"].Rows)
		}
		for _, total := range []int64{1, 1 << 20, 4 << 20} {
			cfg.Workers, cfg.Streams.Total = 1, total
			want, r, err := accuracy.RunTables(cfg, p)
			if err != nil || r.Streams.Released == 0 || total < 1<<20 && r.Streams.Unheard == 0 {
				t.Fatalf("%d bytes: %v, %+v: the test tests nothing", total, err, r.Streams)
			}
			t.Logf("limit %d, %d bytes: %+v, %d requests, %d hellos", flows, total, r.Streams, want["http"].Rows, want["tls"].Rows)
			if err := sameRows(all["flows"], want["flows"], spoken()...); err != nil {
				t.Errorf("%d bytes: %v", total, err)
			}
			for _, workers := range []int{1, 2, 3, 8} {
				in := *p
				cfg.Workers, in.Block = workers, []int{97, 5000, 1, 20_000}[workers%4]
				got, again, err := accuracy.RunTables(cfg, &in)
				if err != nil || again.Streams != r.Streams {
					t.Errorf("%d bytes, %d workers: %v, %+v, want %+v", total, workers, err, again.Streams, r.Streams)
				}
				for _, d := range differences(want, got) {
					t.Errorf("%d bytes, %d workers, blocks of %d: %s", total, workers, in.Block, d)
				}
			}
		}
	}
}

// interval is the number of packets between two looks at memory.
const interval = 8192

// TestStreamMemoryCounts: all connections of a pair of hosts with a hole are given up at
// the next look, and, where what their rows will say is too much by itself, none begins
// until it is not; those of other hosts go on.
func TestStreamMemoryCounts(t *testing.T) {
	const connections = interval / 2
	var list []accuracy.Packet
	add := func(w *wire, steps ...step) {
		for _, s := range steps {
			list = append(list, accuracy.Whole(base+int64(len(list)), w.frame(s)))
		}
	}
	pair := func(n int, from byte) *wire {
		return &wire{netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, from}), uint16(1024+n)), server, [2]uint32{7, 7}}
	}
	for n := range connections {
		add(pair(n, 1), syn, up(5, good[5:]))
	}
	for n := range 10 {
		add(pair(n, 1), up(0, good[:5])) // given up
		add(pair(connections+n, 1), syn, answer, up(0, good))
		add(pair(n, 2), syn, answer, up(0, evil))
	}
	for total, want := range map[int64]stages.StreamTotals{
		1 << 30: {Streams: 30, Bytes: 30 * 39, HeldBytes: connections * 34},
		4 << 20: {Streams: 20, Bytes: 20 * 39, HeldBytes: connections * 34, Released: 3920}, // those idle longest, until half of the limit is held
		1 << 20: {Streams: 10, Bytes: 10 * 39, HeldBytes: connections * 34, Released: connections, Unheard: 10},
	} {
		cfg := everything()
		cfg.Streams.Total = total
		tables, r, err := accuracy.RunTables(cfg, &accuracy.Packets{List: list, Block: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if r.Streams != want || tables["http"].Rows != int(want.Streams) {
			t.Errorf("%d bytes: %+v and %d requests, want %+v", total, r.Streams, tables["http"].Rows, want)
		}
		unread, flows := 0, tables["flows"]
		for i := range flows.Rows {
			if flows.Null("fwd_stream_bytes", i) {
				unread++
			} else if held := flows.Int("fwd_stream_held_bytes", i); flows.Int("src_port", i) >= 1034 && flows.Int("src_port", i) < 1024+connections && held != 34 {
				t.Errorf("%d bytes: held_bytes %d", total, held)
			}
		}
		if unread != int(want.Unheard) {
			t.Errorf("%d bytes: %d connections unread, want %d", total, unread, want.Unheard)
		}
	}
}

// TestPiecesHoldTheirOwnNames: what a flow has asked for is held for the piece that will say
// it, so that a flow without an end does not come to hold ever more.
func TestPiecesHoldTheirOwnNames(t *testing.T) {
	cfg := everything()
	cfg.Timeouts.Active, cfg.Streams.Total = time.Second, 64<<10 // a piece holds 1,000 names of 16 bytes
	var list []accuracy.Packet
	for n := range 2 * interval {
		query := dnsAnswer(fmt.Sprintf("n%d.test", n))
		query[2], query[3] = 1, 0
		list = append(list, at(time.Duration(n)*ms, traffic.UDP(client, resolver, query)))
	}
	tables, r, err := accuracy.RunTables(cfg, &accuracy.Packets{List: list, Block: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if pieces := tables["flows"].Rows; pieces < 16 || r.Streams.Released+r.Streams.Unheard != 0 {
		t.Errorf("%d conversations are given up and %d packets unread in %d pieces", r.Streams.Released, r.Streams.Unheard, pieces)
	}
}
