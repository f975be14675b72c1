package stages

import (
	"context"
	"sync"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// order is the place of an ended flow in the table: by epoch, close instant and
// the run-wide number of its first packet. No two flows share one.
type order struct {
	epoch   int32
	close   packet.Nanos
	ordinal int64 // of the first packet, times maxLayers, plus the depth
}

// maxLayers is above the depth of any flow: inner flows begin with the same
// packet as those around them.
const maxLayers = 16

func (a order) less(b order) bool {
	switch {
	case a.epoch != b.epoch:
		return a.epoch < b.epoch
	case a.close != b.close:
		return a.close < b.close
	}
	return a.ordinal < b.ordinal
}

func orderOf(r *flow.Row) order {
	return order{r.Epoch, r.Close, r.StartOrdinal*maxLayers + int64(r.Key.Depth)}
}

// chunk is a stretch of a shard's ended flows, in order. All later rows of the
// shard come at or after upTo, also where the chunk is empty. The rows stay where
// they are in the shard's arena; the sequencer reads them and then hands their
// numbers back.
type chunk struct {
	rows    []endedRow
	upTo    order
	home    *returns
	reports []layerReport
}

// endedRow is a row on its way to the sequencer.
type endedRow struct {
	at    order
	row   *flow.Row
	extra *flow.Extra // nil where no group needs it
	id    uint32
}

// returns collects the numbers of rows that the sequencer is done with. It is
// locked once a chunk, not once a packet.
type returns struct {
	mu    sync.Mutex
	ids   []uint32
	lists [][]endedRow // emptied, for new chunks
}

// give takes a chunk's rows back.
func (r *returns) give(rows []endedRow) {
	r.mu.Lock()
	for i := range rows {
		r.ids = append(r.ids, rows[i].id)
	}
	r.lists = append(r.lists, rows[:0])
	r.mu.Unlock()
}

// collect frees the rows that came back and returns an empty list for a chunk.
func (r *returns) collect(a *arena) []endedRow {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.unused = append(a.unused, r.ids...)
	r.ids = r.ids[:0]
	if n := len(r.lists); n > 0 {
		list := r.lists[n-1]
		r.lists = r.lists[:n-1]
		return list
	}
	return make([]endedRow, 0, chunkRows)
}

// shard handles the packets of its partitions and owns their flows.
type shard struct {
	number int
	in     <-chan *packet.Block
	out    chan<- chunk
	table  *flowTable
	clock  packet.Nanos
	epoch  int32

	progress *Progress
	shown    int // open flows that progress knows of
}

func newShard(number int, cfg *Config, extras bool, in <-chan *packet.Block, out chan<- chunk, progress *Progress) *shard {
	return &shard{number: number, in: in, out: out, table: newFlowTable(cfg, extras), progress: progress}
}

// show tells progress how many flows are open: once a block, not once a packet.
func (s *shard) show() {
	if open := s.table.buckets.used; open != s.shown {
		s.progress.Live.Add(int64(open - s.shown))
		s.shown = open
	}
}

func (s *shard) run(ctx context.Context) error {
	defer close(s.out)
	for b := range s.in {
		if int32(b.Epoch) != s.epoch {
			s.epoch = int32(b.Epoch)
			s.table.begin(s.epoch, b.FirstOrdinal)
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
		s.show()
		return nil
	}
	s.show()
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
