package stages

import (
	"context"
	"math"
	"slices"

	"pcapmill/ingest/packet"
)

// walk decodes the block's packets, gives each its outcome and files the Views
// of those that belong to flows under their shards.
func (f *feeder) walk(ctx context.Context, b *packet.Block) error {
	in := &f.Inputs[b.Input]
	shards := uint32(len(b.Lists))
	b.Views = slices.Grow(b.Views, len(b.Records))
	for i := range b.Records {
		rec := &b.Records[i]
		v := &b.Views[:len(b.Views)+1][len(b.Views)]
		v.Ordinal, v.Offset = b.FirstOrdinal+int64(i), rec.Offset
		if f.filter != nil {
			if drop, err := f.filter.drops(b, rec); drop || err != nil {
				if err != nil {
					return err
				}
				in.Accounting.By[packet.Filtered].Add(rec.CapLen, rec.WireLen)
				continue
			}
		}
		if out, done, err := f.admit(ctx, b, i, v); done || err != nil {
			if err != nil {
				return err
			}
			in.Accounting.By[out].Add(rec.CapLen, rec.WireLen)
			continue
		}
		link, usable := link(b, rec.Interface)
		out := packet.UnsupportedLink
		if usable {
			quality := v.Quality
			out = f.walker.Walk(b.Data[rec.Offset:rec.Offset+rec.CapLen], rec.WireLen, link, v)
			v.Quality |= quality
		}
		in.Accounting.By[out].Add(rec.CapLen, rec.WireLen)
		if out != packet.InFlow {
			continue
		}
		s := uint32(v.Partition()) % shards
		b.Lists[s] = append(b.Lists[s], uint32(len(b.Views)))
		b.Views = b.Views[:len(b.Views)+1]
	}
	b.Clock = f.clock.now
	if b.EndOfEpoch {
		f.clock = clock{}
	}
	return nil
}

// admit applies the time filter and sets the packet's time, clock and time
// marks. done means that the packet has its outcome already.
func (f *feeder) admit(ctx context.Context, b *packet.Block, i int, v *packet.View) (out packet.Outcome, done bool, err error) {
	t := b.Records[i].Time
	v.Quality = 0
	if t == packet.NoTime {
		v.Time, v.Clock, v.Quality = f.clock.now, f.clock.now, packet.NoTimestamp
		return 0, false, nil
	}
	if t < f.cfg.From || t >= f.cfg.To && f.cfg.To != math.MaxInt64 {
		return packet.Filtered, true, nil
	}
	in := &f.Inputs[b.Input]
	if t < earliest || t > latest {
		in.TimeOutliers++
		v.Time, v.Clock, v.Quality = f.clock.now, f.clock.now, packet.NoTimestamp
		return 0, false, nil
	}
	in.sawTime(t)
	if f.clock.suspicious(t) {
		ok, err := f.confirmed(ctx, b, i)
		if err != nil {
			return 0, false, err
		}
		if !ok {
			in.TimeOutliers++
			v.Time, v.Clock = t, f.clock.now
			return 0, false, nil
		}
	}
	if t < f.clock.now && f.clock.started {
		v.Quality = packet.Late
		in.Late++
	}
	f.clock.advance(t)
	v.Time, v.Clock = t, f.clock.now
	return 0, false, nil
}

// confirmed looks at the next packet's time, in the block to come if need be.
func (f *feeder) confirmed(ctx context.Context, b *packet.Block, i int) (bool, error) {
	t := b.Records[i].Time
	if i+1 < len(b.Records) {
		return confirms(t, b.Records[i+1].Time), nil
	}
	if b.EndOfEpoch {
		return true, nil
	}
	if f.peeked == nil {
		var err error
		if f.peeked, err = f.read(ctx); err != nil {
			return false, err
		}
	}
	if f.peeked == nil || len(f.peeked.Records) == 0 {
		return true, nil
	}
	return confirms(t, f.peeked.Records[0].Time), nil
}

// link returns the link type of an interface, false where its packets cannot be
// used.
func link(b *packet.Block, i uint32) (packet.LinkType, bool) {
	if int(i) >= len(b.Interfaces) || b.Interfaces[i].Note != "" {
		return 0, false
	}
	return b.Interfaces[i].Link, true
}
