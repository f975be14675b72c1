package packet

import (
	"iter"
	"slices"
)

// Comment locates one comment that a capture gives on a packet. Captures that
// comment on none leave Block.Comments empty.
type Comment struct {
	Packet uint32 // Record.Offset of the packet
	Offset uint32 // of the comment's first byte in Block.Data
	Length uint32 // bytes
}

// CommentsOn returns the comments on a packet of the block, in their order. The
// bytes are the file's own, of any content, and are only valid while the block
// is. Comments stay with their packets where Records are moved or removed.
func (b *Block) CommentsOn(rec *Record) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		at, _ := slices.BinarySearchFunc(b.Comments, rec.Offset, func(c Comment, packet uint32) int {
			return int(int64(c.Packet) - int64(packet))
		})
		for ; at < len(b.Comments) && b.Comments[at].Packet == rec.Offset; at++ {
			c := &b.Comments[at]
			if !yield(b.Data[c.Offset : c.Offset+c.Length]) {
				return
			}
		}
	}
}
