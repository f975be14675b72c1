package watch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
	"pcapmill/outputs/livefolder"
)

// mostCommits are kept at most: two weeks of segments of five minutes. Of more, the oldest are
// forgotten, and counted.
const mostCommits = 4096

// Watch looks for what a Config says, commit after commit. It belongs to one goroutine; Totals
// may be asked for by any.
type Watch struct {
	config  Config
	log     *alert.Log
	against *against // nil: no baseline is asked
	engine  *rules.Engine
	commits []*kept         // that may still matter, ascending
	last    livefolder.Mark // what was committed last
	decided int64           // segments up to it cannot be flagged any more
	fresh   bool            // there was no state
	judged  *int64          // windows that begin before it were judged; nil: none was
	totals  totals
	notes   []string // that have not been told yet
}

// kept is a commit that may still matter.
type kept struct {
	Commit
	Windows []window `json:"windows,omitempty"` // that rows of its hosts are of
	Framed  bool     `json:"framed,omitempty"`  // Windows are known
	Judged  *int64   `json:"judged,omitempty"`  // Watch.judged behind it

	Checkpoint bool `json:"checkpoint,omitempty"` // see Checkpointed
}

// Found is what came of a commit.
type Found struct {
	Windows []Window // stretches that were over, ascending
	Alerts  int      // lines that were added
	Known   int      // that the file had, or one like them
	Flagged []int64  // segments that an alert is about, ascending
	Decided int64    // no later Found flags segments up to this
	Notes   []string // what limits what is said, a line each
}

// Window is the verdict on a stretch of windows.
type Window struct {
	Start, Length int64          // ns
	Report        *drift.Report  // nil: it was left out, as the captures cover too little of it
	Severity      drift.Severity // of the report's verdict
}

