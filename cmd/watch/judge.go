package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"pcapmill/cmd/drifts"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/drift/suppress"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
)

// hosts is the table whose windows are judged, and pairs what lies beside it.
const (
	hostsTable = "hosts"
	pairsTable = "pairs"
)

// window is one that rows of a commit are of.
type window = windows.Frame

// against is what windows are judged by.
type against struct {
	base    *baseline.File
	options windows.Options
	notes   []string
	known   suppress.List
	config  drift.Config
}

// openAgainst opens the baseline and the lists of a Config.
func openAgainst(c *Config) (a *against, err error) {
	a = &against{config: c.Drift}
	var labels *windows.Labels
	if c.Labels != "" {
		if labels, err = windows.ReadLabels(c.Labels); err != nil {
			return nil, err
		}
	}
	if c.Suppress != "" {
		if a.known, err = drifts.Suppressions(c.Suppress); err != nil {
			return nil, err
		}
		drifts.ForSuppressions(&a.config)
	}
	if a.base, err = baseline.Open(c.Baseline, baseline.DefaultFileBytes); err != nil {
		return nil, err
	}
	if err := a.fits(c); err != nil {
		return nil, errors.Join(err, a.base.Close())
	}
	if a.options, a.notes, err = drifts.Reading(a.base, c.Covered, labels); err != nil {
		return nil, errors.Join(err, a.base.Close())
	}
	return a, nil
}

// fits refuses a baseline that no window of this session can be judged by.
func (a *against) fits(c *Config) error {
	t := a.base.Table()
	if t.Name != hostsTable || t.Window != 0 && t.Window != int64(c.Window) {
		return fmt.Errorf("%w: %s is of %s, and these are windows of %v of hosts; --window makes others", ErrConfig, text.Escape(c.Baseline), tableOf(&t), c.Window)
	}
	return nil
}

// frames notes which windows rows of a commit are of. What cannot be read is noted.
func (w *Watch) frames(ctx context.Context, k *kept) error {
	files := k.files(w.config.Out, hostsTable)
	if len(files) == 0 {
		k.Framed = true
		return nil
	}
	all, err := windows.Frames(ctx, files)
	if err != nil {
		return w.excuse(ctx, err)
	}
	k.Framed = true
	for _, f := range all {
		if w.judged != nil && f.Start < *w.judged {
			w.totals.late()
			w.note("further rows of the window of %s came when it had been judged: it is left out offline", instant(f.Start))
			continue
		}
		k.Windows = append(k.Windows, f)
	}
	return nil
}

// framed notes the windows of commits that a process without a baseline looked at: stretches that are open
// have rows in them, too. Those that were over then are not judged, as some of them may be forgotten.
func (w *Watch) framed(ctx context.Context) error {
	unknown := slices.DeleteFunc(slices.Clone(w.commits), func(k *kept) bool { return k.Framed || len(k.Windows) > 0 })
	if w.against == nil || len(unknown) == 0 {
		return nil
	}
	judged := w.judged
	w.judged = nil // no row of these came late
	for _, k := range unknown {
		if err := w.frames(ctx, k); err != nil {
			return err
		}
	}
	last := w.commits[len(w.commits)-1]
	open := w.stretchOf(last.Clock - int64(w.config.Life))
	if judged != nil {
		open = max(open, *judged)
	}
	w.judged, last.Judged = &open, &open
	return nil
}

// excuse makes a note of what is wrong with a table or a baseline, unless the work is to end.
func (w *Watch) excuse(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	w.totals.fail()
	w.note("%v", err)
	return nil
}

// stretchOf is the begin of the stretch that a time is in.
func (w *Watch) stretchOf(at int64) int64 {
	stretch := int64(w.config.Stretch())
	return at - (at%stretch+stretch)%stretch
}

// over reports whether all rows of the stretch that begins so are there by a time.
func (w *Watch) over(begin, clock int64) bool {
	return begin+int64(w.config.Stretch())+int64(w.config.Life) <= clock
}

// due are the begins of stretches to judge, ascending: those that are over and, at the end of a session,
// all others that it brought something of.
func (w *Watch) due(clock int64, last bool) (all []int64) {
	stretch := int64(w.config.Stretch())
	for _, k := range w.commits {
		for _, f := range k.Windows {
			begin := w.stretchOf(f.Start)
			if w.judged != nil && f.Start < *w.judged || !last && !w.over(begin, clock) {
				continue
			}
			all = append(all, begin)
		}
	}
	slices.Sort(all)
	since := w.commits[min(w.ended()+1, len(w.commits)):]
	return slices.DeleteFunc(slices.Compact(all), func(begin int64) bool { // what ended as it is was judged
		return !slices.ContainsFunc(since, func(k *kept) bool { return k.touches(begin, begin+stretch) })
	})
}

// touches reports whether a commit has rows of windows in a stretch, or covers some of it.
func (k *kept) touches(start, end int64) bool {
	return k.covers(start, end) || k.within(start, end)
}

func (k *kept) covers(start, end int64) bool { return k.Clock != 0 && k.First < end && k.Last > start }

func (k *kept) within(start, end int64) bool {
	return slices.ContainsFunc(k.Windows, func(f window) bool { return f.Start >= start && f.Start < end })
}

// judge judges the stretches that are due.
func (w *Watch) judge(ctx context.Context, clock int64, last bool, found *Found) ([]alert.Entry, error) {
	var entries []alert.Entry
	stretch := int64(w.config.Stretch())
	for _, start := range w.due(clock, last) {
		end := start + stretch
		if w.over(start, clock) { // else the next session may bring more of it, and it is judged again
			w.judged = &end
		}
		r, err := w.judgeOne(ctx, start, end)
		if err != nil {
			if err := w.excuse(ctx, fmt.Errorf("the stretch of %s is not judged: %w", instant(start), err)); err != nil {
				return nil, err
			}
			continue
		}
		verdict := Window{Start: start, Length: stretch, Report: r}
		if r != nil {
			verdict.Severity = r.Verdict
			some, err := alert.Entries(alert.Of(r, w.config.From), w.config.Period)
			if err != nil {
				return nil, err
			}
			if entries = append(entries, some...); len(some) > 0 {
				found.Flagged = append(found.Flagged, w.flag(start, end-1)...)
			}
		}
		found.Windows = append(found.Windows, verdict)
	}
	return entries, nil
}

// judgeOne compares the windows that begin within a stretch with the baseline; nil where captures
// cover too little of all of them.
func (w *Watch) judgeOne(ctx context.Context, start, end int64) (*drift.Report, error) {
	parts := windows.Parts{Path: w.config.Out, Covered: []windows.Span{}}
	var within []*kept
	for _, k := range w.commits {
		if k.covers(start, end) {
			parts.Covered, within = append(parts.Covered, windows.Span{First: k.First, End: k.Last}), append(within, k)
		}
		if !k.within(start, end) {
			continue
		}
		parts.Hosts = append(parts.Hosts, k.files(w.config.Out, hostsTable)...)
		parts.Pairs = append(parts.Pairs, k.files(w.config.Out, pairsTable)...)
	}
	parts.Recorded = lacked(within)
	o := w.against.options
	o.From, o.To = start, end
	now, err := windows.OpenParts(ctx, parts, o)
	if err != nil {
		return nil, err
	}
	if now.Quality()[0].Windows == 0 {
		w.totals.leaveOut()
		return nil, nil
	}
	r, err := drifts.Judge(ctx, w.against.base, now, w.against.config, w.against.notes)
	if err != nil {
		return nil, err
	}
	w.against.known.Apply(r)
	return r, nil
}
