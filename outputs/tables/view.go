package tables

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// View is what one command sees of tables on disk. Folders of live tables may grow meanwhile: each
// is in a View as it was when it was first looked into. So a command that reads tables twice, or
// several of one folder, makes one View and reads all by it. Tables of other folders do not grow,
// and are as they are at each look.
//
// Several goroutines may use a View at a time.
type View struct {
	mu   sync.Mutex
	live map[string]livefolder.View // by the folder's place; see placeOf
}

// NewView returns a View that has looked at nothing.
func NewView() *View { return &View{live: map[string]livefolder.View{}} }

// placeOf is where a folder is, by whatever name.
func placeOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir
}

// Hold makes a folder of live tables be seen as it was when its ledger had so many records, the last
// with that hash. Whole, which finds out if it ever was so, is to be the first look.
func (v *View) Hold(dir string, records int64, head string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.live[placeOf(dir)] = livefolder.View{Dir: dir, Records: records, Head: head}
}

// Whole puts into the manifest of a folder of live tables what its ledger says: livefolder.Whole,
// which may be the first look. Other manifests stay as they are. In what the manifest does not
// agree with the ledger is returned; errors are those of livefolder.
func (v *View) Whole(dir string, m *manifest.Manifest) (wrong []string, _ error) {
	if m.Live == nil {
		return nil, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	place := placeOf(dir)
	look := func(m *manifest.Manifest) (livefolder.Found, error) { return livefolder.Whole(dir, m) }
	if seen, before := v.live[place]; before {
		look = seen.Whole
	}
	found, err := look(m)
	if err == nil {
		v.live[place] = found.View
	}
	return found.Wrong, err
}

// see returns a folder of live tables as it was at the first look.
func (v *View) see(dir string) (livefolder.View, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	place := placeOf(dir)
	seen, before := v.live[place]
	if !before {
		var err error
		if seen, err = livefolder.See(dir); err != nil {
			return seen, err
		}
		v.live[place] = seen
	}
	seen.Dir = dir // paths are named as the caller does
	return seen, nil
}

// Files is the function Files.
func (v *View) Files(path string) ([]string, error) {
	if dir, table, day := ofLive(path); dir != "" {
		files, err := v.liveFiles(dir, table, day)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrTable, text.Escape(path), err)
		}
		if len(files) > 0 {
			return files, nil
		}
	}
	return filesIn(path, 0)
}

func (v *View) liveFiles(dir, table, day string) ([]string, error) {
	seen, err := v.see(dir)
	if err != nil {
		return nil, err
	}
	return seen.Files(table, day)
}

// EachPart is the function EachPart.
func (v *View) EachPart(path string, plan func(*column.Schema) error, each func(*Part) error) error {
	files, err := v.Files(path)
	if err != nil {
		return err
	}
	return EachFile(files, plan, each)
}

// Read is the function Read.
func (v *View) Read(ctx context.Context, path string, pick func(*column.Schema) ([]string, error), take func(*batch.Batch) error) error {
	var names []string
	plan := func(s *column.Schema) (err error) {
		names, err = pick(s)
		return err
	}
	return v.EachPart(path, plan, func(p *Part) error { return p.Read(ctx, names, take) })
}
