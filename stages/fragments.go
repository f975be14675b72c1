package stages

import (
	"cmp"
	"slices"

	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
)

// fragments joins the fragments among a block's Views, which the header walk left
// there as packets of their own. A fragment waits until its datagram is whole or
// given up, beyond the end of its block and its input; then Views of all fragments
// take their places behind that of the packet which decided it, on the packet
// clock of that instant:
//
//   - of a whole datagram, the packet that completes it has the transport header
//     and the whole payload, in a frame behind the block's packets; the others are
//     packets of the same flow without either.
//   - of a datagram that is given up, all are Unresolved: the first fragment keeps
//     what it has of header and payload, the others are packets of its flow.
//     Without a first fragment they are in no flow, and have an outcome for that.
//
// Fragments of inner layers go the same way, except that outcomes are those of
// packets, which their outermost layer decides.
//
// What a fragmented datagram carries is decoded once it is whole.
type fragments struct {
	table *defrag.Table
	views []packet.View  `snapshot:"-"` // memory for the next list
	marks packet.Quality // of the block's Views, all together
}

// concern reports whether a block needs join: it has fragments, by the union
// of its Views' marks, or some that wait may have their time up.
func (j *fragments) concern(b *packet.Block, clock packet.Nanos) bool {
	marks := j.marks
	j.marks = 0
	return marks&(packet.FirstFragment|packet.LaterFragment) != 0 || clock > j.table.Due() || b.EndOfEpoch && j.table.Len() > 0
}

// join rewrites the block's Views.
func (f *feeder) join(b *packet.Block) {
	j := &f.fragments
	views := b.Views
	b.Views, j.views = slices.Grow(j.views[:0], len(views)), views
	noted := f.outsiders.begin(b)
	for i := range views {
		v := &views[i]
		noted = f.pass(b, noted, i)
		f.expire(b, v.Clock)
		if !v.IsFragment() {
			b.Views = append(b.Views, *v)
			continue
		}
		f.fragment(b, v)
	}
	f.pass(b, noted, len(views))
	f.expire(b, f.clock.now)
	if b.EndOfEpoch {
		f.giveUpAll(b)
	}
	j.table.Keep()
	sortGuests(b)
}

func sortGuests(b *packet.Block) {
	slices.SortFunc(b.Guests, func(x, y packet.Origin) int { return cmp.Compare(x.Ordinal, y.Ordinal) })
}

// fragment files one fragment.
func (f *feeder) fragment(b *packet.Block, v *packet.View) {
	origin := b.Invite(v)
	table := f.fragments.table
	whole, fault := table.Add(b, v, origin, &f.input(int(origin.Input)).Fragments)
	if fault != packet.FaultNone {
		f.rebook(origin.Input, v, packet.MalformedL3)
		f.outsidePiece(b, origin, v, nil, packet.MalformedL3, fault)
		return
	}
	if whole != nil {
		f.whole(b, whole)
		table.Release(whole)
		return
	}
	for d := table.Excess(f.notesOf); d != nil; d = table.Excess(f.notesOf) {
		f.giveUp(b, d, v.Clock, packet.FaultEvicted)
	}
}

// notesOf returns what is noted of the input that a datagram began in, whichever input's
// packet decides what becomes of it.
func (f *feeder) notesOf(d *defrag.Datagram) *defrag.Stats {
	return &f.input(int(d.Pieces[0].Origin.Input)).Fragments
}

// rebook changes the outcome of a fragment from InFlow, which the walk took for
// granted. It has effect on the packet's own input, which may have ended.
func (f *feeder) rebook(input int32, v *packet.View, out packet.Outcome) {
	if v.Depth > 0 {
		return
	}
	t := packet.Tally{Packets: 1, CapturedBytes: int64(v.CapLen), WireBytes: int64(v.WireLen)}
	by := &f.input(int(input)).Accounting.By
	by[out].Plus(t)
	by[packet.InFlow].Plus(packet.Tally{Packets: -t.Packets, CapturedBytes: -t.CapturedBytes, WireBytes: -t.WireBytes})
}

// whole files a datagram that has become whole, its last packet last.
func (f *feeder) whole(b *packet.Block, d *defrag.Datagram) {
	last := &d.Pieces[len(d.Pieces)-1].View
	joined, out, fault := f.rejoin(b, d)
	if out != packet.InFlow {
		for _, p := range d.Pieces {
			f.exclude(b, p, out, fault)
		}
		return
	}
	for _, p := range d.Pieces[:len(d.Pieces)-1] {
		f.attribute(b, p, &joined, last.Clock)
	}
	joined.Time, joined.Clock, joined.Ordinal = last.Time, last.Clock, last.Ordinal
	joined.Quality |= last.Quality & handedDown
	inner := f.carried(b, &joined, d.Pieces[len(d.Pieces)-1].Origin.Input)
	joined.CapLen, joined.WireLen, joined.IPLen = last.CapLen, last.WireLen, last.IPLen
	joined.TTL, joined.TOS = last.TTL, last.TOS
	joined.Quality = joined.Quality&^packet.TruncatedPayload | last.Quality&ownMarks
	b.Views = append(b.Views, joined)
	for i := range inner {
		if inner[i].IsFragment() {
			f.fragment(b, &inner[i])
			continue
		}
		b.Views = append(b.Views, inner[i])
	}
}

