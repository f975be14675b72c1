package capfile

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"pcapmill/ingest/packet"
)

// packetBody is where packet bytes start in enhanced and obsolete packet blocks.
const packetBody = 28

// walkEnhanced adds a run of enhanced packet blocks, which is what most files
// consist of, and stops at the first block that is another, incomplete or in
// any way wrong; that one is left to walkBlocks.
func (r *Reader) walkEnhanced(b *packet.Block, pos int) int {
	data, records, sources := b.Data, b.Records, r.ng.sources
	o, maxBlock, maxPacket := r.ng.order, r.cfg.MaxBlock, r.cfg.MaxPacket
	big := o == bigEndian
	captures, padding := uint64(0), uint64(0)
	for pos+minPacketBlock <= len(data) {
		h := (*[packetBody]byte)(data[pos:])
		kind, length := binary.LittleEndian.Uint32(h[0:]), binary.LittleEndian.Uint32(h[4:])
		id := binary.LittleEndian.Uint32(h[8:])
		high, low := binary.LittleEndian.Uint32(h[12:]), binary.LittleEndian.Uint32(h[16:])
		captured, wire := binary.LittleEndian.Uint32(h[20:]), binary.LittleEndian.Uint32(h[24:])
		if big {
			kind, length, id = bits.ReverseBytes32(kind), bits.ReverseBytes32(length), bits.ReverseBytes32(id)
			high, low = bits.ReverseBytes32(high), bits.ReverseBytes32(low)
			captured, wire = bits.ReverseBytes32(captured), bits.ReverseBytes32(wire)
		}
		next := uint64(pos) + uint64(length)
		if kind != blockEnhanced || length < minPacketBlock || length%4 != 0 || length > maxBlock ||
			next > uint64(len(data)) || uint64(id) >= uint64(len(sources)) ||
			captured > length-minPacketBlock || captured > maxPacket || o.u32(data[next-4:]) != length {
			break
		}
		src := &sources[id]
		stamp := uint64(high)<<32 | uint64(low)
		time := packet.Nanos(stamp * src.clock.factor)
		if stamp >= src.clock.fastEnd {
			time = r.timeOf(src, stamp)
		}
		if captured-1 >= src.usualEnd-1 || captured > wire {
			r.noteLengths(captured, wire, src.snapLen)
		}
		if options := uint64(pos) + packetBody + uint64(padded(captured)); options < next-4 {
			r.packetOptions(b, pos+packetBody, int(options), int(next-4))
		}
		if len(records) == cap(records) {
			records = slices.Grow(records, 1+len(records))
		}
		records = records[:len(records)+1]
		rec := &records[len(records)-1]
		rec.Time, rec.Offset, rec.CapLen, rec.WireLen = time, uint32(pos+packetBody), captured, wire
		rec.Interface = src.global
		captures += uint64(captured)
		padding += uint64(-captured & 3)
		r.interfaces[src.global].Packets++
		pos = int(next)
	}
	r.info.Bytes.countRecords(len(records)-len(b.Records), minPacketBlock, captures)
	r.info.Bytes[PaddingBytes] += int64(padding)
	b.Records = records
	return pos
}

// timeOf converts a time stamp, NoTime where that is not possible.
func (r *Reader) timeOf(src *source, stamp uint64) packet.Nanos {
	if !src.usable {
		return packet.NoTime
	}
	t, ok := src.clock.nanos(stamp)
	if !ok {
		r.info.Odd[TimeNotRepresentable]++
	}
	return t
}

func (r *Reader) enhancedPacket(b *packet.Block, block []byte, pos int) {
	if len(block) < minPacketBlock {
		r.badPacket(pos, "enhanced packet block of %d bytes is shorter than %d", len(block), minPacketBlock)
		return
	}
	r.stampedPacket(b, block, pos, r.ng.order.u32(block[8:]))
}

func (r *Reader) obsoletePacket(b *packet.Block, block []byte, pos int) {
	if len(block) < minPacketBlock {
		r.badPacket(pos, "packet block of %d bytes is shorter than %d", len(block), minPacketBlock)
		return
	}
	r.stampedPacket(b, block, pos, uint32(r.ng.order.u16(block[8:])))
}

// stampedPacket adds the packet of an enhanced or obsolete packet block: apart
// from the width of the interface number they are laid out alike.
func (r *Reader) stampedPacket(b *packet.Block, block []byte, pos int, id uint32) {
	o := r.ng.order
	captured, wire := o.u32(block[20:]), o.u32(block[24:])
	if id >= uint32(len(r.ng.sources)) {
		r.badPacket(pos, "packet names interface %d, of %d described", id, len(r.ng.sources))
		return
	}
	if !r.fits(captured, len(block)-minPacketBlock, pos) {
		return
	}
	src := &r.ng.sources[id]
	time := r.timeOf(src, uint64(o.u32(block[12:]))<<32|uint64(o.u32(block[16:])))
	r.add(b, src, packet.Record{Time: time, Offset: uint32(pos + packetBody), CapLen: captured, WireLen: wire}, minPacketBlock)
	r.info.Bytes[PaddingBytes] += int64(-captured & 3)
	if options := packetBody + padded(captured); options < len(block)-4 {
		r.packetOptions(b, pos+packetBody, pos+options, pos+len(block)-4)
	}
}

// simplePacket adds the packet of a simple packet block: of the section's first
// interface, without time, cut at that interface's snapshot length.
func (r *Reader) simplePacket(b *packet.Block, block []byte, pos int) {
	if len(block) < minSimpleBlock {
		r.badPacket(pos, "simple packet block of %d bytes is shorter than %d", len(block), minSimpleBlock)
		return
	}
	if len(r.ng.sources) == 0 {
		r.badPacket(pos, "simple packet block before any interface description")
		return
	}
	src := &r.ng.sources[0]
	wire := r.ng.order.u32(block[8:])
	captured := wire
	if src.snapLen != 0 {
		captured = min(captured, src.snapLen)
	}
	if !r.fits(captured, len(block)-minSimpleBlock, pos) {
		return
	}
	r.add(b, src, packet.Record{Time: packet.NoTime, Offset: uint32(pos + 12), CapLen: captured, WireLen: wire}, minSimpleBlock)
	r.info.Bytes[PaddingBytes] += int64(len(block) - minSimpleBlock - int(captured))
}

// fits reports whether a packet may be as long as it says.
func (r *Reader) fits(captured uint32, room, pos int) bool {
	if uint64(captured) > uint64(room) {
		r.badPacket(pos, "captured length %d is above the %d bytes of its block", captured, room)
		return false
	}
	if captured > r.cfg.MaxPacket {
		r.badPacket(pos, "captured length %d is above %d", captured, r.cfg.MaxPacket)
		return false
	}
	return true
}

// add adds the packet of a block with frame bytes around it.
func (r *Reader) add(b *packet.Block, src *source, rec packet.Record, frame int) {
	r.noteLengths(rec.CapLen, rec.WireLen, src.snapLen)
	rec.Interface = src.global
	r.interfaces[src.global].Packets++
	b.Records = append(b.Records, rec)
	r.info.Bytes.countRecords(1, frame, uint64(rec.CapLen))
}

// padded rounds a length up to the next multiple of 4.
func padded(n uint32) int { return int((uint64(n) + 3) &^ 3) }
