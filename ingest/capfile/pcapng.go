package capfile

import (
	"pcapmill/ingest/packet"
)

// Block types that are read; all others are stepped over.
const (
	blockInterface  = 0x00000001
	blockPacket     = 0x00000002 // obsolete
	blockSimple     = 0x00000003
	blockNames      = 0x00000004
	blockStatistics = 0x00000005
	blockEnhanced   = 0x00000006
)

// Lengths of blocks without data and options.
const (
	minBlock          = 12
	minSectionBlock   = 28
	minInterfaceBlock = 20
	minPacketBlock    = 32 // enhanced and obsolete
	minSimpleBlock    = 16
)

// sections is the state of reading a pcapng file.
type sections struct {
	order   order
	sources []source // interfaces of this section

	// A block that is stepped over need not fit the buffer.
	skipStart  int64  // its stream offset
	skipLength uint32 // its length; 0 when none is being stepped over
	skipLeft   uint32 // bytes of it still to come, trailer included

	live      bool         // written by live capture: its statistics blocks are watermarks
	watermark packet.Nanos // of the block read last; 0: none

	losses int64 // places of damage before this section, with salvage
}

// source is what decoding a packet needs of its interface.
type source struct {
	clock    clock
	usable   bool // has a clock
	snapLen  uint32
	usualEnd uint32 // captured lengths from 1 to below it are within the snapshot length
	global   uint32 // index into Reader.interfaces
}

func (s *sections) skipping() bool { return s.skipLength != 0 }

// openSections checks the start of the first section header block and hands it
// to the first Fill, which reads it like any other.
func (r *Reader) openSections(h []byte) error {
	o, ok := byteOrder(h[8:])
	if !ok {
		return &FormatError{Reason: ReasonBadBlock, Offset: 8, Detail: "section header has no byte-order magic"}
	}
	if r.cfg.Salvage {
		r.ng.order = o // the section header itself may be lost
		r.salvage(newBlockFrames(r), h)
		return nil
	}
	r.tail = append(r.tail, h...)
	return nil
}

// byteOrder reads a section's byte-order magic.
func byteOrder(magic []byte) (order, bool) {
	switch uint32(magicByteOrder) {
	case littleEndian.u32(magic):
		return littleEndian, true
	case bigEndian.u32(magic):
		return bigEndian, true
	}
	return littleEndian, false
}

// walkBlocks adds the packets of the whole blocks from pos on.
func (r *Reader) walkBlocks(b *packet.Block, pos int) int {
	r.need = 0
	for r.err == nil {
		if r.ng.skipping() {
			pos = r.stepOver(b.Data, pos)
			if r.ng.skipping() || r.err != nil {
				break
			}
		}
		pos = r.walkEnhanced(b, pos)
		window := b.Data[pos:]
		if len(window) < minBlock {
			break
		}
		kind, length, ok := r.frame(window, pos)
		if !ok {
			break
		}
		if !isRead(kind, length) {
			r.info.skip(kind)
			r.ng.skipStart, r.ng.skipLength, r.ng.skipLeft = r.base+int64(pos), length, length
			continue
		}
		if uint64(length) > uint64(len(window)) {
			r.need = int(length)
			break
		}
		if !r.trailerMatches(window[length-4:length], length, pos) {
			break
		}
		r.block(b, kind, window[:length], pos)
		if r.err == nil {
			pos += int(length)
		}
		if r.ng.watermark != 0 { // a Block ends here
			b.Watermark, r.ng.watermark = r.ng.watermark, 0
			break
		}
	}
	return pos
}

// frame reads type and length of the block at pos, of which at least minBlock
// bytes are there.
func (r *Reader) frame(window []byte, pos int) (kind, length uint32, ok bool) {
	kind = r.ng.order.u32(window)
	if kind == magicSectionHeader {
		o, known := byteOrder(window[8:])
		if !known {
			r.damaged(pos, ReasonBadBlock, "section header has no byte-order magic")
			return 0, 0, false
		}
		r.ng.order = o
	}
	length = r.ng.order.u32(window[4:])
	if length < minBlock || length%4 != 0 || length > r.cfg.MaxBlock {
		r.damaged(pos, ReasonBadBlock, "block length %d is not a multiple of 4 from %d to %d", length, minBlock, r.cfg.MaxBlock)
		return 0, 0, false
	}
	return kind, length, true
}

// isRead tells which blocks are read; the others are stepped over.
func isRead(kind, length uint32) bool {
	switch kind {
	case blockNames, blockStatistics:
		return length <= maxWholeBlock
	case blockEnhanced, blockSimple, blockPacket, blockInterface, magicSectionHeader:
		return true
	}
	return false
}

// stepOver passes over what is there of the block being stepped over.
func (r *Reader) stepOver(data []byte, pos int) int {
	const trailer = 4
	if r.ng.skipLeft > trailer {
		n := min(uint64(r.ng.skipLeft-trailer), uint64(len(data)-pos))
		pos += int(n)
		r.ng.skipLeft -= uint32(n)
	}
	if r.ng.skipLeft > trailer || len(data)-pos < trailer {
		return pos
	}
	start := int(r.ng.skipStart - r.base)
	if !r.trailerMatches(data[pos:pos+trailer], r.ng.skipLength, start) {
		return pos
	}
	r.info.Bytes[SkippedBytes] += int64(r.ng.skipLength)
	r.ng.skipLength, r.ng.skipLeft = 0, 0
	return pos + trailer
}

func (r *Reader) trailerMatches(trailer []byte, length uint32, start int) bool {
	if got := r.ng.order.u32(trailer); got != length {
		r.damaged(start, ReasonBadBlock, "block length %d at its start, %d at its end", length, got)
		return false
	}
	return true
}

// block reads one whole block whose frame is sound. A packet's bytes are
// b.Data[pos+…], because block is part of b.Data.
func (r *Reader) block(b *packet.Block, kind uint32, block []byte, pos int) {
	bad := r.info.Odd[BadPacket]
	switch kind {
	case blockEnhanced:
		r.enhancedPacket(b, block, pos)
	case blockSimple:
		r.simplePacket(b, block, pos)
	case blockPacket:
		r.obsoletePacket(b, block, pos)
	case blockInterface:
		r.describeInterface(block, pos)
	case blockNames:
		r.nameBlock(block)
	case blockStatistics:
		r.statisticsBlock(block)
	case magicSectionHeader:
		r.startSection(block, pos)
	}
	if r.info.Odd[BadPacket] != bad {
		r.info.Bytes[SkippedBytes] += int64(len(block))
	}
}

// described books a block that describes: its fixed part, frame included, and
// its options.
func (r *Reader) described(fixed, length int) {
	fixed = min(fixed, length)
	r.info.Bytes[HeaderBytes] += int64(fixed)
	r.info.Bytes[OptionBytes] += int64(length - fixed)
}

// stepped counts and books a whole block that is of no use.
func (r *Reader) stepped(kind uint32, length int) {
	r.info.skip(kind)
	r.info.Bytes[SkippedBytes] += int64(length)
}
