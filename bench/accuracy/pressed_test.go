//go:build !nounsafe

package accuracy_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// pressed draws settings under which whatever has a limit reaches it: flows, hosts, streams,
// fragments, the window for reordering.
func pressed(rng *rand.Rand) stages.Config {
	cfg := settings(rng)
	one := func(list ...time.Duration) time.Duration { return list[rng.IntN(len(list))] }
	cfg.Reorder = one(0, time.Millisecond, time.Second, time.Minute, time.Hour)
	cfg.MaxFlows = []int64{0, stages.MinFlows}[rng.IntN(2)]
	cfg.WindowMemory = []int64{1 << 30, 8<<20 + 64<<10, 9 << 20}[rng.IntN(3)]
	cfg.Window, cfg.Hop = one(time.Second, 10*time.Second, time.Hour), 0
	if rng.IntN(2) == 0 {
		cfg.Hop = max(time.Second, cfg.Window/2)
	}
	cfg.Streams.Total = []int64{1 << 30, 256 << 10, 16 << 10, 0}[rng.IntN(4)]
	cfg.Fragments.Datagrams = []int{1, 5, 1000}[rng.IntN(3)]
	t := &cfg.Timeouts
	t.TCPIdle, t.UDPIdle, t.OtherIdle, t.Active = one(time.Second, time.Hour), one(time.Second, time.Hour), one(time.Second, time.Hour), one(0, time.Second, time.Hour)
	if rng.IntN(3) == 0 {
		cfg.Records, cfg.Windows = []string{"none"}, []string{[]string{"none", "hosts", "pairs", "slots"}[rng.IntN(4)]}
	}
	return cfg
}

// pressing draws a crowd with a storm of fragments and conversations in it, watermarks, and
// clocks that leap.
func pressing(t *testing.T, rng *rand.Rand, talks *accuracy.Packets) (list []moment) {
	t.Helper()
	all := [][]accuracy.Packet{crowd(rng.Uint64(), 2000+rng.IntN(30000)).List, fragmentStorm(rng, 100)}
	if n := rng.IntN(len(talks.List)); rng.IntN(2) == 0 {
		all = append(all, slices.Clone(talks.List[n:min(len(talks.List), n+4000)]))
	}
	var mixed []accuracy.Packet
	for _, one := range all {
		begin := one[0].Time
		for _, p := range one {
			p.Time += base - begin
			mixed = append(mixed, p)
		}
	}
	slices.SortStableFunc(mixed, func(a, b accuracy.Packet) int { return int(min(1, max(-1, a.Time-b.Time))) })
	leaps := []time.Duration{time.Second, -time.Second, -3 * time.Second, time.Minute, 50 * time.Minute, 3 * time.Hour, -3 * time.Hour, 400 * 24 * time.Hour}
	shift := packet.Nanos(0)
	for _, p := range mixed {
		if rng.IntN(5000) == 0 {
			shift += packet.Nanos(leaps[rng.IntN(len(leaps))])
		}
		p.Time += shift
		list = append(list, moment{Packet: p})
		for rng.IntN(300) == 0 {
			list = append(list, moment{accuracy.Packet{Time: p.Time + packet.Nanos(rng.IntN(3e9))}, true})
		}
		if rng.IntN(10000) == 0 {
			list = append(list, moment{accuracy.Packet{Time: p.Time + packet.Nanos(leaps[rng.IntN(len(leaps))])}, true})
		}
	}
	return list
}

// TestPressedSessions: limits of all kinds, reached together, with watermarks and clocks that
// leap, show neither Feeds nor restarts.
func TestPressedSessions(t *testing.T) {
	rounds := 4
	if sharedtest.Accept() {
		rounds = 150
	}
	rng := rand.New(rand.NewPCG(13, 14))
	talks, _ := rough(t, 0.01)
	for round := range rounds {
		list, cfg := pressing(t, rng, talks), pressed(rng)
		var parts []stages.Input
		for rest := list; len(rest) > 0; {
			n := min(len(rest), rng.IntN(1+2*len(list)/20))
			parts, rest = append(parts, timeline{rest[:n], 1 + rng.IntN(2000)}), rest[n:]
		}
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Workers = 1 + rng.IntN(4)
		for i := range parts {
			parts[i] = timeline{parts[i].(timeline).list, 1 + rng.IntN(2000)}
		}
		if err := compareFed(want, run, resumed(t, rng, cfg, parts)); err != nil {
			t.Errorf("round %d, %+v: %v", round, cfg, err)
		}
	}
}
