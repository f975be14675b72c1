package datasets

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
)

// Bounds of a search: a folder of captures has thousands of files, and a mistyped one a system's.
const (
	mostEntries = 2_000_000
	mostDepth   = 32
)

// wanted is a file that is looked for.
type wanted struct {
	sum   string
	bytes int64 // 0: not known
	table bool  // it can be a folder of parts, as tables of scores can; bytes and hash are of these
}

// found says where files are, by their hash.
type found struct {
	paths   map[string]string
	looked  int  // entries
	limited bool // there was more to look at
	unread  int  // folders and files that could not be read
}

// find looks for files below folders: by size first, and those of such a size by their hash. It
// follows no links, and ends when all are found.
func find(ctx context.Context, folders []string, want []wanted) (*found, error) {
	s := &found{paths: map[string]string{}}
	sizes, any := map[int64]bool{}, false
	for _, w := range want {
		if sizes[w.bytes] = true; w.bytes == 0 {
			any = true
		}
	}
	missing := func() bool {
		for _, w := range want {
			if s.paths[w.sum] == "" {
				return true
			}
		}
		return false
	}
	for _, root := range folders {
		if to, err := filepath.EvalSymlinks(root); err == nil { // it was named; those below were not
			root = to
		}
		depth := depthOf(root)
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			switch s.looked++; {
			case ctx.Err() != nil:
				return ctx.Err()
			case s.looked > mostEntries:
				s.limited = true
				return fs.SkipAll
			case err != nil:
				s.unread++
				return nil
			case e.IsDir() && depthOf(path)-depth > mostDepth:
				s.limited = true
				return fs.SkipDir
			case e.IsDir():
				if err := s.table(ctx, path, want); err != nil || missing() {
					return err
				}
				return fs.SkipAll
			case !e.Type().IsRegular():
				return nil
			}
			info, err := e.Info()
			if err != nil || !any && !sizes[info.Size()] {
				return nil
			}
			sum, _, err := manifest.HashFile(ctx, path)
			if err != nil {
				s.unread++
				return ctx.Err()
			}
			for _, w := range want {
				if w.sum == sum && s.paths[sum] == "" {
					s.paths[sum] = path
				}
			}
			if !missing() {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// table looks whether a folder is a table that is looked for. What is no table is none.
func (s *found) table(ctx context.Context, path string, want []wanted) error {
	var parts []string
	size := int64(0)
	for _, w := range want {
		if !w.table || s.paths[w.sum] != "" {
			continue
		}
		if parts == nil {
			var err error
			if parts, err = tables.Files(path); err != nil {
				return nil //nolint:nilerr // a folder of other things
			}
			for _, part := range parts {
				if info, err := os.Stat(part); err == nil {
					size += info.Size()
				}
			}
		}
		if size != w.bytes {
			continue
		}
		switch sum, _, err := manifest.HashFiles(ctx, parts); {
		case err != nil:
			s.unread++
			return ctx.Err()
		case sum == w.sum:
			s.paths[sum] = path
		}
	}
	return nil
}

func depthOf(path string) int {
	n := 0
	for _, c := range filepath.Clean(path) {
		if c == filepath.Separator {
			n++
		}
	}
	return n
}
