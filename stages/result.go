package stages

import (
	"slices"

	"pcapmill/ingest/packet"
)

// unwritten returns the packets that are in a flow but in no row yet.
func (s *Session) unwritten() packet.Tally {
	sum := s.feeder.fragments.table.Packets()
	for _, shard := range s.shards {
		shard.unwritten(&sum)
	}
	s.seq.unwritten(&sum)
	return sum
}

// reached is the latest time that is believed of the packets that were read and of watermarks,
// though some may still wait; before time has begun, what a watermark says.
func (s *Session) reached() packet.Nanos {
	w, c := s.feeder.window, &s.feeder.clock
	switch {
	case w.started && c.started:
		return max(w.now, c.now)
	case w.started:
		return w.now
	case c.started:
		return c.now
	case w.said != 0:
		return w.said
	}
	return packet.NoTime
}

// since returns what has come since an earlier state of the same sums.
func (r *Result) since(old *Result) *Result {
	d := *r
	d.Accounting.Read = less(d.Accounting.Read, old.Accounting.Read)
	for out := range d.Accounting.By {
		d.Accounting.By[out] = less(d.Accounting.By[out], old.Accounting.By[out])
	}
	d.Flows, d.Evicted = r.Flows-old.Flows, r.Evicted-old.Evicted
	d.InFlows = less(r.InFlows, old.InFlows)
	d.WindowParts, d.WithoutSeries = r.WindowParts-old.WindowParts, r.WithoutSeries-old.WithoutSeries
	d.Streams = r.Streams.since(&old.Streams)
	d.Records, d.Windows, d.Captures = slices.Clone(r.Records), slices.Clone(r.Windows), slices.Clone(r.Captures)
	for i := range old.Records {
		d.Records[i].Rows -= old.Records[i].Rows
		d.Records[i].Errors -= old.Records[i].Errors
	}
	for i := range old.Windows {
		d.Windows[i].minus(&old.Windows[i])
	}
	for i := range old.Captures {
		c, o := &d.Captures[i], &old.Captures[i]
		c.Written, c.LeftOut, c.Unwritable = less(c.Written, o.Written), less(c.LeftOut, o.LeftOut), less(c.Unwritable, o.Unwritable)
	}
	d.Errors = errorsSince(r.Errors, old.Errors)
	return &d
}

func less(a, b packet.Tally) packet.Tally {
	return packet.Tally{Packets: a.Packets - b.Packets, CapturedBytes: a.CapturedBytes - b.CapturedBytes, WireBytes: a.WireBytes - b.WireBytes}
}

// minus takes an earlier state off.
func (t *WindowTable) minus(old *WindowTable) {
	t.Rows, t.Of = t.Rows-old.Rows, less(t.Of, old.Of)
	t.Sums = slices.Clone(t.Sums)
	for i := range old.Sums {
		t.Sums[i] = less(t.Sums[i], old.Sums[i])
	}
}

// since returns what has come since an earlier state.
func (t StreamTotals) since(old *StreamTotals) StreamTotals {
	return StreamTotals{
		Streams: t.Streams - old.Streams, Bytes: t.Bytes - old.Bytes, Gaps: t.Gaps - old.Gaps, GapBytes: t.GapBytes - old.GapBytes,
		HeldBytes: t.HeldBytes - old.HeldBytes, OverlapBytes: t.OverlapBytes - old.OverlapBytes, ConflictBytes: t.ConflictBytes - old.ConflictBytes,
		Midstream: t.Midstream - old.Midstream, Released: t.Released - old.Released, Unheard: t.Unheard - old.Unheard,
	}
}

// errorsSince lists the errors that are new since an earlier list.
func errorsSince(list, old []ErrorCount) []ErrorCount {
	before := map[ErrorCount]int64{}
	for _, c := range old {
		rows := c.Rows
		c.Rows = 0
		before[c] = rows
	}
	var fresh []ErrorCount
	for _, c := range list {
		rows := c.Rows
		c.Rows = 0
		if c.Rows = rows - before[c]; c.Rows > 0 {
			fresh = append(fresh, c)
		}
	}
	return fresh
}
