package packet

import (
	"math"
	"sync/atomic"
)

// Nanos is an instant: nanoseconds since 1970-01-01 00:00 UTC.
type Nanos = int64

// NoTime marks a Record without a time stamp (pcapng simple packet blocks).
const NoTime Nanos = math.MinInt64

// Record locates one packet inside a Block.
type Record struct {
	Time      Nanos  // NoTime where the capture gives none
	Offset    uint32 // of the packet's first byte in Block.Data
	CapLen    uint32 // bytes present
	WireLen   uint32 // bytes the frame had
	Interface uint32 // index into the reader's Interfaces()
}

// Ref names one View of a Block and, so that its flow can be looked for before the
// View is, the hash of the flow's key.
type Ref struct{ View, Hash uint32 }

// Block is a stretch of one capture: raw bytes and what is known of the packets
// in them. The reader fills Data and Records, the header walk fills Views, then
// the Block is shared read-only by all shards and returned to its pool by the
// last Release.
type Block struct {
	Data    []byte
	Records []Record

	// Views holds the packets that belong to flows, in reading order; Lists says,
	// per shard, which of them are that shard's.
	Views []View
	Lists [][]Ref

	Interfaces []Interface // what Record.Interface indexes
	Comments   []Comment   // on packets, by Packet: see CommentsOn

	// Origins has an entry for each Record where Records do not follow one another
	// as they did in one input; nil where they do, which is nearly always.
	Origins []Origin

	// Guests are the origins of Views whose packets lie in earlier Blocks, by
	// ordinal: fragments that waited for their datagram.
	Guests []Origin

	// Outsiders are packets and layers of packets that are in no flow and that somebody
	// wants to know of, in the order in which that became known.
	Outsiders []Outsider

	Input        int   // number of the input in this run, from 0
	Epoch        int   // number of the independent stretch: rises where flow state must not carry over
	FirstOrdinal int64 // run-wide number of Records[0]
	FirstIndex   int64 // number of Records[0] within its input, from 1
	FirstView    int64 // run-wide number of Views[0]
	Clock        Nanos // running maximum of packet time at the end of the Block
	Watermark    Nanos // behind the Records, who captured them says that time has come this far; 0: nothing is said
	EndOfEpoch   bool  // flow state ends after this Block
	Layered      bool  // some View lies within another

	origins []Origin `snapshot:"-"` // memory of Origins
	holders atomic.Int32
	recycle func(*Block) `snapshot:"-"`
}

// Hold sets the number of Release calls after which recycle gets the Block back.
func (b *Block) Hold(n int, recycle func(*Block)) {
	b.recycle = recycle
	b.holders.Store(int32(n))
}

// Release gives up one hold. The caller must not touch the Block afterwards.
func (b *Block) Release() {
	if b.holders.Add(-1) != 0 || b.recycle == nil {
		return
	}
	recycle := b.recycle
	b.recycle = nil
	recycle(b)
}

// Reset empties the Block for reuse, keeping its memory.
func (b *Block) Reset() {
	b.Data = b.Data[:0]
	b.Records = b.Records[:0]
	b.Views = b.Views[:0]
	b.Comments = b.Comments[:0]
	for i := range b.Lists {
		b.Lists[i] = b.Lists[i][:0]
	}
	b.Guests = b.Guests[:0]
	b.Outsiders = b.Outsiders[:0]
	b.EndOfEpoch, b.Layered = false, false
	b.Watermark = 0
	if b.Origins != nil {
		b.Origins, b.origins = nil, b.Origins[:0]
	}
}
