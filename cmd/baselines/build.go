package baselines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"pcapmill/model/baseline"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Build says what to make a baseline of.
type Build struct {
	Out       string
	Tables    []string
	Append    bool    // add to what is there
	Force     bool    // take the place of what is there
	Days      int     // how many days before the newest, it included, are kept; 0: all
	Hosts     int     // how many are kept by themselves; 0: as the file has it, or the default
	Keys      int     // of a category, a host and a day; -1: as the file has it, or the default; 0: no keys
	Labels    string  // file of labels; empty: none
	Protocols bool    // whether protocols have segments
	Covered   float64 // share of a window that captures must cover
}

// Built is what came of it.
type Built struct {
	Nothing bool     // all tables were in it, and no day was to be dropped
	Skipped []string // paths of tables that were in it
	Added   []windows.Quality
	Dropped baseline.Day // first day that is kept, where Forgot
	Forgot  bool         // whether days were dropped
	TooOld  uint64       // rows of days that were dropped before
	Extent  Extent
}

// Run makes the baseline. It waits where another process changes the file.
func (o *Build) Run(ctx context.Context) (done *Built, err error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	err = alone(ctx, o.Out, func() error {
		done, err = o.run(ctx)
		return err
	})
	return done, err
}

func (o *Build) run(ctx context.Context) (*Built, error) {
	old, err := o.existing()
	if err != nil {
		return nil, err
	}
	set, err := o.open(ctx, old)
	if err != nil {
		return nil, err
	}
	b, err := o.begin(old, set)
	if err != nil {
		return nil, err
	}
	done := &Built{}
	if err := done.add(ctx, b, set); err != nil {
		return nil, err
	}
	done.drop(b, o.Days)
	if done.Nothing = old != nil && len(done.Added) == 0 && !done.Forgot; !done.Nothing {
		if err := done.worth(b, old); err != nil {
			return nil, err
		}
		if err := b.Save(o.Out); err != nil {
			return nil, in(o.Out, err)
		}
	}
	done.Extent, err = extentAt(o.Out)
	return done, err
}

func (o *Build) validate() error {
	switch {
	case o.Append && o.Force:
		return usage.Errorf("--append adds to what is there and --force replaces it: leave one out")
	case o.Hosts < 0 || o.Hosts > baseline.MaxHosts:
		return usage.Errorf("--hosts is 1 to %d", baseline.MaxHosts)
	case o.Keys < -1:
		return usage.Errorf("--keys is 0 or more")
	case o.Days < 0:
		return usage.Errorf("--max-age is 1d or more")
	}
	return nil
}

// existing returns the baseline that is added to, nil where a new one is begun.
func (o *Build) existing() (*baseline.Baseline, error) {
	if o.Force {
		return nil, nil
	}
	b, err := baseline.Load(o.Out, baseline.DefaultFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (o *Build) open(ctx context.Context, old *baseline.Baseline) (*windows.Set, error) {
	options := windows.DefaultOptions()
	options.Covered, options.Protocols = o.Covered, o.Protocols
	if o.Keys == 0 {
		options.Categories = nil
	}
	if old != nil && o.Keys < 0 {
		options.Categories = old.Config().Categories
	}
	if o.Labels != "" {
		labels, err := windows.ReadLabels(o.Labels)
		if err != nil {
			return nil, err
		}
		options.Labels = labels
	}
	if err := options.Validate(); err != nil {
		return nil, usage.Errorf("%w", err)
	}
	return windows.Open(ctx, o.Tables, options)
}

// begin returns the baseline to add to.
func (o *Build) begin(old *baseline.Baseline, set *windows.Set) (*baseline.Baseline, error) {
	config := o.config(old, set)
	table := set.Table()
	if old == nil {
		b, err := baseline.New(config, table)
		if err != nil {
			return nil, usage.Errorf("%w", err)
		}
		return b, nil
	}
	known, is := old.Config(), old.Table()
	shown := text.Escape(o.Out)
	if why := is.Differs(&table); why != "" {
		return nil, usage.Errorf("%s is of %s; build another file, or this one again with --force", shown, why)
	}
	if why := known.Differs(&config); why != "" {
		return nil, usage.Errorf("%s has %s; leave the flag out, or build it again with --force", shown, why)
	}
	if !o.Append && !within(old.Sources(), set.Sources()) {
		return nil, usage.Errorf("%s has other tables; --append adds to them, --force replaces them", shown)
	}
	return old, nil
}

// config returns the settings that are asked for.
func (o *Build) config(old *baseline.Baseline, set *windows.Set) baseline.Config {
	c := baseline.DefaultConfig()
	if old != nil {
		c = old.Config()
	}
	c.Categories = set.Categories()
	if o.Hosts > 0 {
		c.Hosts = o.Hosts
	}
	if o.Keys > 0 {
		c.Keys = o.Keys
	}
	return c
}

// within reports whether all sources are among others.
func within(sources, others []baseline.Source) bool {
	there := map[[32]byte]bool{}
	for i := range others {
		there[others[i].Hash] = true
	}
	for i := range sources {
		if !there[sources[i].Hash] {
			return false
		}
	}
	return true
}

// add adds the tables that are not in it.
func (done *Built) add(ctx context.Context, b *baseline.Baseline, set *windows.Set) error {
	before := b.TooOld()
	for i, source := range set.Sources() {
		path := set.Quality()[i].Path
		switch err := b.AddSource(source); {
		case errors.Is(err, baseline.ErrTwice):
			done.Skipped = append(done.Skipped, path)
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", text.Escape(path), err)
		}
		if err := set.EachOf(ctx, i, b.Add); err != nil {
			return in(path, err)
		}
		done.Added = append(done.Added, set.Quality()[i])
	}
	done.TooOld = b.TooOld() - before
	return nil
}

// drop drops what is older than so many days before the newest day that there is: never
// before today, so that the same tables give the same file whenever it is made.
func (done *Built) drop(b *baseline.Baseline, keep int) {
	days := b.Days()
	if keep == 0 || len(days) == 0 {
		return
	}
	first := int64(days[len(days)-1]) - int64(keep) + 1
	if first <= int64(days[0]) {
		return
	}
	done.Dropped, done.Forgot = baseline.Day(first), true
	b.DropBefore(done.Dropped)
}

// worth refuses to begin a baseline of nothing.
func (done *Built) worth(b, old *baseline.Baseline) error {
	if old != nil || len(b.Days()) > 0 {
		return nil
	}
	return windows.NoneWhole(done.Added)
}
