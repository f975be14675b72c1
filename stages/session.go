package stages

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"pcapmill/features/batch"
	"pcapmill/features/flow"
	"pcapmill/features/record"
)

// Session is a run whose inputs come bit by bit. Each Feed reads some, writes all rows that
// nothing later can precede, and comes to rest: no goroutine is left, and what is open
// waits in memory. How a run is cut into Feeds changes no table: the rows of all, one after
// the other, are those of one Run over all inputs.
//
//   - What the window for reordering holds stays there, as a packet that comes later may
//     belong before it; so does a block with a packet that must be judged by those after it.
//   - Flows, conversations, windows and datagrams in fragments stay open.
//   - Rows that have ended, but may still be preceded by others, wait.
//   - With Merge, the inputs of one Feed are merged by time, not with those of another.
//
// A Session belongs to one goroutine.
type Session struct {
	cfg     Config      `snapshot:"-"`
	table   *flow.Table `snapshot:"-"`
	pool    *blockPool
	shards  []*shard
	records *recordMerger // nil: none are wanted
	feeder  *feeder
	hosts   *hostBook // nil: nobody wants windows of hosts
	seq     *sequencer
	sums    Result // as of the last Feed
	over    error  `snapshot:"-"` // why nothing can be fed any more
}

// ErrOver is a Session that has been finished.
var ErrOver = errors.New("the session is over")

// NewSession returns a Session that has read nothing yet.
func NewSession(cfg Config) (*Session, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Session{cfg: cfg, pool: newBlockPool(poolBlocks+restBlocks, blockBytes, cfg.Workers)}
	var err error
	if s.table, err = flow.NewTable(cfg.Features, cfg.Addresses); err != nil {
		return nil, err
	}
	s.table.Names = record.ParserNames()
	for i := range cfg.Workers {
		s.shards = append(s.shards, newShard(i, &s.cfg, s.table.Extras))
	}
	if s.records, err = newRecords(&s.cfg, s.shards); err != nil {
		return nil, err
	}
	divide(&s.cfg, s.shards)
	s.feeder = newFeeder(&s.cfg, s.pool)
	s.feeder.slots = newSlots(&s.cfg)
	if s.hosts, err = newHostBook(&s.cfg); err != nil {
		return nil, err
	}
	if cfg.Workers == 1 { // packets stay in the caches of one processor
		s.feeder.alone = s.shards[0]
		if s.hosts != nil {
			s.feeder.hosts, s.shards[0].windows = s.hosts.lane, s.hosts.ends
		}
	}
	s.seq = newSequencer(cfg.Workers, s.table)
	s.seq.hears, s.seq.hosts = s.shards[0].table.recorder != nil, s.hosts
	return s, nil
}

// Feed reads the inputs in order and writes to sinks, which are opened for each table, all
// rows that nothing later can precede. The Result is of this Feed; its SoFar is of all. An
// error ends the Session: it is one of the run as a whole, as of Run.
func (s *Session) Feed(ctx context.Context, inputs []Input, sinks Sinks, progress *Progress) (*Result, error) {
	return s.pass(ctx, inputs, sinks, newWires(&s.cfg, progress, false))
}

// Finish ends what is open, as at the end of a run, and with it the Session.
func (s *Session) Finish(ctx context.Context, sinks Sinks, progress *Progress) (*Result, error) {
	return s.pass(ctx, nil, sinks, newWires(&s.cfg, progress, true))
}

// pass is one Feed.
func (s *Session) pass(ctx context.Context, inputs []Input, sinks Sinks, w *wires) (*Result, error) {
	if s.over != nil {
		return nil, s.over
	}
	s.connect(w)
	err := s.open(sinks, w)
	if err == nil {
		s.show(w.progress)
		s.feeder.begin(inputs)
		err = s.run(ctx, w)
	}
	s.over = err
	if err != nil {
		return nil, err
	}
	r := s.rest(w)
	if w.ending {
		s.over = ErrOver
	}
	return r, nil
}

// connect gives all objects the wires of a Feed; nil takes them away.
func (s *Session) connect(w *wires) {
	s.feeder.wires, s.seq.wires = w, w
	for _, shard := range s.shards {
		shard.wires = w
	}
	if s.records != nil {
		s.records.wires = w
	}
	if s.hosts != nil && s.hosts.lane != nil {
		s.hosts.lane.wires = w
	}
}

// open opens the tables.
func (s *Session) open(sinks Sinks, w *wires) error {
	sink, err := sinks.Open(s.table.Schema)
	if err != nil {
		return sinkError(err)
	}
	w.writer = &writer{sink, w.progress}
	for range cap(w.empty) {
		w.empty <- batch.New(s.table.Schema)
	}
	if s.records != nil {
		if err := s.records.open(sinks); err != nil {
			return sinkError(err)
		}
	}
	if s.feeder.slots != nil {
		if err := s.feeder.slots.open(sinks); err != nil {
			return err
		}
	}
	if s.hosts == nil {
		return nil
	}
	return s.hosts.open(sinks)
}

// run starts all goroutines and waits for them.
func (s *Session) run(ctx context.Context, w *wires) error {
	g, ctx := errgroup.WithContext(ctx)
	start := func(run func(context.Context) error) { g.Go(guard(func() error { return run(ctx) })) }
	if s.records != nil {
		start(s.records.run)
	}
	if s.feeder.alone == nil {
		for _, shard := range s.shards {
			start(shard.run)
		}
		if s.hosts != nil && s.hosts.lane != nil {
			s.feeder.queues = append(s.feeder.queues, w.forHosts)
			start(s.hosts.lane.run)
		}
		start(func(ctx context.Context) error { return w.writer.drain(ctx, w.filled, w.empty) })
	}
	start(s.feeder.run)
	start(s.seq.run)
	return g.Wait()
}

// show tells progress what there is, of which more comes.
func (s *Session) show(progress *Progress) {
	open := 0
	for _, shard := range s.shards {
		open += shard.shown
	}
	progress.Live.Store(int64(open))
	progress.Packets.Store(s.feeder.ordinal)
	progress.Bytes.Store(s.feeder.bytes)
	progress.Rows.Store(s.sums.Flows)
}

// rest leaves nothing but memory, and sums up.
func (s *Session) rest(w *wires) *Result {
	r := s.collect(w.ending)
	r.Inputs = s.feeder.rest()
	s.connect(nil)
	s.seq.batch = nil
	if s.records != nil {
		s.records.rest()
	}
	if s.feeder.slots != nil {
		s.feeder.slots.Connect(nil)
	}
	if s.hosts != nil {
		s.hosts.Connect(nil, nil)
	}
	for _, shard := range s.shards {
		shard.rest()
	}
	return r
}
