package baselines

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"path/filepath"

	"pcapmill/model/baseline"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Merge writes what several files have together into one, which may be one of them. Where
// another baseline is there, it must be forced. It waits where another process changes the file,
// or until ctx ends.
func Merge(ctx context.Context, out string, names []string, force bool) (e Extent, err error) {
	if _, err := os.Stat(out); err != nil {
		return merge(out, names, force) // see Forget
	}
	err = alone(ctx, out, func() error {
		e, err = merge(out, names, force)
		return err
	})
	return e, err
}

func merge(out string, names []string, force bool) (Extent, error) {
	if err := mayWrite(out, names, force); err != nil {
		return Extent{}, err
	}
	var files []*baseline.File
	var parts []baseline.Part
	defer func() {
		for _, f := range files {
			f.Close() //nolint:errcheck,gosec // only read
		}
	}()
	for _, name := range names {
		f, err := baseline.Open(name, baseline.DefaultFileBytes)
		if err != nil {
			return Extent{}, err
		}
		files, parts = append(files, f), append(parts, f)
		if err := alike(files[0], f, names[0], name); err != nil {
			return Extent{}, err
		}
	}
	_, err := baseline.Join(out, baseline.Leave{}, parts...)
	if errors.Is(err, baseline.ErrTwice) {
		return Extent{}, usage.Errorf("%w: its rows would count twice; merge files that share no table", err)
	}
	if err != nil {
		return Extent{}, err
	}
	return extentAt(out)
}

// alike says why two files do not merge.
func alike(first, f *baseline.File, firstName, name string) error {
	config, table := first.Config(), first.Table()
	otherConfig, otherTable := f.Config(), f.Table()
	shown := text.Escape(name)
	if why := otherTable.Differs(&table); why != "" {
		return usage.Errorf("%s is of %s as %s is: they do not merge", shown, why, text.Escape(firstName))
	}
	if why := otherConfig.Differs(&config); why != "" {
		return usage.Errorf("%s has %s as %s has: they do not merge; build one of them again", shown, why, text.Escape(firstName))
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
		return publish.SystemError("examine", out, err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && os.SameFile(info, there) {
			return nil
		}
	}
	return usage.Errorf("%s is there already; --force replaces it", text.Escape(filepath.Clean(out)))
}

// Forgotten is what came of Forget.
type Forgotten struct {
	Hosts   int          // that were forgotten
	Missing []netip.Addr // that were not there by themselves
	Rest    uint64       // windows of hosts that are not, some of which may be theirs
	Extent  Extent
}

// Forget drops hosts from a file. Where none is there, the file stays as it was. It waits
// where another process changes the file, or until ctx ends.
func Forget(ctx context.Context, name string, hosts []netip.Addr) (done *Forgotten, err error) {
	if _, err := os.Stat(name); err != nil {
		return nil, err // no lock, nor a folder for it, beside what is not there
	}
	err = alone(ctx, name, func() error {
		done, err = forget(name, hosts)
		return err
	})
	return done, err
}

func forget(name string, hosts []netip.Addr) (*Forgotten, error) {
	f, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	done := &Forgotten{}
	for _, h := range hosts {
		_, there, err := f.Host(h)
		if err != nil {
			return nil, in(name, err)
		}
		if !there {
			done.Missing = append(done.Missing, h)
		}
	}
	rest, err := f.Rest()
	if err != nil {
		return nil, in(name, err)
	}
	done.Rest = rest.Windows
	if len(done.Missing) < len(hosts) {
		joined, err := baseline.Join(name, baseline.Leave{Hosts: hosts}, f)
		if err != nil {
			return nil, in(name, err)
		}
		done.Hosts = joined.Forgot
	}
	done.Extent, err = extentAt(name)
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
func Check(ctx context.Context, name string) (*Checked, error) {
	f, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer f.Close()                                                                        //nolint:errcheck // only read
	all, err := f.ProfilesContext(ctx, math.MinInt32, math.MaxInt32, baseline.GlobalKey()) // unpacks every block
	if err != nil {
		return nil, in(name, err)
	}
	rest, err := f.Rest()
	if err != nil {
		return nil, in(name, err)
	}
	t := f.Table()
	c := &Checked{Table: t.Name, Version: t.Version, Windows: all[0].Windows, Rest: rest.Windows}
	c.Extent, err = extentOf(f, name)
	return c, err
}
