package capfile

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"pcapmill/ingest/packet"
)

// classic is the state of reading a classic pcap file.
type classic struct {
	order       order
	header      int    // bytes of a record header: 16, or 24 in the modified format
	nanosPer    uint32 // nanoseconds per unit of the fraction
	fractionEnd uint32 // units of the fraction in a second
	usualEnd    uint32 // captured lengths below it are within all limits
	snapLen     uint32 // 0: no limit
	swapped     swap
}

// swap tells whether records have captured and wire length in reverse order, as
// versions before 2.3 wrote them and version 2.3 sometimes did.
type swap uint8

const (
	neverSwapped swap = iota
	maybeSwapped
	alwaysSwapped
)

// Parts of the link type field of the file header.
const (
	linkTypeMask     = 0x03ffffff
	linkReservedMask = 0x03ff0000
	linkFCSKnown     = 0x04000000
	linkFCSShift     = 28
)

// openClassic takes the file header. Nothing in it can be wrong enough to
// refuse the file: other versions are read as 2.4 and noted.
func (r *Reader) openClassic(h []byte) {
	c := &r.classic
	*c = classic{order: order(r.info.BigEndian), header: 16, nanosPer: 1000, fractionEnd: 1_000_000}
	if r.info.Nanosecond {
		c.nanosPer, c.fractionEnd = 1, nanosPerSecond
	}
	if r.info.Modified {
		c.header = 24
	}
	r.info.Major, r.info.Minor = c.order.u16(h[4:]), c.order.u16(h[6:])
	c.swapped = lengthOrder(r.info.Major, r.info.Minor)
	if r.info.Major != 2 || r.info.Minor > 4 {
		r.info.Odd[OddVersion]++
	}
	c.snapLen = c.order.u32(h[16:])
	c.usualEnd = r.usualEnd(c.snapLen)

	field := c.order.u32(h[20:])
	if field&linkReservedMask != 0 {
		r.info.Odd[OddLinkField]++
	}
	face := packet.Interface{Link: packet.LinkType(field & linkTypeMask), SnapLen: c.snapLen}
	if field&linkFCSKnown != 0 {
		face.FCSBytes = uint8(field>>linkFCSShift) * 2
	}
	r.interfaces = []packet.Interface{face}
	r.info.Sections = 1
	r.base = int64(len(h))
	r.info.Bytes[HeaderBytes] = r.base
}

func lengthOrder(major, minor uint16) swap {
	switch {
	case major != 2:
		return neverSwapped
	case minor < 3:
		return alwaysSwapped
	case minor == 3:
		return maybeSwapped
	}
	return neverSwapped
}

// walkRecords adds the whole records from pos on.
//
// The loop's pace is set by the chain from one captured length to the place of
// the next, so everything rare is behind one test and outside of it.
func (r *Reader) walkRecords(b *packet.Block, pos int) int {
	data, records := b.Data, b.Records
	header, maxPacket := r.classic.header, r.cfg.MaxPacket
	usualEnd, fractionEnd := r.classic.usualEnd, r.classic.fractionEnd
	nanosPer := packet.Nanos(r.classic.nanosPer)
	big, ordered := r.classic.order == bigEndian, r.classic.swapped == neverSwapped
	captured, captures := uint32(0), uint64(0)
	for pos+header <= len(data) {
		h := (*[16]byte)(data[pos:])
		seconds, fraction := binary.LittleEndian.Uint32(h[0:]), binary.LittleEndian.Uint32(h[4:])
		wire := binary.LittleEndian.Uint32(h[12:])
		captured = binary.LittleEndian.Uint32(h[8:])
		if big {
			seconds, fraction = bits.ReverseBytes32(seconds), bits.ReverseBytes32(fraction)
			captured, wire = bits.ReverseBytes32(captured), bits.ReverseBytes32(wire)
		}
		if !ordered {
			captured, wire = r.classic.lengths(captured, wire)
		}
		body := pos + header
		next := body + int(captured)
		if captured > maxPacket || next > len(data) {
			break
		}
		if captured-1 >= usualEnd-1 || captured > wire || fraction >= fractionEnd {
			r.noteRecord(captured, wire, fraction)
		}
		if len(records) == cap(records) {
			records = slices.Grow(records, 1+len(records))
		}
		records = records[:len(records)+1]
		rec := &records[len(records)-1]
		rec.Time = packet.Nanos(seconds)*nanosPerSecond + packet.Nanos(fraction)*nanosPer
		rec.Offset, rec.CapLen, rec.WireLen, rec.Interface = uint32(body), captured, wire, 0
		captures += uint64(captured)
		pos = next
	}
	r.info.Bytes.countRecords(len(records)-len(b.Records), header, captures)
	b.Records = records
	r.stoppedAt(pos, len(data)-pos, captured)
	return pos
}

// stoppedAt says why the record at pos, of which left bytes are there, was not
// added: it is too long, or it is not all there yet. captured is its length,
// unless even the header is incomplete.
func (r *Reader) stoppedAt(pos, left int, captured uint32) {
	r.need = 0
	switch {
	case left < r.classic.header:
	case captured > r.cfg.MaxPacket:
		r.damaged(pos, ReasonPacketTooLong, "captured length %d is above %d", captured, r.cfg.MaxPacket)
	default:
		r.need = r.classic.header + int(captured)
	}
}

// lengths puts captured and wire length of an old file in order.
func (c *classic) lengths(captured, wire uint32) (uint32, uint32) {
	if c.swapped == alwaysSwapped || captured > wire {
		return wire, captured
	}
	return captured, wire
}

// noteRecord counts what is unusual about a record.
func (r *Reader) noteRecord(captured, wire, fraction uint32) {
	r.noteLengths(captured, wire, r.classic.snapLen)
	if fraction >= r.classic.fractionEnd {
		r.info.Odd[FractionOverSecond]++
	}
}

// usualEnd returns the end of the captured lengths, from 1, that call for no note.
func (r *Reader) usualEnd(snapLen uint32) uint32 {
	if snapLen == 0 {
		return r.cfg.MaxPacket + 1
	}
	return min(r.cfg.MaxPacket, snapLen) + 1
}

// noteLengths counts what is unusual about a packet's lengths.
func (r *Reader) noteLengths(captured, wire, snapLen uint32) {
	if captured == 0 {
		r.info.Odd[EmptyPacket]++
	}
	if snapLen != 0 && captured > snapLen {
		r.info.Odd[CapLenOverSnapLen]++
	}
	if captured > wire {
		r.info.Odd[CapLenOverWireLen]++
	}
}
