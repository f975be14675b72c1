package stages

import (
	"context"
	"slices"
	"sync"

	"pcapmill/features/flow"
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
type divider struct {
	total  int64
	shards int

	mu      sync.Mutex
	arrived int
	open    [packet.Partitions]int32
	opened  [packet.Partitions]int32
	round   *division
}

// division is the outcome of one round.
type division struct {
	done   chan struct{}
	quotas quotas
}

func newDivider(total int64, shards int) *divider {
	return &divider{total: total, shards: shards, round: &division{done: make(chan struct{})}}
}

// divide hands in a shard's counts, waits for the others' and returns the quotas.
func (d *divider) divide(ctx context.Context, shard int, open, opened *[packet.Partitions]int32) (quotas, error) {
	d.mu.Lock()
	for p := shard; p < packet.Partitions; p += d.shards {
		d.open[p], d.opened[p] = open[p], opened[p]
	}
	round := d.round
	d.arrived++
	if d.arrived == d.shards {
		d.arrived, d.round = 0, &division{done: make(chan struct{})}
		round.quotas = share(d.total, &d.open, &d.opened)
		close(round.done)
	}
	d.mu.Unlock()
	select {
	case <-round.done:
		return round.quotas, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// share gives each partition what it needs, that is what it has open and as many
// again as it opened lately, where that fits, and else cuts the neediest down to
// a common level (max-min fairness): a flood between a few hosts does not starve
// the others. What is left over goes to all alike.
func share(total int64, open, opened *[packet.Partitions]int32) quotas {
	var need [packet.Partitions]int64
	var all, wanted int64
	for p := range need {
		all += int64(open[p])
		need[p] = int64(open[p]) + int64(opened[p])
		wanted += need[p]
	}
	if all+interval <= total {
		return nil
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

// limit applies new quotas at a place of the input.
func (t *flowTable) limit(q quotas, clock packet.Nanos) {
	t.quotas = q
	t.opened = [packet.Partitions]int32{}
	if q == nil {
		return // the queues stay: building them looks at every flow
	}
	t.queueIdle()
	for p := range t.openIn {
		for t.openIn[p] > q[p] {
			t.evict(uint8(p), clock)
		}
	}
}

// queueIdle files all open flows by the time they have been idle.
func (t *flowTable) queueIdle() {
	if t.idle != nil {
		return
	}
	t.idle = new([packet.Partitions]idleQueue)
	for _, b := range t.buckets.slots {
		if b.id != 0 {
			id := b.id - 1
			m := t.arena.metaOf(id)
			t.idle[m.partition].push(entryOf(t.arena.row(id), id, m.life))
		}
	}
}

// makeRoom ends flows of a partition until it may open another one.
func (t *flowTable) makeRoom(p uint8, clock packet.Nanos) {
	for t.openIn[p] >= t.quotas[p] {
		t.evict(p, clock)
	}
}

// evict ends the flow of a partition that has been idle longest. One that has
// ended before is found by that too, and ends as it would have at a sweep.
func (t *flowTable) evict(p uint8, clock packet.Nanos) {
	q := &t.idle[p]
	for {
		e := &(*q)[0]
		m := t.arena.metaOf(e.id)
		if !m.open || m.life != e.life {
			q.pop()
			continue
		}
		r := t.arena.row(e.id)
		if now := entryOf(r, e.id, e.life); e.before(&now) {
			*e = now
			q.sink(0)
			continue
		}
		id := e.id
		q.pop()
		if deadline, why := t.deadline(r); clock > deadline {
			t.end(id, why, deadline)
			return
		}
		t.end(id, flow.EndEvicted, clock)
		t.evicted++
		return
	}
}

// queueOpened files a flow that has just begun, and clears out a queue that holds
// more ended flows than open ones.
func (t *flowTable) queueOpened(r *flow.Row, id uint32, m *rowMeta) {
	q := &t.idle[m.partition]
	q.push(entryOf(r, id, m.life))
	if len(*q) < 2*int(t.openIn[m.partition])+64 {
		return
	}
	kept := idleQueue{}
	for _, e := range *q {
		if m := t.arena.metaOf(e.id); m.open && m.life == e.life {
			kept.push(e)
		}
	}
	*q = kept
}
