package nightly

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/text"
)

// file is a capture that is there.
type file struct {
	path   string
	bytes  int64
	modNs  int64
	first  packet.Nanos // of its first packet; packet.NoTime where that is not known
	night  string       // name without a number
	sha256 string       // as capture wrote it; empty where that is not known
	drops  int64        // packets that capture says it lost
	fresh  bool         // still being written, perhaps
	same   bool         // read under another name

	segment *livefolder.Commit // of live's tables; nil: a capture
	folder  string             // that paths of these are relative to
}

// finding is what a look at the inputs finds.
type finding struct {
	state *state
	c     *Config
	now   time.Time

	files    map[string]*file // by path
	unnamed  int              // files whose names have no date
	strange  int              // files that are no captures
	gone     map[string]int   // what live's retention took of a night
	captured time.Time        // live's capture has come so far; zero: there is none
}

// find looks at all inputs.
func (c *Config) find(s *state, now time.Time) (*finding, error) {
	f := &finding{state: s, c: c, now: now, files: map[string]*file{}, gone: map[string]int{}}
	for _, arg := range c.Inputs.Captures {
		if err := f.argument(arg); err != nil {
			return nil, err
		}
	}
	if c.Inputs.Segments != "" {
		if err := f.segments(c.Inputs.Segments); err != nil {
			return nil, err
		}
	}
	if c.Inputs.Tables != "" {
		if err := f.liveTables(c.Inputs.Tables); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// argument takes a file, a folder or a pattern.
func (f *finding) argument(arg string) error {
	info, err := os.Stat(arg)
	if err != nil && strings.ContainsAny(arg, "*?[") {
		paths, bad := filepath.Glob(arg)
		if bad != nil {
			return wrongConfig("inputs: %s: %w", text.Escape(arg), bad)
		}
		for _, path := range paths {
			if hidden(path, "") && !hidden(arg, "") { // as in a folder: it is being written
				continue
			}
			if err := f.argument(path); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("inputs: %w", err)
	case info.IsDir():
		return f.folder(arg)
	}
	return f.take(arg, fs.FileInfoToDirEntry(info), f.c.Inputs.Filter)
}

// folder takes what is below a folder, but for hidden names and what is made here.
func (f *finding) folder(root string) error {
	out, _ := os.Stat(f.c.Output)
	return filepath.WalkDir(root+string(filepath.Separator), func(path string, d fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err) && d != nil && filepath.Clean(path) != filepath.Clean(root):
			return nil // gone since its folder was listed
		case err != nil:
			return fmt.Errorf("inputs: %w", err)
		case d.IsDir():
			info, err := d.Info()
			if err == nil && out != nil && os.SameFile(info, out) || hidden(path, root) {
				return filepath.SkipDir
			}
			return nil
		case hidden(path, root):
			return nil
		}
		return f.take(path, d, f.c.Inputs.Filter)
	})
}

// hidden names are those of files and folders that are not to be looked at, as they are
// being written.
func hidden(path, root string) bool {
	return strings.HasPrefix(filepath.Base(path), ".") && filepath.Clean(path) != filepath.Clean(root)
}

// take adds a file, unless it is none that is read.
func (f *finding) take(path string, d fs.DirEntry, filter input.Filter) error {
	path = filepath.Clean(path)
	info, err := d.Info()
	if os.IsNotExist(err) {
		return nil // gone since the folder was listed
	}
	if err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	x := &file{path: path, bytes: info.Size(), modNs: info.ModTime().UnixNano(), first: packet.NoTime}
	if known := f.state.files[path]; known != nil {
		x.night, _ = split(known.night)
		if known.Bytes == x.bytes && known.ModNs == x.modNs {
			f.files[path] = x // read already, and not to be opened for that
			return nil
		}
	}
	first, left := input.Examine(path, d, filter, f.c.Run.Input)
	if left != "" {
		if left == "not_a_capture" {
			f.strange++
		}
		return nil
	}
	x.first, x.fresh = first, f.now.Sub(info.ModTime()).Abs() < f.c.Inputs.Settle // a clock far ahead says nothing
	return f.add(x, info.ModTime())
}

// add puts a file into its night. A file without a time belongs to that of its last change.
func (f *finding) add(x *file, changed time.Time) error {
	if x.night == "" {
		at := changed
		if x.first != packet.NoTime {
			at = time.Unix(0, int64(x.first))
		}
		if f.c.Nights.Pattern != nil {
			var ok bool
			if at, ok = f.c.Nights.dateIn(filepath.Base(x.path)); !ok {
				f.unnamed++
				return nil
			}
		}
		x.night = f.c.Nights.nameOf(at)
	}
	f.files[x.path] = x
	return nil
}

// dateIn finds the date in a file's name.
func (n *Nights) dateIn(name string) (time.Time, bool) {
	m := n.Pattern.FindStringSubmatch(name)
	if m == nil {
		return time.Time{}, false
	}
	var parts [4]int
	for i, s := range m[1:] {
		x, err := strconv.Atoi(s)
		if err != nil {
			return time.Time{}, false
		}
		parts[i] = x
	}
	t := time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], 0, 0, 0, time.UTC)
	same := t.Year() == parts[0] && int(t.Month()) == parts[1] && t.Day() == parts[2] && t.Hour() == parts[3]
	return t, same && t.Year() > 1969
}

// compareFiles puts captures in the order in which they are read.
func compareFiles(a, b *file) int {
	return cmp.Or(cmp.Compare(a.first, b.first), strings.Compare(a.path, b.path))
}

// time finds the first packets of files that were read before, which needed none so far, and
// puts all in the order in which they are read.
func (f *finding) time(files []*file) {
	for _, x := range files {
		if info, err := os.Stat(x.path); err == nil && x.first == packet.NoTime && x.segment == nil {
			if first, left := input.Examine(x.path, fs.FileInfoToDirEntry(info), input.Filter{}, f.c.Run.Input); left == "" {
				x.first = first
			}
		}
	}
	slices.SortFunc(files, compareFiles)
}

// byNight returns the files of each night in the order in which they are read.
func (f *finding) byNight() map[string][]*file {
	nights := map[string][]*file{}
	for _, x := range f.files {
		nights[x.night] = append(nights[x.night], x)
	}
	for _, files := range nights {
		slices.SortFunc(files, compareFiles)
	}
	return nights
}
