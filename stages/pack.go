package stages

import (
	"context"
	"math"

	"pcapmill/ingest/packet"
)

// packer copies packets of any blocks into new ones, where each Record has its
// own Origin and the interfaces of all inputs share one list.
type packer struct {
	pool  *blockPool
	epoch int
	first int64 // ordinal of the epoch's first packet
	input int   // number of the epoch's first input
	b     *packet.Block
	faces map[packet.Interface]uint32
	last  struct { // interface looked up last
		list []packet.Interface
		id   uint32
		at   uint32
	}
}

// maxPacked bounds the packets of a block, as those without bytes fill none.
const maxPacked = 1 << 14

// begin takes an empty block from the pool.
func (p *packer) begin(ctx context.Context) error {
	b, err := p.pool.get(ctx)
	if err != nil {
		return err
	}
	b.SetOrigins()
	b.Interfaces = nil
	b.Epoch, b.FirstOrdinal, b.FirstIndex, b.Input = p.epoch, p.first, 1, p.input
	p.b, p.last.list = b, nil
	clear(p.faces)
	return nil
}

// room reports whether a packet of so many bytes fits into the block begun.
func (p *packer) room(captured uint32) bool {
	b := p.b
	return len(b.Records) == 0 || len(b.Records) < maxPacked && cap(b.Data)-len(b.Data) >= int(captured)
}

// add copies Records[i] of a block to the end of the block begun.
func (p *packer) add(from *packet.Block, i int, o packet.Origin) {
	b, rec := p.b, from.Records[i]
	old := rec
	data := from.Data[rec.Offset : rec.Offset+rec.CapLen]
	rec.Offset = uint32(len(b.Data))
	rec.Interface = p.face(from.Interfaces, rec.Interface)
	b.Data = append(b.Data, data...)
	b.Records = append(b.Records, rec)
	b.Origins = append(b.Origins, o)
	if len(from.Comments) == 0 {
		return
	}
	for text := range from.CommentsOn(&old) {
		b.Comments = append(b.Comments, packet.Comment{Packet: rec.Offset, Offset: uint32(len(b.Data)), Length: uint32(len(text))})
		b.Data = append(b.Data, text...)
	}
}

// face returns the number that an interface has in the block begun.
func (p *packer) face(list []packet.Interface, id uint32) uint32 {
	if int(id) >= len(list) {
		return math.MaxUint32
	}
	l := &p.last
	if l.id == id && len(l.list) == len(list) && &l.list[0] == &list[0] {
		return l.at
	}
	key := list[id]
	key.Packets = 0 // goes on while the input is read
	at, known := p.faces[key]
	if !known {
		at = uint32(len(p.b.Interfaces))
		p.b.Interfaces = append(p.b.Interfaces, key)
		if p.faces == nil {
			p.faces = make(map[packet.Interface]uint32)
		}
		p.faces[key] = at
	}
	l.list, l.id, l.at = list, id, at
	return at
}

// take returns the block begun.
func (p *packer) take() *packet.Block {
	b := p.b
	p.b = nil
	return b
}
