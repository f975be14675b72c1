package stages

import (
	"context"

	"pcapmill/ingest/packet"
)

// blockPool bounds the blocks in flight. Get waits for one.
type blockPool struct {
	free   chan *packet.Block
	shards int
}

func newBlockPool(blocks, size, shards int) *blockPool {
	p := &blockPool{free: make(chan *packet.Block, blocks), shards: shards}
	for range blocks {
		p.free <- &packet.Block{Data: make([]byte, 0, size)}
	}
	return p
}

func (p *blockPool) get(ctx context.Context) (*packet.Block, error) {
	select {
	case b := <-p.free:
		b.Reset(p.shards)
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// put takes a block back. A block that one huge packet made grow gives its
// memory up, lest a hostile capture inflate the whole pool.
func (p *blockPool) put(b *packet.Block) {
	if cap(b.Data) > 4*blockBytes {
		b.Data = make([]byte, 0, blockBytes)
	}
	p.free <- b
}
