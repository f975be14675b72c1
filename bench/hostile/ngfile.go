package hostile

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// Types of pcapng blocks and codes of options.
const (
	typeSection    = 0x0a0d0d0a
	typeInterface  = 1
	typeObsolete   = 2
	typeSimple     = 3
	typeNames      = 4
	typeStatistics = 5
	typeEnhanced   = 6
	typeSecrets    = 10
	typeCustom     = 0xbad

	optionComment  = 1
	optionName     = 2
	optionTSResol  = 9
	optionTSOffset = 14
)

// ngFile builds a pcapng file.
type ngFile struct {
	tally
	order order
	next  uint64 // time stamp of the next packet, in µs where the interface counts those
}

// newNg returns a file with a section and no interface.
func newNg() *ngFile {
	g := &ngFile{order: binary.LittleEndian, next: firstSecond * 1e6}
	g.section()
	return g
}

// ethernet returns a file with one usual interface.
func ethernet() *ngFile {
	g := newNg()
	g.iface(1, 262144)
	return g
}

func (g *ngFile) words(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = g.order.AppendUint32(b, v)
	}
	return b
}

// block appends a block whose frame is right; body is padded.
func (g *ngFile) block(kind uint32, body []byte) {
	length := uint32(12 + (len(body)+3)&^3)
	g.lying(kind, length, length, body)
}

// lying appends a block whose frame says what it likes.
func (g *ngFile) lying(kind, length, trailer uint32, body []byte) {
	g.raw(g.words(kind, length)...)
	g.raw(body...)
	g.raw(make([]byte, -len(body)&3)...)
	g.raw(g.words(trailer)...)
}

// section starts a section in the file's byte order.
func (g *ngFile) section(options ...byte) {
	body := g.words(0x1a2b3c4d)
	body = g.order.AppendUint16(body, 1)
	body = g.order.AppendUint16(body, 0)
	body = g.order.AppendUint64(body, ^uint64(0))
	g.block(typeSection, append(body, options...))
}

// iface describes an interface.
func (g *ngFile) iface(link uint16, snapLen uint32, options ...byte) {
	body := g.order.AppendUint16(nil, link)
	body = g.order.AppendUint16(body, 0)
	body = g.order.AppendUint32(body, snapLen)
	g.block(typeInterface, append(body, options...))
}

// option encodes one option, whatever its length.
func (g *ngFile) option(code uint16, value []byte) []byte {
	b := g.order.AppendUint16(nil, code)
	b = g.order.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(value)&3)...)
}

// add appends enhanced packets of interface 0, 1 ms apart.
func (g *ngFile) add(out packet.Outcome, frames ...[]byte) {
	for _, f := range frames {
		g.next += 1000
		g.packet(out, 0, g.next, f)
	}
}

// packet appends an enhanced packet block.
func (g *ngFile) packet(out packet.Outcome, id uint32, stamp uint64, frame []byte, options ...byte) {
	g.block(typeEnhanced, append(g.enhanced(id, stamp, uint32(len(frame)), uint32(len(frame)), frame), options...))
	g.count(out)
}

// enhanced is the body of an enhanced packet block without options.
func (g *ngFile) enhanced(id uint32, stamp uint64, captured, wire uint32, frame []byte) []byte {
	body := g.words(id, uint32(stamp>>32), uint32(stamp), captured, wire)
	body = append(body, frame...)
	return append(body, make([]byte, -len(frame)&3)...)
}

// good appends n queries of as many flows.
func (g *ngFile) good(n int) *ngFile {
	for i := range n {
		g.add(packet.InFlow, query(i))
	}
	return g
}
