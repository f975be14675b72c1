package live

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// grace is how long a segment may still take once the process is told to stop; then it is given up,
// to be done again by the next process.
const grace = 4 * time.Second

// analysis is one process's work on a folder. It belongs to one goroutine.
type analysis struct {
	o      *Options
	engine engine
	plan   *job.Plan
	folder *livefolder.Folder
	store  keeper
	began  time.Time

	session session // nil: none is open
	history *history
	redo    map[livefolder.Mark]*livefolder.Commit // commits behind the checkpoint, to be done again
	behind  livefolder.Mark                        // where they begin
	follow  *follower
	hasher  hashing
	spare   parts.Spare // encoders of parts, from one segment to the next

	open     bool                    // the ledger's last session has no end
	base     ledger.Position         // of the segments' ledger: records behind it have no commit yet
	gaps     []gap                   // of them
	last     int64                   // number of the session's last segment; 0: none
	known    int64                   // of the last segment that the ledger had a record of, in any session; 0: none
	lastDate string                  // of its parts
	seen     livefolder.Mark         // up to which commit the watch has looked
	now      packet.Nanos            // how far packet time has come in the session
	broke    *livefolder.Gap         // the session before could not be continued
	kept     []livefolder.Checkpoint // of the session, the last two that there are
	flagged  []int64                 // segments that the watch flagged, which no release has said yet
	final    int64                   // the watch flags none up to this any more
	ended    bool                    // capture's last session has ended

	progress *stages.Progress
	worked   time.Duration // on segments since the last checkpoint
	untidy   bool          // so is memory, by a segment
	tidied   time.Time     // when it was last given back
	fresh    int           // commits since it
	report   Report

	state  State
	ahead  ahead
	done   int64 // segments of those that ahead counts
	closed int64 // when the last of them was, ns since 1970
}

// Report is what came of a process.
type Report struct {
	Exit     int
	Out      string
	PlanID   string
	Segments int64 // analysed by this process
	Redone   int64 // of them, those committed before
	Packets  int64
	Rows     int64
	Rejected int64
	Partial  int64
	Limited  int64 // those among them that a limit stopped
	Drops    int64 // packets missing, as far as they were counted, but for what the interface calls dropped
	Through  int64 // last segment that was committed
	Open     bool  // flows are open: the next process continues them
	Wall     time.Duration
}

// Analyse follows a folder of segments until its ledger ends, or as long as the context is: that it
// ends is no error, but stops at the next place that can be continued from. The error, a *job.Error,
// says why no more could be done; what was committed stays.
func Analyse(ctx context.Context, o Options) (Report, error) {
	return analyse(ctx, &o, stagesEngine())
}

// analyse is Analyse with any engine.
func analyse(ctx context.Context, o *Options, e engine) (report Report, err error) {
	a := &analysis{o: o, engine: e, began: time.Now(), report: Report{Out: o.Job.Out}, state: newState()}
	defer func() {
		if p := recover(); p != nil {
			err = &job.Error{Exit: job.ExitInternal, Err: fmt.Errorf("internal failure: %v\n%s", p, debug.Stack())}
		}
		report = a.report
		report.Wall = time.Since(a.began)
		report.Exit = a.exit(err)
	}()
	if err := a.prepare(); err != nil {
		return a.report, failed(job.ExitUsage, err)
	}
	if err := a.start(ctx); err != nil {
		return a.report, failed(job.ExitOutput, err)
	}
	err = a.run(ctx)
	if left := a.leave(err); err == nil {
		err = left
	}
	return a.report, failed(job.ExitOutput, err)
}

// failed wraps err unless it is nil or has an exit code.
func failed(exit int, err error) error {
	var known *job.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &job.Error{Exit: exit, Err: err}
}

// exitOf is the exit code of an error.
func exitOf(err error) int {
	var known *job.Error
	if errors.As(err, &known) {
		return known.Exit
	}
	return job.ExitInternal
}

// exit is the process's exit code.
func (a *analysis) exit(err error) int {
	if err != nil {
		return exitOf(err)
	}
	code := job.ExitOK
	if a.report.Partial > 0 || a.o.FailLoss && a.report.Drops > 0 {
		code = job.ExitPartial
	}
	if a.report.Rejected > 0 {
		code = job.ExitRejected
	}
	if a.report.Limited > 0 {
		code = job.ExitLimit
	}
	if a.history != nil {
		for _, c := range a.history.sums.checks.All {
			if !c.OK {
				code = job.ExitSelfCheck
			}
		}
	}
	return code
}

// prepare validates the options.
func (a *analysis) prepare() (err error) {
	if err := a.o.Validate(); err != nil {
		return err
	}
	if a.o.Log == nil {
		a.o.Log = DefaultOptions().Log
	}
	if a.progress = a.o.Progress; a.progress == nil {
		a.progress = new(stages.Progress)
	}
	a.hasher.read = a.o.Hashed
	a.plan, err = a.o.Job.Prepare()
	if err == nil {
		a.report.PlanID = a.plan.ID
	}
	return err
}

// start opens the folder and restores what earlier processes left.
func (a *analysis) start(ctx context.Context) (err error) {
	a.history = newHistory()
	if a.folder, err = livefolder.OpenVisit(a.o.Job.Out, a.history.visitor()); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.folder.Close())
		}
	}()
	if n := a.folder.Log.Torn(); n > 0 {
		a.o.Log.Warn(fmt.Sprintf("cut %d bytes of an unfinished record off %s", n, text.Escape(a.folder.LedgerPath())))
	}
	if err := a.history.fits(a.o.Job.Out, a.plan); err != nil {
		return err
	}
	removed, err := a.folder.Clear(a.tableNames(), a.history.mark)
	if err != nil {
		return err
	}
	if removed > 0 {
		a.o.Log.Warn(fmt.Sprintf("cleared away %s that had no commit", text.Plural(int64(removed), "file")))
	}
	if a.store, err = a.engine.keeper(a.folder.CheckpointPath()); err != nil {
		return err
	}
	return a.resume(ctx)
}

