package baselines

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"pcapmill/model/baseline"
	"pcapmill/outputs/text"
)

// Merge writes what several files have together into one, which may be one of them. Where
// another baseline is there, it must be forced.
func Merge(out string, files []string, force bool) (Extent, error) {
	if err := mayWrite(out, files, force); err != nil {
		return Extent{}, err
	}
	var all *baseline.Baseline
	for _, name := range files {
		b, err := baseline.Load(name, baseline.DefaultFileBytes)
		if err != nil {
			return Extent{}, err
		}
		if all == nil {
			all = b
			continue
		}
		if err := merge(all, b, name, files[0]); err != nil {
			return Extent{}, err
		}
	}
	if err := all.Check(); err != nil {
		return Extent{}, fmt.Errorf("%s: %w", text.Escape(files[0]), err)
	}
	if err := all.Save(out); err != nil {
		return Extent{}, err
	}
	return extentOf(all, out)
}

// merge merges one file into what the first and others have.
func merge(all, b *baseline.Baseline, name, first string) error {
	shown := text.Escape(name)
	config, table := all.Config(), all.Table()
	otherConfig, otherTable := b.Config(), b.Table()
	if why := otherTable.Differs(&table); why != "" {
		return misuse("%s is of %s as %s is: they do not merge", shown, why, text.Escape(first))
	}
	if why := otherConfig.Differs(&config); why != "" {
		return misuse("%s has %s as %s has: they do not merge; build one of them again", shown, why, text.Escape(first))
	}
	switch err := all.Merge(b); {
	case errors.Is(err, baseline.ErrTwice):
		return misuse("%s: %w: its rows would count twice; merge files that share no table", shown, err)
	case err != nil:
		return fmt.Errorf("%s: %w", shown, err)
	}
	return nil
}

// mayWrite refuses to write over what is there, unless it is one of the files that are read.
func mayWrite(out string, files []string, force bool) error {
	if force {
		return nil
	}
	there, err := os.Stat(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && os.SameFile(info, there) {
			return nil
		}
	}
	return misuse("%s is there already; --force replaces it", text.Escape(filepath.Clean(out)))
}

// Forgotten is what came of Forget.
type Forgotten struct {
	Hosts   int          // that were forgotten
	Missing []netip.Addr // that were not there by themselves
	Rest    uint64       // windows of hosts that are not, some of which may be theirs
	Extent  Extent
}

// Forget drops hosts from a file. Where none is there, the file stays as it was.
func Forget(name string, hosts []netip.Addr) (*Forgotten, error) {
	b, err := baseline.Load(name, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	done := &Forgotten{}
	for _, h := range hosts {
		if b.Forget(h) {
			done.Hosts++
		} else {
			done.Missing = append(done.Missing, h)
		}
	}
	rest, err := b.Rest()
	if err != nil {
		return nil, err
	}
	done.Rest = rest.Windows
	if done.Hosts > 0 {
		if err := b.Save(name); err != nil {
			return nil, err
		}
	}
	done.Extent, err = extentOf(b, name)
	return done, err
}

// Checked is what Check found.
type Checked struct {
	Table   string
	Version int
	Windows uint64
	Rest    uint64 // windows of hosts that are not kept by themselves
	Extent  Extent
}

// Check looks at all of a file.
func Check(name string) (*Checked, error) {
	b, err := baseline.Load(name, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	p, err := b.Profile(baseline.GlobalKey())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	rest, err := b.Rest()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	t := b.Table()
	c := &Checked{Table: t.Name, Version: t.Version, Windows: p.Windows, Rest: rest.Windows}
	c.Extent, err = extentOf(b, name)
	return c, err
}
