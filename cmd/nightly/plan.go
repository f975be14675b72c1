package nightly

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// task is a night to be done.
type task struct {
	name  string
	files []*file // in the order in which they are read
	again bool    // it was done before
}

// plan is what an execution has to do, and what it leaves.
type plan struct {
	tasks   []*task // in the order of time
	silent  []Silent
	changed []Changed

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
	if err := p.findChanged(ctx, f); err != nil {
		return nil, err
	}
	nights := f.byNight()
	if date != "" {
		return p, p.once(f, nights, date)
	}
	for _, name := range slices.Sorted(maps.Keys(nights)) {
		if t := p.due(f, name, nights[name]); t != nil {
			p.tasks = append(p.tasks, t)
		}
	}
	if f.c.Nights.Every {
		p.findSilent(f, nights)
	}
	return p, nil
}

// once plans a night that is asked for: with all of its files, those that came late too.
func (p *plan) once(f *finding, nights map[string][]*file, date string) error {
	files := nights[date]
	if len(files) == 0 {
		return &job.Error{Exit: job.ExitRejected, Err: fmt.Errorf("there are no captures of %s: nothing to do it again from", text.Escape(date))}
	}
	f.time(files)
	_, again := f.state.nights[date]
	p.tasks = []*task{{date, files, again}}
	return nil
}

// due returns what is to be done of a night, nil for nothing.
func (p *plan) due(f *finding, name string, files []*file) *task {
	start, end, ok := spanOf(name)
	if !ok || start.Before(f.c.Nights.Since) {
		return nil
	}
	var news []*file
	for _, x := range files {
		if f.state.files[x.path] == nil {
			news = append(news, x)
		}
	}
	t := &task{name: f.nextPart(name), files: news}
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

// findChanged compares captures that were read with what they were.
func (p *plan) findChanged(ctx context.Context, f *finding) error {
	for _, path := range slices.Sorted(maps.Keys(f.files)) {
		was, is := f.state.files[path], f.files[path]
		if was == nil || was.Bytes == is.bytes && was.ModNs == is.modNs || is.fresh {
			continue
		}
		sum, _, err := manifest.HashFile(ctx, path)
		if err != nil {
			return fmt.Errorf("inputs: %w", err)
		}
		if sum == was.SHA256 {
			continue // touched or copied, and the same
		}
		p.stale++
		if sum != was.is {
			p.changed = append(p.changed, Changed{Path: was.Path, Night: was.night, Was: was.SHA256, Is: sum})
		}
	}
	return nil
}

// findSilent finds nights without captures since the first one with any.
func (p *plan) findSilent(f *finding, nights map[string][]*file) {
	name := f.firstNight(nights)
	var open *Silent
	for {
		start, end, ok := spanOf(name)
		if !ok || !f.over(end) {
			break
		}
		if len(nights[name]) > 0 || f.state.nights[name] != nil || f.state.toldSilent(name) || start.Before(f.c.Nights.Since) {
			open = nil
		} else if open == nil {
			p.silent = append(p.silent, Silent{name, name, 1})
			open = &p.silent[len(p.silent)-1]
		} else {
			open.Last = name
			open.Nights++
		}
		if name, ok = nextName(name); !ok {
			break
		}
	}
}

// firstNight is the first night that is known, empty where none is.
func (f *finding) firstNight(nights map[string][]*file) string {
	first := ""
	for name := range nights {
		if first == "" || name < first {
			first = name
		}
	}
	for name := range f.state.nights {
		if base, _ := split(name); first == "" || base < first {
			first = base
		}
	}
	return first
}