// tableNames lists the tables of the plan, and that of gaps.
func (a *analysis) tableNames() []string {
	var names []string
	for _, s := range a.plan.Schemas {
		names = append(names, s.Table)
	}
	return append(names, GapsTable)
}

// run takes record after record.
func (a *analysis) run(ctx context.Context) error {
	defer a.follow.close()
	defer a.hasher.end()
	if a.o.Ready != nil {
		if err := a.o.Ready(); err != nil {
			return err
		}
	}
	a.tellState()
	for ctx.Err() == nil {
		a.reload(ctx)
		r, err := a.follow.next()
		switch {
		case err != nil:
			return failed(job.ExitRejected, err)
		case r != nil:
			err = a.take(ctx, r)
		default:
			var done bool
			if done, err = a.idle(ctx); done && err == nil {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reload lets the watch read rules and baseline again where that is asked for.
func (a *analysis) reload(ctx context.Context) {
	select {
	case <-a.o.Reload:
	default:
		return
	}
	if a.o.Watch == nil || a.o.Watch.Idle() {
		a.o.Log.Info("there is nothing to read again: neither rules nor a baseline are asked")
		return
	}
	if err := a.o.Watch.Reload(ctx); err != nil {
		a.o.Log.Warn(fmt.Sprintf("what was read before stays in force: %v", err))
		return
	}
	a.o.Log.Info("rules and baseline were read again")
}

// idle is what there is to do when nothing waits; done says that nothing will come.
func (a *analysis) idle(ctx context.Context) (done bool, err error) {
	if err := a.checkpoint(); err != nil {
		return false, err
	}
	if !a.waits() {
		return a.nothingLeft()
	}
	a.tidy()
	if a.o.Drain != nil {
		var stop context.CancelFunc
		ctx, stop = context.WithCancel(ctx)
		defer stop()
		go func() {
			select {
			case <-a.o.Drain:
				stop()
			case <-ctx.Done():
			}
		}()
	}
	a.follow.wake.wait(ctx, poll)
	a.tellState()
	return false, nil
}

// nothingLeft looks a last time, where nobody writes any more, as capture may have ended since.
func (a *analysis) nothingLeft() (bool, error) {
	err := a.follow.look()
	switch {
	case a.follow.coming != nil:
		return false, nil
	case err != nil:
		return false, failed(job.ExitRejected, err)
	case a.o.Drain == nil && a.follow.at.Seq == 0 && !a.follow.exists():
		return false, failed(job.ExitRejected, fmt.Errorf("%s has no %s: it is no folder that live capture wrote, or capture has not begun; --follow waits for it",
			text.Escape(a.o.Segments), event.LedgerName))
	}
	if torn := a.follow.unread(); torn > 0 {
		a.o.Log.Warn(fmt.Sprintf("%s ends with %d bytes of an unfinished record, which say nothing: capture was killed", text.Escape(a.follow.path), torn))
	}
	return true, nil
}

// waits reports whether more may come.
func (a *analysis) waits() bool {
	if a.o.Drain != nil {
		select {
		case <-a.o.Drain:
			return false
		default:
			return true
		}
	}
	return a.o.Follow || !a.ended && capturing(a.o.Segments)
}

// take does what a record of the segments' ledger asks for.
func (a *analysis) take(ctx context.Context, r *ledger.Record) error {
	switch r.Event {
	case event.SessionEvent:
		a.ended = false
	case event.SegmentEvent:
		var s event.Segment
		if err := a.decode(r, &s); err != nil {
			return err
		}
		return a.segment(ctx, &s)
	case event.GapEvent:
		var g event.Gap
		if err := a.decode(r, &g); err != nil {
			return err
		}
		a.gaps = append(a.gaps, gapOf(&g))
	case event.LostEvent:
		var l event.Lost
		if err := a.decode(r, &l); err != nil {
			return err
		}
		if l.Number <= a.known { // it was there, and removed by hand since: what became of it then is said
			return nil
		}
		a.gaps = append(a.gaps, gap{segment: l.Number, start: packet.Nanos(r.TimeNs), why: whyLost, detail: short(l.Why)})
	case event.EndEvent:
		var e event.End
		if err := a.decode(r, &e); err != nil {
			return err
		}
		a.ended = true
		return a.end(ctx, short(e.Why))
	}
	return nil // deletions show where a segment is missing
}

// decode reads the body of a record of the segments' ledger.
func (a *analysis) decode(r *ledger.Record, into any) error {
	if err := r.Decode(into); err != nil {
		return failed(job.ExitRejected, fmt.Errorf("%s: %w: no capture of ours wrote it", text.Escape(a.follow.path), err))
	}
	return nil
}

// leave keeps the state, writes the documents, and closes the folder.
func (a *analysis) leave(why error) error {
	var err error
	if why == nil || exitOf(why) == job.ExitRejected { // what was done before the segments are at fault is sound
		err = a.checkpoint()
	}
	if a.history.mark.Number > 0 && err == nil {
		err = a.writeManifest()
	}
	a.report.Through, a.report.Open = a.history.mark.Number, a.open
	return errors.Join(err, a.folder.Close())
}

// bounded returns a context for one segment: it outlives ctx by the grace period.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-inner.Done():
		}
	})
	return inner, func() { stop(); cancel() }
}
