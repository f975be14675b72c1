package nightly

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/model/drift/suppress"
	"pcapmill/model/rules"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// Options say what an execution is asked for.
type Options struct {
	Config *Config
	Now    time.Time // when it is: nights are over, files have settled and tables are old by it
	Date   string    // night to be done though it was done, or is not over; empty: all that are due
	Mark   *Mark     // what someone says of a night; nil: nothing. Then no night is done
	DryRun bool      // say what would be done, and write nothing

	Tool    manifest.Tool
	Command []string             // for execution.json
	Warn    func(string)         // told what is wrong, a line each
	Tell    func(string)         // told what came of each night
	Say     func(*Summary) error // told, once, what came of it; what it could not say is said again the next time
}

// lockName is beside the history. Its holder's number is in it; a process that is gone
// holds no lock.
const lockName = ".pcapmill-nightly.lock"

// execution is one of nightly.
type execution struct {
	o        *Options
	c        *Config
	state    *state
	files    map[string]*file // that are there
	suppress suppress.List
	rules    []*rules.Rule
}

// Run does what is due. What came of it is in the summary, which Options.Say was told; the
// error is what ended it early.
func Run(ctx context.Context, o Options) (*Summary, error) {
	x := &execution{o: &o, c: o.Config}
	if w := x.c.Limits.Wall; w > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, w, wallError{w})
		defer cancel()
		ctx = limited
	}
	if err := x.check(); err != nil {
		return x.failedAtOnce(ctx, err)
	}
	if o.DryRun {
		return x.dryRun(ctx)
	}
	fsys, _, err := publish.OpenOS(x.c.Output)
	if err != nil {
		return x.failedAtOnce(ctx, err)
	}
	defer fsys.Close() //nolint:errcheck // nothing is written through it
	lock, err := fsys.Lock(lockName)
	switch {
	case errors.Is(err, publish.ErrNoLocks):
		o.Warn("the file system has no locks: nothing keeps a second nightly out of the output folder")
	case err != nil:
		return x.failedAtOnce(ctx, fmt.Errorf("%s: %w", text.Escape(x.c.Output), err))
	default:
		defer lock.Unlock() //nolint:errcheck // it ends with the process
	}
	return x.locked(ctx)
}

// failedAtOnce is an execution that began nothing.
func (x *execution) failedAtOnce(ctx context.Context, err error) (*Summary, error) {
	s := &Summary{Status: statusOf(ctx, err), Exit: exitOf(ctx, err), Error: text.Escape(err.Error())}
	return s, errors.Join(err, x.o.Say(s))
}

func statusOf(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, publish.ErrBusy):
		return "busy"
	case ctx.Err() != nil:
		return "stopped"
	}
	return "error"
}

// check reads whatever the configuration names, so that nothing is found wrong hours later.
func (x *execution) check() (err error) {
	c := x.c
	if x.suppress, err = drifts.Suppressions(c.Drift.Suppress); err != nil {
		return wrongConfig("drift: suppress: %w", err)
	}
	if c.Rules != nil {
		all, err := rules.LoadAll(c.Rules.Files, c.Rules.Shipped)
		if err == nil {
			x.rules, err = rules.Choose(all, c.Rules.Only, c.Rules.Without)
		}
		if err != nil {
			return wrongConfig("rules: %w", err)
		}
	}
	for name, path := range map[string]string{"fixed": c.Baseline.Fixed, "labels": c.Baseline.Labels} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return wrongConfig("baseline: %s: %w", name, err)
		}
	}
	if o := x.o.Date; o != "" {
		if _, _, ok := spanOf(o); !ok || x.c.Nights.nameOf(mustStart(o)) != o {
			return wrongConfig("%s is no night: want one as %s", text.Escape(o), x.c.Nights.nameOf(x.o.Now))
		}
	}
	return nil
}

func mustStart(name string) time.Time {
	start, _, _ := spanOf(name)
	return start
}

