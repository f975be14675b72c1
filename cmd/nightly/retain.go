package nightly

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// What is deleted.
const (
	whatTables   = "tables"
	whatReports  = "reports"
	whatBaseline = "baseline"
	whatCapture  = "capture"
)

// kind is what each night has one of, and what is kept of it.
type kind struct {
	what string
	keep Keep
	path func(night string) string // below the output folder
}

func (c *Config) kinds() []kind {
	return []kind{
		{whatTables, c.Retention.Tables, func(night string) string { return filepath.Join("runs", "date="+night) }},
		{whatReports, c.Retention.Reports, func(night string) string { return filepath.Join("reports", night) }},
		{whatBaseline, c.Retention.Baselines, func(night string) string { return filepath.Join("nights", night+".bl") }},
	}
}

// retain deletes what is too old or too much. A record is written before: whoever is killed
// between leaves what the next execution removes.
func (x *execution) retain() error {
	for _, k := range x.c.kinds() {
		if err := x.retainKind(&k); err != nil {
			return fmt.Errorf("retention: %w", err)
		}
	}
	if err := x.retainCaptures(); err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	return nil
}

func (x *execution) retainKind(k *kind) error {
	used := x.inUse(k.what)
	bytes, count := int64(0), 0
	for _, n := range slices.Backward(x.state.inOrder()) {
		path := k.path(n.Name)
		size, there := sizeOf(x.c.at(path))
		if !there {
			continue
		}
		if n.gone[k.what] { // its record was written, and no more
			if err := x.removeBelow(path); err != nil {
				return err
			}
			continue
		}
		bytes, count = bytes+size, count+1
		why := x.tooMuch(k, n, bytes, count)
		if why == "" || used[n.Name] {
			continue
		}
		bytes, count = bytes-size, count-1
		if err := x.delete(k, n.Name, why); err != nil {
			return err
		}
	}
	return nil
}

// tooMuch says why what a night has goes, "" where it stays. bytes and count are of it and all
// that is newer.
func (x *execution) tooMuch(k *kind, n *done, bytes int64, count int) string {
	switch {
	case k.keep.Age > 0 && n.start().Before(x.o.Now.Add(-k.keep.Age)):
		return "age"
	case k.keep.Count > 0 && count > k.keep.Count:
		return "count"
	case k.keep.Size > 0 && bytes > k.keep.Size && count > 1: // the newest stays, however large
		return "size"
	}
	return ""
}

// inUse are the nights whose baselines make the one that the next night is judged by.
func (x *execution) inUse(what string) map[string]bool {
	used := map[string]bool{}
	if what != whatBaseline {
		return used
	}
	for _, n := range x.pastOf(x.lastEnd(), "") {
		used[n.Name] = true
	}
	return used
}

// delete records that something of a night goes, and removes it.
func (x *execution) delete(k *kind, night, why string) error {
	if err := x.record(deleteEvent, &Deleted{k.what, night, why}); err != nil {
		return err
	}
	return x.removeBelow(k.path(night))
}

// makeRoom deletes the oldest tables until so much is free as is to be kept free.
func (x *execution) makeRoom() error {
	reserve := x.c.Retention.Reserve
	if reserve == 0 {
		return nil
	}
	tables := x.c.kinds()[0]
	for _, n := range x.state.inOrder() {
		free, _, err := publish.Space(x.c.Output)
		if err != nil || free >= reserve { // what is not known is no reason to delete
			return err
		}
		if _, there := sizeOf(x.c.at(tables.path(n.Name))); !there {
			continue
		}
		if n.gone[whatTables] { // its record was written, and no more
			if err := x.removeBelow(tables.path(n.Name)); err != nil {
				return err
			}
			continue
		}
		if err := x.delete(&tables, n.Name, "reserve"); err != nil {
			return err
		}
	}
	free, _, err := publish.Space(x.c.Output)
	if err == nil && free < reserve {
		err = errReserve
	}
	return err
}

// retainCaptures deletes captures that were read to their end and are as they were, where
// that was asked for. Segments are live's own to delete.
func (x *execution) retainCaptures() error {
	age := x.c.Retention.Captures
	if age == 0 {
		return nil
	}
	for _, path := range slices.Sorted(maps.Keys(x.files)) {
		f, was := x.files[path], x.state.files[path]
		if was == nil || was.Bytes != f.bytes || was.ModNs != f.modNs || f.kept() || was.Outcome != manifest.Complete && was.Outcome != manifest.CompleteWithNotes {
			continue
		}
		if start, _, ok := spanOf(was.night); !ok || !start.Before(x.o.Now.Add(-age)) {
			continue
		}
		if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.ModTime().UnixNano() != was.ModNs || info.Size() != was.Bytes {
			continue
		}
		if !was.going {
			if err := x.record(deleteEvent, &Deleted{whatCapture, path, "age"}); err != nil {
				return err
			}
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// kept are files that are not ours to delete: what live writes has its own retention.
func (f *file) kept() bool { return f.sha256 != "" }

// sizeOf returns the bytes of a file, or of those in a folder.
func sizeOf(path string) (bytes int64, there bool) {
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // what cannot be seen counts nothing
		}
		there = true
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	return bytes, there
}

func (x *execution) removeTables(night string) error {
	return x.removeBelow(filepath.Join("runs", "date="+night))
}

// goneMark is before the name of what is being removed.
const goneMark = ".gone-"

// removeBelow removes a file or folder below the output folder, first under another name, so
// that no half of it is seen. Links lead nowhere.
func (x *execution) removeBelow(path string) error {
	root, err := os.OpenRoot(x.c.Output)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through it
	hidden := filepath.Join(filepath.Dir(path), goneMark+filepath.Base(path))
	if err := root.RemoveAll(hidden); err != nil {
		return err
	}
	if err := root.Rename(path, hidden); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return root.RemoveAll(hidden)
}

// clear removes what an execution that was killed left half removed or half written. Nobody
// else writes to these folders while the lock is held.
func (x *execution) clear() error {
	folders := []string{".", "runs", "nights", "reports"}
	nights, err := os.ReadDir(x.c.at("reports"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range nights {
		if e.IsDir() {
			folders = append(folders, filepath.Join("reports", e.Name()))
		}
	}
	for _, folder := range folders {
		if err := x.clearFolder(folder); err != nil {
			return err
		}
	}
	return x.clearParts()
}

// clearParts removes what was made of files that came late, where their night was done again
// with them and the execution was killed before it came to that.
func (x *execution) clearParts() error {
	parts := map[string]bool{}
	for _, k := range x.c.kinds() {
		there, err := os.ReadDir(x.c.at(filepath.Dir(k.path(""))))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range there {
			name := strings.TrimSuffix(strings.TrimPrefix(e.Name(), partition), ".bl")
			if n := x.state.nights[baseOf(name)]; n != nil && n.Again && x.state.nights[name] == nil && x.state.tries[name] == 0 {
				parts[name] = true
			}
		}
	}
	return x.removeParts(slices.Sorted(maps.Keys(parts)))
}

func (x *execution) clearFolder(folder string) error {
	there, err := os.ReadDir(x.c.at(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range there {
		name := e.Name()
		if name == lockName || !strings.HasPrefix(name, goneMark) && !publish.IsOwn(name) && name != pastName {
			continue
		}
		if err := os.RemoveAll(x.c.at(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
