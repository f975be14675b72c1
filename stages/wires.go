package stages

import (
	"pcapmill/features/batch"
	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

// wires connect the goroutines of one Feed. They are made anew for each: at rest the
// objects of a Session are memory alone, without channels, goroutines and sinks.
type wires struct {
	ending   bool // of the last Feed: all that is open ends
	progress *Progress

	blocks  []chan *packet.Block // per shard; none where the only one works in the feeder's goroutine
	chunks  chan chunk           // of all shards
	sheets  []chan sheet         // per shard
	emptied chan sheet
	filled  chan *batch.Batch // nil where the sequencer writes itself
	empty   chan *batch.Batch
	writer  *writer

	forHosts  chan *packet.Block // nil where the host lane works in the feeder's goroutine
	stretches chan host.Stretch
	wake      chan struct{} // the host lane has said something; full: it was not heard yet
	counted   chan struct{} // closed when the host lane is done with the Feed
}

func newWires(cfg *Config, progress *Progress, ending bool) *wires {
	w := &wires{
		ending: ending, progress: progress,
		chunks:  make(chan chunk, chunksAhead),
		emptied: make(chan sheet, cfg.Workers*(sheetsAhead+2)),
		empty:   make(chan *batch.Batch, batchesAhead+1),

		stretches: make(chan host.Stretch, stretchesAhead),
		wake:      make(chan struct{}, 1),
		counted:   make(chan struct{}),
	}
	for range cfg.Workers {
		w.sheets = append(w.sheets, make(chan sheet, sheetsAhead))
	}
	if cfg.Workers == 1 {
		return w
	}
	for range cfg.Workers {
		w.blocks = append(w.blocks, make(chan *packet.Block, blocksAhead))
	}
	w.filled = make(chan *batch.Batch, batchesAhead)
	w.forHosts = make(chan *packet.Block, blocksAhead)
	return w
}
