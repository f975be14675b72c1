package host_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

// BenchmarkPackets counts packets of 600 pairs at a time, which follow one another as
// flows do.
func BenchmarkPackets(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	type pair struct{ src, dst packet.View }
	fresh := func() pair {
		v := sent(0, fmt.Sprintf("10.%d.%d.%d", rng.IntN(4), rng.IntN(256), rng.IntN(256)), fmt.Sprintf("192.0.%d.%d", rng.IntN(16), rng.IntN(256)), 500)
		v.Hash = uint16(rng.Uint32())
		w := v
		w.Src, w.Dst = v.Dst, v.Src
		return pair{v, w}
	}
	pairs := make([]pair, 600)
	for i := range pairs {
		pairs[i] = fresh()
	}
	views := make([]packet.View, 1<<18)
	for i := range views {
		at := rng.IntN(len(pairs))
		if rng.IntN(15) == 0 {
			pairs[at] = fresh()
		}
		if views[i] = pairs[at].src; rng.IntN(2) == 0 {
			views[i] = pairs[at].dst
		}
		views[i].Clock = packet.Nanos(i) * 500_000
	}
	grid, err := host.NewGrid(10 * time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p := host.NewPackets(grid, host.HashKey{0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f}, 1<<20, 1<<20)
		for rest := views; len(rest) > 0; {
			n := min(len(rest), 512)
			p.Add(rest[:n])
			rest = rest[n:]
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(views)), "ns/packet")
}
