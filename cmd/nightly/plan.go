package nightly

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"pcapmill/outputs/text"
)

// task is a night to be done.
type task struct {
	name  string
	files []*file // in the order in which they are read
	again bool    // it was done before
	lost  string  // captures that are gone and would be in it, for people; empty for none

	copies [][2]*file // captures, and copies of them that are not read
}

// plan is what an execution has to do, and what it leaves.
type plan struct {
	tasks   []*task // in the order of time
	silent  []Silent
	changed []Changed
	same    []Same
	undone  []string // why nights that were to be done again are not, for people
	closed  []string // captures that have changed and cannot be read

	waiting int // files of nights that are not over
	fresh   int // files that may still be written, and others of their nights
	givenUp int // nights that failed too often
	stale   int // captures that have changed since they were read, told before or not
	unnamed int
	strange int
}

// planned decides what is to be done. date names a night that is to be done whatever was;
// empty: all that are due.
func planned(ctx context.Context, f *finding, date string) (*plan, error) {
	p := &plan{unnamed: f.unnamed, strange: f.strange}
	if err := p.findChanged(ctx, f, date); err != nil {
		return nil, err
	}
	nights := f.byNight()
	read, err := p.findSame(ctx, f, nights, date)
	if err != nil {
		return nil, err
	}
	if date != "" {
		return p, p.once(ctx, f, nights[date], read[date], date)
	}
	begun, err := p.resume(ctx, f, nights, read)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(nights)) {
		if begun[name] {
			continue // with what came late
		}
		t := p.due(f, name, nights[name])
		if t == nil {
			continue
		}
		if err := t.distinct(ctx); err != nil {
			return nil, err
		}
		p.tasks = append(p.tasks, t)
	}
	if f.c.Nights.Every {
		p.findSilent(f, nights)
	}
	return p, nil
}

// once plans a night that is asked for: with all of its files, those that came late too.
func (p *plan) once(ctx context.Context, f *finding, files []*file, read []*seen, date string) error {
	if len(files) == 0 {
		return fmt.Errorf("%w: there are no captures of %s, so nothing to do it again from", errCaptures, text.Escape(date))
	}
	lost := f.lost(read, files, p.same)
	if err := f.mayLose(lost, date); err != nil {
		return err
	}
	f.time(files)
	t := &task{name: date, files: files}
	if _, t.again = f.state.nights[date]; !t.again {
		t.lost = f.deletedBefore(date)
	} else if lost > 0 {
		t.lost = fmt.Sprintf("it is made of less than before (missing: %s)", text.Plural(int64(lost), "capture"))
	}
	if err := t.distinct(ctx); err != nil {
		return err
	}
	p.tasks = append(p.tasks, t)
	return nil
}

// resume plans nights that were asked for once more by an execution that was killed or stopped.
func (p *plan) resume(ctx context.Context, f *finding, nights map[string][]*file, read map[string][]*seen) (begun map[string]bool, err error) {
	begun = map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(f.state.again)) {
		if f.state.tries[name] >= f.c.Failure.Tries {
			p.givenUp++
			continue
		}
		err := p.once(ctx, f, nights[name], read[name], name)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil:
			p.undone = append(p.undone, fmt.Sprintf("night %s was to be done again, and is not: %s", name, text.Escape(err.Error())))
		default:
			begun[name] = true
		}
	}
	return begun, nil
}

// due returns what is to be done of a night, nil for nothing.
func (p *plan) due(f *finding, name string, files []*file) *task {
	start, end, ok := spanOf(name)
	if !ok || start.Before(f.c.Nights.Since) {
		return nil
	}
	var news []*file
	for _, x := range files {
		if f.isNew(x) {
			news = append(news, x)
		}
	}
	t := &task{name: f.nextPart(name), files: news}
	if t.name == name {
		t.lost = f.deletedBefore(name)
	}
	switch {
	case len(news) == 0:
		return nil
	case !f.over(end):
		p.waiting += len(news)
	case slices.ContainsFunc(news, func(x *file) bool { return x.fresh }):
		p.fresh += len(news)
	case f.state.tries[t.name] >= f.c.Failure.Tries:
		p.givenUp++
	default:
		return t
	}
	return nil
}

// deletedBefore says what live deleted of a night before it was done, empty for nothing.
func (f *finding) deletedBefore(night string) string {
	n := f.gone[night]
	if n == 0 {
		return ""
	}
	return text.Plural(int64(n), "segment") + " had been deleted before it was done: live keeps them for too short a time"
}

// nextPart is the name of the night that new files of a night make.
func (f *finding) nextPart(name string) string {
	if f.state.nights[name] == nil {
		return name
	}
	last := 1
	for _, late := range f.state.supplements(name) {
		_, last = split(late)
	}
	return numbered(name, last+1)
}

// patience is how long a night waits for live's capture to say that it has come to its end:
// it may have been killed.
const patience = day

// over reports whether no more captures of a night are to be expected.
func (f *finding) over(end time.Time) bool {
	late := f.now.Sub(end)
	if late < f.c.Inputs.Settle {
		return false
	}
	return f.captured.IsZero() || !f.captured.Before(end) || late >= patience
}

// findChanged compares captures that were read with what they were, but for those of a night
// that is to be done again.
func (p *plan) findChanged(ctx context.Context, f *finding, date string) error {
	for _, path := range slices.Sorted(maps.Keys(f.files)) {
		was, is := f.state.files[path], f.files[path]
		if was == nil || was.Bytes == is.bytes && was.ModNs == is.modNs || is.fresh || date != "" && baseOf(was.night) == date {
			continue
		}
		sum, err := hashOf(ctx, path)
		switch {
		case err != nil:
			return err
		case sum == "" && was.SHA256 == "" || !exists(path):
			continue // as little to be read as before, or gone since its folder was listed
		case sum == "":
			p.stale++
			p.closed = append(p.closed, path)
			continue
		}
		if sum == was.SHA256 { // touched or copied, and the same: it need not be read again
			p.same = append(p.same, sameCapture(was, is))
			continue
		}
		p.stale++
		if sum != was.is {
			p.changed = append(p.changed, Changed{Path: was.Path, Night: was.night, Was: was.SHA256, Is: sum})
		}
	}
	return nil
}

// findSilent finds nights without captures since the first one with any. Nights that were made
// when they were of another length count for what they cover.
func (p *plan) findSilent(f *finding, nights map[string][]*file) {
	first, known := f.known(nights)
	var open *Silent
	for name, ok := first, first != ""; ok; name, ok = nextName(name) {
		start, end, is := spanOf(name)
		if !is || !f.over(end) {
			break
		}
		if known[name] || f.state.toldSilent(start, end) || start.Before(f.c.Nights.Since) {
			open = nil
		} else if open == nil {
			p.silent = append(p.silent, Silent{name, name, 1})
			open = &p.silent[len(p.silent)-1]
		} else {
			open.Last = name
			open.Nights++
		}
	}
}

// known are the names of all nights of which there is or was a capture, and the first of them,
// empty where there is none.
func (f *finding) known(nights map[string][]*file) (first string, known map[string]bool) {
	known = map[string]bool{}
	add := func(name string) {
		start, end, ok := spanOf(name)
		for at := start; ok && at.Before(end); at = at.Add(f.c.Nights.Length()) {
			known[f.c.Nights.nameOf(at)] = true
		}
	}
	for name := range nights {
		add(name)
	}
	for name := range f.state.nights {
		add(name)
	}
	for name := range known {
		if first == "" || name < first {
			first = name
		}
	}
	return first, known
}
