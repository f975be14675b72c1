package stages

import (
	"context"
	"sync"

	"pcapmill/ingest/packet"
)

// blockPool bounds the blocks in flight. It hands out the block that came back
// last: its memory is the likeliest to be in a cache still.
type blockPool struct {
	tokens chan struct{} `snapshot:"-"` // one per free block; nil at rest
	mu     sync.Mutex
	free   []*packet.Block `snapshot:"-"`
	views  []viewMemory    `snapshot:"-"`
	blocks int             // that there are, in use or not
	size   int
	shards int
}

// viewMemory is what a block has from the header walk until the last shard is done
// with it: as much memory as several blocks have, of which few are there at a time.
type viewMemory struct {
	views     []packet.View
	lists     [][]packet.Ref
	outsiders []packet.Outsider
}

// walkedBlocks is how many blocks there can be from the walk to the last shard: those
// queued, the one being handled and the one being walked. Shards handle the same
// blocks, so that there are no more of them with more shards.
const walkedBlocks = blocksAhead + 2

func newBlockPool(blocks, size, shards int) *blockPool {
	p := &blockPool{blocks: blocks, size: size, shards: shards}
	p.begin(0)
	return p
}

// begin lets blocks be had again, so many of which are in use.
func (p *blockPool) begin(used int) {
	for len(p.free)+used < p.blocks {
		p.free = append(p.free, &packet.Block{})
	}
	p.tokens = make(chan struct{}, p.blocks)
	for range p.free {
		p.tokens <- struct{}{}
	}
}

// without leaves no more blocks than there can be beside those that are in use.
func (p *blockPool) without(used int) { p.free = p.free[:min(len(p.free), max(0, p.blocks-used))] }

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
	b.Reset()
	return b, nil
}

// furnish gives a block that is about to be walked memory for its Views.
func (p *blockPool) furnish(b *packet.Block) {
	p.mu.Lock()
	if last := len(p.views) - 1; last >= 0 {
		m := &p.views[last]
		b.Views, b.Lists, b.Outsiders = m.views, m.lists, m.outsiders
		p.views = p.views[:last]
	}
	p.mu.Unlock()
	if b.Lists == nil {
		b.Lists = make([][]packet.Ref, p.shards)
	}
	b.Views, b.Outsiders = b.Views[:0], b.Outsiders[:0]
	for i := range b.Lists {
		b.Lists[i] = b.Lists[i][:0]
	}
}

// put takes a block back. A block that one huge packet made grow gives its memory
// up, lest a hostile capture inflate the whole pool, and so do Views of more layers
// than packets of a block have: fragments given up all at once.
func (p *blockPool) put(b *packet.Block) {
	if cap(b.Data) > 2*p.size {
		b.Data = nil
	}
	m := viewMemory{b.Views, b.Lists, b.Outsiders}
	b.Views, b.Lists, b.Outsiders = nil, nil, nil
	p.mu.Lock()
	if m.lists != nil && m.fits(p.size) {
		p.views = append(p.views, m)
	}
	p.free = append(p.free, b)
	p.mu.Unlock()
	p.tokens <- struct{}{}
}

// smallestLayer is the fewest bytes of a block that a View takes: an IPv4 header.
const smallestLayer = 20

// fits reports whether the memory is no more than a block of so many bytes can need,
// and what growing adds.
func (m *viewMemory) fits(size int) bool {
	most := max(size/smallestLayer*5/4, size/recordBytes)
	refs := 0
	for _, list := range m.lists {
		refs += cap(list)
	}
	return cap(m.views) <= most && refs <= 2*most && cap(m.outsiders) <= 2*most
}
