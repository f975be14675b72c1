package stages

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

// chunk is a stretch of a shard's ended flows, in order. All later rows of the
// shard come at or after upTo, also where the chunk is empty. The rows stay where
// they are in the shard's arena; the sequencer reads them and then hands their
// numbers back.
type chunk struct {
	rows    []endedRow
	shard   int
	last    bool // nothing follows in this Feed; all else is empty
	upTo    order
	home    *returns
	reports []layerReport
	names   []nameReport
}

// endedRow is a row on its way to the sequencer.
type endedRow struct {
	at    order
	row   *flow.Row
	extra *flow.Extra // nil where no group needs it
	app   *flow.App   // nil where its messages say nothing, or nobody asked
	id    uint32
}

// returns collects the numbers of rows that the sequencer is done with, and what they
// said. It is locked once a chunk, not once a packet.
type returns struct {
	mu    sync.Mutex
	ids   []uint32
	apps  []*flow.App  `snapshot:"-"`
	lists [][]endedRow `snapshot:"-"` // emptied, for new chunks
}

// give takes a chunk's rows back.
func (r *returns) give(rows []endedRow) {
	r.mu.Lock()
	for i := range rows {
		r.ids = append(r.ids, rows[i].id)
		if app := rows[i].app; app != nil {
			r.apps = append(r.apps, app)
			rows[i].app = nil
		}
	}
	r.lists = append(r.lists, rows[:0])
	r.mu.Unlock()
}

// free frees the rows that came back.
func (r *returns) free(a *arena) {
	r.mu.Lock()
	a.free(r.ids)
	for _, app := range r.apps {
		a.said.Put(app)
	}
	clear(r.apps)
	r.ids, r.apps = r.ids[:0], r.apps[:0]
	r.mu.Unlock()
}

// collect frees the rows that came back and returns an empty list for a chunk.
func (r *returns) collect(a *arena) []endedRow {
	r.free(a)
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.lists); n > 0 {
		list := r.lists[n-1]
		r.lists = r.lists[:n-1]
		return list
	}
	return make([]endedRow, 0, chunkRows)
}

// shard handles the packets of its partitions and owns their flows.
type shard struct {
	wires  *wires `snapshot:"-"` // nil at rest
	number int
	table  *flowTable
	clock  packet.Nanos
	epoch  int32

	alone   bool // it is the only one
	divider *divider
	notes   *notes    // nil: nothing is written down
	next    int64     // position of the next division
	early   bool      // rows were sent ahead of the next sweep since the last one
	windows host.Grid // at whose ends the sequencer must know how far it is; zero: it need not
	window  int64     // of the last sweep
	shown   int       // open flows that progress knows of
}

func newShard(number int, cfg *Config, extras bool) *shard {
	return &shard{number: number, alone: cfg.Workers == 1, table: newFlowTable(cfg, extras), next: interval}
}

// show tells progress how many flows are open: once a block, not once a packet.
func (s *shard) show() {
	if open := s.table.buckets.used; open != s.shown {
		s.wires.progress.Live.Add(int64(open - s.shown))
		s.shown = open
	}
}

func (s *shard) run(ctx context.Context) error {
	for b := range s.wires.blocks[s.number] {
		if err := s.take(ctx, b); err != nil {
			return err
		}
	}
	return s.finish(ctx)
}

// take handles a block and gives it back.
func (s *shard) take(ctx context.Context, b *packet.Block) error {
	if int32(b.Epoch) != s.epoch {
		s.epoch = int32(b.Epoch)
		s.table.begin(s.epoch, b.FirstOrdinal)
	}
	if s.notes != nil {
		s.notes.outside += len(b.Outsiders)
		if s.number == 0 {
			s.notes.outsiders(b)
		}
	}
	err := s.block(ctx, b)
	s.clock = b.Clock
	ends := b.EndOfEpoch
	b.Release()
	if err != nil {
		return err
	}
	if err := s.deliver(ctx, false); err != nil {
		return err
	}
	return s.advance(ctx, ends)
}

// finish hands on what there is after the last block of a Feed: at the end of the run, of
// which all flows end, everything, else what nothing later can precede.
func (s *shard) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.finishFlows(ctx); err != nil {
		return err
	}
	if err := s.deliver(ctx, true); err != nil {
		return err
	}
	return s.put(ctx, chunk{shard: s.number, last: true})
}

