package stages

import (
	"context"
	"sync"

	"pcapmill/ingest/packet"
)

// blockPool bounds the blocks in flight. It hands out the block that came back
// last: its memory is the likeliest to be in a cache still.
type blockPool struct {
	tokens chan struct{} // one per free block
	mu     sync.Mutex
	free   []*packet.Block
	size   int
	shards int
}

func newBlockPool(blocks, size, shards int) *blockPool {
	p := &blockPool{tokens: make(chan struct{}, blocks), size: size, shards: shards}
	for range blocks {
		p.put(&packet.Block{})
	}
	return p
}

// get waits for a free block.
func (p *blockPool) get(ctx context.Context) (*packet.Block, error) {
	select {
	case <-p.tokens:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	last := len(p.free) - 1
	b := p.free[last]
	p.free = p.free[:last]
	p.mu.Unlock()
	if b.Data == nil {
		b.Data = make([]byte, 0, p.size)
	}
	b.Reset(p.shards)
	return b, nil
}

// put takes a block back. A block that one huge packet made grow gives its
// memory up, lest a hostile capture inflate the whole pool.
func (p *blockPool) put(b *packet.Block) {
	if cap(b.Data) > 4*p.size {
		b.Data = nil
	}
	if cap(b.Views) > p.size/8 { // fragments given up all at once
		b.Views, b.Lists, b.Origins = nil, nil, nil
	}
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
	p.tokens <- struct{}{}
}
