package stages

import (
	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// recorder makes the records of the packets of one shard.
type recorder struct {
	parsers []record.Parser
	rows    *record.Rows
	blocks  int     // since rows were handed on
	errors  []int64 // per parser: messages that it could not read to their end
}

// What is known of a flow's protocol, in rowMeta.app; from appFirst on it is the
// parser's index.
const (
	appUntried = iota // no payload yet
	appNone
	appFirst
)

// newRecorder returns nil where no records are wanted.
func newRecorder(cfg *Config) (*recorder, error) {
	parsers, err := record.Parsers(cfg.Records, cfg.Addresses)
	if err != nil || len(parsers) == 0 {
		return nil, err
	}
	return &recorder{parsers: parsers, rows: new(record.Rows), errors: make([]int64, len(parsers))}, nil
}

// packet looks at a packet that has been counted in the flow of the given number.
// number is the View's within the run.
func (rc *recorder) packet(t *flowTable, b *packet.Block, v *packet.View, id uint32, number int64) {
	if v.Protocol != packet.ProtoUDP || v.PayloadCap == 0 || v.L4Len == 0 || v.Quality&packet.Unresolved != 0 {
		return // of a datagram in fragments, the whole makes a record
	}
	m := t.arena.metaOf(id)
	at := int(m.app) - appFirst
	if at < 0 && m.app == appNone && !rc.hinted(v) {
		return
	}
	p := recordPacket(t, b, v, id)
	if at < 0 {
		if at = rc.recognise(&p); at < 0 {
			m.app = appNone
			return
		}
		m.app = uint8(at + appFirst)
	}
	p.FlowID = t.arena.row(id).ID() // a hash: only for what becomes a record
	rc.rows.At(number, at)
	if err := rc.parsers[at].Datagram(&p, rc.rows); err != nil {
		rc.errors[at]++
	}
}

// hinted reports whether the ports speak for a protocol, so that each datagram is
// looked at until one is of it.
func (rc *recorder) hinted(v *packet.View) bool {
	for _, parser := range rc.parsers {
		if parser.Hinted(v.SrcPort, v.DstPort) {
			return true
		}
	}
	return false
}

func (rc *recorder) recognise(p *record.Packet) int {
	for i, parser := range rc.parsers {
		if parser.Recognise(p) {
			return i
		}
	}
	return -1
}

// recordPacket returns all of a record's packet but the FlowID.
func recordPacket(t *flowTable, b *packet.Block, v *packet.View, id uint32) record.Packet {
	r, origin := t.arena.row(id), b.OriginOfView(v)
	return record.Packet{
		Capture: origin.Input, Index: origin.Index, Time: v.Time,
		Src: v.Src, Dst: v.Dst, SrcPort: v.SrcPort, DstPort: v.DstPort,
		Version: v.Version, Transport: v.Protocol,
		Forward: r.Key.SrcPort == v.SrcPort && r.Key.Src == v.Src,
		Payload: v.Payload(b), Cut: v.PayloadCap < v.PayloadLen,
	}
}
