package stages

import (
	"context"
	"math"
	"slices"
	"sync"

	"pcapmill/ingest/packet"
)

// Limits on open flows hold per partition, whatever the number of shards, and are
// set anew at fixed places of the input from what was open there: so which flows
// they end depends on the packets alone.

// interval is the number of packet layers between two divisions.
const interval = 8192

// quotas is what each partition may hold open until the next division; nil is no
// limit, as not even a flow with each layer could exceed the whole.
type quotas *[packet.Partitions]int32

// divider divides the flows that fit into memory over the partitions. Every shard
// calls divide at the same places; the last one to come divides.
//
// First the shards ask with what they hold, flows included that have ended but were
// not looked at since. Where even these fit, as they nearly always do, there are no
// quotas; otherwise the shards end what has ended and ask again.
type divider struct {
	total  int64 // flows; 0: any number
	talks  int64 // bytes that conversations may hold
	shards int

	mu      sync.Mutex
	arrived int
	early   bool
	open    [packet.Partitions]int32
	opened  [packet.Partitions]int32
	held    [packet.Partitions]int64
	round   *division `snapshot:"-"` // nil until the first one asks
}

// division is the outcome of one round.
type division struct {
	done   chan struct{}
	fits   bool
	level  int64  // bytes that conversations of a partition may keep; math.MaxInt64 where all fits
	early  bool   // a shard has sent rows ahead of the next sweep: all are to
	quotas quotas // nil where all fits
}

// divide gives the shards a divider where anything is limited.
func divide(cfg *Config, shards []*shard) {
	if cfg.MaxFlows == 0 && shards[0].table.recorder == nil {
		return
	}
	d := newDivider(cfg.MaxFlows, cfg.Streams.Total, len(shards))
	for _, s := range shards {
		s.divider = d
	}
}

func newDivider(total, talks int64, shards int) *divider {
	return &divider{total: total, talks: talks, shards: shards}
}

// divide hands in a shard's counts by partition: flows open and opened since the last
// division, and bytes that their conversations hold; and whether it has sent rows ahead of the next
// sweep, waits for the others' and returns the round.
func (d *divider) divide(ctx context.Context, shard int, open, opened *[packet.Partitions]int32, held *[packet.Partitions]int64, early bool) (*division, error) {
	d.mu.Lock()
	d.early = d.early || early
	for p := shard; p < packet.Partitions; p += d.shards {
		d.open[p], d.opened[p], d.held[p] = open[p], opened[p], held[p]
	}
	if d.round == nil {
		d.round = &division{done: make(chan struct{})}
	}
	round := d.round
	d.arrived++
	if d.arrived == d.shards {
		round.early = d.early
		d.arrived, d.early, d.round = 0, false, nil
		if round.fits = fits(d.total, &d.open); !round.fits {
			round.quotas = share(d.total, &d.open, &d.opened)
		}
		round.level = level(d.talks, d.held)
		close(round.done)
	}
	d.mu.Unlock()
	select {
	case <-round.done:
		return round, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fits reports whether nothing can exceed the whole until the next division.
func fits(total int64, open *[packet.Partitions]int32) bool {
	all := int64(interval)
	for _, n := range open {
		all += int64(n)
	}
	return total == 0 || all <= total
}

// level returns what conversations of each partition may keep. Where all together hold
// too much, they keep half of the whole: it is a while until they do again.
func level(total int64, held [packet.Partitions]int64) int64 {
	all := int64(0)
	for _, n := range held {
		all += n
	}
	if all <= total {
		return math.MaxInt64
	}
	return waterLevel(total/2, held)
}

// share gives each partition what it needs, that is what it has open and as many
// again as it opened lately, where that fits, and else cuts the neediest down to
// a common level (max-min fairness): a flood between a few hosts does not starve
// the others. What is left over goes to all alike.
func share(total int64, open, opened *[packet.Partitions]int32) quotas {
	var need [packet.Partitions]int64
	var wanted int64
	for p := range need {
		need[p] = int64(open[p]) + int64(opened[p])
		wanted += need[p]
	}
	q := new([packet.Partitions]int32)
	level := total
	if wanted > total {
		level = waterLevel(total, need)
	}
	used := int64(0)
	for p := range need {
		q[p] = int32(min(need[p], level))
		used += int64(q[p])
	}
	spare := max(0, total-used) / packet.Partitions
	for p := range q {
		q[p] = int32(max(1, int64(q[p])+spare))
	}
	return q
}

// waterLevel returns the highest level such that the needs, each cut down to it,
// fit into total.
func waterLevel(total int64, need [packet.Partitions]int64) int64 {
	slices.Sort(need[:])
	left := total
	for i, n := range need {
		if level := left / int64(len(need)-i); n > level {
			return level
		}
		left -= n
	}
	return total
}
