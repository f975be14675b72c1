package stages

import (
	"context"
	"math"
	"slices"

	"pcapmill/ingest/packet"
)

// walk decodes the block's packets, gives each its outcome and files the Views
// of those that belong to flows under their shards.
func (f *feeder) walk(_ context.Context, b *packet.Block) error {
	in := f.input(b.Input)
	views := slices.Grow(b.Views, len(b.Records))[:len(b.Records)]
	end := min(f.cfg.To, latest+1)
	from := face{}
	if f.slots != nil {
		f.slots.begin(b)
	}
	inFlow := packet.Tally{} // added up here and booked once, as nearly all packets are
	n := 0                   // views so far
	inner := in.Inner        // without what the packet at hand carries, where it may be dropped
	for i := range b.Records {
		rec := &b.Records[i]
		v := &views[n]
		v.Ordinal, v.Offset = b.FirstOrdinal+int64(i), rec.Offset
		if b.Origins != nil {
			v.Ordinal, in = b.Origins[i].Ordinal, f.input(int(b.Origins[i].Input))
		}
		if f.filter != nil {
			if drop, err := f.filter.drops(b, rec); drop || err != nil {
				if err != nil {
					return err
				}
				in.Accounting.By[packet.Filtered].Add(rec.CapLen, rec.WireLen)
				continue
			}
		}
		if f.clock.steady(rec.Time) && rec.Time < end && b.Origins == nil { // what admit comes to in nearly all cases
			in.sawTime(rec.Time)
			f.clock.now = rec.Time
			v.Time, v.Clock, v.Quality = rec.Time, rec.Time, 0
		} else if out, done := f.admit(b, i, v); done {
			in.Accounting.By[out].Add(rec.CapLen, rec.WireLen)
			continue
		}
		marks := v.Quality
		if !from.known || from.id != rec.Interface {
			from = faceOf(b, rec.Interface)
		}
		out := packet.UnsupportedLink
		if from.usable {
			out = f.walker.Walk(b.Data[rec.Offset:][:rec.CapLen], rec.WireLen, from.link, v)
		}
		if out != packet.InFlow {
			in.Accounting.By[out].Add(rec.CapLen, rec.WireLen)
			if f.slots != nil {
				f.slots.other(views[:n], rec, v, marks, out)
			}
			if f.outsiders.wanted[out] {
				f.outside(b, i, v, out, n)
			}
			continue
		}
		v.Quality |= marks
		first, noted := n, len(b.Outsiders)
		if f.duplicates != nil {
			inner = in.Inner
		}
		if n++; v.MayCarry() && !v.IsFragment() {
			views, n = f.layers(b, views, n, len(b.Records)-i-1, in)
		}
		if f.duplicates != nil && f.duplicate(b, i, views[first:n], in) {
			n, in.Inner, b.Outsiders = first, inner, b.Outsiders[:noted]
			continue
		}
		for l := range views[first:n] {
			f.fragments.marks |= views[first+l].Quality
		}
		if b.Origins != nil {
			in.Accounting.By[packet.InFlow].Add(rec.CapLen, rec.WireLen)
		} else {
			inFlow.Add(rec.CapLen, rec.WireLen)
		}
	}
	in.Accounting.By[packet.InFlow].Plus(inFlow)
	b.Views = views[:n]
	if f.slots != nil {
		f.slots.flow(b.Views)
	}
	f.walked(b)
	if f.slots != nil {
		return f.slots.Err()
	}
	return nil
}

// walked hands a block on whose Views are there.
func (f *feeder) walked(b *packet.Block) {
	if f.cfg.Key.VLAN {
		keyVLANs(b, b.Views)
	}
	if f.fragments.concern(b, f.clock.now) {
		f.join(b)
	}
	b.FirstView = f.views
	f.views += int64(len(b.Views))
	f.deal(b)
	b.Clock = f.clock.now
	if b.EndOfEpoch {
		f.endEpoch()
	}
}

// duplicate books a packet that is a duplicate, and reports whether it is dropped.
func (f *feeder) duplicate(b *packet.Block, i int, layers []packet.View, in *InputSummary) bool {
	if !f.duplicates.seen(b, i, layers) {
		return false
	}
	if f.cfg.Duplicates.Mode == DuplicatesDrop {
		in.Accounting.By[packet.Duplicate].Add(b.Records[i].CapLen, b.Records[i].WireLen)
		return true
	}
	for l := range layers {
		layers[l].Quality |= packet.Repeated
	}
	in.Duplicates++
	return false
}

// endEpoch forgets what does not carry over to the next epoch.
func (f *feeder) endEpoch() {
	f.clock = clock{}
	if f.duplicates != nil {
		f.duplicates.endEpoch()
	}
	if f.slots != nil {
		f.slots.End()
	}
}

// deal files each View under the shard that has its partition.
func (f *feeder) deal(b *packet.Block) {
	shards := uint32(len(b.Lists))
	for i := range b.Views {
		v := &b.Views[i]
		b.Layered = b.Layered || v.Depth > 0
		s := uint32(v.Partition()) % shards
		b.Lists[s] = append(b.Lists[s], packet.Ref{View: uint32(i), Hash: f.hasher.hash(v)})
	}
}

// admit applies the time filter and sets the packet's time, clock and time
// marks. done means that the packet has its outcome already.
func (f *feeder) admit(b *packet.Block, i int, v *packet.View) (out packet.Outcome, done bool) {
	t := b.Records[i].Time
	v.Quality = 0
	if t == packet.NoTime {
		v.Time, v.Clock, v.Quality = f.clock.now, f.clock.now, packet.NoTimestamp
		return 0, false
	}
	if t < f.cfg.From || t >= f.cfg.To && f.cfg.To != math.MaxInt64 {
		return packet.Filtered, true
	}
	origin := b.OriginOf(i)
	in := f.input(int(origin.Input))
	if t < earliest || t > latest {
		in.TimeOutliers++
		v.Time, v.Clock, v.Quality = f.clock.now, f.clock.now, packet.NoTimestamp
		return 0, false
	}
	in.sawTime(t)
	if origin.Outlier {
		in.TimeOutliers++
		v.Time, v.Clock, v.Quality = t, f.clock.now, packet.TimeOutlier
		return 0, false
	}
	if t < f.clock.now && f.clock.started {
		v.Quality = packet.Late
		in.Late++
	}
	f.clock.advance(t)
	v.Time, v.Clock = t, f.clock.now
	return 0, false
}

// face is the interface of the packets at hand.
type face struct {
	id     uint32
	link   packet.LinkType
	known  bool
	usable bool // its packets can be decoded
}

// faceOf looks an interface up.
func faceOf(b *packet.Block, id uint32) face {
	f := face{id: id, known: true}
	if int(id) < len(b.Interfaces) && b.Interfaces[id].Note == "" {
		f.link, f.usable = b.Interfaces[id].Link, true
	}
	return f
}
