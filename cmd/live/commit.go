package live

import (
	"context"
	"fmt"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// openSession begins a session, and records it, where none is open.
func (a *analysis) openSession() (err error) {
	if !a.open {
		if err := a.recordSession(); err != nil {
			return err
		}
	}
	if a.session == nil {
		if a.session, err = a.engine.begin(a.config()); err != nil {
			return failed(job.ExitInternal, err)
		}
	}
	return nil
}

// config is that of the session: captures are numbered as the manifest lists them.
func (a *analysis) config() stages.Config {
	c := a.o.Job.Stages
	c.FirstInput = int(a.history.session.First)
	return c
}

// recordSession records the begin of a session.
func (a *analysis) recordSession() error {
	s := &livefolder.Session{
		PlanID: a.plan.ID, Segments: text.Escape(a.o.Segments), Options: a.plan.Options, Tool: a.o.Job.Tool,
		From: a.base, First: a.history.sums.segments, Broke: a.broke,
	}
	if err := a.folder.Log.Append(livefolder.SessionEvent, s); err != nil {
		return failed(job.ExitOutput, err)
	}
	if a.o.Watch != nil {
		a.o.Watch.Checkpointed(a.history.mark)
	}
	a.open, a.last, a.now = true, 0, 0
	a.history.session = s
	a.history.opened = 0
	a.history.sums.begin()
	if a.broke != nil {
		a.gaps = append([]gap{brokenGap(a.broke)}, a.gaps...)
		a.broke = nil
	}
	return nil
}

// brokenGap is the row of a session that could not be continued.
func brokenGap(g *livefolder.Gap) gap {
	return gap{start: packet.Nanos(g.TimeNs), end: packet.Nanos(g.TimeNs), ends: true, why: whyBrokeOff, detail: g.Why}
}

// commit makes the parts of a segment, or of a session's end, count; of one that was committed
// before, it compares them.
func (a *analysis) commit(ctx context.Context, c, want *livefolder.Commit, result *stages.Result, s *event.Segment) error {
	mark := livefolder.Mark{Number: c.Number, AtEnd: c.AtEnd}
	if want != nil {
		if err := a.folder.Compare(c.Tables, want.Tables); err != nil {
			return &job.Error{Exit: job.ExitSelfCheck, Err: fmt.Errorf("segment %d was done again, and %w: the tables cannot be relied on; keep the folder for an inquiry and go on in a new one", c.Number, err)}
		}
		c = want
		delete(a.redo, mark)
		a.report.Redone++
	} else {
		if err := a.folder.Log.Append(livefolder.CommitEvent, c); err != nil {
			return failed(job.ExitOutput, err)
		}
		a.history.commit(c)
	}
	a.gaps, a.base = nil, c.At
	a.fresh++
	a.count(c, result)
	a.counted(c, result, s)
	a.tellState()
	if err := a.tell(ctx, c); err != nil {
		return err
	}
	switch first := a.history.first == c.Number && want == nil; {
	case c.AtEnd:
		return nil
	case a.worked >= a.o.Every && len(a.redo) == 0:
		return a.checkpoint()
	case first:
		return a.writeManifest()
	}
	return nil
}

// count adds a commit to what the process did.
func (a *analysis) count(c *livefolder.Commit, result *stages.Result) {
	r := &a.report
	r.Packets += result.Accounting.Read.Packets
	for i := range c.Tables {
		if c.Tables[i].Name == flowsTable {
			r.Rows += c.Tables[i].Rows
		}
	}
	if c.Input == nil {
		return
	}
	r.Segments++
	rejected, partial := missed(c.Input)
	r.Rejected, r.Partial = r.Rejected+rejected, r.Partial+partial
	if c.Input.Outcome == manifest.Limit {
		r.Limited++
	}
}

// end finishes the session, as at the end of a run.
func (a *analysis) end(ctx context.Context, why string) error {
	if !a.open || a.last == 0 {
		return nil
	}
	mark := livefolder.Mark{Number: a.last, AtEnd: true}
	want := a.redo[mark]
	out := a.newSinks(a.last, a.lastDate, want)
	out.name.AtEnd, out.all = true, false
	inner, cancel := bounded(ctx)
	defer cancel()
	result, err := a.session.Finish(inner, out, a.progress)
	a.session = nil
	if err != nil {
		out.abort()
		if ctx.Err() != nil {
			return nil // the next process does it again
		}
		return classified(err)
	}
	c := &livefolder.Commit{Number: a.last, AtEnd: true, At: a.follow.at, Accounting: job.NewAccounting(&result.Accounting), ClockNs: a.now}
	if err := out.gaps(a.gaps); err != nil {
		out.abort()
		return failed(job.ExitOutput, err)
	}
	c.Gaps, c.Drops = int64(len(a.gaps)), a.countDrops(a.gaps)
	lacks(c, result)
	if c.Tables, err = out.close(); err != nil {
		out.abort() // what is written in part needs the room that is missing
		return err
	}
	if err := a.commit(ctx, c, want, result, nil); err != nil {
		return err
	}
	return a.close(why, result)
}

// close records the end of a session whose rows are all there.
func (a *analysis) close(why string, r *stages.Result) error {
	all := r.SoFar
	e := &livefolder.End{
		Why: why, Through: a.last, At: a.follow.at, Checks: a.checks(all), Flagged: a.flagged,
		Errors: job.ErrorCounts(all), Streams: job.StreamTotals(all), Evicted: all.Evicted, Notes: append(job.Notes(all), job.BelatedNotes(&r.Earlier)...),
	}
	if err := a.folder.Log.Append(livefolder.EndEvent, e); err != nil {
		return failed(job.ExitOutput, err)
	}
	for _, c := range e.Checks {
		if !c.OK {
			a.o.Log.Error(fmt.Sprintf("self-check failed: %s: want %d, got %d", c.Name, c.Want, c.Got))
		}
	}
	a.history.sums.checks.End(e)
	a.open, a.base, a.fresh, a.worked = false, a.follow.at, 0, 0
	if err := a.release(a.last); err != nil {
		return err
	}
	return a.writeManifest()
}

// checks compares what the session made with what is published of it.
func (a *analysis) checks(all *stages.Result) []manifest.SelfCheck {
	tables := make([]manifest.Table, len(a.plan.Schemas))
	for i, s := range a.plan.Schemas {
		tables[i] = manifest.Table{Name: s.Table, Rows: a.history.sums.sessionRows[s.Table]}
	}
	return job.Checks(all, tables)
}
