package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"pcapmill/ingest/input"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// IO is what a run needs of its surroundings.
type IO struct {
	Stdin    io.Reader         // for the argument "-"
	Progress *stages.Progress  // counts while the run goes on; may be nil
	Started  func(total int64) // told once, before reading: stored bytes of all inputs, 0 where unknown; may be nil
}

// Error is a run that published nothing, with the exit code that says why.
type Error struct {
	Exit int
	Err  error
}

// Error returns the cause's text.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail wraps err unless it has an exit code already.
func fail(exit int, err error) error {
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	return &Error{Exit: exit, Err: err}
}

// run is one run in the making.
type run struct {
	o       *Options
	io      IO
	plan    plan
	sources []source
	left    []input.Left
	watch   stopwatch
	names   nameBook
	report  Report
}

// Run reads the inputs and publishes the dataset. The error, an *Error, says why
// nothing was published; then whatever was written is gone. Inputs that failed
// are in the Report, as are its exit code and warnings. A cancelled context whose
// cause has an ExitCode method gives that code.
func Run(ctx context.Context, o Options, streams IO) (report Report, err error) {
	r := &run{o: &o, io: streams, watch: stopwatch{time.Now()}, report: Report{Out: o.Out}}
	defer func() {
		if p := recover(); p != nil {
			err = &Error{Exit: ExitInternal, Err: fmt.Errorf("internal failure: %v\n%s", p, debug.Stack())}
		}
		if err != nil {
			err = interrupted(ctx, err)
			r.report.Exit = exitCode(err)
		}
		r.report.Wall = time.Since(r.watch.start)
		report = r.report
	}()
	if r.io.Progress == nil {
		r.io.Progress = new(stages.Progress)
	}
	if err := r.prepare(ctx); err != nil {
		return r.report, fail(ExitUsage, err)
	}
	if o.Demo {
		defer removeDemo(r.sources)
	}
	return r.report, r.open(ctx)
}

// prepare validates the options and finds the inputs.
func (r *run) prepare(ctx context.Context) (err error) {
	if err := r.o.Validate(); err != nil {
		return err
	}
	if r.plan, err = r.o.settle(); err != nil {
		return err
	}
	r.report.PlanID = r.plan.id
	if r.o.Demo {
		r.sources, err = makeDemo(ctx)
		return err
	}
	r.sources, r.left, err = expand(r.o)
	switch {
	case err != nil:
		return fail(ExitRejected, err)
	case len(r.sources) == 0:
		return fail(ExitRejected, fmt.Errorf("%w: %s", errNoInput, whyNone(r.left)))
	}
	r.report.Left = len(r.left)
	if err := errors.Join(mergeable(r.o, r.sources), listable(r.sources)); err != nil {
		return err
	}
	return distinct(r.sources)
}

// settle divides the memory, and returns the plan that the options come to then.
func (o *Options) settle() (plan, error) {
	o.Stages.WindowMemory = stages.WindowShare(o.Memory)
	if o.Memory > 0 {
		memory, err := o.PlanMemory()
		if err != nil {
			return plan{}, err
		}
		o.Stages.MaxFlows = memory.MaxFlows()
	}
	return newPlan(o)
}

func whyNone(left []input.Left) string {
	if len(left) == 0 {
		return "nothing there"
	}
	return fmt.Sprintf("%d files found, the first is %s: %s", len(left), text.Escape(left[0].Path), left[0].Reason)
}

// open takes the output folder, unless it has what is asked for already.
func (r *run) open(ctx context.Context) error {
	if r.o.Force && r.o.SaveStreams != "" { // while the dataset that is to be replaced is there
		if err := vacant(r.o.SaveStreams); err != nil {
			return err
		}
	}
	owner := publish.Owner{PlanID: r.plan.id, RunKey: runKey(r.plan.id, r.sources), Force: r.o.Force}
	dir, status, err := publish.Open(r.o.Out, owner)
	if err != nil {
		return fail(openExit(err), err)
	}
	done, err := r.alreadyThere(ctx, dir, &status)
	if err == nil && !done {
		err = r.fill(ctx, dir, &status)
	}
	if aborted := dir.Abort(); aborted != nil && err == nil {
		err = aborted
	}
	if err != nil {
		return fail(openExit(err), err)
	}
	return nil
}

