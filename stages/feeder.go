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
	cfg      *Config
	inputs   []Input
	pool     *blockPool
	queues   []chan<- *packet.Block
	alone    *shard // the only one: it works in the feeder's goroutine
	progress *Progress
	walker   packet.Walker
	filter   *packetFilter // nil: none
	hasher   keyHasher

	fragments fragments
	outsiders outsiders

	next    int // index of the input to open next
	source  Source
	current *InputSummary
	window  *reorderWindow

	duplicates *duplicates // nil: kept
	slots      *slots      // nil: nobody wants them

	merger  *merger // nil: inputs are read one after the other
	clock   clock
	ordinal int64
	views   int64 // in all blocks so far
	epoch   int
	stopped bool // --packets reached
	Inputs  []InputSummary
}

func newFeeder(cfg *Config, inputs []Input, pool *blockPool, queues []chan<- *packet.Block, progress *Progress) *feeder {
	f := &feeder{
		cfg: cfg, inputs: inputs, pool: pool, queues: queues, progress: progress,
		walker: packet.Walker{SkipChecksums: !cfg.Checksums},
		filter: newPacketFilter(cfg),
		hasher: newKeyHasher(cfg),
		Inputs: make([]InputSummary, len(inputs)),

		fragments: fragments{table: defrag.New(cfg.Fragments)},
		outsiders: newOutsiders(cfg),
	}
	f.fragments.table.KeepFrames(cfg.SaveErrors || cfg.Unknown)
	f.duplicates = newDuplicates(&cfg.Duplicates)
	f.window = newReorderWindow(f, f.read)
	if cfg.Merge {
		f.merger = &merger{f: f}
		f.window.read = f.merger.read
	}
	return f
}

func (f *feeder) run(ctx context.Context) error {
	defer func() {
		for _, q := range f.queues {
			close(q)
		}
	}()
	for {
		b, err := f.window.next(ctx)
		if err != nil {
			return f.abandon(err)
		}
		if b == nil {
			err := f.lastFragments(ctx)
			if err == nil && f.slots != nil {
				err = f.slots.Finish()
			}
			if err == nil && f.alone != nil {
				err = f.alone.finish(ctx)
			}
			return err
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

// abandon closes the open input of a run that fails.
func (f *feeder) abandon(err error) error {
	if f.source != nil {
		_ = f.inputs[f.next-1].Close(f.current) // the run has a more important error
		f.source = nil
	}
	if f.merger != nil {
		f.merger.abandon()
	}
	return err
}

// send hands a walked block to every shard.
func (f *feeder) send(ctx context.Context, b *packet.Block) error {
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
		b.Input, b.Epoch = f.next-1, f.epoch
		b.FirstIndex = f.current.Accounting.Read.Packets + 1
		b.FirstOrdinal = f.ordinal
		fillErr := f.source.Fill(b)
		b.Interfaces = f.source.Interfaces()
		f.limit(b)
		f.count(b)
		if fillErr != nil || f.stopped {
			f.finish(fillErr)
			b.EndOfEpoch = f.endsEpoch()
		}
		if len(b.Records) > 0 || b.EndOfEpoch {
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
		b.Records = b.Records[:left]
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
	f.progress.Packets.Store(f.ordinal)
	f.progress.Bytes.Add(int64(len(b.Data)))
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

// finish closes the current input.
func (f *feeder) finish(fillErr error) {
	if fillErr != nil && !errors.Is(fillErr, io.EOF) {
		f.current.Err = fillErr
	}
	f.current.Stopped = f.stopped
	f.current.Interfaces = append([]packet.Interface(nil), f.source.Interfaces()...)
	f.source = nil
	if err := f.inputs[f.next-1].Close(f.current); err != nil && f.current.Err == nil {
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
