package stages

import (
	"math"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// pressure is what a flow table needs to know of its flows once memory is short:
// who has been idle longest, and who has ended by now, to the nanosecond and not
// to the wheel's tick. Until then there is none; from then on there is no wheel,
// which keeps the numbers of flows that were evicted until they would have ended.
type pressure struct {
	idle   [packet.Partitions]lazyHeap     // by the last packet
	expiry [packet.Partitions]lazyHeap     // by the deadline
	brief  [packet.Partitions]packet.Nanos // clock at which a flow last began and was evicted; packet.NoTime: none was
}

// underPressure builds what is needed, from all open flows, the first time.
func (t *flowTable) underPressure() *pressure {
	if t.pressure == nil {
		t.pressure = &pressure{}
		t.pressure.begin()
		t.wheel.drop()
		for _, b := range t.buckets.slots {
			if b.id == 0 {
				continue
			}
			id := b.id - 1
			t.pressure.add(t, id)
			t.arena.metaOf(id).due = math.MaxInt64
			deadline, _ := t.deadline(t.arena.row(id))
			t.pressure.addDeadline(t, id, deadline)
		}
	}
	return t.pressure
}

// begin begins an epoch, whose clock starts anew.
func (p *pressure) begin() {
	if p == nil {
		return
	}
	for partition := range p.brief {
		p.brief[partition] = packet.NoTime
	}
}

// before returns the StartClock of a flow of the key that is to begin at a clock, or of one that
// the clock may have seen begin and end; else the given one.
func (p *pressure) before(partition uint8, clock, known packet.Nanos) packet.Nanos {
	if p != nil && p.brief[partition] == clock {
		return clock
	}
	return known
}

// add files an open flow by its last packet.
func (p *pressure) add(t *flowTable, id uint32) {
	r, m := t.arena.row(id), t.arena.metaOf(id)
	p.idle[m.partition].push(lazyEntry{r.LastClock, r.LastOrdinal, id, m.life, r.Key.Depth})
	p.tidy(t, m.partition)
}

// addDeadline files an open flow under its present deadline where that has come
// nearer than the one it is filed under; the entry of that one counts no more.
func (p *pressure) addDeadline(t *flowTable, id uint32, deadline packet.Nanos) {
	m := t.arena.metaOf(id)
	if deadline >= m.due {
		return
	}
	m.due = deadline
	p.expiry[m.partition].push(lazyEntry{at: deadline, id: id, life: m.life})
	p.tidy(t, m.partition)
}

// tidy clears out heaps of which half the entries, and more than a few, count no
// more.
func (p *pressure) tidy(t *flowTable, partition uint8) {
	most := 2*int(t.openIn[partition]) + 64
	if q := &p.idle[partition]; len(*q) > most {
		q.keep(t.alive)
	}
	if q := &p.expiry[partition]; len(*q) > most {
		q.keep(t.filed)
	}
}

// trim leaves the entries that count, where the others or room for more take much. They come and go with
// bursts, and with the waves of flows that are cut at an age: heaps would come to be of twice their entries, and room
// for as many.
func (p *pressure) trim(t *flowTable) {
	if p == nil {
		return
	}
	for partition := range p.idle {
		p.idle[partition].trim(t.alive)
		p.expiry[partition].trim(t.filed)
	}
}

// filed reports whether an entry is the one under which an open flow is filed.
func (t *flowTable) filed(e *lazyEntry) bool { return t.alive(e) && t.arena.metaOf(e.id).due == e.at }

// alive reports whether the flow that an entry is about is open still.
func (t *flowTable) alive(e *lazyEntry) bool {
	m := t.arena.metaOf(e.id)
	return m.open && m.life == e.life
}

// next returns the deadline that comes first in a partition, false without flows.
func (p *pressure) next(t *flowTable, partition uint8) (id uint32, at packet.Nanos, why flow.EndReason, ok bool) {
	q := &p.expiry[partition]
	for len(*q) > 0 {
		e := &(*q)[0]
		if !t.filed(e) {
			q.pop()
			continue
		}
		deadline, why := t.deadline(t.arena.row(e.id))
		if deadline == e.at {
			return e.id, deadline, why, true
		}
		e.at, t.arena.metaOf(e.id).due = deadline, deadline
		q.sink(0)
	}
	return 0, 0, 0, false
}

// expire ends the flows of a partition that have ended by the clock, and reports
// whether one of the others ends at the very clock.
func (p *pressure) expire(t *flowTable, partition uint8, clock packet.Nanos) (atClock bool) {
	for {
		id, at, why, ok := p.next(t, partition)
		if !ok || at >= clock {
			return ok && at == clock
		}
		t.end(id, why, at)
	}
}

// evict ends the flow of a partition that has been idle longest.
func (p *pressure) evict(t *flowTable, partition uint8, clock packet.Nanos) {
	q := &p.idle[partition]
	for {
		e := &(*q)[0]
		if !t.alive(e) {
			q.pop()
			continue
		}
		r := t.arena.row(e.id)
		now := lazyEntry{r.LastClock, r.LastOrdinal, e.id, e.life, r.Key.Depth}
		if e.before(&now) {
			*e = now
			q.sink(0)
			continue
		}
		if r.StartClock == clock {
			p.brief[partition] = clock
		}
		id := e.id
		q.pop()
		t.end(id, flow.EndEvicted, clock)
		t.evicted++
		return
	}
}

// limit applies new quotas at a place of the input.
func (t *flowTable) limit(q quotas, clock packet.Nanos) {
	t.quotas = q
	t.opened = [packet.Partitions]int32{}
	if q == nil {
		return
	}
	p := t.underPressure()
	for partition := range t.openIn {
		for t.openIn[partition] > q[partition] {
			p.evict(t, uint8(partition), clock)
		}
	}
}

// makeRoom ends flows of a partition until it may open another one.
func (t *flowTable) makeRoom(partition uint8, clock packet.Nanos) {
	if t.openIn[partition] < t.quotas[partition] {
		return
	}
	t.pressure.expire(t, partition, clock)
	for t.openIn[partition] >= t.quotas[partition] {
		t.pressure.evict(t, partition, clock)
	}
}

// endDue ends all flows that have ended by the clock, those too whose tick of the
// wheel is not over.
func (t *flowTable) endDue(clock packet.Nanos) (atClock bool) {
	if t.pressure != nil {
		for partition := range t.openIn {
			if t.openIn[partition] > 0 && t.pressure.expire(t, uint8(partition), clock) {
				atClock = true
			}
		}
		return atClock
	}
	if !t.started {
		return false
	}
	t.wheel.turn(clock, t.fetchDue, func(e wheelEntry) { t.look(e, clock) })
	for _, e := range t.wheel.slots[(t.wheel.now+1)&(wheelTicks-1)] {
		m := t.arena.metaOf(e.id)
		if !m.filedAt(e.tick) {
			continue
		}
		switch deadline, why := t.deadline(t.arena.row(e.id)); {
		case deadline < clock:
			t.end(e.id, why, deadline)
		case deadline == clock:
			atClock = true
		}
	}
	return atClock
}

// crowded reports whether enough ended rows or names wait to send some ahead of time.
func (t *flowTable) crowded() bool {
	return len(t.pending.rows) >= t.crowd || len(t.names) >= namesAhead
}

// settleNow makes those ended rows ready that nothing later can precede, in the
// middle of a tick: all that close before the clock, and those that packets have
// closed at the clock unless a timeout may yet close one there. When it is called
// changes no table.
func (t *flowTable) settleNow() {
	t.underPressure()
	upTo := order{epoch: t.epoch, close: t.clock, rank: t.place + 1}
	if atClock := t.endDue(t.clock); atClock || t.soonest == 0 {
		upTo = instant(t.epoch, t.clock)
	}
	t.settle(upTo)
	t.crowd = len(t.pending.rows) - t.ready + t.crowdRows
}