// New opens what is looked for. It writes nothing. Errors are ErrConfig, and those of the
// baseline, the rules and the lists.
func New(ctx context.Context, c Config) (*Watch, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w := &Watch{config: c}
	if c.idle() {
		return w, nil
	}
	if err := w.open(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// begin opens the file of alerts and what is known of open windows, once. That New does not do
// it leaves a folder that is not ours, or that another process writes, as it is.
func (w *Watch) begin(ctx context.Context) error {
	if w.log != nil {
		return nil
	}
	var was alert.Result
	var err error
	if w.log, was, err = alert.OpenLog(ctx, filepath.Join(w.config.Out, AlertsName), w.config.Log); err != nil {
		return err
	}
	if was.Mended > 0 {
		w.note("%s: %d bytes of a line that was not whole are gone", AlertsName, was.Mended)
	}
	if err := w.load(); err != nil {
		w.note("%v; windows that were open are judged by what comes now", err)
		w.fresh = true
	}
	return nil
}

// Resume says that commits up to one are there and will not be made again, as behind a checkpoint,
// and returns up to which of them it has looked: the caller hands over those behind it, as the ledger
// has them. It forgets what it knows of later ones, and reads rows of windows that are open. Where
// nothing was looked for before, what is there is not looked at. The folder must be there, and be
// written by nobody else. Errors are those of alert.OpenLog, of reading, and the context's.
func (w *Watch) Resume(ctx context.Context, through livefolder.Mark) (seen livefolder.Mark, err error) {
	if !w.config.idle() {
		if err := w.begin(ctx); err != nil {
			return seen, err
		}
	}
	if w.config.idle() || w.fresh {
		w.last = through
	}
	if at := slices.IndexFunc(w.commits, func(k *kept) bool { return k.mark().Behind(through) }); at >= 0 {
		w.commits = w.commits[:at]
	}
	if w.last.Behind(through) {
		w.last = through
	}
	w.decided, w.judged = min(w.decided, through.Number), nil
	if n := len(w.commits); n > 0 {
		w.judged = w.commits[n-1].Judged
	}
	if w.config.idle() {
		return w.last, nil
	}
	w.Checkpointed(through) // the process before may have died before it had saved that
	if err := errors.Join(w.framed(ctx), w.replay(ctx)); err != nil {
		return seen, err
	}
	w.fresh = false
	return w.last, w.save()
}

// Committed looks at a segment whose tables are on disk. Errors are ErrOrder, those of
// writing, and the context's.
func (w *Watch) Committed(ctx context.Context, c Commit) (Found, error) { return w.take(ctx, c) }

// Finish is Committed of the last parts, with which all windows are over. Its segment may be
// the last one again.
func (w *Watch) Finish(ctx context.Context, c Commit) (Found, error) {
	c.AtEnd = true
	return w.take(ctx, c)
}

func (w *Watch) take(ctx context.Context, c Commit) (Found, error) {
	var found Found
	if !c.mark().Behind(w.last) {
		return found, fmt.Errorf("%w: segment %d behind %d", ErrOrder, c.Segment, w.last.Number)
	}
	w.last = c.mark()
	if w.config.idle() {
		found.Decided = w.last.Number
		return found, nil
	}
	if !c.valid() {
		return found, fmt.Errorf("%w: a part outside of the folder", ErrConfig)
	}
	if w.log == nil {
		return found, fmt.Errorf("%w: a commit before Resume", ErrOrder)
	}
	w.setRight(&c)
	k := &kept{Commit: c}
	w.commits = append(w.commits, k)
	entries, err := w.look(ctx, k, &found)
	if err != nil {
		return found, err
	}
	added, err := w.log.Append(entries)
	if err != nil {
		return found, err
	}
	found.Alerts, found.Known = len(added), len(entries)-len(added)
	k.Judged = w.judged
	if w.decide(c.Clock); c.AtEnd {
		w.decided = w.last.Number
	}
	w.forget()
	if err := w.save(); err != nil {
		return found, err
	}
	slices.Sort(found.Flagged)
	found.Flagged = slices.Compact(found.Flagged)
	found.Decided = w.decided
	found.Notes, w.notes = w.notes, nil
	w.totals.add(&found, added, w.engine)
	return found, nil
}

// look returns what is to be said of a commit, and of the windows that are over with it.
func (w *Watch) look(ctx context.Context, k *kept, found *Found) ([]alert.Entry, error) {
	var entries []alert.Entry
	if w.against != nil {
		if err := w.frames(ctx, k); err != nil {
			return nil, err
		}
		some, err := w.judge(ctx, k.Clock, k.AtEnd, found)
		if err != nil {
			return nil, err
		}
		entries = some
	}
	if w.engine == nil {
		return entries, nil
	}
	if err := w.ask(ctx, k); err != nil {
		return nil, err
	}
	return append(entries, w.raise(w.drain(k), found)...), nil
}

// setBack is how far the clock goes back where it was far ahead, as capture's was before the first packet came.
const setBack = int64(time.Hour)

// setRight has commits whose clock was far ahead of the next one's be of where that begins: nothing waits until
// the time that they said, and no window is over that it has rows of.
func (w *Watch) setRight(c *Commit) {
	if c.Clock == 0 { // it is not known yet
		return
	}
	begins, ahead := c.Clock, false
	if c.First != 0 {
		begins = min(begins, c.First)
	}
	for _, k := range w.commits {
		if k.Clock > 0 && k.Clock-setBack > c.Clock {
			k.Clock, ahead = begins, true
		}
	}
	if ahead && w.engine != nil {
		w.engine.Reopen()
	}
}

// bound is before what is open: windows that are not over, and flows that have not ended.
func (w *Watch) bound(clock int64) int64 {
	b := clock - int64(w.config.Life) - int64(max(w.config.Window, w.config.Stretch()))
	if w.engine != nil {
		b -= int64(w.engine.Reach())
	}
	return b
}

// decide notes up to which segment nothing can be flagged any more.
func (w *Watch) decide(clock int64) {
	for _, k := range w.commits {
		if max(k.Clock, k.Last) > w.bound(clock) {
			return
		}
		w.decided = max(w.decided, k.Segment)
	}
}

// Checkpointed says that a checkpoint behind a commit is on disk, or that a session begins there, so
// that a later process may Resume from it. What that needs, or the checkpoint before, where this one proves damaged, is not forgotten.
func (w *Watch) Checkpointed(at livefolder.Mark) {
	for _, k := range w.commits {
		k.Checkpoint = k.Checkpoint || k.mark() == at
	}
}

// held is the place of the commit behind which a later process may begin: that of the last
// checkpoint but one. Before there are any, it begins with all.
func (w *Watch) held() int {
	at, later := len(w.commits)-1, -1
	for i := len(w.commits) - 1; i >= 0; i-- {
		if !w.commits[i].Checkpoint {
			continue
		}
		if later >= 0 {
			return i
		}
		at, later = i, i
	}
	return at
}

// forget forgets commits that do not matter any more: neither to what comes next, nor to what
// comes behind the checkpoints.
func (w *Watch) forget() {
	from := w.held()
	bound, n := w.bound(w.commits[from].Clock), 0
	for n < from && w.commits[n].Clock <= bound {
		n++
	}
	if over := len(w.commits) - n - mostCommits; over > 0 {
		n += over
		w.totals.forgot(over)
		w.note("segments up to %d are forgotten though windows are open that they are in: there are more than %d", w.commits[n-1].Segment, mostCommits)
	}
	w.commits = slices.Delete(w.commits, 0, n)
}

// ended is the place of the last commit at the end of a session before the one that is looked at; -1
// where there is none.
func (w *Watch) ended() int {
	for i := len(w.commits) - 2; i >= 0; i-- {
		if w.commits[i].AtEnd {
			return i
		}
	}
	return -1
}

// flag returns the segments that cover some of a stretch of time. Those of a session that has ended are decided.
func (w *Watch) flag(first, last int64) (all []int64) {
	for _, k := range w.commits[w.ended()+1:] {
		if k.First <= last && k.Last >= first && k.Clock != 0 {
			all = append(all, k.Segment)
		}
	}
	return all
}

// note is told with the next Found.
func (w *Watch) note(format string, args ...any) {
	const most = 100 // of one commit: damage can be everywhere
	if len(w.notes) < most {
		w.notes = append(w.notes, fmt.Sprintf(format, args...))
	}
}

// Close closes what is open. The file of alerts is whole in any case.
func (w *Watch) Close() error {
	var errs []error
	if w.against != nil {
		errs = append(errs, w.against.base.Close())
	}
	if w.log != nil {
		errs = append(errs, w.log.Close())
	}
	w.against, w.log = nil, nil
	return errors.Join(errs...)
}
