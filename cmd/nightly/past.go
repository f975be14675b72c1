package nightly

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"pcapmill/model/baseline"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// good reports whether a night may teach.
func (c *Config) good(n *done) bool {
	switch {
	case !n.Taught || n.gone[whatBaseline]:
		return false
	case n.marked != nil:
		return *n.marked
	case n.Verdict != Normal && n.Verdict != Learning:
		return false
	}
	return n.Exit == 0 || c.Baseline.Partial && n.Damaged > 0
}

// pastOf returns the good nights that a night which begins at an instant is judged by, in the
// order of time. except is the night itself, whose parts are not among them.
func (x *execution) pastOf(start time.Time, except string) []*done {
	var all []*done
	for _, n := range x.state.inOrder() {
		base, _ := split(n.Name)
		old := x.c.Baseline.MaxAge > 0 && n.start().Before(start.Add(-x.c.Baseline.MaxAge)) || n.start().Before(x.c.Baseline.Since)
		if n.start().Before(start) && base != except && !old && x.c.good(n) {
			all = append(all, n)
		}
	}
	return all[max(0, len(all)-x.c.Baseline.Nights):]
}

// opened are baselines of single nights that go together.
type opened struct {
	nights []*done
	files  []*baseline.File
	other  int // nights left out, as their tables are of another kind
	twice  int // nights left out, as others have the same tables
}

func (o *opened) close() {
	for _, f := range o.files {
		f.Close() //nolint:errcheck,gosec // only read
	}
}

// open opens the baselines of nights. Those whose tables are not as the newest one's, or as
// those of the night to be judged where like names it, are left out.
func (x *execution) open(nights []*done, like string) (o *opened, err error) {
	o = &opened{}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	var first *baseline.File
	if like != "" {
		if first, err = baseline.Open(x.c.ownBaseline(like), baseline.DefaultFileBytes); err != nil {
			return o, err
		}
		defer first.Close() //nolint:errcheck // only read
	}
	for _, n := range slices.Backward(nights) {
		f, err := baseline.Open(x.c.ownBaseline(n.Name), baseline.DefaultFileBytes)
		if err != nil { // one night less, and no reason not to judge
			x.o.Warn(fmt.Sprintf("the baseline of night %s cannot be used: %v; nightly --date %s makes it again", n.Name, err, baseOf(n.Name)))
			continue
		}
		if first == nil {
			first = f
		}
		table, config, like, want := f.Table(), f.Config(), first.Table(), first.Config()
		if table.Differs(&like) != "" || config.Differs(&want) != "" {
			o.other++
			f.Close() //nolint:errcheck,gosec // only read
			continue
		}
		if o.shares(f) { // the same captures came under other names or dates
			o.twice++
			f.Close() //nolint:errcheck,gosec // only read
			continue
		}
		o.nights, o.files = append(o.nights, n), append(o.files, f)
	}
	slices.Reverse(o.nights)
	slices.Reverse(o.files)
	return o, nil
}

// shares reports whether a table of a baseline is in another one: none is learnt twice.
func (o *opened) shares(f *baseline.File) bool {
	of := map[[32]byte]bool{}
	for _, s := range o.sources() {
		of[s.Hash] = true
	}
	return slices.ContainsFunc(f.Sources(), func(s baseline.Source) bool { return of[s.Hash] })
}

// sources lists what the files are of, in an order that does not depend on theirs.
func (o *opened) sources() []baseline.Source {
	var all []baseline.Source
	for _, f := range o.files {
		all = append(all, f.Sources()...)
	}
	return sortedSources(all)
}

func sortedSources(all []baseline.Source) []baseline.Source {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b baseline.Source) int { return bytes.Compare(a.Hash[:], b.Hash[:]) })
	return all
}

// holds reports whether the baseline of a path is just that of some nights.
func (o *opened) holds(path string) bool {
	f, err := baseline.Open(path, baseline.DefaultFileBytes)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	table, config, want, kept := f.Table(), f.Config(), o.files[0].Table(), o.files[0].Config()
	return table.Differs(&want) == "" && config.Differs(&kept) == "" && slices.Equal(sortedSources(f.Sources()), o.sources())
}