func (s *shard) finishFlows(ctx context.Context) error {
	if s.wires.ending {
		return s.advance(ctx, true)
	}
	s.show()
	return s.send(ctx, false)
}

// rest forgets what belongs to a Feed.
func (s *shard) rest() {
	if rc := s.table.recorder; rc != nil {
		rc.listener, rc.p = listener{rc: rc}, record.Packet{}
	}
}

// unwritten adds the packets of flows that have no row yet.
func (s *shard) unwritten(sum *packet.Tally) {
	a := &s.table.arena
	for at, rows := range a.rows {
		if s.table.buckets.used == 0 {
			break
		}
		for i := range rows {
			if a.meta[at][i].open {
				addPackets(sum, &rows[i])
			}
		}
	}
	for _, e := range s.table.pending.rows {
		addPackets(sum, a.row(e.id))
	}
}

// put hands a chunk to the sequencer.
func (s *shard) put(ctx context.Context, c chunk) error {
	select {
	case s.wires.chunks <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// block files a block's packets, and divides the memory where its time has come.
func (s *shard) block(ctx context.Context, b *packet.Block) error {
	list := b.Lists[s.number]
	for end := b.FirstView + int64(len(b.Views)); s.divider != nil && s.next <= end; s.next += interval {
		n, _ := slices.BinarySearchFunc(list, uint32(s.next-b.FirstView), func(r packet.Ref, view uint32) int { return cmp.Compare(r.View, view) })
		if err := s.file(ctx, b, list[:n]); err != nil {
			return err
		}
		list = list[n:]
		if err := s.divide(ctx, b.Views[s.next-1-b.FirstView].Clock); err != nil {
			return err
		}
	}
	return s.file(ctx, b, list)
}

// divide sets new quotas at the position next. The clock is that of the packet
// before it. Where one shard sends rows ahead of the next sweep, all say here how far
// they are: the rows of one wait for the others, and these may have no packets.
func (s *shard) divide(ctx context.Context, clock packet.Nanos) error {
	t := s.table
	round, err := s.divider.divide(ctx, s.number, &t.openIn, &t.opened, t.held(), s.early)
	if err == nil && (!round.fits || round.level < math.MaxInt64) {
		t.endDue(clock) // what counts as open must not depend on when was swept
		round, err = s.divider.divide(ctx, s.number, &t.openIn, &t.opened, t.held(), s.early)
	}
	if err != nil {
		return err
	}
	t.place, t.clock = between(s.next), clock
	t.limit(round.quotas, clock)
	if t.recorder != nil {
		t.recorder.limit(t, round.level)
	}
	t.home.free(&t.arena)
	t.arena.shrink()
	if s.early = false; !round.early {
		return nil
	}
	t.settleNow()
	return s.send(ctx, false)
}

// file hands packets to the flow table and sends ended rows early where many wait.
func (s *shard) file(ctx context.Context, b *packet.Block, list []packet.Ref) error {
	for {
		list = s.table.packets(b, list)
		if !s.table.crowded() {
			return nil
		}
		s.table.settleNow()
		s.early = true
		if err := s.send(ctx, false); err != nil {
			return err
		}
	}
}

// advance ends what the clock has ended, all flows at the end of an epoch, and
// sends the rows that nothing later can precede.
func (s *shard) advance(ctx context.Context, end bool) error {
	if end {
		s.table.endAll(s.clock)
	} else if !s.table.sweep(s.clock) {
		s.show()
		return nil
	}
	s.show()
	if s.alone && !end && s.table.ready < chunkRows && len(s.table.names) < namesAhead/2 && !s.turned() {
		return nil // nobody waits for these
	}
	return s.send(ctx, end)
}

// turned reports whether the clock is in another window than at the last time.
func (s *shard) turned() bool {
	if s.windows.Length == 0 {
		return false
	}
	before := s.window
	s.window = s.windows.Of(s.clock)
	return s.window != before
}

// send sends what is ready.
func (s *shard) send(ctx context.Context, end bool) error {
	for {
		c, more := s.table.take()
		c.shard = s.number
		if end && !more {
			c.upTo = instant(s.epoch+1, packet.NoTime)
		}
		if err := s.put(ctx, c); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}
