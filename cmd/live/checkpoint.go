package live

import (
	"fmt"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/livefolder"
)

// checkpoint keeps the state behind the last commit, where there is one to keep, and lets capture
// delete what is not needed any more.
func (a *analysis) checkpoint() error {
	if a.session == nil || !a.open || a.fresh == 0 || len(a.redo) > 0 || a.last == 0 {
		return nil
	}
	began := time.Now()
	c, err := a.store.write(a.last, a.session.Save)
	if err != nil {
		return &job.Error{Exit: job.ExitOutput, Err: fmt.Errorf("the state behind segment %d: %w", a.last, err)}
	}
	c.Number, c.At, c.Date, c.ClockNs, c.Flagged = a.last, a.base, a.lastDate, a.now, a.flagged
	if err := a.folder.Log.Append(livefolder.CheckpointEvent, c); err != nil {
		return failed(job.ExitOutput, err)
	}
	a.state.Checkpoints, a.state.Last, a.state.Took = a.state.Checkpoints+1, *c, time.Since(began)
	a.o.Log.Debug(fmt.Sprintf("checkpoint behind segment %d: %d bytes, %d of them new, %v", c.Number, c.Bytes, c.Written, time.Since(began)))
	before := int64(0)
	if n := len(a.kept); n > 0 {
		before = a.kept[n-1].Number
	}
	if a.o.Watch != nil {
		a.o.Watch.Checkpointed(livefolder.Mark{Number: c.Number})
	}
	a.kept = append(a.kept, *c)
	if len(a.kept) > 2 {
		a.kept = a.kept[1:]
	}
	a.fresh, a.worked = 0, 0
	// Should the last checkpoint turn out to be damaged, the one before and the segments behind it
	// are still there.
	if err := a.store.prune(a.kept); err != nil {
		return failed(job.ExitOutput, err)
	}
	if err := a.release(before); err != nil {
		return err
	}
	return a.writeManifest()
}

// release tells capture which segments are not needed any more: none behind a number, and none that
// a segment was flagged for.
func (a *analysis) release(through int64) error {
	if a.o.Keep == KeepAll {
		return nil
	}
	if through = min(through, a.decided()); through <= a.history.released {
		return nil
	}
	r := livefolder.Release{Through: through}
	if a.o.Keep == KeepFlagged {
		r.Flagged = a.takeFlagged(through)
	}
	if err := a.folder.Log.Append(livefolder.ReleaseEvent, r); err != nil {
		return failed(job.ExitOutput, err)
	}
	a.history.released = through
	return nil
}
