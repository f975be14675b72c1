package stages

import (
	"context"
	"errors"
	"io"

	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
)

// feeder reads the inputs one after the other, keeps the clock, gives every
// packet its outcome and hands the blocks to the shards.
type feeder struct {
	cfg    *Config `snapshot:"-"`
	wires  *wires  `snapshot:"-"` // nil at rest
	inputs []Input `snapshot:"-"` // of the Feed; nil at rest
	pool   *blockPool
	alone  *shard    // the only one: it works in the feeder's goroutine
	hosts  *hostLane // does too where alone does; nil: it does not
	walker packet.Walker
	filter *packetFilter // nil: none
	hasher keyHasher

	fragments fragments
	outsiders outsiders

	next    int           // index of the input to open next
	source  Source        `snapshot:"-"`
	current *InputSummary `snapshot:"-"`
	window  *reorderWindow
	queues  []chan<- *packet.Block `snapshot:"-"` // of those that take blocks in goroutines of their own

	duplicates *duplicates // nil: kept
	slots      *slots      // nil: nobody wants them

	merger  *merger `snapshot:"-"` // nil: inputs are read one after the other
	clock   clock
	mark    packet.Nanos               // that the clock is to go on to before the next block; 0: none
	moved   bool                       // it has been, since the last block
	sent    struct{ input, epoch int } // of the last block
	ordinal int64
	bytes   int64 // of all packets so far
	views   int64 // in all blocks so far
	epoch   int
	stopped bool // --packets reached

	// Inputs are numbered through all Feeds. What becomes later of packets that a Feed
	// has left waiting is told apart from its own.
	first   int            // number of Inputs[0]
	Inputs  []InputSummary // of the Feed
	earlier InputSummary   // of packets of Feeds before, in this one
	total   InputSummary   // of the Feeds before: Accounting and Inner
}

func newFeeder(cfg *Config, pool *blockPool) *feeder {
	f := &feeder{
		cfg: cfg, pool: pool,
		walker: packet.Walker{SkipChecksums: !cfg.Checksums},
		filter: newPacketFilter(cfg),
		hasher: newKeyHasher(cfg),

		fragments: fragments{table: defrag.New(cfg.Fragments)},
		outsiders: newOutsiders(cfg),
	}
	f.first, f.sent.input = cfg.FirstInput, cfg.FirstInput
	f.fragments.table.KeepFrames(cfg.SaveErrors || cfg.Unknown)
	f.duplicates = newDuplicates(&cfg.Duplicates)
	f.window = newReorderWindow(f)
	return f
}

// begin begins a Feed of these inputs.
func (f *feeder) begin(inputs []Input) {
	f.inputs, f.next = inputs, 0
	f.Inputs, f.earlier = make([]InputSummary, len(inputs)), InputSummary{}
	for _, q := range f.wires.blocks {
		f.queues = append(f.queues, q)
	}
	read := f.read
	if f.cfg.Merge {
		f.merger = &merger{f: f}
		read = f.merger.read
	}
	f.pool.begin(f.window.blocks())
	f.window.begin(read, !f.wires.ending)
}

// rest forgets what belongs to a Feed, and returns its inputs.
func (f *feeder) rest() []InputSummary {
	f.window.waitingOnes(f.foresee)
	inputs := f.Inputs
	for i := range inputs {
		f.total.plus(&inputs[i])
	}
	f.total.plus(&f.earlier)
	f.first += len(inputs)
	f.inputs, f.Inputs, f.current, f.merger, f.queues = nil, nil, nil, nil, nil
	f.window.leaveFeed()
	f.pool.tokens = nil
	return inputs
}

// foresee notes the time of a packet that waits: its turn is in another Feed, and First and Last
// are of all packets of an input.
func (f *feeder) foresee(b *packet.Block, i int) {
	rec, from := &b.Records[i], int(b.OriginOf(i).Input)
	if t := rec.Time; from < f.first || t == packet.NoTime || t < max(f.cfg.From, earliest) || t > latest || t >= f.cfg.To {
		return
	}
	if f.filter != nil {
		if drop, err := f.filter.drops(b, rec); drop || err != nil { // what is wrong is said in its turn
			return
		}
	}
	f.input(from).sawTime(rec.Time)
}

// input returns what is known of the input of a number, and of those of earlier Feeds in
// this one.
func (f *feeder) input(number int) *InputSummary {
	if number < f.first {
		return &f.earlier
	}
	return &f.Inputs[number-f.first]
}

// number returns that of the input opened last.
func (f *feeder) number() int { return f.first + f.next - 1 }

// close closes the input of a number.
func (f *feeder) close(number int) error {
	return f.inputs[number-f.first].Close(f.input(number))
}

func (f *feeder) run(ctx context.Context) error {
	defer func() {
		for _, q := range f.queues {
			close(q)
		}
	}()
	for {
		b, err := f.window.next(ctx)
		if err == nil && f.mark != 0 {
			err = f.reach(ctx)
		}
		if err != nil {
			return f.abandon(err)
		}
		if b == nil {
			return f.finish(ctx)
		}
		f.pool.furnish(b)
		if err := f.walk(ctx, b); err != nil {
			return f.abandon(err)
		}
		if err := f.send(ctx, b); err != nil {
			return f.abandon(err)
		}
	}
}

// reach moves the packet clock on without a packet. Datagrams in fragments whose time is up
// are before that.
func (f *feeder) reach(ctx context.Context) error {
	clock := f.mark
	f.mark = 0
	if !f.clock.started || clock <= f.clock.now {
		return nil
	}
	if clock > f.fragments.table.Due() {
		if err := f.sendEmpty(ctx, f.sent.input, func(b *packet.Block) { f.expire(b, clock) }); err != nil {
			return err
		}
	}
	f.clock.now, f.moved = clock, true
	if f.slots == nil {
		return nil
	}
	f.slots.Reach(clock)
	return f.slots.Err()
}

