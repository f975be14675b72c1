package stages

import (
	"errors"
	"sync/atomic"

	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// notes are what a shard writes down between two sheets: records, rows of the errors
// table, and packets for the capture files.
type notes struct {
	rows    *record.Rows       `snapshot:"-"`
	saved   *saved             `snapshot:"-"`
	blocks  int                // since they were handed on
	outside int                // Outsiders of these blocks
	table   *record.Errors     `snapshot:"-"`
	files   [captureFiles]bool // that are wanted
	full    *atomic.Bool       // UnknownFile has no room for more, of all shards
	tally   errorTally
	problem record.Problem `snapshot:"-"` // memory
}

// newNotes returns nil where nothing is written down. tables is how many tables there
// are before that of the errors.
func newNotes(cfg *Config, tables int, full *atomic.Bool) *notes {
	n := &notes{rows: new(record.Rows), full: full}
	n.files[errorsFile], n.files[unknownFile] = cfg.SaveErrors, cfg.Unknown
	if cfg.Errors {
		n.table = record.NewErrors(tables)
	}
	if cfg.SaveErrors || cfg.Unknown {
		n.saved = new(saved)
	}
	if tables == 0 && n.table == nil && n.saved == nil && cfg.Save == nil {
		return nil
	}
	return n
}

func (n *notes) empty() bool { return n.rows.Len() == 0 && (n.saved == nil || n.saved.empty()) }

// outsiders writes down what a block has of packets without a flow. One shard does it
// for all, before it looks at the block's Views.
func (n *notes) outsiders(b *packet.Block) {
	for i := range b.Outsiders {
		o := &b.Outsiders[i]
		view := b.FirstView + int64(o.Before)
		data := b.Data[o.Offset : o.Offset+o.Here]
		if isUnknown(o.Outcome) {
			n.save(unknownFile, view, &o.Origin, o.Time, o.WireLen, data)
			continue
		}
		n.tally.outsider(o)
		if n.table != nil {
			n.problem = record.Problem{
				Capture: o.Origin.Input, Index: o.Origin.Index, Time: o.Time, Depth: o.Depth,
				Layer: layerOf(o.Outcome, o.Fault, o.Depth > 0), Outcome: o.Outcome, Reason: o.Fault.String(), Offset: int64(o.At),
				Captured: o.CapLen, Wire: o.WireLen, Face: o.Origin.Face,
			}
			n.table.Add(n.rows, view, &n.problem)
		}
		n.save(errorsFile, view, &o.Origin, o.Time, o.WireLen, data)
	}
}

// message writes down that a message which the packet v completed is malformed.
func (n *notes) message(b *packet.Block, v *packet.View, view int64, protocol string, err error) {
	reason, offset := faultOf(err)
	if v.Protocol != packet.ProtoUDP { // the message began in another packet, or behind another message
		offset = -1
	}
	n.tally.message(protocol, reason)
	if n.table == nil && !n.files[errorsFile] {
		return
	}
	p := packetOf(b, v)
	if n.table != nil {
		n.problem = record.Problem{
			Capture: p.origin.Input, Index: p.origin.Index, Time: v.Time, Depth: v.Depth, Layer: protocol, Outcome: packet.InFlow,
			Reason: reason, Offset: p.within(v, offset), Captured: uint32(len(p.data)), Wire: p.wire, Face: p.origin.Face,
		}
		n.table.Add(n.rows, view, &n.problem)
	}
	n.save(errorsFile, view, &p.origin, v.Time, p.wire, p.data)
}

// faultOf returns the word for what is wrong with a message, and where.
func faultOf(err error) (reason string, offset int) {
	var f record.Fault
	if errors.As(err, &f) {
		return f.Fault()
	}
	return "malformed", -1
}

// unclaimed saves a packet whose payload is of no known protocol, as far as its flow
// has said by now. What carries another layer is known for a tunnel.
func (n *notes) unclaimed(b *packet.Block, v *packet.View, view int64) {
	if v.PayloadCap == 0 || v.Link&packet.LinkCarries != 0 {
		return
	}
	p := packetOf(b, v)
	n.save(unknownFile, view, &p.origin, v.Time, p.wire, p.data)
}

// captured is a packet as it was captured.
type captured struct {
	origin packet.Origin // with its Face
	start  uint32        // of data in Block.Data
	data   []byte
	wire   uint32
}

// packetOf returns the packet that a View is of; of a datagram that was put together,
// the one that completed it.
func packetOf(b *packet.Block, v *packet.View) captured {
	i := b.RecordOf(v)
	if i < 0 { // a guest brings its frame along
		return captured{b.OriginOfView(v), v.Offset, b.Data[v.Offset : v.Offset+v.CapLen], v.WireLen}
	}
	r, origin := &b.Records[i], b.OriginOf(i)
	origin.Face = b.Face(i)
	return captured{origin, r.Offset, b.Data[r.Offset : r.Offset+r.CapLen], r.WireLen}
}

// within returns the offset in the frame of an offset in the payload of v, -1 where
// the payload is not a part of that frame.
func (p *captured) within(v *packet.View, offset int) int64 {
	payload := v.Offset + uint32(v.L4) + uint32(v.L4Len)
	if offset < 0 || payload < p.start || payload-p.start > uint32(len(p.data)) {
		return -1
	}
	return int64(payload-p.start) + int64(offset)
}
