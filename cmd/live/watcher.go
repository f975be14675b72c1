package live

import (
	"context"
	"math"
	"slices"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/watch"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// tell lets the watch look at what was committed, and remembers what it flagged.
func (a *analysis) tell(ctx context.Context, c *livefolder.Commit, r *stages.Result, s *event.Segment) error {
	if a.o.Watch == nil {
		return nil
	}
	told := watch.Commit{Segment: c.Number, Clock: c.ClockNs, Lacks: lacks(c, r, s)}
	for i := range c.Tables {
		told.Parts = append(told.Parts, watch.Part{Table: c.Tables[i].Name, Path: c.Tables[i].Path, Rows: c.Tables[i].Rows})
	}
	told.First, told.Last = span(c, s)
	look := a.o.Watch.Committed
	if c.AtEnd {
		look = a.o.Watch.Finish
	}
	found, err := look(context.WithoutCancel(ctx), told)
	if err != nil {
		return failed(job.ExitOutput, err)
	}
	for _, n := range found.Notes {
		a.o.Log.Warn(text.Escape(n))
	}
	a.flagged = append(a.flagged, found.Flagged...)
	a.final = max(a.final, found.Decided)
	return nil
}

// span is what a segment covers of packet time.
func span(c *livefolder.Commit, s *event.Segment) (first, last int64) {
	if c.Input != nil {
		first, _ = known(c.Input.FirstNs)
		last, _ = known(c.Input.LastNs)
	}
	if s != nil && s.WatermarkNs != nil && first != 0 {
		last = max(last, *s.WatermarkNs)
	}
	return first, last
}

// lacks is what the rows of a segment may lack.
func lacks(c *livefolder.Commit, r *stages.Result, s *event.Segment) watch.Lacks {
	l := watch.Lacks{
		Packets: r.Accounting.Read.Packets, EvictedFlows: r.Evicted,
		StreamBytes: r.Streams.Bytes, GapBytes: r.Streams.GapBytes,
		Damaged: c.Input != nil && c.Input.Outcome != manifest.Complete && c.Input.Outcome != manifest.CompleteWithNotes,
	}
	for _, o := range []packet.Outcome{packet.MalformedL2, packet.MalformedL3, packet.MalformedL4} {
		l.Malformed += r.Accounting.By[o].Packets
	}
	if s == nil || s.KernelDrops != nil {
		drops := c.Drops
		l.Dropped = &drops
	}
	return l
}

// decided is the last segment that will not be flagged any more.
func (a *analysis) decided() int64 {
	if a.o.Watch == nil || a.o.Keep != KeepFlagged {
		return math.MaxInt64
	}
	return a.final
}

// takeFlagged returns the flagged segments up to a number, each once, which are forgotten then.
func (a *analysis) takeFlagged(through int64) []int64 {
	var taken, left []int64
	for _, n := range a.flagged {
		if n <= through {
			taken = append(taken, n)
		} else {
			left = append(left, n)
		}
	}
	a.flagged = left
	slices.Sort(taken)
	return slices.Compact(taken)
}
