package prints

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/model/fingerprint"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// ErrHost: it is not clear which host is meant, or it is not there.
var ErrHost = errors.New("host")

// ending of documents. What has another one is a table.
const ending = ".json"

// Load returns the fingerprints of these hosts, or of all where none is named: of one
// document or table of fingerprints, or of hosts tables, which are joined. A path may be a
// dataset's. A command that loads more than once does so by one View.
func Load(ctx context.Context, view *tables.View, paths []string, hosts ...netip.Addr) ([]*fingerprint.Fingerprint, error) {
	if len(paths) == 1 && IsDocument(paths[0]) {
		all, err := read(paths[0])
		return chosen(all, hosts), err
	}
	l := loader{
		stored:  fingerprint.NewStored(fingerprint.DefaultLimits(), hosts...),
		builder: fingerprint.NewBuilder(fingerprint.DefaultLimits(), hosts...),
	}
	if err := rows(ctx, view, paths, l.pick, l.add); err != nil {
		return nil, err
	}
	if l.made {
		return l.stored.Fingerprints(), nil
	}
	return l.builder.Fingerprints(), nil
}

// loader takes rows of hosts tables, or of one table of fingerprints.
type loader struct {
	stored  *fingerprint.Stored
	builder *fingerprint.Builder
	paths   int  // that were looked at
	made    bool // whether the one is a table of fingerprints, with nothing to be made of it
}

// pick looks at the table that comes next.
func (l *loader) pick(s *column.Schema) ([]string, error) {
	made := fingerprint.IsTable(s)
	if l.paths > 0 && (made || l.made) {
		return nil, fmt.Errorf("%w: fingerprints are not joined: name hosts tables, or one table of fingerprints", fingerprint.ErrTable)
	}
	l.paths++
	l.made = made
	if made {
		return fingerprint.StoredColumns(s)
	}
	l.builder.Begin()
	return fingerprint.Columns(s)
}

func (l *loader) add(b *batch.Batch) error {
	if l.made {
		return l.stored.Add(b)
	}
	return l.builder.Add(b)
}

// IsDocument reports whether a path is that of a document by its name.
func IsDocument(path string) bool { return strings.HasSuffix(path, ending) }

// LoadOne returns the fingerprint of one host; an invalid one stands for the only one
// that there is. Errors are ErrHost too.
func LoadOne(ctx context.Context, view *tables.View, paths []string, host netip.Addr) (*fingerprint.Fingerprint, error) {
	var hosts []netip.Addr
	if host.IsValid() {
		hosts = append(hosts, host)
	}
	all, err := Load(ctx, view, paths, hosts...)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 1:
		return all[0], nil
	case host.IsValid():
		return nil, fmt.Errorf("%w %s is not in %s", ErrHost, host, named(paths))
	}
	return nil, fmt.Errorf("%w: %s has %d of them; name one", ErrHost, named(paths), len(all))
}

// LoadWindows returns the fingerprints of a host's windows, from hosts tables.
func LoadWindows(ctx context.Context, view *tables.View, paths []string, host netip.Addr) ([]*fingerprint.Fingerprint, error) {
	t := fingerprint.NewTimeline(fingerprint.DefaultLimits(), host)
	pick := func(s *column.Schema) ([]string, error) {
		t.Begin()
		return fingerprint.Columns(s)
	}
	if err := rows(ctx, view, paths, pick, t.Add); err != nil {
		return nil, err
	}
	return t.Fingerprints(), nil
}

func named(paths []string) string { return text.Escape(strings.Join(paths, ", ")) }

func read(path string) ([]*fingerprint.Fingerprint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", tables.ErrTable, err)
	}
	defer f.Close() //nolint:errcheck // only read
	all, err := fingerprint.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return all, nil
}

func chosen(all []*fingerprint.Fingerprint, hosts []netip.Addr) []*fingerprint.Fingerprint {
	if len(hosts) == 0 {
		return all
	}
	var some []*fingerprint.Fingerprint
	for _, f := range all {
		if slices.Contains(hosts, f.Host) {
			some = append(some, f)
		}
	}
	return some
}

// rows hands over those of tables, of the columns that pick asks for.
func rows(ctx context.Context, view *tables.View, paths []string, pick func(*column.Schema) ([]string, error), add func(*batch.Batch) error) error {
	for _, path := range paths {
		if IsDocument(path) {
			return fmt.Errorf("%w: %s is a document, and rows of a table are needed", fingerprint.ErrTable, text.Escape(path))
		}
		inside := filepath.Join(path, host.HostsTable)
		if info, err := os.Stat(inside); err == nil && info.IsDir() {
			path = inside
		} else if _, err := os.Stat(filepath.Join(path, manifest.Name)); err == nil {
			return noHosts(path)
		}
		err := view.Read(ctx, path, pick, add)
		if err != nil && !errors.Is(err, tables.ErrTable) && ctx.Err() == nil {
			err = fmt.Errorf("%s: %w", text.Escape(path), err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noHosts is the error of a dataset without the table.
func noHosts(dataset string) error {
	if err := tables.Readable(dataset); err != nil {
		return err
	}
	return fmt.Errorf("%w: dataset %s has no table %s; run makes it with --windows %s", fingerprint.ErrTable, text.Escape(dataset), host.HostsTable, host.HostsTable)
}