// join writes the baseline of the nights.
func (o *opened) join(path string) error {
	parts := make([]baseline.Part, len(o.files))
	for i, f := range o.files {
		parts[i] = f
	}
	_, err := baseline.Join(path, baseline.Leave{}, parts...)
	return err
}

// pastName is the baseline of a night that is not judged by the one that is kept.
const pastName = ".past.bl"

// findPast finds what the night is judged by. remove is to be called when it was.
func (j *judging) findPast(ctx context.Context) (remove func(), err error) {
	remove = func() {}
	c := j.x.c
	if c.Baseline.Fixed != "" {
		j.past = c.Baseline.Fixed
		return remove, j.cite(ctx, nil)
	}
	if !j.n.Taught {
		return remove, nil
	}
	base, _ := split(j.n.Name)
	o, err := j.x.open(j.x.pastOf(j.n.start(), base), j.n.Name)
	if err != nil {
		return remove, err
	}
	defer o.close()
	if o.other > 0 {
		j.n.say("%s before are left out of the baseline: their tables are of other windows or another version", text.Plural(int64(o.other), "good night"))
	}
	if o.twice > 0 {
		j.n.say("%s before are left out of the baseline: other nights have the same tables", text.Plural(int64(o.twice), "good night"))
	}
	if len(o.files) < c.Baseline.Least {
		j.n.say("learning: %d of the %s before that are needed to judge", len(o.files), text.Plural(int64(c.Baseline.Least), "good night"))
		return remove, nil
	}
	j.past = c.baselinePath()
	if !o.holds(j.past) { // a night that is done late, or again: the baseline knows what came after
		j.past = c.at(pastName)
		remove = func() { os.Remove(j.past) } //nolint:errcheck,gosec // it is made anew where it is needed
		if err := o.join(j.past); err != nil {
			return remove, fmt.Errorf("baseline: %w", err)
		}
	}
	return remove, j.cite(ctx, o.nights)
}

// cite notes what the night is judged by.
func (j *judging) cite(ctx context.Context, nights []*done) error {
	sum, _, err := manifest.HashFile(ctx, j.past)
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	j.n.Past = &Past{Nights: len(nights), SHA256: sum}
	if len(nights) > 0 {
		j.n.Past.First, j.n.Past.Last = nights[0].Name, nights[len(nights)-1].Name
	}
	return nil
}

// lastEnd is when the newest night ended.
func (x *execution) lastEnd() time.Time {
	end := int64(0)
	for _, n := range x.state.nights {
		end = max(end, n.EndNs)
	}
	return time.Unix(0, end)
}

// refresh makes the baseline that the next night is judged by, and keeps the one before.
func (x *execution) refresh() error {
	if x.c.Baseline.Fixed != "" || len(x.state.nights) == 0 {
		return nil
	}
	path, past := x.c.baselinePath(), x.pastOf(x.lastEnd(), "")
	if len(past) == 0 {
		return setAside(path)
	}
	o, err := x.open(past, "")
	if err != nil {
		return err
	}
	defer o.close()
	if len(o.files) == 0 || o.holds(path) {
		return nil
	}
	if err := copyFile(path, path+".previous"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("baseline: %w", err)
	}
	err = o.join(path)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, baseline.ErrForeign): // it is not overwritten, whatever it is
		return fmt.Errorf("baseline: %w; move it away, and it is made again", err)
	}
	return fmt.Errorf("baseline: %w", err)
}

// setAside leaves a baseline as the one before alone: no night is good, as of which someone said that
// it is not, and who judges by the file would go on to take it for normal.
func setAside(path string) error {
	f, err := baseline.Open(path, baseline.DefaultFileBytes)
	if err != nil {
		return nil //nolint:nilerr // there is none, or something else, which stays as it is
	}
	err = errors.Join(f.Close(), copyFile(path, path+".previous"))
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	return nil
}

// copyFile puts a copy of a file in place.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	_, err = publish.Replace(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	}, nil)
	return err
}
