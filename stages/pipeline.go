package stages

import (
	"context"
	"fmt"
	"sync/atomic"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// Source is one opened input. The feeder calls its methods from one goroutine.
type Source interface {
	// Fill appends raw bytes to b.Data and the whole packets in them to
	// b.Records. It returns io.EOF, possibly with packets, at a clean end and any
	// other error after the last packet that could be read.
	Fill(b *packet.Block) error
	// Interfaces returns what Record.Interface indexes; it grows as Fill goes on.
	Interfaces() []packet.Interface
}

// Input opens one input of the run. Open may fail; the run then goes on with the
// next input. Close is called once after the last Fill with what came of it.
type Input interface {
	Open(ctx context.Context) (Source, error)
	Close(s *InputSummary) error
}

// Sink takes the ordered batches of one table from one goroutine. It may keep
// neither the batch nor its slices after Write returns.
type Sink interface {
	Write(b *batch.Batch) error
}

// Sinks opens the Sink of each table before anything is read, in each Feed of a Session
// anew; when that returns, nothing more is written to it. Those of different tables are
// written to at the same time.
type Sinks interface {
	Open(schema *column.Schema) (Sink, error)
	// Capture opens a capture file, if one is asked for: ErrorsFile or UnknownFile.
	Capture(name string) (PacketSink, error)
}

// Progress counts what a run has done so far; other goroutines may read it.
type Progress struct {
	Packets atomic.Int64
	Bytes   atomic.Int64 // captured bytes
	Rows    atomic.Int64 // flow rows written
	Live    atomic.Int64 // flows open now
}

// Sizes of what is in flight.
const (
	blockBytes   = 256 << 10 // of raw capture per Block: fits the second-level cache
	blocksAhead  = 4         // blocks queued per shard
	chunkRows    = 256       // ended rows that leave a shard together
	chunksAhead  = 16        // such chunks queued, of all shards
	batchRows    = 2048      // rows per batch handed to the Sink: its columns should not leave the caches
	batchesAhead = 1         // filled batches waiting for the Sink
)

// poolBlocks is how many blocks there are: in the reorder window, being read, and on
// their way through the shards.
const poolBlocks = windowBlocks + 2 + walkedBlocks

// restBlocks are what a Feed of a Session may take beyond these: a block is divided between
// what leaves and what stays.
const restBlocks = 2

// Run reads the inputs in order, and writes the tables to sinks. It returns
// an error only where the run as a whole failed (cancelled, sink failed);
// inputs that failed are in the Result.
func Run(ctx context.Context, cfg Config, inputs []Input, sinks Sinks, progress *Progress) (*Result, error) {
	s, err := NewSession(cfg)
	if err != nil {
		return nil, err
	}
	return s.pass(ctx, inputs, sinks, newWires(&s.cfg, progress, true))
}

// sinkError marks err as one of the output.
func sinkError(err error) error { return fmt.Errorf("%w: %w", ErrSink, err) }

// writer writes batches and empties them.
type writer struct {
	sink     Sink
	progress *Progress
}

func (w *writer) write(b *batch.Batch) error {
	if err := w.sink.Write(b); err != nil {
		return sinkError(err)
	}
	w.progress.Rows.Add(int64(b.Rows))
	b.Reset()
	return nil
}

// drain writes the filled batches and gives them back.
func (w *writer) drain(ctx context.Context, filled <-chan *batch.Batch, empty chan<- *batch.Batch) error {
	for b := range filled {
		if err := w.write(b); err != nil {
			return err
		}
		select {
		case empty <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
