package live

import (
	"context"
	"math"
	"slices"

	"pcapmill/cmd/job"
	"pcapmill/cmd/watch"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// tell lets the watch look at a commit, and remembers what it flagged. All that it is told is in the
// ledger, so that it is told the same by a later process.
func (a *analysis) tell(ctx context.Context, c *livefolder.Commit) error {
	if a.o.Watch == nil {
		return nil
	}
	told := watch.Commit{Segment: c.Number, Clock: c.ClockNs, Lacks: lacking(c)}
	for i := range c.Tables {
		told.Parts = append(told.Parts, watch.Part{Table: c.Tables[i].Name, Path: c.Tables[i].Path, Rows: c.Tables[i].Rows})
	}
	if c.Input != nil {
		told.First, told.Last, _ = c.Input.Covers()
	}
	look := a.o.Watch.Committed
	if c.AtEnd {
		look = a.o.Watch.Finish
	}
	found, err := look(context.WithoutCancel(ctx), told)
	if err != nil {
		return failed(job.ExitOutput, err)
	}
	a.seen = livefolder.Mark{Number: c.Number, AtEnd: c.AtEnd}
	for _, n := range found.Notes {
		a.o.Log.Warn(text.Escape(n))
	}
	if a.o.Keep != KeepNone { // else nobody asks, and no release takes any
		a.flagged = append(a.flagged, found.Flagged...)
		slices.Sort(a.flagged)
		a.flagged = slices.Compact(a.flagged)
	}
	a.final = max(a.final, found.Decided)
	return nil
}

// resumeWatch lets the watch go on behind what is not done again.
func (a *analysis) resumeWatch(ctx context.Context) (err error) {
	if a.o.Watch == nil {
		return nil
	}
	through := a.history.mark
	if len(a.redo) > 0 {
		through = a.behind
	}
	if a.seen, err = a.o.Watch.Resume(ctx, through); err != nil {
		return failed(job.ExitOutput, err)
	}
	return a.lookUpTo(ctx, through)
}

// lookAgain lets the watch look at all commits that it has not seen: no segment brings them again.
func (a *analysis) lookAgain(ctx context.Context) error { return a.lookUpTo(ctx, a.history.mark) }

func (a *analysis) lookUpTo(ctx context.Context, through livefolder.Mark) error {
	if a.o.Watch == nil || !through.Behind(a.seen) {
		return nil
	}
	_, err := livefolder.Visit(a.folder.LedgerPath(), ledger.Position{}, &livefolder.Visitor{Commit: func(c *livefolder.Commit, _ *ledger.Record) error {
		mark := livefolder.Mark{Number: c.Number, AtEnd: c.AtEnd}
		if mark.Behind(through) || !mark.Behind(a.seen) {
			return nil
		}
		return a.tell(ctx, c)
	}})
	return failed(job.ExitOutput, err)
}

// lacking is what the rows of a commit may lack.
func lacking(c *livefolder.Commit) watch.Lacks {
	l := watch.Lacks{
		Packets: c.Accounting.PacketsRead, EvictedFlows: c.Evicted, StreamBytes: c.TCPBytes, GapBytes: c.TCPGaps,
		Damaged: c.Input != nil && c.Input.Outcome != manifest.Complete && c.Input.Outcome != manifest.CompleteWithNotes,
	}
	for _, o := range []packet.Outcome{packet.MalformedL2, packet.MalformedL3, packet.MalformedL4} {
		l.Malformed += c.Accounting.Packets.Get(o.String())
	}
	if !c.Uncounted {
		l.Dropped = &c.Drops
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

// takeFlagged returns the flagged segments up to a number, which are forgotten then.
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
	return taken
}
