package stages

import (
	"context"
	"testing"

	"pcapmill/ingest/packet"
)

// TestViewsAreOfFewBlocks: however many blocks there are, no more have memory for
// Views than were walked at a time.
func TestViewsAreOfFewBlocks(t *testing.T) {
	ctx := context.Background()
	p := newBlockPool(poolBlocks, blockBytes, 3)
	for range 4 {
		var blocks []*packet.Block
		for range poolBlocks {
			b, err := p.get(ctx)
			if err != nil {
				t.Fatal(err)
			}
			blocks = append(blocks, b)
		}
		for i, b := range blocks { // two are walked at a time
			p.furnish(b)
			b.Views = append(b.Views, make([]packet.View, blockBytes/smallestLayer)...)
			b.Lists[i%3] = append(b.Lists[i%3], packet.Ref{})
			if i > 0 {
				p.put(blocks[i-1])
			}
		}
		p.put(blocks[len(blocks)-1])
	}
	for _, b := range p.free {
		if b.Views != nil || b.Lists != nil {
			t.Error("a free block has memory for Views")
		}
	}
	if len(p.views) != 2 || cap(p.views[0].views) == 0 {
		t.Errorf("%d blocks have memory for Views", len(p.views))
	}
}

// TestHugeViewsAreGivenUp: fragments that are given up all at once do not leave their
// memory behind.
func TestHugeViewsAreGivenUp(t *testing.T) {
	p := newBlockPool(2, blockBytes, 1)
	b, err := p.get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	p.furnish(b)
	b.Views = make([]packet.View, 2*blockBytes/smallestLayer)
	b.Data = make([]byte, 3*blockBytes)
	p.put(b)
	if len(p.views) != 0 || b.Data != nil {
		t.Error("the memory is kept")
	}
}

// TestLayersFitThePlan: eight tunnels in each other make no more Views than the plan
// counts for a block.
func TestLayersFitThePlan(t *testing.T) {
	cfg := DefaultConfig()
	frame := make([]byte, 9*20)
	for at := 0; at < len(frame); at += 20 {
		ip := frame[at:]
		ip[0], ip[3], ip[8], ip[9], ip[12], ip[16] = 0x45, byte(len(ip)), 64, 4, 10, 11
		if at == len(frame)-20 {
			ip[9] = 253
		}
	}
	b := &packet.Block{Interfaces: []packet.Interface{{Link: packet.LinkRaw}}, Lists: make([][]packet.Ref, 1), FirstIndex: 1}
	for len(b.Data)+recordBytes+len(frame) <= blockBytes {
		b.Records = append(b.Records, packet.Record{Time: 1, Offset: uint32(len(b.Data)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame))})
		b.Data = append(append(b.Data, frame...), make([]byte, recordBytes)...)
	}
	f := newFeeder(&cfg, newBlockPool(1, blockBytes, 1))
	f.Inputs = make([]InputSummary, 1)
	if err := f.walk(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if n := len(b.Views); n != 9*len(b.Records) || n > blockBytes/smallestLayer {
		t.Errorf("%d Views of %d packets, planned are %d", n, len(b.Records), blockBytes/smallestLayer)
	}
	if m := (viewMemory{b.Views, b.Lists, nil}); !m.fits(blockBytes) {
		t.Errorf("their memory would be given up: room for %d", cap(b.Views))
	}
}