// carried decodes the layers within a datagram that has become whole.
func (f *feeder) carried(b *packet.Block, joined *packet.View, input int32) []packet.View {
	if !joined.MayCarry() {
		return nil
	}
	noted, before := len(b.Outsiders), uint32(len(b.Views)) // joined comes next
	views, n := f.layers(b, []packet.View{*joined}, 1, 0, f.input(int(input)))
	for i := range b.Outsiders[noted:] {
		b.Outsiders[noted+i].Before += before
	}
	*joined = views[0]
	if f.cfg.Key.VLAN {
		keyVLANs(b, views[1:n])
	}
	return views[1:n]
}

// ownMarks are the marks of a fragment that say something of its own packet and
// not of the datagram.
const ownMarks = packet.FirstFragment | packet.LaterFragment | packet.BadIPChecksum | packet.Late |
	packet.NoTimestamp | packet.LengthMismatch | packet.TruncatedPayload | packet.TimeOutlier | packet.Repeated

// exclude gives a fragment that was taken for a packet of a flow another outcome.
func (f *feeder) exclude(b *packet.Block, p *defrag.Piece, out packet.Outcome, fault packet.Fault) {
	f.rebook(p.Origin.Input, &p.View, out)
	var kept []byte
	if p.Kept() {
		kept = p.Frame
	}
	f.outsidePiece(b, p.Origin, &p.View, kept, out, fault)
}

// rejoin appends a datagram to the block's data and decodes it.
func (f *feeder) rejoin(b *packet.Block, d *defrag.Datagram) (packet.View, packet.Outcome, packet.Fault) {
	v := d.Head().View
	start := len(b.Data)
	data, wire, ok := d.AppendFrame(b.Data)
	if !ok {
		f.notesOf(d).Oversized++
		return v, packet.MalformedL3, packet.FaultTooLong
	}
	out := f.walker.Rejoin(data[start:], wire, &v)
	fault, _ := v.Fault()
	if out == packet.InFlow && v.IsFragment() { // a fragment header within the datagram
		f.notesOf(d).Malformed++
		out, fault = packet.MalformedL3, packet.FaultNested
	}
	if out == packet.InFlow {
		v.Offset, b.Data = uint32(start), data
	}
	return v, out, fault
}

// expire gives up the datagrams whose time is up.
func (f *feeder) expire(b *packet.Block, clock packet.Nanos) {
	table := f.fragments.table
	if clock <= table.Due() {
		return
	}
	for d := table.Expired(clock, f.notesOf); d != nil; d = table.Expired(clock, f.notesOf) {
		f.giveUp(b, d, d.Deadline, packet.FaultExpired)
	}
}

// giveUpAll gives up all datagrams that wait, as the input has ended.
func (f *feeder) giveUpAll(b *packet.Block) {
	table := f.fragments.table
	for d := table.Oldest(f.notesOf); d != nil; d = table.Oldest(f.notesOf) {
		f.giveUp(b, d, f.clock.now, packet.FaultUnfinished)
	}
}

// giveUp files the fragments of a datagram that will not become whole, because of why.
func (f *feeder) giveUp(b *packet.Block, d *defrag.Datagram, clock packet.Nanos, why packet.Fault) {
	head := d.Head()
	if d.Void() {
		why = packet.FaultOverlap
	}
	for _, p := range d.Pieces {
		switch {
		case head == nil:
			f.exclude(b, p, packet.FragmentUnresolved, why)
		case p == head:
			v := f.place(b, p, clock, uint32(len(p.Frame)))
			v.Quality |= packet.Unresolved
		default:
			f.attribute(b, p, &head.View, clock).Quality |= packet.Unresolved
		}
	}
	f.fragments.table.Release(d)
}

// attribute files a fragment as a packet of the flow of v, without header and
// payload.
func (f *feeder) attribute(b *packet.Block, p *defrag.Piece, v *packet.View, clock packet.Nanos) *packet.View {
	w := f.place(b, p, clock, uint32(p.View.L4))
	w.SrcPort, w.DstPort, w.Protocol, w.ICMPType, w.ICMPCode = v.SrcPort, v.DstPort, v.Protocol, v.ICMPType, v.ICMPCode
	w.TCPFlags, w.Window, w.Seq, w.Ack = 0, 0, 0, 0
	w.L4Len, w.PayloadLen, w.PayloadCap = 0, 0, 0
	w.Quality &= ownMarks
	return w
}

// place appends the View of a fragment. One from an earlier block brings the
// beginning of its frame along.
func (f *feeder) place(b *packet.Block, p *defrag.Piece, clock packet.Nanos, need uint32) *packet.View {
	b.Views = append(b.Views, p.View)
	v := &b.Views[len(b.Views)-1]
	v.Clock = clock
	if p.Kept() {
		v.Offset = uint32(len(b.Data))
		b.Data = append(b.Data, p.Frame[:need]...)
		b.Guests = append(b.Guests, p.Origin)
	}
	return v
}
