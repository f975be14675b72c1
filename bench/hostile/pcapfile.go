package hostile

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// order is a byte order that numbers can be appended in.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// firstSecond is when the cases' packets begin: 2026-01-01 00:00:00 UTC.
const firstSecond = 1_767_225_600

// tally is what has been written and is expected of it.
type tally struct {
	data []byte
	want Want
}

// count expects one packet of a disposition.
func (t *tally) count(out packet.Outcome) {
	t.want.Packets++
	t.want.By[out]++
}

// done ends the file.
func (t *tally) done(outcome, reason string) ([]byte, Want) {
	t.want.Outcome, t.want.Reason = outcome, reason
	return t.data, t.want
}

// raw appends bytes as they are.
func (t *tally) raw(b ...byte) { t.data = append(t.data, b...) }

// pcapFile builds a classic pcap file.
type pcapFile struct {
	tally
	order order
	next  uint64 // time of the next packet, µs since firstSecond
}

// pcapHeader are the fields of the file header.
type pcapHeader struct {
	order        order
	magic        uint32
	major, minor uint16
	snapLen      uint32
	link         uint32
}

// usualHeader is what tcpdump writes.
func usualHeader() pcapHeader {
	return pcapHeader{order: binary.LittleEndian, magic: 0xa1b2c3d4, major: 2, minor: 4, snapLen: 262144, link: 1}
}

func newPcap() *pcapFile { return usualHeader().file() }

// onLink is a usual file of another link type.
func onLink(link packet.LinkType) *pcapFile {
	h := usualHeader()
	h.link = uint32(link)
	return h.file()
}

func (h pcapHeader) file() *pcapFile {
	p := &pcapFile{order: h.order}
	p.u32(h.magic)
	p.data = p.order.AppendUint16(p.data, h.major)
	p.data = p.order.AppendUint16(p.data, h.minor)
	p.u32(0, 0, h.snapLen, h.link)
	return p
}

// u32 appends numbers in the file's byte order.
func (p *pcapFile) u32(values ...uint32) {
	for _, v := range values {
		p.data = p.order.AppendUint32(p.data, v)
	}
}

// add appends packets, 1 ms apart, and expects a disposition of each.
func (p *pcapFile) add(out packet.Outcome, frames ...[]byte) {
	for _, f := range frames {
		p.next += 1000
		p.record(out, uint32(firstSecond+p.next/1e6), uint32(p.next%1e6), uint32(len(f)), f)
	}
}

// at appends one packet of any time.
func (p *pcapFile) at(out packet.Outcome, seconds, fraction uint32, frame []byte) {
	p.record(out, seconds, fraction, uint32(len(frame)), frame)
}

// record appends one whole record of any time and wire length.
func (p *pcapFile) record(out packet.Outcome, seconds, fraction, wire uint32, frame []byte) {
	p.head(seconds, fraction, uint32(len(frame)), wire)
	p.raw(frame...)
	p.count(out)
}

// head appends a record header alone.
func (p *pcapFile) head(seconds, fraction, captured, wire uint32) {
	p.u32(seconds, fraction, captured, wire)
}

// good appends n queries of as many flows.
func (p *pcapFile) good(n int) *pcapFile {
	for i := range n {
		p.add(packet.InFlow, query(i))
	}
	return p
}