// locked is Run with the lock.
func (x *execution) locked(ctx context.Context) (*Summary, error) {
	f, err := x.look()
	if err != nil {
		return x.failedAtOnce(ctx, err)
	}
	defer x.state.log.Close() //nolint:errcheck // every record was synced
	if torn := x.state.log.Torn(); torn > 0 {
		x.o.Warn(fmt.Sprintf("%s: cut off %d bytes of a record that was not whole", text.Escape(x.c.at(HistoryName)), torn))
	}
	s := &Summary{}
	err = x.work(ctx, f, s)
	x.sum(ctx, s, err)
	told := x.o.Say(s)
	if told == nil {
		told = x.end(s)
	}
	if told != nil { // the code of what is told leaves that out
		s.Exit = worse(s.Exit, job.ExitOutput)
	}
	return s, errors.Join(err, told)
}

// look reads the history and looks at the inputs.
func (x *execution) look() (*finding, error) {
	return x.lookBy(openState)
}

func (x *execution) lookBy(open func(string, func(string) bool) (*state, error)) (f *finding, err error) {
	if x.state, err = open(x.c.at(HistoryName), exists); err != nil {
		return nil, err
	}
	x.state.doubt(x.o.Now)
	if f, err = x.c.find(x.state, x.o.Now); err != nil {
		if x.state.log != nil {
			err = errors.Join(err, x.state.log.Close())
		}
		return nil, err
	}
	x.files = f.files
	return f, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// record writes a record.
func (x *execution) record(event string, body any) error {
	if err := x.state.record(event, body, exists); err != nil {
		return fmt.Errorf("%s: %w", text.Escape(x.c.at(HistoryName)), err)
	}
	return nil
}

// mostRecorded is how many bytes of captures a record may have: a line of the history has a
// limit, and a night of short segments has tens of thousands.
const mostRecorded = 1 << 20

// recordNight writes the record of a night, and before it those of captures that it has no
// room for.
func (x *execution) recordNight(n *Night) error {
	bytes, from := 0, 0
	for i := range n.Inputs {
		if bytes += 300 + 6*len(n.Inputs[i].Path) + len(n.Inputs[i].PathHex); bytes < mostRecorded {
			continue
		}
		if err := x.record(inputsEvent, &Captures{n.Name, n.Inputs[from : i+1]}); err != nil {
			return err
		}
		bytes, from = 0, i+1
	}
	n.Inputs = n.Inputs[from:]
	return x.record(nightEvent, n)
}

// work does all that is due.
func (x *execution) work(ctx context.Context, f *finding, s *Summary) error {
	if err := x.clear(); err != nil {
		return err
	}
	if err := x.refresh(); err != nil { // an execution that was killed may not have come to it
		return err
	}
	if m := x.o.Mark; m != nil {
		return x.mark(m)
	}
	p, err := planned(ctx, f, x.o.Date)
	if err != nil {
		return err
	}
	s.left(p)
	if err := x.foretell(p); err != nil {
		return err
	}
	return errors.Join(x.tasks(ctx, p), x.index())
}

func (x *execution) tasks(ctx context.Context, p *plan) error {
	for _, t := range p.tasks {
		if err := x.task(ctx, t); err != nil {
			return err
		}
	}
	return x.retain()
}

// foretell records what is known before any night is done.
func (x *execution) foretell(p *plan) error {
	for i := range p.same {
		if err := x.record(sameEvent, &p.same[i]); err != nil {
			return err
		}
	}
	for _, why := range p.undone {
		x.o.Warn(why)
	}
	for _, path := range p.closed {
		x.o.Warn(text.Escape(path) + " has changed since it was read, and cannot be read any more: look at its permissions")
	}
	for i := range p.changed {
		ch := &p.changed[i]
		x.o.Warn(fmt.Sprintf("%s has changed since it was read for %s, whose tables are of what it was; nightly --date %s does that night again",
			text.Escape(ch.Path), ch.Night, baseOf(ch.Night)))
		if err := x.record(changedEvent, ch); err != nil {
			return err
		}
	}
	for i := range p.silent {
		if err := x.record(silentEvent, &p.silent[i]); err != nil {
			return err
		}
	}
	return nil
}

func baseOf(night string) string {
	base, _ := split(night)
	return base
}

// task does a night, and records what came of it. An error ends the execution; trouble that
// is the night's own does not.
func (x *execution) task(ctx context.Context, t *task) error {
	if err := x.makeRoom(); err != nil {
		return err
	}
	if t.again && !x.state.again[t.name] {
		if err := x.record(againEvent, &Again{t.name}); err != nil {
			return err
		}
	}
	late := x.state.supplements(t.name)
	n, err := x.do(ctx, t)
	if err != nil {
		return x.failed(ctx, t, err)
	}
	if t.lost != "" {
		n.Exit = worse(n.Exit, job.ExitPartial)
		n.say("%s", t.lost)
		x.o.Warn("night " + n.Name + ": " + t.lost)
	}
	if err := x.recordNight(n); err != nil {
		return err
	}
	if err := x.recordCopies(t); err != nil {
		return err
	}
	x.warn(n)
	if t.again {
		if err := x.removeParts(late); err != nil {
			return err
		}
	}
	return x.refresh()
}

// warn says what is wrong with a night's captures. What was found in them is not wrong: it is
// in the reports.
func (x *execution) warn(n *Night) {
	_, word := look(&done{Night: *n})
	x.o.Tell(fmt.Sprintf("%s: %s; %s in %s", n.Name, word, text.Plural(n.Packets, "packet"), text.Plural(int64(int(n.Number)), "capture")))
	if n.Damaged == 0 && n.Verdict != Empty && n.Verdict != Unjudged && n.Verdict != Gated {
		return
	}
	for _, why := range n.Why {
		x.o.Warn("night " + n.Name + ": " + why)
	}
}

// failed records that a night failed, and decides whether the others are done.
func (x *execution) failed(ctx context.Context, t *task, err error) error {
	err = fmt.Errorf("night %s: %w", t.name, err)
	code := exitOf(ctx, err)
	if ctx.Err() != nil {
		return err
	}
	if !x.c.Failure.Keep {
		if gone := x.removeTables(t.name); gone != nil {
			return errors.Join(err, gone)
		}
	}
	if code == job.ExitOutput || code == job.ExitUsage {
		return err // the same trouble for the next night
	}
	x.o.Warn(text.Escape(err.Error()))
	return x.record(failedEvent, &Failed{Name: t.name, Try: x.state.tries[t.name] + 1, Exit: code, Why: text.Escape(err.Error())})
}

// mark records what someone says of a night.
func (x *execution) mark(m *Mark) error {
	n := x.state.nights[m.Name]
	if n == nil {
		return wrongConfig("there is no night %s in the history", text.Escape(m.Name))
	}
	if m.Good && (!n.Taught || n.gone[whatBaseline]) {
		return wrongConfig("night %s has taught nothing that could be kept: it had no whole window, or its baseline is gone", m.Name)
	}
	if err := x.record(markEvent, m); err != nil {
		return err
	}
	if err := x.refresh(); err != nil {
		return err
	}
	return x.index()
}

// end records that all was told. Where nothing was, it writes nothing.
func (x *execution) end(s *Summary) error {
	u := &x.state.untold
	if len(u.nights)+len(u.silent)+len(u.changed)+len(u.failed)+u.deleted+u.marks == 0 {
		return nil
	}
	return x.record(endEvent, &End{Nights: s.Done, Exit: s.Exit})
}

// removeParts removes what was made of files that came late, once they are in their night.
func (x *execution) removeParts(names []string) error {
	for _, name := range names {
		if err := x.removeTables(name); err != nil {
			return err
		}
		if err := x.removeBelow(filepath.Join("reports", name)); err != nil {
			return err
		}
		if err := x.removeBelow(filepath.Join("nights", name+".bl")); err != nil {
			return err
		}
	}
	return nil
}
