package stages

import (
	"math"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// order is the place of an ended flow in the table: by epoch, close instant, what
// closed it and its first packet. No two flows share one. At one instant come
// first the flows that a timeout ended, then those that a packet ended, in the
// order of these packets, then those that the end of input ended: so the place of
// a flow that a packet ends is known at once.
type order struct {
	epoch int32
	close packet.Nanos
	rank  int64 // byTimeout, placeOf the packet that closed it, or atEnd
	first int64 // number of the first packet, times maxLayers, plus the depth
}

const (
	byTimeout = 0
	atEnd     = math.MaxInt64
)

// placeOf ranks what the packet layer at a run-wide position closes, between what
// is closed ahead of that position by a new division of the memory.
func placeOf(position int64) int64 { return 2*position + 1 }
func between(position int64) int64 { return 2 * position }

// maxLayers is above the depth of any flow: inner flows begin with the same
// packet as those around them.
const maxLayers = 16

func (a order) less(b order) bool {
	switch {
	case a.epoch != b.epoch:
		return a.epoch < b.epoch
	case a.close != b.close:
		return a.close < b.close
	case a.rank != b.rank:
		return a.rank < b.rank
	}
	return a.first < b.first
}

func orderOf(r *flow.Row, rank int64) order {
	return order{r.Epoch, r.Close, rank, r.StartOrdinal*maxLayers + int64(r.Key.Depth)}
}

// instant is the place before all flows that close at or after an instant.
func instant(epoch int32, close packet.Nanos) order {
	return order{epoch: epoch, close: close, rank: math.MinInt64}
}