// sendEmpty sends a block without packets of its own, to which fill adds fragments.
func (f *feeder) sendEmpty(ctx context.Context, input int, fill func(b *packet.Block)) error {
	b, err := f.pool.get(ctx)
	if err != nil {
		return err
	}
	f.pool.furnish(b)
	b.Input, b.Epoch, b.FirstOrdinal, b.FirstView, b.Clock = input, f.sent.epoch, f.ordinal, f.views, f.clock.now
	fill(b)
	sortGuests(b)
	f.views += int64(len(b.Views))
	f.deal(b)
	return f.send(ctx, b)
}

// finish ends a Feed.
func (f *feeder) finish(ctx context.Context) error {
	err := f.finishPackets(ctx)
	if err == nil && f.hosts != nil {
		err = f.hosts.finish(ctx)
	}
	if err == nil && f.alone != nil {
		err = f.alone.finish(ctx)
	}
	return err
}

// finishPackets hands on what waits for packets that do not come any more, where it is the
// end of the run.
func (f *feeder) finishPackets(ctx context.Context) error {
	switch {
	case f.wires.ending && (f.moved || f.fragments.table.Len() > 0):
		if err := f.sendEmpty(ctx, f.number(), f.giveUpAll); err != nil {
			return err
		}
	case f.moved:
		if err := f.sendEmpty(ctx, f.sent.input, func(*packet.Block) {}); err != nil {
			return err
		}
	}
	switch {
	case f.slots == nil:
		return nil
	case f.wires.ending:
		return f.slots.Finish()
	}
	return f.slots.Flush()
}

// abandon closes the open input of a run that fails.
func (f *feeder) abandon(err error) error {
	if f.source != nil {
		_ = f.close(f.number()) // the run has a more important error
		f.source = nil
	}
	if f.merger != nil {
		f.merger.abandon()
	}
	return err
}

// send hands a walked block to every shard.
func (f *feeder) send(ctx context.Context, b *packet.Block) error {
	f.moved, f.sent.input, f.sent.epoch = false, b.Input, b.Epoch
	if f.hosts != nil {
		if err := f.hosts.take(ctx, b); err != nil {
			return err
		}
	}
	if f.alone != nil {
		b.Hold(1, f.pool.put)
		return f.alone.take(ctx, b)
	}
	b.Hold(len(f.queues), f.pool.put)
	for _, q := range f.queues {
		select {
		case q <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// read returns the next block with at least one packet or the end of an epoch; nil
// after the last input.
func (f *feeder) read(ctx context.Context) (*packet.Block, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.source == nil {
			if f.next == len(f.inputs) || f.stopped {
				f.skipRest()
				return nil, nil
			}
			f.open(ctx)
			continue
		}
		b, err := f.pool.get(ctx)
		if err != nil {
			return nil, err
		}
		b.Input, b.Epoch = f.number(), f.epoch
		b.FirstIndex = f.current.Accounting.Read.Packets + 1
		b.FirstOrdinal = f.ordinal
		fillErr := f.source.Fill(b)
		b.Interfaces = f.source.Interfaces()
		f.limit(b)
		f.count(b)
		if fillErr != nil || f.stopped {
			f.finishInput(fillErr)
			b.EndOfEpoch = f.endsEpoch()
		}
		if len(b.Records) > 0 || b.EndOfEpoch || b.Watermark != 0 {
			return b, nil
		}
		f.pool.put(b)
	}
}

// limit applies --packets.
func (f *feeder) limit(b *packet.Block) {
	if f.cfg.Packets == 0 {
		return
	}
	if left := f.cfg.Packets - f.ordinal; int64(len(b.Records)) >= left {
		b.Records, b.Watermark = b.Records[:left], 0
		f.stopped = true
	}
}

// count adds the block's packets to what was read.
func (f *feeder) count(b *packet.Block) {
	a := &f.current.Accounting
	for i := range b.Records {
		a.Read.Add(b.Records[i].CapLen, b.Records[i].WireLen)
	}
	f.ordinal += int64(len(b.Records))
	f.show(b)
}

// show tells progress of a block that was read.
func (f *feeder) show(b *packet.Block) {
	f.bytes += int64(len(b.Data))
	f.wires.progress.Packets.Store(f.ordinal)
	f.wires.progress.Bytes.Store(f.bytes)
}

// open opens the next input; a failure is that input's outcome.
func (f *feeder) open(ctx context.Context) {
	f.current = &f.Inputs[f.next]
	in := f.inputs[f.next]
	f.next++
	src, err := in.Open(ctx)
	if err != nil {
		f.current.Err = err
		f.current.Rejected = true
		return
	}
	f.source = src
}

// finishInput closes the current input.
func (f *feeder) finishInput(fillErr error) {
	if fillErr != nil && !errors.Is(fillErr, io.EOF) {
		f.current.Err = fillErr
	}
	f.current.Stopped = f.stopped
	f.current.Interfaces = append([]packet.Interface(nil), f.source.Interfaces()...)
	f.source = nil
	if err := f.close(f.number()); err != nil && f.current.Err == nil {
		f.current.Err = err
	}
}

// skipRest marks the inputs that --packets left unread.
func (f *feeder) skipRest() {
	for ; f.next < len(f.inputs); f.next++ {
		f.Inputs[f.next].Skipped = true
	}
}

// endsEpoch reports whether flow state ends with the input just finished. It
// always ends with the run: closing the queues says so.
func (f *feeder) endsEpoch() bool {
	if f.cfg.Inputs != Independent {
		return false
	}
	f.epoch++
	return true
}
