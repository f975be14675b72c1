package input

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// List is what the arguments of a run expand to.
type List struct {
	Paths []string // inputs in reading order
	Left  []Left   // files found in directories that are no input
}

// Left is a file that was found but is not read.
type Left struct {
	Path   string
	Reason string // "excluded", "not_included", "not_a_capture", "not_a_file"
}

// Filter selects files by shell patterns over their base name or their path.
type Filter struct {
	Include []string // empty: all
	Exclude []string
}

// Validate reports a malformed pattern.
func (f Filter) Validate() error {
	for _, p := range append(append([]string(nil), f.Include...), f.Exclude...) {
		if _, err := filepath.Match(p, ""); err != nil {
			return fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	return nil
}

func matchAny(patterns []string, path string) bool {
	for _, p := range patterns {
		base, _ := filepath.Match(p, filepath.Base(path))
		full, _ := filepath.Match(p, path)
		if base || full {
			return true
		}
	}
	return false
}

// Expand turns the arguments into an ordered list. Files stay where they are
// named, even if they turn out to be no capture. A directory stands for the
// captures below it, told by content or by a capture's file name extension,
// ordered by the time of their first packet and then by path.
func Expand(args []string, filter Filter, cfg Config) (List, error) {
	var list List
	for _, arg := range args {
		info, err := statArg(arg)
		if err != nil {
			return list, err
		}
		switch {
		case info != nil && info.IsDir():
			if err := list.addDir(arg, filter, cfg); err != nil {
				return list, err
			}
		case matchAny(filter.Exclude, arg):
			list.Left = append(list.Left, Left{arg, "excluded"})
		case len(filter.Include) > 0 && arg != Stdin && !matchAny(filter.Include, arg):
			list.Left = append(list.Left, Left{arg, "not_included"})
		default:
			list.Paths = append(list.Paths, arg)
		}
	}
	return list, nil
}

func statArg(arg string) (os.FileInfo, error) {
	if arg == Stdin {
		return nil, nil
	}
	info, err := os.Stat(arg)
	return info, shownError(err)
}

// found is a capture in a directory.
type found struct {
	path  string
	first packet.Nanos
}

// compare orders captures by time and, where that is equal, by path.
func (f found) compare(g found) int {
	return cmp.Or(cmp.Compare(f.first, g.first), strings.Compare(f.path, g.path))
}

func (l *List) addDir(dir string, filter Filter, cfg Config) error {
	var captures []found
	root := dir
	if !os.IsPathSeparator(dir[len(dir)-1]) {
		root += string(filepath.Separator) // makes WalkDir follow a link to a directory
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil && path == root {
			return shownError(err)
		}
		if err != nil { // cannot be listed: stays an input, so that opening it says why
			captures = append(captures, found{path, packet.NoTime})
			return nil
		}
		if d.IsDir() {
			return nil
		}
		first, reason := Examine(path, d, filter, cfg)
		if reason != "" {
			l.Left = append(l.Left, Left{path, reason})
			return nil
		}
		captures = append(captures, found{path, first})
		return nil
	})
	if err != nil {
		return fmt.Errorf("listing %s: %w", Shown(dir), err)
	}
	slices.SortFunc(captures, found.compare)
	for _, c := range captures {
		l.Paths = append(l.Paths, c.path)
	}
	return nil
}

// Examine returns the time of the first packet of a file in a directory, packet.NoTime
// where there is none, or why the file is left: one of Left's reasons.
func Examine(path string, d fs.DirEntry, filter Filter, cfg Config) (first packet.Nanos, reason string) {
	switch {
	case !d.Type().IsRegular():
		return 0, "not_a_file"
	case matchAny(filter.Exclude, path):
		return 0, "excluded"
	case len(filter.Include) > 0 && !matchAny(filter.Include, path):
		return 0, "not_included"
	}
	first, ok := firstTime(path, cfg)
	if (!ok || isTable(path)) && len(filter.Include) == 0 && !named(path) {
		return 0, "not_a_capture"
	}
	return first, ""
}

// named reports whether a file's name says that it is a capture; if it then is
// none, the run must say so rather than pass it over.
func named(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	for _, packed := range []string{".gz", ".zst", ".lz4", ".xz", ".bz2", ".zip", ".7z"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch filepath.Ext(name) {
	case ".pcap", ".pcapng", ".cap", ".ntar", ".dmp":
		return true
	}
	return false
}

// isTable reports whether a file is a Parquet table, such as an earlier run wrote
// beside its captures.
func isTable(path string) bool { return strings.EqualFold(filepath.Ext(path), ".parquet") }

// peekBytes is enough for a file's headers and its first packet.
const peekBytes = 64 << 10

// firstTime returns the time of a capture's first packet; ok is false where the
// file is no capture. A capture that has none or cannot be read sorts first.
func firstTime(path string, cfg Config) (first packet.Nanos, ok bool) {
	cfg.Hash = HashNone
	c, err := Open(path, nil, cfg)
	defer c.Abandon()
	if err != nil {
		return packet.NoTime, readable(err)
	}
	b := &packet.Block{Data: make([]byte, 0, peekBytes)}
	for {
		err := c.Fill(b)
		for _, r := range b.Records {
			if r.Time != packet.NoTime {
				return r.Time, true
			}
		}
		if err != nil || len(b.Records) > 0 {
			return packet.NoTime, true
		}
		b.Reset()
	}
}

// readable reports whether a file that could not be opened may be a capture all
// the same: unreadable, cut within its header, or a Git LFS pointer in its place.
func readable(err error) bool {
	var unsupported *decompress.UnsupportedError
	if errors.As(err, &unsupported) {
		return false
	}
	var format *capfile.FormatError
	return !errors.As(err, &format) || recognised(format)
}

// recognised reports whether a file that cannot be read is a capture all the
// same: cut within its header, or a Git LFS pointer in place of one.
func recognised(e *capfile.FormatError) bool {
	switch e.Reason {
	case capfile.ReasonUnknownMagic, capfile.ReasonText, capfile.ReasonEmpty:
		return false
	}
	return true
}

// Shown returns a path as it may be shown to people: quoted where it holds
// anything that is not plain printable text, or begins like a quoted one.
func Shown(path string) string {
	if strings.HasPrefix(path, `"`) {
		return strconv.Quote(path)
	}
	for _, r := range path {
		if !strconv.IsPrint(r) || r == 0xfffd {
			return strconv.Quote(path)
		}
	}
	return path
}