// openExit tells a folder that another process is writing, which is the caller's
// mistake and no trouble of the disk, from all else about the output.
func openExit(err error) int {
	if errors.Is(err, publish.ErrBusy) {
		return ExitUsage
	}
	return ExitOutput
}

// alreadyThere reports whether the folder is complete for this run, and takes it
// where it is not.
func (r *run) alreadyThere(ctx context.Context, dir *publish.Dir, status *publish.Status) (bool, error) {
	switch status.State {
	case publish.Complete, publish.SamePlan:
	default:
		return false, nil
	}
	if r.o.Force {
		previous := *status
		var err error
		*status, err = dir.Replace()
		status.Manifest = previous.Manifest
		return false, err
	}
	same := status.State == publish.Complete
	if !same {
		var err error
		if same, err = sameInputs(ctx, r.sources, status.Manifest); err != nil {
			return false, fail(ExitRejected, err)
		}
	}
	if !same {
		_, err := dir.Replace() // refuses, saying how it would not
		return false, err
	}
	r.report.Nothing = true
	r.report.Exit = exitOf(status.Manifest) // what is missing from the dataset is still missing
	if incomplete := incompleteInputs(status.Manifest); incomplete > 0 {
		r.report.Warnings = append(r.report.Warnings, fmt.Sprintf("%d of the %d inputs could not be read completely: see %s", incomplete, len(status.Manifest.Inputs), manifest.Name))
	}
	r.report.RunID = status.Manifest.RunID
	r.report.Tables = status.Manifest.Tables
	return true, nil
}

func incompleteInputs(m *manifest.Manifest) int {
	n := 0
	for i := range m.Inputs {
		if o := m.Inputs[i].Outcome; o != manifest.Complete && o != manifest.CompleteWithNotes {
			n++
		}
	}
	return n
}

// fill runs the data path into the folder and publishes it.
func (r *run) fill(ctx context.Context, dir *publish.Dir, status *publish.Status) error {
	out := &tables{o: r.o, plan: &r.plan, dir: dir}
	defer out.abort()
	captures, inputs := r.captures()
	if r.o.SaveStreams != "" {
		store, err := newStreamStore(r.o.SaveStreams)
		if err != nil {
			return err
		}
		defer store.abort()
		r.o.Stages.Save, out.streams = store, store
	}
	if r.io.Started != nil {
		r.io.Started(totalBytes(r.sources))
	}
	result, err := stages.Run(ctx, r.o.Stages, inputs, out, r.io.Progress)
	switch {
	case errors.Is(err, stages.ErrFilter):
		return fail(ExitUsage, err)
	case errors.Is(err, stages.ErrPanic):
		return fail(ExitInternal, err)
	case errors.Is(err, stages.ErrSink) || ctx.Err() != nil:
		return fail(ExitOutput, err)
	case err != nil:
		return fail(ExitInternal, err)
	}
	if err := out.close(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = r.publish(dir, status, captures, result, out)
	if _, absent := os.Lstat(filepath.Join(dir.Path(), manifest.Name)); absent == nil { // whatever came behind it
		out.streams.keep()
	}
	return err
}

func (r *run) captures() ([]*capture, []stages.Input) {
	captures := make([]*capture, len(r.sources))
	inputs := make([]stages.Input, len(r.sources))
	for i, s := range r.sources {
		captures[i] = &capture{source: s, cfg: r.o.Input, stdin: r.io.Stdin, names: &r.names, index: i}
		inputs[i] = captures[i]
	}
	return captures, inputs
}

// interrupted gives the error of a cancelled run the exit code of what cancelled it.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	why := context.Cause(ctx)
	var coder interface{ ExitCode() int }
	if errors.As(why, &coder) {
		return &Error{Exit: coder.ExitCode(), Err: why}
	}
	return &Error{Exit: ExitInternal, Err: why}
}

func exitCode(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Exit
	}
	return ExitInternal
}
