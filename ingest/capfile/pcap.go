package capfile

import (
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
	limit := r.cfg.MaxPacket
	if c.snapLen != 0 {
		limit = min(limit, c.snapLen)
	}
	c.usualEnd = limit + 1

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
	r.base = headerSize
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
func (r *Reader) walkRecords(b *packet.Block, pos int) int {
	c := r.classic
	data, records := b.Data, b.Records
	r.need = 0
	for len(data)-pos >= c.header {
		h := data[pos : pos+16]
		fraction := c.order.u32(h[4:])
		captured := c.order.u32(h[8:])
		wire := c.order.u32(h[12:])
		if c.swapped != neverSwapped && (c.swapped == alwaysSwapped || captured > wire) {
			captured, wire = wire, captured
		}
		if captured > r.cfg.MaxPacket {
			r.damaged(pos, ReasonPacketTooLong, "captured length %d is above %d", captured, r.cfg.MaxPacket)
			break
		}
		body := pos + c.header
		next := body + int(captured)
		if next > len(data) {
			r.need = next - pos
			break
		}
		if captured-1 >= c.usualEnd-1 || captured > wire || fraction >= c.fractionEnd {
			r.noteRecord(captured, wire, fraction)
		}
		records = append(records, packet.Record{
			Time:    packet.Nanos(c.order.u32(h))*nanosPerSecond + packet.Nanos(fraction)*packet.Nanos(c.nanosPer),
			Offset:  uint32(body),
			CapLen:  captured,
			WireLen: wire,
		})
		pos = next
	}
	b.Records = records
	return pos
}

// noteRecord counts what is unusual about a record.
func (r *Reader) noteRecord(captured, wire, fraction uint32) {
	r.noteLengths(captured, wire, r.classic.snapLen)
	if fraction >= r.classic.fractionEnd {
		r.info.Odd[FractionOverSecond]++
	}
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
