package stages

import (
	"context"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// order is the place of an ended flow in the table: by epoch, close instant and
// the run-wide number of its first packet. No two flows share one.
type order struct {
	epoch   int32
	close   packet.Nanos
	ordinal int64
}

func (a order) less(b order) bool {
	switch {
	case a.epoch != b.epoch:
		return a.epoch < b.epoch
	case a.close != b.close:
		return a.close < b.close
	}
	return a.ordinal < b.ordinal
}

func orderOf(r *flow.Row) order { return order{r.Epoch, r.Close, r.StartOrdinal} }

// chunk is a stretch of a shard's ended flows, in order. All later rows of the
// shard come at or after upTo, also where the chunk is empty.
type chunk struct {
	rows   []flow.Row
	extras []flow.Extra
	upTo   order
	spent  chan<- chunk // takes the chunk's memory back
}

// shard handles the packets of its partitions and owns their flows.
type shard struct {
	number int
	in     <-chan *packet.Block
	out    chan<- chunk
	table  *flowTable
	clock  packet.Nanos
	epoch  int32
}

func newShard(number int, cfg *Config, extras bool, in <-chan *packet.Block, out chan<- chunk) *shard {
	return &shard{number: number, in: in, out: out, table: newFlowTable(cfg, extras)}
}

func (s *shard) run(ctx context.Context) error {
	defer close(s.out)
	for b := range s.in {
		if int32(b.Epoch) != s.epoch {
			s.epoch = int32(b.Epoch)
			s.table.begin(s.epoch)
		}
		s.table.packets(b, b.Lists[s.number])
		s.clock = b.Clock
		ends := b.EndOfEpoch
		b.Release()
		if err := s.advance(ctx, ends); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.advance(ctx, true)
}

// advance ends what the clock has ended, all flows at the end of an epoch, and
// sends the rows that nothing later can precede.
func (s *shard) advance(ctx context.Context, end bool) error {
	if end {
		s.table.endAll(s.clock)
	} else if !s.table.sweep(s.clock) {
		return nil
	}
	for {
		c, more := s.table.take()
		if end && !more {
			c.upTo = order{epoch: s.epoch + 1, close: packet.NoTime}
		}
		select {
		case s.out <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !more {
			return nil
		}
	}
}
