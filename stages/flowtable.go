package stages

import (
	"math"
	"time"

	"pcapmill/features/flow"
	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// flowTable holds the open flows of one shard and those that have ended but may
// still be preceded by others in the table's order.
type flowTable struct {
	timeouts Timeouts
	soonest  int64 // no flow ends sooner after its last packet, in ns
	active   int64 // longest piece, in ns
	policy   connstate.Policy
	options  *flow.Options `snapshot:"-"`
	arena    arena
	buckets  buckets
	wheel    wheel
	started  bool         // the wheel has a time
	swept    int64        // tick of the last sweep
	grouped  []packet.Ref `snapshot:"-"` // memory of group
	epoch    int32
	first    int64         // number of the epoch's first packet
	touched  uint64        // keeps the loads of fetch alive
	tunnels  uint32        // bits of tunnel identifiers that keep flows apart: all or none
	reports  []layerReport // about tunnels, not sent yet
	names    []nameReport  // not sent yet
	pending  endedRows     // sorted by settle
	taken    int           // so many of them are sent
	ready    int           // so many rows after that can be sent
	home     returns       // rows that the sequencer is done with
	upTo     order

	place     int64        // rank of what is closed now
	clock     packet.Nanos // of the last packet
	crowdRows int          // ended rows that may wait
	crowd     int          // pending rows that are worth sending ahead of the next sweep
	quotas    quotas
	pressure  *pressure
	openIn    [packet.Partitions]int32 // open flows
	opened    [packet.Partitions]int32 // flows opened since the last division
	evicted   int64
	recorder  *recorder // nil: no records are wanted
	unknown   *notes    // of packets that nobody claims; nil: they are not wanted
}

func newFlowTable(cfg *Config, extras bool) *flowTable {
	t := &flowTable{timeouts: cfg.Timeouts, options: &cfg.Flow, buckets: newBuckets(), tunnels: tunnelBits(cfg)}
	t.soonest, t.active = int64(t.shortestIdle()), int64(cfg.Timeouts.Active)
	if cfg.Timeouts.Zeek || t.active == 0 {
		t.active = math.MaxInt64
	}
	t.policy.VerifyChecksums = cfg.Timeouts.Zeek && cfg.Checksums
	first := 0
	if extras {
		first = cfg.First
	}
	t.arena = newArena(cfg.MaxFlows, cfg.Workers, first)
	t.crowdRows = max(leastCrowd, crowdRows/cfg.Workers)
	t.crowd = t.crowdRows
	t.begin(0, 0)
	return t
}

// crowdRows is the number of ended rows of all shards that may wait before they are
// sent ahead of the next sweep, of each at least leastCrowd. When they are sent
// changes no table.
const (
	crowdRows  = 4096
	leastCrowd = 2 * chunkRows
)

// begin starts an epoch: a stretch of input without flow state before it, from
// the packet of the given number on.
func (t *flowTable) begin(epoch int32, first int64) {
	t.epoch, t.first = epoch, first
	t.started, t.swept = false, math.MinInt64
	t.upTo = instant(epoch, packet.NoTime)
	t.pressure.begin()
}

// packets counts a block's packets and returns those that it leaves over when it
// gets crowded.
func (t *flowTable) packets(b *packet.Block, list []packet.Ref) (left []packet.Ref) {
	if len(list) > 0 && !t.started {
		t.wheel.reset(b.Views[list[0].View].Clock)
		t.started = true
	}
	for len(list) > 0 && !t.crowded() {
		some := list[:min(len(list), t.together(b))]
		last := some[len(some)-1].View
		if len(some) > lookAhead {
			t.handle(b, t.group(some))
		} else {
			t.handle(b, some)
		}
		t.clock, t.place = b.Views[last].Clock, placeOf(b.FirstView+int64(last))
		list = list[len(some):]
	}
	return list
}

// handle counts packets in the order given.
func (t *flowTable) handle(b *packet.Block, list []packet.Ref) {
	for len(list) > 0 {
		n := min(len(list), lookAhead)
		t.fetch(b, list[:n])
		for _, ref := range list[:n] {
			v := &b.Views[ref.View]
			t.place = placeOf(b.FirstView + int64(ref.View))
			id := t.packet(b, v, ref.Hash)
			if t.recorder != nil {
				t.recorder.packet(t, b, v, id, b.FirstView+int64(ref.View))
			}
			if t.unknown != nil && !t.recognised(id) {
				t.unknown.unclaimed(b, v, b.FirstView+int64(ref.View))
			}
			if v.Depth > 0 || v.Link&packet.LinkCarries != 0 {
				t.layer(b, ref.View, id)
			}
		}
		list = list[n:]
	}
}

// recognised reports whether it is known by now what a flow speaks.
func (t *flowTable) recognised(id uint32) bool {
	return t.recorder != nil && t.arena.heardOf(id).app >= appFirst
}

// packet files one packet under its flow, beginning one where there is none and
// ending one where the packet shows that it has ended.
func (t *flowTable) packet(b *packet.Block, v *packet.View, hash uint32) uint32 {
	id, dir, ok := t.find(v, hash)
	if ok {
		r := t.arena.row(id)
		switch end, at := t.endedBefore(r, v, dir); {
		case end == flow.EndNone:
		case end == flow.EndActive:
			before := r.StartClock
			t.cut(id, at)
			t.start(r, b, v, before)
		default:
			before := r.StartClock
			t.end(id, end, at)
			id, dir = t.open(b, v, hash, before)
		}
	} else {
		id, dir = t.open(b, v, hash, packet.NoTime)
	}
	t.observe(b, v, id, dir)
	return id
}

// endedBefore reports whether the flow of r has ended, or its piece must be cut,
// before packet v, and at which instant.
func (t *flowTable) endedBefore(r *flow.Row, v *packet.View, dir int) (flow.EndReason, packet.Nanos) {
	if v.Clock-r.LastClock <= t.soonest && v.Clock-r.StartClock <= t.active && v.TCPFlags&packet.SYN == 0 && !r.Full(dir) {
		return flow.EndNone, 0 // the common case: no rule below can apply
	}
	if deadline, why := t.deadline(r); v.Clock > deadline {
		return why, deadline
	}
	if v.TCPFlags&packet.SYN != 0 && r.Conn.NewConnection(v) && !begunBy(r, v) {
		return flow.EndReused, v.Clock
	}
	if v.Clock-r.StartClock > t.active || r.Full(dir) {
		return flow.EndActive, v.Clock
	}
	return flow.EndNone, 0
}

// deadline returns the instant after which the flow has ended if no packet
// comes, and why it then has. The flow has ended iff the clock is past it: the
// same test at its next packet, at a sweep and at the end of input.
func (t *flowTable) deadline(r *flow.Row) (packet.Nanos, flow.EndReason) {
	if t.timeouts.Zeek {
		at, end := r.Conn.Deadline(&zeekTimers, r.StartClock)
		return at - 1, zeekReasons[end]
	}
	idle, why := t.timeouts.OtherIdle, flow.EndIdle
	switch {
	case r.Key.Protocol == packet.ProtoTCP:
		idle = t.timeouts.TCPIdle
		if closed, end := closedBy(&r.Conn); closed {
			idle, why = t.timeouts.TCPClosed, end
		}
	case r.Key.Protocol == packet.ProtoUDP:
		idle = t.timeouts.UDPIdle
	}
	return after(r.LastClock, idle), why
}

// zeekReasons maps the timers that end connections under Zeek's rules.
var zeekReasons = [...]flow.EndReason{
	connstate.EndNever: flow.EndIdle, connstate.EndAttempt: flow.EndIdle, connstate.EndInactive: flow.EndIdle,
	connstate.EndLinger: flow.EndClosed, connstate.EndClosed: flow.EndClosed, connstate.EndReset: flow.EndReset,
}

// closedBy reports whether a TCP connection has closed, and how.
func closedBy(c *connstate.State) (bool, flow.EndReason) {
	if _, complete := c.Complete(); !complete {
		return false, flow.EndNone
	}
	switch c.ConnState() {
	case connstate.REJ, connstate.RSTO, connstate.RSTR, connstate.RSTOS0, connstate.RSTRH:
		return true, flow.EndReset
	}
	return true, flow.EndClosed
}

// after returns t+d without overflow.
func after(t packet.Nanos, d time.Duration) packet.Nanos {
	if t > math.MaxInt64-int64(d) {
		return math.MaxInt64
	}
	return t + int64(d)
}

// open begins a flow with packet v. before is the StartClock of the key's flow that
// v has just ended, packet.NoTime if none.
func (t *flowTable) open(b *packet.Block, v *packet.View, hash uint32, before packet.Nanos) (id uint32, dir int) {
	p := v.Partition()
	if t.quotas != nil {
		t.makeRoom(p, v.Clock)
	}
	id = t.alloc()
	r := t.arena.row(id)
	*r = flow.Row{} // with a field in it, it would be made elsewhere and copied
	r.Epoch = t.epoch
	dir = t.orient(r, v)
	t.start(r, b, v, t.pressure.before(p, v.Clock, before))
	r.ConnStart, r.ConnRepeat = r.StartTime, r.Repeat
	if t.arena.first > 0 {
		t.arena.extra(id).Clear()
	}
	t.buckets.insert(hash, id)
	m := t.arena.metaOf(id)
	*m = rowMeta{hash: hash, life: m.life + 1, due: math.MaxInt64, open: true, partition: p}
	if t.arena.hears {
		*t.arena.heardOf(id) = heard{}
	}
	t.openIn[p]++
	t.opened[p]++
	if t.pressure != nil {
		t.pressure.add(t, id)
	}
	return id, dir
}

// alloc returns the number of an unused Row, of those that came back where there are
// any.
func (t *flowTable) alloc() uint32 {
	if len(t.arena.unused) == 0 {
		t.home.free(&t.arena)
	}
	return t.arena.alloc()
}

// start notes where a flow or piece begins. Flows of one key that begin at
// different clocks, each with a packet whose time is the clock, have different
// start times. Any other may share them with one that is sent and forgotten: the
// packet's number keeps the two apart, whatever the number of files.
func (t *flowTable) start(r *flow.Row, b *packet.Block, v *packet.View, before packet.Nanos) {
	origin := b.OriginOfView(v)
	r.Capture, r.FirstIndex = origin.Input, origin.Index
	r.Begin(v)
	if v.Time != v.Clock || v.Clock == before {
		r.Repeat = 1<<31 | uint32(v.Ordinal-t.first)
	}
}

func (t *flowTable) shortestIdle() time.Duration {
	if t.timeouts.Zeek {
		return 0
	}
	return min(t.timeouts.TCPIdle, t.timeouts.TCPClosed, t.timeouts.UDPIdle, t.timeouts.OtherIdle)
}

// observe counts the packet and sees to it that the wheel looks at the flow in
// time.
func (t *flowTable) observe(b *packet.Block, v *packet.View, id uint32, dir int) {
	r := t.arena.row(id)
	first := !r.Begun()
	_, closed := r.Conn.Complete()
	if v.IsFragment() && begunBy(r, v) && t.judgePorts(r, v) {
		t.flip(r, id)
		dir = 1 - dir
	}
	if r.Conn.Packet(v, connstate.Side(dir), t.policy)&connstate.Flipped != 0 {
		t.flip(r, id)
		if r.Evidence = flow.EvidenceSYN; v.TCPFlags&packet.SYN == 0 {
			r.Evidence = flow.EvidenceSYNACK
		}
		dir = 1 - dir
	}
	if t.arena.first > 0 {
		t.arena.extra(id).Observe(r, v, dir)
	}
	r.Observe(b, v, dir, t.options)
	if _, now := r.Conn.Complete(); first || now != closed || t.timeouts.Zeek {
		t.file(id, r)
	}
}

// flip exchanges initiator and responder.
func (t *flowTable) flip(r *flow.Row, id uint32) {
	r.Flip()
	if t.arena.first > 0 {
		t.arena.extra(id).Flip()
	}
}

// begunBy reports whether all packets of a TCP flow are fragments of the datagram that v has completed,
// which come before it and have no header: it is with v that the connection begins.
func begunBy(r *flow.Row, v *packet.View) bool {
	return v.IsFragment() && v.L4Len >= 20 && r.Begun() && v.Clock == r.StartClock && r.Conn.Blank()
}

// file files a flow under its present deadline, unless it is looked at before that
// anyway: in the wheel, or in a heap once memory is short.
func (t *flowTable) file(id uint32, r *flow.Row) {
	deadline, _ := t.deadline(r)
	if t.pressure != nil {
		t.pressure.addDeadline(t, id, deadline)
		return
	}
	m := t.arena.metaOf(id)
	if due := t.wheel.due(deadline); due < m.due {
		m.due = due
		t.wheel.file(id, due)
	}
}

// cut ends the flow's piece at the instant at and begins the next one, which
// keeps the number, so that buckets and wheel stay as they are.
func (t *flowTable) cut(id uint32, at packet.Nanos) {
	done := t.alloc()
	r := t.arena.row(id)
	*t.arena.row(done) = *r
	if t.arena.first > 0 {
		t.arena.extra(done).CopyFrom(t.arena.extra(id))
		t.arena.extra(id).Clear()
	}
	if t.recorder != nil {
		*t.arena.app(done) = t.recorder.cut(t.arena.heardOf(id), r)
	}
	m := t.arena.metaOf(done)
	*m = rowMeta{life: m.life}
	t.finish(done, flow.EndActive, at, t.place)
	r.NextPiece()
}

// end takes a flow out of the table.
func (t *flowTable) end(id uint32, why flow.EndReason, at packet.Nanos) {
	m := t.arena.metaOf(id)
	t.buckets.remove(m.hash, id)
	m.open = false
	t.openIn[m.partition]--
	rank := int64(byTimeout)
	if why == flow.EndReused || why == flow.EndEvicted {
		rank = t.place
	}
	t.finish(id, why, at, rank)
}

// finish marks a row as ended and lets it wait for its turn.
func (t *flowTable) finish(id uint32, why flow.EndReason, at packet.Nanos, rank int64) {
	r := t.arena.row(id)
	r.End, r.Close = why, at
	if t.recorder != nil && why != flow.EndActive {
		*t.arena.app(id) = t.recorder.ended(t.arena.heardOf(id), r)
	}
	t.pending.rows = append(t.pending.rows, ended{orderOf(r, rank), id})
}

// sweep ends the flows whose deadline the clock has passed and makes the ended
// rows ready that nothing later can precede. It reports false where the clock is
// still in the tick of the sweep before. Whether it sweeps depends on the clock
// alone: a shard without flows must say so too, as the sequencer waits for it.
func (t *flowTable) sweep(clock packet.Nanos) bool {
	if tickOf(clock) <= t.swept {
		return false
	}
	t.swept = tickOf(clock)
	switch {
	case t.pressure != nil:
		t.endDue(clock)
	case t.started:
		t.wheel.turn(clock, t.fetchDue, func(e wheelEntry) { t.look(e, clock) })
	}
	t.settle(instant(t.epoch, tickOf(clock)*tickNanos))
	return true
}

// look ends a flow that the wheel came to, or files it again.
func (t *flowTable) look(e wheelEntry, clock packet.Nanos) {
	m := t.arena.metaOf(e.id)
	if !m.filedAt(e.tick) {
		return // ended, or filed anew
	}
	r := t.arena.row(e.id)
	if deadline, why := t.deadline(r); clock > deadline {
		t.end(e.id, why, deadline)
		return
	}
	m.due = math.MaxInt64
	t.file(e.id, r)
}

// endAll ends every flow, as the input has ended at the given clock.
func (t *flowTable) endAll(clock packet.Nanos) {
	for i := range t.buckets.slots {
		b := t.buckets.slots[i]
		if b.id == 0 {
			continue
		}
		t.buckets.slots[i] = bucket{}
		id := b.id - 1
		t.arena.metaOf(id).open = false
		deadline, why := t.deadline(t.arena.row(id))
		rank := int64(byTimeout)
		if clock <= deadline {
			deadline, rank = clock, atEnd
			if why == flow.EndIdle {
				why = flow.EndCapture
			}
		}
		t.finish(id, why, deadline, rank)
	}
	t.buckets.used, t.buckets.recent = 0, [recentFlows]bucket{}
	t.openIn = [packet.Partitions]int32{}
	t.settle(instant(t.epoch+1, packet.NoTime))
}
