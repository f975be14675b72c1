package stages

import (
	"bytes"
	"slices"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// recorder makes the records of the packets of one shard.
type recorder struct {
	set       *record.Set             `snapshot:"-"`
	datagrams []record.DatagramParser `snapshot:"-"` // per parser, nil where it is for streams alone
	streams   []record.StreamParser   `snapshot:"-"` // per parser, nil where it is for datagrams alone
	*notes
	errors   []int64 // per parser: messages that it could not read to their end
	talks    talks
	pool     *stream.Pool
	listener listener      `snapshot:"-"`
	p        record.Packet `snapshot:"-"` // memory of datagram
	store    StreamStore   `snapshot:"-"` // nil: streams are not saved
	apart    bool          `snapshot:"-"` // inputs are independent: they may hold the same connections
	failed   error         `snapshot:"-"` // of the store
	sum      StreamTotals
	held     [packet.Partitions]int64 // bytes of conversations
	idle     []idleTalk               `snapshot:"-"` // memory of limit
	shut     [packet.Partitions]bool  // no conversation begins there until the next division
	released int64                    // conversations that were given up for memory
	unheard  int64                    // packets that began none for the same reason
}

// What is known of a flow's protocol, in heard.app; from appFirst on it is the
// parser's index.
const (
	appUntried = iota // no payload yet
	appNone           // of none that is known
	appFirst
)

// newRecorder returns nil where no records are wanted. They go to the notes.
func newRecorder(set *record.Set, cfg *Config, n *notes) *recorder {
	if len(set.Parsers) == 0 && cfg.Save == nil {
		return nil
	}
	rc := &recorder{set: set, notes: n, store: cfg.Save, apart: cfg.Inputs == Independent, errors: make([]int64, len(set.Parsers)), pool: stream.NewPool(unlimited(cfg.Streams))}
	rc.talks.spares = record.NewSpares(cfg.Workers)
	for _, p := range set.Parsers {
		d, _ := p.(record.DatagramParser)
		s, _ := p.(record.StreamParser)
		rc.datagrams, rc.streams = append(rc.datagrams, d), append(rc.streams, s)
	}
	rc.listener.rc = rc
	return rc
}

// packet looks at a packet that has been counted in the flow of the given number.
// number is the View's within the run.
func (rc *recorder) packet(t *flowTable, b *packet.Block, v *packet.View, id uint32, number int64) {
	if v.Quality&packet.Unresolved != 0 || v.L4Len == 0 {
		return // of a datagram in fragments, the whole makes a record
	}
	switch v.Protocol {
	case packet.ProtoUDP:
		if v.PayloadCap > 0 {
			rc.datagram(t, b, v, id, number)
		}
	case packet.ProtoTCP:
		rc.segment(t, b, v, id, number)
	}
}

// unheardOf reports whether a packet would begin a conversation where there is no memory
// for one.
func (rc *recorder) unheardOf(v *packet.View) bool {
	if !rc.shut[v.Partition()] {
		return false
	}
	rc.unheard++
	return true
}

func (rc *recorder) datagram(t *flowTable, b *packet.Block, v *packet.View, id uint32, number int64) {
	h := t.arena.heardOf(id)
	at := int(h.app) - appFirst
	if at < 0 && h.app == appNone && !rc.hinted(v) || h.talk == 0 && rc.unheardOf(v) {
		return
	}
	p := &rc.p
	setPacket(p, t, b, v, id)
	if at < 0 {
		if at = rc.recognise(p); at < 0 {
			h.app = appNone
			return
		}
		rc.recognised(t, h, id, at)
	}
	c := rc.talks.of(h)
	if c.Spent() {
		return
	}
	c.Read(len(p.Payload))
	rc.rows.At(number, &c.Conversation)
	err := rc.datagrams[at].Datagram(&c.Conversation, p, rc.rows)
	if c.Spent() {
		c.Forget()
		err = errExpansion
	}
	if err != nil {
		rc.malformed(b, v, number, at, err)
	}
	rc.weigh(c, id, v.Partition())
	rc.note(t, v, number)
}

// recognised notes that a flow is of a parser's protocol.
func (rc *recorder) recognised(t *flowTable, h *heard, id uint32, parser int) {
	h.app = uint8(parser + appFirst)
	t.arena.row(id).App = uint8(rc.set.Numbers[parser] + 1)
}

// note takes the names that a packet's messages told.
func (rc *recorder) note(t *flowTable, v *packet.View, number int64) {
	told := rc.set.Tables.Names
	for i := range told {
		t.names = append(t.names, nameReport{epoch: t.epoch, clock: v.Clock, place: placeOf(number), ordinal: v.Ordinal, time: v.Time, Name: told[i]})
	}
	rc.set.Tables.Names = told[:0]
}

// malformed counts a message that the packet v completed and that could not be read.
func (rc *recorder) malformed(b *packet.Block, v *packet.View, number int64, parser int, err error) {
	rc.errors[parser]++
	rc.message(b, v, number, rc.set.Names[parser], err)
}

// faults counts the messages that could not be read and behind which their parser reads on.
func (rc *recorder) faults(b *packet.Block, v *packet.View, number int64, parser int) {
	list := rc.set.Tables.Faults
	for _, err := range list {
		rc.malformed(b, v, number, parser, err)
	}
	rc.set.Tables.Faults = list[:0]
}

// errorsOf counts the messages of a table's protocol that could not be read to their
// end.
func (rc *recorder) errorsOf(table int) int64 {
	if at := slices.Index(rc.set.Tabled, table); at >= 0 {
		return rc.errors[at]
	}
	return 0
}

// messagesMalformed counts those of all parsers.
func (rc *recorder) messagesMalformed() int64 {
	n := int64(0)
	for _, errors := range rc.errors {
		n += errors
	}
	return n
}

// hinted reports whether the ports speak for a protocol, so that each datagram is
// looked at until one is of it.
func (rc *recorder) hinted(v *packet.View) bool {
	for _, parser := range rc.datagrams {
		if parser != nil && parser.Hinted(v.SrcPort, v.DstPort) {
			return true
		}
	}
	return false
}

func (rc *recorder) recognise(p *record.Packet) int {
	for i, parser := range rc.datagrams {
		if parser != nil && parser.Recognise(p) {
			return i
		}
	}
	return -1
}

// setPacket makes p a record's packet. It sets what there is one by one: made elsewhere
// and copied, it would take longer than all of its users.
func setPacket(p *record.Packet, t *flowTable, b *packet.Block, v *packet.View, id uint32) {
	r, origin := t.arena.row(id), b.OriginOfView(v)
	p.Flow, p.Capture, p.Index, p.Time = r, origin.Input, origin.Index, v.Time
	p.Src, p.Dst, p.SrcPort, p.DstPort = v.Src, v.Dst, v.SrcPort, v.DstPort
	p.Version, p.Transport = v.Version, v.Protocol
	p.Forward, p.Side = r.Key.SrcPort == v.SrcPort && r.Key.Src == v.Src, side(v)
	p.Payload, p.Cut = v.Payload(b), v.PayloadCap < v.PayloadLen
}

// swapped reports whether side 0 of a flow, as side returns it, is its responder.
func swapped(r *flow.Row) bool {
	if r.Key.SrcPort != r.Key.DstPort {
		return r.Key.SrcPort > r.Key.DstPort
	}
	return bytes.Compare(r.Key.Src[:], r.Key.Dst[:]) > 0
}

// side tells the ends of a flow apart, whichever is the initiator.
func side(v *packet.View) uint8 {
	if v.SrcPort > v.DstPort || v.SrcPort == v.DstPort && bytes.Compare(v.Src[:], v.Dst[:]) > 0 {
		return 1
	}
	return 0
}

// ended takes what was said of a flow out of its conversation, which is over.
func (rc *recorder) ended(h *heard, r *flow.Row) *flow.App {
	c := rc.talks.at(h)
	if c == nil {
		return nil
	}
	rc.closeStreams(c, r)
	rc.held[c.partition] -= c.weight
	app := c.App
	rc.talks.free(h)
	return app
}

// cut takes what was said of a flow so far out of its conversation, which goes on.
func (rc *recorder) cut(h *heard, r *flow.Row) *flow.App {
	c := rc.talks.at(h)
	if c == nil {
		return nil
	}
	noteStreams(c, r)
	app := c.App
	c.Next(rc.talks.spares.Apps.Copy(app))
	rc.weigh(c, c.id, c.partition)
	return app
}
